/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write - the report as documents.
 *
 * report.json: canonical body (RFC 8785), run, integrity; checked against reports/schema/report.schema.json in tests.
 * flows.ndjson and endpoints.ndjson: one flat object a line, keys as in core/field.def.
 * Terminal: a summary that can be read in ten seconds.
 * Personal values are masks here (report/mask.h); nothing writes them out in full.
 */
#ifndef MITLESER_REPORT_WRITE_H
#define MITLESER_REPORT_WRITE_H

#include "report/model.h"

#include <stdio.h>

/* Appends the whole report.json to `out`. */
enum ml_status ml_report_json(const struct ml_report *report, const struct ml_run *run, struct ml_buf *out) ML_MUST_USE;

/* Only the canonical body, as hashed into integrity.body_sha256. */
enum ml_status ml_report_body(const struct ml_report *report, struct ml_buf *out) ML_MUST_USE;

/* Appends one row and its newline. NETWORK and PERSONAL values as the tier wants them. */
void ml_ndjson_row(const struct ml_record *record, struct ml_buf *out);

struct ml_locale;

struct ml_text_style {
    bool has_colour;
    unsigned width;                 /* columns */
    const struct ml_locale *locale; /* the language; not NULL */
};

/* Appends the terminal summary. */
enum ml_status ml_report_text(const struct ml_report *report, const struct ml_text_style *style,
                              struct ml_buf *out) ML_MUST_USE;

/*
 * A document that is written beside its place and renamed when whole, so that nothing half-written is ever seen.
 * ml_outfile_abort removes what is there; both end the outfile.
 */
struct ml_outfile;
enum ml_status ml_outfile_open(const char *folder, const char *name, struct ml_outfile **out,
                               struct ml_error *error) ML_MUST_USE;
enum ml_status ml_outfile_write(struct ml_outfile *file, struct ml_span bytes, struct ml_error *error) ML_MUST_USE;
enum ml_status ml_outfile_commit(struct ml_outfile *file, struct ml_error *error) ML_MUST_USE;
void ml_outfile_abort(struct ml_outfile *file); /* NULL is fine */

#endif
