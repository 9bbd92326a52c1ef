/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/frames.h"

#include "leaks/protobuf.h"
#include "leaks/run.h"
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
    bool is_unknown = type.len == 0 || ml_span_starts_nocase(type, "application/octet-stream");
    return is_unknown ? ML_LEAK_MAYBE : ML_LEAK_UNFRAMED;
}

/* --- a whole message --- */

/* Its numbers. `place` has the frames of its bytes. */
static void search_numbers(struct ml_leaks *leaks, const struct ml_leak_place *place, struct ml_span whole, size_t skip)
{
    struct ml_span bytes = ml_span_cut(whole, skip, whole.len);
    bool has_some = leaks->search != NULL && ml_open_protobuf(bytes, &leaks->view);
    ml_count_add(leaks->counters, ML_COUNT_LIMIT_LEAK_VIEW, leaks->search != NULL && leaks->view.is_cut ? 1 : 0);
    if (!has_some) {
        return;
    }
    const struct ml_leak_hit *hits = NULL;
    struct ml_span text = ml_span_of(leaks->view.bytes, leaks->view.len);
    size_t n = ml_search_window(leaks->search, text, 0, text.len, &hits);
    ml_count_add(leaks->counters, ML_COUNT_SEARCHED_OPENED, text.len);
    for (size_t i = 0; i < n; i++) {
        struct ml_leak_hit hit = hits[i];
        hit.from = skip + ml_view_at(&leaks->view, hit.from);
        hit.last = skip + ml_view_at(&leaks->view, hit.last);
        ml_leak_hit_wrap(&hit, ML_WRAP_PROTOBUF);
        ml_leak_tell_hit(leaks, place, &hit);
    }
}

void ml_leak_search_record(struct ml_leaks *leaks, const struct ml_chunk *chunk, const struct ml_gather *gather,
                           size_t skip, const char *place)
{
    const struct ml_leak_place where = {.chunk = chunk, .gather = gather, .name = place};
    search_numbers(leaks, &where, chunk->bytes, skip);
}

static void message_over(struct ml_leaks *leaks, struct ml_leak_message *message)
{
    struct ml_leak_frames *frames = &message->frames;
    struct ml_span bytes = ml_gather_span(&frames->message);
    if (frames->is_beyond && frames->framing != ML_LEAK_MAYBE) {
        ml_count(leaks->counters, ML_COUNT_LIMIT_LEAK_VIEW);
    } else if (bytes.len != 0 && !frames->is_beyond) {
        const struct ml_leak_place place = {
            .chunk = &message->stream.chunk, .gather = &frames->message, .name = "body", .message = message};
        search_numbers(leaks, &place, bytes, 0);
    }
    leaks->held -= bytes.len;
    ml_gather_fini(&frames->message);
    ml_gather_init(&frames->message, ML_MAX_LEAK_VIEW);
    ml_unpack_free(frames->unpack);
    frames->unpack = NULL;
    frames->n_prefix = 0;
    frames->is_beyond = false;
}

/* --- as bytes come --- */

static void hold(struct ml_leaks *leaks, struct ml_leak_frames *frames, const struct ml_chunk *part)
{
    if (part->bytes.len == 0 || frames->is_beyond || leaks->search == NULL) {
        return;
    }
    if (leaks->held + part->bytes.len > ML_MAX_LEAK_HELD || !ml_gather_add(&frames->message, part)) {
        frames->is_beyond = true;
        return;
    }
    leaks->held += part->bytes.len;
}

/* --- compressed messages --- */

struct unpacking {
    struct ml_leaks *leaks;
    struct ml_leak_message *message;
    const struct ml_chunk *packed;
};

static void take_unpacked(void *context, struct ml_span content, size_t used)
{
    struct unpacking *unpacking = context;
    struct ml_leak_frames *frames = &unpacking->message->frames;
    (void)used;
    if (frames->is_full || !ml_leak_may_unpack(unpacking->leaks, content.len)) {
        frames->is_full = true;
        return;
    }
    struct ml_chunk chunk = ml_chunk_inner(unpacking->packed, frames->layer, content, frames->unpacked);
    frames->unpacked += content.len;
    ml_count_add(unpacking->leaks->counters, ML_COUNT_SEARCHED_UNPACKED, content.len);
    ml_leak_content(unpacking->leaks, unpacking->message, &chunk);
    hold(unpacking->leaks, frames, &chunk);
}

static void feed_packed(struct ml_leaks *leaks, struct ml_leak_message *message, const struct ml_chunk *part)
{
    struct ml_leak_frames *frames = &message->frames;
    struct unpacking unpacking = {.leaks = leaks, .message = message, .packed = part};
    if (frames->unpack == NULL || frames->is_full) {
        ml_count_add(leaks->counters, frames->is_full ? ML_COUNT_NOT_SEARCHED_CEILING : ML_COUNT_NOT_SEARCHED_CODING,
                     part->bytes.len);
        return;
    }
    frames->is_full |= ml_unpack_feed(frames->unpack, part->bytes, take_unpacked, &unpacking) == ML_UNPACK_LIMIT;
    ml_count_add(leaks->counters, ML_COUNT_LIMIT_LEAK_BODY, frames->is_full ? 1 : 0);
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
    if (frames->n_prefix == ML_LEAK_PREFIX && frames->is_packed && frames->coding != ML_WRAP_NONE) {
        frames->unpack = ml_unpack_new(frames->coding, ML_MAX_LEAK_BODY);
        frames->unpacked = 0;
        frames->is_full = false;
    }
}

void ml_leak_frames_feed(struct ml_leaks *leaks, struct ml_leak_message *message, const struct ml_chunk *chunk)
{
    struct ml_leak_frames *frames = &message->frames;
    struct ml_chunk rest = *chunk;
    if (frames->framing != ML_LEAK_GRPC) {
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
        if (frames->is_packed && part.bytes.len != 0) {
            feed_packed(leaks, message, &part);
        } else if (part.bytes.len != 0) {
            ml_leak_content(leaks, message, &part);
            if ((frames->prefix[0] & TRAILER) == 0) {
                hold(leaks, frames, &part);
            }
        }
        if (frames->left == 0) {
            message_over(leaks, message);
        }
    }
}

void ml_leak_frames_end(struct ml_leaks *leaks, struct ml_leak_message *message)
{
    if (message->frames.framing == ML_LEAK_PROTOBUF || message->frames.framing == ML_LEAK_MAYBE) {
        message_over(leaks, message);
    }
    ml_leak_frames_lose(leaks, message);
}

void ml_leak_frames_lose(struct ml_leaks *leaks, struct ml_leak_message *message)
{
    leaks->held -= ml_gather_span(&message->frames.message).len;
    ml_gather_fini(&message->frames.message);
    ml_unpack_free(message->frames.unpack);
    message->frames.unpack = NULL;
    message->frames.framing = ML_LEAK_UNFRAMED;
}
