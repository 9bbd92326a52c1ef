/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

static void blocks_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct ml_arena arena;
    ml_arena_init(&arena, false);
    uint8_t *seen[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = i * 7 % 301 + 1;
        seen[i] = ml_arena_get(&arena, size);
        assert_non_null(seen[i]);
        assert_int_equal((uintptr_t)seen[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(seen[i][k], 0);
        }
        memset(seen[i], (int)i + 1, size);
        assert_non_null(ml_arena_bytes(&arena, 1)); /* puts the next one out of step */
    }
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(seen[i][i * 7 % 301], (uint8_t)(i + 1)); /* not overwritten by a later one */
    }
    assert_true(arena.total >= 30000);
    ml_arena_fini(&arena);
    assert_int_equal(arena.total, 0);
}

static void bytes_lie_side_by_side(void **state)
{
    (void)state;
    struct ml_arena arena;
    ml_arena_init(&arena, false);
    uint8_t *first = ml_arena_bytes(&arena, 3);
    uint8_t *second = ml_arena_bytes(&arena, 1);
    assert_ptr_equal(second, first + 3);
    ml_arena_fini(&arena);
}

static void a_request_larger_than_a_block_is_served(void **state)
{
    (void)state;
    struct ml_arena arena;
    ml_arena_init(&arena, true);
    size_t size = 3 * 1024 * 1024;
    uint8_t *big = ml_arena_get(&arena, size);
    assert_non_null(big);
    big[0] = big[size - 1] = 1;
    assert_non_null(ml_arena_get(&arena, 1));
    assert_null(ml_arena_get(&arena, SIZE_MAX));
    assert_null(ml_arena_get(&arena, SIZE_MAX - 16));
    assert_non_null(ml_arena_get(&arena, 1)); /* a refusal changes nothing */
    ml_arena_fini(&arena);
}

static void a_copy_ends_with_a_zero_byte_that_does_not_count(void **state)
{
    (void)state;
    struct ml_arena arena;
    ml_arena_init(&arena, false);
    struct ml_span copy = ml_arena_copy(&arena, ml_span_of("a\0b", 3));
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.ptr, "a\0b\0", 4);
    copy = ml_arena_copy(&arena, ml_span_of(NULL, 0));
    assert_non_null(copy.ptr); /* empty is not "out of memory" */
    assert_int_equal(copy.ptr[0], 0);
    ml_arena_fini(&arena);
}

static void what_is_taken_over_stays_where_it_is(void **state)
{
    (void)state;
    struct ml_arena arena;
    struct ml_arena from;
    ml_arena_init(&arena, true);
    ml_arena_init(&from, true);
    ml_arena_take(&arena, &from); /* of nothing, nothing */
    assert_int_equal(arena.total, 0);
    struct ml_span own = ml_arena_copy(&arena, ml_span_text("own"));
    struct ml_span first = ml_arena_copy(&from, ml_span_text("first"));
    assert_non_null(ml_arena_get(&from, 5000)); /* a second block */
    struct ml_span last = ml_arena_copy(&from, ml_span_text("last"));
    size_t total = arena.total + from.total;
    ml_arena_take(&arena, &from);
    assert_int_equal(arena.total, total);
    assert_null(from.block);
    assert_int_equal(from.total, 0);
    struct ml_span next = ml_arena_copy(&arena, ml_span_text("next"));
    struct ml_span other = ml_arena_copy(&from, ml_span_text("other"));
    assert_span_text(own, "own");
    assert_span_text(first, "first");
    assert_span_text(last, "last");
    assert_span_text(next, "next");
    assert_span_text(other, "other");
    ml_arena_fini(&from);
    assert_span_text(last, "last");
    ml_arena_fini(&arena);
}

static void a_block_that_was_used_before_is_zeroed(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct ml_arena arena = {0};
        for (size_t i = 0; i < 4000; i++) { /* 4 MB: blocks of the largest size are among them */
            uint8_t *bytes = ml_arena_get(&arena, 1000);
            assert_non_null(bytes);
            for (size_t k = 0; k < 1000; k++) {
                assert_int_equal(bytes[k], 0);
            }
            memset(bytes, 0xa5, 1000);
        }
        ml_arena_fini(&arena);
    }
}

static void fill(void *context)
{
    (void)context;
    struct ml_arena arena;
    ml_arena_init(&arena, false);
    bool failed = false;
    for (int i = 0; i < 8; i++) {
        failed |= ml_arena_copy(&arena, ml_span_of("0123456789", 10)).ptr == NULL;
        failed |= ml_arena_get(&arena, 5000) == NULL;
    }
    assert_int_equal(failed, ml_mem_has_failed());
    ml_arena_fini(&arena);
}

static void running_out_of_memory_gives_null(void **state)
{
    (void)state;
    assert_true(oom_sweep(fill, NULL) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(bytes_lie_side_by_side),
        cmocka_unit_test(a_request_larger_than_a_block_is_served),
        cmocka_unit_test(a_copy_ends_with_a_zero_byte_that_does_not_count),
        cmocka_unit_test(what_is_taken_over_stays_where_it_is),
        cmocka_unit_test(a_block_that_was_used_before_is_zeroed),
        cmocka_unit_test(running_out_of_memory_gives_null),
    };
    return cmocka_run_group_tests_name("core/arena", tests, NULL, NULL);
}
