/* SPDX-License-Identifier: Apache-2.0 */
#include "core/path.h"

#include "core/mem.h"
#include "support/cm.h"

static void one_slash_stands_between_folder_and_name(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *expected;
    } cases[] = {{"a", "a/b"}, {"a/", "a/b"}, {"a//", "a/b"}, {"/a/c", "/a/c/b"}, {"/", "/b"}, {".", "./b"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = ml_path_join(cases[i].folder, "b");
        assert_string_equal(path, cases[i].expected);
        ml_mem_free(path);
    }
    ml_mem_fail_at(1);
    assert_null(ml_path_join("a", "b"));
}

static void the_base_stands_behind_the_last_slash(void **state)
{
    (void)state;
    assert_string_equal(ml_path_base("/a/b.pcap"), "b.pcap");
    assert_string_equal(ml_path_base("b.pcap"), "b.pcap");
    assert_string_equal(ml_path_base("a/"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slash_stands_between_folder_and_name),
        cmocka_unit_test(the_base_stands_behind_the_last_slash),
    };
    return cmocka_run_group_tests_name("core/path", tests, NULL, NULL);
}
