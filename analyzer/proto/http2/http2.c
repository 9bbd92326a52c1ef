/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http2/http2.h"

#include "core/mem.h"
#include "proto/http2/exchanges.h"
#include "proto/http2/frames.h"
#include "proto/http2/hpack.h"

enum { PREFACE = 24, HEADER_TABLE_SIZE = 1 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct direction {
    struct ml_h2_frames frames;
    struct ml_hpack *hpack; /* owned; of the blocks this direction sends */
    struct ml_gather block; /* the header block at hand, without padding and priority */
    uint64_t block_offset;  /* of the frame it began with */
    uint8_t n_preface;      /* bytes of the preface that passed */
    bool has_preface;       /* sends one: the client */
    bool is_lost;           /* where the next frame begins is not known */
    bool is_refused;        /* the block at hand is too long */
    bool ends_stream;       /* the frame its block began with said so */
    bool is_promise;
    uint8_t skip;    /* bytes in front of the block in the frame at hand */
    uint8_t padding; /* bytes behind it */
    uint32_t table_size;
    bool has_table_size; /* the other side shall keep to it once it acknowledges */
};

struct http2 {
    struct ml_proto_env *env; /* borrowed */
    struct ml_exchanges *exchanges;
    struct direction directions[2];
};

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span bytes = first->bytes;
    size_t n = bytes.len < PREFACE ? bytes.len : PREFACE;
    if (n == 0 || memcmp(bytes.ptr, preface, n) == 0) {
        return n == PREFACE ? ML_MATCH_YES : ML_MATCH_MORE;
    }
    return ML_MATCH_NO;
}

static void destroy(void *self)
{
    struct http2 *http2 = self;
    ml_exchanges_free(http2->exchanges);
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        ml_hpack_free(http2->directions[dir].hpack);
        ml_gather_fini(&http2->directions[dir].block);
    }
    ml_mem_free(http2);
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct http2 *http2 = ml_mem_array(1, sizeof *http2);
    if (http2 == NULL) {
        return NULL;
    }
    http2->env = env;
    http2->exchanges = ml_exchanges_new(env, ML_LAYER_HTTP2);
    bool ok = http2->exchanges != NULL;
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        struct direction *direction = &http2->directions[dir];
        ml_gather_init(&direction->block, ML_MAX_HEADER_BLOCK);
        direction->hpack = ml_hpack_new();
        ok = ok && direction->hpack != NULL;
    }
    if (!ok) {
        destroy(http2);
        return NULL;
    }
    return http2;
}

/* --- header blocks --- */

static void block_done(struct http2 *http2, const struct ml_chunk *chunk, const struct ml_h2_fragment *fragment)
{
    struct direction *dir = &http2->directions[chunk->dir];
    struct ml_span block = ml_gather_span(&dir->block);
    struct ml_h2_fields fields;
    struct ml_exchange_place place = {
        .chunk = chunk, .first_seq = chunk->seq, .time_ns = chunk->time_ns, .range_from = dir->block_offset};
    if (block.len != 0) {
        const struct ml_gather_mark *mark = ml_gather_mark_at(&dir->block, 0);
        place.first_seq = mark->seq;
        place.time_ns = mark->time_ns;
    }
    place.range_len = (uint32_t)(chunk->offset + chunk->bytes.len - dir->block_offset);
    bool was_full = ml_hpack_is_full(dir->hpack);
    if (dir->is_refused) {
        ml_hpack_lose(dir->hpack);
    }
    ml_h2_fields_init(&fields);
    if (!dir->is_refused && ml_hpack_block(dir->hpack, block, &fields)) {
        if (!dir->is_promise) { /* what a server promises to send was asked by nobody */
            ml_exchanges_head(http2->exchanges, fragment->stream, &place, &fields);
        }
    } else if (!dir->is_refused) {
        bool is_bomb = ml_hpack_is_full(dir->hpack) && !was_full;
        ml_count(http2->env->counters, is_bomb ? ML_COUNT_LIMIT_MESSAGE : ML_COUNT_BAD_HTTP);
    }
    ml_h2_fields_fini(&fields);
    ml_gather_clear(&dir->block);
    if (dir->ends_stream && !dir->is_promise) {
        ml_exchanges_end(http2->exchanges, fragment->stream, chunk->dir);
    }
}

/* Bytes of a HEADERS, PUSH_PROMISE or CONTINUATION frame; `chunk` holds exactly them. */
static void headers(struct http2 *http2, const struct ml_chunk *chunk, const struct ml_h2_fragment *fragment)
{
    struct direction *dir = &http2->directions[chunk->dir];
    bool is_first = fragment->type != ML_H2_CONTINUATION;
    if (fragment->at == 0 && is_first) {
        ml_gather_clear(&dir->block);
        dir->block_offset = chunk->offset - ML_H2_HEADER;
        dir->is_refused = false;
        dir->is_promise = fragment->type == ML_H2_PUSH_PROMISE;
        dir->ends_stream = fragment->type == ML_H2_HEADERS && (fragment->flags & ML_H2_END_STREAM) != 0;
    }
    if (fragment->at == 0) {
        bool is_padded = is_first && (fragment->flags & ML_H2_PADDED) != 0;
        bool has_priority = fragment->type == ML_H2_HEADERS && (fragment->flags & ML_H2_PRIORITY) != 0;
        dir->skip = (uint8_t)((is_padded ? 1 : 0) + (has_priority ? 5 : 0) + (dir->is_promise && is_first ? 4 : 0));
        dir->padding = 0;
        if (is_padded && fragment->bytes.len != 0) {
            dir->padding = fragment->bytes.ptr[0];
        }
    }
    size_t end = fragment->len > dir->padding ? fragment->len - dir->padding : 0; /* of the block, in the payload */
    size_t from = fragment->at < dir->skip ? dir->skip - fragment->at : 0;
    size_t to = end > fragment->at ? end - fragment->at : 0;
    struct ml_chunk part = *chunk;
    part.bytes = ml_span_cut(fragment->bytes, from, to > from ? to - from : 0);
    if (part.bytes.len != 0 && !dir->is_refused && !ml_gather_add(&dir->block, &part)) {
        dir->is_refused = true;
        ml_count(http2->env->counters, ML_COUNT_LIMIT_MESSAGE);
    }
    if (fragment->is_last && (fragment->flags & ML_H2_END_HEADERS) != 0) {
        block_done(http2, chunk, fragment);
    }
}

/* --- other frames --- */

static void data(struct http2 *http2, const struct ml_chunk *chunk, const struct ml_h2_fragment *fragment)
{
    struct direction *dir = &http2->directions[chunk->dir];
    if (fragment->at == 0) {
        bool is_padded = (fragment->flags & ML_H2_PADDED) != 0;
        dir->skip = is_padded ? 1 : 0;
        dir->padding = is_padded && fragment->bytes.len != 0 ? fragment->bytes.ptr[0] : 0;
    }
    size_t end = fragment->len > dir->padding ? fragment->len - dir->padding : 0;
    size_t from = fragment->at < dir->skip ? dir->skip - fragment->at : 0;
    size_t to = end > fragment->at ? end - fragment->at : 0;
    struct ml_chunk content = *chunk;
    content.bytes = ml_span_cut(fragment->bytes, from, to > from ? to - from : 0);
    if (content.bytes.len != 0) {
        ml_exchanges_content(http2->exchanges, fragment->stream, &content);
    }
    if (fragment->is_last && (fragment->flags & ML_H2_END_STREAM) != 0) {
        ml_exchanges_end(http2->exchanges, fragment->stream, chunk->dir);
    }
}

/* What this side allows in the table of the other, which follows when it acknowledges. */
static void settings(struct http2 *http2, const struct ml_chunk *chunk, const struct ml_h2_fragment *fragment)
{
    struct direction *dir = &http2->directions[chunk->dir];
    struct direction *other = &http2->directions[ml_dir_other(chunk->dir)];
    if ((fragment->flags & ML_H2_ACK) != 0) {
        if (other->has_table_size) {
            ml_hpack_table_size(dir->hpack, other->table_size);
            other->has_table_size = false;
        }
        return;
    }
    if (fragment->at == 0) {
        ml_gather_clear(&dir->block);
    }
    if (!ml_gather_add(&dir->block, chunk) || !fragment->is_last) {
        return;
    }
    struct ml_reader rd = ml_rd_open_framed(ml_gather_span(&dir->block));
    uint16_t id = 0;
    uint32_t value = 0;
    while (ml_rd_left(&rd) != 0 && ml_rd_u16(&rd, &id) && ml_rd_u32(&rd, &value)) {
        if (id == HEADER_TABLE_SIZE) {
            dir->table_size = value;
            dir->has_table_size = true;
        }
    }
    ml_gather_clear(&dir->block);
}

static void fragment_came(struct http2 *http2, const struct ml_chunk *chunk, const struct ml_h2_fragment *fragment)
{
    switch (fragment->type) {
    case ML_H2_DATA:
        data(http2, chunk, fragment);
        break;
    case ML_H2_HEADERS:
    case ML_H2_PUSH_PROMISE:
    case ML_H2_CONTINUATION:
        headers(http2, chunk, fragment);
        break;
    case ML_H2_SETTINGS:
        settings(http2, chunk, fragment);
        break;
    case ML_H2_RST_STREAM:
        if (fragment->is_last) {
            ml_exchanges_reset(http2->exchanges, fragment->stream);
        }
        break;
    default:
        break;
    }
}

/* --- bytes --- */

static void hole(struct http2 *http2, const struct ml_chunk *chunk)
{
    struct direction *dir = &http2->directions[chunk->dir];
    bool is_content = dir->frames.n_header == ML_H2_HEADER && dir->frames.type == ML_H2_DATA && dir->frames.done != 0;
    uint32_t stream = dir->frames.stream;
    if (is_content && ml_h2_frames_skip(&dir->frames, chunk->gap_len)) {
        ml_exchanges_content(http2->exchanges, stream, chunk);
        return;
    }
    dir->is_lost = true; /* frames have no mark by which one could be found again */
    ml_hpack_lose(dir->hpack);
}

/* The client's first bytes; what is none ends the direction. */
static void skip_preface(struct direction *dir, struct ml_reader *rd)
{
    uint8_t byte = 0;
    while (dir->n_preface < PREFACE && ml_rd_left(rd) != 0 && ml_rd_u8(rd, &byte)) {
        if (byte != (uint8_t)preface[dir->n_preface++]) {
            dir->is_lost = true;
            return;
        }
    }
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct http2 *http2 = self;
    struct direction *dir = &http2->directions[chunk->dir];
    struct ml_reader rd = ml_rd_open(chunk->bytes);
    struct ml_h2_fragment fragment;
    if (chunk->gap_len != 0 && !dir->is_lost) {
        hole(http2, chunk);
    }
    if (chunk->bytes.len != 0 && !dir->is_lost) {
        bool is_start = dir->n_preface == 0 && dir->frames.done == 0 && dir->frames.n_header == 0;
        dir->has_preface = dir->has_preface || (is_start && chunk->bytes.ptr[0] == (uint8_t)preface[0]);
        if (dir->has_preface) {
            skip_preface(dir, &rd);
        }
    }
    while (!dir->is_lost && ml_h2_frames_next(&dir->frames, &rd, &fragment)) {
        struct ml_chunk part = *chunk;
        part.bytes = fragment.bytes;
        part.offset = chunk->offset + ml_rd_pos(&rd) - fragment.bytes.len;
        fragment_came(http2, &part, &fragment);
    }
    struct ml_chunk rest = *chunk;
    rest.bytes = ml_rd_rest(&rd);
    if (dir->is_lost && rest.bytes.len != 0) {
        rest.offset += chunk->bytes.len - rest.bytes.len;
        rest.gap_len = 0;
        ml_exchanges_lost(http2->exchanges, &rest);
    }
    bool is_over = http2->directions[ML_UP].is_lost && http2->directions[ML_DOWN].is_lost;
    return !is_over || ml_plain_wants_bytes(http2->env->plain);
}

const struct ml_parser ml_parser_http2 = {
    .name = "http2",
    .over = ML_OVER_TCP,
    .plain_of = ML_PLAIN_OF_PARTS,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
