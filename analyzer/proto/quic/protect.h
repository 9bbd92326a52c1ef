/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protect - the protection of Initial packets, which hides from nobody: its keys follow from the packet.
 *
 * In:        the connection id the client first chose; protected packets.
 * Out:       keys; the frames of a packet.
 * Lifetime:  one ml_quic_crypto a shard, reused for all packets; the frames live until the next packet is opened.
 * See:       RFC 9001, sections 5.2 to 5.4; RFC 5869 (HKDF).
 */
#ifndef MITLESER_PROTO_QUIC_PROTECT_H
#define MITLESER_PROTO_QUIC_PROTECT_H

#include "core/status.h"
#include "proto/quic/header.h"

struct ml_quic_crypto;

/* NULL when OpenSSL lacks an algorithm or memory runs out. */
struct ml_quic_crypto *ml_quic_crypto_new(void) ML_MUST_USE;
void ml_quic_crypto_free(void *crypto);

struct ml_quic_keys {
    uint8_t key[16];
    uint8_t iv[12];
    uint8_t hp[16];
};

/* Keys of what the client (or the server) sends in Initial packets. */
bool ml_quic_initial_keys(struct ml_quic_crypto *crypto, const struct ml_quic_version *version, struct ml_span dcid,
                          bool is_server, struct ml_quic_keys *out) ML_MUST_USE;

struct ml_quic_opened {
    struct ml_span frames; /* borrowed until the next call */
    uint64_t number;
    bool is_verified; /* the tag was there and holds; without it the keys may be the wrong ones */
};

/*
 * Opens a packet whose header gave a packet number. `expected` is the largest number seen from that side, plus one.
 * A packet that the capture cut is opened as far as it goes, unverified. False when the keys do not fit or too little
 * is there.
 */
bool ml_quic_open(struct ml_quic_crypto *crypto, const struct ml_quic_keys *keys, const struct ml_quic_header *header,
                  uint64_t expected, struct ml_quic_opened *out) ML_MUST_USE;

#endif
