/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scratch.h"

/* Depth is that of the condition plus the two levels of a selection: bounded by ML_MAX_CONDITION_DEPTH. */
static bool is_true(struct ml_rules_scratch *s, const struct ml_expr *expr)
{
    uint32_t n = 0;
    if (expr->kind == ML_EXPR_TEST) {
        return ml_scratch_test(s, expr->number);
    }
    for (const struct ml_expr_link *link = expr->first; link != NULL; link = link->next) {
        const struct ml_expr *child = link->expr;
        bool holds_here = child->kind == ML_EXPR_TEST ? ml_scratch_test(s, child->number) : is_true(s, child);
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

/* --- candidates --- */

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

/* Looks up a field at which rules are anchored. */
static void ask_anchor(struct ml_rules_scratch *s, enum ml_field field)
{
    const struct ml_field_index *index = s->program->fields[field];
    ml_scratch_look(s, field);
    add_candidates(s, index->first_rule, index->n_rules);
}

/* Rules whose anchors the record has. */
static void find_candidates(struct ml_rules_scratch *s)
{
    const struct ml_program *program = s->program;
    s->n_candidates = 0;
    for (size_t word = 0; word < ML_FIELD_WORDS; word++) {
        for (uint64_t left = program->anchors[word] & s->record->has[word]; left != 0; left &= left - 1) {
            ask_anchor(s, (enum ml_field)(64 * word + (unsigned)__builtin_ctzll(left)));
        }
    }
    if ((program->anchors[0] & UINT64_C(1) << ML_FIELD_NONE) != 0) {
        ask_anchor(s, ML_FIELD_NONE);
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
        n += ml_scratch_since(s, s->lights[i].field) != s->record_serial;
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
