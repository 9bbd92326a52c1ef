/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/folder.h"

#include "core/mem.h"
#include "core/timefmt.h"
#include "intel/mapped.h"
#include "intel/rows.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_FILES = 256, MAX_PATH = 4096 };

struct names {
    char *names[MAX_FILES]; /* owned */
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static enum ml_status add_name(struct names *names, const char *name, struct ml_error *error)
{
    size_t len = strlen(name);
    if (name[0] == '.' || len < 5 || strcmp(name + len - 5, ".yaml") != 0) {
        return ML_OK;
    }
    if (names->n == MAX_FILES) {
        return ml_error_set(error, ML_LIMIT, "more than %d files in one folder", MAX_FILES);
    }
    names->names[names->n] = ml_mem_text(name, len);
    return names->names[names->n] != NULL ? names->n++, ML_OK : ml_error_set(error, ML_NO_MEMORY, "out of memory");
}

static enum ml_status list(const char *folder, struct names *names, struct ml_error *error)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        if (errno == ENOENT) {
            return ML_OK;
        }
        enum ml_status status = ml_error_set(error, ML_IO, "cannot read the folder: %s", strerror(errno));
        ml_error_at(error, folder, 0, 0);
        return status;
    }
    enum ml_status status = ML_OK;
    for (struct dirent *entry; status == ML_OK && (entry = readdir(dir)) != NULL;) {
        status = add_name(names, entry->d_name, error);
    }
    closedir(dir);
    qsort(names->names, names->n, sizeof *names->names, by_name);
    return status;
}

static bool is_date(struct ml_span text)
{
    int64_t time_ns = 0;
    return text.len == 10 && ml_time_parse(text, &time_ns);
}

static enum ml_status read_document(const struct ml_yaml_file *file, const struct ml_yaml *root, ml_folder_fn each,
                                    void *context, struct ml_folder_info *info, struct ml_error *error)
{
    struct ml_span as_of = ml_yaml_text(root, "as_of", "");
    if (root->kind != ML_YAML_MAP || !is_date(as_of)) {
        return ml_yaml_refuse(file, root, error, "a map with as_of: YYYY-MM-DD is wanted");
    }
    char date[11] = "";
    memcpy(date, as_of.ptr, 10);
    if (strcmp(date, info->date) > 0) {
        memcpy(info->date, date, sizeof date);
    }
    return each(context, file, root, error);
}

static enum ml_status read_file(const char *folder, const char *name, struct ml_digest *digest, ml_folder_fn each,
                                void *context, struct ml_folder_info *info, struct ml_error *error)
{
    char path[MAX_PATH];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path) {
        return ml_error_set(error, ML_LIMIT, "the path of %s is too long", name);
    }
    struct ml_mapped mapped;
    struct ml_yaml_file file = {0};
    enum ml_status status = ml_mapped_open(path, &mapped, error);
    if (status != ML_OK) {
        return status;
    }
    char head[64];
    int n = snprintf(head, sizeof head, "%zu", mapped.bytes.len);
    if (!ml_digest_feed(digest, ml_span_of(name, strlen(name) + 1)) ||
        !ml_digest_feed(digest, ml_span_of(head, (size_t)n + 1)) || !ml_digest_feed(digest, mapped.bytes)) {
        status = ml_error_set(error, ML_NO_MEMORY, "no digest of %s", path);
    }
    if (status == ML_OK) {
        status = ml_yaml_parse(path, mapped.bytes, &file, error);
    }
    if (status == ML_OK) {
        for (size_t i = 0; status == ML_OK && i < file.n_documents; i++) {
            status = read_document(&file, file.documents[i], each, context, info, error);
        }
        ml_yaml_fini(&file);
    }
    ml_mapped_close(&mapped);
    info->n_files++;
    return status;
}

enum ml_status ml_folder_read(const char *folder, ml_folder_fn each, void *context, struct ml_folder_info *info,
                              struct ml_error *error)
{
    *info = (struct ml_folder_info){0};
    struct names names = {.n = 0};
    struct ml_digest *digest = ml_digest_new();
    enum ml_status status = digest != NULL ? list(folder, &names, error) : ML_NO_MEMORY;
    for (size_t i = 0; status == ML_OK && i < names.n; i++) {
        status = read_file(folder, names.names[i], digest, each, context, info, error);
    }
    if (status == ML_OK && info->n_files != 0 && !ml_digest_hex(digest, info->sha256)) {
        status = ML_NO_MEMORY;
    }
    for (size_t i = 0; i < names.n; i++) {
        ml_mem_free(names.names[i]);
    }
    ml_digest_free(digest);
    return status;
}

static bool is_among(struct ml_span text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (ml_span_equal(text, ml_span_text(*words))) {
            return true;
        }
    }
    return false;
}

enum ml_status ml_folder_keys(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *const *allowed,
                              struct ml_error *error)
{
    if (map->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(file, map, error, "a map is wanted here");
    }
    for (const struct ml_yaml *child = map->first; child != NULL; child = child->next) {
        if (!is_among(child->key, allowed)) {
            return ml_yaml_refuse(file, child, error, "unknown key \"%.*s\"", (int)child->key.len,
                                  (const char *)child->key.ptr);
        }
    }
    return ML_OK;
}

enum ml_status ml_folder_text(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *key,
                              bool is_required, struct ml_arena *arena, const char **out, struct ml_error *error)
{
    *out = "";
    const struct ml_yaml *node = ml_yaml_get(map, key);
    if (node == NULL) {
        return is_required ? ml_yaml_refuse(file, map, error, "\"%s\" is missing", key) : ML_OK;
    }
    if (node->kind != ML_YAML_SCALAR || (is_required && node->text.len == 0)) {
        return ml_yaml_refuse(file, node, error, "\"%s\" must be a text", key);
    }
    struct ml_span copy = ml_arena_copy(arena, node->text);
    if (copy.ptr == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    *out = (const char *)copy.ptr;
    return ML_OK;
}

enum ml_status ml_folder_country(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *key,
                                 bool is_required, char out[3], struct ml_error *error)
{
    memset(out, 0, 3);
    const struct ml_yaml *node = ml_yaml_get(map, key);
    if (node == NULL) {
        return is_required ? ml_yaml_refuse(file, map, error, "\"%s\" is missing", key) : ML_OK;
    }
    if (node->kind == ML_YAML_SCALAR && node->text.len == 2) {
        memcpy(out, node->text.ptr, 2);
    }
    if (!ml_is_country(out)) {
        memset(out, 0, 3);
        return ml_yaml_refuse(file, node, error, "\"%s\" must be a country code of ISO 3166-1", key);
    }
    return ML_OK;
}

enum ml_status ml_folder_source(const struct ml_yaml_file *file, const struct ml_yaml *map, struct ml_arena *arena,
                                const char **source, const char **checked_on, struct ml_error *error)
{
    bool is_unverified = false;
    const struct ml_yaml *mark = ml_yaml_get(map, "unverified");
    if (mark != NULL && (!ml_yaml_truth(mark, &is_unverified) || !is_unverified)) {
        return ml_yaml_refuse(file, mark, error, "\"unverified\" can only be true");
    }
    enum ml_status status = ml_folder_text(file, map, "source", !is_unverified, arena, source, error);
    if (status == ML_OK) {
        status = ml_folder_text(file, map, "checked_on", !is_unverified, arena, checked_on, error);
    }
    if (status == ML_OK && is_unverified && ((*source)[0] != '\0' || (*checked_on)[0] != '\0')) {
        status = ml_yaml_refuse(file, mark, error, "a row with a source is not unverified");
    }
    if (status == ML_OK && !is_unverified && !is_date(ml_span_text(*checked_on))) {
        status = ml_yaml_refuse(file, ml_yaml_get(map, "checked_on"), error, "\"checked_on\" must be YYYY-MM-DD");
    }
    return status;
}

static const char *word_of(struct ml_span text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (ml_span_equal(text, ml_span_text(*words))) {
            return *words;
        }
    }
    return NULL;
}

enum ml_status ml_folder_words(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *key,
                               const char *const *words, const char **out, size_t max, size_t *n,
                               struct ml_error *error)
{
    *n = 0;
    const struct ml_yaml *list_node = ml_yaml_get(map, key);
    if (list_node == NULL) {
        return ML_OK;
    }
    if (list_node->kind != ML_YAML_LIST || list_node->n > max) {
        return ml_yaml_refuse(file, list_node, error, "\"%s\" must be a list of at most %zu words", key, max);
    }
    for (const struct ml_yaml *item = list_node->first; item != NULL; item = item->next) {
        const char *word = item->kind == ML_YAML_SCALAR ? word_of(item->text, words) : NULL;
        if (word == NULL) {
            return ml_yaml_refuse(file, item, error, "not a word of \"%s\": \"%.*s\"", key, (int)item->text.len,
                                  (const char *)item->text.ptr);
        }
        out[(*n)++] = word;
    }
    return ML_OK;
}
