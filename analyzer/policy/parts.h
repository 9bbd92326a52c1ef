/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts - finds which of many short texts occur in a longer one, at a cost that hardly depends on how many there are.
 *
 * Each part is represented by its rarest group of four bytes (the whole part when it is shorter). A bit set over the
 * hashes of all groups says for almost every position of a text that nothing begins there; what remains is looked up
 * and compared in full.
 * Invariant: immutable once built.
 */
#ifndef MITLESER_POLICY_PARTS_H
#define MITLESER_POLICY_PARTS_H

#include "core/span.h"
#include "core/status.h"

struct ml_part {
    struct ml_span text; /* borrowed for the life of the parts; not empty */
    uint32_t number;     /* what a hit reports */
    uint32_t group;      /* filled by the build */
    uint16_t offset;     /* of the group within the text */
    uint8_t size;        /* bytes of the group: 1 to 4 */
};

struct ml_parts {
    struct ml_part *items; /* owned; by size and group */
    size_t n;
    uint32_t *slots; /* owned; first item of a group + 1, 0 is free */
    size_t n_slots;  /* power of two */
    uint64_t *bits;  /* owned */
    unsigned shift;  /* hash to bit */
    bool has_size[5];
};

typedef void ml_hit_fn(void *context, uint32_t number);

/* Takes `items` in every case. ML_OK or ML_NO_MEMORY. */
enum ml_status ml_parts_build(struct ml_parts *parts, struct ml_part *items, size_t n) ML_MUST_USE;
void ml_parts_fini(struct ml_parts *parts);

/* Reports the number of every part in the text, some of them more than once. */
void ml_parts_find(const struct ml_parts *parts, struct ml_span text, ml_hit_fn *hit, void *context);

#endif
