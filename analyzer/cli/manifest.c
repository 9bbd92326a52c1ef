/* SPDX-License-Identifier: Apache-2.0 */
/* The folder's manifest-sha256.txt: "<sha256>  <name>" a line, as sha256sum -c reads it. */
#include "cli/checks.h"
#include "cli/resources.h"
#include "core/digest.h"
#include "core/mem.h"
#include "core/path.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_LINE = 1024, HEX = ML_SHA256_HEX - 1 };

static const char *const documents[] = {"endpoints.ndjson", "flows.ndjson", "report.json"};
enum { N_DOCUMENTS = sizeof documents / sizeof documents[0] };

/* A path below the folder and nothing else: a manifest must not make us read elsewhere. */
static bool is_inside(const char *name)
{
    if (name[0] == '/' || name[0] == '\0') {
        return false;
    }
    for (const char *at = name; at != NULL; at = strchr(at, '/')) {
        at += at[0] == '/' ? 1 : 0;
        size_t len = strcspn(at, "/");
        if (len == 0 || (len == 1 && at[0] == '.') || (len == 2 && at[0] == '.' && at[1] == '.')) {
            return false;
        }
    }
    return true;
}

/* The name of a well-formed line without its newline, or NULL. */
static const char *name_of(const char *line)
{
    size_t n = strspn(line, "0123456789abcdef");
    return n == HEX && line[HEX] == ' ' && line[HEX + 1] == ' ' && is_inside(line + HEX + 2) ? line + HEX + 2 : NULL;
}

static void check_file(struct ml_checks *checks, const char *folder, const char *name, const char *line)
{
    struct ml_error error = {0};
    char hex[ML_SHA256_HEX];
    char *path = ml_path_join(folder, name);
    if (path == NULL || ml_sha256_file(path, hex, &error) != ML_OK) {
        ml_checks_failed(checks, "manifest: %s: %s", name, path != NULL ? error.text : "out of memory");
    } else if (strncmp(hex, line, HEX) != 0) {
        ml_checks_failed(checks, "manifest: %s: its SHA-256 is %s, the manifest says %.*s", name, hex, HEX, line);
    } else {
        ml_checks_fine(checks, "manifest: %s", name);
    }
    ml_mem_free(path);
}

static void check_line(struct ml_checks *checks, const char *folder, char *line, size_t len, unsigned number,
                       unsigned seen[N_DOCUMENTS])
{
    bool is_whole = len != 0 && line[len - 1] == '\n' && strlen(line) == len;
    line[is_whole ? len - 1 : 0] = '\0';
    const char *name = name_of(line);
    if (name == NULL) {
        ml_checks_failed(checks, "manifest: line %u is not '<sha256>  <name>'", number);
        return;
    }
    for (size_t i = 0; i < N_DOCUMENTS; i++) {
        seen[i] += strcmp(name, documents[i]) == 0 ? 1 : 0;
    }
    check_file(checks, folder, name, line);
}

/* What a folder of ours holds must be in its manifest, else lines could be cut out unseen. */
static void check_cover(struct ml_checks *checks, const char *folder, const unsigned seen[N_DOCUMENTS])
{
    for (size_t i = 0; i < N_DOCUMENTS; i++) {
        char *path = ml_path_join(folder, documents[i]);
        bool is_there = path != NULL && access(path, F_OK) == 0;
        ml_mem_free(path);
        if (is_there && seen[i] == 0) {
            ml_checks_failed(checks, "manifest: %s is in the folder, but not in the manifest", documents[i]);
        } else if (seen[i] > 1) {
            ml_checks_failed(checks, "manifest: %s is named %u times", documents[i], seen[i]);
        }
    }
}

void ml_checks_manifest(struct ml_checks *checks, const char *folder)
{
    char line[MAX_LINE];
    unsigned number = 0;
    unsigned seen[N_DOCUMENTS] = {0};
    char *path = ml_path_join(folder, "manifest-sha256.txt");
    FILE *file = path != NULL ? fopen(path, "rb") : NULL;
    int cause = errno;
    ml_mem_free(path);
    if (file == NULL && cause == ENOENT) {
        ml_checks_skipped(checks, "manifest: there is none; only the body of the report is covered by a hash");
        return;
    }
    if (file == NULL) {
        ml_checks_failed(checks, "manifest: cannot be read: %s", strerror(cause));
        return;
    }
    size_t len = 0;
    int byte = 0;
    while ((byte = getc(file)) != EOF) {
        line[len++] = (char)byte;
        if (byte == '\n' || len + 1 == sizeof line) {
            line[len] = '\0';
            check_line(checks, folder, line, len, ++number, seen);
            len = 0;
        }
    }
    if (len != 0) {
        line[len] = '\0';
        check_line(checks, folder, line, len, ++number, seen);
    }
    if (ferror(file) != 0) {
        ml_checks_failed(checks, "manifest: cannot be read to its end");
    }
    (void)fclose(file); /* only read */
    check_cover(checks, folder, seen);
}
