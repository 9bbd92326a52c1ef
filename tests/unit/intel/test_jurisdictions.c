/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/jurisdictions.h"

#include "core/mem.h"
#include "core/timefmt.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/scratch.h"

#include <stdio.h>

static struct scratch scratch;
static struct ml_jurisdictions jurisdictions;
static struct ml_error error;

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    memset(&jurisdictions, 0, sizeof jurisdictions);
    memset(&error, 0, sizeof error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ml_jurisdictions_fini(&jurisdictions);
    scratch_fini(&scratch);
    return 0;
}

static const char regime[] =
    "as_of: 2026-01-02\nregime: test\nname: A test\nrows:\n"
    "  - {country: DE, class: eea, from: 2018-05-25, unverified: true}\n"
    "  - {country: GB, class: adequate, from: 2021-06-28, until: 2031-12-27, source: a page, checked_on: 2026-01-01}\n"
    "  - {country: GB, class: eea, from: 2018-05-25, until: 2021-06-27, unverified: true}\n"
    "  - {country: US, class: partial, from: 2023-07-10, scope: some, reference: x, note: y, unverified: true}\n";

static void class_is(const char *regime_id, const char *country, const char *time, const char *wanted)
{
    int64_t time_ns = 0;
    assert_true(ml_time_parse(ml_span_text(time), &time_ns));
    assert_string_equal(ml_jurisdictions_class(&jurisdictions, regime_id, country, time_ns), wanted);
}

static void the_class_is_that_of_the_day(void **state)
{
    (void)state;
    scratch_text(&scratch, "a.yaml", regime);
    assert_int_equal(ml_jurisdictions_read(scratch.folder, &jurisdictions, &error), ML_OK);
    class_is("test", "DE", "2026-01-01", "eea");
    class_is("test", "DE", "2018-05-24T23:59:59.999999999Z", "none");
    class_is("test", "DE", "2018-05-25", "eea");
    class_is("test", "GB", "2021-06-27T23:59:59.999999999Z", "eea");
    class_is("test", "GB", "2021-06-28", "adequate");
    class_is("test", "GB", "2031-12-27T23:59:59Z", "adequate"); /* the last day counts as a whole */
    class_is("test", "GB", "2031-12-28", "none");
    class_is("test", "US", "2023-07-09", "none");
    class_is("test", "US", "2023-07-10", "partial");
    class_is("test", "CN", "2026-01-01", "none");
    assert_string_equal(jurisdictions.info.date, "2026-01-02");
}

static void what_is_no_country_or_regime_is_unknown(void **state)
{
    (void)state;
    scratch_text(&scratch, "a.yaml", regime);
    assert_int_equal(ml_jurisdictions_read(scratch.folder, &jurisdictions, &error), ML_OK);
    static const char *const countries[] = {"", "D", "DEU", "EU", "de", "??"};
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++) {
        class_is("test", countries[i], "2026-01-01", "unknown");
    }
    class_is("other", "DE", "2026-01-01", "unknown");
}

static void without_files_everything_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(ml_jurisdictions_read(scratch_path(&scratch, "none"), &jurisdictions, &error), ML_OK);
    class_is("gdpr", "DE", "2026-01-01", "unknown");
}

static void regimes_stand_side_by_side(void **state)
{
    (void)state;
    scratch_text(&scratch, "a.yaml", regime);
    scratch_text(&scratch, "b.yaml",
                 "as_of: 2026-01-02\nregime: other\nname: Other\nrows:\n"
                 "  - {country: DE, class: domestic, from: 2020-01-01, unverified: true}\n");
    assert_int_equal(ml_jurisdictions_read(scratch.folder, &jurisdictions, &error), ML_OK);
    assert_int_equal(jurisdictions.n, 2);
    class_is("test", "DE", "2026-01-01", "eea");
    class_is("other", "DE", "2026-01-01", "domestic");
    class_is("other", "GB", "2026-01-01", "none");
}

static void refused(const char *rows, const char *message)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "as_of: 2026-01-01\nregime: test\nname: T\nrows:\n%s", rows);
    scratch_text(&scratch, "a.yaml", text);
    memset(&error, 0, sizeof error);
    assert_int_equal(ml_jurisdictions_read(scratch.folder, &jurisdictions, &error), ML_BAD_INPUT);
    assert_string_equal(error.text, message);
}

static void each_contradiction_is_refused_with_its_reason(void **state)
{
    (void)state;
    refused("  - {class: eea, from: 2020-01-01, unverified: true}\n", "\"country\" is missing");
    refused("  - {country: EU, class: eea, from: 2020-01-01, unverified: true}\n",
            "\"country\" must be a country code of ISO 3166-1");
    refused("  - {country: DE, class: fine, from: 2020-01-01, unverified: true}\n",
            "\"class\" must be eea, domestic, adequate or partial");
    refused("  - {country: DE, class: eea, unverified: true}\n", "\"from\" is missing");
    refused("  - {country: DE, class: eea, from: 2020, unverified: true}\n", "\"from\" must be YYYY-MM-DD");
    refused("  - {country: DE, class: eea, from: 2020-01-02, until: 2020-01-01, unverified: true}\n",
            "\"until\" lies before \"from\"");
    refused("  - {country: DE, class: eea, from: 2020-01-01}\n", "\"source\" is missing");
    refused("  - {country: DE, class: eea, from: 2020-01-01, unverified: true, x: 1}\n", "unknown key \"x\"");
    refused("  - {country: DE, class: eea, from: 2020-01-01, until: 2020-01-31, unverified: true}\n"
            "  - {country: DE, class: eea, from: 2020-01-31, unverified: true}\n",
            "two rows of DE hold on the same day");
    refused("", "\"rows\" must be a list");
}

static void a_regime_stands_in_one_file(void **state)
{
    (void)state;
    scratch_text(&scratch, "a.yaml", regime);
    scratch_text(&scratch, "b.yaml", regime);
    assert_int_equal(ml_jurisdictions_read(scratch.folder, &jurisdictions, &error), ML_BAD_INPUT);
    assert_string_equal(error.text, "the regime \"test\" stands in two files");
}

static void read_once(void *context)
{
    (void)context;
    struct ml_jurisdictions read;
    enum ml_status status = ml_jurisdictions_read(scratch.folder, &read, NULL);
    assert_true(status == ML_OK || ml_mem_has_failed());
    if (status == ML_OK) {
        ml_jurisdictions_fini(&read);
    }
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    scratch_text(&scratch, "a.yaml", regime);
    assert_true(oom_sweep(read_once, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_class_is_that_of_the_day, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_country_or_regime_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_files_everything_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(regimes_stand_side_by_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_contradiction_is_refused_with_its_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_regime_stands_in_one_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(running_out_of_memory_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("intel/jurisdictions", tests, NULL, NULL);
}
