/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/gather.h"

#include "core/mem.h"

void ml_gather_init(struct ml_gather *gather, size_t max)
{
    *gather = (struct ml_gather){0};
    ml_buf_init(&gather->buf, max);
}

void ml_gather_fini(struct ml_gather *gather)
{
    ml_buf_fini(&gather->buf);
    ml_mem_free(gather->marks);
    *gather = (struct ml_gather){0};
}

/* Moves what is held to the front, so that dropping many small messages does not move the rest each time. */
static void compact(struct ml_gather *gather)
{
    size_t first = 0; /* the last mark at or before `dropped` still names the first byte held */
    while (first + 1 < gather->n_marks && gather->marks[first + 1].from <= gather->dropped) {
        first++;
    }
    gather->n_marks -= first;
    for (size_t i = 0; i < gather->n_marks; i++) {
        gather->marks[i] = gather->marks[i + first];
        size_t from = gather->marks[i].from;
        gather->marks[i].from = from > gather->dropped ? from - gather->dropped : 0;
    }
    ml_buf_drop(&gather->buf, gather->dropped);
    gather->dropped = 0;
}

static bool reserve_mark(struct ml_gather *gather)
{
    struct ml_gather_mark *marks = ml_mem_grow(gather->marks, gather->n_marks, &gather->n_room, 8, sizeof *marks);
    if (marks == NULL) {
        return false;
    }
    gather->marks = marks;
    return true;
}

bool ml_gather_add(struct ml_gather *gather, const struct ml_chunk *chunk)
{
    if (chunk->bytes.len == 0) {
        return true;
    }
    size_t size = gather->buf.size < gather->buf.max ? gather->buf.size : gather->buf.max;
    if (gather->dropped != 0 && chunk->bytes.len > size - gather->buf.len) {
        compact(gather);
    }
    size_t from = gather->buf.len;
    if (!reserve_mark(gather) || !ml_buf_add_span(&gather->buf, chunk->bytes)) {
        gather->buf.failed = false; /* what is held stays usable */
        return false;
    }
    if (from == gather->dropped) {
        gather->offset = chunk->offset;
    }
    const struct ml_gather_mark *last = gather->n_marks != 0 ? &gather->marks[gather->n_marks - 1] : NULL;
    if (last == NULL || last->seq != chunk->seq) {
        gather->marks[gather->n_marks++] =
            (struct ml_gather_mark){.from = from, .seq = chunk->seq, .time_ns = chunk->time_ns};
    }
    return true;
}

struct ml_span ml_gather_span(const struct ml_gather *gather)
{
    return ml_span_cut(ml_buf_span(&gather->buf), gather->dropped, SIZE_MAX);
}

void ml_gather_drop(struct ml_gather *gather, size_t n)
{
    size_t held = gather->buf.len - gather->dropped;
    n = n < held ? n : held;
    gather->dropped += n;
    gather->offset += n;
    if (n == held) {
        ml_buf_clear(&gather->buf);
        gather->n_marks = 0;
        gather->dropped = 0;
    }
}

void ml_gather_clear(struct ml_gather *gather)
{
    ml_gather_drop(gather, SIZE_MAX);
    gather->offset = 0;
}

const struct ml_gather_mark *ml_gather_mark_at(const struct ml_gather *gather, size_t at)
{
    ML_ASSERT(gather->n_marks != 0);
    at = at < SIZE_MAX - gather->dropped ? at + gather->dropped : SIZE_MAX;
    size_t low = 0;
    size_t high = gather->n_marks;
    while (high - low > 1) { /* the last mark at or before `at` */
        size_t middle = low + (high - low) / 2;
        if (gather->marks[middle].from <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &gather->marks[low];
}
