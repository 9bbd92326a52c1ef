/* SPDX-License-Identifier: Apache-2.0 */
/* tls_reading - a live TLS connection (tls_live.h) as the parser sees it, with a key log. */
#ifndef MITLESER_TESTS_TLS_READING_H
#define MITLESER_TESTS_TLS_READING_H

#include "proto/secrets/secrets.h"
#include "support/proto_rig.h"
#include "support/tls_live.h"

#define TLS_READING_REQUEST "GET /inbox?user=1 HTTP/1.1\r\nHost: chat.example.com\r\n\r\n"
#define TLS_READING_RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define REQUEST_FACT "http.request up http.method=GET http.host=chat.example.com http.path=/inbox http.query=user=1 "
#define RESPONSE_FACT "http.response down http.status=200 http.body_bytes=5"

struct reading {
    struct proto_rig rig;
    struct ml_secrets *secrets;
    uint32_t source;
};

/* TLS, with the key log of `live` so far. */
void reading_init(struct reading *reading, const struct tls_live *live);

/* DTLS. */
void reading_init_datagrams(struct reading *reading, struct ml_span keylog);
void reading_fini(struct reading *reading);

/* Feeds the `i`-th flight in one segment, or `bytes` in its place, or loses it. */
void feed_flight(struct reading *reading, const struct tls_live *live, size_t i);
void feed_changed(struct reading *reading, const struct tls_live *live, size_t i, struct ml_span bytes);
void lose_flight(struct reading *reading, const struct tls_live *live, size_t i);

/* Feeds all flights in segments of `piece` bytes, or one each with 0; ends the connection. */
void read_live(struct reading *reading, const struct tls_live *live, size_t piece);

uint64_t counted(const struct reading *reading, enum ml_counter counter);
bool says(struct reading *reading, const char *text);

/* Both ends exchange one HTTP request and response. */
void exchange(struct tls_live *live);

/* A connection after its handshake and `n` exchanges. */
void open_live(struct tls_live *live, const struct tls_live_config *config, unsigned n);

/* Both are done with. */
void close_live(struct reading *reading, struct tls_live *live);

/* All was read, and well. */
void assert_read(struct reading *reading);

#endif
