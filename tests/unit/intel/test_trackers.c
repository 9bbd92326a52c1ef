/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/trackers.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/scratch.h"

#include <stdio.h>

static struct scratch scratch;
static struct ml_operators operators;
static struct ml_tracker_rows rows;
static struct ml_error error;

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    memset(&rows, 0, sizeof rows);
    memset(&error, 0, sizeof error);
    scratch_text(&scratch, "operators/a.yaml",
                 "as_of: 2026-01-01\ncompanies:\n"
                 "  - {id: example, name: Example, country: DE, unverified: true}\n");
    return ml_operators_read(scratch_path(&scratch, "operators"), &operators, &error);
}

static int tear_down(void **state)
{
    (void)state;
    ml_tracker_rows_fini(&rows);
    ml_operators_fini(&operators);
    scratch_fini(&scratch);
    return 0;
}

static enum ml_status read_rows(const char *list)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "as_of: 2026-01-01\nhosts:\n%s", list);
    scratch_text(&scratch, "trackers/a.yaml", text);
    memset(&error, 0, sizeof error);
    return ml_tracker_rows_read(scratch_path(&scratch, "trackers"), &operators, &rows, &error);
}

static void rows_are_found_by_their_longest_suffix(void **state)
{
    (void)state;
    assert_int_equal(
        read_rows("  - {host: example.com, company: example, tracker: true, category: push, roles: [push]}\n"
                  "  - {host: own.example.com, tracker: false, roles: [telemetry, config]}\n"),
        ML_OK);
    size_t matched = 0;
    const struct ml_tracker_row *row = ml_tracker_rows_find(&rows, ml_span_text("a.example.com"), 11, &matched);
    assert_non_null(row);
    assert_int_equal(matched, 11);
    assert_true(row->is_tracker);
    assert_string_equal(row->category, "push");
    assert_ptr_equal(row->company, ml_operators_company(&operators, ml_span_text("example")));
    row = ml_tracker_rows_find(&rows, ml_span_text("x.own.example.com"), 11, &matched);
    assert_non_null(row);
    assert_int_equal(matched, strlen("own.example.com"));
    assert_false(row->is_tracker);
    assert_string_equal(row->category, "");
    assert_null(row->company);
    assert_int_equal(row->n_roles, 2);
    assert_string_equal(row->roles[1], "config");
    assert_null(ml_tracker_rows_find(&rows, ml_span_text("example.org"), 11, &matched));
    assert_int_equal(matched, 0);
}

static void refused(const char *row, const char *message)
{
    assert_int_equal(read_rows(row), ML_BAD_INPUT);
    assert_string_equal(error.text, message);
}

static void each_contradiction_is_refused_with_its_reason(void **state)
{
    (void)state;
    refused("  - {host: a.test}\n", "\"tracker\" must be true or false");
    refused("  - {host: a.test, tracker: perhaps}\n", "\"tracker\" must be true or false");
    refused("  - {host: a.test, tracker: true}\n", "a tracker needs a category");
    refused("  - {host: a.test, tracker: true, category: evil}\n", "unknown category \"evil\"");
    refused("  - {host: A.test, tracker: false}\n", "\"host\" must be a host name in lower case");
    refused("  - {tracker: false}\n", "\"host\" must be a host name in lower case");
    refused("  - {host: a.test, tracker: false, company: nobody}\n", "there is no company \"nobody\"");
    refused("  - {host: a.test, tracker: false, roles: [king]}\n", "not a word of \"roles\": \"king\"");
    refused("  - {host: a.test, tracker: false}\n  - {host: a.test, tracker: false}\n",
            "this host stands in another row as well");
    refused("  - {host: a.test, tracker: false, x: 1}\n", "unknown key \"x\"");
    refused("  x: 1\n", "\"hosts\" must be a list");
}

static void listed_categories_become_ours(void **state)
{
    (void)state;
    assert_string_equal(ml_tracker_category("ad"), "advertising");
    assert_string_equal(ml_tracker_category("marketing"), "engagement");
    assert_string_equal(ml_tracker_category("cdn"), "");
    assert_string_equal(ml_tracker_category(""), "");
}

static void read_once(void *context)
{
    (void)context;
    struct ml_tracker_rows read;
    enum ml_status status = ml_tracker_rows_read(scratch_path(&scratch, "trackers"), &operators, &read, NULL);
    assert_true(status == ML_OK || ml_mem_has_failed());
    if (status == ML_OK) {
        ml_tracker_rows_fini(&read);
    }
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    scratch_text(&scratch, "trackers/a.yaml", "as_of: 2026-01-01\nhosts:\n  - {host: a.test, tracker: false}\n");
    assert_true(oom_sweep(read_once, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_found_by_their_longest_suffix, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_contradiction_is_refused_with_its_reason, set_up, tear_down),
        cmocka_unit_test(listed_categories_become_ours),
        cmocka_unit_test_setup_teardown(running_out_of_memory_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("intel/trackers", tests, NULL, NULL);
}
