/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rc4 - the stream cipher that old servers still choose, here because OpenSSL 3 keeps it in a module of its own that
 * need not be installed. For reading only.
 * See: RFC 6229 (test vectors); RFC 7465 (why nobody may use it any more).
 */
#ifndef MITLESER_PROTO_TLS_RC4_H
#define MITLESER_PROTO_TLS_RC4_H

#include "core/span.h"

struct ml_rc4 {
    uint8_t state[256];
    uint8_t i, j;
};

/* `key` has 1 to 256 bytes. */
void ml_rc4_init(struct ml_rc4 *rc4, struct ml_span key);

/* Encrypts or decrypts in place, going on where the call before ended. */
void ml_rc4_apply(struct ml_rc4 *rc4, uint8_t *bytes, size_t len);

#endif
