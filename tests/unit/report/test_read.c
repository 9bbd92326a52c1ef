/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "report/read.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/scratch.h"

#define REPORT                                                                                                         \
    "{\"schema\":\"urn:mitleser:schema:report:1\",\"body\":{\"n\":7,\"big\":\"9007199254740993\",\"a\":{\"t\":\"x\"}}" \
    "}"

static void a_report_is_found_by_its_path_and_by_its_folder(void **state)
{
    (void)state;
    struct scratch scratch;
    struct ml_error error = {0};
    scratch_init(&scratch);
    scratch_text(&scratch, "out/report.json", REPORT);
    static const char *const paths[] = {"out", "out/report.json"};
    for (int i = 0; i < 2; i++) {
        struct ml_report_file file;
        assert_int_equal(ml_report_read(scratch_path(&scratch, paths[i]), &file, &error), ML_OK);
        assert_string_equal(file.folder, scratch_path(&scratch, "out"));
        assert_string_equal(file.path, scratch_path(&scratch, "out/report.json"));
        assert_int_equal(ml_report_number_of(file.body, "n"), 7);
        assert_int_equal(ml_report_number_of(file.body, "big"), UINT64_C(9007199254740993));
        assert_string_equal(ml_report_text_of(file.root, "body.a.t"), "x");
        ml_report_file_fini(&file);
    }
    scratch_fini(&scratch);
}

static void what_is_missing_or_of_another_type_is_empty(void **state)
{
    (void)state;
    json_t *root = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_report_parse("t", ml_span_text(REPORT), &root, &error), ML_OK);
    assert_string_equal(ml_report_text_of(root, "body.n"), "");
    assert_string_equal(ml_report_text_of(root, "body.n.x"), "");
    assert_string_equal(ml_report_text_of(root, "nothing"), "");
    assert_int_equal(ml_report_number_of(root, "schema"), 0);
    assert_int_equal(ml_report_number_of(root, "body"), 0);
    assert_null(ml_report_get(NULL, "a"));
    json_decref(root);
}

static void refuse(const char *text, enum ml_status wanted)
{
    struct scratch scratch;
    struct ml_report_file file;
    struct ml_error error = {0};
    scratch_init(&scratch);
    scratch_text(&scratch, "report.json", text);
    assert_int_equal(ml_report_read(scratch_path(&scratch, "report.json"), &file, &error), wanted);
    assert_null(file.root);
    assert_string_not_equal(error.text, "");
    assert_string_equal(error.file, scratch_path(&scratch, "report.json"));
    scratch_fini(&scratch);
}

static void what_is_no_report_is_refused(void **state)
{
    (void)state;
    refuse("", ML_BAD_INPUT);
    refuse("{", ML_BAD_INPUT);
    refuse("[]", ML_BAD_INPUT);
    refuse("{\"body\":{}}", ML_BAD_INPUT);
    refuse("{\"schema\":\"urn:mitleser:schema:report:2\",\"body\":{}}", ML_BAD_INPUT);
    refuse("{\"schema\":\"urn:mitleser:schema:report:1\",\"body\":[]}", ML_BAD_INPUT);
    refuse("{\"schema\":\"urn:mitleser:schema:report:1\",\"body\":{}} x", ML_BAD_INPUT);
    refuse("{\"schema\":\"urn:mitleser:schema:report:1\",\"body\":{\"a\":\"\xff\"}}", ML_BAD_INPUT);
}

static void a_member_given_twice_is_refused(void **state)
{
    (void)state;
    refuse("{\"schema\":\"urn:mitleser:schema:report:1\",\"body\":{\"a\":1,\"a\":2}}", ML_BAD_INPUT);
}

static void nesting_beyond_the_ceiling_is_refused(void **state)
{
    (void)state;
    char text[4 * ML_MAX_JSON_DEPTH] = "{\"schema\":\"urn:mitleser:schema:report:1\",\"body\":{},\"x\":";
    size_t n = strlen(text);
    memset(text + n, '[', ML_MAX_JSON_DEPTH);
    memset(text + n + ML_MAX_JSON_DEPTH, ']', ML_MAX_JSON_DEPTH);
    text[n + 2 * ML_MAX_JSON_DEPTH] = '}';
    struct ml_error error = {0};
    json_t *root = NULL;
    assert_int_equal(ml_report_parse("t", ml_span_text(text), &root, &error), ML_OK);
    json_decref(root);
    memset(text + n, '[', ML_MAX_JSON_DEPTH + 1);
    memset(text + n + ML_MAX_JSON_DEPTH + 1, ']', ML_MAX_JSON_DEPTH + 1);
    text[n + 2 * ML_MAX_JSON_DEPTH + 2] = '}';
    refuse(text, ML_LIMIT);
}

static void a_path_that_is_not_there_is_an_io_error(void **state)
{
    (void)state;
    struct ml_report_file file;
    struct ml_error error = {0};
    assert_int_equal(ml_report_read("/nonexistent/report.json", &file, &error), ML_IO);
    assert_null(file.path);
}

static void parse_any(void *context, struct ml_span bytes)
{
    (void)context;
    json_t *root = NULL;
    struct ml_error error = {0};
    enum ml_status status = ml_report_parse("t", bytes, &root, &error);
    assert_true((status == ML_OK) == (root != NULL));
    json_decref(root);
}

static void damaged_text_gives_a_tree_or_an_error(void **state)
{
    (void)state;
    sweep_truncations(ml_span_text(REPORT), parse_any, NULL);
    sweep_bit_flips(ml_span_text(REPORT), parse_any, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_found_by_its_path_and_by_its_folder),
        cmocka_unit_test(what_is_missing_or_of_another_type_is_empty),
        cmocka_unit_test(what_is_no_report_is_refused),
        cmocka_unit_test(a_member_given_twice_is_refused),
        cmocka_unit_test(nesting_beyond_the_ceiling_is_refused),
        cmocka_unit_test(a_path_that_is_not_there_is_an_io_error),
        cmocka_unit_test(damaged_text_gives_a_tree_or_an_error),
    };
    return cmocka_run_group_tests_name("report/read", tests, NULL, NULL);
}
