/* SPDX-License-Identifier: Apache-2.0 */
#include "report/write.h"
#include "support/cm.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/mitleser-outfile-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails when a test left something behind */
}

static void path_of(const char *name, char path[128])
{
    (void)snprintf(path, 128, "%s/%s", folder, name);
}

static bool exists(const char *name)
{
    char path[128];
    path_of(name, path);
    return access(path, F_OK) == 0;
}

static void nothing_is_seen_before_the_commit(void **state)
{
    (void)state;
    struct ml_outfile *file = NULL;
    struct ml_error error = {0};
    char path[128];
    assert_int_equal(ml_outfile_open(folder, "a.json", &file, &error), ML_OK);
    assert_int_equal(ml_outfile_write(file, ml_span_text("whole"), &error), ML_OK);
    assert_false(exists("a.json"));
    assert_int_equal(ml_outfile_commit(file, &error), ML_OK);
    path_of("a.json", path);
    char text[16] = "";
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    assert_int_equal(fread(text, 1, sizeof text, in), 5);
    assert_memory_equal(text, "whole", 5);
    assert_int_equal(fclose(in), 0);
    assert_false(exists("a.json.part"));
    assert_int_equal(unlink(path), 0);
}

static void an_abort_leaves_what_was_there(void **state)
{
    (void)state;
    struct ml_outfile *file = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_outfile_open(folder, "b.json", &file, &error), ML_OK);
    assert_int_equal(ml_outfile_write(file, ml_span_text("half"), &error), ML_OK);
    ml_outfile_abort(file);
    assert_false(exists("b.json"));
    assert_false(exists("b.json.part"));
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct ml_outfile *file = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_outfile_open("/nonexistent", "c.json", &file, &error), ML_IO);
    assert_null(file);
    assert_string_equal(error.file, "/nonexistent/c.json");
}

static void a_place_taken_by_a_folder_fails_and_cleans_up(void **state)
{
    (void)state;
    struct ml_outfile *file = NULL;
    struct ml_error error = {0};
    char path[128];
    path_of("d.json", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(ml_outfile_open(folder, "d.json", &file, &error), ML_OK);
    assert_int_equal(ml_outfile_commit(file, &error), ML_IO);
    assert_false(exists("d.json.part"));
    assert_int_equal(rmdir(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_seen_before_the_commit),
        cmocka_unit_test(an_abort_leaves_what_was_there),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(a_place_taken_by_a_folder_fails_and_cleans_up),
    };
    return cmocka_run_group_tests_name("report/outfile", tests, make_folder, remove_folder);
}
