/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "support/cm.h"

#include <stdio.h>

static struct ml_buf out;
static struct ml_json json;

static int begin(void **state)
{
    (void)state;
    ml_buf_init(&out, 1 << 20);
    ml_json_init(&json, &out);
    return 0;
}

static int end(void **state)
{
    (void)state;
    ml_buf_fini(&out);
    return 0;
}

static void written(const char *want)
{
    assert_false(out.failed);
    assert_span_text(ml_buf_span(&out), want);
    ml_buf_clear(&out);
    ml_json_init(&json, &out);
}

static void escaped(struct ml_span bytes, const char *want)
{
    ml_json_span(&json, bytes);
    written(want);
}

static void members_and_elements_are_separated_by_commas(void **state)
{
    (void)state;
    ml_json_object(&json);
    ml_json_key(&json, "a");
    ml_json_array(&json);
    ml_json_int(&json, 1);
    ml_json_text(&json, "x");
    ml_json_object(&json);
    ml_json_object_end(&json);
    ml_json_array(&json);
    ml_json_array_end(&json);
    ml_json_null(&json);
    ml_json_array_end(&json);
    ml_json_key(&json, "b");
    ml_json_bool(&json, true);
    ml_json_key(&json, "c");
    ml_json_object(&json);
    ml_json_key(&json, "d");
    ml_json_bool(&json, false);
    ml_json_object_end(&json);
    ml_json_key_span(&json, ml_span_of("e of more", 1));
    ml_json_uint(&json, 2);
    ml_json_field(&json, ml_field_info(ML_F_TLS_SNI));
    ml_json_text(&json, "f");
    ml_json_object_end(&json);
    written("{\"a\":[1,\"x\",{},[],null],\"b\":true,\"c\":{\"d\":false},\"e\":2,\"tls.sni\":\"f\"}");
}

/* RFC 8785, section 3.2.2.2 and the string of its section 3.2.2 example. */
static void strings_are_escaped_as_rfc_8785_wants(void **state)
{
    (void)state;
    escaped(ml_span_text("\xe2\x82\xac$\x0f\nA'B\"\\\\\"/"), "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    escaped(ml_span_of("\0\1\2\3\4\5\6\7", 8), "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\"");
    escaped(ml_span_text("\b\t\n\v\f\r\x0e\x1f\x20\x7f"), "\"\\b\\t\\n\\u000b\\f\\r\\u000e\\u001f \x7f\"");
    escaped(ml_span_of(NULL, 0), "\"\"");
    escaped(ml_span_text("\xf0\x9f\x98\x80 \xef\xbf\xbf"), "\"\xf0\x9f\x98\x80 \xef\xbf\xbf\"");
}

/* Texts are looked at eight bytes at a time: one byte at every place of texts of every length around that. */
static void one_byte_is_escaped_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const odd[] = {"\"", "\\", "\n", "\x1f", "\x7f", "\xff", " ", "~", "!", "#", "[", "]"};
    static const char *const want[] = {"\\\"", "\\\\", "\\n", "\\u001f", "\x7f", "\xef\xbf\xbd",
                                       " ",    "~",    "!",   "#",       "[",    "]"};
    for (size_t len = 1; len < 40; len++) {
        for (size_t at = 0; at < len; at++) {
            for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
                char text[64];
                char all[64];
                memset(text, 'x', len);
                text[at] = odd[i][0];
                assert_true(snprintf(all, sizeof all, "\"%.*s%s%.*s\"", (int)at,
                                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", want[i], (int)(len - at - 1),
                                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx") > 0);
                escaped(ml_span_of(text, len), all);
            }
        }
    }
}

static void ill_formed_utf8_is_replaced_byte_by_byte(void **state)
{
    (void)state;
#define R "\xef\xbf\xbd"
    escaped(ml_span_text("a\xff"
                         "b"),
            "\"a" R "b\"");
    escaped(ml_span_text("\xc0\x80"), "\"" R R "\"");
    escaped(ml_span_text("\xed\xa0\x80"), "\"" R R R "\"");
    escaped(ml_span_text("\xf0\x9f\x98"), "\"" R R R "\"");
    escaped(ml_span_text("\xc3\"\xc3\n"), "\"" R "\\\"" R "\\n\"");
#undef R
}

static void numbers_beyond_two_to_the_53_become_strings(void **state)
{
    (void)state;
    ml_json_array(&json);
    ml_json_uint(&json, 0);
    ml_json_uint(&json, 9007199254740991);
    ml_json_uint(&json, 9007199254740992);
    ml_json_uint(&json, UINT64_MAX);
    ml_json_int(&json, -9007199254740991);
    ml_json_int(&json, -9007199254740992);
    ml_json_int(&json, INT64_MIN);
    ml_json_int(&json, INT64_MAX);
    ml_json_int(&json, -1);
    ml_json_array_end(&json);
    written("[0,9007199254740991,\"9007199254740992\",\"18446744073709551615\",-9007199254740991,"
            "\"-9007199254740992\",\"-9223372036854775808\",\"9223372036854775807\",-1]");
}

static void addresses_and_times_are_strings(void **state)
{
    (void)state;
    const uint8_t address[4] = {192, 0, 2, 1};
    struct ml_ip ip = ml_ip4(address);
    ml_json_array(&json);
    ml_json_ip(&json, &ip);
    ml_json_time(&json, 1);
    ml_json_array_end(&json);
    written("[\"192.0.2.1\",\"1970-01-01T00:00:00.000000001Z\"]");
}

static void a_full_buffer_latches(void **state)
{
    (void)state;
    struct ml_buf small;
    ml_buf_init(&small, 4);
    ml_json_init(&json, &small);
    ml_json_text(&json, "too long");
    ml_json_null(&json);
    assert_true(small.failed);
    ml_buf_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_and_elements_are_separated_by_commas, begin, end),
        cmocka_unit_test_setup_teardown(strings_are_escaped_as_rfc_8785_wants, begin, end),
        cmocka_unit_test_setup_teardown(one_byte_is_escaped_wherever_it_stands, begin, end),
        cmocka_unit_test_setup_teardown(ill_formed_utf8_is_replaced_byte_by_byte, begin, end),
        cmocka_unit_test_setup_teardown(numbers_beyond_two_to_the_53_become_strings, begin, end),
        cmocka_unit_test_setup_teardown(addresses_and_times_are_strings, begin, end),
        cmocka_unit_test_setup_teardown(a_full_buffer_latches, begin, end),
    };
    return cmocka_run_group_tests_name("core/json", tests, NULL, NULL);
}
