/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

static void appends_add_up(void **state)
{
    (void)state;
    struct ml_buf buf;
    ml_buf_init(&buf, 4096);
    assert_true(ml_buf_add_text(&buf, "a"));
    assert_true(ml_buf_add_span(&buf, ml_span_of("b\0", 2)));
    assert_true(ml_buf_add_byte(&buf, 'c'));
    assert_true(ml_buf_add(&buf, NULL, 0));
    assert_true(ml_buf_printf(&buf, "%s-%d", "x", 42));
    assert_int_equal(buf.len, 8);
    assert_memory_equal(buf.bytes, "ab\0cx-42", 8);
    for (int i = 0; i < 1000; i++) {
        assert_true(ml_buf_printf(&buf, "%03d", i));
    }
    assert_memory_equal(ml_buf_span(&buf).ptr + 8 + 2997, "999", 3);
    ml_buf_fini(&buf);
}

static void the_ceiling_latches_and_keeps_what_was_there(void **state)
{
    (void)state;
    struct ml_buf buf;
    ml_buf_init(&buf, 4);
    assert_true(ml_buf_add_text(&buf, "abc"));
    assert_false(ml_buf_add_text(&buf, "de"));
    assert_true(buf.failed);
    assert_false(ml_buf_add_byte(&buf, 'd')); /* would fit, but something is missing before it */
    assert_span_text(ml_buf_span(&buf), "abc");
    assert_null(ml_buf_take_text(&buf));
    ml_buf_clear(&buf);
    assert_true(ml_buf_add_text(&buf, "wxyz"));
    assert_false(ml_buf_add_byte(&buf, '!'));
    assert_false(ml_buf_reserve(&buf, SIZE_MAX));
    ml_buf_fini(&buf);
}

static void dropping_moves_the_rest_to_the_front(void **state)
{
    (void)state;
    struct ml_buf buf;
    ml_buf_init(&buf, 100);
    assert_true(ml_buf_add_text(&buf, "abcdef"));
    ml_buf_drop(&buf, 0);
    ml_buf_drop(&buf, 4);
    assert_span_text(ml_buf_span(&buf), "ef");
    ml_buf_drop(&buf, 99);
    assert_int_equal(buf.len, 0);
    ml_buf_drop(&buf, 1);
    ml_buf_fini(&buf);
    ml_buf_drop(&buf, 1);
}

static void taken_text_belongs_to_the_caller(void **state)
{
    (void)state;
    struct ml_buf buf;
    ml_buf_init(&buf, 100);
    assert_true(ml_buf_add_text(&buf, "mine"));
    char *text = ml_buf_take_text(&buf);
    assert_string_equal(text, "mine");
    assert_null(buf.bytes);
    assert_int_equal(buf.max, 100);
    assert_true(ml_buf_add_text(&buf, "again"));
    assert_string_equal(text, "mine");
    ml_mem_free(text);
    ml_buf_fini(&buf);
}

static void fill(void *context)
{
    (void)context;
    struct ml_buf buf;
    ml_buf_init(&buf, 10000);
    for (int i = 0; i < 100; i++) {
        (void)ml_buf_add_text(&buf, "0123456789");
        (void)ml_buf_printf(&buf, "%d", i);
    }
    assert_int_equal(buf.failed, ml_mem_has_failed());
    ml_buf_fini(&buf);
}

static void running_out_of_memory_latches(void **state)
{
    (void)state;
    assert_true(oom_sweep(fill, NULL) >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_add_up),
        cmocka_unit_test(the_ceiling_latches_and_keeps_what_was_there),
        cmocka_unit_test(dropping_moves_the_rest_to_the_front),
        cmocka_unit_test(taken_text_belongs_to_the_caller),
        cmocka_unit_test(running_out_of_memory_latches),
    };
    return cmocka_run_group_tests_name("core/buf", tests, NULL, NULL);
}
