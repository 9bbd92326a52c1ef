/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers by their shape: what a name or a check digit gives away, and what stays silent. */
#include "core/buf.h"
#include "leaks/detect.h"
#include "support/cm.h"
#include "support/kit.h"

#include <inttypes.h>

#define NOW INT64_C(1790000000000000000) /* 2026-09-21T14:13:20Z */

static void add(void *context, const struct ml_detected *detected)
{
    struct ml_buf *buf = context;
    (void)ml_buf_printf(buf, "%s/%s %.*s %zu+%zu %s", ml_identity_name(detected->kind), detected->form,
                        (int)detected->value.len, (const char *)detected->value.ptr, detected->from, detected->len,
                        detected->precision);
    if (detected->metres != 0) {
        (void)ml_buf_printf(buf, " %u m", detected->metres);
    }
    if (detected->count != 0) {
        (void)ml_buf_printf(buf, " n=%zu", detected->count);
    }
    for (unsigned i = 0; i < 5; i++) {
        static const char *const names[] = {"phone", "email", "md5", "sha1", "sha256"};
        if ((detected->entries >> i & 1) != 0) {
            (void)ml_buf_printf(buf, " %s", names[i]);
        }
    }
    if (detected->name.len != 0) {
        (void)ml_buf_printf(buf, " '%.*s'", (int)detected->name.len, (const char *)detected->name.ptr);
    }
    if (detected->has_lifetime) {
        (void)ml_buf_printf(buf, " lives %" PRIu64, detected->lifetime);
    }
    if (detected->has_age) {
        (void)ml_buf_printf(buf, " is %" PRIu64, detected->age);
    }
    for (size_t i = 0; detected->token != NULL && i < detected->token->n; i++) {
        (void)ml_buf_printf(buf, " .%.*s", (int)detected->token->name_len[i], detected->token->names[i]);
    }
    (void)ml_buf_add_byte(buf, ';');
}

enum text_of { BODY, HEAD, STREAM, RESPONSE, HOST };

static void assert_found(enum text_of what, const char *text, const char *expected)
{
    struct ml_buf buf;
    struct guard guard;
    ml_buf_init(&buf, 1 << 16);
    guard_init(&guard, ml_span_text(text));
    switch (what) {
    case BODY:
    case STREAM:
        ml_detect_text(guard.span, what == STREAM, add, &buf);
        break;
    case HEAD:
        ml_detect_head(guard.span, NOW, add, &buf);
        break;
    case RESPONSE:
        ml_detect_response(guard.span, NOW, add, &buf);
        break;
    case HOST:
        ml_detect_host(guard.span, add, &buf);
        break;
    }
    assert_span_text(ml_buf_span(&buf), expected);
    guard_fini(&guard);
    ml_buf_fini(&buf);
}

static void assert_detected(bool is_head, const char *text, const char *expected)
{
    assert_found(is_head ? HEAD : BODY, text, expected);
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
                    "session_token/jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh 2+45 exact .sub;");
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
    assert_detected(false, "a=x-rtp-session-id:10F88471518A3D03FF925B1F11D45B68", "");
    assert_detected(false, "audit-session-id=10ff10ac000000d1a4a9225b", "");
    assert_detected(false, "PHPSESSID=0a1b2c3d4e5f6a7b8c9d0e1f2a", "");
    assert_detected(true, "GET / HTTP/1.1\r\nCookie: SSID=Abcdefgh1\r\n\r\n", "");
    assert_detected(false, "wifiSsid=HomeNet", "ssid/name HomeNet 9+7 exact;");
}

static void a_position_needs_both_halves_and_tells_its_precision(void **state)
{
    (void)state;
    assert_detected(false, "lat=52.51628&lon=13.37770", "coordinates/name 13.37770 4+21 metres 1 m;");
    assert_detected(false, "{\"longitude\":13.377,\"latitude\":52.5163}",
                    "coordinates/name 52.5163 13+25 hundreds of metres 111 m;");
    assert_detected(false, "lat=52.51&lng=13.3777", "coordinates/name 13.3777 4+17 kilometres 1110 m;");
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
                    "session_token/cookie 0a1b2c3d4e5f6a7b 201+16 exact 'JSESSIONID';"
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
                    "contact_book/many +12025550101 2+117 exact n=8 phone;");
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
                    "app_list/many com.example.a 0+111 exact n=8;");
    assert_detected(false,
                    "com.example.a,com.example.b,com.example.c,com.example.d,org.example.e,org.example.f,"
                    "net.example.g,example.h com.example com.example.1",
                    "");
}

static void many_attributes_of_a_device_are_a_profile(void **state)
{
    (void)state;
    assert_detected(false, "model=SM-X1&brand=x&os_version=14&density=420&cpu=arm64&timezone=CET",
                    "device_profile/many SM-X1 6+62 exact n=6;");
    assert_detected(false, "model=SM-X1&brand=x&manufacturer=x&vendor=x&os_version=14&density=420&cpu=arm64", "");
    assert_detected(true,
                    "GET /a?model=SM-X1&brand=x&os_version=14&density=420&cpu=arm64&timezone=CET HTTP/1.1\r\n\r\n",
                    "device_profile/many SM-X1 13+62 exact n=6;");
    assert_detected(true,
                    "GET /a?model=SM-X1&brand=x&os_version=14 HTTP/1.1\r\ndensity: 420\r\ncpu: x\r\ntz: x\r\n\r\n", "");
}

static void a_push_token_needs_its_name(void **state)
{
    (void)state;
    assert_detected(false, "push_token=0a1b2c3d4e5f6a7b8c", "push_token/name 0a1b2c3d4e5f6a7b8c 11+18 exact;");
    assert_detected(false, "token=0a1b2c3d4e5f6a7b8c", "");
}

static void two_numbers_behind_one_name_are_a_position(void **state)
{
    (void)state;
    assert_found(BODY, "ll=52.5163,13.3777", "coordinates/name 13.3777 3+15 tens of metres 11 m;");
    assert_found(BODY, "{\"coordinates\":[13.377704, 52.516275]}", "coordinates/name 52.516275 16+20 metres 1 m;");
    assert_found(BODY, "ll=52.51,13.37", "");
    assert_found(BODY, "ll=52.5163&x=13.3777", "");
    assert_found(BODY, "ll=152.5163,113.3777", "");
    assert_found(BODY, "size=52.5163,13.3777", "");
}

static void codes_of_country_and_network_say_whose_sim_it_is(void **state)
{
    (void)state;
    assert_found(BODY, "sim_operator=26201", "mcc_mnc/name 26201 13+5 exact;");
    assert_found(BODY, "{\"mcc\":262,\"mnc\":\"01\"}", "mcc_mnc/name 01 7+13 exact;");
    assert_found(BODY, "sim_operator=16201", "");
    assert_found(BODY, "mcc=962&mnc=01", "");
    assert_found(BODY, "mnc=01", "");
    assert_found(HOST, "epdg.epc.mnc001.mcc262.pub.3gppnetwork.org", "mcc_mnc/shape mnc001.mcc262 9+13 exact;");
    assert_found(HOST, "epdg.epc.mnc001.mcc262.pub.example.org", "");
}

static void numbers_of_subscriber_and_device_stand_in_addresses_of_calls(void **state)
{
    (void)state;
    assert_found(STREAM, "From: <sip:310170845466094@ims.mnc170.mcc310.3gppnetwork.org>",
                 "imsi/shape 310170845466094@ims.mnc170.mcc310.3gppnetwork.org 11+49 exact;");
    assert_found(STREAM, "\"<urn:gsma:imei:49015420-323751-0>\"", "imei/name 49015420-323751-0 16+17 exact;");
    assert_found(STREAM, "urn:gsma:other:49015420-323751-0", "");
}

static void a_token_names_its_claims_and_how_long_it_lives(void **state)
{
    (void)state;
    /* {"sub":"1","a":{"in":2},"email":"a:b","iat":1790000000,"exp":1790003600} */
    assert_found(BODY,
                 "t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiYSI6eyJpbiI6Mn0sImVtYWlsIjoiYTpiIiwiaWF0IjoxNzkwMDAwMDAwLCJl"
                 "eHAiOjE3OTAwMDM2MDB9.abcdefgh",
                 "session_token/jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiYSI6eyJpbiI6Mn0sImVtYWlsIjoiYTpiIiwiaWF0IjoxN"
                 "zkwMDAwMDAwLCJleHAiOjE3OTAwMDM2MDB9.abcdefgh 2+126 exact lives 3600 .sub .a .email .iat .exp;");
    assert_found(HEAD, "GET / HTTP/1.1\r\nAuthorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh\r\n\r\n",
                 "session_token/jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh 38+45 exact .sub;");
}

static void cookies_of_analytics_tell_their_age(void **state)
{
    (void)state;
    assert_found(HEAD, "GET / HTTP/1.1\r\nCookie: a=1; _ga=GA1.2.123456789.1789000000\r\n\r\n",
                 "cookie/visitor GA1.2.123456789.1789000000 33+26 exact '_ga' is 1000000;");
    assert_found(HEAD, "GET / HTTP/1.1\r\nCookie: __utma=1.2.1789000000.1789000001.1789000002.3\r\n\r\n",
                 "cookie/visitor 1.2.1789000000.1789000001.1789000002.3 31+38 exact '__utma' is 1000000;");
    assert_found(HEAD, "GET / HTTP/1.1\r\nCookie: _fbp=fb.1.1789000000000.123456789\r\n\r\n",
                 "cookie/visitor fb.1.1789000000000.123456789 29+28 exact '_fbp' is 1000000;");
    assert_found(HEAD, "GET / HTTP/1.1\r\nCookie: _ga=GA1.2.123456789.1890000000\r\n\r\n", "");
    assert_found(HEAD, "GET / HTTP/1.1\r\nCookie: other=GA1.2.123456789.1789000000\r\n\r\n", "");
}

static void a_response_says_how_long_its_cookies_live(void **state)
{
    (void)state;
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: uid=12345678; Max-Age=86400\r\n\r\n",
                 "cookie/set-cookie 12345678 33+8 exact 'uid' lives 86400;");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nset-cookie: uid=12345678; Expires=Tue, 22 Sep 2026 14:13:20 GMT\r\n\r\n",
                 "cookie/set-cookie 12345678 33+8 exact 'uid' lives 86400;");
    assert_found(RESPONSE,
                 "HTTP/1.1 200 OK\r\nSet-Cookie: uid=12345678; expires=Tue, 22-Sep-26 14:13:20 GMT\r\n"
                 "Date: Sun, 20 Sep 2026 14:13:20 GMT\r\n\r\n",
                 "cookie/set-cookie 12345678 33+8 exact 'uid' lives 172800;");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: sid=0a1b2c3d4e5f6a7b\r\n\r\n",
                 "session_token/set-cookie 0a1b2c3d4e5f6a7b 33+16 exact 'sid';");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: uid=12345678\r\n\r\n", "");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: uid=12345678; Max-Age=3600\r\n\r\n", "");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: uid=12345678; Max-Age=0\r\n\r\n", "");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: uid=12345678; Expires=Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n",
                 "");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: sid=0a1b2c3d4e5f6a7b; Max-Age=-1\r\n\r\n", "");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: caps=1.13009,2.13009; Max-Age=86400\r\n\r\n", "");
    assert_found(RESPONSE, "HTTP/1.1 200 OK\r\nSet-Cookie: theme=very-dark; Max-Age=86400\r\n\r\n", "");
}

static void digests_of_people_are_an_address_book_by_the_name_of_their_list(void **state)
{
    (void)state;
#define DIGESTS(list)                                                                                                  \
    "{\"" list "\":[\"00000000000000000000000000000001\",\"00000000000000000000000000000002\","                        \
    "\"00000000000000000000000000000003\",\"00000000000000000000000000000004\","                                       \
    "\"00000000000000000000000000000005\",\"00000000000000000000000000000006\","                                       \
    "\"00000000000000000000000000000007\",\"00000000000000000000000000000008\"]}"
    assert_found(BODY, DIGESTS("contacts"), "contact_book/many 00000000000000000000000000000001 14+277 exact n=8 md5;");
    assert_found(BODY, DIGESTS("textures"), "");
#undef DIGESTS
}

static void an_address_book_tells_how_many_people_are_in_it(void **state)
{
    (void)state;
    struct ml_buf text;
    ml_buf_init(&text, 1 << 16);
    for (unsigned round = 0; round < 2; round++) { /* each twice */
        for (unsigned i = 0; i < 300; i++) {
            (void)ml_buf_printf(&text, "\"+1202555%04u\",", i);
        }
    }
    (void)ml_buf_add_text(&text, "\"email\":\"a@example.com\"");
    (void)ml_buf_add_byte(&text, 0);
    assert_found(BODY, (const char *)text.bytes,
                 "email/shape a@example.com 9009+13 exact;"
                 "contact_book/many +12025550000 1+9021 exact n=301 phone email;");
    ml_buf_fini(&text);
}

static void a_text_to_somebody_is_a_message(void **state)
{
    (void)state;
    assert_found(BODY, "{\"to\":\"room-7\",\"text\":\"see you at the \\\"station\\\"\"}",
                 "message/chat see you at the \\\"station\\\" 23+26 exact;");
    assert_found(BODY, "message=see+you+at+nine&chat_id=77", "message/chat see+you+at+nine 8+15 exact;");
    assert_found(BODY, "{\"text\":\"see you at the station\"}", "");
    assert_found(STREAM, "SIP/2.0 200 OK\r\nTo: <sip:a>\r\nReason: Q.850;text=\"Normal call clearing\"", "");
    assert_found(BODY, "{\"to\":\"room-7\",\"text\":\"ok\"}", "");
    assert_found(BODY, "{\"to\":\"room-7\",\"text\":\"<b>see you at the station</b>\"}", "");
}

static void in_a_stream_a_mail_address_needs_its_name(void **state)
{
    (void)state;
    assert_found(STREAM, "MAIL FROM:<a@example.com>", "email/shape a@example.com 11+13 exact;");
    assert_found(STREAM, "{\"email\":\"a@example.com\"}", "email/shape a@example.com 10+13 exact;");
    assert_found(STREAM, "<message from='a@example.com' to='b@example.com'>", "");
    assert_found(STREAM, "Message-ID: <1234@mail.example.com>", "");
    assert_found(STREAM, "In-Reply-To: <1234@mail.example.com>", "");
    assert_found(STREAM, "BYE sip:a@example.com SIP/2.0\r\nTo: \"a@example.com\" <sip:a@example.com>", "");
    assert_found(STREAM, "curve25519-sha256@libssh.example,chacha20@openssh.example", "");
}

static void a_run_of_pairs_is_no_hardware_address(void **state)
{
    (void)state;
    assert_found(BODY, "fingerprint 06:1a:9b:3c:7d:5e:06:1a:9b:3c:7d:5e:06:1a:9b:3c", "");
    assert_found(BODY, "mac:06:1a:9b:3c:7d:5e", "mac/name 06:1a:9b:3c:7d:5e 4+17 exact;");
}

static void names_that_are_looked_up_hold_identifiers_beside_their_names(void **state)
{
    (void)state;
    assert_found(HOST, "490154203237518.imei.example.com", "imei/name 490154203237518 0+15 exact;");
    assert_found(HOST, "imei.490154203237518.example.com", "imei/name 490154203237518 5+15 exact;");
    assert_found(HOST, "imei-490154203237518.example.com", "imei/name 490154203237518 5+15 exact;");
    assert_found(HOST, "android-9774d56d682e549c.example.com", "android_id/shape android-9774d56d682e549c 0+24 exact;");
    assert_found(HOST, "061A9B3C7D5E@Kitchen", "mac/shape 061A9B3C7D5E 0+12 exact;");
    assert_found(HOST, "490154203237518.example.com", "");
    assert_found(HOST, "www.example.com", "");
    assert_found(HOST, "q8xmac7w.061a9b3c7d5e.example.com", "");
    assert_found(HOST, "mac.061a9b3c7d5e.example.com", "mac/name 061a9b3c7d5e 4+12 exact;");
}

static void run(void *context, struct ml_span bytes)
{
    struct ml_buf *buf = context;
    ml_buf_clear(buf);
    ml_detect_head(bytes, NOW, add, buf);
    ml_detect_text(bytes, true, add, buf);
    ml_detect_response(bytes, NOW, add, buf);
    ml_detect_host(bytes, add, buf);
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
        cmocka_unit_test(two_numbers_behind_one_name_are_a_position),
        cmocka_unit_test(codes_of_country_and_network_say_whose_sim_it_is),
        cmocka_unit_test(numbers_of_subscriber_and_device_stand_in_addresses_of_calls),
        cmocka_unit_test(a_token_names_its_claims_and_how_long_it_lives),
        cmocka_unit_test(cookies_of_analytics_tell_their_age),
        cmocka_unit_test(a_response_says_how_long_its_cookies_live),
        cmocka_unit_test(digests_of_people_are_an_address_book_by_the_name_of_their_list),
        cmocka_unit_test(an_address_book_tells_how_many_people_are_in_it),
        cmocka_unit_test(a_text_to_somebody_is_a_message),
        cmocka_unit_test(in_a_stream_a_mail_address_needs_its_name),
        cmocka_unit_test(a_run_of_pairs_is_no_hardware_address),
        cmocka_unit_test(names_that_are_looked_up_hold_identifiers_beside_their_names),
        cmocka_unit_test(no_prefix_and_no_flipped_bit_reads_beyond_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
