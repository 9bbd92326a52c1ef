/* SPDX-License-Identifier: Apache-2.0 */
/* tls_rig - flights of both sides of a handshake, and a flow that reads them. */
#ifndef MITLESER_TESTS_PROTO_TLS_RIG_H
#define MITLESER_TESTS_PROTO_TLS_RIG_H

#include "support/proto_rig.h"
#include "support/tls_build.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, TICKET = 4, CERTIFICATE = 11, KEY_EXCHANGE = 12, REQUEST = 13, DONE = 14 };

/* A hello for Chat.example.com, and the fact that it becomes. */
extern const struct tb_client_hello tls_simple_hello;
#define TLS_SIMPLE_FACT                                                                                                \
    "tls.client_hello up tls.sni=chat.example.com tls.alpn=h2 tls.ja3=49cbdc1ae4567ba59ab722a6eed4184d "               \
    "tls.ja4=t12d0202h2_c1929292aa6b_000000000000 tls.version_offered=TLS 1.2 "                                        \
    "tls.ciphers_offered=TLS_AES_128_GCM_SHA256 tls.ciphers_offered=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"

/* Records with the hello of a client; given to the caller, as the other buffers. */
struct ml_buf tls_client_flight(const struct tb_client_hello *hello);

/* Hello, certificate, key exchange with x25519, request, done: 1.2 in full, as messages. */
struct ml_buf tls_server_flight(const char *session_id);

/* Handshake messages behind what `out` holds. */
void tls_add_message(struct ml_buf *out, uint8_t type, const char *digits);
void tls_add_server_hello(struct ml_buf *out, const struct tb_server_hello *hello);
void tls_add_certificate(struct ml_buf *out, const struct tb_certificate *certificate);

/* A TCP flow with the parser of TLS. */
void tls_begin(struct proto_rig *rig);
void tls_feed_records(struct proto_rig *rig, enum ml_dir dir, uint8_t type, struct ml_span payload, size_t piece);
void tls_feed_hex(struct proto_rig *rig, enum ml_dir dir, const char *digits);
bool tls_has_fact(struct proto_rig *rig, const char *part);

#endif
