/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream - handshake messages of one direction, as TLS records and QUIC CRYPTO frames carry them.
 *
 * In:        bytes of the handshake layer with their offset, in any order.
 * Out:       messages to the conversation: whole, or cut where the bytes end for good.
 * Invariant: the base of the assembly is where a message begins.
 * See:       RFC 8446, section 4.
 */
#ifndef MITLESER_PROTO_TLS_STREAM_H
#define MITLESER_PROTO_TLS_STREAM_H

#include "proto/tls/conversation.h"

struct ml_tls_stream {
    struct ml_tls_assembly assembly;
    bool is_lost;   /* no messages are to be found in these bytes any more */
    bool is_sealed; /* messages of TLS 1.3 that only the keys made readable */
};

/* Zeroed storage is an empty stream. */
void ml_tls_stream_fini(struct ml_tls_stream *stream);

/* Takes `chunk->bytes` at `chunk->offset` of the handshake layer. False when none of them was new or wanted. */
bool ml_tls_stream_feed(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                        const struct ml_chunk *chunk);

/* No more bytes of the message begun: states what there is of it and goes on behind it. */
void ml_tls_stream_cut(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                       const struct ml_chunk *chunk);

/* Forgets what is held; the next bytes begin a message at `offset`. */
void ml_tls_stream_restart(struct ml_tls_stream *stream, uint64_t offset);

#endif
