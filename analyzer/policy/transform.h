/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transform - the Sigma modifiers that turn one value into others before it is compared: utf16*, base64, base64offset,
 * windash.
 *
 * See: Sigma modifiers appendix 2.1.0, "Encoding" and "String Modifiers".
 */
#ifndef MITLESER_POLICY_TRANSFORM_H
#define MITLESER_POLICY_TRANSFORM_H

#include "policy/pattern.h"

/* Values in the making; each in the arena. */
struct ml_values {
    struct ml_pattern *items; /* owned */
    size_t n, n_room;
};

void ml_values_fini(struct ml_values *values);
bool ml_values_add(struct ml_values *values, const struct ml_pattern *pattern) ML_MUST_USE;

enum ml_utf16 { ML_UTF16_LE, ML_UTF16_BE, ML_UTF16_MARK /* little endian after a byte order mark */ };

/*
 * Each replaces *values by its transformation. ML_NO_MEMORY; ML_BAD_INPUT when a value holds a wildcard or is no
 * UTF-8, *culprit is then its number; ML_LIMIT when windash makes too many variants.
 */
enum ml_status ml_transform_utf16(struct ml_arena *arena, struct ml_values *values, enum ml_utf16 form,
                                  size_t *culprit) ML_MUST_USE;
enum ml_status ml_transform_base64(struct ml_arena *arena, struct ml_values *values, size_t *culprit) ML_MUST_USE;
enum ml_status ml_transform_base64offset(struct ml_arena *arena, struct ml_values *values, size_t *culprit) ML_MUST_USE;
enum ml_status ml_transform_windash(struct ml_arena *arena, struct ml_values *values, size_t *culprit) ML_MUST_USE;

#endif
