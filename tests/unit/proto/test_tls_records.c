/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/tls/records.h"
#include "support/cm.h"
#include "support/kit.h"

/* Three records: two bytes of handshake, an empty one of application data, one byte of alert. */
static const char three[] = "16 0301 0002 aabb 17 0303 0000 15 0303 0001 cc";

struct seen {
    char text[64]; /* type, and for each fragment its place and length */
    size_t n;
};

static void read_all(struct ml_tls_records *records, struct ml_span bytes, struct seen *seen)
{
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_tls_fragment fragment;
    while (ml_tls_records_next(records, &rd, &fragment)) {
        for (size_t i = 0; i < fragment.bytes.len || i == 0; i++) {
            if (fragment.record_len == 0) {
                seen->text[seen->n++] = '.';
            } else {
                seen->text[seen->n++] = (char)('a' + (fragment.type - 20) * 4 + fragment.at + (int)i);
            }
        }
    }
}

static void records_come_out_whole_however_they_are_cut(void **state)
{
    (void)state;
    struct ml_span bytes = unhex(three);
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        struct ml_tls_records records = {0};
        struct seen seen = {.n = 0};
        for (size_t at = 0; at < bytes.len; at += piece) {
            read_all(&records, ml_span_cut(bytes, at, piece), &seen);
        }
        assert_string_equal(seen.text, "ij.e"); /* handshake 0 and 1, the empty record, alert 0 */
        assert_false(records.is_lost);
    }
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void what_is_no_record_loses_the_layer(void **state)
{
    (void)state;
    static const char *const others[] = {
        "13 0303 0001 00",                    /* no such type */
        "19 0303 0001 00", "16 0203 0001 00", /* major version */
        "16 0305 0001 00",                    /* minor version */
        "16 0303 4801 00",                    /* longer than 2^14 + 2048 */
        "16 0303 0000 00",                    /* handshake records are never empty */
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct ml_span bytes = unhex(others[i]);
        struct ml_tls_records records = {0};
        struct ml_reader rd = ml_rd_open(bytes);
        struct ml_tls_fragment fragment;
        assert_false(ml_tls_records_next(&records, &rd, &fragment));
        assert_true(records.is_lost);
        assert_false(ml_tls_is_record(bytes));
        ml_tls_records_restart(&records);
        assert_false(records.is_lost);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
}

static void the_longest_record_passes(void **state)
{
    (void)state;
    static const uint8_t start[] = {0x17, 3, 3, 0x48, 0x00};
    assert_true(ml_tls_is_record(ml_span_of(start, sizeof start)));
    assert_true(ml_tls_is_record(ml_span_of(NULL, 0)));
    assert_true(ml_tls_is_record(ml_span_of(start, 2)));
}

static void a_hole_within_a_record_is_passed_over(void **state)
{
    (void)state;
    struct ml_span head = unhex("17 0303 0010 0011");
    struct ml_span rest = unhex("ff 15 0303 0001 cc");
    struct ml_tls_records records = {0};
    struct seen seen = {.n = 0};
    read_all(&records, head, &seen);
    assert_true(ml_tls_records_skip(&records, 13));
    read_all(&records, rest, &seen);
    assert_int_equal(seen.text[seen.n - 1], 'e'); /* the alert behind it */
    assert_false(records.is_lost);
    ml_mem_free((void *)(uintptr_t)head.ptr);
    ml_mem_free((void *)(uintptr_t)rest.ptr);
}

static void a_hole_over_the_end_of_a_record_loses_the_layer(void **state)
{
    (void)state;
    struct ml_span head = unhex("17 0303 0010 0011");
    struct ml_tls_records records = {0};
    struct seen seen = {.n = 0};
    read_all(&records, head, &seen);
    assert_false(ml_tls_records_skip(&records, 15));
    assert_true(records.is_lost);
    ml_mem_free((void *)(uintptr_t)head.ptr);
}

static void a_hole_between_records_loses_the_layer(void **state)
{
    (void)state;
    struct ml_tls_records records = {0};
    assert_false(ml_tls_records_skip(&records, 1));
    assert_true(records.is_lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_whole_however_they_are_cut),
        cmocka_unit_test(what_is_no_record_loses_the_layer),
        cmocka_unit_test(the_longest_record_passes),
        cmocka_unit_test(a_hole_within_a_record_is_passed_over),
        cmocka_unit_test(a_hole_over_the_end_of_a_record_loses_the_layer),
        cmocka_unit_test(a_hole_between_records_loses_the_layer),
    };
    return cmocka_run_group_tests_name("proto/tls_records", tests, NULL, NULL);
}
