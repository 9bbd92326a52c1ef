/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather - bytes of a message that spans chunks, with the frames they came in.
 *
 * In:        chunks of one direction of one layer, in order.
 * Out:       a contiguous span, and for each byte of it the packet that carried it.
 */
#ifndef MITLESER_FLOW_GATHER_H
#define MITLESER_FLOW_GATHER_H

#include "core/buf.h"
#include "flow/chunk.h"

struct ml_gather_mark {
    size_t from; /* position in the buffer where this packet's bytes begin */
    uint64_t seq;
    int64_t time_ns;
};

struct ml_gather {
    struct ml_buf buf;            /* not yet consumed */
    struct ml_gather_mark *marks; /* owned; ascending */
    size_t n_marks, n_room;
    uint64_t offset; /* stream offset of the first byte held */
};

/* `max` is the ceiling on bytes held. */
void ml_gather_init(struct ml_gather *gather, size_t max);
void ml_gather_fini(struct ml_gather *gather);

/* Appends a chunk's bytes. False when the ceiling or memory ends; the gatherer is then unchanged. */
bool ml_gather_add(struct ml_gather *gather, const struct ml_chunk *chunk) ML_MUST_USE;

/* All bytes held; borrowed until the next call. */
struct ml_span ml_gather_span(const struct ml_gather *gather);

/* Drops n bytes from the front (a message was handled). */
void ml_gather_drop(struct ml_gather *gather, size_t n);

/* Forgets everything (after a gap). */
void ml_gather_clear(struct ml_gather *gather);

/* Packet that carried the byte at `at` (0-based within the held bytes; clamped to the last). */
const struct ml_gather_mark *ml_gather_mark_at(const struct ml_gather *gather, size_t at);

#endif
