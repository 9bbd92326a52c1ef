/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts - what was read from a handshake, in the words of the vocabulary.
 *
 * Part of the conversation, apart only to keep reading and stating in files of their own.
 */
#ifndef MITLESER_PROTO_TLS_FACTS_H
#define MITLESER_PROTO_TLS_FACTS_H

#include "proto/tls/conversation.h"

void ml_tls_state_client_hello(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                               const struct ml_tls_client_hello *hello);

void ml_tls_state_server_hello(struct ml_tls_conversation *conversation, const struct ml_tls_pending *pending,
                               enum ml_tls_truth is_resumed);

/* The protocol a server of TLS 1.3 chose, which it says only under encryption. */
void ml_tls_state_alpn(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                       struct ml_span name);

/* Fields of the leaf, digests of the whole chain. */
void ml_tls_state_certificate(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                              const struct ml_tls_chain *chain);

/* The person behind a client certificate: its subject only, which is personal. */
void ml_tls_state_client_certificate(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                                     const struct ml_tls_chain *chain);

/* A ticket the server gave in clear; the client will show it in a later hello. */
void ml_tls_state_ticket(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                         struct ml_span ticket);

void ml_tls_state_alert(struct ml_tls_conversation *conversation, const struct ml_chunk *chunk, uint8_t description);

#endif
