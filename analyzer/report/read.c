/* SPDX-License-Identifier: Apache-2.0 */
#include "report/read.h"

#include "core/buf.h"
#include "core/digest.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/path.h"
#include "core/text.h"
#include "report/canonical.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

bool ml_report_locate(const char *path, char **file, char **folder)
{
    struct stat st;
    const char *slash = strrchr(path, '/');
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        *folder = ml_mem_text(path, strlen(path));
        *file = ml_path_join(path, "report.json");
    } else {
        *file = ml_mem_text(path, strlen(path));
        *folder = slash == NULL   ? ml_mem_text(".", 1)
                  : slash == path ? ml_mem_text("/", 1)
                                  : ml_mem_text(path, (size_t)(slash - path));
    }
    if (*file != NULL && *folder != NULL) {
        return true;
    }
    ml_mem_free(*file);
    ml_mem_free(*folder);
    *file = *folder = NULL;
    return false;
}

static enum ml_status read_all(const char *path, struct ml_buf *out, struct ml_error *error)
{
    uint8_t block[65536];
    size_t n = 0;
    FILE *file = fopen(path, "rb");
    ml_error_at(error, path, 0, 0);
    if (file == NULL) {
        return ml_error_set(error, ML_IO, "cannot be read: %s", strerror(errno));
    }
    errno = 0;
    while ((n = fread(block, 1, sizeof block, file)) != 0 && ml_buf_add(out, block, n)) {
    }
    bool is_broken = ferror(file) != 0;
    int cause = errno;
    (void)fclose(file); /* only read */
    if (is_broken) {
        return ml_error_set(error, ML_IO, "cannot be read: %s", strerror(cause));
    }
    return out->failed ? ml_error_set(error, ML_LIMIT, "larger than %d bytes, or than memory", (int)ML_MAX_REPORT_BYTES)
                       : ML_OK;
}

static bool is_deeper(const json_t *value, unsigned depth)
{
    if (depth > ML_MAX_JSON_DEPTH) {
        return true;
    }
    const char *name = NULL;
    json_t *item = NULL;
    size_t i = 0;
    json_object_foreach((json_t *)(uintptr_t)value, name, item)
    { /* only reads; jansson's iterators lack const */
        if (is_deeper(item, depth + 1)) {
            return true;
        }
    }
    json_array_foreach(value, i, item)
    {
        if (is_deeper(item, depth + 1)) {
            return true;
        }
    }
    return false;
}

enum ml_status ml_report_parse(const char *name, struct ml_span text, json_t **root, struct ml_error *error)
{
    json_error_t cause = {.line = 0};
    *root = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &cause);
    ml_error_at(error, name, cause.line > 0 ? (unsigned)cause.line : 0, cause.column > 0 ? (unsigned)cause.column : 0);
    if (*root == NULL) {
        return ml_error_set(error, ML_BAD_INPUT, "not JSON: %s", cause.text);
    }
    if (is_deeper(*root, 0)) {
        json_decref(*root);
        *root = NULL;
        return ml_error_set(error, ML_LIMIT, "nested deeper than %d", (int)ML_MAX_JSON_DEPTH);
    }
    return ML_OK;
}

static enum ml_status load(struct ml_report_file *file, struct ml_buf *text, struct ml_error *error)
{
    enum ml_status status = read_all(file->path, text, error);
    if (status == ML_OK) {
        status = ml_report_parse(file->path, ml_buf_span(text), &file->root, error);
    }
    if (status != ML_OK) {
        return status;
    }
    file->body = json_object_get(file->root, "body");
    bool is_report = strcmp(ml_report_text_of(file->root, "schema"), "urn:mitleser:schema:report:1") == 0;
    if (!is_report || !json_is_object(file->body)) {
        return ml_error_set(error, ML_BAD_INPUT, "not a report of schema urn:mitleser:schema:report:1");
    }
    return ML_OK;
}

enum ml_status ml_report_read(const char *path, struct ml_report_file *file, struct ml_error *error)
{
    struct ml_buf text;
    *file = (struct ml_report_file){0};
    if (!ml_report_locate(path, &file->path, &file->folder)) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    ml_buf_init(&text, ML_MAX_REPORT_BYTES);
    enum ml_status status = load(file, &text, error);
    ml_buf_fini(&text);
    if (status != ML_OK) {
        ml_report_file_fini(file);
    }
    return status;
}

enum ml_status ml_report_check(const struct ml_report_file *file, struct ml_error *error)
{
    char sha256[ML_SHA256_HEX];
    struct ml_buf body;
    ml_buf_init(&body, ML_MAX_REPORT_BYTES);
    ml_error_at(error, file->path, 0, 0);
    enum ml_status status = ml_canonical_add(file->body, &body);
    if (status == ML_OK && !ml_sha256_hex(ml_buf_span(&body), sha256)) {
        status = ML_NO_MEMORY;
    }
    ml_buf_fini(&body);
    if (status != ML_OK && status != ML_BAD_INPUT) {
        return ml_error_set(error, status, "out of memory");
    }
    bool is_same = status == ML_OK && strcmp(sha256, ml_report_text_of(file->root, "integrity.body_sha256")) == 0 &&
                   strcmp("RFC 8785", ml_report_text_of(file->root, "integrity.canonicalisation")) == 0;
    return is_same ? ML_OK
                   : ml_error_set(error, ML_BAD_INPUT, "the body does not have the SHA-256 that the report tells");
}

void ml_report_file_fini(struct ml_report_file *file)
{
    json_decref(file->root);
    ml_mem_free(file->path);
    ml_mem_free(file->folder);
    *file = (struct ml_report_file){0};
}

const json_t *ml_report_get(const json_t *object, const char *path)
{
    const json_t *at = object;
    while (at != NULL && path[0] != '\0') {
        size_t len = strcspn(path, ".");
        at = json_object_getn(at, path, len);
        path += len + (path[len] == '.' ? 1 : 0);
    }
    return at;
}

const char *ml_report_text_of(const json_t *object, const char *path)
{
    const char *text = json_string_value(ml_report_get(object, path));
    return text != NULL ? text : "";
}

uint64_t ml_report_number_of(const json_t *object, const char *path)
{
    const json_t *value = ml_report_get(object, path);
    uint64_t number = 0;
    if (json_is_string(value)) {
        struct ml_span text = ml_span_of(json_string_value(value), json_string_length(value));
        return ml_decimal_read(text, &number) ? number : 0;
    }
    return json_is_integer(value) && json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
}
