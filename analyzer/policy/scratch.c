/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scratch.h"

#include "core/mem.h"

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
    bool ok = scratch != NULL;
    for (size_t i = 0; i < ML_N_CATEGORIES && ok; i++) {
        scratch->memos[i] = ml_mem_array((size_t)rules->programs[i].n_memos * ML_MEMOS, sizeof *scratch->memos[i]);
        ok = scratch->memos[i] != NULL;
    }
    if (!ok) {
        ml_rules_scratch_free(scratch);
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
        for (size_t i = 0; i < ML_N_CATEGORIES; i++) {
            ml_mem_free(scratch->memos[i]);
        }
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

/* A match, or what is remembered of it. */
static bool regex_fits(struct ml_rules_scratch *s, const struct ml_atom *atom)
{
    struct ml_memo *memo = s->text.len >= ml_regex_shortest(atom->regex) ? ml_memo_of(s, atom->memo, s->text) : NULL;
    if (memo == NULL) {
        return ml_regex_match(atom->regex, s->regex, s->text, &s->regex_limits);
    }
    if (!ml_memo_knows(memo, s->text)) {
        uint64_t limits = s->regex_limits;
        ml_memo_begin(memo, s->text);
        memo->n += ml_regex_match(atom->regex, s->regex, s->text, &s->regex_limits);
        if (s->regex_limits != limits) {
            memo->n = 0; /* a limit is counted every time */
            return false;
        }
    }
    return memo->n == 2;
}

/* Does the current value have what the atom asks for? */
static bool atom_fits(struct ml_rules_scratch *s, const struct ml_atom *atom)
{
    switch (atom->kind) {
    case ML_ATOM_PATTERN:
        return ml_pattern_match(&atom->pattern, atom->is_cased ? s->text : s->folded);
    case ML_ATOM_REGEX:
        return regex_fits(s, atom);
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
        s->folded = ml_is_folded(s->text) ? s->text : fold(s->text, s->folds);
    }
}

/* --- look-up --- */

static void come_true(struct ml_rules_scratch *s, uint32_t number)
{
    const struct ml_predicate *predicate = &s->program->predicates[number];
    if (s->truths[number] == 2 * s->record_serial + 1) {
        return;
    }
    s->truths[number] = 2 * s->record_serial + 1;
    if (predicate->n_rules != 0) {
        s->lights[s->n_lights++] =
            (struct ml_light){.field = predicate->field, .first = predicate->first_rule, .n = predicate->n_rules};
    }
}

static void on_hit(void *context, uint32_t entry)
{
    struct ml_rules_scratch *s = context;
    for (uint32_t i = s->index->starts[entry]; i < s->index->starts[entry + 1]; i++) {
        const struct ml_posting *posting = &s->index->postings[i];
        if (s->memo == NULL && s->truths[posting->predicate] == 2 * s->record_serial + 1) {
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
        if (s->memo != NULL) {
            ml_memo_hit(s->memo, posting->predicate);
        }
        come_true(s, posting->predicate);
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

static void walk_value(struct ml_rules_scratch *s, enum ml_field field, enum ml_type type, const struct ml_value *value)
{
    char decimal[64];
    enter_value(s, field, value, type == ML_TYPE_TEXT || s->index->wants_text, decimal);
    look_up(s, type);
}

/* A value as bytes that are equal for equal values of its field. */
static struct ml_span bytes_of(const struct ml_value *value, enum ml_type type)
{
    switch (type) {
    case ML_TYPE_TEXT:
        return value->text;
    case ML_TYPE_ADDRESS:
        return ml_span_of(&value->ip, sizeof value->ip);
    case ML_TYPE_NUMBER:
    case ML_TYPE_TRUTH:
        break;
    }
    return ml_span_of(&value->number, sizeof value->number);
}

/* Looks a value up, or remembers what it hit. */
static void recall_value(struct ml_rules_scratch *s, enum ml_field field, enum ml_type type,
                         const struct ml_value *value)
{
    struct ml_span bytes = bytes_of(value, type);
    struct ml_memo *memo = ml_memo_of(s, s->index->memo, bytes);
    if (memo == NULL) {
        walk_value(s, field, type, value);
        return;
    }
    if (ml_memo_knows(memo, bytes)) {
        for (size_t i = 0; i + 1 < memo->n; i++) {
            come_true(s, memo->hits[i]);
        }
        return;
    }
    uint64_t limits = s->regex_limits;
    ml_memo_begin(memo, bytes);
    s->memo = memo;
    walk_value(s, field, type, value);
    s->memo = NULL;
    memo->n = s->regex_limits == limits ? memo->n : 0; /* a limit is counted every time */
}

/* Looks all values of a field up. */
static void walk_field(struct ml_rules_scratch *s, enum ml_field field)
{
    const struct ml_value *values = &s->record->values[s->record->first[field]];
    enum ml_type type = ml_field_info(field)->type;
    s->index = s->program->fields[field];
    for (size_t i = 0; i < s->record->count[field]; i++) {
        recall_value(s, field, type, &values[i]);
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

void ml_scratch_walk(struct ml_rules_scratch *s, enum ml_field field)
{
    s->walked[field] = s->record_serial;
    if (field == ML_FIELD_NONE) {
        walk_keywords(s);
    } else if (s->program->fields[field]->n_postings != 0) {
        walk_field(s, field);
    }
}

/* --- truth --- */

/* Tries the atoms of a predicate that no index key stands for, on the values of one field. */
static bool values_fit(struct ml_rules_scratch *s, const struct ml_predicate *predicate, enum ml_field field)
{
    const struct ml_value *values = &s->record->values[s->record->first[field]];
    for (size_t i = 0; i < s->record->count[field]; i++) {
        char decimal[64];
        enter_value(s, field, &values[i], predicate->needs_text, decimal);
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

/* `since`: the record in which the predicate became unknown. */
static bool find_out(struct ml_rules_scratch *s, const struct ml_predicate *predicate, const uint64_t *truth,
                     uint64_t since)
{
    bool is_keyword = predicate->field == ML_FIELD_NONE;
    if (!is_keyword && s->record->count[predicate->field] == 0) {
        return fits_without(predicate);
    }
    if (predicate->has_keys) {
        ml_scratch_look(s, predicate->field);
        if (*truth >> 1 >= since) {
            return true; /* looking up finds what is true */
        }
    }
    return predicate->atoms != NULL &&
           (is_keyword ? keywords_fit(s, predicate) : values_fit(s, predicate, predicate->field));
}

bool ml_scratch_find_out(struct ml_rules_scratch *s, uint32_t predicate, uint64_t since)
{
    uint64_t *truth = &s->truths[predicate];
    bool is_true = find_out(s, &s->program->predicates[predicate], truth, since);
    *truth = 2 * s->record_serial + is_true;
    return is_true;
}
