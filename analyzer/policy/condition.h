/* SPDX-License-Identifier: Apache-2.0 */
/*
 * condition - the condition of a Sigma rule: names of selections with and, or, not, parentheses, and
 * `1 of`, `any of`, `all of`, `N of` over a name pattern or `them` (all names without a leading underscore).
 *
 * See: Sigma rules specification 2.0, "Condition". Binding from loose to tight: or, and, not, of.
 */
#ifndef MITLESER_POLICY_CONDITION_H
#define MITLESER_POLICY_CONDITION_H

#include "core/yaml.h"
#include "policy/program.h"

struct ml_selection {
    struct ml_span name;
    const struct ml_expr *expr;
    struct ml_selection *next;
};

/*
 * Compiles one condition. Selections are shared, not copied. ML_BAD_INPUT names the word and its place; ML_UNSUPPORTED:
 * the aggregations of old Sigma; ML_LIMIT: too deep or too long.
 */
enum ml_status ml_condition_parse(struct ml_arena *arena, const struct ml_yaml_file *file, const struct ml_yaml *node,
                                  const struct ml_selection *selections, const struct ml_expr **out,
                                  struct ml_error *error) ML_MUST_USE;

#endif
