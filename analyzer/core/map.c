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
    ml_mem_free(map->tags);
    *map = (struct ml_map){0};
}

/* Slot that holds the key, or the free one where it belongs. The table is never full. */
static size_t slot_of(const struct ml_map *map, struct ml_span key, uint64_t hash)
{
    size_t mask = map->n_slots - 1;
    uint32_t tag = (uint32_t)(hash >> 32);
    size_t at = (size_t)hash & mask;
    while (map->slots[at] != 0) {
        if (map->tags[at] == tag && ml_span_equal(map->entries[map->slots[at] - 1].key, key)) {
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
    uint32_t number = map->slots[slot_of(map, key, hash)];
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
    uint32_t *slots = ml_mem_array(n_slots, sizeof *slots);
    uint32_t *tags = ml_mem_array(n_slots, sizeof *tags);
    if (slots == NULL || tags == NULL) {
        ml_mem_free(slots);
        ml_mem_free(tags);
        return false;
    }
    ml_mem_free(map->slots);
    ml_mem_free(map->tags);
    map->slots = slots;
    map->tags = tags;
    map->n_slots = n_slots;
    for (size_t i = 0; i < map->n; i++) {
        uint64_t hash = ml_hash(entries[i].key);
        size_t at = slot_of(map, entries[i].key, hash);
        slots[at] = (uint32_t)i + 1;
        tags[at] = (uint32_t)(hash >> 32);
    }
    return true;
}

struct ml_map_entry *ml_map_add(struct ml_map *map, struct ml_span key, uint32_t value, bool *is_new)
{
    uint64_t hash = ml_hash(key);
    struct ml_map_entry *found = find(map, key, hash);
    if (is_new != NULL) {
        *is_new = found == NULL;
    }
    if (found != NULL) {
        return found;
    }
    if (map->n >= map->max || (2 * (map->n + 1) > map->n_slots && !grow(map))) {
        return NULL;
    }
    struct ml_span copy = ml_arena_copy(&map->keys, key);
    if (copy.ptr == NULL) {
        return NULL;
    }
    size_t at = slot_of(map, key, hash);
    map->entries[map->n] = (struct ml_map_entry){.key = copy, .value = value};
    map->slots[at] = (uint32_t)++map->n;
    map->tags[at] = (uint32_t)(hash >> 32);
    return &map->entries[map->n - 1];
}
