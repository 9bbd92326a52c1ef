/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/run.h"

enum {
    MARGIN = 64, /* bytes at the end of a window whose turn comes with the next: what follows decides about edges */
    GATHER_MAX = 2 * (ML_LEAK_WINDOW + ML_LEAK_TAIL) + MARGIN
};

void ml_leak_search(struct ml_leaks *leaks, const struct ml_leak_place *place, struct ml_span bytes)
{
    if (leaks->search == NULL) {
        return;
    }
    for (size_t at = 0; at < bytes.len; at += ML_MAX_LEAK_VIEW) {
        const struct ml_leak_hit *hits = NULL;
        struct ml_span part = ml_span_cut(bytes, at, ML_MAX_LEAK_VIEW);
        size_t n = ml_search_window(leaks->search, part, 0, part.len, &hits);
        for (size_t i = 0; i < n; i++) {
            struct ml_leak_hit hit = hits[i];
            hit.from += at;
            hit.last += at;
            ml_leak_tell_hit(leaks, place, &hit);
        }
    }
}

/* --- packed members that go on behind the window --- */

static void end_run(struct ml_leaks *leaks, struct ml_leak_stream *stream, const char *name,
                    struct ml_leak_message *message)
{
    struct ml_leak_run *run = stream->run;
    stream->run = NULL;
    ml_leak_run_end(leaks, run, name, message);
}

/* Bytes of the window from `at` on, each with the frame it came in. */
static void feed_run(struct ml_leaks *leaks, struct ml_leak_stream *stream, size_t at, const char *name,
                     struct ml_leak_message *message)
{
    struct ml_span window = ml_gather_span(&stream->gather);
    while (at < window.len && !ml_leak_run_is_over(stream->run)) {
        const struct ml_gather_mark *mark = ml_gather_mark_at(&stream->gather, at);
        size_t end = at + 1;
        while (end < window.len && ml_gather_mark_at(&stream->gather, end) == mark) {
            end++;
        }
        struct ml_chunk part = stream->chunk;
        part.bytes = ml_span_cut(window, at, end - at);
        part.offset = stream->gather.offset + at;
        part.seq = mark->seq;
        part.time_ns = mark->time_ns;
        at += ml_leak_run_feed(leaks, stream->run, &part, name, message);
    }
    stream->open_from = at;
    if (ml_leak_run_is_over(stream->run)) {
        end_run(leaks, stream, name, message);
    }
}

/* Members that end within the window are opened with it; the first that does not begins a run. Gives where. */
static size_t begin_run(struct ml_leaks *leaks, struct ml_leak_stream *stream, bool is_last)
{
    struct ml_span window = ml_gather_span(&stream->gather);
    size_t at = window.len;
    if (stream->run == NULL && stream->depth < ML_MAX_WRAPPINGS) {
        stream->run = ml_leak_run_find(leaks->counters, window, stream->open_from, is_last, stream->depth + 1, &at);
    }
    ml_search_leave_members(leaks->search, stream->open_from, stream->run != NULL, at);
    return at;
}

/* Tells the hits whose turn it is and keeps what the next window needs. */
static void search_window(struct ml_leaks *leaks, struct ml_leak_stream *stream, bool is_last, const char *name,
                          struct ml_leak_message *message)
{
    const struct ml_leak_hit *hits = NULL;
    const struct ml_leak_place place = {
        .chunk = &stream->chunk, .gather = &stream->gather, .name = name, .message = message};
    struct ml_span window = ml_gather_span(&stream->gather);
    size_t turn_to = is_last ? window.len : window.len > MARGIN ? window.len - MARGIN : 0;
    size_t begins_at = begin_run(leaks, stream, is_last);
    size_t n = ml_search_window(leaks->search, window, stream->turn, turn_to, &hits);
    for (size_t i = 0; i < n; i++) {
        ml_leak_tell_hit(leaks, &place, &hits[i]);
    }
    if (stream->run != NULL && begins_at < window.len) {
        feed_run(leaks, stream, begins_at, name, message);
    }
    size_t drop = turn_to > ML_LEAK_TAIL ? turn_to - ML_LEAK_TAIL : 0;
    ml_gather_drop(&stream->gather, drop);
    stream->turn = turn_to - drop;
    stream->open_from = stream->open_from > drop ? stream->open_from - drop : 0;
    leaks->held -= drop;
}

void ml_leak_stream_end(struct ml_leaks *leaks, struct ml_leak_stream *stream, const char *place,
                        struct ml_leak_message *message)
{
    if (!stream->is_used) {
        return;
    }
    if (ml_gather_span(&stream->gather).len > stream->turn) {
        search_window(leaks, stream, true, place, message);
    }
    end_run(leaks, stream, place, message);
    leaks->held -= ml_gather_span(&stream->gather).len;
    ml_gather_fini(&stream->gather);
    stream->turn = 0;
    stream->open_from = 0;
    stream->is_used = false;
}

static bool goes_on(const struct ml_leak_stream *stream, const struct ml_chunk *chunk)
{
    return stream->next == chunk->offset && stream->chunk.n_layers == chunk->n_layers &&
           memcmp(stream->chunk.layers, chunk->layers, chunk->n_layers) == 0;
}

/* No room to let it wait: what is left of the chunk is searched on its own; a value cut by its borders is lost. */
static void search_alone(struct ml_leaks *leaks, const struct ml_chunk *chunk, const char *name,
                         struct ml_leak_message *message)
{
    const struct ml_leak_place place = {.chunk = chunk, .name = name, .message = message};
    ml_count(leaks->counters, ML_COUNT_LIMIT_LEAK_HELD);
    ml_leak_search(leaks, &place, chunk->bytes);
}

void ml_leak_stream_feed(struct ml_leaks *leaks, struct ml_leak_stream *stream, const struct ml_chunk *chunk,
                         const char *place, struct ml_leak_message *message)
{
    if (leaks->search == NULL) {
        return;
    }
    if (stream->is_used && !goes_on(stream, chunk)) {
        ml_leak_stream_end(leaks, stream, place, message);
    }
    if (!stream->is_used) {
        ml_gather_init(&stream->gather, GATHER_MAX);
        stream->is_used = true;
    }
    stream->next = chunk->offset + chunk->bytes.len;
    stream->chunk = *chunk;
    stream->chunk.bytes = ml_span_of(NULL, 0);
    for (size_t at = 0; at < chunk->bytes.len; at += ML_LEAK_WINDOW) {
        struct ml_chunk part = *chunk;
        part.bytes = ml_span_cut(chunk->bytes, at, ML_LEAK_WINDOW);
        part.offset += at;
        bool has_room = leaks->held + part.bytes.len <= ML_MAX_LEAK_HELD && ml_gather_add(&stream->gather, &part);
        if (!has_room) {
            ml_leak_stream_end(leaks, stream, place, message);
            part.bytes = ml_span_cut(chunk->bytes, at, chunk->bytes.len);
            search_alone(leaks, &part, place, message);
            return;
        }
        leaks->held += part.bytes.len;
        if (stream->run != NULL) {
            feed_run(leaks, stream, ml_gather_span(&stream->gather).len - part.bytes.len, place, message);
        }
        if (ml_gather_span(&stream->gather).len >= ML_LEAK_WINDOW) {
            search_window(leaks, stream, false, place, message);
        }
    }
}
