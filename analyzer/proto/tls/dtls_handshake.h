/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls_handshake - the handshake messages of DTLS, put together from fragments that come repeated and out of order.
 *
 * In:        bodies of handshake records, in clear or opened.
 * Out:       messages to the conversation, each once. The range of a fact counts from the start of its message's body.
 * Invariant: a first ClientHello with another random than before begins another handshake, whose numbers begin anew.
 * See:       RFC 6347, section 4.2.
 */
#ifndef MITLESER_PROTO_TLS_DTLS_HANDSHAKE_H
#define MITLESER_PROTO_TLS_DTLS_HANDSHAKE_H

#include "proto/tls/conversation.h"

enum {
    ML_DTLS_MAX_WAITING = 8 /* messages of a direction whose fragments are not all there; a flight has about six */
};

struct ml_dtls_fragment {
    uint8_t type;
    uint16_t message_seq;
    uint32_t message_len;
    uint32_t at;
    struct ml_span bytes;
};

struct ml_dtls_waiting {
    bool is_used;
    uint8_t type;
    uint16_t message_seq;
    uint32_t message_len;
    struct ml_tls_assembly assembly;
};

struct ml_dtls_handshake {
    struct ml_tls_conversation *conversation; /* borrowed */
    void (*on_anew)(void *context);           /* told before the first message of another handshake; may be NULL */
    void *context;
    bool has_random; /* a handshake was begun; set it where one went before, elsewhere */
    uint8_t random[32];
    struct {
        uint64_t handled; /* bit i: message i was handed over */
        struct ml_dtls_waiting waiting[ML_DTLS_MAX_WAITING];
        struct ml_chunk last; /* without bytes */
    } directions[2];
};

/* The rest is zero. */
void ml_dtls_handshake_init(struct ml_dtls_handshake *handshake, struct ml_tls_conversation *conversation);

/* Hands over what messages began with whose rest never came. */
void ml_dtls_handshake_fini(struct ml_dtls_handshake *handshake);

/* The next fragment of a record's body. */
bool ml_dtls_fragment_next(struct ml_reader *rd, struct ml_dtls_fragment *out) ML_MUST_USE;

/* The body of a record; `chunk` brought it, its bytes are not looked at. */
void ml_dtls_handshake_feed(struct ml_dtls_handshake *handshake, const struct ml_chunk *chunk, struct ml_reader *body);

#endif
