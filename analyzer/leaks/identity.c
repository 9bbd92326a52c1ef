/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/identity.h"

#include "core/digest.h"
#include "core/file.h"
#include "core/limits.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/path.h"
#include "core/yaml.h"
#include "leaks/form.h"

#include <stdio.h>

static const struct {
    const char *name;
    enum ml_identity_group group;
} kinds[ML_N_IDENTITY_KINDS] = {
    [ML_IDENTITY_NONE] = {"none", ML_GROUP_OTHER},
#define ML_IDENTITY(id, name, group) [ML_IDENTITY_##id] = {(name), ML_GROUP_##group},
#include "leaks/identity.def"
#undef ML_IDENTITY
};

const char *ml_identity_name(enum ml_identity_kind kind)
{
    ML_ASSERT((unsigned)kind < ML_N_IDENTITY_KINDS);
    return kinds[kind].name;
}

enum ml_identity_group ml_identity_group_of(enum ml_identity_kind kind)
{
    ML_ASSERT((unsigned)kind < ML_N_IDENTITY_KINDS);
    return kinds[kind].group;
}

enum ml_identity_kind ml_identity_find(struct ml_span name)
{
    for (unsigned i = 1; i < ML_N_IDENTITY_KINDS; i++) {
        if (ml_span_equal(name, ml_span_text(kinds[i].name))) {
            return (enum ml_identity_kind)i;
        }
    }
    return ML_IDENTITY_NONE;
}

/* --- the file --- */

struct loading {
    const struct ml_yaml_file *file;
    const char *path; /* of it, for files it names; NULL: from the working directory */
    struct ml_identities *out;
    struct ml_map labels; /* label -> nothing */
    struct ml_map values; /* kind and value -> line */
    unsigned n_of_kind[ML_N_IDENTITY_KINDS];
    struct ml_error *error;
};

static enum ml_status no_memory(struct ml_error *error)
{
    return ml_error_set(error, ML_NO_MEMORY, "out of memory");
}

static enum ml_status check_keys(const struct loading *loading, const struct ml_yaml *row)
{
    if (row->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(loading->file, row, loading->error, "an identity is a map of kind, value and label");
    }
    for (const struct ml_yaml *child = row->first; child != NULL; child = child->next) {
        bool is_known =
            ml_span_equal(child->key, ml_span_text("kind")) || ml_span_equal(child->key, ml_span_text("value")) ||
            ml_span_equal(child->key, ml_span_text("file")) || ml_span_equal(child->key, ml_span_text("label"));
        if (!is_known) {
            return ml_yaml_refuse(loading->file, child, loading->error,
                                  "unknown key; kind, value, file and label are known");
        }
        if (child->kind != ML_YAML_SCALAR || ml_span_trim(child->text).len == 0) {
            return ml_yaml_refuse(loading->file, child, loading->error, "must be a text");
        }
    }
    return ML_OK;
}

static enum ml_status read_kind(const struct loading *loading, const struct ml_yaml *row, struct ml_identity *identity)
{
    const struct ml_yaml *kind = ml_yaml_get(row, "kind");
    if (kind == NULL) {
        return ml_yaml_refuse(loading->file, row, loading->error, "\"kind\" is missing");
    }
    identity->kind = ml_identity_find(kind->text);
    if (identity->kind == ML_IDENTITY_NONE) {
        return ml_yaml_refuse(loading->file, kind, loading->error, "unknown kind '%.*s'", (int)kind->text.len,
                              (const char *)kind->text.ptr);
    }
    if (identity->kind > ML_IDENTITY_OTHER) {
        return ml_yaml_refuse(loading->file, kind, loading->error, "the kind %s is told of traffic, not planted",
                              ml_identity_name(identity->kind));
    }
    return ML_OK;
}

static bool is_file(enum ml_identity_kind kind)
{
    return kind == ML_IDENTITY_FILE || kind == ML_IDENTITY_DOCUMENT;
}

/* The path of a file as the identities file names it, from its own folder. Given; NULL: out of memory. */
static char *path_of(const struct loading *loading, struct ml_span name)
{
    const char *own = loading->path != NULL ? loading->path : "";
    size_t n_folder = name.ptr[0] != '/' ? (size_t)(ml_path_base(own) - own) : 0;
    char *path = ml_mem_array(n_folder + name.len + 1, 1);
    if (path != NULL) {
        memcpy(path, own, n_folder);
        memcpy(path + n_folder, name.ptr, name.len);
    }
    return path;
}

/* Content and digest of a file. The errors name the file. */
static enum ml_status read_content(struct loading *loading, const struct ml_yaml *node, struct ml_identity *identity)
{
    char hex[ML_SHA256_HEX];
    uint8_t *bytes = NULL;
    size_t len = 0;
    char *path = path_of(loading, node->text);
    enum ml_status status = path != NULL ? ml_file_read(path, ML_MAX_PLANTED_FILE, &bytes, &len, loading->error)
                                         : no_memory(loading->error);
    ml_mem_free(path);
    if (status == ML_OK) {
        identity->content = ml_arena_copy(&loading->out->vault, ml_span_of(bytes, len));
        bool ok = identity->content.ptr != NULL && ml_sha256_hex(identity->content, hex);
        identity->value = ok ? ml_arena_copy(&loading->out->vault, ml_span_text(hex)) : ml_span_of(NULL, 0);
        status = identity->value.ptr != NULL ? ML_OK : no_memory(loading->error);
        ml_mem_wipe(bytes, len);
    }
    ml_mem_free(bytes);
    return status;
}

static enum ml_status read_value(struct loading *loading, const struct ml_yaml *row, struct ml_identity *identity)
{
    const char *key = is_file(identity->kind) ? "file" : "value";
    const struct ml_yaml *value = ml_yaml_get(row, key);
    if (value == NULL || row->n != (ml_yaml_get(row, "label") != NULL ? 3U : 2U)) {
        return ml_yaml_refuse(loading->file, row, loading->error, "\"%s\" is missing, or there is more", key);
    }
    if (value->text.len > ML_MAX_IDENTITY_BYTES) {
        return ml_yaml_refuse(loading->file, value, loading->error, "longer than %d bytes", ML_MAX_IDENTITY_BYTES);
    }
    if (is_file(identity->kind)) {
        enum ml_status status = read_content(loading, value, identity);
        if (status != ML_OK) {
            return status;
        }
    } else {
        identity->value = ml_arena_copy(&loading->out->vault, ml_span_trim(value->text));
    }
    if (identity->value.ptr == NULL) {
        return no_memory(loading->error);
    }
    char reason[ML_REFUSAL_TEXT];
    if (ml_form_refuses(identity, reason)) {
        return ml_yaml_refuse(loading->file, value, loading->error, "%s", reason);
    }
    uint8_t seen[1 + ML_MAX_IDENTITY_BYTES];
    bool is_new = false;
    seen[0] = (uint8_t)identity->kind;
    memcpy(seen + 1, identity->value.ptr, identity->value.len);
    struct ml_map_entry *entry =
        ml_map_add(&loading->values, ml_span_of(seen, 1 + identity->value.len), value->line, &is_new);
    ml_mem_wipe(seen, sizeof seen);
    if (entry == NULL) {
        return no_memory(loading->error);
    }
    return is_new ? ML_OK
                  : ml_yaml_refuse(loading->file, value, loading->error, "the value of line %u again", entry->value);
}

static enum ml_status read_label(struct loading *loading, const struct ml_yaml *row, struct ml_identity *identity)
{
    char text[64];
    const struct ml_yaml *label = ml_yaml_get(row, "label");
    unsigned number = ++loading->n_of_kind[identity->kind];
    int len = snprintf(text, sizeof text, "%s-%u", ml_identity_name(identity->kind), number);
    struct ml_span name = label != NULL ? ml_span_trim(label->text) : ml_span_of(text, (size_t)len);
    bool is_new = false;
    if (name.len > ML_MAX_IDENTITY_LABEL) {
        return ml_yaml_refuse(loading->file, label, loading->error, "longer than %d bytes", ML_MAX_IDENTITY_LABEL);
    }
    if (ml_map_add(&loading->labels, name, 0, &is_new) == NULL) {
        return no_memory(loading->error);
    }
    if (!is_new) {
        return ml_yaml_refuse(loading->file, label != NULL ? label : row, loading->error,
                              "two identities are labelled '%.*s'", (int)name.len, (const char *)name.ptr);
    }
    identity->label = ml_arena_copy(&loading->out->vault, name);
    return identity->label.ptr != NULL ? ML_OK : no_memory(loading->error);
}

static enum ml_status read_row(struct loading *loading, const struct ml_yaml *row)
{
    struct ml_identity *identity = &loading->out->items[loading->out->n];
    enum ml_status status = check_keys(loading, row);
    status = status == ML_OK ? read_kind(loading, row, identity) : status;
    status = status == ML_OK ? read_value(loading, row, identity) : status;
    status = status == ML_OK ? read_label(loading, row, identity) : status;
    loading->out->n += status == ML_OK ? 1 : 0;
    return status;
}

static enum ml_status read_root(struct loading *loading)
{
    const struct ml_yaml_file *file = loading->file;
    const struct ml_yaml *root = file->n_documents == 1 ? file->documents[0] : NULL;
    const struct ml_yaml *list = root != NULL && root->kind == ML_YAML_MAP ? ml_yaml_get(root, "identities") : NULL;
    if (list == NULL || list->kind != ML_YAML_LIST || root->n != 1) {
        return ml_yaml_refuse(file, root, loading->error, "an identities file is a map with the list \"identities\"");
    }
    if (list->n == 0 || list->n > ML_MAX_IDENTITIES) {
        return ml_yaml_refuse(file, list, loading->error, "1 to %d identities are allowed", ML_MAX_IDENTITIES);
    }
    loading->out->items = ml_arena_get(&loading->out->vault, list->n * sizeof *loading->out->items);
    if (loading->out->items == NULL) {
        return no_memory(loading->error);
    }
    loading->out->room = list->n;
    enum ml_status status = ML_OK;
    for (const struct ml_yaml *row = list->first; status == ML_OK && row != NULL; row = row->next) {
        status = read_row(loading, row);
    }
    return status;
}

static void wipe_map(struct ml_map *map)
{
    map->keys.is_vault = true;
    ml_map_fini(map);
}

/* Takes `file`. */
static enum ml_status load(struct ml_yaml_file *file, const char *path, struct ml_identities *out,
                           struct ml_error *error)
{
    struct loading loading = {.file = file, .path = path, .out = out, .error = error};
    *out = (struct ml_identities){.n = 0};
    ml_arena_init(&out->vault, true);
    ml_map_init(&loading.labels, ML_MAX_IDENTITIES);
    ml_map_init(&loading.values, ML_MAX_IDENTITIES);
    enum ml_status status = read_root(&loading);
    wipe_map(&loading.labels);
    wipe_map(&loading.values);
    file->arena.is_vault = true;
    ml_yaml_fini(file);
    if (status != ML_OK) {
        ml_identities_fini(out);
    }
    return status;
}

enum ml_status ml_identities_read(const char *path, struct ml_identities *out, struct ml_error *error)
{
    struct ml_yaml_file file;
    *out = (struct ml_identities){.n = 0};
    enum ml_status status = ml_yaml_read(path, &file, error);
    return status == ML_OK ? load(&file, path, out, error) : status;
}

enum ml_status ml_identities_parse(const char *name, struct ml_span text, struct ml_identities *out,
                                   struct ml_error *error)
{
    struct ml_yaml_file file;
    *out = (struct ml_identities){.n = 0};
    enum ml_status status = ml_yaml_parse(name, text, &file, error);
    return status == ML_OK ? load(&file, NULL, out, error) : status;
}

/* A label that no other has: the kind and the number of values so far. */
static struct ml_span make_label(struct ml_identities *identities, enum ml_identity_kind kind)
{
    char text[64];
    unsigned number = 1;
    for (size_t i = 0; i < identities->n; i++) {
        number += identities->items[i].kind == kind;
    }
    for (;; number++) {
        struct ml_span label =
            ml_span_of(text, (size_t)snprintf(text, sizeof text, "%s-%u", ml_identity_name(kind), number));
        bool is_taken = false;
        for (size_t i = 0; i < identities->n && !is_taken; i++) {
            is_taken = ml_span_equal(identities->items[i].label, label);
        }
        if (!is_taken) {
            return ml_arena_copy(&identities->vault, label);
        }
    }
}

/* Rooms that double; what they leave behind stays in the vault. */
static bool make_room(struct ml_identities *identities)
{
    if (identities->n < identities->room) {
        return true;
    }
    size_t room = identities->room != 0 ? 2 * identities->room : 8;
    struct ml_identity *items = ml_arena_get(&identities->vault, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (identities->n != 0) {
        memcpy(items, identities->items, identities->n * sizeof *items);
    }
    identities->items = items;
    identities->room = room;
    return true;
}

enum ml_status ml_identities_add(struct ml_identities *identities, enum ml_identity_kind kind, struct ml_span value,
                                 char reason[ML_IDENTITY_REASON])
{
    struct ml_identity identity = {.kind = kind, .value = value};
    _Static_assert((int)ML_IDENTITY_REASON == (int)ML_REFUSAL_TEXT, "a reason fits");
    if (identities->n == 0) {
        ml_arena_init(&identities->vault, true);
    }
    if (value.len > ML_MAX_IDENTITY_BYTES) {
        (void)snprintf(reason, ML_IDENTITY_REASON, "longer than %d bytes", ML_MAX_IDENTITY_BYTES);
        return ML_BAD_INPUT;
    }
    if (ml_form_refuses(&identity, reason)) {
        return ML_BAD_INPUT;
    }
    for (size_t i = 0; i < identities->n; i++) {
        if (identities->items[i].kind == kind && ml_span_equal_nocase(identities->items[i].value, value)) {
            return ML_OK;
        }
    }
    if (identities->n == ML_MAX_IDENTITIES) {
        return ML_LIMIT;
    }
    identity.value = ml_arena_copy(&identities->vault, value);
    identity.label = make_label(identities, kind);
    if (identity.value.ptr == NULL || identity.label.ptr == NULL || !make_room(identities)) {
        return ML_NO_MEMORY;
    }
    identities->items[identities->n++] = identity;
    return ML_OK;
}

void ml_identities_fini(struct ml_identities *identities)
{
    ml_arena_fini(&identities->vault);
    *identities = (struct ml_identities){.n = 0};
}
