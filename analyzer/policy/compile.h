/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile - from the YAML of a detection to predicates and an expression of the category's program.
 *
 * Lifetime: what stays is in the rule set (`arena`, `regexes`) and the program; `scratch` holds what one rule needs
 * while it is compiled.
 */
#ifndef MITLESER_POLICY_COMPILE_H
#define MITLESER_POLICY_COMPILE_H

#include "core/yaml.h"
#include "policy/item.h"
#include "policy/list.h"
#include "policy/program.h"
#include "policy/transform.h"

/* Compiled regular expressions; owned by the rule set. */
struct ml_regexes {
    struct ml_regex **items; /* owned */
    size_t n, n_room;
};

struct ml_compiler {
    struct ml_arena *arena; /* borrowed, as all: the rule set's */
    struct ml_regexes *regexes;
    struct ml_lists *lists;
    const struct ml_yaml_file *file;
    struct ml_error *error;
    enum ml_category category;
    struct ml_program *program; /* of the category */
    struct ml_arena scratch;    /* owned by whoever runs the compiler */
};

/* The expression of a `detection` map. */
enum ml_status ml_compile_detection(struct ml_compiler *compiler, const struct ml_yaml *detection,
                                    const struct ml_expr **out) ML_MUST_USE;

/* The expression of one key of a selection, or of a list of keywords (item.field empty). */
enum ml_status ml_compile_item(struct ml_compiler *compiler, const struct ml_item *item, const struct ml_yaml *node,
                               const struct ml_expr **out) ML_MUST_USE;

/*
 * Field of that name in the category, or ML_FIELD_NONE after `error` has been filled with the position of `node` (at
 * its key when is_key).
 */
enum ml_field ml_compile_field(const struct ml_yaml_file *file, const struct ml_yaml *node, bool is_key,
                               struct ml_span name, enum ml_category category, struct ml_error *error);

/* Does the category know the field? */
bool ml_category_knows(enum ml_category category, enum ml_field field);

#endif
