/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

#include "support/cm.h"

#include <stdio.h>

static void letters_and_digits_are_those_of_ascii(void **state)
{
    (void)state;
    unsigned digits = 0;
    unsigned letters = 0;
    unsigned changed = 0;
    for (unsigned i = 0; i < 256; i++) {
        digits += ml_is_digit((uint8_t)i) ? 1U : 0U;
        letters += ml_is_alpha((uint8_t)i) ? 1U : 0U;
        changed += ml_ascii_lower((uint8_t)i) != i ? 1U : 0U;
    }
    assert_int_equal(digits, 10);
    assert_int_equal(letters, 52);
    assert_int_equal(changed, 26);
    assert_int_equal(ml_ascii_lower('Z'), 'z');
}

static void hexadecimal_survives_the_round_trip(void **state)
{
    (void)state;
    uint8_t all[256];
    uint8_t back[256];
    char digits[513];
    for (unsigned i = 0; i < sizeof all; i++) {
        all[i] = (uint8_t)i;
    }
    ml_hex_write(ml_span_of(all, sizeof all), digits);
    assert_memory_equal(digits, "000102", 6);
    assert_string_equal(digits + 508, "feff");
    assert_true(ml_hex_read(ml_span_text(digits), back));
    assert_memory_equal(back, all, sizeof all);
}

static void hexadecimal_takes_both_cases_and_nothing_else(void **state)
{
    (void)state;
    uint8_t out[2] = {0};
    assert_true(ml_hex_read(ml_span_text("aBCd"), out));
    assert_int_equal(out[0], 0xab);
    assert_int_equal(out[1], 0xcd);
    assert_true(ml_hex_read(ml_span_text(""), out));
    assert_false(ml_hex_read(ml_span_text("abc"), out));
    assert_false(ml_hex_read(ml_span_text("0g"), out));
    assert_false(ml_hex_read(ml_span_text("g0"), out));
    assert_false(ml_hex_read(ml_span_text("0x"), out));
    assert_int_equal(ml_hex_value('/'), -1);
    assert_int_equal(ml_hex_value(':'), -1);
    assert_int_equal(ml_hex_value('@'), -1);
}

/* RFC 4648, section 10. */
static void base64_follows_rfc_4648(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xef\xbe", "/+++"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[16];
        assert_int_equal(ml_base64_write(ml_span_text(cases[i][0]), out), strlen(cases[i][1]));
        assert_string_equal(out, cases[i][1]);
        uint8_t back[16];
        assert_int_equal(ml_base64_read(ml_span_text(cases[i][1]), back, sizeof back), strlen(cases[i][0]));
        assert_memory_equal(back, cases[i][0], strlen(cases[i][0]));
    }
}

static void base64_is_read_up_to_what_is_none(void **state)
{
    (void)state;
    uint8_t out[4] = {0};
    assert_int_equal(ml_base64_read(ml_span_text("Zm9v YmFy"), out, sizeof out), 3);
    assert_int_equal(ml_base64_read(ml_span_text("Zm9vYmFy"), out, sizeof out), 4);
    assert_memory_equal(out, "foob", 4);
    assert_int_equal(ml_base64_read(ml_span_text("Z"), out, sizeof out), 0);
    assert_int_equal(ml_base64_read(ml_span_text("-_"), out, sizeof out), 0);
    assert_int_equal(ml_base64_read(ml_span_text("/+-_"), out, sizeof out), 1);
    assert_int_equal(ml_base64url_read(ml_span_text("_--_"), out, sizeof out), 3);
    assert_memory_equal(out, "\xff\xef\xbf", 3);
    assert_int_equal(ml_base64url_read(ml_span_text("+/"), out, sizeof out), 0);
}

static void decimal_numbers_are_plain_and_fit(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(ml_decimal_read(ml_span_text("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_true(ml_decimal_read(ml_span_text("007"), &value));
    assert_int_equal(value, 7);
    static const char *const refused[] = {
        "", "18446744073709551616", "99999999999999999999", "+1", "-1", " 1", "1 ", "0x1", "1e3"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        value = 7;
        assert_false(ml_decimal_read(ml_span_text(refused[i]), &value));
        assert_int_equal(value, 0);
    }
}

static void decimal_numbers_are_written_as_they_are_read(void **state)
{
    (void)state;
    char text[ML_DECIMAL_TEXT + 1];
    for (uint64_t power = 1, value = 0; power != 0; power = power > UINT64_MAX / 10 ? 0 : power * 10) {
        for (value = power - 1; value <= power + 1; value++) {
            char want[32];
            text[ml_decimal_write(value, text)] = '\0';
            assert_true(snprintf(want, sizeof want, "%llu", (unsigned long long)value) > 0);
            assert_string_equal(text, want);
        }
    }
    assert_int_equal(ml_decimal_write(UINT64_MAX, text), ML_DECIMAL_TEXT);
    assert_memory_equal(text, "18446744073709551615", ML_DECIMAL_TEXT);
}

static void host_names_become_comparable(void **state)
{
    (void)state;
    char out[300];
    assert_int_equal(ml_host_normal(ml_span_text("WWW.Example.COM."), out, sizeof out), 15);
    assert_string_equal(out, "www.example.com");
    assert_int_equal(ml_host_normal(ml_span_text("_dmarc.example.net"), out, sizeof out), 18);
    assert_int_equal(ml_host_normal(ml_span_text("*.example.net"), out, sizeof out), 13);
    assert_int_equal(ml_host_normal(ml_span_text("b\xc3\xbc"
                                                 "cher.example"),
                                    out, sizeof out),
                     15);
}

static void what_no_host_name_holds_is_refused(void **state)
{
    (void)state;
    char out[300];
    static const char *const refused[] = {"",     ".",     "...",  "a b.example", "a/b",
                                          "a:80", "\"x\"", "a\nb", "a\x7f",       "<script>"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(ml_host_normal(ml_span_text(refused[i]), out, sizeof out), 0);
    }
    assert_int_equal(ml_host_normal(ml_span_of("a\0b", 3), out, sizeof out), 0);
    char longest[256];
    memset(longest, 'a', sizeof longest);
    assert_int_equal(ml_host_normal(ml_span_of(longest, 255), out, sizeof out), 255);
    assert_int_equal(ml_host_normal(ml_span_of(longest, 256), out, sizeof out), 0);
    assert_int_equal(ml_host_normal(ml_span_of(longest, 255), out, 255), 0); /* no room for the zero byte */
}

/* RFC 3629, section 4, as a table: first and last of every row, and their neighbours outside. */
static void utf8_lengths_follow_rfc_3629(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"\x7f", 1},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xec\xbf\xbf", 3},
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf3\xbf\xbf\xbf", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\x80", 0},             /* a continuation alone */
        {"\xc0\x80", 0},         /* overlong */
        {"\xc1\xbf", 0},         /* overlong */
        {"\xc2", 0},             /* cut */
        {"\xc2\x41", 0},         /* no continuation */
        {"\xe0\x9f\xbf", 0},     /* overlong */
        {"\xed\xa0\x80", 0},     /* surrogate */
        {"\xed\xbf\xbf", 0},     /* surrogate */
        {"\xe1\x80", 0},         /* cut */
        {"\xe1\x80\x41", 0},     /* no continuation */
        {"\xf0\x8f\xbf\xbf", 0}, /* overlong */
        {"\xf4\x90\x80\x80", 0}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", 0},
        {"\xf1\x80\x80", 0}, /* cut */
        {"\xff", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_span bytes = ml_span_text(cases[i].bytes);
        assert_int_equal(ml_utf8_length(bytes), cases[i].len);
        assert_int_equal(ml_utf8_valid(bytes), cases[i].len != 0 || bytes.len == 0);
    }
    assert_true(ml_utf8_valid(ml_span_text("gr\xc3\xbc\xc3\x9f \xe5\xbe\xae\xe4\xbf\xa1 \xf0\x9f\x98\x80")));
    assert_false(ml_utf8_valid(ml_span_text("gr\xfc\xdf")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_and_digits_are_those_of_ascii),
        cmocka_unit_test(hexadecimal_survives_the_round_trip),
        cmocka_unit_test(hexadecimal_takes_both_cases_and_nothing_else),
        cmocka_unit_test(base64_follows_rfc_4648),
        cmocka_unit_test(base64_is_read_up_to_what_is_none),
        cmocka_unit_test(decimal_numbers_are_plain_and_fit),
        cmocka_unit_test(decimal_numbers_are_written_as_they_are_read),
        cmocka_unit_test(host_names_become_comparable),
        cmocka_unit_test(what_no_host_name_holds_is_refused),
        cmocka_unit_test(utf8_lengths_follow_rfc_3629),
    };
    return cmocka_run_group_tests_name("core/text", tests, NULL, NULL);
}
