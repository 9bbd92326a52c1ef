/* SPDX-License-Identifier: Apache-2.0 */
/*
 * application - who reads the streams of a QUIC connection: HTTP/3, or whatever a demultiplexer makes of each (DNS over
 * QUIC among them).
 *
 * In:        STREAM, RESET_STREAM and DATAGRAM frames of opened packets.
 * Out:       streams in order to their reader.
 * See:       RFC 9114; RFC 9250 (DNS over dedicated QUIC connections).
 */
#ifndef MITLESER_PROTO_QUIC_APPLICATION_H
#define MITLESER_PROTO_QUIC_APPLICATION_H

#include "proto/parser.h"
#include "proto/quic/payload.h"

struct ml_quic_application;

/* All borrowed. *why gets ML_UNSEALED_GAP when bytes of a stream are missing. NULL when memory runs out. */
struct ml_quic_application *ml_quic_application_new(struct ml_proto_env *env, struct ml_flow *flow, bool is_http3,
                                                    unsigned *why) ML_MUST_USE;
void ml_quic_application_free(struct ml_quic_application *application);

/* `chunk` has the bytes and the offset of the frame. */
void ml_quic_application_frame(struct ml_quic_application *application, const struct ml_quic_frame *frame,
                               const struct ml_chunk *chunk);

#endif
