/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "proto/tls/assembly.h"
#include "support/cm.h"
#include "support/kit.h"

static const char text[] = "0123456789abcdef";

static enum ml_tls_added add(struct ml_tls_assembly *assembly, uint64_t from, size_t len, uint64_t seq)
{
    return ml_tls_assembly_add(assembly, from, ml_span_of(text + from, len), seq, (int64_t)seq * 10);
}

static void pieces_in_any_order_become_one(void **state)
{
    (void)state;
    static const size_t orders[][4] = {{0, 4, 8, 12}, {12, 8, 4, 0}, {8, 0, 12, 4}};
    for (size_t i = 0; i < 3; i++) {
        struct ml_tls_assembly assembly = {0};
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(add(&assembly, orders[i][k], 4, k + 1), ML_TLS_ADDED);
        }
        assert_span_text(ml_tls_assembly_span(&assembly), text);
        struct ml_tls_place place = ml_tls_assembly_place(&assembly, 16);
        assert_int_equal(place.first_seq, 1);
        assert_int_equal(place.last_seq, 4);
        assert_int_equal(place.time_ns, 10);
        ml_tls_assembly_fini(&assembly);
    }
}

static void a_hole_ends_what_is_ready(void **state)
{
    (void)state;
    struct ml_tls_assembly assembly = {0};
    assert_int_equal(add(&assembly, 0, 3, 1), ML_TLS_ADDED);
    assert_int_equal(add(&assembly, 5, 3, 2), ML_TLS_ADDED);
    assert_span_text(ml_tls_assembly_span(&assembly), "012");
    assert_int_equal(ml_tls_assembly_extent(&assembly), 8);
    assert_int_equal(ml_tls_assembly_place(&assembly, 3).last_seq, 1);
    assert_int_equal(add(&assembly, 3, 2, 3), ML_TLS_ADDED);
    assert_span_text(ml_tls_assembly_span(&assembly), "01234567");
    ml_tls_assembly_fini(&assembly);
}

static void of_bytes_sent_twice_the_first_copy_stays(void **state)
{
    (void)state;
    struct ml_tls_assembly assembly = {0};
    assert_int_equal(add(&assembly, 4, 4, 1), ML_TLS_ADDED);
    assert_int_equal(add(&assembly, 5, 2, 2), ML_TLS_KNOWN);
    assert_int_equal(ml_tls_assembly_add(&assembly, 2, ml_span_of("XXXXXXXX", 8), 3, 30), ML_TLS_ADDED);
    assert_int_equal(add(&assembly, 0, 2, 4), ML_TLS_ADDED);
    assert_span_text(ml_tls_assembly_span(&assembly), "01XX4567XX");
    assert_int_equal(ml_tls_assembly_add(&assembly, 0, ml_span_of(NULL, 0), 5, 50), ML_TLS_KNOWN);
    ml_tls_assembly_fini(&assembly);
}

static void what_was_consumed_does_not_come_back(void **state)
{
    (void)state;
    struct ml_tls_assembly assembly = {0};
    assert_int_equal(add(&assembly, 0, 6, 1), ML_TLS_ADDED);
    assert_int_equal(add(&assembly, 8, 4, 2), ML_TLS_ADDED);
    ml_tls_assembly_drop(&assembly, 4);
    assert_span_text(ml_tls_assembly_span(&assembly), "45");
    assert_int_equal(add(&assembly, 0, 4, 3), ML_TLS_KNOWN);
    assert_int_equal(add(&assembly, 2, 6, 4), ML_TLS_ADDED);
    assert_span_text(ml_tls_assembly_span(&assembly), "456789ab");
    ml_tls_assembly_drop(&assembly, 100); /* beyond what is there */
    assert_int_equal(ml_tls_assembly_span(&assembly).len, 0);
    assert_int_equal(ml_tls_assembly_add(&assembly, 104, ml_span_of("x", 1), 5, 50), ML_TLS_ADDED);
    assert_span_text(ml_tls_assembly_span(&assembly), "x");
    ml_tls_assembly_fini(&assembly);
}

static void ceilings_hold(void **state)
{
    (void)state;
    struct ml_tls_assembly assembly = {0};
    assert_int_equal(ml_tls_assembly_add(&assembly, ML_MAX_MESSAGE, ml_span_of("x", 1), 1, 1), ML_TLS_TOO_MUCH);
    assert_int_equal(ml_tls_assembly_add(&assembly, UINT64_MAX, ml_span_of("x", 1), 1, 1), ML_TLS_TOO_MUCH);
    assert_int_equal(ml_tls_assembly_add(&assembly, ML_MAX_MESSAGE - 1, ml_span_of("x", 1), 1, 1), ML_TLS_ADDED);
    ml_tls_assembly_fini(&assembly);
}

static void many_holes_are_refused_but_not_many_bytes(void **state)
{
    (void)state;
    struct ml_tls_assembly assembly = {0};
    unsigned n = 0;
    while (ml_tls_assembly_add(&assembly, 2 * (uint64_t)n + 1, ml_span_of("x", 1), n + 1, 0) == ML_TLS_ADDED) {
        n++;
    }
    assert_int_equal(n, 4096);
    ml_tls_assembly_fini(&assembly);
    for (n = 0; n < 10000; n++) { /* a byte a packet: marks get coarse, nothing is lost */
        assert_int_equal(ml_tls_assembly_add(&assembly, n, ml_span_of("y", 1), n + 1, 0), ML_TLS_ADDED);
    }
    assert_int_equal(ml_tls_assembly_span(&assembly).len, 10000);
    assert_int_equal(ml_tls_assembly_place(&assembly, 10000).last_seq, 10000);
    ml_tls_assembly_fini(&assembly);
}

static void run_without_memory(void *context)
{
    (void)context;
    struct ml_tls_assembly assembly = {0};
    if (add(&assembly, 8, 4, 1) == ML_TLS_ADDED && add(&assembly, 0, 8, 2) == ML_TLS_ADDED) {
        assert_true(ml_span_equal(ml_tls_assembly_span(&assembly), ml_span_of(text, 12)));
    }
    ml_tls_assembly_fini(&assembly);
}

static void missing_memory_is_said(void **state)
{
    (void)state;
    assert_true(oom_sweep(run_without_memory, NULL) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_in_any_order_become_one),
        cmocka_unit_test(a_hole_ends_what_is_ready),
        cmocka_unit_test(of_bytes_sent_twice_the_first_copy_stays),
        cmocka_unit_test(what_was_consumed_does_not_come_back),
        cmocka_unit_test(ceilings_hold),
        cmocka_unit_test(many_holes_are_refused_but_not_many_bytes),
        cmocka_unit_test(missing_memory_is_said),
    };
    return cmocka_run_group_tests_name("proto/tls_assembly", tests, NULL, NULL);
}
