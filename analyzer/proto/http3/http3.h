/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http3 - HTTP/3 on the streams of a QUIC connection whose keys are known.
 *
 * In:        bytes of each stream in order, with gaps; control and QPACK streams among them.
 * Out:       http.request and http.response as HTTP/1 states them, with the frames and range of their head; bodies to
 *            subscribers. What a server pushes was asked by nobody and is passed over.
 * Invariant: heads are read from tables without a hole, or not at all (qpack.h); content goes on.
 * See:       RFC 9114; RFC 9204.
 */
#ifndef MITLESER_PROTO_HTTP3_HTTP3_H
#define MITLESER_PROTO_HTTP3_HTTP3_H

#include "proto/parser.h"

struct ml_http3;

/* NULL when memory runs out. */
struct ml_http3 *ml_http3_new(struct ml_proto_env *env) ML_MUST_USE;

/* States what is held. */
void ml_http3_free(struct ml_http3 *http3);

/* Bytes of what `chunk->dir` sends on the stream, or a gap; is_end: the last of it. */
void ml_http3_feed(struct ml_http3 *http3, uint64_t stream, const struct ml_chunk *chunk, bool is_end);

/* What `dir` sends on the stream ends before its time. */
void ml_http3_cut(struct ml_http3 *http3, uint64_t stream, enum ml_dir dir);

#endif
