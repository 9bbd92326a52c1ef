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

/* The key stands behind its value: one look at memory for both. Never moves. */
struct ml_map_entry {
    uint32_t value;
    uint32_t len;
    uint8_t key[]; /* a zero byte follows */
};

static inline struct ml_span ml_map_key(const struct ml_map_entry *entry)
{
    return ml_span_of(entry->key, entry->len);
}

struct ml_map_slot {
    struct ml_map_entry *entry; /* NULL: free */
    uint64_t hash;              /* saves a look at the key */
};

struct ml_map {
    struct ml_arena keys;          /* entries with their keys */
    struct ml_map_entry **entries; /* owned, in order of arrival */
    struct ml_map_slot *slots;     /* owned */
    size_t n;
    size_t n_slots; /* power of two */
    size_t max;     /* ceiling on n */
};

void ml_map_init(struct ml_map *map, size_t max);
void ml_map_fini(struct ml_map *map);

/* Borrowed from the map; NULL when absent. */
struct ml_map_entry *ml_map_find(const struct ml_map *map, struct ml_span key);

/*
 * Finds the entry of `key` or adds one with `value`; *is_new tells which (may be NULL). NULL when memory or the
 * ceiling ends. Borrowed from the map.
 */
struct ml_map_entry *ml_map_add(struct ml_map *map, struct ml_span key, uint32_t value, bool *is_new) ML_MUST_USE;

#endif
