/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"

#include "support/cm.h"

#include <pthread.h>

static void arrays_are_zeroed_and_never_wrap(void **state)
{
    (void)state;
    uint8_t *bytes = ml_mem_array(10, 10);
    assert_non_null(bytes);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(bytes[i], 0);
    }
    /* volatile keeps the compiler from warning about sizes it can see */
    volatile size_t huge = SIZE_MAX;
    assert_null(ml_mem_array(huge, 2));
    assert_null(ml_mem_array(2, huge));
    assert_null(ml_mem_resize(bytes, huge / 2, 4));
    bytes[99] = 1; /* a refused resize leaves the block alone */
    ml_mem_free(bytes);
    ml_mem_free(NULL);
}

static void nothing_is_still_a_block(void **state)
{
    (void)state;
    void *none = ml_mem_array(0, 8);
    assert_non_null(none);
    none = ml_mem_resize(none, 0, 8);
    assert_non_null(none);
    ml_mem_free(none);
}

static void resizing_keeps_the_bytes(void **state)
{
    (void)state;
    uint32_t *numbers = ml_mem_resize(NULL, 2, sizeof *numbers);
    assert_non_null(numbers);
    numbers[0] = 7;
    numbers[1] = 8;
    numbers = ml_mem_resize(numbers, 1000, sizeof *numbers);
    assert_non_null(numbers);
    assert_int_equal(numbers[1], 8);
    ml_mem_free(numbers);
}

static void an_array_grows_only_when_it_is_full(void **state)
{
    (void)state;
    size_t room = 0;
    uint16_t *numbers = ml_mem_grow(NULL, 0, &room, 3, sizeof *numbers);
    assert_non_null(numbers);
    assert_int_equal(room, 3);
    assert_ptr_equal(ml_mem_grow(numbers, 2, &room, 3, sizeof *numbers), numbers);
    assert_int_equal(room, 3);
    numbers[2] = 7;
    ml_mem_fail_at(1);
    assert_null(ml_mem_grow(numbers, 3, &room, 3, sizeof *numbers));
    assert_int_equal(room, 3); /* the block is as it was */
    numbers = ml_mem_grow(numbers, 3, &room, 3, sizeof *numbers);
    assert_non_null(numbers);
    assert_int_equal(room, 6);
    assert_int_equal(numbers[2], 7);
    room = SIZE_MAX / 2 + 1;
    assert_null(ml_mem_grow(numbers, room, &room, 3, sizeof *numbers)); /* twice that is no size */
    ml_mem_free(numbers);
}

static void text_ends_with_a_zero_byte(void **state)
{
    (void)state;
    char *text = ml_mem_text("abcdef", 3);
    assert_string_equal(text, "abc");
    ml_mem_free(text);
    text = ml_mem_text(NULL, 0);
    assert_string_equal(text, "");
    ml_mem_free(text);
    volatile size_t huge = SIZE_MAX;
    assert_null(ml_mem_text("", huge));
}

static void wiping_leaves_zeros(void **state)
{
    (void)state;
    uint8_t secret[] = {1, 2, 3, 4};
    ml_mem_wipe(secret, 3);
    assert_memory_equal(secret, "\0\0\0\4", 4);
    ml_mem_wipe(NULL, 0);
}

enum { N_BLOCKS = 140 }; /* more than a region holds */

static void *take_and_put(void *context)
{
    unsigned char mark = *(unsigned char *)context;
    unsigned char *blocks[N_BLOCKS];
    bool is_mine = true;
    for (size_t i = 0; i < N_BLOCKS; i++) {
        blocks[i] = ml_mem_block();
        if (blocks[i] == NULL) {
            return "out of memory";
        }
        blocks[i][0] = blocks[i][ML_MEM_BLOCK - 1] = mark;
    }
    for (size_t i = 0; i < N_BLOCKS; i++) {
        is_mine &= blocks[i][0] == mark && blocks[i][ML_MEM_BLOCK - 1] == mark && (uintptr_t)blocks[i] % 16 == 0;
        ml_mem_block_put(blocks[i]);
    }
    return is_mine ? NULL : "given out twice";
}

static void large_blocks_are_apart_in_every_thread(void **state)
{
    (void)state;
    pthread_t threads[4];
    unsigned char marks[4] = {1, 2, 3, 4};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_put, &marks[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *fault = NULL;
        assert_int_equal(pthread_join(threads[i], &fault), 0);
        assert_null(fault);
    }
    ml_mem_block_put(NULL);
    ml_mem_fail_at(1);
    assert_null(ml_mem_block());
    assert_true(ml_mem_has_failed());
}

static void the_armed_allocation_fails_and_only_that_one(void **state)
{
    (void)state;
    ml_mem_fail_at(2);
    void *first = ml_mem_array(1, 1);
    assert_false(ml_mem_has_failed());
    void *second = ml_mem_text("a", 1);
    assert_true(ml_mem_has_failed());
    void *third = ml_mem_resize(NULL, 1, 1);
    assert_non_null(first);
    assert_null(second);
    assert_non_null(third);
    ml_mem_free(first);
    ml_mem_free(third);
    ml_mem_fail_at(1);
    assert_false(ml_mem_has_failed());
    assert_null(ml_mem_resize(NULL, 1, 1));
    ml_mem_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_zeroed_and_never_wrap),
        cmocka_unit_test(nothing_is_still_a_block),
        cmocka_unit_test(resizing_keeps_the_bytes),
        cmocka_unit_test(an_array_grows_only_when_it_is_full),
        cmocka_unit_test(text_ends_with_a_zero_byte),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(large_blocks_are_apart_in_every_thread),
        cmocka_unit_test(the_armed_allocation_fails_and_only_that_one),
    };
    return cmocka_run_group_tests_name("core/mem", tests, NULL, NULL);
}
