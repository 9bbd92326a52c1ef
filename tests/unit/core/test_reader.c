/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reader.h"
#include "support/cm.h"
#include "support/kit.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

static void integers_are_read_in_both_orders(void **state)
{
    (void)state;
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, sizeof bytes));
    uint16_t a = 0;
    uint32_t b = 0;
    assert_true(ml_rd_u16(&rd, &a));
    assert_int_equal(a, 0x0102);
    assert_true(ml_rd_le32(&rd, &b));
    assert_int_equal(b, 0x06050403);
    assert_int_equal(ml_rd_left(&rd), 2);
}

static void running_out_of_the_capture_is_short(void **state)
{
    (void)state;
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, 3));
    uint32_t value = 7;
    assert_false(ml_rd_u32(&rd, &value));
    assert_int_equal(value, 0);
    assert_int_equal(rd.state, ML_RD_SHORT);
}

static void running_out_of_a_frame_is_bad_not_short(void **state)
{
    (void)state;
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, sizeof bytes));
    struct ml_reader child;
    uint32_t value = 0;
    assert_true(ml_rd_vector(&rd, 1, &child)); /* one byte: 02 */
    assert_false(ml_rd_u32(&child, &value));
    assert_int_equal(child.state, ML_RD_BAD);
    assert_true(ml_rd_ok(&rd));
}

static void the_first_failure_is_kept(void **state)
{
    (void)state;
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, 3));
    uint32_t value = 0;
    uint8_t byte = 0;
    assert_false(ml_rd_u32(&rd, &value));
    assert_false(ml_rd_u8(&rd, &byte));
    assert_false(ml_rd_reject(&rd));
    assert_int_equal(rd.state, ML_RD_SHORT);
    assert_int_equal(ml_rd_left(&rd), 0);
    assert_false(ml_rd_done(&rd));
}

static void a_huge_length_cannot_wrap(void **state)
{
    (void)state;
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, sizeof bytes));
    struct ml_span span;
    assert_true(ml_rd_skip(&rd, 5));
    assert_false(ml_rd_span(&rd, SIZE_MAX, &span));
    assert_int_equal(span.len, 0);
}

static void a_clipped_vector_yields_what_was_captured(void **state)
{
    (void)state;
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, sizeof bytes));
    struct ml_reader child;
    uint32_t value = 0;
    assert_true(ml_rd_vector_clipped(&rd, 2, &child)); /* 0x0102 bytes declared, six are there */
    assert_int_equal(ml_rd_left(&child), 6);
    assert_true(ml_rd_u32(&child, &value));
    assert_false(ml_rd_u32(&child, &value));
    assert_int_equal(child.state, ML_RD_SHORT);
}

static void varints_follow_rfc_9000(void **state)
{
    (void)state;
    /* RFC 9000, appendix A.1 */
    static const uint8_t examples[] = {0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c, 0x9d,
                                       0x7f, 0x3e, 0x7d, 0x7b, 0xbd, 0x25, 0x40, 0x25};
    struct ml_reader rd = ml_rd_open(ml_span_of(examples, sizeof examples));
    const uint64_t want[] = {151288809941952652, 494878333, 15293, 37, 37};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        uint64_t value = 0;
        assert_true(ml_rd_varint(&rd, &value));
        assert_int_equal(value, want[i]);
    }
    assert_true(ml_rd_done(&rd));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_read_in_both_orders),
        cmocka_unit_test(running_out_of_the_capture_is_short),
        cmocka_unit_test(running_out_of_a_frame_is_bad_not_short),
        cmocka_unit_test(the_first_failure_is_kept),
        cmocka_unit_test(a_huge_length_cannot_wrap),
        cmocka_unit_test(a_clipped_vector_yields_what_was_captured),
        cmocka_unit_test(varints_follow_rfc_9000),
    };
    return cmocka_run_group_tests_name("core/reader", tests, NULL, NULL);
}
