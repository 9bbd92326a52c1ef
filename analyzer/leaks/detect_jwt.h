/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect_jwt - JSON Web Tokens: what they claim, by name.
 *
 * In:        a text without blanks.
 * Out:       names of the claims in the middle part and how long the token lives; never a value.
 * Lifetime:  the names are copies.
 * See:       RFC 7519, sections 3.1 and 4; RFC 7515, section 4.1.1.
 */
#ifndef MITLESER_LEAKS_DETECT_JWT_H
#define MITLESER_LEAKS_DETECT_JWT_H

#include "core/span.h"

enum { ML_JWT_CLAIMS = 16, ML_JWT_NAME = 48, ML_JWT_BYTES = 2048 };

struct ml_jwt {
    size_t n; /* claims told; those beyond ML_JWT_CLAIMS and names that are no names are left out */
    size_t name_len[ML_JWT_CLAIMS];
    char names[ML_JWT_CLAIMS][ML_JWT_NAME];
    bool has_lifetime; /* both `iat` and `exp` are there, in this order of time */
    uint64_t lifetime; /* seconds between them */
};

/* Three parts of base64url, the first one an object that begins with a parameter of a token's head? */
bool ml_jwt_is(struct ml_span text);

/* Reads the claims of a token; those of an encrypted one stay hidden: none. */
void ml_jwt_read(struct ml_span token, struct ml_jwt *out);

#endif
