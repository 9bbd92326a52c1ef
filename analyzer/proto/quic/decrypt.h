/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decrypt - what is inside the 0-RTT, Handshake and 1-RTT packets of a connection whose secrets are known.
 *
 * In:        packets of both directions, and what the hellos agreed on.
 * Out:       facts of the handshake messages that only the keys make readable; streams in order to the application.
 * Invariant: nothing is handed on whose tag does not hold. Which length connection ids have that a short header does
 *            not tell, and which generation of keys holds, is found by the tag, within ceilings.
 * Cost:      nothing is set up before a secret is found.
 * See:       RFC 9001; RFC 9000, sections 5.1, 12 and 17; RFC 9369.
 */
#ifndef MITLESER_PROTO_QUIC_DECRYPT_H
#define MITLESER_PROTO_QUIC_DECRYPT_H

#include "proto/quic/header.h"
#include "proto/tls/conversation.h"
#include "proto/tls/unsealed.h"

struct ml_quic_decrypt;

struct ml_quic_decrypt_config {
    struct ml_tls_conversation *conversation; /* borrowed; its client hello was seen */
    struct ml_flow *flow;                     /* borrowed */
    struct ml_unsealed *result;               /* borrowed; how it went */
    bool speaks_http3;                        /* the client offered it */
};

/* NULL when memory runs out. */
struct ml_quic_decrypt *ml_quic_decrypt_new(const struct ml_quic_decrypt_config *config) ML_MUST_USE;

/* Hands on what waits, and states it. */
void ml_quic_decrypt_free(struct ml_quic_decrypt *decrypt);

/* A long header of `dir`: the id it wants to be called by, and the version it speaks. */
void ml_quic_decrypt_header(struct ml_quic_decrypt *decrypt, const struct ml_quic_header *header, enum ml_dir dir);

/* A 0-RTT or Handshake packet of the datagram `chunk`. */
void ml_quic_decrypt_long(struct ml_quic_decrypt *decrypt, const struct ml_quic_header *header,
                          const struct ml_chunk *chunk);

/* A packet with a short header: from its first byte to the end of the datagram. */
void ml_quic_decrypt_short(struct ml_quic_decrypt *decrypt, struct ml_span packet, const struct ml_chunk *chunk);

/* Is there more to learn? */
bool ml_quic_decrypt_wants(const struct ml_quic_decrypt *decrypt);

#endif
