/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/payload.h"

#include "proto/quic/frames.h"
#include "proto/quic/header.h"

enum {
    ACK = 0x02,
    ACK_ECN = 0x03,
    RESET_STREAM = 0x04,
    CRYPTO = 0x06,
    NEW_TOKEN = 0x07,
    STREAM = 0x08,
    STREAM_LAST = 0x0f,
    HAS_OFFSET = 0x04,
    HAS_LENGTH = 0x02,
    IS_END = 0x01,
    NEW_CONNECTION_ID = 0x18,
    PATH_CHALLENGE = 0x1a,
    PATH_RESPONSE = 0x1b,
    CLOSE = 0x1c,
    CLOSE_BY_APPLICATION = 0x1d,
    RESET_STREAM_AT = 0x24,
    DATAGRAM = 0x30,
    DATAGRAM_WITH_LENGTH = 0x31,
    RESET_TOKEN = 16,
    PATH_DATA = 8,
    NOT_NUMBERS = 0xff
};

/* Frames that are nothing but variable-length integers: how many. */
static unsigned n_numbers(uint64_t type)
{
    switch (type) {
    case 0x01: /* PING */
    case 0x1e: /* HANDSHAKE_DONE */
    case 0x1f: /* IMMEDIATE_ACK */
        return 0;
    case 0x10: /* MAX_DATA */
    case 0x12: /* MAX_STREAMS, both kinds */
    case 0x13:
    case 0x14: /* DATA_BLOCKED */
    case 0x16: /* STREAMS_BLOCKED, both kinds */
    case 0x17:
    case 0x19:  /* RETIRE_CONNECTION_ID */
    case 0x2f5: /* TIMESTAMP (draft-huitema-quic-ts) */
        return 1;
    case 0x05: /* STOP_SENDING */
    case 0x11: /* MAX_STREAM_DATA */
    case 0x15: /* STREAM_DATA_BLOCKED */
        return 2;
    case 0xaf: /* ACK_FREQUENCY */
        return 4;
    default:
        return NOT_NUMBERS;
    }
}

static bool read_bytes(struct ml_reader *rd, struct ml_span *out)
{
    uint64_t len = 0;
    return ml_rd_varint(rd, &len) && len <= SIZE_MAX && ml_rd_span(rd, (size_t)len, out);
}

static bool read_stream(struct ml_reader *rd, uint64_t type, struct ml_quic_frame *out)
{
    out->kind = ML_QUIC_FRAME_STREAM;
    out->is_end = (type & IS_END) != 0;
    if (!ml_rd_varint(rd, &out->stream) || ((type & HAS_OFFSET) != 0 && !ml_rd_varint(rd, &out->offset))) {
        return false;
    }
    if ((type & HAS_LENGTH) == 0) { /* to the end of the packet */
        out->bytes = ml_rd_rest(rd);
        return true;
    }
    return read_bytes(rd, &out->bytes);
}

static bool read_connection_id(struct ml_reader *rd, struct ml_quic_frame *out)
{
    uint8_t len = 0;
    out->kind = ML_QUIC_FRAME_CONNECTION_ID;
    return ml_quic_skip_numbers(rd, 2) && ml_rd_u8(rd, &len) && len != 0 && len <= ML_QUIC_MAX_CID &&
           ml_rd_span(rd, len, &out->bytes) && ml_rd_skip(rd, RESET_TOKEN);
}

/* One frame; *is_wanted tells whether `out` was filled. */
static bool read_frame(struct ml_reader *rd, uint64_t type, struct ml_quic_frame *out, bool *is_wanted)
{
    struct ml_span ignored;
    *is_wanted = true;
    if (type >= STREAM && type <= STREAM_LAST) {
        return read_stream(rd, type, out);
    }
    switch (type) {
    case CRYPTO:
        out->kind = ML_QUIC_FRAME_CRYPTO;
        return ml_rd_varint(rd, &out->offset) && read_bytes(rd, &out->bytes);
    case RESET_STREAM:
    case RESET_STREAM_AT:
        out->kind = ML_QUIC_FRAME_RESET;
        return ml_rd_varint(rd, &out->stream) && ml_quic_skip_numbers(rd, type == RESET_STREAM ? 2 : 3);
    case NEW_CONNECTION_ID:
        return read_connection_id(rd, out);
    case DATAGRAM:
        out->kind = ML_QUIC_FRAME_DATAGRAM;
        out->bytes = ml_rd_rest(rd);
        return true;
    case DATAGRAM_WITH_LENGTH:
        out->kind = ML_QUIC_FRAME_DATAGRAM;
        return read_bytes(rd, &out->bytes);
    default:
        break;
    }
    *is_wanted = false;
    switch (type) {
    case ACK:
    case ACK_ECN:
        return ml_quic_skip_ack(rd, type == ACK_ECN);
    case NEW_TOKEN:
        return read_bytes(rd, &ignored);
    case PATH_CHALLENGE:
    case PATH_RESPONSE:
        return ml_rd_skip(rd, PATH_DATA);
    case CLOSE:
    case CLOSE_BY_APPLICATION:
        return ml_quic_skip_numbers(rd, type == CLOSE ? 2 : 1) && read_bytes(rd, &ignored);
    default:
        return n_numbers(type) != NOT_NUMBERS && ml_quic_skip_numbers(rd, n_numbers(type));
    }
}

bool ml_quic_frame_next(struct ml_reader *rd, struct ml_quic_frame *out)
{
    uint64_t type = 0;
    bool is_wanted = false;
    while (ml_quic_skip_padding(rd) && ml_rd_left(rd) != 0) {
        memset(out, 0, sizeof *out);
        if (!ml_rd_varint(rd, &type) || !read_frame(rd, type, out, &is_wanted)) {
            memset(out, 0, sizeof *out);
            return ml_rd_reject(rd);
        }
        if (is_wanted) {
            return true;
        }
    }
    return false;
}
