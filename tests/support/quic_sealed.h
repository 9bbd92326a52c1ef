/* SPDX-License-Identifier: Apache-2.0 */
/* quic_sealed - packets protected under a traffic secret, by OpenSSL's own HKDF and not by the code under test. */
#ifndef MITLESER_TESTS_QUIC_SEALED_H
#define MITLESER_TESTS_QUIC_SEALED_H

#include "core/buf.h"

enum qs_type { QS_SHORT, QS_ZERO_RTT, QS_HANDSHAKE };

struct qs_packet {
    uint16_t suite;      /* 0x1301 to 0x1303 */
    uint32_t version;    /* 1 or that of version 2 */
    uint8_t secret;      /* every byte of the secret, which is as long as the digest */
    unsigned generation; /* of keys: how often they were updated */
    enum qs_type type;
    struct ml_span dcid, scid;
    uint64_t number;
    unsigned number_len; /* 1..4 */
    struct ml_span frames;
};

void qs_packet(struct ml_buf *out, const struct qs_packet *packet);

/* Lines of a key log for the client random of one repeated byte; each secret is one repeated byte, 0: leave it out. */
struct qs_keys {
    uint16_t suite;
    uint8_t random, early, client_handshake, server_handshake, client, server;
};

void qs_keylog(struct ml_buf *out, const struct qs_keys *keys);

/* A STREAM frame with offset and length. */
void qs_stream(struct ml_buf *out, uint64_t stream, uint64_t offset, struct ml_span bytes, bool is_end);

#endif
