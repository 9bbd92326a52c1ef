/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/parts.h"

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

/* Tells the hits whose turn it is and keeps what the next window needs. */
static void search_window(struct ml_leaks *leaks, struct ml_leak_stream *stream, bool is_last, const char *name,
                          struct ml_leak_message *message)
{
    const struct ml_leak_hit *hits = NULL;
    const struct ml_leak_place place = {
        .chunk = &stream->chunk, .gather = &stream->gather, .name = name, .message = message};
    struct ml_span window = ml_gather_span(&stream->gather);
    size_t turn_to = is_last ? window.len : window.len > MARGIN ? window.len - MARGIN : 0;
    size_t n = ml_search_window(leaks->search, window, stream->turn, turn_to, &hits);
    for (size_t i = 0; i < n; i++) {
        ml_leak_tell_hit(leaks, &place, &hits[i]);
    }
    size_t drop = turn_to > ML_LEAK_TAIL ? turn_to - ML_LEAK_TAIL : 0;
    ml_gather_drop(&stream->gather, drop);
    stream->turn = turn_to - drop;
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
    leaks->held -= ml_gather_span(&stream->gather).len;
    ml_gather_fini(&stream->gather);
    stream->turn = 0;
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
        if (ml_gather_span(&stream->gather).len >= ML_LEAK_WINDOW) {
            search_window(leaks, stream, false, place, message);
        }
    }
}
