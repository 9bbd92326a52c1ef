/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - the frame layer of HTTP/2 over one direction, split in whatever way.
 *
 * In:        the bytes of a direction behind the preface, in order.
 * Out:       fragments: the part of a frame's payload that these bytes hold, with its place in the payload. A frame
 *            without payload is one empty fragment.
 * Invariant: nothing is kept but the header of the frame at hand.
 * See:       RFC 9113, section 4.1.
 */
#ifndef MITLESER_PROTO_HTTP2_FRAMES_H
#define MITLESER_PROTO_HTTP2_FRAMES_H

#include "core/reader.h"

enum {
    ML_H2_HEADER = 9,
    ML_H2_DATA = 0,
    ML_H2_HEADERS = 1,
    ML_H2_RST_STREAM = 3,
    ML_H2_SETTINGS = 4,
    ML_H2_PUSH_PROMISE = 5,
    ML_H2_CONTINUATION = 9,
    ML_H2_ACK = 0x01,
    ML_H2_END_STREAM = 0x01,
    ML_H2_END_HEADERS = 0x04,
    ML_H2_PADDED = 0x08,
    ML_H2_PRIORITY = 0x20
};

struct ml_h2_frames {
    uint8_t header[ML_H2_HEADER];
    uint8_t n_header; /* bytes of it that are there */
    uint8_t type, flags;
    uint32_t stream;
    uint32_t len;  /* of the payload */
    uint32_t done; /* bytes of it that passed */
};

struct ml_h2_fragment {
    uint8_t type, flags;
    uint32_t stream;
    uint32_t len;         /* of the whole payload */
    uint32_t at;          /* place of the bytes in it */
    struct ml_span bytes; /* borrowed from the reader */
    bool is_last;         /* the frame ends with them */
};

/* Zeroed storage waits for a header. False when the reader is used up. */
bool ml_h2_frames_next(struct ml_h2_frames *frames, struct ml_reader *rd, struct ml_h2_fragment *out) ML_MUST_USE;

/*
 * `len` bytes are missing. True when they lie within the payload of the frame at hand and before its last byte, which
 * then goes on behind them; else there is no telling where the next frame begins.
 */
bool ml_h2_frames_skip(struct ml_h2_frames *frames, uint64_t len) ML_MUST_USE;

#endif
