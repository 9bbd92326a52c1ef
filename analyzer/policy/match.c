/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ruleset.h"

#include "core/mem.h"

/* Rules anchored where a value of the field hit. */
struct light {
    enum ml_field field;
    uint32_t first, n; /* into ml_program.anchored */
};

/*
 * Records are numbered. What was found of a field holds until the field is touched, also in later records: `known` of
 * the field is the first record since which it is the same.
 */
struct ml_rules_scratch {
    uint64_t record_serial;        /* of the record that is matched */
    uint64_t fresh_serial;         /* of the last one that had nothing to do with the one before */
    uint64_t value_serial;         /* counts values */
    uint64_t touched[ML_N_FIELDS]; /* first record with the values it has now, if later than fresh_serial */
    uint64_t walked[ML_N_FIELDS];  /* record in which it was last looked up; [ML_FIELD_NONE]: keywords */
    uint64_t *truths;              /* owned; predicate -> record * 2 + truth */
    uint64_t *tried;               /* owned; atom -> value_serial it was tried on */
    struct light *lights;          /* owned */
    size_t n_lights;
    uint64_t *is_candidate; /* owned; bit set of codes */
    uint32_t *candidates;   /* owned; codes in order of their hits */
    size_t n_candidates;
    struct ml_regex_scratch *regex; /* owned */
    uint64_t regex_limits;
    /* what is being matched */
    const struct ml_program *program;
    const struct ml_record *record;
    const struct ml_field_index *index;
    const struct ml_value *value;
    struct ml_span text;   /* of the value, as it is */
    struct ml_span folded; /* in `folds` */
    uint8_t folds[ML_MAX_TEXT];
    uint8_t other_folds[ML_MAX_TEXT];
};

struct ml_rules_scratch *ml_rules_scratch_new(const struct ml_rules *rules)
{
    size_t n_predicates = 0;
    size_t n_atoms = 0;
    size_t n_codes = 0;
    for (size_t i = 0; i < ML_N_CATEGORIES; i++) {
        const struct ml_program *program = &rules->programs[i];
        n_predicates = program->n_predicates > n_predicates ? program->n_predicates : n_predicates;
        n_atoms = program->n_atoms > n_atoms ? program->n_atoms : n_atoms;
        n_codes = program->n_codes > n_codes ? program->n_codes : n_codes;
    }
    struct ml_rules_scratch *scratch = ml_mem_array(1, sizeof *scratch);
    if (scratch == NULL) {
        return NULL;
    }
    scratch->truths = ml_mem_array(n_predicates, sizeof *scratch->truths);
    scratch->tried = ml_mem_array(n_atoms, sizeof *scratch->tried);
    scratch->lights = ml_mem_array(n_predicates, sizeof *scratch->lights);
    scratch->is_candidate = ml_mem_array(n_codes / 64 + 1, sizeof *scratch->is_candidate);
    scratch->candidates = ml_mem_array(n_codes, sizeof *scratch->candidates);
    scratch->regex = ml_regex_scratch_new();
    if (scratch->truths == NULL || scratch->tried == NULL || scratch->lights == NULL || scratch->is_candidate == NULL ||
        scratch->candidates == NULL || scratch->regex == NULL) {
        ml_rules_scratch_free(scratch);
        return NULL;
    }
    return scratch;
}

void ml_rules_scratch_free(struct ml_rules_scratch *scratch)
{
    if (scratch != NULL) {
        ml_mem_free(scratch->truths);
        ml_mem_free(scratch->tried);
        ml_mem_free(scratch->lights);
        ml_mem_free(scratch->is_candidate);
        ml_mem_free(scratch->candidates);
        ml_regex_scratch_free(scratch->regex);
        ml_mem_free(scratch);
    }
}

uint64_t ml_rules_scratch_regex_limits(const struct ml_rules_scratch *scratch)
{
    return scratch->regex_limits;
}

/* --- atoms --- */

static struct ml_span fold(struct ml_span text, uint8_t *out)
{
    ml_fold(text, out);
    return ml_span_of(out, text.len);
}

static bool holds(struct ml_span text, struct ml_span other, enum ml_test test)
{
    if (other.len > text.len) {
        return false;
    }
    switch (test) {
    case ML_TEST_STARTSWITH:
        return ml_span_equal(ml_span_of(text.ptr, other.len), other);
    case ML_TEST_ENDSWITH:
        return ml_span_equal(ml_span_of(text.ptr + text.len - other.len, other.len), other);
    case ML_TEST_CONTAINS:
        return other.len == 0 || ml_span_find(text, other) < text.len;
    default:
        return ml_span_equal(text, other);
    }
}

/* Does one of the other field's values stand to this value as asked? */
static bool fieldref_fits(struct ml_rules_scratch *s, const struct ml_atom *atom)
{
    const struct ml_record *record = s->record;
    enum ml_type type = ml_field_info(atom->other)->type;
    for (size_t i = 0; i < record->count[atom->other]; i++) {
        char decimal[64];
        const struct ml_value *value = &record->values[record->first[atom->other] + i];
        struct ml_span other = ml_span_cut(ml_value_text(value, type, decimal), 0, ML_MAX_TEXT);
        other = atom->is_cased ? other : fold(other, s->other_folds);
        if (holds(atom->is_cased ? s->text : s->folded, other, (enum ml_test)atom->operation)) {
            return true;
        }
    }
    return false;
}

static bool compare_fits(uint64_t number, enum ml_test test, int64_t bound)
{
    int order = bound < 0 ? 1 : (number > (uint64_t)bound) - (number < (uint64_t)bound);
    switch (test) {
    case ML_TEST_LT:
        return order < 0;
    case ML_TEST_LTE:
        return order <= 0;
    case ML_TEST_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* Does the current value have what the atom asks for? */
static bool atom_fits(struct ml_rules_scratch *s, const struct ml_atom *atom)
{
    switch (atom->kind) {
    case ML_ATOM_PATTERN:
        return ml_pattern_match(&atom->pattern, atom->is_cased ? s->text : s->folded);
    case ML_ATOM_REGEX:
        return ml_regex_match(atom->regex, s->regex, s->text, &s->regex_limits);
    case ML_ATOM_COMPARE:
        return compare_fits(s->value->number, (enum ml_test)atom->operation, atom->bound);
    case ML_ATOM_FIELDREF:
        return fieldref_fits(s, atom);
    case ML_ATOM_PRESENT:
    case ML_ATOM_ABSENT:
        break;
    }
    return atom->kind == ML_ATOM_PRESENT;
}

/* Makes a value the current one, if need be as text. Texts beyond ML_MAX_TEXT are compared by their beginning. */
static void enter_value(struct ml_rules_scratch *s, enum ml_field field, const struct ml_value *value, bool needs_text,
                        char decimal[64])
{
    s->value = value;
    s->value_serial++;
    if (needs_text) {
        s->text = ml_span_cut(ml_value_text(value, ml_field_info(field)->type, decimal), 0, ML_MAX_TEXT);
        s->folded = fold(s->text, s->folds);
    }
}

/* --- hits --- */

static void add_candidates(struct ml_rules_scratch *s, uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++) {
        uint32_t code = s->program->anchored[i];
        uint64_t bit = UINT64_C(1) << code % 64;
        if ((s->is_candidate[code / 64] & bit) == 0) {
            s->is_candidate[code / 64] |= bit;
            s->candidates[s->n_candidates++] = code;
        }
    }
}

static void on_hit(void *context, uint32_t entry)
{
    struct ml_rules_scratch *s = context;
    for (uint32_t i = s->index->starts[entry]; i < s->index->starts[entry + 1]; i++) {
        const struct ml_posting *posting = &s->index->postings[i];
        uint64_t *truth = &s->truths[posting->predicate];
        if (*truth == 2 * s->record_serial + 1) {
            continue;
        }
        if (posting->atom != NULL) {
            if (s->tried[posting->atom->number] == s->value_serial) {
                continue;
            }
            s->tried[posting->atom->number] = s->value_serial;
            if (!atom_fits(s, posting->atom)) {
                continue;
            }
        }
        *truth = 2 * s->record_serial + 1;
        const struct ml_predicate *predicate = &s->program->predicates[posting->predicate];
        if (predicate->n_rules != 0) {
            s->lights[s->n_lights++] =
                (struct light){.field = predicate->field, .first = predicate->first_rule, .n = predicate->n_rules};
        }
    }
}

/* Looks one value up in the index of its field. */
static void look_up(struct ml_rules_scratch *s, enum ml_type type)
{
    const struct ml_index *index = &s->index->index;
    struct ml_ip ip;
    switch (type) {
    case ML_TYPE_TEXT:
        ml_index_text(index, s->folded, on_hit, s);
        if (index->has[ML_KEY_NET] && ml_ip_parse(s->text, &ip)) {
            ml_index_ip(index, &ip, on_hit, s);
        }
        return;
    case ML_TYPE_ADDRESS:
        ml_index_ip(index, &s->value->ip, on_hit, s);
        break;
    case ML_TYPE_NUMBER:
    case ML_TYPE_TRUTH:
        ml_index_number(index, s->value->number, on_hit, s);
        break;
    }
    if (s->index->wants_text) {
        ml_index_text(index, s->folded, on_hit, s);
    }
}

/* Looks all values of a field up. */
static void walk_field(struct ml_rules_scratch *s, enum ml_field field, const struct ml_field_index *index)
{
    const struct ml_record *record = s->record;
    enum ml_type type = ml_field_info(field)->type;
    s->index = index;
    for (size_t i = 0; i < record->count[field]; i++) {
        char decimal[64];
        enter_value(s, field, &record->values[record->first[field] + i], type == ML_TYPE_TEXT || index->wants_text,
                    decimal);
        look_up(s, type);
    }
}

/* Looks the values of all fields up for keywords. */
static void walk_keywords(struct ml_rules_scratch *s)
{
    const struct ml_record *record = s->record;
    s->index = s->program->fields[ML_FIELD_NONE];
    for (size_t i = 0; i < record->n_used; i++) {
        enum ml_field field = (enum ml_field)record->used[i];
        for (size_t k = 0; k < record->count[field]; k++) {
            char decimal[64];
            enter_value(s, field, &record->values[record->first[field] + k], true, decimal);
            ml_index_text(&s->index->index, s->folded, on_hit, s);
        }
    }
}

/* The first record since which the field has the values it has now; of no field: all fields. */
static uint64_t known_since(const struct ml_rules_scratch *s, enum ml_field field)
{
    if (field == ML_FIELD_NONE) {
        return s->record_serial;
    }
    return s->touched[field] > s->fresh_serial ? s->touched[field] : s->fresh_serial;
}

/* Makes sure that the truth of all predicates that the index of the field finds is known. */
static void walk(struct ml_rules_scratch *s, enum ml_field field)
{
    if (s->walked[field] >= known_since(s, field)) {
        return;
    }
    s->walked[field] = s->record_serial;
    if (field == ML_FIELD_NONE) {
        walk_keywords(s);
    } else {
        walk_field(s, field, s->program->fields[field]);
    }
}

/* --- evaluation --- */

/* Tries the atoms of a predicate that no index key stands for, on the values of one field. */
static bool values_fit(struct ml_rules_scratch *s, const struct ml_predicate *predicate, enum ml_field field)
{
    const struct ml_record *record = s->record;
    for (size_t i = 0; i < record->count[field]; i++) {
        char decimal[64];
        enter_value(s, field, &record->values[record->first[field] + i], predicate->needs_text, decimal);
        for (const struct ml_atom *atom = predicate->atoms; atom != NULL; atom = atom->next) {
            if (atom_fits(s, atom)) {
                return true;
            }
        }
    }
    return false;
}

/* The same on all fields. */
static bool keywords_fit(struct ml_rules_scratch *s, const struct ml_predicate *predicate)
{
    for (size_t i = 0; i < s->record->n_used; i++) {
        if (values_fit(s, predicate, (enum ml_field)s->record->used[i])) {
            return true;
        }
    }
    return false;
}

static bool fits_without(const struct ml_predicate *predicate)
{
    for (const struct ml_atom *atom = predicate->atoms; atom != NULL; atom = atom->next) {
        if (atom->kind == ML_ATOM_ABSENT) {
            return true;
        }
    }
    return false;
}

/* Finds out what is not known of a predicate. */
static bool find_out(struct ml_rules_scratch *s, const struct ml_predicate *predicate, uint64_t *truth, uint64_t since)
{
    bool is_keyword = predicate->field == ML_FIELD_NONE;
    if (!is_keyword && s->record->count[predicate->field] == 0) {
        return fits_without(predicate);
    }
    if (predicate->has_keys) {
        walk(s, predicate->field);
        if (*truth >> 1 >= since) {
            return true; /* looking up finds what is true */
        }
    }
    return predicate->atoms != NULL &&
           (is_keyword ? keywords_fit(s, predicate) : values_fit(s, predicate, predicate->field));
}

static bool test(struct ml_rules_scratch *s, uint32_t number)
{
    const struct ml_predicate *predicate = &s->program->predicates[number];
    uint64_t *truth = &s->truths[number];
    uint64_t since = known_since(s, predicate->depends_on);
    if (*truth >> 1 < since) {
        bool is_true = find_out(s, predicate, truth, since);
        *truth = 2 * s->record_serial + is_true;
    }
    return (*truth & 1) != 0;
}

/* Depth is that of the condition plus the two levels of a selection: bounded by ML_MAX_CONDITION_DEPTH. */
static bool is_true(struct ml_rules_scratch *s, const struct ml_expr *expr)
{
    uint32_t n = 0;
    if (expr->kind == ML_EXPR_TEST) {
        return test(s, expr->number);
    }
    for (const struct ml_expr_link *link = expr->first; link != NULL; link = link->next) {
        bool holds_here = is_true(s, link->expr);
        if (holds_here != (expr->kind == ML_EXPR_AND) && expr->kind != ML_EXPR_AT_LEAST) {
            return expr->kind == ML_EXPR_OR; /* the first true ends an OR, the first false an AND; NOT has one child */
        }
        n += holds_here;
        if (expr->kind == ML_EXPR_AT_LEAST && n == expr->number) {
            return true;
        }
    }
    return expr->kind == ML_EXPR_AND || expr->kind == ML_EXPR_NOT;
}

enum { FEW_CANDIDATES = 32 };

/* By insertion: there are a handful, and a call to qsort costs more than all of it. */
static void sort_few(uint32_t *codes, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t code = codes[i];
        size_t at = i;
        for (; at > 0 && codes[at - 1] > code; at--) {
            codes[at] = codes[at - 1];
        }
        codes[at] = code;
    }
}

/* Puts the candidates in ascending order and clears their bits. */
static void sort_candidates(struct ml_rules_scratch *s)
{
    if (s->n_candidates > FEW_CANDIDATES) {
        size_t n = 0;
        for (size_t word = 0; word <= s->program->n_codes / 64; word++) {
            for (uint64_t left = s->is_candidate[word]; left != 0; left &= left - 1) {
                s->candidates[n++] = (uint32_t)(64 * word + (unsigned)__builtin_ctzll(left));
            }
            s->is_candidate[word] = 0;
        }
        return;
    }
    sort_few(s->candidates, s->n_candidates);
    for (size_t i = 0; i < s->n_candidates; i++) {
        s->is_candidate[s->candidates[i] / 64] = 0;
    }
}

/* Looks up the fields at which rules are anchored: these rules are candidates. */
static void find_candidates(struct ml_rules_scratch *s)
{
    const struct ml_program *program = s->program;
    s->n_candidates = 0;
    for (size_t i = 0; i < program->n_anchors; i++) {
        enum ml_field field = (enum ml_field)program->anchors[i];
        const struct ml_field_index *index = program->fields[field];
        if (field == ML_FIELD_NONE || s->record->count[field] != 0) {
            walk(s, field);
            add_candidates(s, index->first_rule, index->n_rules);
        }
    }
    for (size_t i = 0; i < s->n_lights; i++) {
        add_candidates(s, s->lights[i].first, s->lights[i].n);
    }
    add_candidates(s, program->first_free, program->n_free);
    sort_candidates(s);
}

static size_t match(struct ml_rules_scratch *s, const struct ml_record *record, uint32_t hits[], size_t max)
{
    size_t n = 0;
    s->record = record;
    find_candidates(s);
    for (size_t i = 0; i < s->n_candidates && n < max; i++) {
        const struct ml_code *code = &s->program->codes[s->candidates[i]];
        if (is_true(s, code->condition)) {
            hits[n++] = code->rule;
        }
    }
    return n;
}

size_t ml_rules_match(const struct ml_rules *rules, struct ml_rules_scratch *scratch, const struct ml_record *record,
                      uint32_t hits[], size_t max)
{
    scratch->program = &rules->programs[record->category];
    scratch->fresh_serial = ++scratch->record_serial;
    scratch->n_lights = 0;
    return scratch->program->n_codes != 0 ? match(scratch, record, hits, max) : 0;
}

void ml_rules_touch(struct ml_rules_scratch *scratch, enum ml_field field)
{
    scratch->touched[field] = scratch->record_serial + 1;
}

/* Forgets the hits of fields that were touched since the last record. */
static void drop_lights(struct ml_rules_scratch *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_lights; i++) {
        s->lights[n] = s->lights[i];
        n += known_since(s, s->lights[i].field) != s->record_serial;
    }
    s->n_lights = n;
}

size_t ml_rules_match_again(struct ml_rules_scratch *scratch, const struct ml_record *record, uint32_t hits[],
                            size_t max)
{
    scratch->record_serial++;
    drop_lights(scratch);
    return scratch->program->n_codes != 0 ? match(scratch, record, hits, max) : 0;
}
