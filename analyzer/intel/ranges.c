/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/ranges.h"

#include "core/mem.h"
#include "intel/block.h"

static struct ml_range_key key_of(const struct ml_ip *ip)
{
    struct ml_range_key key = {0, 0};
    if (ip->family == 4) {
        key.low = 0xffff;
        for (int i = 0; i < 4; i++) {
            key.low = key.low << 8 | ip->bytes[i];
        }
        return key;
    }
    for (int i = 0; i < 8; i++) {
        key.high = key.high << 8 | ip->bytes[i];
        key.low = key.low << 8 | ip->bytes[8 + i];
    }
    return key;
}

static bool is_less(struct ml_range_key a, struct ml_range_key b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

bool ml_ranges_open(struct ml_span starts, struct ml_span values, struct ml_ranges *out)
{
    *out = (struct ml_ranges){0};
    size_t n = values.len / sizeof *out->values;
    if (values.len % sizeof *out->values != 0 || starts.len % sizeof *out->starts != 0 ||
        starts.len / sizeof *out->starts != n) {
        return false;
    }
    /* Sections of a pack are aligned for these types. */
    out->starts = (const struct ml_range_key *)(const void *)starts.ptr;
    out->values = (const uint32_t *)(const void *)values.ptr;
    out->n = n;
    return true;
}

/* Number of the stretch that an address lies in, from 1; 0: in front of all. */
static size_t stretch_of(const struct ml_ranges *ranges, const struct ml_ip *ip)
{
    struct ml_range_key key = key_of(ip);
    size_t from = 0;
    size_t to = ranges->n; /* the stretch behind the one looked for starts in [from, to), if any does */
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (is_less(key, ranges->starts[middle])) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return from;
}

uint32_t ml_ranges_find(const struct ml_ranges *ranges, const struct ml_ip *ip)
{
    size_t stretch = ip->family != 0 ? stretch_of(ranges, ip) : 0;
    return stretch != 0 ? ranges->values[stretch - 1] : 0;
}

bool ml_ranges_is_uniform(const struct ml_ranges *ranges, const struct ml_ip *ip)
{
    struct ml_ip first = ml_block_of(ip);
    struct ml_ip last = ml_block_last(ip);
    return ip->family != 0 && stretch_of(ranges, &first) == stretch_of(ranges, &last);
}

void ml_ranges_maker_fini(struct ml_ranges_maker *maker)
{
    ml_mem_free(maker->starts);
    ml_mem_free(maker->values);
    *maker = (struct ml_ranges_maker){0};
}

static bool grow(struct ml_ranges_maker *maker)
{
    size_t size = maker->size != 0 ? maker->size * 2 : 1024;
    struct ml_range_key *starts = ml_mem_resize(maker->starts, size, sizeof *starts);
    if (starts == NULL) {
        return false;
    }
    maker->starts = starts;
    uint32_t *values = ml_mem_resize(maker->values, size, sizeof *values);
    if (values == NULL) {
        return false;
    }
    maker->values = values;
    maker->size = size;
    return true;
}

/* From `start` on the value is `value`. */
static enum ml_status mark(struct ml_ranges_maker *maker, struct ml_range_key start, uint32_t value)
{
    size_t n = maker->n;
    if (n != 0 && maker->starts[n - 1].high == start.high && maker->starts[n - 1].low == start.low) {
        maker->n = --n; /* nothing lies between the two marks */
    }
    if (value == (n != 0 ? maker->values[n - 1] : 0)) {
        return ML_OK;
    }
    if (n == maker->size && !grow(maker)) {
        return ML_NO_MEMORY;
    }
    maker->starts[n] = start;
    maker->values[n] = value;
    maker->n = n + 1;
    return ML_OK;
}

/* Ends the innermost row and those that are over with it. */
static enum ml_status end_row(struct ml_ranges_maker *maker)
{
    struct ml_range_key last = maker->open[--maker->depth].last;
    struct ml_range_key next = {last.high + (last.low == UINT64_MAX), last.low + 1};
    while (maker->depth != 0 && !is_less(last, maker->open[maker->depth - 1].last)) {
        maker->depth--;
    }
    if (next.high == 0 && next.low == 0) {
        return ML_OK; /* the last address there is */
    }
    return mark(maker, next, maker->depth != 0 ? maker->open[maker->depth - 1].value : 0);
}

enum ml_status ml_ranges_add(struct ml_ranges_maker *maker, const struct ml_ip *first, const struct ml_ip *last,
                             uint32_t value)
{
    struct ml_range_key from = key_of(first);
    struct ml_range_key to = key_of(last);
    if (first->family == 0 || first->family != last->family || value == 0 || is_less(to, from) ||
        (maker->n != 0 && is_less(from, maker->starts[maker->n - 1]))) {
        return ML_BAD_INPUT;
    }
    enum ml_status status = ML_OK;
    while (status == ML_OK && maker->depth != 0 && is_less(maker->open[maker->depth - 1].last, from)) {
        status = end_row(maker);
    }
    if (status == ML_OK && maker->depth == ML_RANGES_NESTING) {
        status = ML_LIMIT;
    }
    if (status == ML_OK) {
        status = mark(maker, from, value);
    }
    if (status == ML_OK) {
        maker->open[maker->depth].last = to;
        maker->open[maker->depth++].value = value;
    }
    return status;
}

enum ml_status ml_ranges_finish(struct ml_ranges_maker *maker, struct ml_span *starts, struct ml_span *values)
{
    *starts = *values = ml_span_of(NULL, 0);
    while (maker->depth != 0) {
        enum ml_status status = end_row(maker);
        if (status != ML_OK) {
            return status;
        }
    }
    *starts = ml_span_of(maker->starts, maker->n * sizeof *maker->starts);
    *values = ml_span_of(maker->values, maker->n * sizeof *maker->values);
    return ML_OK;
}
