/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/datasets.h"

#include "core/mem.h"
#include "intel/folder.h"
#include "support/cm.h"
#include "support/datafolder.h"
#include "support/kit.h"

#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;
static struct ml_datasets datasets;

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    memset(&datasets, 0, sizeof datasets);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ml_datasets_fini(&datasets);
    scratch_fini(&scratch);
    return 0;
}

static void open_folder(void)
{
    ml_datasets_fini(&datasets);
    assert_int_equal(ml_datasets_open(scratch.folder, &datasets, NULL), ML_OK);
}

static void row_is(enum ml_data data, bool is_present, const char *problem)
{
    assert_int_equal(datasets.rows[data].is_present, is_present);
    assert_string_equal(datasets.rows[data].problem, problem);
}

static const char *const two_sets[] = {"tor-geoip geoip geoip6", "psl public_suffix_list.dat", NULL};

static void write_two_sets(void)
{
    scratch_text(&scratch, "tor-geoip/geoip", "1,2,DE\n");
    scratch_text(&scratch, "tor-geoip/geoip6", "");
    scratch_text(&scratch, "psl/public_suffix_list.dat", "com\n");
    datafolder_manifest(&scratch, two_sets);
}

static void what_the_manifest_tells_is_told(void **state)
{
    (void)state;
    write_two_sets();
    open_folder();
    row_is(ML_DATA_TOR_GEOIP, true, "");
    const struct ml_dataset *row = &datasets.rows[ML_DATA_TOR_GEOIP];
    assert_string_equal(row->id, "tor-geoip");
    assert_string_equal(row->name, "Test set tor-geoip");
    assert_string_equal(row->edition, "1.2");
    assert_string_equal(row->date, "2026-01-02");
    assert_string_equal(row->licence, "CC0-1.0");
    assert_int_equal(strlen(row->sha256), 64);
    assert_string_not_equal(row->needed_for, "");
    row_is(ML_DATA_PSL, true, "");
    row_is(ML_DATA_DBIP, false, "not fetched");
    assert_string_equal(datasets.rows[ML_DATA_DBIP].id, "dbip-country");
}

static void without_a_folder_every_row_says_so(void **state)
{
    (void)state;
    const char *const folders[] = {NULL, "", scratch_path(&scratch, "missing"), scratch.folder};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        ml_datasets_fini(&datasets);
        assert_int_equal(ml_datasets_open(folders[i], &datasets, NULL), ML_OK);
        for (size_t k = 0; k < ML_N_DATA; k++) {
            row_is((enum ml_data)k, false, "no data folder");
            assert_string_not_equal(datasets.rows[k].needed_for, "");
        }
    }
}

static void a_manifest_that_is_no_json_is_no_manifest(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "{", "[]", "{\"datasets\":7}", "{\"datasets\":[7,{\"id\":7}]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        scratch_text(&scratch, "MANIFEST.json", bad[i]);
        open_folder();
        for (int k = 0; k < ML_N_FETCHED; k++) {
            assert_false(datasets.rows[k].is_present);
        }
    }
}

static void a_changed_file_is_not_used(void **state)
{
    (void)state;
    write_two_sets();
    scratch_text(&scratch, "tor-geoip/geoip", "1,2,FR\n"); /* same size */
    open_folder();
    row_is(ML_DATA_TOR_GEOIP, false, "a file differs from the one that was fetched");
    row_is(ML_DATA_PSL, true, "");
    assert_int_equal(unlink(scratch_path(&scratch, "psl/public_suffix_list.dat")), 0);
    open_folder();
    row_is(ML_DATA_PSL, false, "a file is missing");
}

static void a_change_behind_a_remembered_digest_is_noticed(void **state)
{
    (void)state;
    write_two_sets();
    open_folder();
    struct stat st;
    assert_int_equal(stat(scratch_path(&scratch, "cache/verified"), &st), 0);
    open_folder(); /* by the stamps now */
    row_is(ML_DATA_TOR_GEOIP, true, "");
    assert_int_equal(unlink(scratch_path(&scratch, "tor-geoip/geoip")), 0);
    scratch_text(&scratch, "tor-geoip/geoip", "1,2,FR\n");
    open_folder();
    row_is(ML_DATA_TOR_GEOIP, false, "a file differs from the one that was fetched");
}

static void a_manifest_cannot_name_other_files(void **state)
{
    (void)state;
    scratch_text(&scratch, "secret", "x");
    scratch_text(&scratch, "MANIFEST.json",
                 "{\"datasets\":[{\"id\":\"psl\",\"files\":[{\"path\":\"../secret\",\"sha256\":\"00\"}]}]}");
    open_folder();
    row_is(ML_DATA_PSL, false, "a file is not in the manifest");
}

static void keys_follow_the_digests_of_the_files(void **state)
{
    (void)state;
    static const enum ml_data sets[] = {ML_DATA_TOR_GEOIP, ML_DATA_PSL};
    write_two_sets();
    open_folder();
    uint8_t first[32];
    uint8_t again[32];
    assert_true(ml_datasets_key(&datasets, "form", sets, 2, first));
    assert_true(ml_datasets_key(&datasets, "form", sets, 2, again));
    assert_memory_equal(first, again, sizeof first);
    assert_true(ml_datasets_key(&datasets, "other form", sets, 2, again));
    assert_memory_not_equal(first, again, sizeof first);
    assert_true(ml_datasets_key(&datasets, "form", sets, 1, again));
    assert_memory_not_equal(first, again, sizeof first);
    ml_datasets_drop(&datasets, ML_DATA_PSL, "for a test");
    row_is(ML_DATA_PSL, false, "for a test");
    assert_true(ml_datasets_key(&datasets, "form", sets, 2, again));
    assert_memory_not_equal(first, again, sizeof first);
    scratch_text(&scratch, "tor-geoip/geoip", "1,2,FR\n");
    datafolder_manifest(&scratch, two_sets);
    open_folder();
    assert_true(ml_datasets_key(&datasets, "form", sets, 2, again));
    assert_memory_not_equal(first, again, sizeof first);
}

static void own_tables_are_told_like_data_sets(void **state)
{
    (void)state;
    open_folder();
    struct ml_folder_info info = {.n_files = 2, .date = "2026-03-04"};
    memset(info.sha256, 'a', 64);
    ml_datasets_own(&datasets, ML_DATA_OPERATORS, &info);
    row_is(ML_DATA_OPERATORS, true, "");
    assert_string_equal(datasets.rows[ML_DATA_OPERATORS].date, "2026-03-04");
    assert_string_equal(datasets.rows[ML_DATA_OPERATORS].sha256, info.sha256);
    ml_datasets_own(&datasets, ML_DATA_TRACKERS, &(struct ml_folder_info){.n_files = 0});
    row_is(ML_DATA_TRACKERS, false, "the folder holds no table");
}

static void open_once(void *context)
{
    (void)context;
    struct ml_datasets opened;
    enum ml_status status = ml_datasets_open(scratch.folder, &opened, NULL);
    assert_true(status == ML_OK || ml_mem_has_failed());
    ml_datasets_fini(&opened);
}

static void running_out_of_memory_breaks_nothing(void **state)
{
    (void)state;
    write_two_sets();
    assert_true(oom_sweep(open_once, NULL) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_manifest_tells_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_folder_every_row_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_manifest_that_is_no_json_is_no_manifest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_file_is_not_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_behind_a_remembered_digest_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_manifest_cannot_name_other_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_follow_the_digests_of_the_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(own_tables_are_told_like_data_sets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(running_out_of_memory_breaks_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("intel/datasets", tests, NULL, NULL);
}
