/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ranges - from address ranges to numbers: built once from sorted rows, then searched by halving.
 *
 * In:        rows (first, last, value > 0) by ascending first address, IPv4 before IPv6. Where rows overlap, the one
 *            that starts later counts; what it leaves over of an earlier one belongs to the earlier one again.
 * Out:       the value of the range an address lies in, 0 for none.
 * Form:      two arrays, the first address of each stretch and its value; a stretch ends where the next one begins.
 *            IPv4 lies at ::ffff:0:0/96.
 */
#ifndef MITLESER_INTEL_RANGES_H
#define MITLESER_INTEL_RANGES_H

#include "core/ip.h"

struct ml_range_key {
    uint64_t high;
    uint64_t low;
};

/* Borrows its arrays. */
struct ml_ranges {
    const struct ml_range_key *starts;
    const uint32_t *values;
    size_t n;
};

/* From two sections of equal number of elements; false when they do not fit each other. */
bool ml_ranges_open(struct ml_span starts, struct ml_span values, struct ml_ranges *out);

uint32_t ml_ranges_find(const struct ml_ranges *ranges, const struct ml_ip *ip);

/* Lie all addresses of the block (intel/block.h) in the same stretch? */
bool ml_ranges_is_uniform(const struct ml_ranges *ranges, const struct ml_ip *ip);

enum { ML_RANGES_NESTING = 16 };

struct ml_ranges_maker {
    struct ml_range_key *starts; /* owned */
    uint32_t *values;            /* owned */
    size_t n;
    size_t size;
    size_t depth; /* rows that are not yet over */
    struct {
        struct ml_range_key last;
        uint32_t value;
    } open[ML_RANGES_NESTING];
};

/* Storage of the caller; zeroed is a valid beginning. */
void ml_ranges_maker_fini(struct ml_ranges_maker *maker);

/* ML_BAD_INPUT: out of order, last before first, mixed families, value 0; ML_LIMIT: nested too deeply. */
enum ml_status ml_ranges_add(struct ml_ranges_maker *maker, const struct ml_ip *first, const struct ml_ip *last,
                             uint32_t value) ML_MUST_USE;

/* Ends the rows; borrowed spans for a pack, until fini. */
enum ml_status ml_ranges_finish(struct ml_ranges_maker *maker, struct ml_span *starts,
                                struct ml_span *values) ML_MUST_USE;

#endif
