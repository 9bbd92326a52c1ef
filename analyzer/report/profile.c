/* SPDX-License-Identifier: Apache-2.0 */
#include "report/profile.h"

#include "intel/folder.h"

struct reading {
    const struct ml_yaml_file *file;
    struct ml_profile *profile;
    struct ml_error *error;
};

static enum ml_status refuse_span(const struct reading *r, const struct ml_yaml *node, const char *what)
{
    return ml_yaml_refuse(r->file, node, r->error, "%s \"%.*s\"", what, (int)node->text.len,
                          (const char *)node->text.ptr);
}

static enum ml_status no_memory(const struct reading *r)
{
    return ml_error_set(r->error, ML_NO_MEMORY, "out of memory");
}

/* A child that must be a list of 1 to `max` items. */
static enum ml_status list_of(const struct reading *r, const struct ml_yaml *map, const char *key, size_t max,
                              const struct ml_yaml **out)
{
    *out = ml_yaml_get(map, key);
    if (*out == NULL || (*out)->kind != ML_YAML_LIST || (*out)->n == 0 || (*out)->n > max) {
        return ml_yaml_refuse(r->file, *out != NULL ? *out : map, r->error, "\"%s\" must be a list of 1 to %zu", key,
                              max);
    }
    return ML_OK;
}

static enum ml_status read_topics(const struct reading *r, const struct ml_yaml *root)
{
    const struct ml_yaml *list = NULL;
    enum ml_status status = list_of(r, root, "topics", ML_MAX_TOPICS, &list);
    for (const struct ml_yaml *node = list != NULL ? list->first : NULL; status == ML_OK && node != NULL;
         node = node->next) {
        const char *topic = (const char *)ml_arena_copy(&r->profile->arena, node->text).ptr;
        if (node->kind != ML_YAML_SCALAR || node->text.len == 0) {
            return ml_yaml_refuse(r->file, node, r->error, "a topic must be a text");
        }
        if (topic == NULL) {
            return no_memory(r);
        }
        r->profile->topics[r->profile->n_topics++] = topic;
    }
    return status;
}

static enum ml_status read_named(const struct reading *r, const struct ml_yaml *node, struct ml_provision *out)
{
    const struct ml_yaml *list = ml_yaml_get(node, "named");
    size_t n = 0;
    const char **named = ml_arena_get(&r->profile->arena, ((list != NULL ? list->n : 0) + 1) * sizeof *named);
    if (named == NULL) {
        return no_memory(r);
    }
    for (const struct ml_yaml *item = list != NULL ? list->first : NULL; item != NULL; item = item->next) {
        named[n] = (const char *)ml_arena_copy(&r->profile->arena, item->text).ptr;
        if (item->kind != ML_YAML_SCALAR || item->text.len == 0) {
            return ml_yaml_refuse(r->file, item, r->error, "\"named\" must be a list of texts");
        }
        if (named[n++] == NULL) {
            return no_memory(r);
        }
    }
    out->named = named;
    return ML_OK;
}

static enum ml_status read_provision(const struct reading *r, const struct ml_yaml *node)
{
    static const char *const keys[] = {"id", "named", "note", "source", "checked_on", "unverified", NULL};
    struct ml_profile *profile = r->profile;
    struct ml_provision *out = &profile->provisions[profile->n_provisions];
    enum ml_status status = ml_folder_keys(r->file, node, keys, r->error);
    if (status == ML_OK) {
        status = ml_folder_text(r->file, node, "id", true, &profile->arena, &out->id, r->error);
    }
    if (status == ML_OK) {
        status = ml_folder_source(r->file, node, &profile->arena, &out->source, &out->checked_on, r->error);
    }
    for (size_t i = 0; status == ML_OK && i < profile->n_provisions; i++) {
        if (strcmp(profile->provisions[i].id, out->id) == 0) {
            status = ml_yaml_refuse(r->file, node, r->error, "the provision \"%s\" stands twice", out->id);
        }
    }
    status = status == ML_OK ? read_named(r, node, out) : status;
    out->source = out->source != NULL ? out->source : "";
    out->checked_on = out->checked_on != NULL ? out->checked_on : "";
    profile->n_provisions += status == ML_OK ? 1 : 0;
    return status;
}

static enum ml_status read_question(const struct reading *r, const struct ml_yaml *node)
{
    static const char *const keys[] = {"id", "topic", NULL};
    struct ml_profile *profile = r->profile;
    struct ml_question *out = &profile->questions[profile->n_questions];
    enum ml_status status = ml_folder_keys(r->file, node, keys, r->error);
    if (status == ML_OK) {
        status = ml_folder_text(r->file, node, "id", true, &profile->arena, &out->id, r->error);
    }
    for (size_t i = 0; status == ML_OK && i < profile->n_questions; i++) {
        if (strcmp(profile->questions[i].id, out->id) == 0) {
            status = ml_yaml_refuse(r->file, node, r->error, "the question \"%s\" stands twice", out->id);
        }
    }
    struct ml_span topic = ml_yaml_text(node, "topic", "");
    while (status == ML_OK && out->topic < profile->n_topics &&
           !ml_span_equal(topic, ml_span_text(profile->topics[out->topic]))) {
        out->topic++;
    }
    if (status == ML_OK && out->topic == profile->n_topics) {
        status = ml_yaml_refuse(r->file, node, r->error, "\"topic\" must be one of the topics");
    }
    profile->n_questions += status == ML_OK ? 1 : 0;
    return status;
}

/* --- rows --- */

static size_t find_provision(const struct ml_profile *profile, struct ml_span id)
{
    size_t i = 0;
    while (i < profile->n_provisions && !ml_span_equal(id, ml_span_text(profile->provisions[i].id))) {
        i++;
    }
    return i < profile->n_provisions ? i : SIZE_MAX;
}

static size_t find_question(const struct ml_profile *profile, struct ml_span id)
{
    size_t i = 0;
    while (i < profile->n_questions && !ml_span_equal(id, ml_span_text(profile->questions[i].id))) {
        i++;
    }
    return i < profile->n_questions ? i : SIZE_MAX;
}

/* A list of ids as a bit set; may be empty or missing. */
static enum ml_status read_set(const struct reading *r, const struct ml_yaml *map, const char *key,
                               size_t (*find)(const struct ml_profile *, struct ml_span), uint64_t *out)
{
    const struct ml_yaml *list = ml_yaml_get(map, key);
    if (list != NULL && list->kind != ML_YAML_LIST) {
        return ml_yaml_refuse(r->file, list, r->error, "\"%s\" must be a list", key);
    }
    for (const struct ml_yaml *item = list != NULL ? list->first : NULL; item != NULL; item = item->next) {
        size_t bit = find(r->profile, item->text);
        if (bit == SIZE_MAX) {
            return refuse_span(r, item, "there is no such id among the ones above:");
        }
        *out |= UINT64_C(1) << bit;
    }
    return ML_OK;
}

static enum ml_status read_row(const struct reading *r, const struct ml_yaml *node)
{
    static const char *const keys[] = {"leaks", "provisions", "questions", NULL};
    struct ml_profile *profile = r->profile;
    const struct ml_yaml *leaks = NULL;
    struct ml_profile_row *row = &profile->rows[profile->n_rows];
    enum ml_status status = ml_folder_keys(r->file, node, keys, r->error);
    status = status == ML_OK ? list_of(r, node, "leaks", 200, &leaks) : status;
    status = status == ML_OK ? read_set(r, node, "provisions", find_provision, &row->provisions) : status;
    status = status == ML_OK ? read_set(r, node, "questions", find_question, &row->questions) : status;
    for (const struct ml_yaml *leak = status == ML_OK ? leaks->first : NULL; leak != NULL; leak = leak->next) {
        bool is_new = false;
        if (ml_map_add(&profile->index, leak->text, (uint32_t)profile->n_rows, &is_new) == NULL) {
            return no_memory(r);
        }
        if (!is_new) {
            return refuse_span(r, leak, "a leak has one row, and this one has two:");
        }
    }
    profile->n_rows += status == ML_OK ? 1 : 0;
    return status;
}

static enum ml_status read_list(const struct reading *r, const struct ml_yaml *root, const char *key, size_t max,
                                enum ml_status (*read)(const struct reading *, const struct ml_yaml *))
{
    const struct ml_yaml *list = NULL;
    enum ml_status status = list_of(r, root, key, max, &list);
    for (const struct ml_yaml *node = status == ML_OK ? list->first : NULL; status == ML_OK && node != NULL;
         node = node->next) {
        status = read(r, node);
    }
    return status;
}

static enum ml_status read_root(const struct reading *r)
{
    static const char *const keys[] = {"as_of",      "profile",   "regime", "topics",
                                       "provisions", "questions", "leaks",  NULL};
    enum { MAX_ROWS = 500 };
    struct ml_profile *profile = r->profile;
    if (r->file->n_documents != 1) {
        ml_error_at(r->error, r->file->path, 0, 0);
        return ml_error_set(r->error, ML_BAD_INPUT, "wants one document");
    }
    const struct ml_yaml *root = r->file->documents[0];
    enum ml_status status = ml_folder_keys(r->file, root, keys, r->error);
    const struct {
        const char *key;
        const char **text;
    } texts[] = {{"as_of", &profile->as_of}, {"profile", &profile->id}, {"regime", &profile->regime}};
    for (size_t i = 0; status == ML_OK && i < sizeof texts / sizeof texts[0]; i++) {
        status = ml_folder_text(r->file, root, texts[i].key, true, &profile->arena, texts[i].text, r->error);
    }
    profile->rows = ml_arena_get(&profile->arena, (MAX_ROWS + 1) * sizeof *profile->rows);
    if (status == ML_OK && profile->rows == NULL) {
        status = no_memory(r);
    }
    status = status == ML_OK ? read_topics(r, root) : status;
    status = status == ML_OK ? read_list(r, root, "provisions", ML_MAX_PROVISIONS, read_provision) : status;
    status = status == ML_OK ? read_list(r, root, "questions", ML_MAX_QUESTIONS, read_question) : status;
    return status == ML_OK ? read_list(r, root, "leaks", MAX_ROWS, read_row) : status;
}

static enum ml_status take(struct ml_yaml_file *file, struct ml_profile *out, struct ml_error *error)
{
    const struct reading r = {.file = file, .profile = out, .error = error};
    ml_arena_init(&out->arena, false);
    ml_map_init(&out->index, 1 << 16);
    enum ml_status status = read_root(&r);
    ml_yaml_fini(file);
    if (status != ML_OK) {
        ml_profile_fini(out);
    }
    return status;
}

enum ml_status ml_profile_parse(const char *name, struct ml_span text, struct ml_profile *out, struct ml_error *error)
{
    struct ml_yaml_file file;
    char sha256[ML_SHA256_HEX];
    *out = (struct ml_profile){0};
    enum ml_status status = ml_yaml_parse(name, text, &file, error);
    if (status == ML_OK && !ml_sha256_hex(text, sha256)) {
        ml_yaml_fini(&file);
        status = ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    status = status == ML_OK ? take(&file, out, error) : status;
    if (status == ML_OK) {
        memcpy(out->sha256, sha256, sizeof sha256);
    }
    return status;
}

enum ml_status ml_profile_read(const char *path, struct ml_profile *out, struct ml_error *error)
{
    struct ml_yaml_file file;
    char sha256[ML_SHA256_HEX];
    *out = (struct ml_profile){0};
    enum ml_status status = ml_sha256_file(path, sha256, error);
    status = status == ML_OK ? ml_yaml_read(path, &file, error) : status;
    status = status == ML_OK ? take(&file, out, error) : status;
    if (status == ML_OK) {
        memcpy(out->sha256, sha256, sizeof sha256);
    }
    return status;
}

void ml_profile_fini(struct ml_profile *profile)
{
    ml_arena_fini(&profile->arena);
    ml_map_fini(&profile->index);
    *profile = (struct ml_profile){0};
}

const struct ml_profile_row *ml_profile_find(const struct ml_profile *profile, const char *leak)
{
    const struct ml_map_entry *entry = ml_map_find(&profile->index, ml_span_text(leak));
    return entry != NULL ? &profile->rows[entry->value] : NULL;
}
