/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/folder.h"
#include "policy/ruleset.h"

#include "core/file.h"
#include "core/mem.h"

#include <stdio.h>

/* A rule set in the making. */
struct loader {
    struct ml_rules *rules;
    struct ml_digest *digest;
    struct ml_lists lists;
    unsigned flags;
    bool is_picky;               /* the file was named: what it holds must be rules */
    struct ml_yaml_file **files; /* owned; those with correlations wait for the rules they refer to */
    size_t n_files, n_files_room;
    struct ml_pending *pending; /* owned */
    size_t n_pending, n_pending_room;
    struct ml_map foreign; /* ids and names of rules that were left out */
    struct ml_error *error;
};

static enum ml_status no_memory(struct loader *l)
{
    return ml_error_set(l->error, ML_NO_MEMORY, "out of memory");
}

/* "product=windows category=process_creation" */
static const char *describe(const struct ml_yaml *logsource, char *out, size_t size)
{
    static const char *const keys[] = {"product", "category", "service"};
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char shown[ML_SHOWN];
        struct ml_span value = ml_yaml_text(logsource, keys[i], NULL);
        if (value.ptr != NULL && n < size) {
            n += (size_t)snprintf(out + n, size - n, "%s%s=%s", n != 0 ? " " : "", keys[i], ml_shown(value, shown));
        }
    }
    return out;
}

/* ML_UNSUPPORTED: the rule is for somebody else. */
static enum ml_status read_logsource(struct loader *l, const struct ml_yaml_file *file, const struct ml_yaml *document,
                                     enum ml_category *out)
{
    char described[256];
    const struct ml_yaml *logsource = ml_yaml_get(document, "logsource");
    if (logsource == NULL || logsource->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(file, logsource != NULL ? logsource : document, l->error, "the rule has no logsource");
    }
    bool is_ours = ml_span_equal(ml_yaml_text(logsource, "product", NULL), ml_span_text("mitleser"));
    if (!is_ours || ml_yaml_get(logsource, "service") != NULL) {
        return ml_refuse_key(file, logsource, ML_UNSUPPORTED, l->error, "log source %s is not one of this program",
                             describe(logsource, described, sizeof described));
    }
    for (unsigned i = 0; i < ML_N_CATEGORIES; i++) {
        const char *name = ml_category_name((enum ml_category)i);
        if (ml_span_equal(ml_yaml_text(logsource, "category", NULL), ml_span_text(name))) {
            *out = (enum ml_category)i;
            return ML_OK;
        }
    }
    const struct ml_yaml *category = ml_yaml_get(logsource, "category");
    return ml_yaml_refuse(file, category != NULL ? category : logsource, l->error,
                          "log source %s: the categories are flow, endpoint, fact, app, capture",
                          describe(logsource, described, sizeof described));
}

/* Remembers a rule that was left out, so that correlations of it can be left out too. */
static enum ml_status skip(struct loader *l, const struct ml_yaml *document)
{
    static const char *const keys[] = {"id", "name"};
    l->rules->n_skipped++;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct ml_span name = ml_yaml_text(document, keys[i], NULL);
        if (name.ptr != NULL && ml_map_add(&l->foreign, name, 0, NULL) == NULL) {
            return no_memory(l);
        }
    }
    return ML_OK;
}

static const char *default_subject(enum ml_category category)
{
    return category == ML_CAT_FACT ? "flow" : ml_category_name(category);
}

static enum ml_status load_detection(struct loader *l, const struct ml_yaml_file *file, const struct ml_yaml *document)
{
    struct ml_rules *rules = l->rules;
    enum ml_category category = ML_CAT_FLOW;
    enum ml_status status = read_logsource(l, file, document, &category);
    if (status == ML_UNSUPPORTED && (l->flags & ML_RULES_SKIP_FOREIGN) != 0) {
        return skip(l, document);
    }
    uint32_t number = 0;
    status = status != ML_OK ? status : ml_rule_read(rules, file, document, &number, l->error);
    if (status != ML_OK) {
        return status;
    }
    struct ml_rule *rule = &rules->items[number];
    rule->category = category;
    rule->subject = rule->subject[0] != '\0' ? rule->subject : default_subject(category);
    struct ml_compiler compiler = {.arena = &rules->arena,
                                   .regexes = &rules->regexes,
                                   .lists = &l->lists,
                                   .file = file,
                                   .error = l->error,
                                   .category = category,
                                   .program = &rules->programs[category]};
    const struct ml_expr *condition = NULL;
    ml_arena_init(&compiler.scratch, false);
    status = ml_compile_detection(&compiler, ml_yaml_get(document, "detection"), &condition);
    ml_arena_fini(&compiler.scratch);
    if (status == ML_OK && !ml_program_add_code(compiler.program, number, condition)) {
        status = no_memory(l);
    }
    return status;
}

static enum ml_status postpone(struct loader *l, const struct ml_yaml_file *file, const struct ml_yaml *document)
{
    struct ml_pending *pending = ml_mem_grow(l->pending, l->n_pending, &l->n_pending_room, 16, sizeof *pending);
    if (pending == NULL) {
        return no_memory(l);
    }
    l->pending = pending;
    l->pending[l->n_pending++] = (struct ml_pending){.file = file, .document = document};
    return ML_OK;
}

static enum ml_status load_document(struct loader *l, const struct ml_yaml_file *file, const struct ml_yaml *document)
{
    bool is_detection = ml_yaml_get(document, "detection") != NULL;
    bool is_correlation = ml_yaml_get(document, "correlation") != NULL;
    const struct ml_yaml *action = ml_yaml_get(document, "action");
    const struct ml_yaml *filter = ml_yaml_get(document, "filter");
    if (action != NULL) {
        return ml_refuse_key(file, action, ML_UNSUPPORTED, l->error,
                             "'action' (rule collections of Sigma 1) is not supported");
    }
    if (filter != NULL && !is_detection) {
        return ml_refuse_key(file, filter, ML_UNSUPPORTED, l->error, "'filter' (Sigma filters) is not supported");
    }
    if (is_detection && is_correlation) {
        return ml_yaml_refuse(file, document, l->error, "a rule has a detection or a correlation, not both");
    }
    if (is_correlation) {
        return postpone(l, file, document);
    }
    if (is_detection) {
        return load_detection(l, file, document);
    }
    return l->is_picky ? ml_yaml_refuse(file, document, l->error, "holds neither a detection nor a correlation")
                       : ML_OK;
}

/* Loads all documents of a file, and keeps it while correlations of it are pending. */
static enum ml_status load_documents(struct loader *l, struct ml_yaml_file *file)
{
    enum ml_status status = ML_OK;
    if (l->is_picky && file->n_documents == 0) {
        status = ml_yaml_refuse(file, NULL, l->error, "holds no document");
    }
    for (size_t i = 0; i < file->n_documents && status == ML_OK; i++) {
        status = load_document(l, file, file->documents[i]);
    }
    return status;
}

static bool keep_file(struct loader *l, struct ml_yaml_file *file)
{
    struct ml_yaml_file **files =
        ml_mem_grow(l->files, l->n_files, &l->n_files_room, 16, sizeof(struct ml_yaml_file *));
    if (files == NULL) {
        return false;
    }
    l->files = files;
    l->files[l->n_files++] = file;
    return true;
}

static enum ml_status load_text(struct loader *l, const char *path, struct ml_span text)
{
    struct ml_yaml_file *file = ml_mem_array(1, sizeof *file);
    size_t n_before = l->n_pending;
    if (file == NULL) {
        return no_memory(l);
    }
    enum ml_status status = ML_OK;
    if (!ml_digest_feed(l->digest, text)) {
        status = ml_error_set(l->error, ML_IO, "SHA-256 failed");
    }
    status = status != ML_OK ? status : ml_yaml_parse(path, text, file, l->error);
    status = status != ML_OK ? status : load_documents(l, file);
    if (status == ML_OK && l->n_pending != n_before) {
        if (keep_file(l, file)) {
            return ML_OK;
        }
        status = no_memory(l);
    }
    ml_yaml_fini(file);
    ml_mem_free(file);
    return status;
}

static enum ml_status load_file(struct loader *l, const char *path)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    ml_error_at(l->error, path, 0, 0);
    enum ml_status status = ml_file_read(path, ML_MAX_YAML_BYTES, &bytes, &len, l->error);
    if (status == ML_OK) {
        status = load_text(l, path, ml_span_of(bytes, len));
    }
    ml_mem_free(bytes);
    return status;
}

static enum ml_status load_path(struct loader *l, const char *path)
{
    struct ml_paths paths = {0};
    l->is_picky = !ml_is_folder(path);
    if (l->is_picky) {
        return load_file(l, path);
    }
    enum ml_status status = ml_folder_list(path, ".yml", &paths, l->error);
    for (size_t i = 0; i < paths.n && status == ML_OK; i++) {
        status = load_file(l, paths.items[i]);
    }
    ml_paths_fini(&paths);
    return status;
}

/* Does a correlation refer to a rule that was left out? */
static bool is_foreign(struct loader *l, const struct ml_yaml *document)
{
    const struct ml_yaml *rules = ml_yaml_get(ml_yaml_get(document, "correlation"), "rules");
    if (rules == NULL || rules->kind == ML_YAML_MAP) {
        return false;
    }
    const struct ml_yaml *name = rules->kind == ML_YAML_LIST ? rules->first : rules;
    for (; name != NULL; name = rules->kind == ML_YAML_LIST ? name->next : NULL) {
        if (name->kind == ML_YAML_SCALAR && ml_map_find(&l->foreign, name->text) != NULL) {
            return true;
        }
    }
    return false;
}

/* Leaves out the correlations of what was left out, until nothing changes. */
static enum ml_status drop_foreign(struct loader *l)
{
    bool has_changed = l->foreign.n != 0;
    while (has_changed) {
        has_changed = false;
        size_t n = 0;
        for (size_t i = 0; i < l->n_pending; i++) {
            if (!is_foreign(l, l->pending[i].document)) {
                l->pending[n++] = l->pending[i];
                continue;
            }
            enum ml_status status = skip(l, l->pending[i].document);
            if (status != ML_OK) {
                return status;
            }
            has_changed = true;
        }
        l->n_pending = n;
    }
    return ML_OK;
}

static void note_asked(uint64_t asked[], enum ml_field field)
{
    asked[field / 64] |= UINT64_C(1) << field % 64;
}

static void note_asked_by_rules(const struct ml_program *program, uint64_t asked[])
{
    if (program->fields[ML_FIELD_NONE] != NULL) {
        memset(asked, 0xff, ML_FIELD_WORDS * sizeof *asked); /* keywords are looked for everywhere */
    }
    for (size_t i = 0; i < ML_N_FIELDS; i++) {
        if (program->fields[i] != NULL) {
            note_asked(asked, (enum ml_field)i);
        }
    }
    for (size_t i = 0; i < program->n_predicates; i++) {
        for (const struct ml_atom *atom = program->predicates[i].atoms; atom != NULL; atom = atom->next) {
            note_asked(asked, atom->other);
        }
    }
}

static void note_asked_by_correlation(const struct ml_correlation *correlation, uint64_t asked[])
{
    for (size_t i = 0; i < correlation->n_rules * correlation->n_fields; i++) {
        note_asked(asked, correlation->group_by[i]);
    }
    for (size_t i = 0; correlation->value != NULL && i < correlation->n_rules; i++) {
        note_asked(asked, correlation->value[i]);
    }
}

/* After everything is loaded. */
static void find_asked(struct ml_rules *rules)
{
    for (size_t i = 0; i < ML_N_CATEGORIES; i++) {
        note_asked_by_rules(&rules->programs[i], rules->asked[i]);
        for (size_t k = 0; k < rules->n_correlations; k++) {
            note_asked_by_correlation(&rules->correlations[k], rules->asked[i]);
        }
    }
}

static enum ml_status finish(struct loader *l)
{
    enum ml_status status = drop_foreign(l);
    for (size_t i = 0; i < l->n_pending && status == ML_OK; i++) {
        struct ml_pending *p = &l->pending[i];
        status = ml_rule_read(l->rules, p->file, p->document, &p->rule, l->error);
    }
    status = status != ML_OK ? status : ml_correlations_resolve(l->rules, l->pending, l->n_pending, l->error);
    for (size_t i = 0; i < ML_N_CATEGORIES && status == ML_OK; i++) {
        if (ml_program_link(&l->rules->programs[i]) != ML_OK) {
            status = no_memory(l);
        }
    }
    find_asked(l->rules);
    if (status == ML_OK && !ml_digest_hex(l->digest, l->rules->sha256)) {
        status = ml_error_set(l->error, ML_IO, "SHA-256 failed");
    }
    return status;
}

static struct ml_rules *new_rules(void)
{
    struct ml_rules *rules = ml_mem_array(1, sizeof *rules);
    if (rules != NULL) {
        ml_arena_init(&rules->arena, false);
        ml_map_init(&rules->names, 2 * (size_t)ML_MAX_RULES);
        for (size_t i = 0; i < ML_N_CATEGORIES; i++) {
            ml_program_init(&rules->programs[i]);
        }
    }
    return rules;
}

void ml_rules_free(struct ml_rules *rules)
{
    if (rules == NULL) {
        return;
    }
    for (size_t i = 0; i < ML_N_CATEGORIES; i++) {
        ml_program_fini(&rules->programs[i]);
    }
    for (size_t i = 0; i < rules->regexes.n; i++) {
        ml_regex_free(rules->regexes.items[i]);
    }
    ml_mem_free(rules->regexes.items);
    ml_mem_free(rules->items);
    ml_mem_free(rules->correlations);
    ml_mem_free(rules->feeds);
    ml_mem_free(rules->feed_starts);
    ml_map_fini(&rules->names);
    ml_arena_fini(&rules->arena);
    ml_mem_free(rules);
}

/* What all ways of loading share: `paths`, or `text` under the name paths[0]. */
static enum ml_status load(const char *const *paths, size_t n_paths, const struct ml_span *text, const char *lists,
                           unsigned flags, struct ml_rules **out, struct ml_error *error)
{
    struct loader l = {.flags = flags, .error = error, .is_picky = true};
    enum ml_status status = ML_NO_MEMORY;
    *out = NULL;
    ml_error_at(error, "", 0, 0);
    ml_map_init(&l.foreign, UINT32_MAX);
    l.digest = ml_digest_new();
    ml_lists_init(&l.lists, lists, l.digest);
    l.rules = new_rules();
    if (l.digest == NULL || l.rules == NULL) {
        status = no_memory(&l);
        goto out;
    }
    status = text != NULL ? load_text(&l, paths[0], *text) : ML_OK;
    for (size_t i = 0; i < n_paths && text == NULL && status == ML_OK; i++) {
        status = load_path(&l, paths[i]);
    }
    status = status != ML_OK ? status : finish(&l);
    if (status == ML_OK) {
        *out = l.rules;
        l.rules = NULL; /* given to caller */
    }
out:
    ml_rules_free(l.rules);
    for (size_t i = 0; i < l.n_files; i++) {
        ml_yaml_fini(l.files[i]);
        ml_mem_free(l.files[i]);
    }
    ml_mem_free(l.files);
    ml_mem_free(l.pending);
    ml_map_fini(&l.foreign);
    ml_lists_fini(&l.lists);
    ml_digest_free(l.digest);
    return status;
}

enum ml_status ml_rules_load_flags(const char *const *paths, size_t n_paths, const char *lists, unsigned flags,
                                   struct ml_rules **out, struct ml_error *error)
{
    return load(paths, n_paths, NULL, lists, flags, out, error);
}

enum ml_status ml_rules_load(const char *const *paths, size_t n_paths, const char *lists, struct ml_rules **out,
                             struct ml_error *error)
{
    return ml_rules_load_flags(paths, n_paths, lists, 0, out, error);
}

enum ml_status ml_rules_parse(const char *name, struct ml_span text, const char *lists, unsigned flags,
                              struct ml_rules **out, struct ml_error *error)
{
    return load(&name, 1, &text, lists, flags, out, error);
}

bool ml_rules_ask(const struct ml_rules *rules, enum ml_category category, enum ml_field field)
{
    return (rules->asked[category][field / 64] >> field % 64 & 1) != 0;
}

size_t ml_rules_count(const struct ml_rules *rules)
{
    return rules->n;
}

const struct ml_rule *ml_rules_get(const struct ml_rules *rules, size_t index)
{
    ML_ASSERT(index < rules->n);
    return &rules->items[index];
}

const struct ml_rule *ml_rules_find(const struct ml_rules *rules, struct ml_span id_or_name)
{
    const struct ml_map_entry *entry = ml_map_find(&rules->names, id_or_name);
    return entry != NULL ? &rules->items[entry->value] : NULL;
}

size_t ml_rules_skipped(const struct ml_rules *rules)
{
    return rules->n_skipped;
}

const char *ml_rules_sha256(const struct ml_rules *rules)
{
    return rules->sha256;
}
