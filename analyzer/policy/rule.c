/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ruleset.h"

#include "core/mem.h"
#include "core/path.h"
#include "core/text.h"

enum { MAX_TITLE = 256, MAX_DESCRIPTION = 65535 }; /* bytes; Sigma rules specification 2.0 */

static const char *const level_texts[ML_N_LEVELS] = {
    [ML_LEVEL_INFORMATIONAL] = "informational",
    [ML_LEVEL_LOW] = "low",
    [ML_LEVEL_MEDIUM] = "medium",
    [ML_LEVEL_HIGH] = "high",
    [ML_LEVEL_CRITICAL] = "critical",
};

const char *ml_level_text(enum ml_level level)
{
    ML_ASSERT((unsigned)level < ML_N_LEVELS);
    return level_texts[level];
}

bool ml_level_parse(struct ml_span text, enum ml_level *out)
{
    for (unsigned i = 0; i < ML_N_LEVELS; i++) {
        if (ml_span_equal(text, ml_span_text(level_texts[i]))) {
            *out = (enum ml_level)i;
            return true;
        }
    }
    return false;
}

const char *ml_claim_text(enum ml_claim claim)
{
    return claim == ML_CLAIM_OBSERVATION ? "observation" : "indication";
}

struct reader {
    struct ml_rules *rules;
    const struct ml_yaml_file *file;
    const struct ml_yaml *document;
    struct ml_error *error;
};

static enum ml_status no_memory(struct reader *r)
{
    return ml_error_set(r->error, ML_NO_MEMORY, "out of memory");
}

static enum ml_status check_text(struct reader *r, const struct ml_yaml *node, size_t max)
{
    char shown[ML_SHOWN];
    if (node->kind != ML_YAML_SCALAR) {
        return ml_refuse_key(r->file, node, ML_BAD_INPUT, r->error, "'%s' is no text", ml_shown(node->key, shown));
    }
    if (node->text.len > max) {
        return ml_refuse_key(r->file, node, ML_BAD_INPUT, r->error, "'%s' is longer than %zu bytes",
                             ml_shown(node->key, shown), max);
    }
    if (node->text.len != 0 && memchr(node->text.ptr, 0, node->text.len) != NULL) {
        return ml_refuse_key(r->file, node, ML_BAD_INPUT, r->error, "'%s' holds a zero byte",
                             ml_shown(node->key, shown));
    }
    return ML_OK;
}

/* Text of a key, or `otherwise`. Surrounding blanks of block texts are dropped. */
static enum ml_status read_text(struct reader *r, const char *key, const char *otherwise, size_t max, const char **out)
{
    const struct ml_yaml *node = ml_yaml_get(r->document, key);
    *out = otherwise;
    if (node == NULL || ml_yaml_is_null(node)) {
        return ML_OK;
    }
    enum ml_status status = check_text(r, node, max);
    if (status != ML_OK) {
        return status;
    }
    struct ml_span copy = ml_arena_copy(&r->rules->arena, ml_span_trim(node->text));
    *out = (const char *)copy.ptr;
    return copy.ptr != NULL ? ML_OK : no_memory(r);
}

/* Texts of a key of `map`: a list, or a single text. */
static enum ml_status read_texts(struct reader *r, const struct ml_yaml *map, const char *key, const char *const **out)
{
    const struct ml_yaml *node = ml_yaml_get(map, key);
    size_t n = node == NULL || ml_yaml_is_null(node) ? 0 : node->kind == ML_YAML_LIST ? node->n : 1;
    const char **texts = ml_arena_get(&r->rules->arena, (n + 1) * sizeof *texts);
    *out = texts;
    if (texts == NULL) {
        return no_memory(r);
    }
    if (n == 0) {
        return ML_OK;
    }
    const struct ml_yaml *value = node->kind == ML_YAML_LIST ? node->first : node;
    for (size_t i = 0; i < n; i++, value = value->next) {
        if (value->kind != ML_YAML_SCALAR || (value->text.len != 0 && memchr(value->text.ptr, 0, value->text.len))) {
            return ml_yaml_refuse(r->file, value, r->error, "'%s' takes a list of texts", key);
        }
        struct ml_span copy = ml_arena_copy(&r->rules->arena, ml_span_trim(value->text));
        if (copy.ptr == NULL) {
            return no_memory(r);
        }
        texts[i] = (const char *)copy.ptr;
    }
    return ML_OK;
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool is_uuid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool fits = shape[i] == '-' ? text[i] == '-' : ml_hex_value((uint8_t)text[i]) >= 0;
        if (!fits) {
            return false;
        }
    }
    return text[sizeof shape - 1] == '\0';
}

/* "ML-HTTP-01" */
static bool is_leak_id(const char *text)
{
    size_t at = 3;
    while (text[at] >= 'A' && text[at] <= 'Z') {
        at++;
    }
    return at > 3 && text[at] == '-' && ml_is_digit((uint8_t)text[at + 1]) && ml_is_digit((uint8_t)text[at + 2]) &&
           text[at + 3] == '\0';
}

static enum ml_status refuse_value(struct reader *r, const char *key, const char *what)
{
    const struct ml_yaml *node = ml_yaml_get(r->document, key);
    char shown[ML_SHOWN];
    return ml_yaml_refuse(r->file, node, r->error, "%s '%s' %s", key,
                          ml_shown(node != NULL ? node->text : ml_span_of(NULL, 0), shown), what);
}

static enum ml_status read_names(struct reader *r, struct ml_rule *rule)
{
    enum ml_status status = read_text(r, "title", "", MAX_TITLE, &rule->title);
    if (status == ML_OK && rule->title[0] == '\0') {
        return ml_yaml_refuse(r->file, r->document, r->error, "the rule has no title");
    }
    status = status != ML_OK ? status : read_text(r, "id", "", MAX_TITLE, &rule->id);
    if (status == ML_OK && rule->id[0] != '\0' && !is_uuid(rule->id)) {
        return refuse_value(r, "id", "is no UUID");
    }
    const char *otherwise = status == ML_OK && rule->id[0] != '\0' ? rule->id : rule->file;
    status = status != ML_OK ? status : read_text(r, "name", otherwise, MAX_TITLE, &rule->name);
    return status != ML_OK ? status : read_text(r, "text_id", rule->name, MAX_TITLE, &rule->text_id);
}

static enum ml_status read_classes(struct reader *r, struct ml_rule *rule)
{
    static const char *const subjects[] = {"flow", "endpoint", "app", "capture"};
    const char *level = "";
    const char *claim = "";
    enum ml_status status = read_text(r, "level", "low", MAX_TITLE, &level);
    status = status != ML_OK ? status : read_text(r, "claim", "indication", MAX_TITLE, &claim);
    status = status != ML_OK ? status : read_text(r, "taxonomy", "", MAX_TITLE, &rule->taxonomy);
    status = status != ML_OK ? status : read_text(r, "subject", "", MAX_TITLE, &rule->subject);
    if (status != ML_OK) {
        return status;
    }
    if (!ml_level_parse(ml_span_text(level), &rule->level)) {
        return refuse_value(r, "level", "is none of informational, low, medium, high, critical");
    }
    rule->claim = strcmp(claim, "observation") == 0 ? ML_CLAIM_OBSERVATION : ML_CLAIM_INDICATION;
    if (strcmp(claim, ml_claim_text(rule->claim)) != 0) {
        return refuse_value(r, "claim", "is neither observation nor indication");
    }
    if (strncmp(rule->taxonomy, "ML-", 3) != 0) {
        rule->taxonomy = ""; /* Sigma's own use of the key: which names the fields have */
    } else if (!is_leak_id(rule->taxonomy)) {
        return refuse_value(r, "taxonomy", "is no leak id such as ML-HTTP-01");
    }
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        if (strcmp(rule->subject, subjects[i]) == 0) {
            return ML_OK;
        }
    }
    return rule->subject[0] == '\0' ? ML_OK : refuse_value(r, "subject", "is none of flow, endpoint, app, capture");
}

static enum ml_status read_lists(struct reader *r, struct ml_rule *rule)
{
    const struct ml_yaml *tests = ml_yaml_get(r->document, "tests");
    if (tests != NULL && tests->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(r->file, tests, r->error, "'tests' is no map");
    }
    const struct {
        const struct ml_yaml *map;
        const char *key;
        const char *const **out;
    } lists[] = {
        {r->document, "references", &rule->references},
        {r->document, "limits", &rule->limits},
        {r->document, "provisions", &rule->provisions},
        {r->document, "falsepositives", &rule->falsepositives},
        {r->document, "tags", &rule->tags},
        {tests, "fires", &rule->fires},
        {tests, "silent", &rule->silent},
    };
    enum ml_status status = ML_OK;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && status == ML_OK; i++) {
        status = read_texts(r, lists[i].map, lists[i].key, lists[i].out);
    }
    return status;
}

/* Makes the rule findable; two rules with one id or name would make findings ambiguous. */
static enum ml_status add_name(struct reader *r, const char *key, const char *name, uint32_t number)
{
    bool is_new = false;
    if (name[0] == '\0') {
        return ML_OK;
    }
    const struct ml_map_entry *entry = ml_map_add(&r->rules->names, ml_span_text(name), number, &is_new);
    if (entry == NULL) {
        return no_memory(r);
    }
    if (!is_new && entry->value != number) {
        const struct ml_yaml *node = ml_yaml_get(r->document, key);
        return ml_yaml_refuse(r->file, node != NULL ? node : r->document, r->error, "%s '%s' is that of a rule in %s",
                              key, name, r->rules->items[entry->value].file);
    }
    return ML_OK;
}

static bool make_room(struct ml_rules *rules)
{
    struct ml_rule *items = ml_mem_grow(rules->items, rules->n, &rules->n_room, 64, sizeof *items);
    if (items == NULL) {
        return false;
    }
    rules->items = items;
    return true;
}

enum ml_status ml_rule_read(struct ml_rules *rules, const struct ml_yaml_file *file, const struct ml_yaml *document,
                            uint32_t *number, struct ml_error *error)
{
    struct reader r = {.rules = rules, .file = file, .document = document, .error = error};
    struct ml_rule rule = {0};
    rule.file = (const char *)ml_arena_copy(&rules->arena, ml_span_text(ml_path_base(file->path))).ptr;
    if (rules->n == ML_MAX_RULES) {
        return ml_refuse_key(file, document, ML_LIMIT, error, "more than %d rules", ML_MAX_RULES);
    }
    if (rule.file == NULL || !make_room(rules)) {
        return no_memory(&r);
    }
    enum ml_status status = read_names(&r, &rule);
    status = status != ML_OK ? status : read_text(&r, "description", "", MAX_DESCRIPTION, &rule.description);
    status = status != ML_OK ? status : read_text(&r, "reasoning", "", MAX_DESCRIPTION, &rule.reasoning);
    status = status != ML_OK ? status : read_classes(&r, &rule);
    status = status != ML_OK ? status : read_lists(&r, &rule);
    *number = (uint32_t)rules->n;
    status = status != ML_OK ? status : add_name(&r, "id", rule.id, *number);
    if (status == ML_OK && rule.name != rule.file) { /* several nameless rules may share a file */
        status = add_name(&r, "name", rule.name, *number);
    }
    if (status == ML_OK) {
        rules->items[rules->n++] = rule;
    }
    return status;
}
