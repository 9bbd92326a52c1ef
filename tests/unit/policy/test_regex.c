/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/regex.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

static void the_literal_of_a_pattern_is_what_every_match_holds(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        unsigned flags;
        const char *literal; /* "" when none is told */
    } cases[] = {
        {"abc", 0, "abc"},
        {"ab", 0, ""}, /* too short to rule anything out */
        {"^/mmtls/[0-9a-f]{8}$", 0, "/mmtls/"},
        {"abc|def", 0, ""},
        {"(abc|def)ghij", 0, "ghij"},
        {"(?:abc)?longer", 0, "longer"},
        {"abcd*efg", 0, "abc"},
        {"abcd?", 0, "abc"},
        {"abcd+ef", 0, "abcd"},
        {"abcd{0,3}xyz12", 0, "xyz12"},
        {"abcd{2}x", 0, "abc"},
        {"abc{x", 0, ""},
        {"a\\.b\\/c", 0, "a.b/c"},
        {"foo\\dbarr", 0, "barr"},
        {"foo\\x41bar", 0, ""},
        {"\\Qa.b\\E", 0, ""},
        {"(?i)abc", 0, ""},
        {"abc(?=d)", 0, ""},
        {"(*UCP)abc", 0, ""},
        {"[abc]defg", 0, "defg"},
        {"[]abc]defg", 0, "defg"},
        {"[^]abc]defg", 0, "defg"},
        {"[a\\]bc]defg", 0, "defg"},
        {"[[:alpha:]]defg", 0, ""},
        {"(a[)]b)defg", 0, "defg"},
        {"a(b(c)d)efg", 0, "efg"},
        {"hijack", ML_REGEX_NOCASE, "hijac"},    /* U+212A folds to k */
        {"messenger", ML_REGEX_NOCASE, "enger"}, /* U+017F folds to s */
        {"abcédef", ML_REGEX_NOCASE, "abc"},
        {"abcédef", 0, "abcédef"},
        {"é*bcd", 0, "bcd"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t literal[64];
        struct ml_span pattern = ml_span_text(cases[i].pattern);
        size_t len = ml_regex_literal(pattern, cases[i].flags, literal);
        char shown[65];
        (void)snprintf(shown, sizeof shown, "%.*s", (int)len, (const char *)literal);
        if (strcmp(shown, cases[i].literal) != 0) {
            fail_msg("%s: '%s' not '%s'", cases[i].pattern, shown, cases[i].literal);
        }
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Random patterns of a few building stones against random texts: a match without the literal is a rule that is missed.
 */
static void no_match_lacks_the_literal(void **state)
{
    (void)state;
    static const char *const stones[] = {"a",   "b",     "c",      "k",      "S",    "*",    "+",   "?",
                                         "{2}", "{0,1}", "(ab|c)", "(b)",    "[ab]", "[^c]", "\\.", "\\w",
                                         ".",   "|",     "abc",    "(?:ca)", "^",    "$"};
    enum { N_STONES = sizeof stones / sizeof stones[0] };
    struct ml_regex_scratch *scratch = ml_regex_scratch_new();
    uint32_t random = 11;
    size_t n_told = 0;
    for (size_t round = 0; round < 4000; round++) {
        char pattern[64] = "";
        size_t pattern_len = 0;
        size_t n = 2 + next_random(&random) % 7;
        for (size_t i = 0; i < n; i++) {
            pattern_len += (size_t)snprintf(pattern + pattern_len, sizeof pattern - pattern_len, "%s",
                                            stones[next_random(&random) % N_STONES]);
        }
        struct ml_regex *regex = NULL;
        struct ml_error error = {0};
        unsigned flags = next_random(&random) % 8;
        if (ml_regex_new(ml_span_text(pattern), flags, &regex, &error) != ML_OK) {
            continue;
        }
        uint8_t literal[64];
        size_t len = ml_regex_literal(ml_span_text(pattern), flags, literal);
        n_told += len != 0;
        for (size_t t = 0; t < 60 && len != 0; t++) {
            char text[24];
            uint64_t limits = 0;
            size_t text_len = next_random(&random) % sizeof text;
            for (size_t i = 0; i < text_len; i++) {
                text[i] = "abcABCkKsS.\n"[next_random(&random) % 12];
            }
            bool is_hit = ml_regex_match(regex, scratch, ml_span_of(text, text_len), &limits);
            bool has_literal = false;
            for (size_t at = 0; at + len <= text_len; at++) {
                struct ml_span part = ml_span_of(text + at, len);
                has_literal |= ml_span_equal_nocase(part, ml_span_of(literal, len));
            }
            if (is_hit && !has_literal) {
                fail_msg("/%s/ matches '%.*s' without '%.*s'", pattern, (int)text_len, text, (int)len,
                         (const char *)literal);
            }
        }
        ml_regex_free(regex);
    }
    assert_true(n_told > 200);
    ml_regex_scratch_free(scratch);
}

static void ill_formed_bytes_do_not_stop_a_match_around_them(void **state)
{
    (void)state;
    struct ml_regex *regex = NULL;
    struct ml_error error = {0};
    struct ml_regex_scratch *scratch = ml_regex_scratch_new();
    uint64_t limits = 0;
    assert_int_equal(ml_regex_new(ml_span_text("ab+c"), 0, &regex, &error), ML_OK);
    assert_true(ml_regex_match(regex, scratch, ml_span_of("\xff\xfe abbc \xc3", 8), &limits));
    assert_false(ml_regex_match(regex, scratch,
                                ml_span_of("ab\xff"
                                           "bc",
                                           5),
                                &limits));
    assert_false(ml_regex_match(regex, scratch, ml_span_of(NULL, 0), &limits));
    assert_int_equal(limits, 0);
    ml_regex_free(regex);
    ml_regex_scratch_free(scratch);
}

static void a_pattern_has_a_length(void **state)
{
    (void)state;
    static char pattern[ML_MAX_REGEX_BYTES + 1];
    struct ml_regex *regex = NULL;
    struct ml_error error = {0};
    memset(pattern, 'a', sizeof pattern);
    assert_int_equal(ml_regex_new(ml_span_of(pattern, sizeof pattern), 0, &regex, &error), ML_LIMIT);
    assert_null(regex);
    assert_int_equal(ml_regex_new(ml_span_of(pattern, sizeof pattern - 1), 0, &regex, &error), ML_OK);
    ml_regex_free(regex);
    assert_int_equal(ml_regex_new(ml_span_text("(a{9999}){9999}"), 0, &regex, &error), ML_BAD_INPUT);
}

static void compile_and_match(void *context)
{
    (void)context;
    struct ml_regex *regex = NULL;
    struct ml_error error = {0};
    uint64_t limits = 0;
    enum ml_status status = ml_regex_new(ml_span_text("(a|b)*c"), ML_REGEX_NOCASE, &regex, &error);
    assert_true(status == ML_OK || status == ML_NO_MEMORY);
    struct ml_regex_scratch *scratch = ml_regex_scratch_new();
    if (status == ML_OK && scratch != NULL) {
        bool is_hit = ml_regex_match(regex, scratch, ml_span_text("ababc"), &limits);
        assert_true(is_hit || limits != 0);
    }
    ml_regex_scratch_free(scratch);
    ml_regex_free(regex);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    assert_true(oom_sweep(compile_and_match, NULL) > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_literal_of_a_pattern_is_what_every_match_holds),
        cmocka_unit_test(no_match_lacks_the_literal),
        cmocka_unit_test(ill_formed_bytes_do_not_stop_a_match_around_them),
        cmocka_unit_test(a_pattern_has_a_length),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("policy/regex", tests, NULL, NULL);
}
