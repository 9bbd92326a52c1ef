/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/prefixes.h"

#include "core/mem.h"

#include <stdlib.h>

void ml_prefixes_fini(struct ml_prefixes *prefixes)
{
    ml_mem_free(prefixes->items);
    *prefixes = (struct ml_prefixes){0};
}

enum ml_status ml_prefixes_add(struct ml_prefixes *prefixes, const struct ml_ip *ip, unsigned bits, uint32_t value)
{
    struct ml_prefix *items = ml_mem_grow(prefixes->items, prefixes->n, &prefixes->room, 64, sizeof *items);
    if (items == NULL) {
        return ML_NO_MEMORY;
    }
    prefixes->items = items;
    prefixes->items[prefixes->n++] = (struct ml_prefix){.ip = *ip, .bits = (uint8_t)bits, .value = value};
    return ML_OK;
}

/* A block comes before the smaller blocks inside it. */
static int compare(const void *left, const void *right)
{
    const struct ml_prefix *a = left;
    const struct ml_prefix *b = right;
    int order = ml_ip_compare(&a->ip, &b->ip);
    return order != 0 ? order : (int)a->bits - (int)b->bits;
}

static size_t place_of(const struct ml_ip *ip)
{
    return (ip->family == 6 ? 256 : 0) + (size_t)ip->bytes[0];
}

void ml_prefixes_finish(struct ml_prefixes *prefixes)
{
    if (prefixes->n == 0) {
        return; /* qsort takes no NULL */
    }
    qsort(prefixes->items, prefixes->n, sizeof *prefixes->items, compare);
    uint32_t around = 0;
    for (size_t i = 0; i < prefixes->n; i++) {
        struct ml_prefix *item = &prefixes->items[i];
        /* What holds the block before may hold this one too; the chain only gets shorter. */
        while (around != 0 &&
               !ml_ip_in_prefix(&item->ip, &prefixes->items[around - 1].ip, prefixes->items[around - 1].bits)) {
            around = prefixes->items[around - 1].around;
        }
        item->around = around;
        around = (uint32_t)i + 1;
        prefixes->begin[place_of(&item->ip) + 1] = around;
    }
    for (size_t i = 1; i < sizeof prefixes->begin / sizeof prefixes->begin[0]; i++) {
        bool is_empty = prefixes->begin[i] == 0;
        prefixes->begin[i] = is_empty ? prefixes->begin[i - 1] : prefixes->begin[i];
    }
}

const struct ml_prefix *ml_prefixes_find(const struct ml_prefixes *prefixes, const struct ml_ip *ip)
{
    /* First block that begins after the address: the one before it, or one around that one, holds it. */
    size_t from = prefixes->begin[place_of(ip)];
    size_t to = prefixes->begin[place_of(ip) + 1];
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (ml_ip_compare(&prefixes->items[middle].ip, ip) <= 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    for (size_t i = from; i != 0; i = prefixes->items[i - 1].around) {
        const struct ml_prefix *item = &prefixes->items[i - 1];
        if (ml_ip_in_prefix(ip, &item->ip, item->bits)) {
            return item;
        }
    }
    return NULL;
}
