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
static struct ml_map_slot *slot_of(const struct ml_map *map, struct ml_span key, uint64_t hash)
{
    size_t mask = map->n_slots - 1;
    size_t at = (size_t)hash & mask;
    while (map->slots[at].entry != NULL) {
        if (map->slots[at].hash == hash && ml_span_equal(ml_map_key(map->slots[at].entry), key)) {
            break;
        }
        at = (at + 1) & mask;
    }
    return &map->slots[at];
}

struct ml_map_entry *ml_map_find(const struct ml_map *map, struct ml_span key)
{
    return map->n_slots != 0 ? slot_of(map, key, ml_hash(key))->entry : NULL;
}

/* Entries that so many slots hold before there are more: probes stay short. */
static size_t room_of(size_t n_slots)
{
    return n_slots / 8 * 5;
}

static bool grow(struct ml_map *map)
{
    size_t n_slots = map->n_slots != 0 ? map->n_slots * 2 : 64;
    struct ml_map_entry **entries = ml_mem_resize(map->entries, room_of(n_slots), sizeof(struct ml_map_entry *));
    if (entries == NULL) {
        return false;
    }
    map->entries = entries;
    struct ml_map_slot *slots = ml_mem_array(n_slots, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->n_slots; i++) {
        size_t at = (size_t)map->slots[i].hash & (n_slots - 1);
        while (map->slots[i].entry != NULL && slots[at].entry != NULL) {
            at = (at + 1) & (n_slots - 1);
        }
        if (map->slots[i].entry != NULL) {
            slots[at] = map->slots[i];
        }
    }
    ml_mem_free(map->slots);
    map->slots = slots;
    map->n_slots = n_slots;
    return true;
}

static struct ml_map_entry *new_entry(struct ml_map *map, struct ml_span key, uint32_t value)
{
    struct ml_map_entry *entry = NULL;
    if (key.len < UINT32_MAX) {
        entry = ml_arena_get(&map->keys, sizeof *entry + key.len + 1);
    }
    if (entry != NULL) {
        entry->value = value;
        entry->len = (uint32_t)key.len;
        if (key.len != 0) {
            memcpy(entry->key, key.ptr, key.len);
        }
    }
    return entry;
}

struct ml_map_entry *ml_map_add(struct ml_map *map, struct ml_span key, uint32_t value, bool *is_new)
{
    uint64_t hash = ml_hash(key);
    struct ml_map_slot *slot = map->n_slots != 0 ? slot_of(map, key, hash) : NULL;
    bool is_known = slot != NULL && slot->entry != NULL;
    if (is_new != NULL) {
        *is_new = !is_known;
    }
    if (is_known) {
        return slot->entry;
    }
    if (map->n >= map->max) {
        return NULL;
    }
    if (map->n == room_of(map->n_slots)) {
        if (!grow(map)) {
            return NULL;
        }
        slot = slot_of(map, key, hash);
    }
    struct ml_map_entry *entry = new_entry(map, key, value);
    if (entry != NULL) {
        map->entries[map->n++] = entry;
        *slot = (struct ml_map_slot){.entry = entry, .hash = hash};
    }
    return entry;
}
