/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_live - real TLS connections between two ends of OpenSSL in this process, and their key log.
 *
 * What crosses between the ends is kept as flights, in order, each with its direction. Keys are made anew each time:
 * tests compare facts, not bytes.
 *
 *     struct tls_live live;
 *     const struct tls_live_config config = {.version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"};
 *     tls_live_init(&live, &config);
 *     tls_live_handshake(&live);
 *     tls_live_send(&live, ML_UP, ml_span_text("GET / HTTP/1.1\r\n..."));
 *     ... live.flights, live.keylog ...
 *     tls_live_fini(&live);
 */
#ifndef MITLESER_TESTS_TLS_LIVE_H
#define MITLESER_TESTS_TLS_LIVE_H

#include "core/buf.h"
#include "flow/chunk.h"

#include <openssl/ssl.h>

struct tls_live_config {
    int version;         /* TLS1_VERSION .. TLS1_3_VERSION; DTLS1_VERSION, DTLS1_2_VERSION: a flight is a datagram */
    const char *ciphers; /* up to TLS 1.2, as OpenSSL names them; or the suite of TLS 1.3 */
    const char *alpn;    /* one protocol both speak; NULL: none */
    bool no_encrypt_then_mac;
    bool no_extended_master;
    bool no_ticket; /* sessions have an id instead, and the server keeps them */
    bool asks_client_certificate;
    bool has_early_data;       /* tickets for it are given (TLS 1.3) */
    bool is_ecdsa;             /* key of the server; else RSA */
    const SSL_SESSION *resume; /* of an earlier connection to the same `ctx` */
    SSL_CTX *server;           /* borrowed from that connection; NULL: a new one */
};

struct tls_live_flight {
    enum ml_dir dir;
    size_t from, len; /* in `wire` */
};

struct tls_live {
    struct tls_live_config config;
    SSL_CTX *client_ctx, *server_ctx;
    SSL *client, *server;
    SSL_SESSION *session; /* newest ticket; owned */
    struct ml_buf wire;
    struct ml_buf keylog;
    struct tls_live_flight flights[256];
    size_t n_flights;
    bool borrows_server;
};

void tls_live_init(struct tls_live *live, const struct tls_live_config *config);
void tls_live_fini(struct tls_live *live);

void tls_live_handshake(struct tls_live *live);

/* Sends application data and moves it across. */
void tls_live_send(struct tls_live *live, enum ml_dir dir, struct ml_span bytes);

/* Sends early data, before the handshake (TLS 1.3, resumed). */
void tls_live_send_early(struct tls_live *live, struct ml_span bytes);

/* New keys for what `dir` sends; it is sent with the next data (TLS 1.3). */
void tls_live_update_keys(struct tls_live *live, enum ml_dir dir);

/* A second handshake inside the first (TLS 1.2). */
void tls_live_renegotiate(struct tls_live *live);

struct ml_span tls_live_bytes(const struct tls_live *live, const struct tls_live_flight *flight);

#endif
