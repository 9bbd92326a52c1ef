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

static bool has_room_for_mark(struct ml_gather *gather)
{
    if (gather->n_marks < gather->n_room) {
        return true;
    }
    size_t room = gather->n_room != 0 ? 2 * gather->n_room : 8;
    struct ml_gather_mark *marks = ml_mem_resize(gather->marks, room, sizeof *marks);
    if (marks == NULL) {
        return false;
    }
    gather->marks = marks;
    gather->n_room = room;
    return true;
}

bool ml_gather_add(struct ml_gather *gather, const struct ml_chunk *chunk)
{
    if (chunk->bytes.len == 0) {
        return true;
    }
    size_t from = gather->buf.len;
    if (!has_room_for_mark(gather) || !ml_buf_add_span(&gather->buf, chunk->bytes)) {
        gather->buf.failed = false; /* told by the result; what is held stays usable */
        return false;
    }
    if (from == 0) {
        gather->offset = chunk->offset;
    }
    bool is_same_packet = gather->n_marks != 0 && gather->marks[gather->n_marks - 1].seq == chunk->seq;
    if (!is_same_packet) {
        gather->marks[gather->n_marks++] =
            (struct ml_gather_mark){.from = from, .seq = chunk->seq, .time_ns = chunk->time_ns};
    }
    return true;
}

struct ml_span ml_gather_span(const struct ml_gather *gather)
{
    return ml_buf_span(&gather->buf);
}

void ml_gather_drop(struct ml_gather *gather, size_t n)
{
    n = n < gather->buf.len ? n : gather->buf.len;
    size_t kept = 0;
    for (size_t i = 0; i < gather->n_marks; i++) {
        /* A mark goes when the next one already covers the first byte kept. */
        bool is_past = i + 1 < gather->n_marks ? gather->marks[i + 1].from <= n : n == gather->buf.len;
        if (is_past) {
            continue;
        }
        struct ml_gather_mark mark = gather->marks[i];
        mark.from = mark.from > n ? mark.from - n : 0;
        gather->marks[kept++] = mark;
    }
    gather->n_marks = kept;
    gather->offset += n;
    ml_buf_drop(&gather->buf, n);
}

void ml_gather_clear(struct ml_gather *gather)
{
    ml_buf_clear(&gather->buf);
    gather->n_marks = 0;
    gather->offset = 0;
}

const struct ml_gather_mark *ml_gather_mark_at(const struct ml_gather *gather, size_t at)
{
    ML_ASSERT(gather->n_marks != 0);
    size_t low = 0;
    size_t high = gather->n_marks;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (gather->marks[middle].from <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &gather->marks[low];
}
