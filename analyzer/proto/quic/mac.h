/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mac - HMAC-SHA-256 under a key that serves several messages, as in the key schedule of Initial packets.
 *
 * In:        a key of at most 64 bytes, messages.
 * Out:       codes of 32 bytes.
 * See:       RFC 2104.
 */
#ifndef MITLESER_PROTO_QUIC_MAC_H
#define MITLESER_PROTO_QUIC_MAC_H

#include "core/span.h"
#include "core/status.h"

#include <openssl/sha.h>

enum { ML_QUIC_MAC = 32 };

/* Both digests behind the padded key, which is half of the work for a short message. */
struct ml_quic_mac_key {
    SHA256_CTX inner, outer;
};

bool ml_quic_mac_begin(struct ml_quic_mac_key *key, struct ml_span bytes) ML_MUST_USE;

bool ml_quic_mac(const struct ml_quic_mac_key *key, struct ml_span message, uint8_t out[ML_QUIC_MAC]) ML_MUST_USE;

#endif
