/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/stream.h"

#include "proto/tls/decrypt_inner.h"

enum { HEADER = 4 };

void ml_tls_stream_fini(struct ml_tls_stream *stream)
{
    ml_tls_assembly_fini(&stream->assembly);
}

void ml_tls_stream_restart(struct ml_tls_stream *stream, uint64_t offset)
{
    struct ml_tls_assembly *assembly = &stream->assembly;
    ml_tls_assembly_drop(assembly, ml_tls_assembly_extent(assembly));
    assembly->base = offset;
    stream->is_lost = false;
}

static void give_up(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation, enum ml_counter why)
{
    ml_count(conversation->env->counters, why);
    ml_tls_stream_restart(stream, stream->assembly.base);
    stream->is_lost = true;
}

/* Header of the message at the start; false while it is not all there. */
static bool read_header(struct ml_span start, uint8_t *type, uint32_t *len)
{
    struct ml_reader rd = ml_rd_open(start);
    return ml_rd_u8(&rd, type) && ml_rd_u24(&rd, len);
}

/* The message of `len` bytes at the start of `held`, which is where the assembly's base is. */
static void hand_over(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                      const struct ml_chunk *chunk, struct ml_span held, struct ml_tls_place place, uint32_t len)
{
    struct ml_span body = ml_span_cut(held, HEADER, len);
    const struct ml_tls_message message = {
        .chunk = chunk,
        .place = place,
        .range_from = stream->assembly.base,
        .range_len = (uint32_t)(HEADER + body.len),
        .type = held.ptr[0],
        .is_cut = body.len < len,
        .body = body,
    };
    if (stream->is_sealed) {
        ml_tls_inner_message_13(conversation, &message);
    } else {
        ml_tls_conversation_message(conversation, &message);
    }
    ml_tls_assembly_drop(&stream->assembly, HEADER + (uint64_t)len);
}

static void hand_over_held(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                           const struct ml_chunk *chunk, uint32_t len)
{
    struct ml_span held = ml_tls_assembly_span(&stream->assembly);
    size_t have = held.len < HEADER + (size_t)len ? held.len : HEADER + (size_t)len;
    hand_over(stream, conversation, chunk, held, ml_tls_assembly_place(&stream->assembly, have), len);
}

/* Hands over the messages that lie whole in the chunk, where nothing is held; returns what is left of it. */
static struct ml_span hand_over_whole(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                                      const struct ml_chunk *chunk)
{
    const struct ml_tls_place place = {.first_seq = chunk->seq, .last_seq = chunk->seq, .time_ns = chunk->time_ns};
    struct ml_span rest = chunk->bytes;
    uint8_t type = 0;
    uint32_t len = 0;
    if (chunk->offset != stream->assembly.base || ml_tls_assembly_extent(&stream->assembly) != 0) {
        return rest;
    }
    while (read_header(rest, &type, &len) && ml_tls_is_message_type(type) && len <= rest.len - HEADER) {
        hand_over(stream, conversation, chunk, rest, place, len);
        rest = ml_span_cut(rest, HEADER + (size_t)len, rest.len);
    }
    return rest;
}

bool ml_tls_stream_feed(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                        const struct ml_chunk *chunk)
{
    uint8_t type = 0;
    uint32_t len = 0;
    if (stream->is_lost) {
        return false;
    }
    struct ml_span rest = hand_over_whole(stream, conversation, chunk);
    if (rest.len == 0) {
        return chunk->bytes.len != 0;
    }
    uint64_t offset = chunk->offset + (chunk->bytes.len - rest.len);
    enum ml_tls_added added = ml_tls_assembly_add(&stream->assembly, offset, rest, chunk->seq, chunk->time_ns);
    if (added == ML_TLS_TOO_MUCH || added == ML_TLS_NO_MEMORY) {
        give_up(stream, conversation, added == ML_TLS_TOO_MUCH ? ML_COUNT_LIMIT_MESSAGE : ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    while (read_header(ml_tls_assembly_span(&stream->assembly), &type, &len)) {
        if (!ml_tls_is_message_type(type)) { /* encrypted, or no handshake at all */
            give_up(stream, conversation, ML_COUNT_BAD_TLS);
            return false;
        }
        if (len > ML_MAX_MESSAGE - HEADER) {
            give_up(stream, conversation, ML_COUNT_LIMIT_MESSAGE);
            return false;
        }
        if (ml_tls_assembly_span(&stream->assembly).len < HEADER + (size_t)len) {
            break;
        }
        hand_over_held(stream, conversation, chunk, len);
    }
    return added == ML_TLS_ADDED;
}

void ml_tls_stream_cut(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                       const struct ml_chunk *chunk)
{
    uint8_t type = 0;
    uint32_t len = 0;
    if (!stream->is_lost && read_header(ml_tls_assembly_span(&stream->assembly), &type, &len)) {
        hand_over_held(stream, conversation, chunk, len);
    }
}
