/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/inbox.h"

void ml_inbox_init(struct ml_inbox *inbox, size_t max)
{
    *inbox = (struct ml_inbox){0};
    ml_gather_init(&inbox->gather, max);
}

void ml_inbox_fini(struct ml_inbox *inbox)
{
    ml_gather_fini(&inbox->gather);
}

struct ml_span ml_inbox_span(const struct ml_inbox *inbox)
{
    return ml_gather_span(&inbox->gather);
}

void ml_inbox_drop(struct ml_inbox *inbox, uint64_t n)
{
    size_t held = ml_inbox_span(inbox).len;
    size_t now = n < held ? (size_t)n : held;
    ml_gather_drop(&inbox->gather, now);
    inbox->skip = n - now;
}

void ml_inbox_restart(struct ml_inbox *inbox)
{
    ml_gather_clear(&inbox->gather);
    inbox->skip = 0;
    inbox->is_lost = false;
}

void ml_inbox_begin(const struct ml_inbox *inbox, struct ml_fact_draft *draft, enum ml_fact_kind kind, size_t from,
                    size_t len)
{
    ml_fact_begin_gathered(draft, kind, &inbox->last, &inbox->gather, from, len);
}

struct ml_place ml_inbox_place(const struct ml_inbox *inbox)
{
    const struct ml_gather_mark *mark = ml_gather_mark_at(&inbox->gather, 0);
    return (struct ml_place){.seq = mark->seq, .time_ns = mark->time_ns, .offset = inbox->gather.offset};
}

void ml_inbox_begin_at(const struct ml_inbox *inbox, struct ml_fact_draft *draft, enum ml_fact_kind kind,
                       const struct ml_place *start, size_t len)
{
    ml_inbox_begin(inbox, draft, kind, 0, len);
    uint64_t end = draft->range_from + len;
    draft->first_seq = start->seq;
    draft->time_ns = start->time_ns;
    draft->range_from = start->offset;
    draft->range_len = end - start->offset < UINT32_MAX ? (uint32_t)(end - start->offset) : UINT32_MAX;
}

bool ml_inbox_line(const struct ml_inbox *inbox, struct ml_span *line, size_t *len)
{
    struct ml_span held = ml_inbox_span(inbox);
    const uint8_t *end = held.len != 0 ? memchr(held.ptr, '\n', held.len) : NULL;
    *line = ml_span_of(NULL, 0);
    *len = 0;
    if (end == NULL) {
        return false;
    }
    *len = (size_t)(end - held.ptr) + 1;
    size_t n = *len - 1;
    *line = ml_span_cut(held, 0, n != 0 && held.ptr[n - 1] == '\r' ? n - 1 : n);
    return true;
}

struct ml_span ml_inbox_rest(const struct ml_inbox *inbox, const struct ml_chunk *chunk)
{
    uint64_t first = inbox->end - ml_inbox_span(inbox).len;
    uint64_t used = first > chunk->offset ? first - chunk->offset : 0;
    return ml_span_cut(chunk->bytes, used < chunk->bytes.len ? (size_t)used : chunk->bytes.len, SIZE_MAX);
}

static void lose(struct ml_inbox *inbox)
{
    ml_gather_clear(&inbox->gather);
    inbox->skip = 0;
    inbox->is_lost = true;
}

/* A hole within bytes that nobody wants does no harm. */
static void feed_gap(struct ml_inbox *inbox, uint64_t len)
{
    if (len <= inbox->skip && len < UINT32_MAX) {
        inbox->skip -= len;
        return;
    }
    lose(inbox);
}

/* The next `n` bytes of the chunk from `at`. False when memory runs out. */
static bool hold(struct ml_inbox *inbox, const struct ml_chunk *chunk, size_t at, size_t n)
{
    struct ml_chunk part = *chunk;
    part.bytes = ml_span_cut(chunk->bytes, at, n);
    part.offset += at;
    return ml_gather_add(&inbox->gather, &part);
}

void ml_inbox_feed(struct ml_inbox *inbox, const struct ml_chunk *chunk, struct ml_counters *counters,
                   ml_inbox_step step, void *context)
{
    inbox->last = *chunk;
    inbox->last.bytes = ml_span_of(NULL, 0);
    if (!ml_inbox_is_open(inbox)) {
        return;
    }
    if (chunk->gap_len != 0) {
        feed_gap(inbox, chunk->gap_len);
        return;
    }
    size_t at = 0;
    while (at < chunk->bytes.len && ml_inbox_is_open(inbox)) {
        size_t left = chunk->bytes.len - at;
        if (inbox->skip != 0) {
            size_t n = inbox->skip < left ? (size_t)inbox->skip : left;
            inbox->skip -= n;
            at += n;
            inbox->end = chunk->offset + at;
            continue;
        }
        size_t room = inbox->gather.buf.max - ml_inbox_span(inbox).len;
        size_t n = left < room ? left : room;
        if (n == 0) { /* a message longer than any that is wanted */
            ml_count(counters, ML_COUNT_LIMIT_MESSAGE);
            lose(inbox);
            return;
        }
        if (!hold(inbox, chunk, at, n)) {
            ml_count(counters, ML_COUNT_LIMIT_MEMORY);
            lose(inbox);
            return;
        }
        at += n;
        inbox->end = chunk->offset + at;
        while (ml_inbox_is_open(inbox) && ml_inbox_span(inbox).len != 0 && step(context, inbox)) {
        }
    }
    if (inbox->is_lost) { /* the parser says so */
        lose(inbox);
    }
}
