/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers by their shape: what a name or a check digit gives away, and what stays silent. */
#include "core/buf.h"
#include "leaks/detect.h"
#include "support/cm.h"
#include "support/kit.h"

static void add(void *context, const struct ml_detected *detected)
{
    struct ml_buf *buf = context;
    (void)ml_buf_printf(buf, "%s/%s %.*s %zu+%zu %s;", ml_identity_name(detected->kind), detected->form,
                        (int)detected->value.len, (const char *)detected->value.ptr, detected->from, detected->len,
                        detected->precision);
}

static void assert_detected(bool is_head, const char *text, const char *expected)
{
    struct ml_buf buf;
    struct guard guard;
    ml_buf_init(&buf, 1 << 16);
    guard_init(&guard, ml_span_text(text));
    if (is_head) {
        ml_detect_head(guard.span, add, &buf);
    } else {
        ml_detect_text(guard.span, add, &buf);
    }
    assert_span_text(ml_buf_span(&buf), expected);
    guard_fini(&guard);
    ml_buf_fini(&buf);
}

static void a_name_in_form_data_json_and_xml_says_what_a_number_is(void **state)
{
    (void)state;
    assert_detected(false, "a=1&imei=490154203237518&x=", "imei/name 490154203237518 9+15 exact;");
    assert_detected(false, "{\"device\": {\"imei\": \"490154203237518\"}}", "imei/name 490154203237518 21+15 exact;");
    assert_detected(false, "<imei>490154203237518</imei>", "imei/name 490154203237518 6+15 exact;");
    assert_detected(false, "deviceIMEI=490154203237518", "imei/name 490154203237518 11+15 exact;");
    assert_detected(false, "imsi=310170845466094", "imsi/name 310170845466094 5+15 exact;");
    assert_detected(false, "card_number:4539578763621486", "card/name 4539578763621486 12+16 exact;");
    assert_detected(false, "mobile=+4915123987406", "phone/name +4915123987406 7+14 exact;");
    assert_detected(false, "android_id=9774d56d682e549c", "android_id/name 9774d56d682e549c 11+16 exact;");
    assert_detected(false, "gaid=38400000-8cf0-11bd-b23e-10b96e40000d",
                    "advertising_id/name 38400000-8cf0-11bd-b23e-10b96e40000d 5+36 exact;");
    assert_detected(false, "wifi_bssid=06:1a:9b:3c:7d:5e", "bssid/name 06:1a:9b:3c:7d:5e 11+17 exact;");
    assert_detected(false, "macAddr=061a9b3c7d5e", "mac/name 061a9b3c7d5e 8+12 exact;");
    assert_detected(false, "ssid=HomeNet", "ssid/name HomeNet 5+7 exact;");
    assert_detected(false, "serialno=R5CN90ABCDE", "serial/name R5CN90ABCDE 9+11 exact;");
    assert_detected(false, "access_token=0a1b2c3d4e5f6a7b", "session_token/name 0a1b2c3d4e5f6a7b 13+16 exact;");
}

static void some_values_say_it_themselves(void **state)
{
    (void)state;
    assert_detected(false, "to erika@mail.example.com, x", "email/shape erika@mail.example.com 3+22 exact;");
    assert_detected(false, "GB82WEST12345698765432", "iban/shape GB82WEST12345698765432 0+22 exact;");
    assert_detected(false, "x 06:1a:9b:3c:7d:5e y", "mac/shape 06:1a:9b:3c:7d:5e 2+17 exact;");
    assert_detected(false, "t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh",
                    "session_token/jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh 2+45 exact;");
}

static void numbers_without_a_name_or_check_stay_silent(void **state)
{
    (void)state;
    assert_detected(false, "490154203237518", "");
    assert_detected(false, "id=490154203237518", "");
    assert_detected(false, "imei=490154203237517", "");
    assert_detected(false, "imei=000000000000000", "");
    assert_detected(false, "hotel=491512398740", "");
    assert_detected(false, "phone=00000000", "");
    assert_detected(false, "phone=true&tel=12", "");
    assert_detected(false, "request_id=38400000-8cf0-11bd-b23e-10b96e40000d", "");
    assert_detected(false, "gaid=00000000-0000-0000-0000-000000000000", "");
    assert_detected(false, "hash=9774d56d682e549c", "");
    assert_detected(false, "imei, 490154203237518", "");
    assert_detected(false, "icon@2x.png a@b", "");
    assert_detected(false, "mac=02:00:00:00:00:00", "");
    assert_detected(false, "token=short1", "");
    assert_detected(false, "PHPSESSID=0a1b2c3d4e5f6a7b8c9d0e1f2a", "");
    assert_detected(true, "GET / HTTP/1.1\r\nCookie: SSID=Abcdefgh1\r\n\r\n", "");
    assert_detected(false, "wifiSsid=HomeNet", "ssid/name HomeNet 9+7 exact;");
}

static void a_position_needs_both_halves_and_tells_its_precision(void **state)
{
    (void)state;
    assert_detected(false, "lat=52.51628&lon=13.37770", "coordinates/name 13.37770 4+21 metres;");
    assert_detected(false, "{\"longitude\":13.377,\"latitude\":52.5163}",
                    "coordinates/name 52.5163 13+25 hundreds of metres;");
    assert_detected(false, "lat=52.51&lng=13.3777", "coordinates/name 13.3777 4+17 kilometres;");
    assert_detected(false, "lat=52.5&lon=13.3", "");
    assert_detected(false, "lat=52.51628", "");
    assert_detected(false, "lat=95.51628&lon=13.37770", "");
    assert_detected(false, "flat=52.51628&salon=13.37770", "");
}

static void a_head_is_read_by_its_parts(void **state)
{
    (void)state;
    assert_detected(true,
                    "GET /a?imei=490154203237518&x=1 HTTP/1.1\r\n"
                    "Host: erika@mail.example.com\r\n"
                    "User-Agent: App/1 (Linux; Android 14; SM-X1234 Build/ABC)\r\n"
                    "Authorization: Bearer 0a1b2c3d4e5f6a7b8c\r\n"
                    "Cookie: lang=de; JSESSIONID=0a1b2c3d4e5f6a7b\r\n"
                    "X-Android-Id: 9774d56d682e549c\r\n\r\n",
                    "imei/name 490154203237518 12+15 exact;device_model/user-agent SM-X1234 110+8 exact;"
                    "session_token/bearer 0a1b2c3d4e5f6a7b8c 153+18 exact;"
                    "session_token/cookie 0a1b2c3d4e5f6a7b 201+16 exact;"
                    "android_id/name 9774d56d682e549c 233+16 exact;");
    assert_detected(true, "GET / HTTP/1.1\r\nUser-Agent: App/7 iPhone15,2 iOS/17\r\n\r\n",
                    "device_model/user-agent iPhone15,2 34+10 exact;");
    assert_detected(true, "GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)\r\n\r\n", "");
}

static void many_people_in_one_message_are_an_address_book(void **state)
{
    (void)state;
    assert_detected(false,
                    "[\"+12025550101\",\"+12025550102\",\"+12025550103\",\"+12025550104\",\"+12025550105\","
                    "\"+12025550106\",\"+12025550107\",\"+12025550108\"]",
                    "contact_book/many +12025550101 2+117 exact;");
    assert_detected(false,
                    "[\"+12025550101\",\"+12025550102\",\"+12025550103\",\"+12025550104\",\"+12025550105\","
                    "\"+12025550106\",\"+12025550107\",\"+12025550107\"]",
                    "");
}

static void names_of_many_packages_are_a_list_of_apps(void **state)
{
    (void)state;
    assert_detected(false,
                    "com.example.a,com.example.b,com.example.c,com.example.d,org.example.e,org.example.f,"
                    "net.example.g,net.example.h",
                    "app_list/many com.example.a 0+111 exact;");
    assert_detected(false,
                    "com.example.a,com.example.b,com.example.c,com.example.d,org.example.e,org.example.f,"
                    "net.example.g,example.h com.example com.example.1",
                    "");
}

static void many_attributes_of_a_device_are_a_profile(void **state)
{
    (void)state;
    assert_detected(false, "model=SM-X1&brand=x&os_version=14&density=420&cpu=arm64&timezone=CET",
                    "device_profile/many SM-X1 6+62 exact;");
    assert_detected(false, "model=SM-X1&brand=x&manufacturer=x&vendor=x&os_version=14&density=420&cpu=arm64", "");
    assert_detected(true,
                    "GET /a?model=SM-X1&brand=x&os_version=14&density=420&cpu=arm64&timezone=CET HTTP/1.1\r\n\r\n",
                    "device_profile/many SM-X1 13+62 exact;");
    assert_detected(true,
                    "GET /a?model=SM-X1&brand=x&os_version=14 HTTP/1.1\r\ndensity: 420\r\ncpu: x\r\ntz: x\r\n\r\n", "");
}

static void a_push_token_needs_its_name(void **state)
{
    (void)state;
    assert_detected(false, "push_token=0a1b2c3d4e5f6a7b8c", "push_token/name 0a1b2c3d4e5f6a7b8c 11+18 exact;");
    assert_detected(false, "token=0a1b2c3d4e5f6a7b8c", "");
}

static void run(void *context, struct ml_span bytes)
{
    struct ml_buf *buf = context;
    ml_buf_clear(buf);
    ml_detect_head(bytes, add, buf);
    ml_detect_text(bytes, add, buf);
}

static void no_prefix_and_no_flipped_bit_reads_beyond_the_text(void **state)
{
    (void)state;
    struct ml_buf buf;
    const struct ml_span head =
        ml_span_text("GET /?lat=52.51628&lon=13.37770&e=a@b.example HTTP/1.1\r\n"
                     "User-Agent: (Linux; Android 14; X1 Build/A)\r\n"
                     "Cookie: sid=0a1b2c3d4e5f6a7b\r\nAuthorization: Bearer 0a1b2c3d4e5f6a7b\r\n"
                     "X-Mac: 06:1a:9b:3c:7d:5e\r\n\r\n");
    ml_buf_init(&buf, 1 << 16);
    sweep_truncations(head, run, &buf);
    sweep_bit_flips(head, run, &buf);
    ml_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_in_form_data_json_and_xml_says_what_a_number_is),
        cmocka_unit_test(some_values_say_it_themselves),
        cmocka_unit_test(numbers_without_a_name_or_check_stay_silent),
        cmocka_unit_test(a_position_needs_both_halves_and_tells_its_precision),
        cmocka_unit_test(a_head_is_read_by_its_parts),
        cmocka_unit_test(many_people_in_one_message_are_an_address_book),
        cmocka_unit_test(names_of_many_packages_are_a_list_of_apps),
        cmocka_unit_test(many_attributes_of_a_device_are_a_profile),
        cmocka_unit_test(a_push_token_needs_its_name),
        cmocka_unit_test(no_prefix_and_no_flipped_bit_reads_beyond_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
