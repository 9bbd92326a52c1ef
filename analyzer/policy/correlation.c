/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ruleset.h"

#include "core/mem.h"
#include "core/text.h"

struct resolver {
    struct ml_rules *rules;
    const struct ml_pending *pending;
    size_t n_pending;
    struct ml_error *error;
    uint32_t *place_of; /* owned: pending -> place in rules->correlations + 1; 0 not yet; UINT32_MAX under way */
};

static enum ml_status no_memory(struct resolver *r)
{
    return ml_error_set(r->error, ML_NO_MEMORY, "out of memory");
}

/* The pending correlation behind a rule number, or NULL. They were read one after the other, behind all other rules. */
static const struct ml_pending *pending_of(const struct resolver *r, uint32_t rule)
{
    bool is_pending = r->n_pending != 0 && rule >= r->pending[0].rule;
    return is_pending ? &r->pending[rule - r->pending[0].rule] : NULL;
}

/* The same, resolved. */
static const struct ml_correlation *correlation_of(const struct resolver *r, uint32_t rule)
{
    const struct ml_pending *pending = pending_of(r, rule);
    uint32_t place = pending != NULL ? r->place_of[pending - r->pending] : 0;
    return place != 0 && place != UINT32_MAX ? &r->rules->correlations[place - 1] : NULL;
}

static const struct ml_yaml *first_of(const struct ml_yaml *node)
{
    return node != NULL && node->kind == ML_YAML_LIST ? node->first : node;
}

static size_t count_of(const struct ml_yaml *node)
{
    return node == NULL ? 0 : node->kind == ML_YAML_LIST ? node->n : 1;
}

/* --- type, rules --- */

static enum ml_status read_type(struct resolver *r, const struct ml_yaml_file *file, const struct ml_yaml *node,
                                enum ml_correlation_type *out)
{
    static const struct {
        const char *name;
        int type; /* -1: of Sigma, but not here */
    } types[] = {
        {"event_count", ML_CORR_EVENT_COUNT},
        {"value_count", ML_CORR_VALUE_COUNT},
        {"temporal", ML_CORR_TEMPORAL},
        {"temporal_ordered", ML_CORR_TEMPORAL_ORDERED},
        {"value_sum", -1},
        {"value_avg", -1},
        {"value_median", -1},
        {"value_percentile", -1},
        {"value_min", -1},
        {"value_max", -1},
        {"temporal_extended", -1},
        {"temporal_ordered_extended", -1},
    };
    const struct ml_yaml *type = ml_yaml_get(node, "type");
    char shown[ML_SHOWN];
    for (size_t i = 0; type != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (!ml_span_equal(type->text, ml_span_text(types[i].name))) {
            continue;
        }
        if (types[i].type < 0) {
            (void)ml_yaml_refuse(file, type, r->error, "correlation type '%s' is not supported", types[i].name);
            if (r->error != NULL) {
                r->error->status = ML_UNSUPPORTED;
            }
            return ML_UNSUPPORTED;
        }
        *out = (enum ml_correlation_type)types[i].type;
        return ML_OK;
    }
    return ml_yaml_refuse(file, type != NULL ? type : node, r->error, "there is no correlation type '%s'",
                          ml_shown(type != NULL ? type->text : ml_span_of(NULL, 0), shown));
}

/* Number of the rule a name or id means, or an error. */
static enum ml_status find_rule(struct resolver *r, const struct ml_yaml_file *file, const struct ml_yaml *name,
                                uint32_t *out)
{
    char shown[ML_SHOWN];
    const struct ml_map_entry *entry = name->kind == ML_YAML_SCALAR ? ml_map_find(&r->rules->names, name->text) : NULL;
    if (entry == NULL) {
        return ml_yaml_refuse(file, name, r->error, "there is no rule '%s'", ml_shown(name->text, shown));
    }
    *out = entry->value;
    return ML_OK;
}

static enum ml_status read_rules(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *node,
                                 struct ml_correlation *out)
{
    const struct ml_yaml *names = ml_yaml_get(node, "rules");
    out->n_rules = count_of(names);
    if (out->n_rules == 0 || names->kind == ML_YAML_MAP) {
        return ml_yaml_refuse(p->file, names != NULL ? names : node, r->error, "the correlation refers to no rule");
    }
    if (out->n_rules > ML_MAX_CORRELATION_RULES) {
        return ml_refuse_key(p->file, names, ML_LIMIT, r->error, "more than %d rules", ML_MAX_CORRELATION_RULES);
    }
    out->rules = ml_arena_get(&r->rules->arena, out->n_rules * sizeof *out->rules);
    if (out->rules == NULL) {
        return no_memory(r);
    }
    out->depth = 1;
    const struct ml_yaml *name = first_of(names);
    for (size_t i = 0; i < out->n_rules; i++, name = name->next) {
        enum ml_status status = find_rule(r, p->file, name, &out->rules[i]);
        if (status != ML_OK) {
            return status;
        }
        const struct ml_correlation *inner = correlation_of(r, out->rules[i]);
        if (inner == NULL) {
            out->categories |= 1U << r->rules->items[out->rules[i]].category;
            continue;
        }
        if (inner->is_closed) {
            return ml_refuse_key(p->file, name, ML_UNSUPPORTED, r->error,
                                 "'%s' has an upper bound and is decided too late to feed another correlation",
                                 r->rules->items[inner->rule].name);
        }
        out->categories |= inner->categories;
        out->depth = inner->depth + 1 > out->depth ? inner->depth + 1 : out->depth;
    }
    return out->depth <= ML_MAX_CORRELATION_DEPTH
               ? ML_OK
               : ml_refuse_key(p->file, names, ML_LIMIT, r->error, "correlations of correlations, too deep");
}

/* --- fields --- */

static unsigned categories_of(const struct resolver *r, uint32_t rule)
{
    const struct ml_correlation *inner = correlation_of(r, rule);
    return inner != NULL ? inner->categories : 1U << r->rules->items[rule].category;
}

/* The field that `name` means in the events of one rule: an alias for it, or the name itself. */
static enum ml_status read_field(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *aliases,
                                 const struct ml_yaml *name, uint32_t rule, enum ml_field *out)
{
    const struct ml_yaml *alias = NULL;
    const struct ml_yaml *node = name;
    char shown[ML_SHOWN];
    for (const struct ml_yaml *a = aliases != NULL ? aliases->first : NULL; a != NULL; a = a->next) {
        alias = ml_span_equal(a->key, name->text) ? a : alias;
    }
    if (alias != NULL) {
        node = ml_yaml_get(alias, r->rules->items[rule].name);
        if (node == NULL || node->kind != ML_YAML_SCALAR) {
            return ml_refuse_key(p->file, alias, ML_BAD_INPUT, r->error, "alias '%s' says nothing of rule '%s'",
                                 ml_shown(alias->key, shown), r->rules->items[rule].name);
        }
    }
    for (unsigned i = 0; i < ML_N_CATEGORIES; i++) {
        if ((categories_of(r, rule) >> i & 1) != 0) {
            *out = ml_compile_field(p->file, node, false, node->text, (enum ml_category)i, r->error);
            if (*out == ML_FIELD_NONE) {
                return ML_BAD_INPUT;
            }
        }
    }
    return ML_OK;
}

/* Fields of `names`, once for each rule; at most one of them can have several values. */
static enum ml_status read_fields(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *node,
                                  const struct ml_yaml *names, const struct ml_correlation *c, enum ml_field **out)
{
    const struct ml_yaml *aliases = ml_yaml_get(node, "aliases");
    size_t n = count_of(names);
    enum ml_field *fields = ml_arena_get(&r->rules->arena, (n * c->n_rules + 1) * sizeof *fields);
    *out = fields;
    if (fields == NULL) {
        return no_memory(r);
    }
    if (aliases != NULL && aliases->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(p->file, aliases, r->error, "'aliases' is no map");
    }
    for (size_t rule = 0; rule < c->n_rules; rule++) {
        const struct ml_yaml *name = first_of(names);
        size_t n_lists = 0;
        for (size_t i = 0; i < n; i++, name = name->next) {
            enum ml_field *field = &fields[rule * n + i];
            enum ml_status status = read_field(r, p, aliases, name, c->rules[rule], field);
            if (status != ML_OK) {
                return status;
            }
            n_lists += ml_field_info(*field)->is_list;
            if (n_lists > 1) {
                return ml_refuse_key(p->file, name, ML_UNSUPPORTED, r->error,
                                     "'%s' is a second field that can have several values",
                                     ml_field_info(*field)->name);
            }
        }
    }
    return ML_OK;
}

static enum ml_status read_groups(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *node,
                                  struct ml_correlation *out)
{
    const struct ml_yaml *names = ml_yaml_get(node, "group-by");
    names = names != NULL && ml_yaml_is_null(names) ? NULL : names;
    out->n_fields = count_of(names);
    if (names != NULL && names->kind == ML_YAML_MAP) {
        return ml_yaml_refuse(p->file, names, r->error, "'group-by' takes a list of fields");
    }
    if (out->n_fields > ML_MAX_CORRELATION_FIELDS) {
        return ml_refuse_key(p->file, names, ML_LIMIT, r->error, "more than %d fields", ML_MAX_CORRELATION_FIELDS);
    }
    return read_fields(r, p, node, names, out, &out->group_by);
}

/* --- time and condition --- */

static enum ml_status read_span(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *node,
                                int64_t *out)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    const struct ml_yaml *span = ml_yaml_get(node, "timespan");
    struct ml_span text = ml_yaml_text(node, "timespan", "");
    uint64_t number = 0;
    for (size_t i = 0; text.len > 1 && i < sizeof units / sizeof units[0]; i++) {
        if (text.ptr[text.len - 1] == units[i].letter && ml_decimal_read(ml_span_cut(text, 0, text.len - 1), &number) &&
            number != 0 && number <= (uint64_t)(366 * 86400 / units[i].seconds)) {
            *out = (int64_t)number * units[i].seconds * INT64_C(1000000000);
            return ML_OK;
        }
    }
    char shown[ML_SHOWN];
    return ml_yaml_refuse(p->file, span != NULL ? span : node, r->error,
                          "timespan '%s' is no number with s, m, h or d, of at most a year", ml_shown(text, shown));
}

/* One bound of a condition. */
static enum ml_status read_bound(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *bound,
                                 struct ml_correlation *out)
{
    char shown[ML_SHOWN];
    int64_t number = 0;
    if (!ml_yaml_number(bound, &number) || number < 0 || number > ML_MAX_CORRELATION_COUNT) {
        return ml_yaml_refuse(p->file, bound, r->error, "'%s' is no number from 0 to %d", ml_shown(bound->text, shown),
                              ML_MAX_CORRELATION_COUNT);
    }
    uint64_t value = (uint64_t)number;
    bool is_eq = ml_span_equal(bound->key, ml_span_text("eq"));
    if (is_eq || ml_span_equal(bound->key, ml_span_text("gte"))) {
        out->at_least = value > out->at_least ? value : out->at_least;
    } else if (ml_span_equal(bound->key, ml_span_text("gt"))) {
        out->at_least = value + 1 > out->at_least ? value + 1 : out->at_least;
    }
    if (is_eq || ml_span_equal(bound->key, ml_span_text("lte"))) {
        out->at_most = value < out->at_most ? value : out->at_most;
    } else if (ml_span_equal(bound->key, ml_span_text("lt"))) {
        uint64_t below = value != 0 ? value - 1 : 0;
        out->at_most = below < out->at_most ? below : out->at_most;
    }
    return ML_OK;
}

static bool is_bound(struct ml_span key)
{
    static const char *const names[] = {"gt", "gte", "lt", "lte", "eq"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (ml_span_equal(key, ml_span_text(names[i]))) {
            return true;
        }
    }
    return false;
}

/* "field" of a value_count's condition. */
static enum ml_status read_value_field(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *node,
                                       const struct ml_yaml *condition, struct ml_correlation *out)
{
    const struct ml_yaml *field = ml_yaml_get(condition, "field");
    bool is_wanted = out->type == ML_CORR_VALUE_COUNT;
    if (field == NULL) {
        return is_wanted ? ml_yaml_refuse(p->file, condition, r->error, "value_count needs a 'field' in its condition")
                         : ML_OK;
    }
    if (!is_wanted || field->kind != ML_YAML_SCALAR) {
        return ml_refuse_key(p->file, field, ML_BAD_INPUT, r->error, "'field' names one field of a value_count");
    }
    return read_fields(r, p, node, field, out, &out->value);
}

static enum ml_status read_condition(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *node,
                                     struct ml_correlation *out)
{
    const struct ml_yaml *condition = ml_yaml_get(node, "condition");
    bool is_temporal = out->type == ML_CORR_TEMPORAL || out->type == ML_CORR_TEMPORAL_ORDERED;
    char shown[ML_SHOWN];
    out->at_least = 0;
    out->at_most = UINT64_MAX;
    if (condition == NULL && is_temporal) {
        out->at_least = out->n_rules;
        return ML_OK;
    }
    if (condition == NULL || condition->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(p->file, condition != NULL ? condition : node, r->error,
                              "the correlation needs a condition such as {gte: 10}");
    }
    size_t n_bounds = 0;
    for (const struct ml_yaml *child = condition->first; child != NULL; child = child->next) {
        if (ml_span_equal(child->key, ml_span_text("field"))) {
            continue;
        }
        if (!is_bound(child->key)) {
            return ml_refuse_key(p->file, child, ML_BAD_INPUT, r->error, "'%s' is none of gt, gte, lt, lte, eq",
                                 ml_shown(child->key, shown));
        }
        enum ml_status status = read_bound(r, p, child, out);
        if (status != ML_OK) {
            return status;
        }
        n_bounds++;
    }
    out->at_least = out->at_least != 0 ? out->at_least : 1; /* a group begins with its first event */
    if (n_bounds == 0 || out->at_least > out->at_most || out->at_most == 0 ||
        (is_temporal && out->at_least > out->n_rules)) {
        return ml_yaml_refuse(p->file, condition, r->error, "the condition can never be true");
    }
    if (out->type == ML_CORR_TEMPORAL_ORDERED && (out->at_least != out->n_rules || out->at_most < out->n_rules)) {
        return ml_refuse_key(p->file, condition, ML_UNSUPPORTED, r->error,
                             "temporal_ordered with a part of its rules is not supported");
    }
    out->is_closed = out->at_most != UINT64_MAX && out->type != ML_CORR_TEMPORAL_ORDERED;
    return read_value_field(r, p, node, condition, out);
}

/* --- order --- */

static enum ml_status resolve(struct resolver *r, const struct ml_pending *p, unsigned depth);

/* Resolves the correlations that one refers to before it. */
static enum ml_status resolve_inner(struct resolver *r, const struct ml_pending *p, const struct ml_yaml *node,
                                    unsigned depth)
{
    const struct ml_yaml *names = ml_yaml_get(node, "rules");
    const struct ml_yaml *name = first_of(names);
    for (size_t i = 0; i < count_of(names); i++, name = name->next) {
        uint32_t rule = 0;
        enum ml_status status = find_rule(r, p->file, name, &rule);
        const struct ml_pending *inner = status == ML_OK ? pending_of(r, rule) : NULL;
        if (inner != NULL && r->place_of[inner - r->pending] == UINT32_MAX) {
            return ml_refuse_key(p->file, name, ML_BAD_INPUT, r->error, "the correlation refers to itself through '%s'",
                                 r->rules->items[rule].name);
        }
        status = inner != NULL ? resolve(r, inner, depth + 1) : status;
        if (status != ML_OK) {
            return status;
        }
    }
    return ML_OK;
}

static void silence(struct ml_rules *rules, const struct ml_correlation *c)
{
    for (size_t i = 0; i < c->n_rules; i++) {
        rules->items[c->rules[i]].is_silent = true;
    }
}

static enum ml_status resolve(struct resolver *r, const struct ml_pending *p, unsigned depth)
{
    const struct ml_yaml *node = ml_yaml_get(p->document, "correlation");
    uint32_t *place = &r->place_of[p - r->pending];
    struct ml_correlation correlation = {.rule = p->rule};
    if (*place != 0) {
        return ML_OK;
    }
    if (node->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(p->file, node, r->error, "correlation is no map");
    }
    if (depth > ML_MAX_CORRELATION_DEPTH) {
        return ml_refuse_key(p->file, node, ML_LIMIT, r->error, "correlations of correlations, too deep");
    }
    *place = UINT32_MAX;
    enum ml_status status = read_type(r, p->file, node, &correlation.type);
    status = status != ML_OK ? status : resolve_inner(r, p, node, depth);
    status = status != ML_OK ? status : read_rules(r, p, node, &correlation);
    status = status != ML_OK ? status : read_groups(r, p, node, &correlation);
    status = status != ML_OK ? status : read_span(r, p, node, &correlation.span_ns);
    status = status != ML_OK ? status : read_condition(r, p, node, &correlation);
    if (status != ML_OK) {
        return status;
    }
    struct ml_rule *rule = &r->rules->items[p->rule];
    rule->is_correlation = true;
    rule->category = (enum ml_category)__builtin_ctz(correlation.categories);
    rule->subject = rule->subject[0] != '\0' ? rule->subject : "capture";
    r->rules->correlations[r->rules->n_correlations++] = correlation;
    *place = (uint32_t)r->rules->n_correlations;
    return ML_OK;
}

/* Rules that only feed correlations make no findings, unless a correlation says `generate: true`. */
static enum ml_status read_generate(struct resolver *r)
{
    for (size_t i = 0; i < r->n_pending; i++) {
        silence(r->rules, &r->rules->correlations[r->place_of[i] - 1]);
    }
    for (size_t i = 0; i < r->n_pending; i++) {
        const struct ml_pending *p = &r->pending[i];
        const struct ml_yaml *inside = ml_yaml_get(ml_yaml_get(p->document, "correlation"), "generate");
        const struct ml_yaml *generate = inside != NULL ? inside : ml_yaml_get(p->document, "generate");
        const struct ml_correlation *c = &r->rules->correlations[r->place_of[i] - 1];
        bool wanted = false;
        if (generate != NULL && !ml_yaml_truth(generate, &wanted)) {
            return ml_yaml_refuse(p->file, generate, r->error, "'generate' is neither true nor false");
        }
        for (size_t k = 0; wanted && k < c->n_rules; k++) {
            r->rules->items[c->rules[k]].is_silent = false;
        }
    }
    return ML_OK;
}

/* Rule -> correlations it feeds. */
static enum ml_status index_feeds(struct resolver *r)
{
    struct ml_rules *rules = r->rules;
    size_t n_feeds = 0;
    for (size_t i = 0; i < rules->n_correlations; i++) {
        n_feeds += rules->correlations[i].n_rules;
    }
    rules->feeds = ml_mem_array(n_feeds, sizeof *rules->feeds);
    rules->feed_starts = ml_mem_array(rules->n + 2, sizeof *rules->feed_starts);
    if (rules->feeds == NULL || rules->feed_starts == NULL) {
        return no_memory(r);
    }
    /* Counted two places further up, so that filling moves each start to where it belongs. */
    for (size_t i = 0; i < rules->n_correlations; i++) {
        for (size_t k = 0; k < rules->correlations[i].n_rules; k++) {
            rules->feed_starts[rules->correlations[i].rules[k] + 2]++;
        }
    }
    for (size_t i = 2; i < rules->n + 2; i++) {
        rules->feed_starts[i] += rules->feed_starts[i - 1];
    }
    for (size_t i = 0; i < rules->n_correlations; i++) {
        for (size_t k = 0; k < rules->correlations[i].n_rules; k++) {
            uint32_t *at = &rules->feed_starts[rules->correlations[i].rules[k] + 1];
            rules->feeds[(*at)++] = (struct ml_feed){.correlation = (uint32_t)i, .place = (uint32_t)k};
        }
    }
    return ML_OK;
}

enum ml_status ml_correlations_resolve(struct ml_rules *rules, const struct ml_pending *pending, size_t n,
                                       struct ml_error *error)
{
    struct resolver r = {.rules = rules, .pending = pending, .n_pending = n, .error = error};
    rules->correlations = ml_mem_array(n, sizeof *rules->correlations);
    r.place_of = ml_mem_array(n, sizeof *r.place_of);
    enum ml_status status = rules->correlations != NULL && r.place_of != NULL ? ML_OK : no_memory(&r);
    for (size_t i = 0; i < n && status == ML_OK; i++) {
        status = resolve(&r, &pending[i], 1);
    }
    status = status != ML_OK ? status : read_generate(&r);
    status = status != ML_OK ? status : index_feeds(&r);
    ml_mem_free(r.place_of);
    return status;
}
