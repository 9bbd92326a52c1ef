/* SPDX-License-Identifier: Apache-2.0 */
/* quic_bed - a QUIC connection whose packets are protected by other code than ours, read with its key log. */
#ifndef MITLESER_TESTS_QUIC_BED_H
#define MITLESER_TESTS_QUIC_BED_H

#include "proto/secrets/secrets.h"
#include "support/proto_rig.h"
#include "support/quic_build.h"
#include "support/quic_sealed.h"

enum {
    QUIC_BED_RANDOM = 0x11,
    QUIC_BED_EARLY = 0x21,
    QUIC_BED_CLIENT_HANDSHAKE = 0x22,
    QUIC_BED_SERVER_HANDSHAKE = 0x23,
    QUIC_BED_CLIENT = 0x24,
    QUIC_BED_SERVER = 0x25,
    QUIC_BED_VERSION_2 = 0x6b3343cf
};

enum { QUIC_BED_CLIENT_ID = 4, QUIC_BED_SERVER_ID = 8 }; /* lengths */

extern const uint8_t quic_bed_client_id[QUIC_BED_CLIENT_ID];
extern const uint8_t quic_bed_server_id[QUIC_BED_SERVER_ID];

/* HEADERS with GET https://chat.example.com/ and HEADERS with 200 in front of DATA "hello", by static entries. */
extern const char quic_bed_request[];
extern const char quic_bed_response[];

#define QUIC_BED_REQUEST_FACT                                                                                          \
    "http.request up http.method=GET http.host=chat.example.com http.path=/ http.body_bytes=0\n"
#define QUIC_BED_RESPONSE_FACT "http.response down http.status=200 http.body_bytes=5\n"

struct quic_bed {
    struct proto_rig rig;
    struct ml_secrets *secrets;
    uint32_t source;
    struct qs_packet packets[2]; /* by direction: what the next one is like */
    uint16_t suite;
    uint32_t version;
    const char *alpn;
};

struct qs_keys quic_bed_keys(uint16_t suite);
void quic_bed_open(struct quic_bed *bed, uint16_t suite, uint32_t version, const struct qs_keys *keys);
void quic_bed_close(struct quic_bed *bed);
bool quic_bed_says(struct quic_bed *bed, const char *text);
uint64_t quic_bed_counted(const struct quic_bed *bed, enum ml_counter counter);
void quic_bed_add_initial(struct ml_buf *out, const struct quic_bed *bed, enum ml_dir dir, struct ml_span message);
void quic_bed_add_client(struct ml_buf *out, const struct quic_bed *bed);
void quic_bed_add_server(struct ml_buf *out, const struct quic_bed *bed);
/* Feeds a datagram and empties `out`. */
void quic_bed_feed(struct quic_bed *bed, enum ml_dir dir, struct ml_buf *out);
/* Both hellos, each a datagram. */
void quic_bed_greet(struct quic_bed *bed);
/* The next packet of a direction with these frames. */
void quic_bed_add_packet(struct ml_buf *out, struct quic_bed *bed, enum ml_dir dir, struct ml_span frames);
void quic_bed_send_frames(struct quic_bed *bed, enum ml_dir dir, struct ml_span frames);
void quic_bed_send_stream(struct quic_bed *bed, enum ml_dir dir, uint64_t stream, const char *digits, bool is_end);
/* Request and response on a stream. */
void quic_bed_exchange(struct quic_bed *bed, uint64_t stream);
/* A 0-RTT packet with the request. */
void quic_bed_add_early(struct ml_buf *out, const struct quic_bed *bed, uint64_t number);

#endif
