/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/taxonomy.h"

#include "core/file.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/yaml.h"
#include "policy/item.h"
#include "policy/list.h"

enum { MAX_LEAKS = 4096 };

struct ml_taxonomy {
    struct ml_arena arena;
    struct ml_leak *leaks; /* in the arena */
    size_t n;
    struct ml_map ids; /* id -> number */
    char sha256[ML_SHA256_HEX];
};

static const char *const observer_texts[ML_N_OBSERVERS] = {
    [ML_OBS_LOCAL_NETWORK] = "local_network",
    [ML_OBS_ACCESS_PROVIDER] = "access_provider",
    [ML_OBS_PATH] = "path",
    [ML_OBS_RESOLVER] = "resolver",
    [ML_OBS_ENDPOINT_OPERATOR] = "endpoint_operator",
    [ML_OBS_HOSTING_PROVIDER] = "hosting_provider",
    [ML_OBS_THIRD_PARTY] = "third_party",
    [ML_OBS_PUSH_PROVIDER] = "push_provider",
    [ML_OBS_CALL_PEER] = "call_peer",
    [ML_OBS_STATE_REACH] = "state_reach",
};

static const char *const learns_texts[ML_N_LEARNS] = {
    [ML_LEARNS_APP_USE] = "app_use",   [ML_LEARNS_TIMING] = "timing",
    [ML_LEARNS_IDENTITY] = "identity", [ML_LEARNS_DEVICE_IDENTITY] = "device_identity",
    [ML_LEARNS_CONTACTS] = "contacts", [ML_LEARNS_LOCATION] = "location",
    [ML_LEARNS_CONTENT] = "content",   [ML_LEARNS_PAYMENT] = "payment",
};

static const char *const needs_texts[ML_N_NEEDS] = {
    [ML_NEEDS_METADATA] = "metadata", [ML_NEEDS_DECRYPTED] = "decrypted", [ML_NEEDS_ACTIVE] = "active",
    [ML_NEEDS_RUNS] = "runs",         [ML_NEEDS_PLANTED] = "planted",     [ML_NEEDS_STEPS] = "steps",
    [ML_NEEDS_DECLARED] = "declared", [ML_NEEDS_ENDS] = "ends",           [ML_NEEDS_MODEL] = "model",
};

const char *ml_observer_text(enum ml_observer observer)
{
    ML_ASSERT((unsigned)observer < ML_N_OBSERVERS);
    return observer_texts[observer];
}

const char *ml_learns_text(enum ml_learns learns)
{
    ML_ASSERT((unsigned)learns < ML_N_LEARNS);
    return learns_texts[learns];
}

const char *ml_needs_text(enum ml_needs needs)
{
    ML_ASSERT((unsigned)needs < ML_N_NEEDS);
    return needs_texts[needs];
}

struct reader {
    struct ml_taxonomy *taxonomy;
    const struct ml_yaml_file *file;
    struct ml_error *error;
};

static enum ml_status no_memory(struct reader *r)
{
    return ml_error_set(r->error, ML_NO_MEMORY, "out of memory");
}

/* Number of a word in a table. */
static bool find_word(struct ml_span word, const char *const *texts, size_t n, size_t *out)
{
    for (*out = 0; *out < n; ++*out) {
        if (ml_span_equal(word, ml_span_text(texts[*out]))) {
            return true;
        }
    }
    return false;
}

static enum ml_status refuse_word(struct reader *r, const struct ml_yaml *node, const char *what)
{
    char shown[ML_SHOWN];
    return ml_yaml_refuse(r->file, node, r->error, "'%s' is no %s", ml_shown(node->text, shown), what);
}

static enum ml_status read_text(struct reader *r, const struct ml_yaml *leak, const char *key, const char **out)
{
    const struct ml_yaml *node = ml_yaml_get(leak, key);
    if (node == NULL || node->kind != ML_YAML_SCALAR || node->text.len == 0 ||
        memchr(node->text.ptr, 0, node->text.len) != NULL) {
        return ml_yaml_refuse(r->file, node != NULL ? node : leak, r->error, "a leak needs a text '%s'", key);
    }
    *out = (const char *)ml_arena_copy(&r->taxonomy->arena, node->text).ptr;
    return *out != NULL ? ML_OK : no_memory(r);
}

/* A list of words of a table, as bits. */
static enum ml_status read_set(struct reader *r, const struct ml_yaml *leak, const char *key, const char *const *texts,
                               size_t n_texts, uint32_t *out)
{
    const struct ml_yaml *list = ml_yaml_get(leak, key);
    if (list == NULL || list->kind != ML_YAML_LIST) {
        return ml_yaml_refuse(r->file, list != NULL ? list : leak, r->error, "a leak needs a list '%s'", key);
    }
    for (const struct ml_yaml *word = list->first; word != NULL; word = word->next) {
        size_t number = 0;
        if (!find_word(word->text, texts, n_texts, &number)) {
            char shown[ML_SHOWN];
            return ml_yaml_refuse(r->file, word, r->error, "'%s' is unknown to '%s'", ml_shown(word->text, shown), key);
        }
        *out |= 1U << number;
    }
    return ML_OK;
}

static enum ml_status read_limits(struct reader *r, const struct ml_yaml *leak, const char *const **out)
{
    const struct ml_yaml *list = ml_yaml_get(leak, "limits");
    size_t n = list != NULL && list->kind == ML_YAML_LIST ? list->n : 0;
    const char **limits = ml_arena_get(&r->taxonomy->arena, (n + 1) * sizeof *limits);
    const struct ml_yaml *word = n != 0 ? list->first : NULL;
    *out = limits;
    for (size_t i = 0; i < n && limits != NULL; i++, word = word->next) {
        if (!ml_span_starts(word->text, "LIM-")) {
            return refuse_word(r, word, "limit");
        }
        limits[i] = (const char *)ml_arena_copy(&r->taxonomy->arena, word->text).ptr;
        limits = limits[i] != NULL ? limits : NULL;
    }
    return limits != NULL ? ML_OK : no_memory(r);
}

static enum ml_status read_classes(struct reader *r, const struct ml_yaml *leak, struct ml_leak *out)
{
    static const char *const claims[] = {"observation", "indication"};
    size_t number = 0;
    const struct ml_yaml *severity = ml_yaml_get(leak, "severity");
    const struct ml_yaml *claim = ml_yaml_get(leak, "claim");
    const struct ml_yaml *needs = ml_yaml_get(leak, "needs");
    if (severity == NULL || claim == NULL || needs == NULL) {
        return ml_yaml_refuse(r->file, leak, r->error, "a leak needs severity, claim and needs");
    }
    if (!ml_level_parse(severity->text, &out->severity)) {
        return refuse_word(r, severity, "severity");
    }
    if (!find_word(claim->text, claims, 2, &number)) {
        return refuse_word(r, claim, "claim");
    }
    out->claim = number == 0 ? ML_CLAIM_OBSERVATION : ML_CLAIM_INDICATION;
    if (!find_word(needs->text, needs_texts, ML_N_NEEDS, &number)) {
        return refuse_word(r, needs, "need");
    }
    out->needs = (enum ml_needs)number;
    return ML_OK;
}

static enum ml_status read_leak(struct reader *r, const struct ml_yaml *node)
{
    struct ml_taxonomy *taxonomy = r->taxonomy;
    struct ml_leak *leak = &taxonomy->leaks[taxonomy->n];
    bool is_new = false;
    if (node->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(r->file, node, r->error, "a leak is a map");
    }
    enum ml_status status = read_text(r, node, "id", &leak->id);
    status = status != ML_OK ? status : read_text(r, node, "title", &leak->title);
    status = status != ML_OK ? status : read_text(r, node, "category", &leak->category);
    status =
        status != ML_OK ? status : read_set(r, node, "observers", observer_texts, ML_N_OBSERVERS, &leak->observers);
    status = status != ML_OK ? status : read_set(r, node, "learns", learns_texts, ML_N_LEARNS, &leak->learns);
    status = status != ML_OK ? status : read_classes(r, node, leak);
    status = status != ML_OK ? status : read_limits(r, node, &leak->limits);
    if (status != ML_OK) {
        return status;
    }
    if (ml_map_add(&taxonomy->ids, ml_span_text(leak->id), (uint32_t)taxonomy->n, &is_new) == NULL) {
        return no_memory(r);
    }
    if (!is_new) {
        return ml_yaml_refuse(r->file, node, r->error, "'%s' is there twice", leak->id);
    }
    taxonomy->n++;
    return ML_OK;
}

static enum ml_status read_leaks(struct reader *r)
{
    const struct ml_yaml *root = r->file->n_documents != 0 ? r->file->documents[0] : NULL;
    const struct ml_yaml *leaks = ml_yaml_get(root, "leaks");
    if (leaks == NULL || leaks->kind != ML_YAML_LIST || leaks->n > MAX_LEAKS) {
        return ml_yaml_refuse(r->file, root, r->error, "a taxonomy is a list 'leaks' of at most %d", MAX_LEAKS);
    }
    r->taxonomy->leaks = ml_arena_get(&r->taxonomy->arena, (leaks->n + 1) * sizeof *r->taxonomy->leaks);
    if (r->taxonomy->leaks == NULL) {
        return no_memory(r);
    }
    for (const struct ml_yaml *leak = leaks->first; leak != NULL; leak = leak->next) {
        enum ml_status status = read_leak(r, leak);
        if (status != ML_OK) {
            return status;
        }
    }
    return ML_OK;
}

enum ml_status ml_taxonomy_parse(const char *name, struct ml_span text, struct ml_taxonomy **out,
                                 struct ml_error *error)
{
    struct ml_yaml_file file;
    struct ml_taxonomy *taxonomy = ml_mem_array(1, sizeof *taxonomy);
    *out = NULL;
    if (taxonomy == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    ml_arena_init(&taxonomy->arena, false);
    ml_map_init(&taxonomy->ids, MAX_LEAKS);
    struct reader r = {.taxonomy = taxonomy, .file = &file, .error = error};
    enum ml_status status = ml_yaml_parse(name, text, &file, error);
    status = status != ML_OK ? status : read_leaks(&r);
    ml_yaml_fini(&file);
    if (status == ML_OK && !ml_sha256_hex(text, taxonomy->sha256)) {
        status = ml_error_set(error, ML_IO, "SHA-256 failed");
    }
    if (status != ML_OK) {
        ml_taxonomy_free(taxonomy);
        return status;
    }
    *out = taxonomy;
    return ML_OK;
}

enum ml_status ml_taxonomy_load(const char *path, struct ml_taxonomy **out, struct ml_error *error)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    *out = NULL;
    ml_error_at(error, path, 0, 0);
    enum ml_status status = ml_file_read(path, ML_MAX_YAML_BYTES, &bytes, &len, error);
    status = status != ML_OK ? status : ml_taxonomy_parse(path, ml_span_of(bytes, len), out, error);
    ml_mem_free(bytes);
    return status;
}

void ml_taxonomy_free(struct ml_taxonomy *taxonomy)
{
    if (taxonomy != NULL) {
        ml_map_fini(&taxonomy->ids);
        ml_arena_fini(&taxonomy->arena);
        ml_mem_free(taxonomy);
    }
}

size_t ml_taxonomy_count(const struct ml_taxonomy *taxonomy)
{
    return taxonomy->n;
}

const struct ml_leak *ml_taxonomy_get(const struct ml_taxonomy *taxonomy, size_t index)
{
    ML_ASSERT(index < taxonomy->n);
    return &taxonomy->leaks[index];
}

const struct ml_leak *ml_taxonomy_find(const struct ml_taxonomy *taxonomy, struct ml_span id)
{
    const struct ml_map_entry *entry = ml_map_find(&taxonomy->ids, id);
    return entry != NULL ? &taxonomy->leaks[entry->value] : NULL;
}

const char *ml_taxonomy_sha256(const struct ml_taxonomy *taxonomy)
{
    return taxonomy->sha256;
}
