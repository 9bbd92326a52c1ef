/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/catalogue.h"

#include "core/mem.h"
#include "core/path.h"
#include "core/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char WEIGHTS_FILE[] = "weights.yaml";

static const char *const SERVICES[] = {
    "",         "login", "messaging", "media",       "call",   "payment", "mini_program",
    "resolver", "push",  "telemetry", "advertising", "update", "web",
};
enum { N_SERVICES = sizeof SERVICES / sizeof SERVICES[0] };

uint16_t ml_service_find(struct ml_span id)
{
    for (uint16_t i = 1; i < N_SERVICES; i++) {
        if (ml_span_equal(id, ml_span_text(SERVICES[i]))) {
            return i;
        }
    }
    return 0;
}

const char *ml_service_id(uint16_t service)
{
    return service < N_SERVICES ? SERVICES[service] : "";
}

/* --- from parsed files --- */

/* Lower case, then digits and `joint` too: "_" in ids of apps (they are file names), "-" in those of companies. */
static bool is_id(struct ml_span text, uint8_t joint)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (!(byte >= 'a' && byte <= 'z') && !(i > 0 && (ml_is_digit(byte) || byte == joint))) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 40;
}

static int quoted_len(struct ml_span text)
{
    return (int)(text.len < 80 ? text.len : 80);
}

/* A text of the top of the file: refused when missing, unless `is_optional`. */
static enum ml_status top_text(const struct ml_yaml_file *file, const char *key, bool is_optional, struct ml_span *out,
                               struct ml_error *error)
{
    const struct ml_yaml *root = file->documents[0];
    const struct ml_yaml *node = ml_yaml_get(root, key);
    *out = (struct ml_span){0};
    if (node == NULL) {
        return is_optional ? ML_OK : ml_yaml_refuse(file, root, error, "\"%s\" is missing", key);
    }
    if (node->kind != ML_YAML_SCALAR || ml_yaml_is_null(node) || node->text.len == 0) {
        return ml_yaml_refuse(file, node, error, "\"%s\" must be a text", key);
    }
    *out = node->text;
    return ML_OK;
}

/* One document that is a map with an id: what is needed to put the files in order. */
static enum ml_status check_top(const struct ml_yaml_file *file, struct ml_error *error)
{
    if (file->n_documents != 1 || file->documents[0]->kind != ML_YAML_MAP) {
        ml_error_at(error, file->path, 1, 1);
        return ml_error_set(error, ML_BAD_INPUT, "one document that is a map is expected");
    }
    struct ml_span id;
    enum ml_status status = top_text(file, "id", false, &id, error);
    if (status == ML_OK && !is_id(id, '_')) {
        status = ml_yaml_refuse(file, ml_yaml_get(file->documents[0], "id"), error, "\"%.*s\" is no id", quoted_len(id),
                                (const char *)id.ptr);
    }
    return status;
}

static struct ml_span id_of(const struct ml_yaml_file *file)
{
    return ml_yaml_text(file->documents[0], "id", "");
}

static int compare_files(const void *left, const void *right)
{
    const struct ml_yaml_file *const *a = left;
    const struct ml_yaml_file *const *b = right;
    return ml_span_compare(id_of(*a), id_of(*b));
}

static const char *keep_text(struct ml_apps *apps, struct ml_span text)
{
    return (const char *)ml_arena_copy(&apps->arena, text).ptr;
}

static enum ml_status add_app(struct ml_apps *apps, const struct ml_yaml_file *file, struct ml_error *error)
{
    struct ml_span name;
    struct ml_span operator_id;
    enum ml_status status = top_text(file, "name", false, &name, error);
    if (status == ML_OK) {
        status = top_text(file, "operator", true, &operator_id, error);
    }
    if (status != ML_OK) {
        return status;
    }
    if (operator_id.len != 0 && !is_id(operator_id, '-')) {
        return ml_yaml_refuse(file, ml_yaml_get(file->documents[0], "operator"), error, "\"%.*s\" is no id",
                              quoted_len(operator_id), (const char *)operator_id.ptr);
    }
    bool is_new = false;
    if (ml_map_add(&apps->ids, id_of(file), (uint32_t)apps->n, &is_new) == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    if (!is_new) {
        struct ml_span id = id_of(file);
        return ml_yaml_refuse(file, ml_yaml_get(file->documents[0], "id"), error, "a second app \"%.*s\"",
                              quoted_len(id), (const char *)id.ptr);
    }
    struct ml_app *app = &apps->apps[apps->n++];
    app->id = keep_text(apps, id_of(file));
    app->name = keep_text(apps, name);
    app->operator_id = keep_text(apps, operator_id);
    bool is_kept = app->id != NULL && app->name != NULL && app->operator_id != NULL;
    return is_kept ? ML_OK : ml_error_set(error, ML_NO_MEMORY, "out of memory");
}

/* Reads files that stand in the order of their ids. */
static enum ml_status fill(struct ml_apps *apps, const struct ml_yaml_file *const *files, size_t n_files,
                           struct ml_error *error)
{
    size_t n_entries = 0;
    size_t n_regions = 0;
    for (size_t i = 0; i < n_files; i++) {
        n_entries += ml_apps_count_entries(files[i]);
        n_regions += ml_apps_count_regions(files[i]);
    }
    if (n_files > ML_MAX_APPS || n_entries > ML_MAX_APP_ENTRIES || n_regions > ML_MAX_APP_ENTRIES) {
        return ml_error_set(error, ML_LIMIT, "more than %d apps or %d entries", ML_MAX_APPS, ML_MAX_APP_ENTRIES);
    }
    apps->apps = ml_arena_get(&apps->arena, (n_files + 1) * sizeof *apps->apps);
    apps->claims = ml_arena_get(&apps->arena, (n_entries + 1) * sizeof *apps->claims);
    apps->regions = ml_arena_get(&apps->arena, (n_regions + 1) * sizeof *apps->regions);
    if (apps->apps == NULL || apps->claims == NULL || apps->regions == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    enum ml_status status = ML_OK;
    for (size_t i = 0; i < n_files && status == ML_OK; i++) {
        status = add_app(apps, files[i], error);
    }
    for (size_t i = 0; i < n_files && status == ML_OK; i++) {
        status = ml_apps_read_entries(apps, files[i], (uint16_t)i, error);
    }
    ml_prefixes_finish(&apps->prefixes);
    return status;
}

static struct ml_apps *new_apps(void)
{
    struct ml_apps *apps = ml_mem_array(1, sizeof *apps);
    if (apps == NULL) {
        return NULL;
    }
    ml_arena_init(&apps->arena, false);
    ml_names_init(&apps->names);
    ml_names_init(&apps->region_names);
    ml_map_init(&apps->ids, ML_MAX_APPS);
    ml_map_init(&apps->prefix_texts, ML_MAX_APP_ENTRIES);
    ml_map_init(&apps->asns, ML_MAX_APP_ENTRIES);
    ml_map_init(&apps->ndpi, ML_MAX_APP_ENTRIES);
    ml_map_init(&apps->signatures, ML_MAX_APP_ENTRIES);
    ml_map_init(&apps->subjects, ML_MAX_APP_ENTRIES);
    ml_map_init(&apps->packages, ML_MAX_APP_ENTRIES);
    return apps;
}

enum ml_status ml_apps_build(const struct ml_yaml_file *weights, const struct ml_yaml_file *files, size_t n_files,
                             struct ml_apps **out, struct ml_error *error)
{
    *out = NULL;
    struct ml_apps *apps = new_apps();
    const struct ml_yaml_file **sorted = ml_mem_array(n_files + 1, sizeof *sorted);
    enum ml_status status = ML_OK;
    if (apps == NULL || sorted == NULL) {
        status = ml_error_set(error, ML_NO_MEMORY, "out of memory");
        goto out;
    }
    status = ml_weights_read(weights, &apps->weights, error);
    for (size_t i = 0; i < n_files && status == ML_OK; i++) {
        sorted[i] = &files[i];
        status = check_top(&files[i], error);
    }
    if (status == ML_OK) {
        qsort(sorted, n_files, sizeof *sorted, compare_files);
        status = fill(apps, sorted, n_files, error);
    }
    if (status == ML_OK) {
        *out = apps;
        apps = NULL; /* given to the caller */
    }
out:
    ml_mem_free(sorted);
    ml_apps_free(apps);
    return status;
}

/* --- from a folder --- */

struct folder {
    char **names; /* owned texts, in order */
    size_t n, room;
};

static enum ml_status add_name(struct folder *folder, const char *name, struct ml_error *error)
{
    char **names = ml_mem_grow(folder->names, folder->n, &folder->room, 64, sizeof *names);
    if (names == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    folder->names = names;
    folder->names[folder->n] = ml_mem_text(name, strlen(name));
    if (folder->names[folder->n] == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    folder->n++;
    return ML_OK;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_app_file(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && name[0] != '.' && strcmp(name + len - 5, ".yaml") == 0 && strcmp(name, WEIGHTS_FILE) != 0;
}

/* Names of the app files, sorted: which error is told first must not depend on the file system. */
static enum ml_status list(const char *path, struct folder *folder, struct ml_error *error)
{
    ml_error_at(error, path, 0, 0);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return ml_error_set(error, errno == ENOENT ? ML_NOT_FOUND : ML_IO, "%s", strerror(errno));
    }
    enum ml_status status = ML_OK;
    const struct dirent *entry = NULL;
    while (status == ML_OK && (entry = readdir(dir)) != NULL) {
        if (is_app_file(entry->d_name)) {
            status = folder->n < ML_MAX_APPS ? add_name(folder, entry->d_name, error)
                                             : ml_error_set(error, ML_LIMIT, "more than %d apps", ML_MAX_APPS);
        }
    }
    (void)closedir(dir); /* only read */
    if (folder->n > 1) {
        qsort(folder->names, folder->n, sizeof *folder->names, compare_names);
    }
    return status;
}

static enum ml_status read_file(const char *folder, const char *name, struct ml_yaml_file *file, struct ml_error *error)
{
    char *path = ml_path_join(folder, name);
    if (path == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    enum ml_status status = ml_yaml_read(path, file, error);
    ml_mem_free(path);
    return status;
}

enum ml_status ml_apps_load(const char *folder, struct ml_apps **out, struct ml_error *error)
{
    *out = NULL;
    struct folder found = {0};
    struct ml_yaml_file weights = {0};
    struct ml_yaml_file *files = NULL;
    size_t n_read = 0;
    enum ml_status status = list(folder, &found, error);
    if (status == ML_OK) {
        status = read_file(folder, WEIGHTS_FILE, &weights, error);
    }
    if (status == ML_OK) {
        files = ml_mem_array(found.n + 1, sizeof *files);
        status = files != NULL ? ML_OK : ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    while (status == ML_OK && n_read < found.n) {
        status = read_file(folder, found.names[n_read], &files[n_read], error);
        n_read += status == ML_OK;
    }
    if (status == ML_OK) {
        status = ml_apps_build(&weights, files, n_read, out, error);
    }
    for (size_t i = 0; i < n_read; i++) {
        ml_yaml_fini(&files[i]);
    }
    for (size_t i = 0; i < found.n; i++) {
        ml_mem_free(found.names[i]);
    }
    ml_yaml_fini(&weights);
    ml_mem_free(files);
    ml_mem_free(found.names);
    return status;
}

/* --- the catalogue --- */

void ml_apps_free(struct ml_apps *apps)
{
    if (apps == NULL) {
        return;
    }
    ml_names_fini(&apps->names);
    ml_names_fini(&apps->region_names);
    ml_prefixes_fini(&apps->prefixes);
    ml_map_fini(&apps->ids);
    ml_map_fini(&apps->prefix_texts);
    ml_map_fini(&apps->asns);
    ml_map_fini(&apps->ndpi);
    ml_map_fini(&apps->signatures);
    ml_map_fini(&apps->subjects);
    ml_map_fini(&apps->packages);
    ml_arena_fini(&apps->arena);
    ml_mem_free(apps);
}

size_t ml_apps_count(const struct ml_apps *apps)
{
    return apps->n;
}

const struct ml_app *ml_apps_get(const struct ml_apps *apps, size_t index)
{
    ML_ASSERT(index < apps->n);
    return &apps->apps[index];
}

const struct ml_app *ml_apps_find(const struct ml_apps *apps, struct ml_span id)
{
    const struct ml_map_entry *entry = ml_map_find(&apps->ids, id);
    return entry != NULL ? &apps->apps[entry->value] : NULL;
}

bool ml_apps_has_signature(const struct ml_apps *apps, struct ml_span name)
{
    return ml_map_find(&apps->signatures, name) != NULL;
}

bool ml_apps_has_subject(const struct ml_apps *apps, struct ml_span subject)
{
    return subject.len != 0 && ml_map_find(&apps->subjects, subject) != NULL;
}

const struct ml_region *ml_apps_region(const struct ml_apps *apps, struct ml_span host)
{
    uint32_t index = 0;
    return ml_names_find(&apps->region_names, host, &index) ? &apps->regions[index] : NULL;
}

const char *ml_apps_service(const struct ml_apps *apps, uint16_t service)
{
    (void)apps;
    return ml_service_id(service);
}
