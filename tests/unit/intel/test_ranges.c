/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/ranges.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

static struct ml_ip ip_of(const char *text)
{
    struct ml_ip ip;
    assert_true(ml_ip_parse(ml_span_text(text), &ip));
    return ip;
}

static enum ml_status add(struct ml_ranges_maker *maker, const char *first, const char *last, uint32_t value)
{
    struct ml_ip from = ip_of(first);
    struct ml_ip to = ip_of(last);
    return ml_ranges_add(maker, &from, &to, value);
}

static struct ml_ranges finish(struct ml_ranges_maker *maker)
{
    struct ml_span starts;
    struct ml_span values;
    struct ml_ranges ranges;
    assert_int_equal(ml_ranges_finish(maker, &starts, &values), ML_OK);
    assert_true(ml_ranges_open(starts, values, &ranges));
    return ranges;
}

static void is_at(const struct ml_ranges *ranges, const char *address, uint32_t value)
{
    struct ml_ip ip = ip_of(address);
    assert_int_equal(ml_ranges_find(ranges, &ip), value);
}

static void a_range_ends_at_its_last_address(void **state)
{
    (void)state;
    struct ml_ranges_maker maker = {0};
    assert_int_equal(add(&maker, "192.0.2.0", "192.0.2.127", 7), ML_OK);
    assert_int_equal(add(&maker, "2001:db8::", "2001:db8::ffff", 9), ML_OK);
    struct ml_ranges ranges = finish(&maker);
    is_at(&ranges, "192.0.1.255", 0);
    is_at(&ranges, "192.0.2.0", 7);
    is_at(&ranges, "192.0.2.127", 7);
    is_at(&ranges, "192.0.2.128", 0);
    is_at(&ranges, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", 0);
    is_at(&ranges, "2001:db8::", 9);
    is_at(&ranges, "2001:db8::ffff", 9);
    is_at(&ranges, "2001:db8::1:0", 0);
    is_at(&ranges, "::c000:201", 0); /* IPv4 is not at ::/96 */
    ml_ranges_maker_fini(&maker);
}

static void neighbours_of_equal_value_become_one_stretch(void **state)
{
    (void)state;
    struct ml_ranges_maker maker = {0};
    assert_int_equal(add(&maker, "192.0.2.0", "192.0.2.9", 5), ML_OK);
    assert_int_equal(add(&maker, "192.0.2.10", "192.0.2.19", 5), ML_OK);
    assert_int_equal(add(&maker, "192.0.2.20", "192.0.2.29", 6), ML_OK);
    struct ml_ranges ranges = finish(&maker);
    assert_int_equal(ranges.n, 3); /* 5 from .0, 6 from .20, nothing from .30 */
    is_at(&ranges, "192.0.2.19", 5);
    is_at(&ranges, "192.0.2.20", 6);
    is_at(&ranges, "192.0.2.30", 0);
    ml_ranges_maker_fini(&maker);
}

static void the_later_of_two_overlapping_ranges_counts(void **state)
{
    (void)state;
    struct ml_ranges_maker maker = {0};
    assert_int_equal(add(&maker, "192.0.2.0", "192.0.2.99", 1), ML_OK);
    assert_int_equal(add(&maker, "192.0.2.50", "192.0.2.149", 2), ML_OK);
    struct ml_ranges ranges = finish(&maker);
    is_at(&ranges, "192.0.2.49", 1);
    is_at(&ranges, "192.0.2.50", 2);
    is_at(&ranges, "192.0.2.149", 2);
    is_at(&ranges, "192.0.2.150", 0);
    ml_ranges_maker_fini(&maker);
}

static void what_a_nested_range_leaves_belongs_to_the_outer_one(void **state)
{
    (void)state;
    struct ml_ranges_maker maker = {0};
    assert_int_equal(add(&maker, "198.51.100.0", "198.51.100.255", 1), ML_OK);
    assert_int_equal(add(&maker, "198.51.100.10", "198.51.100.99", 2), ML_OK);
    assert_int_equal(add(&maker, "198.51.100.20", "198.51.100.29", 3), ML_OK);
    assert_int_equal(add(&maker, "198.51.100.99", "198.51.100.99", 4), ML_OK);
    struct ml_ranges ranges = finish(&maker);
    is_at(&ranges, "198.51.100.9", 1);
    is_at(&ranges, "198.51.100.19", 2);
    is_at(&ranges, "198.51.100.29", 3);
    is_at(&ranges, "198.51.100.30", 2);
    is_at(&ranges, "198.51.100.99", 4);
    is_at(&ranges, "198.51.100.100", 1);
    is_at(&ranges, "198.51.100.255", 1);
    is_at(&ranges, "198.51.101.0", 0);
    ml_ranges_maker_fini(&maker);
}

static void a_range_may_end_with_the_last_address_there_is(void **state)
{
    (void)state;
    struct ml_ranges_maker maker = {0};
    assert_int_equal(add(&maker, "255.255.255.0", "255.255.255.255", 3), ML_OK);
    assert_int_equal(add(&maker, "ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 4), ML_OK);
    struct ml_ranges ranges = finish(&maker);
    is_at(&ranges, "255.255.255.255", 3);
    is_at(&ranges, "::1:0:0:0", 0); /* the address behind ::ffff:255.255.255.255 */
    is_at(&ranges, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 4);
    ml_ranges_maker_fini(&maker);
}

static void rows_that_contradict_the_order_are_refused(void **state)
{
    (void)state;
    struct ml_ranges_maker maker = {0};
    assert_int_equal(add(&maker, "192.0.2.9", "192.0.2.8", 1), ML_BAD_INPUT);
    assert_int_equal(add(&maker, "192.0.2.0", "2001:db8::", 1), ML_BAD_INPUT);
    assert_int_equal(add(&maker, "192.0.2.0", "192.0.2.1", 0), ML_BAD_INPUT);
    assert_int_equal(add(&maker, "192.0.2.0", "192.0.2.9", 1), ML_OK);
    assert_int_equal(add(&maker, "192.0.1.0", "192.0.1.9", 1), ML_BAD_INPUT);
    struct ml_ip none = {.family = 0};
    assert_int_equal(ml_ranges_add(&maker, &none, &none, 1), ML_BAD_INPUT);
    ml_ranges_maker_fini(&maker);
}

static void nesting_has_a_ceiling(void **state)
{
    (void)state;
    struct ml_ranges_maker maker = {0};
    enum ml_status status = ML_OK;
    unsigned depth = 0;
    while (status == ML_OK) {
        struct ml_ip from = ip_of("192.0.2.0");
        struct ml_ip to = ip_of("192.0.2.255");
        from.bytes[3] = (uint8_t)depth;
        to.bytes[3] = (uint8_t)(255 - depth);
        status = ml_ranges_add(&maker, &from, &to, ++depth);
    }
    assert_int_equal(status, ML_LIMIT);
    assert_int_equal(depth, ML_RANGES_NESTING + 1);
    ml_ranges_maker_fini(&maker);
}

static void sections_that_do_not_fit_each_other_are_refused(void **state)
{
    (void)state;
    static const struct ml_range_key starts[2];
    static const uint32_t values[2];
    struct ml_ranges ranges;
    assert_true(ml_ranges_open(ml_span_of(starts, 32), ml_span_of(values, 8), &ranges));
    assert_false(ml_ranges_open(ml_span_of(starts, 16), ml_span_of(values, 8), &ranges));
    assert_false(ml_ranges_open(ml_span_of(starts, 31), ml_span_of(values, 8), &ranges));
    assert_false(ml_ranges_open(ml_span_of(starts, 32), ml_span_of(values, 7), &ranges));
    assert_int_equal(ranges.n, 0);
    struct ml_ip none = {.family = 0};
    assert_int_equal(ml_ranges_find(&ranges, &none), 0);
}

/* Against a plain table of the last byte: what a row says last about a byte is what counts. */
static void agrees_with_a_table_of_every_address(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 200; round++) {
        struct ml_ranges_maker maker = {0};
        uint32_t wanted[256] = {0};
        unsigned first = 0;
        for (uint32_t value = 1; value <= 10 && first < 256; value++) {
            seed = seed * 1664525 + 1013904223;
            first += seed >> 27;
            if (first > 255) {
                break;
            }
            unsigned last = first + (seed >> 16 & 15);
            last = last > 255 ? 255 : last;
            struct ml_ip from = ip_of("203.0.113.0");
            struct ml_ip to = from;
            from.bytes[3] = (uint8_t)first;
            to.bytes[3] = (uint8_t)last;
            assert_int_equal(ml_ranges_add(&maker, &from, &to, value), ML_OK);
            for (unsigned i = first; i <= last; i++) {
                wanted[i] = value;
            }
        }
        struct ml_ranges ranges = finish(&maker);
        for (unsigned i = 0; i < 256; i++) {
            struct ml_ip ip = ip_of("203.0.113.0");
            ip.bytes[3] = (uint8_t)i;
            assert_int_equal(ml_ranges_find(&ranges, &ip), wanted[i]);
        }
        ml_ranges_maker_fini(&maker);
    }
}

static void build_once(void *context)
{
    (void)context;
    struct ml_ranges_maker maker = {0};
    struct ml_span starts;
    struct ml_span values;
    enum ml_status status = add(&maker, "192.0.2.0", "192.0.2.9", 1);
    if (status == ML_OK) {
        status = ml_ranges_finish(&maker, &starts, &values);
    }
    assert_true(status == ML_OK || (status == ML_NO_MEMORY && ml_mem_has_failed()));
    ml_ranges_maker_fini(&maker);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    assert_int_equal(oom_sweep(build_once, NULL), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_ends_at_its_last_address),
        cmocka_unit_test(neighbours_of_equal_value_become_one_stretch),
        cmocka_unit_test(the_later_of_two_overlapping_ranges_counts),
        cmocka_unit_test(what_a_nested_range_leaves_belongs_to_the_outer_one),
        cmocka_unit_test(a_range_may_end_with_the_last_address_there_is),
        cmocka_unit_test(rows_that_contradict_the_order_are_refused),
        cmocka_unit_test(nesting_has_a_ceiling),
        cmocka_unit_test(sections_that_do_not_fit_each_other_are_refused),
        cmocka_unit_test(agrees_with_a_table_of_every_address),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("intel/ranges", tests, NULL, NULL);
}
