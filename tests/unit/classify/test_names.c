/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/names.h"

#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

static int init(void **state)
{
    static struct ml_names names;
    ml_names_init(&names);
    *state = &names;
    return 0;
}

static int fini(void **state)
{
    ml_names_fini(*state);
    return 0;
}

static void add(void **state, const char *pattern, uint32_t value)
{
    assert_int_equal(ml_names_add(*state, ml_span_text(pattern), value), ML_OK);
}

/* The value for a host, -1 when nothing fits. */
static int find(void **state, const char *host)
{
    uint32_t value = 99;
    bool is_found = ml_names_find(*state, ml_span_text(host), &value);
    assert_true(is_found || value == 0);
    return is_found ? (int)value : -1;
}

static void a_host_fits_itself_and_nothing_below(void **state)
{
    add(state, "g.example.net", 0);
    assert_int_equal(find(state, "g.example.net"), 0);
    assert_int_equal(find(state, "a.g.example.net"), -1);
    assert_int_equal(find(state, "example.net"), -1);
    assert_int_equal(find(state, "xg.example.net"), -1);
}

static void a_domain_fits_itself_and_everything_below(void **state)
{
    add(state, ".example.net", 7);
    assert_int_equal(find(state, "example.net"), 7);
    assert_int_equal(find(state, "a.example.net"), 7);
    assert_int_equal(find(state, "c.b.a.example.net"), 7);
    assert_int_equal(find(state, "anexample.net"), -1);
    assert_int_equal(find(state, "example.net.test"), -1);
    assert_int_equal(find(state, "net"), -1);
}

static void the_longest_pattern_wins_whatever_the_order(void **state)
{
    add(state, ".b.example.net", 2);
    add(state, ".example.net", 1);
    add(state, ".a.b.example.net", 3);
    assert_int_equal(find(state, "x.example.net"), 1);
    assert_int_equal(find(state, "x.b.example.net"), 2);
    assert_int_equal(find(state, "x.a.b.example.net"), 3);
}

static void a_host_wins_over_a_star_and_a_star_over_a_domain(void **state)
{
    add(state, ".example.net", 1);
    add(state, "zc*.example.net", 2);
    add(state, "zc7.example.net", 3);
    assert_int_equal(find(state, "aa.example.net"), 1);
    assert_int_equal(find(state, "zc8.example.net"), 2);
    assert_int_equal(find(state, "zc7.example.net"), 3);
    assert_int_equal(find(state, "a.zc8.example.net"), 1); /* without a leading dot: the first label only */
}

static void a_star_stands_for_any_text_of_one_label(void **state)
{
    add(state, "a*z.example.net", 1);
    assert_int_equal(find(state, "az.example.net"), 1);
    assert_int_equal(find(state, "a-b-z.example.net"), 1);
    assert_int_equal(find(state, "a.example.net"), -1);
    assert_int_equal(find(state, "a.z.example.net"), -1);
    assert_int_equal(find(state, "baz.example.net"), -1);
}

static void the_texts_around_a_star_do_not_overlap(void **state)
{
    add(state, "aba*ba.example.net", 1);
    assert_int_equal(find(state, "aba.example.net"), -1);
    assert_int_equal(find(state, "ababa.example.net"), 1);
}

static void a_star_with_a_leading_dot_fits_below_too(void **state)
{
    add(state, ".g-*.example.net", 4);
    assert_int_equal(find(state, "g-33.example.net"), 4);
    assert_int_equal(find(state, "ds.g-33.example.net"), 4);
    assert_int_equal(find(state, "g.example.net"), -1);
}

static void of_two_stars_the_one_with_more_text_wins(void **state)
{
    add(state, "a*.example.net", 1);
    add(state, "ab*.example.net", 2);
    add(state, "*c.example.net", 3);
    assert_int_equal(find(state, "abx.example.net"), 2);
    assert_int_equal(find(state, "axc.example.net"), 1); /* as much text as "*c": the first one */
    assert_int_equal(find(state, "xxc.example.net"), 3);
}

static void a_wildcard_of_a_certificate_is_a_label_like_others(void **state)
{
    add(state, ".example.net", 1);
    assert_int_equal(find(state, "*.example.net"), 1);
}

static void strange_hosts_fit_nothing(void **state)
{
    add(state, ".example.net", 1);
    assert_int_equal(find(state, ""), -1);
    assert_int_equal(find(state, "."), -1);
    assert_int_equal(find(state, "example.net."), -1); /* the final dot is taken off before */
    assert_int_equal(find(state, "..example.net"), 1);
    assert_int_equal(find(state, "EXAMPLE.net"), -1);
}

static void malformed_patterns_are_refused(void **state)
{
    static const char *const BAD[] = {
        "",         ".",        "net",   ".net",
        "a..net",   ".a.net.",  "A.net", "a b.net",
        "a*b*.net", "a.b*.net", "*",     "a_\xc3\xa4.net",
        "a.net/",   "..a.net",  "a*",    "1234567890123456789012345678901234567890123456789012345678901234.example.net",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_int_equal(ml_names_add(*state, ml_span_text(BAD[i]), 1), ML_BAD_INPUT);
    }
    char endless[400];
    memset(endless, 'a', sizeof endless);
    for (size_t i = 10; i < sizeof endless; i += 10) {
        endless[i] = '.';
    }
    assert_int_equal(ml_names_add(*state, ml_span_of(endless, sizeof endless), 1), ML_BAD_INPUT);
    assert_int_equal(find(state, "a.net"), -1);
}

static void the_same_pattern_twice_is_refused(void **state)
{
    static const char *const PATTERNS[] = {"a.example.net", ".a.example.net", "b*.example.net", ".b*.example.net"};
    for (uint32_t i = 0; i < 4; i++) {
        add(state, PATTERNS[i], i);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(ml_names_add(*state, ml_span_text(PATTERNS[i]), 9), ML_LIMIT);
    }
    assert_int_equal(find(state, "a.example.net"), 0);
    assert_int_equal(find(state, "x.a.example.net"), 1);
    assert_int_equal(find(state, "bb.example.net"), 2);
    assert_int_equal(find(state, "x.bb.example.net"), 3);
}

static void many_names_are_all_found(void **state)
{
    char host[64];
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(host, sizeof host, "%sh%u.d%u.example.net", i % 3 == 0 ? "." : "", i, i % 7);
        add(state, host, i);
    }
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(host, sizeof host, "h%u.d%u.example.net", i, i % 7);
        assert_int_equal(find(state, host), (int)i);
    }
}

static void a_host_of_labels_without_end_is_answered(void **state)
{
    add(state, ".a.a", 1);
    char host[255];
    for (size_t i = 0; i < sizeof host; i++) {
        host[i] = i % 2 == 0 ? 'a' : '.';
    }
    uint32_t value = 0;
    assert_true(ml_names_find(*state, ml_span_of(host, sizeof host), &value));
}

static void find_any(void *context, struct ml_span host)
{
    uint32_t value = 0;
    (void)ml_names_find(context, host, &value);
}

static void hosts_are_not_read_past_their_end(void **state)
{
    add(state, ".example.net", 1);
    add(state, "g-*.0.example.net", 2);
    sweep_truncations(ml_span_text("ds.g-12.0.example.net"), find_any, *state);
    sweep_bit_flips(ml_span_text("ds.g-12.0.example.net"), find_any, *state);
}

static void add_some(void *context)
{
    (void)context;
    struct ml_names names;
    ml_names_init(&names);
    static const char *const PATTERNS[] = {".example.net", "a*z.b.example.net", "c.example.org"};
    for (uint32_t i = 0; i < 3; i++) {
        enum ml_status status = ml_names_add(&names, ml_span_text(PATTERNS[i]), i);
        assert_true(status == ML_OK || status == ML_NO_MEMORY);
    }
    find_any(&names, ml_span_text("az.b.example.net"));
    ml_names_fini(&names);
}

static void running_out_of_memory_is_a_status(void **state)
{
    (void)state;
    assert_true(oom_sweep(add_some, NULL) > 3);
}

#define WITH_NAMES(test) cmocka_unit_test_setup_teardown(test, init, fini)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NAMES(a_host_fits_itself_and_nothing_below),
        WITH_NAMES(a_domain_fits_itself_and_everything_below),
        WITH_NAMES(the_longest_pattern_wins_whatever_the_order),
        WITH_NAMES(a_host_wins_over_a_star_and_a_star_over_a_domain),
        WITH_NAMES(a_star_stands_for_any_text_of_one_label),
        WITH_NAMES(the_texts_around_a_star_do_not_overlap),
        WITH_NAMES(a_star_with_a_leading_dot_fits_below_too),
        WITH_NAMES(of_two_stars_the_one_with_more_text_wins),
        WITH_NAMES(a_wildcard_of_a_certificate_is_a_label_like_others),
        WITH_NAMES(strange_hosts_fit_nothing),
        WITH_NAMES(malformed_patterns_are_refused),
        WITH_NAMES(the_same_pattern_twice_is_refused),
        WITH_NAMES(many_names_are_all_found),
        WITH_NAMES(a_host_of_labels_without_end_is_answered),
        WITH_NAMES(hosts_are_not_read_past_their_end),
        cmocka_unit_test(running_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests_name("classify/names", tests, NULL, NULL);
}
