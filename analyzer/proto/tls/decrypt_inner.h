/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decrypt_inner - what becomes of the plaintext of records: the application's bytes go to a demultiplexer, handshake
 * messages become the facts that TLS 1.2 states in clear.
 *
 * Out:       chunks and facts whose layers hold "tls", which tells that only the keys made them readable.
 * Invariant: layers do not nest beyond ML_MAX_LAYERS: a connection inside that many is not looked into.
 * See:       RFC 8446, sections 4.3.1 (EncryptedExtensions), 4.4.2 (Certificate), 4.6.3 (KeyUpdate).
 */
#ifndef MITLESER_PROTO_TLS_DECRYPT_INNER_H
#define MITLESER_PROTO_TLS_DECRYPT_INNER_H

#include "proto/tls/conversation.h"

struct ml_tls_inner {
    struct ml_tls_conversation *conversation; /* borrowed */
    struct ml_flow *flow;                     /* borrowed */
    struct ml_demux *demux;                   /* owned; NULL until the first byte of the application */
    uint64_t offset[2];
    bool is_done; /* the demultiplexer wants no more */
};

/* Handshake messages of one direction. */
struct ml_tls_inner_handshake {
    struct ml_tls_assembly assembly;
    uint64_t offset; /* bytes of this layer so far */
    bool is_lost;
};

struct ml_tls_inner_events {
    bool has_finished, has_end_of_early_data, has_key_update;
};

void ml_tls_inner_init(struct ml_tls_inner *inner, struct ml_tls_conversation *conversation, struct ml_flow *flow);
void ml_tls_inner_fini(struct ml_tls_inner *inner);
void ml_tls_inner_handshake_fini(struct ml_tls_inner_handshake *handshake);

/* In the calls below `chunk` is what completed the record; its bytes are not looked at. */

void ml_tls_inner_data(struct ml_tls_inner *inner, const struct ml_chunk *chunk, struct ml_span bytes);

/* Records are missing here: nobody knows how many bytes. */
void ml_tls_inner_lost(struct ml_tls_inner *inner, const struct ml_chunk *chunk);

void ml_tls_inner_alert(struct ml_tls_inner *inner, const struct ml_chunk *chunk, struct ml_span bytes);

struct ml_tls_inner_events ml_tls_inner_handshake_feed(struct ml_tls_inner_handshake *handshake,
                                                       struct ml_tls_inner *inner, const struct ml_chunk *chunk,
                                                       struct ml_span bytes);

bool ml_tls_inner_is_done(const struct ml_tls_inner *inner);

/*
 * States what a message of TLS 1.3 says that was encrypted: the protocol chosen, certificates. Also for QUIC, whose
 * CRYPTO frames hold the same messages.
 */
void ml_tls_inner_message_13(struct ml_tls_conversation *conversation, const struct ml_tls_message *message);

#endif
