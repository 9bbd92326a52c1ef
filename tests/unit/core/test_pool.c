/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.h"

#include "core/mem.h"
#include "support/cm.h"

enum { N = 1000, SIZE = 40 };

static void objects_are_zeroed_and_apart(void **state)
{
    (void)state;
    static const uint8_t zeros[SIZE];
    static uint8_t *objects[N];
    struct ml_pool pool = {0};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < N; i++) {
            objects[i] = ml_pool_get(&pool, SIZE);
            assert_non_null(objects[i]);
            assert_memory_equal(objects[i], zeros, SIZE);
            memset(objects[i], (int)(i % 255) + 1, SIZE);
        }
        for (size_t i = 0; i < N; i++) {
            for (size_t k = 0; k < SIZE; k++) {
                assert_int_equal(objects[i][k], i % 255 + 1);
            }
            ml_pool_put(&pool, objects[i]);
        }
    }
    ml_pool_fini(&pool);
}

#ifndef __SANITIZE_ADDRESS__
static void what_is_put_back_is_given_out_again(void **state)
{
    (void)state;
    struct ml_pool pool = {0};
    void *first = ml_pool_get(&pool, SIZE);
    void *second = ml_pool_get(&pool, SIZE);
    size_t total = pool.arena.total;
    ml_pool_put(&pool, first);
    ml_pool_put(&pool, NULL);
    ml_pool_put(&pool, second);
    for (int i = 0; i < N; i++) {
        void *a = ml_pool_get(&pool, SIZE);
        void *b = ml_pool_get(&pool, SIZE);
        assert_ptr_equal(a, second);
        assert_ptr_equal(b, first);
        ml_pool_put(&pool, b);
        ml_pool_put(&pool, a);
    }
    assert_int_equal(pool.arena.total, total);
    ml_pool_fini(&pool);
}
#endif

static void an_object_smaller_than_a_pointer_has_room_for_one(void **state)
{
    (void)state;
    struct ml_pool pool = {0};
    uint8_t *one = ml_pool_get(&pool, 1);
    assert_non_null(one);
    ml_pool_put(&pool, one);
    one = ml_pool_get(&pool, 1);
    assert_int_equal(*one, 0);
    ml_pool_put(&pool, one);
    ml_pool_fini(&pool);
}

static void without_memory_nothing_is_given(void **state)
{
    (void)state;
    struct ml_pool pool = {0};
    ml_mem_fail_at(1);
    assert_null(ml_pool_get(&pool, SIZE));
    ml_mem_fail_at(0);
    ml_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_zeroed_and_apart),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(what_is_put_back_is_given_out_again),
#endif
        cmocka_unit_test(an_object_smaller_than_a_pointer_has_room_for_one),
        cmocka_unit_test(without_memory_nothing_is_given),
    };
    return cmocka_run_group_tests_name("core/pool", tests, NULL, NULL);
}
