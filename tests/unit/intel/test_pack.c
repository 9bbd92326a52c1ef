/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/pack.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t key[ML_PACK_KEY] = "a key";
static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_fini(&scratch);
    return 0;
}

static void make(const char *path, struct ml_pack *pack)
{
    const struct ml_span sections[] = {ml_span_text("first"), ml_span_of(NULL, 0), ml_span_text("the third section")};
    assert_int_equal(ml_pack_make(path, key, sections, 3, pack), ML_OK);
}

static void holds_the_sections(const struct ml_pack *pack)
{
    assert_int_equal(pack->n, 3);
    assert_span_text(pack->sections[0], "first");
    assert_int_equal(pack->sections[1].len, 0);
    assert_span_text(pack->sections[2], "the third section");
    for (size_t i = 0; i < pack->n; i++) {
        assert_int_equal((uintptr_t)pack->sections[i].ptr % 16, 0);
    }
}

static void a_saved_pack_is_found_again(void **state)
{
    (void)state;
    const char *path = scratch_path(&scratch, "a.pack");
    struct ml_pack pack;
    make(path, &pack);
    holds_the_sections(&pack);
    ml_pack_close(&pack);
    assert_true(ml_pack_open(path, key, 3, &pack));
    holds_the_sections(&pack);
    ml_pack_close(&pack);
    ml_pack_close(&pack); /* twice is once */
}

static void a_pack_lives_in_memory_when_it_cannot_be_saved(void **state)
{
    (void)state;
    struct ml_pack pack;
    make(NULL, &pack);
    holds_the_sections(&pack);
    ml_pack_close(&pack);
    make(scratch_path(&scratch, "no-such-folder/a.pack"), &pack);
    holds_the_sections(&pack);
    ml_pack_close(&pack);
    assert_false(ml_pack_open(scratch_path(&scratch, "no-such-folder/a.pack"), key, 3, &pack));
}

static void another_key_or_shape_is_no_pack(void **state)
{
    (void)state;
    const char *path = scratch_path(&scratch, "a.pack");
    struct ml_pack pack;
    make(path, &pack);
    ml_pack_close(&pack);
    static const uint8_t other[ML_PACK_KEY] = "another key";
    assert_false(ml_pack_open(path, other, 3, &pack));
    assert_false(ml_pack_open(path, key, 2, &pack));
    assert_false(ml_pack_open(path, key, ML_PACK_SECTIONS + 1, &pack));
    assert_false(ml_pack_open(scratch_path(&scratch, "missing"), key, 3, &pack));
    assert_false(ml_pack_open(scratch.folder, key, 3, &pack));
}

static uint8_t bytes[1024];

static size_t read_back(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    return n;
}

static void any_damage_is_noticed(void **state)
{
    (void)state;
    const char *path = scratch_path(&scratch, "a.pack");
    struct ml_pack pack;
    make(path, &pack);
    ml_pack_close(&pack);
    size_t size = read_back(path);
    assert_true(size < sizeof bytes);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x10;
        scratch_write(&scratch, "b.pack", ml_span_of(bytes, size));
        assert_false(ml_pack_open(scratch_path(&scratch, "b.pack"), key, 3, &pack));
        bytes[i] ^= 0x10;
    }
    for (size_t len = 0; len < size; len += 7) {
        scratch_write(&scratch, "b.pack", ml_span_of(bytes, len));
        assert_false(ml_pack_open(scratch_path(&scratch, "b.pack"), key, 3, &pack));
    }
    scratch_write(&scratch, "b.pack", ml_span_of(bytes, size));
    assert_true(ml_pack_open(scratch_path(&scratch, "b.pack"), key, 3, &pack));
    ml_pack_close(&pack);
}

static void saving_leaves_nothing_but_the_pack(void **state)
{
    (void)state;
    struct ml_pack pack;
    make(scratch_path(&scratch, "a.pack"), &pack);
    ml_pack_close(&pack);
    assert_int_equal(unlink(scratch_path(&scratch, "a.pack")), 0);
    assert_int_equal(rmdir(scratch.folder), 0); /* empty now */
    assert_int_equal(mkdir(scratch.folder, 0700), 0);
}

static void make_once(void *context)
{
    (void)context;
    struct ml_pack pack;
    const struct ml_span section = ml_span_text("x");
    enum ml_status status = ml_pack_make(NULL, key, &section, 1, &pack);
    assert_true(status == ML_OK || (status == ML_NO_MEMORY && ml_mem_has_failed()));
    ml_pack_close(&pack);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    assert_int_equal(oom_sweep(make_once, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_saved_pack_is_found_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pack_lives_in_memory_when_it_cannot_be_saved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_key_or_shape_is_no_pack, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_damage_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(saving_leaves_nothing_but_the_pack, set_up, tear_down),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("intel/pack", tests, NULL, NULL);
}
