/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/frames.h"

#include "leaks/parts.h"
#include "leaks/protobuf.h"
#include "proto/parser.h"

enum { PACKED = 1, TRAILER = 0x80 /* of gRPC-web: header lines */ };

enum ml_leak_framing ml_leak_framing_of(struct ml_span type)
{
    static const char *const single[] = {"application/x-protobuf", "application/protobuf",
                                         "application/vnd.google.protobuf", "application/x-google-protobuf"};
    if (ml_span_starts_nocase(type, "application/grpc") && !ml_span_starts_nocase(type, "application/grpc-web-text")) {
        return ML_LEAK_GRPC;
    }
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        if (ml_span_starts_nocase(type, single[i])) {
            return ML_LEAK_PROTOBUF;
        }
    }
    return ML_LEAK_UNFRAMED;
}

/* --- a whole message --- */

/* Its numbers. `place` has the frames of its bytes. */
static void search_numbers(struct ml_leaks *leaks, const struct ml_leak_place *place, struct ml_span bytes)
{
    if (leaks->search == NULL || !ml_open_protobuf(bytes, &leaks->view)) {
        return;
    }
    const struct ml_leak_hit *hits = NULL;
    struct ml_span text = ml_span_of(leaks->view.bytes, leaks->view.len);
    size_t n = ml_search_window(leaks->search, text, 0, text.len, &hits);
    ml_count_add(leaks->counters, ML_COUNT_SEARCHED_OPENED, text.len);
    for (size_t i = 0; i < n; i++) {
        struct ml_leak_hit hit = hits[i];
        hit.from = ml_view_at(&leaks->view, hit.from);
        hit.last = ml_view_at(&leaks->view, hit.last);
        if (hit.n_wrappings < ML_MAX_WRAPPINGS) {
            memmove(hit.wrappings + 1, hit.wrappings, hit.n_wrappings);
            hit.wrappings[0] = ML_WRAP_PROTOBUF;
            hit.n_wrappings++;
        }
        ml_leak_tell_hit(leaks, place, &hit);
    }
}

static void add_unpacked(void *context, struct ml_span content, size_t used)
{
    (void)used;
    (void)ml_buf_add_span(context, content);
}

static void search_packed(struct ml_leaks *leaks, struct ml_leak_message *message, struct ml_span bytes)
{
    const struct ml_leak_frames *frames = &message->frames;
    struct ml_unpack *unpack = frames->coding != ML_WRAP_NONE ? ml_unpack_new(frames->coding, ML_MAX_LEAK_VIEW) : NULL;
    struct ml_buf plain;
    if (unpack == NULL) {
        ml_count_add(leaks->counters, ML_COUNT_NOT_SEARCHED_CODING, bytes.len);
        return;
    }
    ml_buf_init(&plain, ML_MAX_LEAK_VIEW);
    if (ml_unpack_feed(unpack, bytes, add_unpacked, &plain) == ML_UNPACK_LIMIT) {
        ml_count(leaks->counters, ML_COUNT_LIMIT_LEAK_BODY);
    }
    ml_unpack_free(unpack);
    struct ml_chunk chunk =
        ml_chunk_inner(&message->stream.chunk, frames->layer, ml_buf_span(&plain), frames->message.offset);
    const struct ml_leak_place place = {.chunk = &chunk, .name = "body", .message = message};
    ml_count_add(leaks->counters, ML_COUNT_SEARCHED_UNPACKED, plain.len);
    ml_leak_search(leaks, &place, chunk.bytes);
    search_numbers(leaks, &place, chunk.bytes);
    ml_buf_fini(&plain);
}

static void message_over(struct ml_leaks *leaks, struct ml_leak_message *message)
{
    struct ml_leak_frames *frames = &message->frames;
    struct ml_span bytes = ml_gather_span(&frames->message);
    if (frames->is_beyond) {
        ml_count(leaks->counters, ML_COUNT_LIMIT_LEAK_VIEW);
    } else if (bytes.len != 0 && frames->is_packed) {
        search_packed(leaks, message, bytes);
    } else if (bytes.len != 0) {
        const struct ml_leak_place place = {
            .chunk = &message->stream.chunk, .gather = &frames->message, .name = "body", .message = message};
        search_numbers(leaks, &place, bytes);
    }
    leaks->held -= bytes.len;
    ml_gather_fini(&frames->message);
    ml_gather_init(&frames->message, ML_MAX_LEAK_VIEW);
    frames->n_prefix = 0;
    frames->is_beyond = false;
}

/* --- as bytes come --- */

static void hold(struct ml_leaks *leaks, struct ml_leak_frames *frames, const struct ml_chunk *part)
{
    if (part->bytes.len == 0 || frames->is_beyond) {
        return;
    }
    if (leaks->held + part->bytes.len > ML_MAX_LEAK_HELD || !ml_gather_add(&frames->message, part)) {
        frames->is_beyond = true;
        return;
    }
    leaks->held += part->bytes.len;
}

/* The prefix, which may come a byte at a time. */
static void read_prefix(struct ml_leak_frames *frames, struct ml_chunk *chunk)
{
    while (frames->n_prefix < ML_LEAK_PREFIX && chunk->bytes.len != 0) {
        frames->prefix[frames->n_prefix++] = chunk->bytes.ptr[0];
        chunk->bytes = ml_span_cut(chunk->bytes, 1, chunk->bytes.len);
        chunk->offset++;
    }
    const uint8_t *p = frames->prefix;
    frames->left = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
    frames->is_packed = (p[0] & PACKED) != 0;
}

void ml_leak_frames_feed(struct ml_leaks *leaks, struct ml_leak_message *message, const struct ml_chunk *chunk)
{
    struct ml_leak_frames *frames = &message->frames;
    struct ml_chunk rest = *chunk;
    if (frames->framing == ML_LEAK_PROTOBUF) {
        ml_leak_content(leaks, message, chunk);
        hold(leaks, frames, chunk);
        return;
    }
    while (rest.bytes.len != 0) {
        if (frames->n_prefix < ML_LEAK_PREFIX) {
            read_prefix(frames, &rest);
            if (frames->n_prefix < ML_LEAK_PREFIX) {
                return;
            }
        }
        struct ml_chunk part = rest;
        part.bytes = ml_span_cut(rest.bytes, 0, frames->left);
        rest.bytes = ml_span_cut(rest.bytes, part.bytes.len, rest.bytes.len);
        rest.offset += part.bytes.len;
        frames->left -= (uint32_t)part.bytes.len;
        message->stream.chunk = part;
        message->stream.chunk.bytes = ml_span_of(NULL, 0);
        if (!frames->is_packed && part.bytes.len != 0) {
            ml_leak_content(leaks, message, &part);
        }
        if ((frames->prefix[0] & TRAILER) == 0) {
            hold(leaks, frames, &part);
        }
        if (frames->left == 0) {
            message_over(leaks, message);
        }
    }
}

void ml_leak_frames_end(struct ml_leaks *leaks, struct ml_leak_message *message)
{
    if (message->frames.framing == ML_LEAK_PROTOBUF) {
        message_over(leaks, message);
    }
    ml_leak_frames_lose(leaks, message);
}

void ml_leak_frames_lose(struct ml_leaks *leaks, struct ml_leak_message *message)
{
    leaks->held -= ml_gather_span(&message->frames.message).len;
    ml_gather_fini(&message->frames.message);
    message->frames.framing = ML_LEAK_UNFRAMED;
}
