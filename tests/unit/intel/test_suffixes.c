/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/suffixes.h"

#include "core/mem.h"
#include "intel/trackers.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/scratch.h"

#include <stdio.h>

static const uint8_t key[ML_PACK_KEY];

static void add(struct ml_suffix_maker *maker, const char *host, uint32_t value)
{
    assert_int_equal(ml_suffix_add(maker, ml_span_text(host), value), ML_OK);
}

/* 0: not found. */
static uint32_t find(const struct ml_suffixes *suffixes, const char *host, size_t domain_len, size_t *matched)
{
    uint32_t value = 0;
    bool is_found = ml_suffixes_find(suffixes, ml_span_text(host), domain_len, &value, matched);
    assert_int_equal(is_found, *matched != 0);
    return value;
}

static void the_longest_suffix_counts_down_to_the_domain(void **state)
{
    (void)state;
    struct ml_suffix_maker maker;
    struct ml_suffixes suffixes;
    ml_suffix_maker_init(&maker);
    add(&maker, "example.com", 1);
    add(&maker, "ads.example.com", 2);
    add(&maker, "co.test", 3);
    assert_int_equal(ml_suffixes_make(&maker, NULL, key, &suffixes), ML_OK);
    ml_suffix_maker_fini(&maker);
    size_t matched = 0;
    size_t domain_len = strlen("example.com");
    assert_int_equal(find(&suffixes, "example.com", domain_len, &matched), 1);
    assert_int_equal(find(&suffixes, "a.b.example.com", domain_len, &matched), 1);
    assert_int_equal(matched, domain_len);
    assert_int_equal(find(&suffixes, "ads.example.com", domain_len, &matched), 2);
    assert_int_equal(find(&suffixes, "x.ads.example.com", domain_len, &matched), 2);
    assert_int_equal(matched, strlen("ads.example.com"));
    assert_int_equal(find(&suffixes, "myexample.com", strlen("myexample.com"), &matched), 0);
    assert_int_equal(find(&suffixes, "example.org", domain_len, &matched), 0);
    /* co.test is a public suffix here: names below it are no business of its owner. */
    assert_int_equal(find(&suffixes, "shop.co.test", strlen("shop.co.test"), &matched), 0);
    assert_int_equal(find(&suffixes, "co.test", 0, &matched), 3);
    assert_int_equal(find(&suffixes, "a.example.com", 0, &matched), 0); /* no domain known: the name itself only */
    ml_suffixes_close(&suffixes);
}

static void the_first_entry_of_a_host_counts(void **state)
{
    (void)state;
    struct ml_suffix_maker maker;
    struct ml_suffixes suffixes;
    ml_suffix_maker_init(&maker);
    add(&maker, "example.com", 1);
    add(&maker, "example.com", 2);
    assert_int_equal(ml_suffixes_make(&maker, NULL, key, &suffixes), ML_OK);
    ml_suffix_maker_fini(&maker);
    size_t matched = 0;
    assert_int_equal(suffixes.n, 1);
    assert_int_equal(find(&suffixes, "example.com", 11, &matched), 1);
    ml_suffixes_close(&suffixes);
}

static void what_is_no_host_is_refused(void **state)
{
    (void)state;
    struct ml_suffix_maker maker;
    ml_suffix_maker_init(&maker);
    char long_label[80];
    (void)snprintf(long_label, sizeof long_label, "%064d.test", 0);
    const char *const bad[] = {"",       ".",        "com",      ".example.com",  "example.com.",  "a..b",
                               "A.test", "a b.test", "a/b.test", "*.example.com", "\xc3\xa4.test", long_label};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ml_suffix_add(&maker, ml_span_text(bad[i]), 1), ML_BAD_INPUT);
    }
    ml_suffix_maker_fini(&maker);
}

static void an_empty_table_finds_nothing(void **state)
{
    (void)state;
    struct ml_suffix_maker maker;
    struct ml_suffixes suffixes;
    ml_suffix_maker_init(&maker);
    assert_int_equal(ml_suffixes_make(&maker, NULL, key, &suffixes), ML_OK);
    ml_suffix_maker_fini(&maker);
    size_t matched = 1;
    assert_int_equal(find(&suffixes, "example.com", 11, &matched), 0);
    assert_string_equal(ml_suffixes_text(&suffixes, 0), "");
    ml_suffixes_close(&suffixes);
}

static void thousands_of_hosts_are_found_in_a_saved_pack(void **state)
{
    (void)state;
    struct scratch scratch;
    scratch_init(&scratch);
    const char *path = scratch_path(&scratch, "hosts.pack");
    struct ml_suffix_maker maker;
    struct ml_suffixes suffixes;
    ml_suffix_maker_init(&maker);
    char host[64];
    for (uint32_t i = 0; i < 5000; i++) {
        (void)snprintf(host, sizeof host, "h%u.example.test", i);
        add(&maker, host, i + 1);
    }
    assert_int_equal(ml_suffixes_make(&maker, path, key, &suffixes), ML_OK);
    ml_suffix_maker_fini(&maker);
    ml_suffixes_close(&suffixes);
    assert_true(ml_suffixes_open(path, key, &suffixes));
    for (uint32_t i = 0; i < 6000; i++) {
        (void)snprintf(host, sizeof host, "a.h%u.example.test", i);
        size_t matched = 0;
        assert_int_equal(find(&suffixes, host, strlen("example.test"), &matched), i < 5000 ? i + 1 : 0);
    }
    ml_suffixes_close(&suffixes);
    scratch_fini(&scratch);
}

static void lists_are_asked_in_their_order(void **state)
{
    (void)state;
    struct ml_host_list lists[ML_HOST_LISTS] = {{.id = "one"}, {.id = "two"}};
    lists[0].text = ml_span_text("ads.example.com\n\nboth.example.com");
    lists[3].text = ml_span_text("both.example.com\nstats.example.org\n");
    struct ml_suffixes suffixes;
    assert_int_equal(ml_host_lists_make(lists, NULL, key, &suffixes, NULL), ML_OK);
    size_t matched = 0;
    uint32_t value = 9;
    assert_true(ml_suffixes_find(&suffixes, ml_span_text("both.example.com"), 11, &value, &matched));
    assert_int_equal(value, 0);
    assert_true(ml_suffixes_find(&suffixes, ml_span_text("x.stats.example.org"), 11, &value, &matched));
    assert_int_equal(value, 3);
    assert_false(ml_suffixes_find(&suffixes, ml_span_text("example.com"), 11, &value, &matched));
    ml_suffixes_close(&suffixes);
}

static void a_bad_line_is_named_with_its_list(void **state)
{
    (void)state;
    struct ml_host_list lists[ML_HOST_LISTS] = {0};
    lists[2].text = ml_span_text("ads.example.com\n||ads.example.com^\n");
    struct ml_suffixes suffixes;
    struct ml_error error = {0};
    assert_int_equal(ml_host_lists_make(lists, NULL, key, &suffixes, &error), ML_BAD_INPUT);
    assert_int_equal(error.column, 2);
    assert_int_equal(error.line, 2);
    assert_string_equal(error.text, "cannot use the line \"||ads.example.com^\"");
}

static void companies_come_with_their_category(void **state)
{
    (void)state;
    struct ml_suffixes suffixes;
    struct ml_error error = {0};
    struct ml_span text = ml_span_text("example.com\tExample Ltd.\tad\nexample.org\tOther\t\n");
    assert_int_equal(ml_company_list_make(text, NULL, key, &suffixes, &error), ML_OK);
    uint32_t at = 0;
    size_t matched = 0;
    assert_true(ml_suffixes_find(&suffixes, ml_span_text("a.example.com"), 11, &at, &matched));
    assert_string_equal(ml_suffixes_text(&suffixes, at), "Example Ltd.");
    assert_string_equal(ml_suffixes_text(&suffixes, at + (uint32_t)strlen("Example Ltd.") + 1), "ad");
    assert_true(ml_suffixes_find(&suffixes, ml_span_text("example.org"), 11, &at, &matched));
    assert_string_equal(ml_suffixes_text(&suffixes, at), "Other");
    assert_string_equal(ml_suffixes_text(&suffixes, at + 6), "");
    assert_string_equal(ml_suffixes_text(&suffixes, 100000), "");
    ml_suffixes_close(&suffixes);
    static const char *const bad[] = {"example.com", "example.com\tA", "example.com\t\tad", "\tA\tad"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ml_company_list_make(ml_span_text(bad[i]), NULL, key, &suffixes, &error), ML_BAD_INPUT);
    }
}

static void make_lists(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_host_list lists[ML_HOST_LISTS] = {{.text = bytes}};
    struct ml_suffixes suffixes;
    enum ml_status status = ml_host_lists_make(lists, NULL, key, &suffixes, NULL);
    assert_true(status == ML_OK || status == ML_BAD_INPUT);
    ml_suffixes_close(&suffixes);
    status = ml_company_list_make(bytes, NULL, key, &suffixes, NULL);
    assert_true(status == ML_OK || status == ML_BAD_INPUT);
    ml_suffixes_close(&suffixes);
}

static void no_damage_reads_beyond_the_text(void **state)
{
    (void)state;
    sweep_truncations(ml_span_text("ads.example.com\nb.test\n"), make_lists, NULL);
    sweep_bit_flips(ml_span_text("ads.example.com\nb.test\n"), make_lists, NULL);
    sweep_truncations(ml_span_text("example.com\tA\tad\nb.test\tB\t"), make_lists, NULL);
    sweep_bit_flips(ml_span_text("example.com\tA\tad\nb.test\tB\t"), make_lists, NULL);
}

static void make_once(void *context)
{
    struct ml_suffixes suffixes;
    enum ml_status status = ml_company_list_make(ml_span_text("example.com\tA\tad\n"), NULL, key, &suffixes, context);
    assert_true(status == ML_OK || (status == ML_NO_MEMORY && ml_mem_has_failed()));
    ml_suffixes_close(&suffixes);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    struct ml_error error = {0};
    assert_true(oom_sweep(make_once, &error) >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_suffix_counts_down_to_the_domain),
        cmocka_unit_test(the_first_entry_of_a_host_counts),
        cmocka_unit_test(what_is_no_host_is_refused),
        cmocka_unit_test(an_empty_table_finds_nothing),
        cmocka_unit_test(thousands_of_hosts_are_found_in_a_saved_pack),
        cmocka_unit_test(lists_are_asked_in_their_order),
        cmocka_unit_test(a_bad_line_is_named_with_its_list),
        cmocka_unit_test(companies_come_with_their_category),
        cmocka_unit_test(no_damage_reads_beyond_the_text),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("intel/suffixes", tests, NULL, NULL);
}
