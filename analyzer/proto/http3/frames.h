/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - the frame layer of HTTP/3 over one direction of a stream, split in whatever way.
 *
 * In:        the bytes of a stream behind its type, in order.
 * Out:       fragments: the part of a frame's payload that these bytes hold. A frame without payload is one empty
 *            fragment.
 * Invariant: nothing is kept but the header of the frame at hand.
 * See:       RFC 9114, section 7.1.
 */
#ifndef MITLESER_PROTO_HTTP3_FRAMES_H
#define MITLESER_PROTO_HTTP3_FRAMES_H

#include "core/reader.h"

enum { ML_H3_DATA = 0, ML_H3_HEADERS = 1, ML_H3_SETTINGS = 4, ML_H3_MAX_HEADER = 16 };

struct ml_h3_frames {
    uint8_t header[ML_H3_MAX_HEADER];
    uint8_t n_header; /* bytes of it that are there */
    bool has_header;
    uint64_t type;
    uint64_t len;  /* of the payload */
    uint64_t done; /* bytes of it that passed */
};

struct ml_h3_fragment {
    uint64_t type;
    uint64_t at;          /* place of the bytes in the payload */
    uint8_t header_len;   /* of the frame */
    struct ml_span bytes; /* borrowed from the reader */
    bool is_last;         /* the frame ends with them */
};

/* Zeroed storage waits for a header. False when the reader is used up. */
bool ml_h3_frames_next(struct ml_h3_frames *frames, struct ml_reader *rd, struct ml_h3_fragment *out) ML_MUST_USE;

/* `len` bytes are missing. True when they all lie within the payload of the frame at hand. */
bool ml_h3_frames_skip(struct ml_h3_frames *frames, uint64_t len) ML_MUST_USE;

#endif
