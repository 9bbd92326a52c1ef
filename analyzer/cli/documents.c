/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/documents.h"

#include "cli/command.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLOWS, ENDPOINTS, REPORT, MANIFEST };

static const char *const names[ML_N_DOCUMENTS] = {"flows.ndjson", "endpoints.ndjson", "report.json",
                                                  "manifest-sha256.txt"};

static bool make_folder(struct ml_documents *documents, const char *folder)
{
    if (mkdir(folder, 0777) == 0) {
        documents->made_folder = true;
        return true;
    }
    if (errno == EEXIST) {
        return true;
    }
    ml_complain("%s: cannot be made: %s", folder, strerror(errno));
    return false;
}

bool ml_documents_open(struct ml_documents *documents, const char *folder, bool rows_to_stdout)
{
    *documents = (struct ml_documents){.folder = folder, .rows_to_stdout = rows_to_stdout};
    if (folder == NULL) {
        return true;
    }
    if (!make_folder(documents, folder)) {
        return false;
    }
    for (unsigned i = 0; i < ML_N_DOCUMENTS; i++) {
        documents->digests[i] = ml_digest_new();
        if (documents->digests[i] == NULL ||
            ml_outfile_open(folder, names[i], &documents->files[i], &documents->error) != ML_OK) {
            ml_complain_error(&documents->error);
            return false;
        }
    }
    return true;
}

static bool put(struct ml_documents *documents, unsigned document, struct ml_span bytes)
{
    if (!ml_digest_feed(documents->digests[document], bytes)) {
        (void)ml_error_set(&documents->error, ML_IO, "SHA-256 failed");
        return false;
    }
    return ml_outfile_write(documents->files[document], bytes, &documents->error) == ML_OK;
}

bool ml_documents_rows(void *context, enum ml_category category, struct ml_span lines)
{
    struct ml_documents *documents = context;
    if (documents->folder != NULL) {
        return put(documents, category == ML_CAT_FLOW ? FLOWS : ENDPOINTS, lines);
    }
    if (lines.len != 0 && fwrite(lines.ptr, 1, lines.len, stdout) != lines.len) {
        (void)ml_error_set(&documents->error, ML_IO, "stdout cannot be written: %s", strerror(errno));
        return false;
    }
    return true;
}

/* "<sha256>  <name>" a line, as sha256sum -c reads it; the manifest itself is not in it. */
static bool put_manifest(struct ml_documents *documents)
{
    static const unsigned by_name[] = {ENDPOINTS, FLOWS, REPORT};
    for (unsigned i = 0; i < sizeof by_name / sizeof by_name[0]; i++) {
        char hex[ML_SHA256_HEX];
        char line[128];
        if (!ml_digest_hex(documents->digests[by_name[i]], hex)) {
            (void)ml_error_set(&documents->error, ML_IO, "SHA-256 failed");
            return false;
        }
        int len = snprintf(line, sizeof line, "%s  %s\n", hex, names[by_name[i]]);
        if (!put(documents, MANIFEST, ml_span_of(line, (size_t)len))) {
            return false;
        }
    }
    return true;
}

bool ml_documents_commit(struct ml_documents *documents, struct ml_span report)
{
    bool ok = true;
    if (documents->folder != NULL) {
        ok = put(documents, REPORT, report) && put_manifest(documents);
        for (unsigned i = 0; ok && i < ML_N_DOCUMENTS; i++) {
            struct ml_outfile *file = documents->files[i];
            documents->files[i] = NULL; /* ended by the commit */
            ok = ml_outfile_commit(file, &documents->error) == ML_OK;
        }
    }
    if (!ok) {
        ml_complain_error(&documents->error);
        return false;
    }
    documents->made_folder = false; /* it stays */
    return true;
}

void ml_documents_fini(struct ml_documents *documents)
{
    for (unsigned i = 0; i < ML_N_DOCUMENTS; i++) {
        ml_outfile_abort(documents->files[i]);
        ml_digest_free(documents->digests[i]);
    }
    if (documents->made_folder) {
        (void)rmdir(documents->folder); /* only if empty: files that appeared keep it */
    }
}
