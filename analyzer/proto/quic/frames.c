/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/frames.h"

enum { PADDING = 0, PING = 1, ACK = 2, ACK_ECN = 3, CRYPTO = 6, CONNECTION_CLOSE = 0x1c };

/* Google's, in Q050, T050 and T051 */
enum { GOOGLE_PING = 7, GOOGLE_CRYPTO = 8 };

/* A client's first packet is mostly padding: passed over as a run and not a frame at a time. */
bool ml_quic_skip_padding(struct ml_reader *rd)
{
    struct ml_reader ahead = *rd;
    struct ml_span rest = ml_rd_rest(&ahead);
    size_t n = 0;
    while (n < rest.len && rest.ptr[n] == PADDING) {
        n++;
    }
    return ml_rd_skip(rd, n);
}

bool ml_quic_skip_numbers(struct ml_reader *rd, uint64_t n)
{
    uint64_t value = 0;
    while (n-- > 0) {
        if (!ml_rd_varint(rd, &value)) {
            return false; /* a count that lies runs over the end at once */
        }
    }
    return true;
}

bool ml_quic_skip_ack(struct ml_reader *rd, bool has_ecn)
{
    uint64_t n_ranges = 0; /* of two numbers each; a varint has 62 bits */
    return ml_quic_skip_numbers(rd, 2) && ml_rd_varint(rd, &n_ranges) && ml_quic_skip_numbers(rd, 1) &&
           ml_quic_skip_numbers(rd, 2 * n_ranges) && (!has_ecn || ml_quic_skip_numbers(rd, 3));
}

static bool skip_close(struct ml_reader *rd)
{
    uint64_t len = 0;
    return ml_quic_skip_numbers(rd, 2) && ml_rd_varint(rd, &len) && len <= SIZE_MAX && ml_rd_skip(rd, (size_t)len);
}

/* Data of a frame; where the capture ends inside, what is there. */
static bool read_crypto(struct ml_reader *rd, struct ml_quic_crypto_frame *out)
{
    uint64_t len = 0;
    if (!ml_rd_varint(rd, &out->offset) || !ml_rd_varint(rd, &len)) {
        return false;
    }
    if (len > ml_rd_left(rd) && !rd->framed) {
        len = ml_rd_left(rd);
    }
    return len <= SIZE_MAX && ml_rd_span(rd, (size_t)len, &out->bytes);
}

bool ml_quic_crypto_next(struct ml_reader *rd, bool has_google_frames, struct ml_quic_crypto_frame *out)
{
    memset(out, 0, sizeof *out);
    while (ml_quic_skip_padding(rd) && ml_rd_left(rd) != 0) {
        uint8_t type = 0; /* types of these frames take one byte; longer forms are an error (section 12.4) */
        bool ok = ml_rd_u8(rd, &type);
        if (type == (has_google_frames ? GOOGLE_CRYPTO : CRYPTO)) {
            return read_crypto(rd, out);
        }
        if (type == (has_google_frames ? GOOGLE_PING : PING)) {
            continue;
        }
        if (has_google_frames) { /* an ACK of its own form, say: hellos come before */
            return false;
        }
        switch (type) {
        case ACK:
        case ACK_ECN:
            ok = ml_quic_skip_ack(rd, type == ACK_ECN);
            break;
        case CONNECTION_CLOSE:
            ok = skip_close(rd);
            break;
        default:
            ok = ml_rd_reject(rd);
            break;
        }
        if (!ok) {
            return false;
        }
    }
    return false;
}
