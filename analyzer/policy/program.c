/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/program.h"

#include "core/mem.h"

void ml_program_init(struct ml_program *program)
{
    *program = (struct ml_program){0};
    ml_map_init(&program->same, UINT32_MAX);
}

void ml_program_fini(struct ml_program *program)
{
    for (size_t i = 0; i < ML_N_FIELDS; i++) {
        struct ml_field_index *field = program->fields[i];
        if (field != NULL) {
            ml_index_fini(&field->index);
            ml_mem_free(field->postings);
            ml_mem_free(field->starts);
            ml_mem_free(field);
        }
    }
    ml_map_fini(&program->same);
    ml_mem_free(program->codes);
    ml_mem_free(program->predicates);
    ml_mem_free(program->anchored);
    *program = (struct ml_program){0};
}

struct ml_field_index *ml_program_field(struct ml_program *program, enum ml_field field)
{
    if (program->fields[field] == NULL) {
        struct ml_field_index *made = ml_mem_array(1, sizeof *made);
        if (made == NULL) {
            return NULL;
        }
        ml_index_init(&made->index);
        made->memo = program->n_memos++;
        program->fields[field] = made;
    }
    return program->fields[field];
}

bool ml_program_post(struct ml_field_index *field, uint32_t entry, uint32_t predicate, struct ml_atom *atom)
{
    struct ml_posting *postings = ml_mem_grow(field->postings, field->n_postings, &field->n_room, 16, sizeof *postings);
    if (postings == NULL) {
        return false;
    }
    field->postings = postings;
    field->postings[field->n_postings++] = (struct ml_posting){.entry = entry, .predicate = predicate, .atom = atom};
    return true;
}

bool ml_program_add_code(struct ml_program *program, uint32_t rule, const struct ml_expr *condition)
{
    struct ml_code *codes = ml_mem_grow(program->codes, program->n_codes, &program->n_codes_room, 16, sizeof *codes);
    if (codes == NULL) {
        return false;
    }
    program->codes = codes;
    program->codes[program->n_codes++] = (struct ml_code){.rule = rule, .condition = condition};
    return true;
}

struct ml_expr *ml_expr_new(struct ml_arena *arena, enum ml_expr_kind kind, uint32_t number)
{
    struct ml_expr *expr = ml_arena_get(arena, sizeof *expr);
    if (expr != NULL) {
        expr->kind = kind;
        expr->number = number;
    }
    return expr;
}

static bool add_link(struct ml_arena *arena, struct ml_expr *parent, const struct ml_expr *child)
{
    struct ml_expr_link *link = ml_arena_get(arena, sizeof *link);
    if (link == NULL) {
        return false;
    }
    link->expr = child;
    if (parent->last != NULL) {
        parent->last->next = link;
    } else {
        parent->first = link;
    }
    parent->last = link;
    return true;
}

bool ml_expr_add(struct ml_arena *arena, struct ml_expr *parent, const struct ml_expr *child)
{
    bool joins = parent->kind == ML_EXPR_AND || parent->kind == ML_EXPR_OR;
    if (!joins || child->kind != parent->kind) {
        return add_link(arena, parent, child);
    }
    bool ok = true;
    for (const struct ml_expr_link *link = child->first; link != NULL && ok; link = link->next) {
        ok = add_link(arena, parent, link->expr);
    }
    return ok;
}

const struct ml_expr *ml_expr_simple(const struct ml_expr *expr)
{
    bool joins = expr->kind == ML_EXPR_AND || expr->kind == ML_EXPR_OR;
    return joins && expr->first != NULL && expr->first == expr->last ? expr->first->expr : expr;
}

/* --- link: indexes --- */

/* Puts the postings of one entry side by side, keeping their order. */
static bool sort_postings(struct ml_field_index *field)
{
    size_t n_entries = ml_index_count(&field->index);
    struct ml_posting *sorted = ml_mem_array(field->n_postings, sizeof *sorted);
    field->starts = ml_mem_array(n_entries + 2, sizeof *field->starts);
    if (sorted == NULL || field->starts == NULL) {
        ml_mem_free(sorted);
        return false;
    }
    /* Counted two places further up, so that filling moves each start to where it belongs. */
    for (size_t i = 0; i < field->n_postings; i++) {
        field->starts[field->postings[i].entry + 2]++;
    }
    for (size_t i = 2; i < n_entries + 2; i++) {
        field->starts[i] += field->starts[i - 1];
    }
    for (size_t i = 0; i < field->n_postings; i++) {
        sorted[field->starts[field->postings[i].entry + 1]++] = field->postings[i];
    }
    ml_mem_free(field->postings);
    field->postings = sorted;
    field->n_room = field->n_postings;
    return true;
}

static void find_crowds(struct ml_program *program, const struct ml_field_index *field)
{
    for (size_t entry = 0; entry < ml_index_count(&field->index); entry++) {
        uint32_t users = 0;
        for (uint32_t i = field->starts[entry]; i < field->starts[entry + 1]; i++) {
            users += program->predicates[field->postings[i].predicate].n_users;
        }
        for (uint32_t i = field->starts[entry]; i < field->starts[entry + 1]; i++) {
            struct ml_predicate *predicate = &program->predicates[field->postings[i].predicate];
            predicate->crowd = users > predicate->crowd ? users : predicate->crowd;
        }
    }
}

static void count_users(struct ml_program *program)
{
    for (size_t i = 0; i < program->n_predicates; i++) {
        program->fields[program->predicates[i].field]->n_users += program->predicates[i].n_users;
    }
}

/* --- link: anchors --- */

static const uint64_t no_cover = UINT64_MAX;

/* What looking a field up costs, in evaluations: by the whole value, or byte by byte. */
enum { LOOK_WHOLE = 16, LOOK_BYTES = 32 };

/* Do many rules ask for the few values that the field has, as for truths and directions? Then a hit tells nothing. */
static bool is_crowded(const struct ml_field_index *field)
{
    enum { CROWD = 4 };
    return field->n_users >= CROWD * ml_index_count(&field->index);
}

/* Evaluations, and the look at a field that hardly any other rule asks for. */
static uint64_t cost_of_test(const struct ml_program *program, const struct ml_predicate *predicate)
{
    const struct ml_field_index *field = program->fields[predicate->field];
    const bool *has = field->index.has;
    bool by_bytes = has[ML_KEY_PREFIX] || has[ML_KEY_SUFFIX] || has[ML_KEY_PART];
    uint64_t users = field->n_users;
    uint64_t look = (by_bytes ? LOOK_BYTES : LOOK_WHOLE) / users;
    switch (predicate->cover) {
    case ML_COVER_KEYS:
        return is_crowded(field) ? 2 * program->n_codes : predicate->crowd + look;
    case ML_COVER_EXISTS:
        return users; /* nothing is looked up */
    case ML_COVER_FIELD:
        return program->n_codes + look;
    case ML_COVER_NONE:
        break;
    }
    return no_cover;
}

/* What it costs to be anchored here; no_cover when the expression can be true without any hit. */
static uint64_t cost_of(const struct ml_program *program, const struct ml_expr *expr)
{
    uint64_t best = no_cover;
    uint64_t sum = 0;
    if (expr->kind == ML_EXPR_TEST) {
        return cost_of_test(program, &program->predicates[expr->number]);
    }
    for (const struct ml_expr_link *link = expr->first; link != NULL; link = link->next) {
        uint64_t cost = expr->kind == ML_EXPR_NOT ? no_cover : cost_of(program, link->expr);
        best = cost < best ? cost : best;
        sum = cost == no_cover || sum == no_cover ? no_cover : sum + cost;
    }
    return expr->kind == ML_EXPR_AND ? best : sum;
}

/* One pass over all anchors: the first counts, the second writes. */
struct pass {
    struct ml_program *program;
    uint32_t code;
    bool is_writing;
};

static void anchor(struct pass *pass, uint32_t first, uint32_t *n)
{
    if (pass->is_writing) {
        pass->program->anchored[first + *n] = pass->code;
    }
    ++*n;
}

static void anchor_at(struct pass *pass, const struct ml_expr *expr)
{
    struct ml_program *program = pass->program;
    if (expr->kind == ML_EXPR_TEST) {
        struct ml_predicate *predicate = &program->predicates[expr->number];
        struct ml_field_index *field = program->fields[predicate->field];
        if (predicate->cover == ML_COVER_KEYS) {
            anchor(pass, predicate->first_rule, &predicate->n_rules);
        } else {
            anchor(pass, field->first_rule, &field->n_rules);
        }
        return;
    }
    const struct ml_expr *best = NULL;
    uint64_t best_cost = no_cover;
    for (const struct ml_expr_link *link = expr->first; link != NULL; link = link->next) {
        if (expr->kind != ML_EXPR_AND) {
            anchor_at(pass, link->expr);
            continue;
        }
        uint64_t cost = cost_of(program, link->expr);
        if (cost < best_cost) {
            best_cost = cost;
            best = link->expr;
        }
    }
    if (best != NULL) {
        anchor_at(pass, best);
    }
}

static void anchor_all(struct ml_program *program, bool is_writing)
{
    struct pass pass = {.program = program, .is_writing = is_writing};
    for (uint32_t i = 0; i < program->n_codes; i++) {
        pass.code = i;
        if (cost_of(program, program->codes[i].condition) == no_cover) {
            anchor(&pass, program->first_free, &program->n_free);
        } else {
            anchor_at(&pass, program->codes[i].condition);
        }
    }
}

/* Gives everybody who was counted a place; returns how many places there are. */
static size_t share_out(struct ml_program *program)
{
    uint32_t n = 0;
    for (size_t i = 0; i < program->n_predicates; i++) {
        program->predicates[i].first_rule = n;
        n += program->predicates[i].n_rules;
        program->predicates[i].n_rules = 0;
    }
    for (size_t i = 0; i < ML_N_FIELDS; i++) {
        if (program->fields[i] != NULL) {
            program->fields[i]->first_rule = n;
            n += program->fields[i]->n_rules;
            program->fields[i]->n_rules = 0;
        }
    }
    program->first_free = n;
    n += program->n_free;
    program->n_free = 0;
    return n;
}

static void list_anchors(struct ml_program *program)
{
    for (size_t i = 0; i < program->n_predicates; i++) {
        const struct ml_predicate *predicate = &program->predicates[i];
        if (predicate->n_rules != 0) {
            program->anchors[predicate->field / 64] |= UINT64_C(1) << predicate->field % 64;
        }
    }
    for (size_t i = 0; i < ML_N_FIELDS; i++) {
        if (program->fields[i] != NULL && program->fields[i]->n_rules != 0) {
            program->anchors[i / 64] |= UINT64_C(1) << i % 64;
        }
    }
}

enum ml_status ml_program_link(struct ml_program *program)
{
    ml_map_fini(&program->same);
    for (size_t i = 0; i < ML_N_FIELDS; i++) {
        struct ml_field_index *field = program->fields[i];
        if (field == NULL) {
            continue;
        }
        if (ml_index_finish(&field->index) != ML_OK || !sort_postings(field)) {
            return ML_NO_MEMORY;
        }
        find_crowds(program, field);
    }
    count_users(program);
    anchor_all(program, false);
    program->anchored = ml_mem_array(share_out(program), sizeof *program->anchored);
    if (program->anchored == NULL) {
        return ML_NO_MEMORY;
    }
    anchor_all(program, true);
    list_anchors(program);
    return ML_OK;
}
