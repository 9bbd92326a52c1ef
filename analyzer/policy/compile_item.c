/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/value.h"

#include "core/digest.h"
#include "core/mem.h"

/*
 * Digest of everything that makes two predicates the same: field, modifiers and values as written. False: out of
 * memory.
 */
static bool digest_of(const struct ml_item *item, enum ml_field field, const struct ml_yaml *first, bool is_list,
                      uint8_t out[32])
{
    struct ml_buf bytes;
    ml_buf_init(&bytes, SIZE_MAX / 2);
    (void)ml_buf_printf(&bytes, "%d %d %d %d %u", (int)field, (int)item->test, item->is_cased, item->is_fieldref,
                        item->regex_flags); /* latches, as below */
    for (size_t i = 0; i < item->n_changes; i++) {
        (void)ml_buf_printf(&bytes, " %d", (int)item->changes[i]);
    }
    for (const struct ml_yaml *value = first; value != NULL; value = is_list ? value->next : NULL) {
        (void)ml_buf_printf(&bytes, ";%d %d %zu:", (int)value->kind, value->is_quoted, value->text.len);
        (void)ml_buf_add_span(&bytes, value->text);
    }
    bool ok = !bytes.failed && ml_sha256(ml_buf_span(&bytes), out);
    ml_buf_fini(&bytes);
    return ok;
}

static struct ml_predicate *new_predicate(struct ml_program *program)
{
    struct ml_predicate *predicates =
        ml_mem_grow(program->predicates, program->n_predicates, &program->n_predicates_room, 32, sizeof *predicates);
    if (predicates == NULL) {
        return NULL;
    }
    program->predicates = predicates;
    struct ml_predicate *predicate = &program->predicates[program->n_predicates++];
    *predicate = (struct ml_predicate){0};
    return predicate;
}

/* What of a record the predicate reads. */
static void note_needs(struct ml_predicate *predicate)
{
    predicate->depends_on = predicate->field;
    for (const struct ml_atom *atom = predicate->atoms; atom != NULL; atom = atom->next) {
        predicate->needs_text |=
            atom->kind == ML_ATOM_PATTERN || atom->kind == ML_ATOM_REGEX || atom->kind == ML_ATOM_FIELDREF;
        if (atom->kind == ML_ATOM_FIELDREF) {
            predicate->depends_on = ML_FIELD_NONE;
        }
    }
}

/* How a record can be told to have a chance: see enum ml_cover. */
static enum ml_cover cover_of(const struct ml_predicate *predicate)
{
    bool is_existence = true;
    for (const struct ml_atom *atom = predicate->atoms; atom != NULL; atom = atom->next) {
        if (atom->kind == ML_ATOM_ABSENT) {
            return ML_COVER_NONE;
        }
        is_existence &= atom->kind == ML_ATOM_PRESENT;
    }
    if (predicate->atoms == NULL) {
        return ML_COVER_KEYS;
    }
    if (predicate->field == ML_FIELD_NONE) {
        return ML_COVER_NONE;
    }
    return is_existence && !predicate->has_keys ? ML_COVER_EXISTS : ML_COVER_FIELD;
}

static enum ml_status fill_predicate(struct ml_compiler *c, const struct ml_item *item, enum ml_field field,
                                     const struct ml_yaml *first, bool is_list)
{
    struct ml_program *program = c->program;
    struct ml_field_index *index = ml_program_field(program, field);
    struct ml_predicate *predicate = index != NULL ? new_predicate(program) : NULL;
    if (predicate == NULL) {
        return ml_error_set(c->error, ML_NO_MEMORY, "out of memory");
    }
    struct ml_value_sink sink = {
        .compiler = c, .item = item, .field = field, .predicate = (uint32_t)program->n_predicates - 1, .index = index};
    size_t n_postings = index->n_postings;
    enum ml_status status = ML_OK;
    for (const struct ml_yaml *value = first; value != NULL && status == ML_OK; value = is_list ? value->next : NULL) {
        status = ml_value_add(&sink, value);
    }
    predicate->field = field;
    predicate->atoms = sink.first;
    predicate->has_keys = index->n_postings > n_postings;
    predicate->cover = cover_of(predicate);
    note_needs(predicate);
    return status;
}

/* The test of a field against one value or a whole list of values. */
static enum ml_status compile_test(struct ml_compiler *c, const struct ml_item *item, enum ml_field field,
                                   const struct ml_yaml *first, bool is_list, struct ml_expr **out)
{
    struct ml_program *program = c->program;
    uint8_t digest[32];
    bool is_new = false;
    *out = NULL;
    if (!digest_of(item, field, first, is_list, digest)) {
        return ml_error_set(c->error, ML_NO_MEMORY, "out of memory");
    }
    const struct ml_map_entry *entry =
        ml_map_add(&program->same, ml_span_of(digest, sizeof digest), (uint32_t)program->n_predicates, &is_new);
    if (entry == NULL) {
        return ml_error_set(c->error, ML_NO_MEMORY, "out of memory");
    }
    uint32_t number = entry->value;
    enum ml_status status = is_new ? fill_predicate(c, item, field, first, is_list) : ML_OK;
    if (status != ML_OK) {
        return status;
    }
    program->predicates[number].n_users++;
    *out = ml_expr_new(c->arena, ML_EXPR_TEST, number);
    return *out != NULL ? ML_OK : ml_error_set(c->error, ML_NO_MEMORY, "out of memory");
}

/* `all`: every value is a test of its own. */
static enum ml_status compile_all(struct ml_compiler *c, const struct ml_item *item, enum ml_field field,
                                  const struct ml_yaml *node, struct ml_expr **out)
{
    if (node->kind != ML_YAML_LIST || node->n < 2) {
        return ml_refuse_key(c->file, node, ML_BAD_INPUT, c->error,
                             "modifier 'all' needs a list of two values or more");
    }
    struct ml_expr *all = ml_expr_new(c->arena, ML_EXPR_AND, 0);
    bool ok = all != NULL;
    for (const struct ml_yaml *value = node->first; value != NULL && ok; value = value->next) {
        struct ml_expr *test = NULL;
        enum ml_status status = compile_test(c, item, field, value, false, &test);
        if (status != ML_OK) {
            return status;
        }
        ok = ml_expr_add(c->arena, all, test);
    }
    *out = all;
    return ok ? ML_OK : ml_error_set(c->error, ML_NO_MEMORY, "out of memory");
}

enum ml_status ml_compile_item(struct ml_compiler *c, const struct ml_item *item, const struct ml_yaml *node,
                               const struct ml_expr **out)
{
    enum ml_field field = ML_FIELD_NONE;
    struct ml_expr *expr = NULL;
    if (item->field.len != 0) {
        field = ml_compile_field(c->file, node, true, item->field, c->category, c->error);
        if (field == ML_FIELD_NONE) {
            return ML_BAD_INPUT;
        }
    }
    if (node->kind == ML_YAML_LIST && node->n == 0) {
        return ml_yaml_refuse(c->file, node, c->error, "an empty list of values");
    }
    enum ml_status status = ml_value_check(c, item, field, node);
    if (status == ML_OK && item->is_all) {
        status = compile_all(c, item, field, node, &expr);
    } else if (status == ML_OK) {
        bool is_list = node->kind == ML_YAML_LIST;
        status = compile_test(c, item, field, is_list ? node->first : node, is_list, &expr);
    }
    if (status != ML_OK || !item->is_negated) {
        *out = expr;
        return status;
    }
    struct ml_expr *negated = ml_expr_new(c->arena, ML_EXPR_NOT, 0);
    *out = negated;
    return negated != NULL && ml_expr_add(c->arena, negated, expr)
               ? ML_OK
               : ml_error_set(c->error, ML_NO_MEMORY, "out of memory");
}
