/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/range.h"

#include "core/mem.h"

void ml_byte_ranges_fini(struct ml_byte_ranges *ranges)
{
    ml_mem_free(ranges->items);
    *ranges = (struct ml_byte_ranges){0};
}

bool ml_byte_ranges_add(struct ml_byte_ranges *ranges, struct ml_range range)
{
    struct ml_range *items = ml_mem_grow(ranges->items, ranges->n, &ranges->size, 4, sizeof *items);
    if (items == NULL) {
        return false;
    }
    ranges->items = items;
    size_t at = ranges->n;
    while (at > 0 && ranges->items[at - 1].from > range.from) {
        ranges->items[at] = ranges->items[at - 1];
        at--;
    }
    ranges->items[at] = range;
    ranges->n++;
    return true;
}

size_t ml_byte_ranges_cost(const struct ml_byte_ranges *ranges)
{
    return ranges->size * sizeof *ranges->items;
}

uint32_t ml_byte_ranges_end(const struct ml_byte_ranges *ranges)
{
    uint32_t end = 0;
    for (size_t i = 0; i < ranges->n; i++) {
        end = ranges->items[i].to > end ? ranges->items[i].to : end;
    }
    return end;
}

bool ml_byte_ranges_cover(const struct ml_byte_ranges *ranges, uint32_t total)
{
    uint32_t end = 0;
    for (size_t i = 0; i < ranges->n && ranges->items[i].from <= end; i++) {
        end = ranges->items[i].to > end ? ranges->items[i].to : end;
    }
    return end >= total;
}

uint32_t ml_byte_ranges_captured(const struct ml_byte_ranges *ranges)
{
    uint32_t end = 0;
    for (size_t i = 0; i < ranges->n && ranges->items[i].from <= end; i++) {
        uint32_t have = ranges->items[i].from + ranges->items[i].have;
        end = have > end ? have : end;
    }
    return end;
}
