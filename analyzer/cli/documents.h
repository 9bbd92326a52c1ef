/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents - the files of `-o DIR`: all are written beside their places and appear together, or not at all; or rows
 * on stdout.
 */
#ifndef MITLESER_CLI_DOCUMENTS_H
#define MITLESER_CLI_DOCUMENTS_H

#include "report/write.h"

enum { ML_N_DOCUMENTS = 4 };

struct ml_documents {
    const char *folder; /* NULL: no files */
    bool rows_to_stdout;
    bool made_folder; /* removed again when nothing comes into it */
    struct ml_outfile *files[ML_N_DOCUMENTS];
    struct ml_digest *digests[ML_N_DOCUMENTS];
    struct ml_error error; /* the first failure */
};

/* Opens the files (folder may be NULL). Complains and returns false when it cannot. */
bool ml_documents_open(struct ml_documents *documents, const char *folder, bool rows_to_stdout) ML_MUST_USE;

/* Row sink for the engine; context is the documents. */
bool ml_documents_rows(void *context, enum ml_category category, struct ml_span lines);

/* Writes report and manifest, then makes all files appear. False: complained, nothing appeared. */
bool ml_documents_commit(struct ml_documents *documents, struct ml_span report) ML_MUST_USE;

/* Removes what is not committed. */
void ml_documents_fini(struct ml_documents *documents);

#endif
