/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern - a Sigma string: bytes with the wildcards `*` (any run, also none) and `?` (one character).
 *
 * Escapes (Sigma rules specification 2.0, "Escaping"): a backslash takes the meaning from `*`, `?` and from another
 * backslash; before anything else it is a plain backslash.
 * Case: folded patterns are compared with folded texts. Folding keeps every length, so that positions stay the same.
 * Lifetime: codes live in the arena they were made in.
 */
#ifndef MITLESER_POLICY_PATTERN_H
#define MITLESER_POLICY_PATTERN_H

#include "core/arena.h"

/* A code below 256 is that byte. */
enum { ML_WILD_ONE = 0x100, ML_WILD_ANY = 0x101 };

struct ml_pattern {
    uint16_t *codes;
    size_t len;
};

/* Where in a text the literal part stands that every match of a pattern must hold. */
enum ml_shape {
    ML_SHAPE_EQUAL,  /* the whole text */
    ML_SHAPE_PREFIX, /* at the beginning */
    ML_SHAPE_SUFFIX, /* at the end */
    ML_SHAPE_PART,   /* anywhere */
    ML_SHAPE_NONE    /* there is no literal part */
};

/* All three: false when memory runs out. */
bool ml_pattern_parse(struct ml_arena *arena, struct ml_span text, struct ml_pattern *out) ML_MUST_USE;
bool ml_pattern_literal(struct ml_arena *arena, struct ml_span bytes, struct ml_pattern *out) ML_MUST_USE;

/* The pattern with a `*` in front and behind, as wanted. */
bool ml_pattern_wrap(struct ml_arena *arena, const struct ml_pattern *pattern, bool in_front, bool behind,
                     struct ml_pattern *out) ML_MUST_USE;

bool ml_pattern_has_wildcard(const struct ml_pattern *pattern);

/* Folds the literal bytes in place. */
void ml_pattern_fold(struct ml_pattern *pattern);

/*
 * The longest literal part, as first code and number of codes; *is_all tells that shape and part say everything, so
 * that a text which holds the part there matches. A pattern of nothing but `*` is ML_SHAPE_NONE with *is_all set.
 */
enum ml_shape ml_pattern_shape(const struct ml_pattern *pattern, size_t *from, size_t *len, bool *is_all);

/* Copies codes that are all literal; `out` has room for `len` bytes. */
void ml_pattern_bytes(const struct ml_pattern *pattern, size_t from, size_t len, uint8_t *out);

/* Does the whole text match? At most |pattern| x |text| steps. */
bool ml_pattern_match(const struct ml_pattern *pattern, struct ml_span text);

/*
 * Lower case of ASCII and of the two-byte letters of Latin-1, Latin Extended-A, Greek and Cyrillic that have a
 * counterpart of the same length; all else stays. `out` has room for in.len bytes.
 */
void ml_fold(struct ml_span in, uint8_t *out);

/* Is the text sure to stay as it is when folded? All it holds is ASCII then, without capitals. */
bool ml_is_folded(struct ml_span text);

#endif
