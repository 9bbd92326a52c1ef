/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection - the Initial packets of one QUIC connection, opened and put together.
 *
 * In:        Initial packets of either side.
 * Out:       handshake messages to the TLS conversation; a CHLO (Q050) to the owner.
 * Lifetime:  the crypto is borrowed from the shard.
 */
#ifndef MITLESER_PROTO_QUIC_CONNECTION_H
#define MITLESER_PROTO_QUIC_CONNECTION_H

#include "proto/quic/protect.h"
#include "proto/tls/stream.h"

/* What one side of a connection sends. */
struct ml_quic_side {
    const struct ml_quic_version *version; /* the keys are for; NULL: no keys yet */
    struct ml_quic_keys keys;
    uint64_t expected; /* largest packet number seen, plus one */
    struct ml_tls_stream stream;
};

struct ml_quic_connection {
    bool is_open;
    enum ml_dir client_dir;
    uint8_t dcid[ML_QUIC_MAX_CID]; /* the client's choice that keys hang on */
    uint8_t dcid_len;
    struct ml_quic_side client, server;
    struct ml_tls_conversation conversation;
};

enum ml_quic_result {
    ML_QUIC_NOT_OPENED, /* no keys that fit */
    ML_QUIC_NEW,        /* brought handshake bytes not seen before */
    ML_QUIC_NOTHING_NEW
};

/* Where the connection hands what it finds beside TLS. */
struct ml_quic_owner {
    struct ml_proto_env *env;
    struct ml_quic_crypto *crypto;
    void *context;
    void (*on_over)(void *context);  /* a connection ends, because another begins; its state is there still */
    void (*on_begin)(void *context); /* the packet at hand is the first of a connection */
    void (*on_client_hello)(void *context, const struct ml_tls_message *message,
                            const struct ml_tls_client_hello *hello);
    void (*on_google_hello)(void *context, const struct ml_chunk *chunk, struct ml_span chlo);
};

/* Takes one Initial packet of the datagram `chunk`. Zeroed storage waits for a client's first. */
enum ml_quic_result ml_quic_connection_initial(struct ml_quic_connection *connection, const struct ml_quic_owner *owner,
                                               const struct ml_quic_header *header, const struct ml_chunk *chunk);

/* States what is held, frees it and leaves zeroed storage. `last` names flow and layers. */
void ml_quic_connection_end(struct ml_quic_connection *connection, const struct ml_chunk *last);

#endif
