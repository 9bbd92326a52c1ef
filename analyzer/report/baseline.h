/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baseline - what is new since an earlier report, and what is gone.
 *
 * In:        the report at hand, and an earlier one read back (report/read.h).
 * Out:       `report->baseline`: things that only one of both shows, told apart as `compare` does (report/compare.h),
 *            and a mark for each app, endpoint and finding that the earlier report does not have.
 * Invariant: addresses and numbers of flows change from run to run, so an endpoint is known by its name, else by its
 *            network, else by its prefix; a finding by its rule and subject, and where the subject is a flow or a value
 *            of one run, by its rule and app.
 * Lifetime:  all of it lives in the report's arena.
 */
#ifndef MITLESER_REPORT_BASELINE_H
#define MITLESER_REPORT_BASELINE_H

#include "core/digest.h"
#include "report/compare.h"
#include "report/model.h"

struct ml_baseline_row {
    enum ml_compare_kind kind;
    struct ml_span key;
    bool is_new; /* else it is gone */
};

struct ml_baseline {
    char body_sha256[ML_SHA256_HEX]; /* of the earlier body, in canonical form */
    const char *version;             /* of the program that made it */
    const char *rules_sha256;
    bool is_complete; /* it lists all its endpoints; else one that is called new may have been there */
    size_t n_rows;
    struct ml_baseline_row *rows; /* by kind, then by key */
    size_t n_apps, n_endpoints, n_findings;
    bool *is_new_app; /* by index of the report */
    bool *is_new_endpoint;
    bool *is_new_finding;
};

/* Sets report->baseline; the report's options and case are to be there before. ML_NO_MEMORY, ML_LIMIT, ML_BAD_INPUT. */
enum ml_status ml_baseline_mark(struct ml_report *report, const struct ml_report_file *earlier,
                                struct ml_error *error) ML_MUST_USE;

/* False without a baseline. */
bool ml_is_new_app(const struct ml_report *report, size_t index);
bool ml_is_new_endpoint(const struct ml_report *report, size_t index);
bool ml_is_new_finding(const struct ml_report *report, size_t index);

#endif
