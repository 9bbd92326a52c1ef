/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map - open addressing from byte strings to 32-bit values, for tables that only grow.
 *
 * Keys are copied into the map's own arena and numbered in the order of their arrival, so that a walk over the
 * entries is deterministic.
 */
#ifndef MITLESER_CORE_MAP_H
#define MITLESER_CORE_MAP_H

#include "core/arena.h"

struct ml_map_entry {
    struct ml_span key;
    uint32_t value;
};

struct ml_map_slot {
    uint32_t number; /* of the entry + 1, 0 is free */
    uint32_t tag;    /* upper hash bits: saves a look at the key */
};

struct ml_map {
    struct ml_arena keys;
    struct ml_map_entry *entries; /* owned, in order of arrival */
    struct ml_map_slot *slots;    /* owned */
    size_t n;
    size_t n_slots; /* power of two */
    size_t max;     /* ceiling on n */
};

void ml_map_init(struct ml_map *map, size_t max);
void ml_map_fini(struct ml_map *map);

/* Borrowed until the next add; NULL when absent. */
struct ml_map_entry *ml_map_find(const struct ml_map *map, struct ml_span key);

/*
 * Finds the entry of `key` or adds one with `value`; *is_new tells which (may be NULL). NULL when memory or the
 * ceiling ends. Borrowed until the next add.
 */
struct ml_map_entry *ml_map_add(struct ml_map *map, struct ml_span key, uint32_t value, bool *is_new) ML_MUST_USE;

#endif
