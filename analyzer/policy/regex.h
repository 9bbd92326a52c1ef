/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex - regular expressions by PCRE2 with fixed limits, and the literal every match of one must hold.
 *
 * No just-in-time compiler: its limits count differently, and results must not depend on the machine.
 * Matching is on UTF-8; ill-formed bytes match nothing but do not stop the match around them.
 */
#ifndef MITLESER_POLICY_REGEX_H
#define MITLESER_POLICY_REGEX_H

#include "core/arena.h"

struct ml_regex;         /* compiled, immutable */
struct ml_regex_scratch; /* what one thread needs to match any of them */

enum { ML_REGEX_NOCASE = 1, ML_REGEX_LINES = 2 /* ^ and $ at line ends */, ML_REGEX_DOTALL = 4 };

/* Gives *out. ML_BAD_INPUT fills `error` (text only) with PCRE2's message and the position in the pattern. */
enum ml_status ml_regex_new(struct ml_span pattern, unsigned flags, struct ml_regex **out,
                            struct ml_error *error) ML_MUST_USE;
void ml_regex_free(struct ml_regex *regex);

struct ml_regex_scratch *ml_regex_scratch_new(void) ML_MUST_USE;
void ml_regex_scratch_free(struct ml_regex_scratch *scratch);

/* Fewer bytes than this do not match. */
size_t ml_regex_shortest(const struct ml_regex *regex);

/* Found anywhere in the text? A match that runs into a limit is no match; *limits counts it. */
bool ml_regex_match(const struct ml_regex *regex, struct ml_regex_scratch *scratch, struct ml_span text,
                    uint64_t *limits);

/*
 * Longest run of bytes that every match holds (case aside), into `out` with room for `pattern.len` bytes; 0 when none
 * can be told. Errs on the side of none: a group, an option or an escape it does not know ends the search.
 */
size_t ml_regex_literal(struct ml_span pattern, unsigned flags, uint8_t *out);

#endif
