/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/keys.h"

#include "core/mem.h"
#include "core/path.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
    KEY_LOG = 0x544c534b, /* "TLSK": type of secrets in a pcapng block (draft-ietf-opsawg-pcapng, section 4.7) */
    PIECE = 64 * 1024
};

bool ml_keys_init(struct ml_keys *keys, struct ml_counters *counters)
{
    *keys = (struct ml_keys){.secrets = ml_secrets_new(), .counters = counters};
    return keys->secrets != NULL;
}

void ml_keys_fini(struct ml_keys *keys)
{
    for (size_t i = 0; i < keys->n_files; i++) {
        ml_mem_free(keys->files[i].file);
    }
    ml_mem_free(keys->files);
    ml_secrets_free(keys->secrets);
    *keys = (struct ml_keys){0};
}

/* A ceiling is no error: what came before it is of use. */
static enum ml_status add_text(struct ml_keys *keys, uint32_t source, struct ml_span text)
{
    enum ml_status status = ml_secrets_add(keys->secrets, source, text);
    if (status == ML_LIMIT) {
        ml_count(keys->counters, ML_COUNT_LIMIT_SECRETS);
        return ML_OK;
    }
    return status;
}

/* --- key log files --- */

/* Length of the whole lines in `text`; all of it when it is one line without end. */
static size_t whole_lines(struct ml_span text)
{
    size_t n = text.len;
    while (n != 0 && text.ptr[n - 1] != '\n') {
        n--;
    }
    return n != 0 ? n : text.len;
}

/* Bytes go through a buffer of our own, which is wiped. */
static enum ml_status read_lines(struct ml_keys *keys, FILE *file, struct ml_key_file *key_file)
{
    uint8_t *piece = ml_mem_array(PIECE, 1);
    size_t held = 0;
    enum ml_status status = piece != NULL ? ML_OK : ML_NO_MEMORY;
    bool is_end = false;
    while (status == ML_OK && !is_end) {
        size_t n = fread(piece + held, 1, PIECE - held, file);
        held += n;
        key_file->bytes += n;
        is_end = n == 0;
        status = ferror(file) != 0 ? ML_IO : status;
        size_t lines = is_end ? held : whole_lines(ml_span_of(piece, held));
        if (status == ML_OK && (is_end || lines != held || held == PIECE || piece[held - 1] == '\n')) {
            status = add_text(keys, key_file->source, ml_span_of(piece, lines));
            memmove(piece, piece + lines, held - lines);
            held -= lines;
        }
    }
    if (piece != NULL) {
        ml_mem_wipe(piece, PIECE);
    }
    ml_mem_free(piece);
    return status;
}

/* Room for one more file, with a source of its own. */
static struct ml_key_file *add_file(struct ml_keys *keys, const char *path)
{
    struct ml_key_file *files = ml_mem_resize(keys->files, keys->n_files + 1, sizeof *files);
    if (files == NULL) {
        return NULL;
    }
    keys->files = files;
    struct ml_key_file *file = &files[keys->n_files];
    *file = (struct ml_key_file){.file = ml_mem_text(ml_path_base(path), strlen(ml_path_base(path)))};
    if (file->file == NULL || ml_secrets_source(keys->secrets, &file->source) != ML_OK) {
        ml_mem_free(file->file);
        return NULL;
    }
    keys->n_files++;
    return file;
}

enum ml_status ml_keys_read_file(struct ml_keys *keys, const char *path, struct ml_error *error)
{
    ml_error_at(error, path, 0, 0);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return ml_error_set(error, ML_IO, "%s", strerror(errno));
    }
    (void)setvbuf(file, NULL, _IONBF, 0); /* no second copy of the secrets; it cannot fail with these values */
    struct ml_key_file *key_file = add_file(keys, path);
    enum ml_status status = key_file != NULL ? read_lines(keys, file, key_file) : ML_NO_MEMORY;
    int cause = errno;
    (void)fclose(file); /* nothing was written */
    if (status == ML_IO) {
        return ml_error_set(error, status, "%s", strerror(cause));
    }
    if (status != ML_OK) {
        return ml_error_set(error, status, "out of memory");
    }
    struct ml_secrets_count count = ml_secrets_count(keys->secrets, key_file->source);
    if (count.refused != 0 && count.secrets + count.ignored == 0) {
        return ml_error_set(error, ML_BAD_INPUT, "not a key log: no line holds a secret");
    }
    return ml_sha256_file(path, key_file->sha256, error);
}

/* --- secrets in captures --- */

static bool is_regular(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool ml_keys_has_more(const struct ml_capture_keys *capture, const struct ml_source *source)
{
    return !capture->is_read_ahead && ml_source_summary(source)->n_secrets > capture->n_taken;
}

enum ml_status ml_keys_take(struct ml_keys *keys, const struct ml_source *source, struct ml_capture_keys *capture,
                            uint64_t n_before)
{
    const struct ml_source_summary *summary = ml_source_summary(source);
    enum ml_status status = ML_OK;
    while (status == ML_OK && capture->n_taken < summary->n_secrets) {
        const struct ml_source_secrets *secrets = &summary->secrets[capture->n_taken++];
        if (secrets->type == KEY_LOG) {
            status = add_text(keys, capture->source, secrets->bytes);
            capture->n_late += n_before != 0 ? 1 : 0;
        }
    }
    return status;
}

/* The whole file once, for its secrets only. What is wrong with it is told when it is read for its packets. */
static enum ml_status read_ahead(struct ml_keys *keys, const char *path, struct ml_capture_keys *capture)
{
    struct ml_source *source = NULL;
    struct ml_packet packet;
    enum ml_status status = ml_source_open(path, 0, 0, &source, NULL);
    if (status != ML_OK) {
        return status == ML_NO_MEMORY ? status : ML_OK;
    }
    while ((status = ml_source_next(source, &packet)) == ML_OK) {
    }
    if (status != ML_NO_MEMORY) {
        status = ml_keys_take(keys, source, capture, 0);
        capture->is_read_ahead = true;
    }
    ml_source_close(source);
    return status;
}

enum ml_status ml_keys_begin(struct ml_keys *keys, const char *path, const struct ml_source *source,
                             struct ml_capture_keys *capture)
{
    *capture = (struct ml_capture_keys){0};
    enum ml_status status = ml_secrets_source(keys->secrets, &capture->source);
    bool can_hold_some = strcmp(ml_source_summary(source)->format, "pcapng") == 0;
    if (status == ML_OK && can_hold_some && is_regular(path)) {
        status = read_ahead(keys, path, capture);
    }
    return status;
}

/* --- the report --- */

bool ml_keys_report(const struct ml_keys *keys, struct ml_report *report)
{
    report->key_logs = ml_arena_get(&report->arena, (keys->n_files + 1) * sizeof *report->key_logs);
    if (report->key_logs == NULL) {
        return false;
    }
    for (size_t i = 0; i < keys->n_files; i++) {
        const struct ml_key_file *file = &keys->files[i];
        struct ml_report_key_log *log = &report->key_logs[i];
        struct ml_span name = ml_arena_copy(&report->arena, ml_span_text(file->file));
        if (name.ptr == NULL) {
            return false;
        }
        log->file = (const char *)name.ptr;
        memcpy(log->sha256, file->sha256, sizeof log->sha256);
        log->bytes = file->bytes;
        log->secrets = ml_secrets_count(keys->secrets, file->source);
        report->n_key_logs++;
    }
    return true;
}
