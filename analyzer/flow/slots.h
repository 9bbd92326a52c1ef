/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slots - open addressing from a 32-bit hash to a number, with deletion: where the open flows of a table are.
 *
 * Keys live with the numbered things; the caller compares them. Deleting closes the hole by shifting back, so that
 * look-ups stay short however many flows come and go.
 */
#ifndef MITLESER_FLOW_SLOTS_H
#define MITLESER_FLOW_SLOTS_H

#include "core/span.h"
#include "core/status.h"

struct ml_slot {
    uint32_t hash;
    uint32_t number; /* + 1; 0 is free */
};

struct ml_slots {
    struct ml_slot *slots; /* owned */
    size_t n;
    size_t n_slots; /* power of two, 0 before the first reserve */
};

void ml_slots_fini(struct ml_slots *slots);

/* Makes room for one more. False when memory runs out; nothing changed then. */
bool ml_slots_reserve(struct ml_slots *slots) ML_MUST_USE;

/*
 * Walks the numbers with this hash: start with *at = SIZE_MAX. False when there are no more. The walk ends where the
 * slots change.
 */
bool ml_slots_next(const struct ml_slots *slots, uint32_t hash, size_t *at, uint32_t *number);

/* Asks the processor for the place where the walk begins. */
void ml_slots_prefetch(const struct ml_slots *slots, uint32_t hash);

/* Adds a number that is not there yet; room was reserved. */
void ml_slots_add(struct ml_slots *slots, uint32_t hash, uint32_t number);

/* Removes a number that is there. */
void ml_slots_remove(struct ml_slots *slots, uint32_t hash, uint32_t number);

#endif
