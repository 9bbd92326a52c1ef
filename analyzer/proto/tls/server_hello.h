/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_hello - what a server chose, and the key exchange of TLS up to 1.2.
 *
 * In:        message bodies, framed, or not framed where the capture cut them.
 * Out:       values and spans into them.
 * Lifetime:  spans borrow the bytes below the reader.
 * See:       RFC 8446, sections 4.1.3 and 4.1.4; RFC 5246, section 7.4.1.3; RFC 8422, section 5.4.
 */
#ifndef MITLESER_PROTO_TLS_SERVER_HELLO_H
#define MITLESER_PROTO_TLS_SERVER_HELLO_H

#include "core/reader.h"

struct ml_tls_server_hello {
    uint16_t legacy_version;
    uint16_t version; /* negotiated: supported_versions where present */
    uint16_t suite;
    bool is_retry; /* a HelloRetryRequest */
    bool is_cut;   /* the end is missing or not well formed */
    struct ml_span random;
    struct ml_span session_id;
    struct ml_span extensions; /* raw, in order */
    bool has_group;
    uint16_t group; /* of the key share */
    struct ml_span alpn;
    bool has_psk; /* a pre-shared key was accepted */
    bool has_extended_master_secret;
    bool has_encrypt_then_mac;
};

/* False (and *out zeroed) when not even the cipher suite could be read. */
bool ml_tls_server_hello_parse(struct ml_reader *rd, struct ml_tls_server_hello *out) ML_MUST_USE;

/* Named curve of an ECDHE ServerKeyExchange. */
bool ml_tls_key_exchange_curve(struct ml_reader *rd, uint16_t *group) ML_MUST_USE;

/* Size in bits of the prime of a DHE ServerKeyExchange. */
bool ml_tls_key_exchange_prime(struct ml_reader *rd, unsigned *bits) ML_MUST_USE;

#endif
