/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload - the frames of an opened 0-RTT, Handshake or 1-RTT packet.
 *
 * In:        a framed reader over the frames.
 * Out:       those that carry bytes or say where bytes end; all others are passed over.
 * Lifetime:  spans borrow the frames.
 * See:       RFC 9000, section 19; RFC 9221 (DATAGRAM); the drafts ack-frequency and reliable-stream-reset.
 */
#ifndef MITLESER_PROTO_QUIC_PAYLOAD_H
#define MITLESER_PROTO_QUIC_PAYLOAD_H

#include "core/reader.h"

enum ml_quic_frame_kind {
    ML_QUIC_FRAME_CRYPTO,
    ML_QUIC_FRAME_STREAM,
    ML_QUIC_FRAME_RESET,    /* RESET_STREAM: what comes of the stream ends before its time */
    ML_QUIC_FRAME_DATAGRAM, /* bytes of their own */
    ML_QUIC_FRAME_CONNECTION_ID
};

struct ml_quic_frame {
    enum ml_quic_frame_kind kind;
    uint64_t stream;
    uint64_t offset;
    struct ml_span bytes; /* CONNECTION_ID: the id */
    bool is_end;          /* STREAM: nothing comes behind these bytes */
};

/* False at the end, or at a frame that is none or unknown (the reader is then BAD). */
bool ml_quic_frame_next(struct ml_reader *rd, struct ml_quic_frame *out) ML_MUST_USE;

#endif
