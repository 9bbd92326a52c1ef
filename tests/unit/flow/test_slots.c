/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/slots.h"

#include "core/mem.h"
#include "support/cm.h"

enum { N = 600 };

/* Is the number found under its hash exactly once? */
static bool has(const struct ml_slots *slots, uint32_t hash, uint32_t number)
{
    size_t at = SIZE_MAX;
    uint32_t found = 0;
    unsigned n = 0;
    while (ml_slots_next(slots, hash, &at, &found)) {
        n += found == number;
    }
    assert_true(n <= 1);
    return n == 1;
}

/* Adds and removes at random; a plain array says what must be there. */
static void run(uint32_t hash_mask)
{
    struct ml_slots slots = {0};
    bool is_in[N] = {false};
    uint32_t random = 123456789;
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525U + 1013904223U;
        uint32_t number = (random >> 8) % N;
        uint32_t hash = number * 2654435761U & hash_mask;
        if (is_in[number]) {
            ml_slots_remove(&slots, hash, number);
        } else {
            assert_true(ml_slots_reserve(&slots));
            ml_slots_add(&slots, hash, number);
        }
        is_in[number] = !is_in[number];
        assert_int_equal(has(&slots, hash, number), is_in[number]);
    }
    size_t n = 0;
    for (uint32_t number = 0; number < N; number++) {
        assert_int_equal(has(&slots, number * 2654435761U & hash_mask, number), is_in[number]);
        n += is_in[number];
    }
    assert_int_equal(slots.n, n);
    ml_slots_fini(&slots);
}

static void what_was_added_is_found_until_it_is_removed(void **state)
{
    (void)state;
    run(UINT32_MAX);
}

static void colliding_hashes_are_kept_apart(void **state)
{
    (void)state;
    run(7);           /* eight hashes for all */
    run(0xfffffff0U); /* neighbours share a home */
    run(0x800000ffU); /* and the table wraps */
}

static void an_empty_table_finds_nothing(void **state)
{
    (void)state;
    struct ml_slots slots = {0};
    assert_false(has(&slots, 1, 1));
    ml_mem_fail_at(1);
    assert_false(ml_slots_reserve(&slots));
    ml_mem_fail_at(0);
    assert_int_equal(slots.n_slots, 0);
    ml_slots_fini(&slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_until_it_is_removed),
        cmocka_unit_test(colliding_hashes_are_kept_apart),
        cmocka_unit_test(an_empty_table_finds_nothing),
    };
    return cmocka_run_group_tests_name("flow/slots", tests, NULL, NULL);
}
