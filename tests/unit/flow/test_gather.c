/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/gather.h"
#include "support/cm.h"

static void add(struct ml_gather *gather, uint64_t seq, uint64_t offset, const char *text)
{
    struct ml_chunk chunk = {.seq = seq, .time_ns = (int64_t)seq * 10, .offset = offset, .bytes = ml_span_text(text)};
    assert_true(ml_gather_add(gather, &chunk));
}

static void every_byte_leads_to_its_packet(void **state)
{
    (void)state;
    struct ml_gather gather;
    ml_gather_init(&gather, 100);
    add(&gather, 4, 1000, "abc");
    add(&gather, 7, 1003, "de");
    add(&gather, 9, 1005, "f");
    assert_span_text(ml_gather_span(&gather), "abcdef");
    const uint64_t want[] = {4, 4, 4, 7, 7, 9};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(ml_gather_mark_at(&gather, i)->seq, want[i]);
    }
    for (size_t n = 1; n < 6; n++) { /* dropping byte by byte keeps the rest where it was */
        ml_gather_drop(&gather, 1);
        assert_int_equal(gather.offset, 1000 + n);
        for (size_t i = 0; i < 6 - n; i++) {
            assert_int_equal(ml_gather_mark_at(&gather, i)->seq, want[n + i]);
        }
    }
    ml_gather_drop(&gather, 1);
    assert_int_equal(gather.n_marks, 0);
    ml_gather_fini(&gather);
}

static void the_ceiling_leaves_what_is_held(void **state)
{
    (void)state;
    struct ml_gather gather;
    ml_gather_init(&gather, 4);
    add(&gather, 1, 0, "abc");
    struct ml_chunk chunk = {.seq = 2, .offset = 3, .bytes = ml_span_text("de")};
    assert_false(ml_gather_add(&gather, &chunk));
    assert_span_text(ml_gather_span(&gather), "abc");
    assert_int_equal(gather.n_marks, 1);
    add(&gather, 3, 3, "d");
    assert_span_text(ml_gather_span(&gather), "abcd");
    ml_gather_fini(&gather);
}

static void gathering_goes_on_behind_a_dropped_message(void **state)
{
    (void)state;
    struct ml_gather gather;
    ml_gather_init(&gather, 100);
    add(&gather, 1, 0, "message");
    ml_gather_drop(&gather, 7);
    add(&gather, 2, 7, "next");
    assert_int_equal(gather.offset, 7);
    assert_int_equal(ml_gather_mark_at(&gather, 0)->seq, 2);
    ml_gather_fini(&gather);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_leads_to_its_packet),
        cmocka_unit_test(the_ceiling_leaves_what_is_held),
        cmocka_unit_test(gathering_goes_on_behind_a_dropped_message),
    };
    return cmocka_run_group_tests_name("flow/gather", tests, NULL, NULL);
}
