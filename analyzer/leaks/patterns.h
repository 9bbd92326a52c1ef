/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patterns - all forms and digests of all identities, compiled once, shared by all shards, never changed.
 *
 * In:        bytes.
 * Out:       every place where a pattern stands: texts without regard to ASCII case, raw bytes exactly.
 * How:       the six bytes at each position are looked up in a Bloom filter whose size does not depend on the number of
 *            patterns, so that ten thousand values cost what a hundred do; what passes is compared.
 * Digests:   of every form that is hashed; up to ML_MAX_NESTED_DIGESTS values also digests of those digests (raw and in
 *            hexadecimal digits) and of the form in base64, hexadecimal digits, percent escapes and UTF-16.
 * Why so:    digests (some 30 a value) can stand at any byte of binary data, which makes hundreds of thousands of
 *            patterns; matchers that build automata slow down with them and compile for minutes.
 */
#ifndef MITLESER_LEAKS_PATTERNS_H
#define MITLESER_LEAKS_PATTERNS_H

#include "leaks/form.h"

/* Digests of a form; ML_DIGEST_NONE is the form itself. */
enum ml_leak_digest { ML_DIGEST_NONE, ML_DIGEST_MD5, ML_DIGEST_SHA1, ML_DIGEST_SHA256, ML_DIGEST_SHA512 };

/* "md5" ...; "" for the form itself. */
const char *ml_leak_digest_name(enum ml_leak_digest digest);

struct ml_pattern {
    const struct ml_identity *identity;
    const char *form; /* static */
    const uint8_t *bytes;
    uint64_t gram; /* its first six bytes, folded */
    uint32_t next; /* with the same slot, number + 1 */
    uint16_t len;
    uint8_t digest;   /* enum ml_leak_digest */
    uint8_t edge;     /* enum ml_form_edge */
    uint8_t half;     /* enum ml_form_half */
    uint8_t decimals; /* of coordinates */
    bool is_raw;
    bool is_xor;   /* bytes are what those of the form differ by from the next (ML_WRAP_XOR) */
    uint8_t first; /* then: first byte of the form */
};

struct ml_patterns;

/* Gives them; NULL and the error when memory runs out. `identities` is borrowed for the life of the patterns. */
struct ml_patterns *ml_patterns_new(const struct ml_identities *identities, struct ml_error *error) ML_MUST_USE;
void ml_patterns_free(struct ml_patterns *patterns);

/* What they were made of; borrowed. */
const struct ml_identities *ml_patterns_identities(const struct ml_patterns *patterns);

/* Readable and ignored bytes that must follow what ml_patterns_match gets. */
enum { ML_PATTERN_PADDING = 8 };

/* ASCII letters to lower case; `out` has room for bytes.len + ML_PATTERN_PADDING, the padding is zeroed. */
void ml_patterns_fold(struct ml_span bytes, uint8_t *out);

/* Calls `take` for each place, in ascending order. `folded` is ml_patterns_fold of `bytes`. */
typedef void (*ml_pattern_fn)(void *context, const struct ml_pattern *pattern, size_t at);
void ml_patterns_match(const struct ml_patterns *patterns, struct ml_span bytes, const uint8_t *folded,
                       ml_pattern_fn take, void *context);

#endif
