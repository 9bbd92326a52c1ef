/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value - one value of a detection item becomes keys of the field's index and atoms of its predicate.
 *
 * What a value may be depends on the type of the field: texts take every comparison of texts; numbers and addresses are
 * compared as such, or by their text where a wildcard, a part or a regular expression is asked for; truth values are
 * true or false.
 */
#ifndef MITLESER_POLICY_VALUE_H
#define MITLESER_POLICY_VALUE_H

#include "policy/compile.h"

/* A predicate in the making. */
struct ml_value_sink {
    struct ml_compiler *compiler;
    const struct ml_item *item;
    enum ml_field field; /* ML_FIELD_NONE: keywords */
    uint32_t predicate;
    struct ml_field_index *index;
    size_t n_values;       /* after expansion */
    struct ml_atom *first; /* tested on demand */
    struct ml_atom *last;
};

/* Does the comparison make sense for the type of the field? Errors stand at the key of `node`. */
enum ml_status ml_value_check(const struct ml_compiler *compiler, const struct ml_item *item, enum ml_field field,
                              const struct ml_yaml *node) ML_MUST_USE;

/* Adds the scalar `node`. Errors stand at it. */
enum ml_status ml_value_add(struct ml_value_sink *sink, const struct ml_yaml *node) ML_MUST_USE;

#endif
