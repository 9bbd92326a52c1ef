/* SPDX-License-Identifier: Apache-2.0 */
/*
 * streams - puts the STREAM frames of a connection in order, each stream and direction for itself.
 *
 * In:        frames of opened packets, in whatever order, some of them sent twice.
 * Out:       chunks in order to the owner, each from the packet that brought it; holes that nothing fills as gaps.
 * Invariant: no byte is handed on twice; at most ML_MAX_QUIC_STREAMS sides of streams are open and
 *            ML_MAX_QUIC_WAITING bytes wait. Beyond that the oldest side, or the hole at hand, is given up.
 * See:       RFC 9000, sections 2.2 and 3.
 */
#ifndef MITLESER_PROTO_QUIC_STREAMS_H
#define MITLESER_PROTO_QUIC_STREAMS_H

#include "core/counters.h"
#include "core/status.h"
#include "flow/chunk.h"

struct ml_quic_streams;

struct ml_quic_stream_owner {
    void *context;
    struct ml_counters *counters;
    /* Bytes (or a gap) of a side, in order; is_end: the last of it, and maybe without bytes. */
    void (*take)(void *context, uint64_t stream, const struct ml_chunk *chunk, bool is_end);
    /* What `chunk->dir` sends on the stream ends before its time. */
    void (*cut)(void *context, uint64_t stream, const struct ml_chunk *chunk);
};

/* NULL when memory runs out. */
struct ml_quic_streams *ml_quic_streams_new(const struct ml_quic_stream_owner *owner) ML_MUST_USE;

/* Hands on what waits behind holes first. */
void ml_quic_streams_free(struct ml_quic_streams *streams);

/* Bytes of a frame: `chunk->bytes` at `chunk->offset` of the side that `chunk->dir` sends. */
void ml_quic_streams_add(struct ml_quic_streams *streams, uint64_t stream, const struct ml_chunk *chunk, bool is_end);

/* RESET_STREAM. */
void ml_quic_streams_reset(struct ml_quic_streams *streams, uint64_t stream, const struct ml_chunk *chunk);

#endif
