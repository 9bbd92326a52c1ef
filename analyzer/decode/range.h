/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range - which parts of a datagram have come, in the order of their start.
 *
 * Invariant: items are sorted by `from`; they may overlap, so that a repetition can be told from an overlap.
 */
#ifndef MITLESER_DECODE_RANGE_H
#define MITLESER_DECODE_RANGE_H

#include "core/span.h"
#include "core/status.h"

struct ml_range {
    uint32_t from, to; /* bytes, `to` not included */
    uint32_t have;     /* captured of them, from the start */
};

struct ml_byte_ranges {
    struct ml_range *items; /* owned */
    size_t n, size;
};

void ml_byte_ranges_fini(struct ml_byte_ranges *ranges);

/* False: out of memory, nothing changed. */
bool ml_byte_ranges_add(struct ml_byte_ranges *ranges, struct ml_range range) ML_MUST_USE;

/* Bytes of storage. */
size_t ml_byte_ranges_cost(const struct ml_byte_ranges *ranges);

/* Largest `to`, 0 without ranges. */
uint32_t ml_byte_ranges_end(const struct ml_byte_ranges *ranges);

/* Is every byte from 0 to `total` in some range? */
bool ml_byte_ranges_cover(const struct ml_byte_ranges *ranges, uint32_t total);

/* Bytes from 0 on without one that was not captured; for ranges that cover everything. */
uint32_t ml_byte_ranges_captured(const struct ml_byte_ranges *ranges);

static inline bool ml_range_overlaps(const struct ml_range *a, const struct ml_range *b)
{
    return a->from < b->to && b->from < a->to;
}

#endif
