/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream - puts the segments of one TCP direction back in order.
 *
 * In:        segments in capture order, possibly missing, repeated, overlapping or cut by the snap length; the
 *            acknowledgements of the other side.
 * Out:       chunks in ascending order, each with the packet it came in; holes as gap chunks.
 * Invariant: `offset` counts the bytes handed out or given up; no byte is handed out twice. Where segments overlap, the
 *            bytes captured first win.
 * Lifetime:  a chunk's bytes are borrowed until the emitter returns.
 * See:       RFC 9293, section 3.4; RFC 7323 (window size); RFC 7413 (bytes in a SYN).
 */
#ifndef MITLESER_FLOW_STREAM_H
#define MITLESER_FLOW_STREAM_H

#include "core/counters.h"
#include "flow/flow.h"
#include "flow/table.h"

struct ml_waiting; /* a segment whose turn has not come */

struct ml_stream {
    uint64_t offset;                 /* of the next byte to hand out */
    uint64_t acked;                  /* highest offset the other side acknowledged */
    uint64_t fin;                    /* offset where the stream ends, UINT64_MAX while unknown */
    struct ml_waiting *first, *last; /* owned, ascending, not overlapping */
    uint32_t next_seq;               /* sequence number of `offset` */
    uint32_t n_waiting;
    uint32_t waiting_bytes;
    uint32_t n_gaps;
    uint8_t n_patient; /* segments of the flow since the hole was acknowledged */
    bool is_started;
    bool has_syn; /* started by its SYN: nothing came before */
};

/* Where the chunks go and what the streams of a shard share. Borrowed for the call. */
struct ml_stream_env {
    const struct ml_flow_limits *limits;
    struct ml_counters *counters;
    size_t *shard_waiting; /* bytes waiting in all streams of the shard */
    struct ml_flow *flow;
    enum ml_dir dir; /* of the stream */
    void *context;
    bool (*emit)(void *context, const struct ml_chunk *chunk); /* false: no more is wanted */
};

void ml_stream_init(struct ml_stream *stream);

/* Names the sequence number of the first byte (from a SYN); does nothing once started. */
void ml_stream_start(struct ml_stream *stream, uint32_t seq);

/* Takes the payload, SYN and FIN of a segment of this direction. */
void ml_stream_feed(struct ml_stream *stream, const struct ml_stream_env *env, const struct ml_segment *segment);

/* The other side has everything before `ack`. */
void ml_stream_ack(struct ml_stream *stream, uint32_t ack);

/* A segment of the flow went by: gives up a hole that the receiver does not have, once patience is over. */
void ml_stream_tick(struct ml_stream *stream, const struct ml_stream_env *env);

/* No more segments: hands out what waits, with the holes named, and counts the stream. */
void ml_stream_finish(struct ml_stream *stream, const struct ml_stream_env *env);

/* Counts the stream and drops what waits; nothing is handed out. */
void ml_stream_drop(struct ml_stream *stream, const struct ml_stream_env *env);

#endif
