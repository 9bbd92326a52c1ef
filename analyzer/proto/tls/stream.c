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

/* Header of the message at the base; false while it is not all there. */
static bool read_header(const struct ml_tls_stream *stream, uint8_t *type, uint32_t *len)
{
    struct ml_reader rd = ml_rd_open(ml_tls_assembly_span(&stream->assembly));
    return ml_rd_u8(&rd, type) && ml_rd_u24(&rd, len);
}

static void hand_over(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                      const struct ml_chunk *chunk, uint8_t type, uint32_t len)
{
    struct ml_span all = ml_tls_assembly_span(&stream->assembly);
    struct ml_span body = ml_span_cut(all, HEADER, len);
    const struct ml_tls_message message = {
        .chunk = chunk,
        .place = ml_tls_assembly_place(&stream->assembly, HEADER + body.len),
        .range_from = stream->assembly.base,
        .range_len = (uint32_t)(HEADER + body.len),
        .type = type,
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

bool ml_tls_stream_feed(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                        const struct ml_chunk *chunk)
{
    uint8_t type = 0;
    uint32_t len = 0;
    if (stream->is_lost) {
        return false;
    }
    enum ml_tls_added added =
        ml_tls_assembly_add(&stream->assembly, chunk->offset, chunk->bytes, chunk->seq, chunk->time_ns);
    if (added == ML_TLS_TOO_MUCH || added == ML_TLS_NO_MEMORY) {
        give_up(stream, conversation, added == ML_TLS_TOO_MUCH ? ML_COUNT_LIMIT_MESSAGE : ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    while (read_header(stream, &type, &len)) {
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
        hand_over(stream, conversation, chunk, type, len);
    }
    return added == ML_TLS_ADDED;
}

void ml_tls_stream_cut(struct ml_tls_stream *stream, struct ml_tls_conversation *conversation,
                       const struct ml_chunk *chunk)
{
    uint8_t type = 0;
    uint32_t len = 0;
    if (!stream->is_lost && read_header(stream, &type, &len)) {
        hand_over(stream, conversation, chunk, type, len);
    }
}
