/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decrypt - what is inside the records of a TLS connection whose secrets are known.
 *
 * In:        encrypted records of both directions as fragments, holes, and what the hellos agreed on.
 * Out:       the application's bytes to a demultiplexer of its own, as chunks of layer tls that came in the packet
 *            which completed their record; facts of the handshake messages that only the keys make readable.
 * Invariant: nothing is handed on whose tag or MAC does not hold. Behind a hole the number of the next record is found
 *            by trying, up to ML_MAX_UNSEAL_TRIES; what could not be opened is counted by reason, once a connection.
 * Lifetime:  a record is held only until it is whole.
 * See:       RFC 8446, sections 4.4 to 4.6, 5 and 7; RFC 5246, section 7.1; RFC 5746 (renegotiation).
 */
#ifndef MITLESER_PROTO_TLS_DECRYPT_H
#define MITLESER_PROTO_TLS_DECRYPT_H

#include "proto/tls/conversation.h"
#include "proto/tls/records.h"

struct ml_tls_decrypt;

/*
 * For one connection; `conversation` is borrowed and learns what renegotiations say. NULL when memory runs out. Cheap:
 * nothing is set up before a secret is found.
 */
struct ml_tls_decrypt *ml_tls_decrypt_new(struct ml_tls_conversation *conversation, struct ml_flow *flow) ML_MUST_USE;

/* Counts how it went. */
void ml_tls_decrypt_free(struct ml_tls_decrypt *decrypt);

/* A piece of an encrypted record; `chunk` is what carried it. */
void ml_tls_decrypt_fragment(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk,
                             const struct ml_tls_fragment *fragment);

enum ml_tls_hole {
    ML_TLS_HOLE_WITHIN, /* part of the encrypted record at hand, which goes on behind it */
    ML_TLS_HOLE_TO_END, /* the rest of the encrypted record at hand */
    ML_TLS_HOLE_WIDE    /* nobody knows how many records */
};

/* Bytes of `chunk->dir` are missing. */
void ml_tls_decrypt_hole(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk, enum ml_tls_hole hole);

/* Is there more to learn from this direction? */
bool ml_tls_decrypt_wants(const struct ml_tls_decrypt *decrypt, enum ml_dir side);

#endif
