/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conversation - the handshake of one connection as facts, whatever carried its messages.
 *
 * In:        handshake messages of both directions, whole or cut; alerts; "from here on it is encrypted".
 * Out:       tls.* facts. tls.server_hello waits for the messages behind it, which tell about resumption and group.
 * Invariant: a fact names the packets and the bytes of the handshake layer its values were read from.
 * See:       RFC 8446, RFC 5246, RFC 5077 (tickets), RFC 8422.
 */
#ifndef MITLESER_PROTO_TLS_CONVERSATION_H
#define MITLESER_PROTO_TLS_CONVERSATION_H

#include "proto/parser.h"
#include "proto/tls/assembly.h"
#include "proto/tls/certificate.h"
#include "proto/tls/client_hello.h"
#include "proto/tls/fingerprint.h"
#include "proto/tls/server_hello.h"
#include "proto/tls/session.h"
#include "proto/tls/transcript.h"

enum {
    ML_TLS_HELLO_REQUEST = 0,
    ML_TLS_CLIENT_HELLO = 1,
    ML_TLS_SERVER_HELLO = 2,
    ML_TLS_NEW_SESSION_TICKET = 4,
    ML_TLS_CERTIFICATE = 11,
    ML_TLS_SERVER_KEY_EXCHANGE = 12,
    ML_TLS_CERTIFICATE_REQUEST = 13,
    ML_TLS_SERVER_HELLO_DONE = 14,
    ML_TLS_CLIENT_KEY_EXCHANGE = 16
};

/* Is this a type of a handshake message that any version knows? */
bool ml_tls_is_message_type(uint8_t type);

/* Lifetime: borrowed during the call. */
struct ml_tls_message {
    const struct ml_chunk *chunk; /* flow, direction and layers; its bytes are not looked at */
    struct ml_tls_place place;    /* packets that carried the message */
    uint64_t range_from;          /* of the message with its header, in the handshake layer */
    uint32_t range_len;           /* of what was captured of it */
    uint16_t number;              /* DTLS: message_seq */
    uint8_t type;
    bool is_cut; /* body ends before the message does */
    struct ml_span body;
};

/* A server hello that waits to be stated. */
struct ml_tls_pending {
    bool is_set;
    struct ml_chunk chunk; /* without bytes */
    struct ml_tls_place place;
    uint64_t range_from;
    uint32_t range_len;
    bool is_cut;
    bool is_retry;
    bool echoes_session_id; /* of a non-empty one: resumed unless a certificate follows */
    bool wants_client_certificate;
    uint16_t version;
    uint16_t suite;
    bool has_group;
    uint16_t group;
    unsigned prime_bits; /* of a DHE key exchange, 0 none */
    bool has_psk;
    uint8_t alpn_len;
    uint8_t alpn[255];
    char ja3s[ML_MD5_HEX];
};

struct ml_tls_conversation {
    struct ml_proto_env *env; /* borrowed */
    char transport;           /* 't', 'q' or 'd', as in JA4 */
    struct ml_tls_session session;
    struct ml_tls_pending pending;
    uint8_t offered_id_len; /* session id of the client hello */
    uint8_t offered_id[32];
    struct ml_tls_transcript transcript;
    /* Told of each client hello before its fact is stated; may be NULL. */
    void (*on_client_hello)(void *context, const struct ml_tls_message *message,
                            const struct ml_tls_client_hello *hello);
    void *context;
};

void ml_tls_conversation_init(struct ml_tls_conversation *conversation, struct ml_proto_env *env, char transport);

void ml_tls_conversation_message(struct ml_tls_conversation *conversation, const struct ml_tls_message *message);

/* A whole SSL 2.0 hello: `message->body` starts at its two-byte header. */
void ml_tls_conversation_ssl2(struct ml_tls_conversation *conversation, const struct ml_tls_message *message);

/* An alert in clear, at `chunk->bytes` (level and description). */
void ml_tls_conversation_alert(struct ml_tls_conversation *conversation, const struct ml_chunk *chunk,
                               uint8_t description);

/* What `dir` sends from here on is encrypted. */
void ml_tls_conversation_encrypted(struct ml_tls_conversation *conversation, enum ml_dir dir);

/* No more messages: states what still waits. */
void ml_tls_conversation_finish(struct ml_tls_conversation *conversation);

#endif
