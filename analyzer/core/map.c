/* SPDX-License-Identifier: Apache-2.0 */
#include "core/map.h"

#include "core/hash.h"
#include "core/mem.h"

void ml_map_init(struct ml_map *map, size_t max)
{
    *map = (struct ml_map){.max = max < UINT32_MAX ? max : UINT32_MAX - 1};
    ml_arena_init(&map->keys, false);
}

void ml_map_fini(struct ml_map *map)
{
    ml_arena_fini(&map->keys);
    ml_mem_free(map->entries);
    ml_mem_free(map->slots);
    *map = (struct ml_map){0};
}

/* Slot that holds the key, or the free one where it belongs. The table is never full. */
static size_t slot_of(const struct ml_map *map, struct ml_span key, uint64_t hash)
{
    size_t mask = map->n_slots - 1;
    uint32_t tag = (uint32_t)(hash >> 32);
    size_t at = (size_t)hash & mask;
    while (map->slots[at].number != 0) {
        if (map->slots[at].tag == tag && ml_span_equal(map->entries[map->slots[at].number - 1].key, key)) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

static struct ml_map_entry *find(const struct ml_map *map, struct ml_span key, uint64_t hash)
{
    if (map->n_slots == 0) {
        return NULL;
    }
    uint32_t number = map->slots[slot_of(map, key, hash)].number;
    return number != 0 ? &map->entries[number - 1] : NULL;
}

struct ml_map_entry *ml_map_find(const struct ml_map *map, struct ml_span key)
{
    return find(map, key, ml_hash(key));
}

static bool grow(struct ml_map *map)
{
    size_t n_slots = map->n_slots != 0 ? map->n_slots * 2 : 64;
    struct ml_map_entry *entries = ml_mem_resize(map->entries, n_slots / 2, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    map->entries = entries;
    struct ml_map_slot *slots = ml_mem_array(n_slots, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    ml_mem_free(map->slots);
    map->slots = slots;
    map->n_slots = n_slots;
    for (size_t i = 0; i < map->n; i++) {
        uint64_t hash = ml_hash(entries[i].key);
        size_t at = slot_of(map, entries[i].key, hash);
        slots[at] = (struct ml_map_slot){.number = (uint32_t)i + 1, .tag = (uint32_t)(hash >> 32)};
    }
    return true;
}

struct ml_map_entry *ml_map_add(struct ml_map *map, struct ml_span key, uint32_t value, bool *is_new)
{
    uint64_t hash = ml_hash(key);
    size_t at = map->n_slots != 0 ? slot_of(map, key, hash) : 0;
    bool is_known = map->n_slots != 0 && map->slots[at].number != 0;
    if (is_new != NULL) {
        *is_new = !is_known;
    }
    if (is_known) {
        return &map->entries[map->slots[at].number - 1];
    }
    if (map->n >= map->max) {
        return NULL;
    }
    if (2 * (map->n + 1) > map->n_slots) {
        if (!grow(map)) {
            return NULL;
        }
        at = slot_of(map, key, hash);
    }
    struct ml_span copy = ml_arena_copy(&map->keys, key);
    if (copy.ptr == NULL) {
        return NULL;
    }
    map->entries[map->n] = (struct ml_map_entry){.key = copy, .value = value};
    map->slots[at] = (struct ml_map_slot){.number = (uint32_t)++map->n, .tag = (uint32_t)(hash >> 32)};
    return &map->entries[map->n - 1];
}
