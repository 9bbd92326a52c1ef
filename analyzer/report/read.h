/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read - a report.json read back, by whoever checks or compares reports.
 *
 * In:        a path: report.json, or the folder that holds it. The bytes come from a stranger: member names given twice
 *            are refused, so is nesting beyond ML_MAX_JSON_DEPTH and a file beyond ML_MAX_REPORT_BYTES.
 * Out:       the tree. It is JSON with a body; that it follows the schema is not promised, so the getters below answer
 *            "" or 0 for whatever is missing or of another type.
 * Lifetime:  the caller owns the file and ends it with ml_report_file_fini; trees and texts live until then.
 */
#ifndef MITLESER_REPORT_READ_H
#define MITLESER_REPORT_READ_H

#include "core/span.h"
#include "core/status.h"

#include <jansson.h>

struct ml_report_file {
    char *path;         /* owned; of the file itself */
    char *folder;       /* owned; "." when the path names none */
    json_t *root;       /* owned */
    const json_t *body; /* borrowed from root */
};

/* ML_IO, ML_BAD_INPUT (no report), ML_LIMIT, ML_NO_MEMORY; *file is then empty. */
enum ml_status ml_report_read(const char *path, struct ml_report_file *file, struct ml_error *error) ML_MUST_USE;
void ml_report_file_fini(struct ml_report_file *file);

/* Is integrity.body_sha256 that of the body? ML_BAD_INPUT: it is not, or cannot be. */
enum ml_status ml_report_check(const struct ml_report_file *file, struct ml_error *error) ML_MUST_USE;

/* Path of report.json and its folder, as ml_report_read finds them; both given. False: out of memory. */
bool ml_report_locate(const char *path, char **file, char **folder) ML_MUST_USE;

/* Loads JSON text with the same strictness; `name` stands for the file in errors. Gives the tree. */
enum ml_status ml_report_parse(const char *name, struct ml_span text, json_t **root,
                               struct ml_error *error) ML_MUST_USE;

/* The member at a path of names ("tool.rules.sha256"), or NULL. */
const json_t *ml_report_get(const json_t *object, const char *path);
const char *ml_report_text_of(const json_t *object, const char *path);
/* Integers, and the strings that stand for large ones. */
uint64_t ml_report_number_of(const json_t *object, const char *path);

#endif
