/* SPDX-License-Identifier: Apache-2.0 */
#include "core/span.h"

#include "support/cm.h"

static struct ml_span text(const char *s)
{
    return ml_span_text(s);
}

static void empty_spans_are_equal_whatever_they_point_to(void **state)
{
    (void)state;
    assert_true(ml_span_equal(ml_span_of(NULL, 0), text("")));
    assert_true(ml_span_equal_nocase(ml_span_of(NULL, 0), text("")));
    assert_int_equal(ml_span_compare(ml_span_of(NULL, 0), text("")), 0);
    assert_false(ml_span_equal(ml_span_of(NULL, 0), text("a")));
}

static void only_ascii_letters_lose_their_case(void **state)
{
    (void)state;
    assert_true(ml_span_equal_nocase(text("WeChat.COM"), text("wechat.com")));
    assert_false(ml_span_equal_nocase(text("wechat"), text("wechat.")));
    assert_false(ml_span_equal_nocase(text("[@"), text("{`")));             /* differ by the case bit only */
    assert_false(ml_span_equal_nocase(text("\xc3\x84"), text("\xc3\xa4"))); /* umlauts */
}

static void a_prefix_is_the_beginning_and_may_be_all(void **state)
{
    (void)state;
    assert_true(ml_span_starts(text("GET /"), "GET"));
    assert_true(ml_span_starts(text("GET"), "GET"));
    assert_true(ml_span_starts(ml_span_of(NULL, 0), ""));
    assert_false(ml_span_starts(text("GE"), "GET"));
    assert_false(ml_span_starts(text("get /"), "GET"));
    assert_true(ml_span_starts_nocase(text("get /"), "GET"));
    assert_false(ml_span_starts_nocase(text("ge"), "GET"));
    assert_true(ml_span_holds_nocase(text("220 ftp ready"), "FTP"));
    assert_true(ml_span_holds_nocase(text("FtP"), "fTp"));
    assert_false(ml_span_holds_nocase(text("220 sf ready, tp"), "FTP"));
    assert_false(ml_span_holds_nocase(text("220 FT"), "FTP"));
    assert_false(ml_span_holds_nocase(text(""), "FTP"));
}

static void finding_gives_the_first_place_or_the_length(void **state)
{
    (void)state;
    assert_int_equal(ml_span_find(text("abcabc"), text("bc")), 1);
    assert_int_equal(ml_span_find(text("abc"), text("abc")), 0);
    assert_int_equal(ml_span_find(text("abc"), text("abcd")), 3);
    assert_int_equal(ml_span_find(text("abc"), text("x")), 3);
    assert_int_equal(ml_span_find(text("abc"), text("")), 0);
    assert_int_equal(ml_span_find(ml_span_of(NULL, 0), text("x")), 0);
    assert_int_equal(ml_span_find(ml_span_of("a\0b", 3), ml_span_of("\0b", 2)), 1);
}

static void cutting_stays_inside(void **state)
{
    (void)state;
    assert_span_text(ml_span_cut(text("abcdef"), 2, 3), "cde");
    assert_span_text(ml_span_cut(text("abcdef"), 4, SIZE_MAX), "ef");
    assert_int_equal(ml_span_cut(text("abc"), 3, 1).len, 0);
    assert_int_equal(ml_span_cut(text("abc"), SIZE_MAX, SIZE_MAX).len, 0);
}

static void trimming_takes_blanks_at_both_ends_only(void **state)
{
    (void)state;
    assert_span_text(ml_span_trim(text(" \t\r\n a b \r\n")), "a b");
    assert_int_equal(ml_span_trim(text(" \t ")).len, 0);
    assert_span_text(ml_span_trim(text("\xa0")), "\xa0");
}

static void order_is_bytewise_and_shorter_first(void **state)
{
    (void)state;
    assert_true(ml_span_compare(text("a"), text("b")) < 0);
    assert_true(ml_span_compare(text("ab"), text("a")) > 0);
    assert_true(ml_span_compare(text("\xff"), text("a")) > 0);
    assert_int_equal(ml_span_compare(text("ab"), text("ab")), 0);
    assert_true(ml_span_compare(text(""), text("a")) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_spans_are_equal_whatever_they_point_to),
        cmocka_unit_test(only_ascii_letters_lose_their_case),
        cmocka_unit_test(a_prefix_is_the_beginning_and_may_be_all),
        cmocka_unit_test(finding_gives_the_first_place_or_the_length),
        cmocka_unit_test(cutting_stays_inside),
        cmocka_unit_test(trimming_takes_blanks_at_both_ends_only),
        cmocka_unit_test(order_is_bytewise_and_shorter_first),
    };
    return cmocka_run_group_tests_name("core/span", tests, NULL, NULL);
}
