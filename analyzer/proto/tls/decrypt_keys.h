/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decrypt_keys - from the secrets of a key log to the keys of one direction.
 *
 * In:        a master or premaster secret with both randoms (up to TLS 1.2), or a traffic secret (TLS 1.3, QUIC).
 * Out:       keys; wipe them after use.
 * Errors:    false when OpenSSL refuses.
 * See:       RFC 2246, section 6.3; RFC 5246, sections 5, 6.3 and 8.1; RFC 7627; RFC 8446, section 7.
 */
#ifndef MITLESER_PROTO_TLS_DECRYPT_KEYS_H
#define MITLESER_PROTO_TLS_DECRYPT_KEYS_H

#include "proto/tls/decrypt_suite.h"

struct ml_tls_keys {
    uint8_t mac[48];
    uint8_t key[32];
    uint8_t iv[16];
};

struct ml_tls_masters {
    struct ml_span master; /* 48 bytes, or a premaster secret */
    const uint8_t *client_random, *server_random;
};

/* The master secret that a premaster secret makes. */
bool ml_tls_master_of_premaster(const struct ml_tls_suite *suite, uint16_t version,
                                const struct ml_tls_masters *masters, uint8_t out[48]) ML_MUST_USE;

/* The same where both sides agreed on the extended master secret; `hash` is the session_hash (RFC 7627, section 4). */
bool ml_tls_extended_master(const struct ml_tls_suite *suite, uint16_t version, struct ml_span premaster,
                            struct ml_span hash, uint8_t out[48]) ML_MUST_USE;

/* Keys of what the client (or the server) sends, TLS 1.0 to 1.2. */
bool ml_tls_keys_of_master(const struct ml_tls_suite *suite, uint16_t version, const struct ml_tls_masters *masters,
                           bool is_client, struct ml_tls_keys *out) ML_MUST_USE;

/* Keys of what the owner of a traffic secret sends, TLS 1.3. */
bool ml_tls_keys_of_traffic(const struct ml_tls_suite *suite, struct ml_span secret,
                            struct ml_tls_keys *out) ML_MUST_USE;

/* The traffic secret behind a KeyUpdate; `out` has secret.len bytes (at most 64). */
bool ml_tls_next_traffic(const struct ml_tls_suite *suite, struct ml_span secret, uint8_t *out) ML_MUST_USE;

/*
 * HKDF-Expand-Label with an empty context, and "tls13 " put before `label`. `len` is at most 48 and the length of the
 * digest, so that one round suffices.
 */
bool ml_tls_expand_label(const char *hash, struct ml_span secret, const char *label, uint8_t *out,
                         size_t len) ML_MUST_USE;

#endif
