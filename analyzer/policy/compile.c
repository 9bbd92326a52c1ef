/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/compile.h"

#include "policy/condition.h"

bool ml_category_knows(enum ml_category category, enum ml_field field)
{
    static const char letters[ML_N_CATEGORIES] = {
        [ML_CAT_FLOW] = 'f', [ML_CAT_ENDPOINT] = 'e', [ML_CAT_FACT] = 't', [ML_CAT_APP] = 'a', [ML_CAT_CAPTURE] = 'c',
    };
    return strchr(ml_field_info(field)->where, letters[category]) != NULL;
}

enum ml_field ml_compile_field(const struct ml_yaml_file *file, const struct ml_yaml *node, bool is_key,
                               struct ml_span name, enum ml_category category, struct ml_error *error)
{
    enum ml_field field = ml_field_find(name);
    char shown[ML_SHOWN];
    if (field != ML_FIELD_NONE && ml_category_knows(category, field)) {
        return field;
    }
    if (field == ML_FIELD_NONE) {
        (void)ml_yaml_refuse(file, node, error, "there is no field '%s'", ml_shown(name, shown));
    } else {
        (void)ml_yaml_refuse(file, node, error, "field '%s' is not known to category %s", ml_shown(name, shown),
                             ml_category_name(category));
    }
    if (is_key) {
        ml_error_at(error, file->path, node->key_line, node->key_column);
    }
    return ML_FIELD_NONE;
}

static enum ml_status no_memory(struct ml_compiler *c)
{
    return ml_error_set(c->error, ML_NO_MEMORY, "out of memory");
}

static struct ml_expr *new_node(struct ml_compiler *c, enum ml_expr_kind kind)
{
    return ml_expr_new(c->arena, kind, 0);
}

/* A map: all keys must hold. */
static enum ml_status compile_map(struct ml_compiler *c, const struct ml_yaml *map, const struct ml_expr **out)
{
    if (map->n == 0) {
        return ml_yaml_refuse(c->file, map, c->error, "an empty selection");
    }
    struct ml_expr *node = new_node(c, ML_EXPR_AND);
    for (const struct ml_yaml *child = map->first; child != NULL && node != NULL; child = child->next) {
        struct ml_item item;
        const struct ml_expr *expr = NULL;
        enum ml_status status = ml_item_parse(c->file, child, &item, c->error);
        if (status == ML_OK) {
            status = ml_compile_item(c, &item, child, &expr);
        }
        if (status != ML_OK) {
            return status;
        }
        if (!ml_expr_add(c->arena, node, expr)) {
            return no_memory(c);
        }
    }
    *out = node != NULL ? ml_expr_simple(node) : NULL;
    return node != NULL ? ML_OK : no_memory(c);
}

/* A list of maps, of keywords, or of both: one must hold. */
static enum ml_status compile_list(struct ml_compiler *c, const struct ml_yaml *list, const struct ml_expr **out)
{
    static const struct ml_item keyword = {.test = ML_TEST_PLAIN};
    if (list->n == 0) {
        return ml_yaml_refuse(c->file, list, c->error, "an empty selection");
    }
    struct ml_expr *node = new_node(c, ML_EXPR_OR);
    for (const struct ml_yaml *child = list->first; child != NULL && node != NULL; child = child->next) {
        const struct ml_expr *expr = NULL;
        if (child->kind == ML_YAML_LIST) {
            return ml_yaml_refuse(c->file, child, c->error, "a list in a list of selections");
        }
        enum ml_status status =
            child->kind == ML_YAML_MAP ? compile_map(c, child, &expr) : ml_compile_item(c, &keyword, child, &expr);
        if (status != ML_OK) {
            return status;
        }
        if (!ml_expr_add(c->arena, node, expr)) {
            return no_memory(c);
        }
    }
    *out = node != NULL ? ml_expr_simple(node) : NULL;
    return node != NULL ? ML_OK : no_memory(c);
}

static bool holds_maps(const struct ml_yaml *list)
{
    for (const struct ml_yaml *child = list->first; child != NULL; child = child->next) {
        if (child->kind != ML_YAML_SCALAR) {
            return true;
        }
    }
    return list->n == 0;
}

static enum ml_status compile_selection(struct ml_compiler *c, const struct ml_yaml *node, const struct ml_expr **out)
{
    static const struct ml_item keywords = {.test = ML_TEST_PLAIN};
    if (node->kind == ML_YAML_MAP) {
        return compile_map(c, node, out);
    }
    /* Keywords alone are one predicate, however many there are. */
    if (node->kind == ML_YAML_LIST && holds_maps(node)) {
        return compile_list(c, node, out);
    }
    return ml_compile_item(c, &keywords, node, out);
}

/* All conditions of a list; one must hold. */
static enum ml_status compile_condition(struct ml_compiler *c, const struct ml_yaml *node,
                                        const struct ml_selection *selections, const struct ml_expr **out)
{
    if (node->kind == ML_YAML_SCALAR) {
        return ml_condition_parse(c->arena, c->file, node, selections, out, c->error);
    }
    if (node->kind == ML_YAML_MAP || node->n == 0) {
        return ml_yaml_refuse(c->file, node, c->error, "a condition is a text or a list of texts");
    }
    struct ml_expr *any = new_node(c, ML_EXPR_OR);
    for (const struct ml_yaml *child = node->first; child != NULL && any != NULL; child = child->next) {
        const struct ml_expr *expr = NULL;
        if (child->kind != ML_YAML_SCALAR) {
            return ml_yaml_refuse(c->file, child, c->error, "a condition is a text or a list of texts");
        }
        enum ml_status status = ml_condition_parse(c->arena, c->file, child, selections, &expr, c->error);
        if (status != ML_OK) {
            return status;
        }
        if (!ml_expr_add(c->arena, any, expr)) {
            return no_memory(c);
        }
    }
    *out = any;
    return any != NULL ? ML_OK : no_memory(c);
}

enum ml_status ml_compile_detection(struct ml_compiler *c, const struct ml_yaml *detection, const struct ml_expr **out)
{
    struct ml_selection *selections = NULL;
    struct ml_selection **tail = &selections;
    if (detection->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(c->file, detection, c->error, "detection is no map");
    }
    const struct ml_yaml *condition = ml_yaml_get(detection, "condition");
    if (condition == NULL) {
        return ml_yaml_refuse(c->file, detection, c->error, "detection has no condition");
    }
    for (const struct ml_yaml *child = detection->first; child != NULL; child = child->next) {
        if (child == condition) {
            continue;
        }
        if (ml_span_equal(child->key, ml_span_text("timeframe"))) {
            return ml_refuse_key(c->file, child, ML_UNSUPPORTED, c->error,
                                 "'timeframe' is not supported: use a correlation rule");
        }
        struct ml_selection *selection = ml_arena_get(&c->scratch, sizeof *selection);
        if (selection == NULL) {
            return no_memory(c);
        }
        selection->name = child->key;
        enum ml_status status = compile_selection(c, child, &selection->expr);
        if (status != ML_OK) {
            return status;
        }
        *tail = selection;
        tail = &selection->next;
    }
    return compile_condition(c, condition, selections, out);
}
