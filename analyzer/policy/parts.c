/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/parts.h"

#include "core/map.h"
#include "core/mem.h"

#include <stdlib.h>

enum { GROUP = 4, BITS_PER_PART = 64 /* a wrong bit costs a look-up, a clear one nothing */ };

/* `size` bytes at `bytes`, as a number that is the same on every machine. */
static uint32_t group_at(const uint8_t *bytes, size_t size)
{
    uint32_t group = 0;
    for (size_t i = 0; i < size; i++) {
        group |= (uint32_t)bytes[i] << (8 * i);
    }
    return group;
}

static uint64_t hash_of(uint32_t group, size_t size)
{
    return (group + ((uint64_t)size << 32)) * UINT64_C(0x9e3779b97f4a7c15);
}

void ml_parts_fini(struct ml_parts *parts)
{
    ml_mem_free(parts->items);
    ml_mem_free(parts->slots);
    ml_mem_free(parts->bits);
    *parts = (struct ml_parts){0};
}

/* How often each group of four bytes occurs in all parts. */
static bool count_groups(struct ml_map *counts, const struct ml_part *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t at = 0; at + GROUP <= items[i].text.len; at++) {
            struct ml_map_entry *entry = ml_map_add(counts, ml_span_of(items[i].text.ptr + at, GROUP), 0, NULL);
            if (entry == NULL) {
                return false;
            }
            entry->value++;
        }
    }
    return true;
}

static void choose_group(const struct ml_map *counts, struct ml_part *part)
{
    const uint8_t *bytes = part->text.ptr;
    part->offset = 0;
    part->size = (uint8_t)(part->text.len < GROUP ? part->text.len : GROUP);
    uint32_t rarest = UINT32_MAX;
    for (size_t at = 0; at + GROUP <= part->text.len; at++) {
        uint32_t count = ml_map_find(counts, ml_span_of(bytes + at, GROUP))->value;
        if (count < rarest) {
            rarest = count;
            part->offset = (uint16_t)at;
        }
    }
    part->group = group_at(bytes + part->offset, part->size);
}

static int compare(const void *a, const void *b)
{
    const struct ml_part *left = a;
    const struct ml_part *right = b;
    if (left->size != right->size) {
        return left->size < right->size ? -1 : 1;
    }
    if (left->group != right->group) {
        return left->group < right->group ? -1 : 1;
    }
    return (left->number > right->number) - (left->number < right->number);
}

static size_t slot_of(const struct ml_parts *parts, uint32_t group, size_t size, uint64_t hash)
{
    size_t mask = parts->n_slots - 1;
    size_t at = (size_t)(hash >> 20) & mask;
    while (parts->slots[at] != 0) {
        const struct ml_part *part = &parts->items[parts->slots[at] - 1];
        if (part->group == group && part->size == size) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

static bool make_tables(struct ml_parts *parts)
{
    size_t n_bits = 1024;
    parts->n_slots = 64;
    while (n_bits < BITS_PER_PART * parts->n) {
        n_bits *= 2;
    }
    while (parts->n_slots < 2 * parts->n) {
        parts->n_slots *= 2;
    }
    parts->shift = 64 - (unsigned)__builtin_ctzll(n_bits);
    parts->bits = ml_mem_array(n_bits / 64, sizeof *parts->bits);
    parts->slots = ml_mem_array(parts->n_slots, sizeof *parts->slots);
    if (parts->bits == NULL || parts->slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < parts->n; i++) {
        const struct ml_part *part = &parts->items[i];
        uint64_t hash = hash_of(part->group, part->size);
        size_t slot = slot_of(parts, part->group, part->size, hash);
        if (parts->slots[slot] == 0) {
            parts->slots[slot] = (uint32_t)i + 1;
        }
        uint64_t bit = hash >> parts->shift;
        parts->bits[bit / 64] |= UINT64_C(1) << bit % 64;
        parts->has_size[part->size] = true;
    }
    return true;
}

enum ml_status ml_parts_build(struct ml_parts *parts, struct ml_part *items, size_t n)
{
    *parts = (struct ml_parts){.items = items, .n = n};
    struct ml_map counts;
    ml_map_init(&counts, UINT32_MAX);
    bool ok = count_groups(&counts, items, n);
    for (size_t i = 0; i < n && ok; i++) {
        choose_group(&counts, &items[i]);
    }
    ml_map_fini(&counts);
    if (ok && n != 0) {
        qsort(items, n, sizeof *items, compare);
        ok = make_tables(parts);
    }
    if (!ok) {
        ml_parts_fini(parts);
    }
    return ok ? ML_OK : ML_NO_MEMORY;
}

/* A group of the text that some part has: which parts are really there? */
static void look(const struct ml_parts *parts, struct ml_span text, size_t at, uint32_t group, size_t size,
                 uint64_t hash, ml_hit_fn *hit, void *context)
{
    uint32_t first = parts->slots[slot_of(parts, group, size, hash)];
    if (first == 0) {
        return;
    }
    for (size_t i = first - 1; i < parts->n && parts->items[i].group == group && parts->items[i].size == size; i++) {
        const struct ml_part *part = &parts->items[i];
        if (at >= part->offset && part->text.len <= text.len - (at - part->offset) &&
            memcmp(text.ptr + at - part->offset, part->text.ptr, part->text.len) == 0) {
            hit(context, part->number);
        }
    }
}

void ml_parts_find(const struct ml_parts *parts, struct ml_span text, ml_hit_fn *hit, void *context)
{
    if (parts->n == 0) {
        return;
    }
    for (size_t size = 1; size <= GROUP; size++) {
        if (!parts->has_size[size]) {
            continue;
        }
        /* The group rolls over the text: one byte out, one byte in. */
        unsigned top = 8 * (unsigned)(size - 1);
        uint32_t group = 0;
        for (size_t i = 0; i + 1 < size && i < text.len; i++) {
            group = group >> 8 | (uint32_t)text.ptr[i] << top;
        }
        for (size_t at = 0; at + size <= text.len; at++) {
            group = group >> 8 | (uint32_t)text.ptr[at + size - 1] << top;
            uint64_t hash = hash_of(group, size);
            uint64_t bit = hash >> parts->shift;
            if ((parts->bits[bit / 64] >> bit % 64 & 1) != 0) {
                look(parts, text, at, group, size, hash, hit, context);
            }
        }
    }
}
