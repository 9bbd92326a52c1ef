/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unseal - opens the packets that one secret of a key log protects: 0-RTT, Handshake and 1-RTT packets.
 *
 * In:        a traffic secret, the suite it works under, and packets with the place of their number.
 * Out:       the frames of a packet, only where its tag holds.
 * Invariant: header protection has one key for all generations of a secret (RFC 9001, section 6.1); the rest of the
 *            keys belongs to one generation.
 * Lifetime:  keys are wiped when freed.
 * See:       RFC 9001, sections 5.1 to 5.4 and 6; RFC 9369, section 3.3; RFC 5116 (AEAD).
 */
#ifndef MITLESER_PROTO_QUIC_UNSEAL_H
#define MITLESER_PROTO_QUIC_UNSEAL_H

#include "core/buf.h"
#include "core/status.h"

struct ml_quic_masker; /* header protection */
struct ml_quic_aead;   /* one generation of packet protection */

struct ml_quic_secret {
    uint16_t suite;
    bool has_v2_labels;   /* "quicv2 key" and so on */
    struct ml_span bytes; /* borrowed during the call */
};

/* NULL for suites that QUIC does not have, when OpenSSL refuses or memory runs out. */
struct ml_quic_masker *ml_quic_masker_new(const struct ml_quic_secret *secret) ML_MUST_USE;
void ml_quic_masker_free(struct ml_quic_masker *masker);

struct ml_quic_aead *ml_quic_aead_new(const struct ml_quic_secret *secret) ML_MUST_USE;
void ml_quic_aead_free(struct ml_quic_aead *aead);

/* The generation behind a key update. NULL as above. */
struct ml_quic_aead *ml_quic_aead_next(const struct ml_quic_aead *aead) ML_MUST_USE;

/* A packet with its header protection undone. */
struct ml_quic_unmasked {
    struct ml_span packet; /* still sealed; to its end */
    size_t number_at;
    uint8_t first; /* first byte, in clear */
    uint8_t number[4];
    unsigned number_len;
    uint32_t truncated; /* number, as far as it was sent */
};

/* False when the packet is too short to hold a sample. `packet` ends where the packet does. */
bool ml_quic_unmask(struct ml_quic_masker *masker, struct ml_span packet, size_t number_at,
                    struct ml_quic_unmasked *out) ML_MUST_USE;

/* The whole number nearest to `expected` that ends in these bits (RFC 9000, appendix A.3); `len` bytes were sent. */
uint64_t ml_quic_whole_number(uint64_t expected, uint32_t truncated, unsigned len);

/* Opens into `plain` (emptied first). False when the tag does not hold. */
bool ml_quic_aead_open(struct ml_quic_aead *aead, const struct ml_quic_unmasked *packet, uint64_t number,
                       struct ml_buf *plain) ML_MUST_USE;

#endif
