/* SPDX-License-Identifier: Apache-2.0 */
#include "core/map.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

static struct ml_span key_of(uint32_t i, char text[16])
{
    return ml_span_of(text, (size_t)snprintf(text, 16, "key%u", i));
}

static void entries_are_found_and_stay_in_order(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct ml_map map;
    char text[16];
    ml_map_init(&map, N);
    for (uint32_t i = 0; i < N; i++) {
        bool is_new = false;
        struct ml_map_entry *entry = ml_map_add(&map, key_of(i, text), i * 3, &is_new);
        assert_non_null(entry);
        assert_true(is_new);
        memset(text, 'x', sizeof text); /* the map has its own copy */
    }
    assert_int_equal(map.n, N);
    for (uint32_t i = 0; i < N; i++) {
        struct ml_map_entry *entry = ml_map_find(&map, key_of(i, text));
        assert_ptr_equal(entry, map.entries[i]);
        assert_int_equal(entry->value, i * 3);
    }
    assert_null(ml_map_find(&map, ml_span_text("key3000")));
    assert_null(ml_map_find(&map, ml_span_text("key")));
    assert_null(ml_map_add(&map, ml_span_text("one too many"), 0, NULL));
    assert_non_null(ml_map_add(&map, ml_span_text("key7"), 0, NULL)); /* full, but it is there */
    ml_map_fini(&map);
}

static void adding_again_keeps_the_first_value(void **state)
{
    (void)state;
    struct ml_map map;
    bool is_new = true;
    ml_map_init(&map, SIZE_MAX);
    assert_null(ml_map_find(&map, ml_span_text("a"))); /* nothing allocated yet */
    assert_non_null(ml_map_add(&map, ml_span_text("a"), 1, NULL));
    struct ml_map_entry *entry = ml_map_add(&map, ml_span_text("a"), 2, &is_new);
    assert_false(is_new);
    assert_int_equal(entry->value, 1);
    assert_int_equal(map.n, 1);
    ml_map_fini(&map);
}

static void the_empty_key_and_zero_bytes_are_keys(void **state)
{
    (void)state;
    struct ml_map map;
    ml_map_init(&map, 10);
    assert_non_null(ml_map_add(&map, ml_span_of(NULL, 0), 1, NULL));
    assert_non_null(ml_map_add(&map, ml_span_of("\0", 1), 2, NULL));
    assert_non_null(ml_map_add(&map, ml_span_of("\0\0", 2), 3, NULL));
    assert_int_equal(ml_map_find(&map, ml_span_text(""))->value, 1);
    assert_int_equal(ml_map_find(&map, ml_span_of("\0", 1))->value, 2);
    assert_int_equal(map.n, 3);
    ml_map_fini(&map);
}

static void fill(void *context)
{
    (void)context;
    struct ml_map map;
    char text[16];
    bool failed = false;
    ml_map_init(&map, 1000);
    for (uint32_t i = 0; i < 300; i++) {
        failed |= ml_map_add(&map, key_of(i, text), i, NULL) == NULL;
    }
    assert_int_equal(failed, ml_mem_has_failed());
    for (size_t i = 0; i < map.n; i++) { /* what did get in is still whole */
        assert_ptr_equal(ml_map_find(&map, ml_map_key(map.entries[i])), map.entries[i]);
    }
    assert_true(map.n >= 299);
    ml_map_fini(&map);
}

static void running_out_of_memory_loses_one_entry_at_most(void **state)
{
    (void)state;
    assert_true(oom_sweep(fill, NULL) >= 10); /* five times of growing, two blocks each */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_and_stay_in_order),
        cmocka_unit_test(adding_again_keeps_the_first_value),
        cmocka_unit_test(the_empty_key_and_zero_bytes_are_keys),
        cmocka_unit_test(running_out_of_memory_loses_one_entry_at_most),
    };
    return cmocka_run_group_tests_name("core/map", tests, NULL, NULL);
}
