/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http3/http3.h"

#include "core/mem.h"
#include "proto/http2/exchanges.h"
#include "proto/http3/frames.h"
#include "proto/http3/qpack.h"

enum {
    BY_SERVER = 1,
    ONE_WAY = 2,
    MAX_TYPE = 8,       /* bytes of the type of a stream */
    MAX_SETTINGS = 512, /* bytes of a SETTINGS frame; real ones have some 40 */
    TABLE_CAPACITY = 1  /* SETTINGS_QPACK_MAX_TABLE_CAPACITY (RFC 9204, section 5) */
};

/* Types of streams of one way (RFC 9114, section 6.2; RFC 9204, section 4.2). */
enum kind { CONTROL = 0, ENCODER = 2, OTHER = 3 };

/* What one direction sends on a stream. */
struct side {
    bool is_used;
    struct ml_h3_frames frames;
    struct ml_gather block; /* header block (or SETTINGS) at hand */
    uint64_t block_offset;  /* of its frame */
    uint32_t block_len;     /* with the header of the frame */
    bool is_refused;        /* the block at hand is too long */
    bool is_lost;           /* where the next frame begins is not known */
    bool is_blocked;        /* the block waits for entries of the table */
    uint64_t needs;         /* how many */
    struct ml_chunk last;   /* that completed the block, without bytes */
    struct ml_gather later; /* what came behind a block that waits */
    bool has_later_end;
    bool is_over;
};

struct stream {
    uint64_t id;
    uint8_t type[MAX_TYPE]; /* of one way: its type as sent */
    uint8_t n_type;
    bool has_kind;
    enum kind kind;
    struct side sides[2]; /* of one way: the one that sends */
};

struct ml_http3 {
    struct ml_proto_env *env; /* borrowed */
    struct ml_exchanges *exchanges;
    struct ml_qpack *tables[2];               /* of the heads that a direction sends */
    struct stream *open[ML_MAX_QUIC_STREAMS]; /* owned, in the order they came */
    size_t n_open;
    unsigned n_blocked;
};

struct ml_http3 *ml_http3_new(struct ml_proto_env *env)
{
    struct ml_http3 *http3 = ml_mem_array(1, sizeof *http3);
    if (http3 == NULL) {
        return NULL;
    }
    http3->env = env;
    http3->exchanges = ml_exchanges_new(env, ML_LAYER_HTTP3);
    http3->tables[ML_UP] = ml_qpack_new(env->counters);
    http3->tables[ML_DOWN] = ml_qpack_new(env->counters);
    if (http3->exchanges == NULL || http3->tables[ML_UP] == NULL || http3->tables[ML_DOWN] == NULL) {
        ml_http3_free(http3);
        return NULL;
    }
    return http3;
}

/* --- streams --- */

static void close_at(struct ml_http3 *http3, size_t at)
{
    struct stream *stream = http3->open[at];
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        struct side *side = &stream->sides[dir];
        if (side->is_blocked) { /* what it waited for did not come */
            http3->n_blocked--;
            ml_count(http3->env->counters, ML_COUNT_BAD_HTTP);
        }
        ml_gather_fini(&side->block);
        ml_gather_fini(&side->later);
    }
    http3->n_open--;
    memmove(http3->open + at, http3->open + at + 1, (http3->n_open - at) * sizeof http3->open[0]);
    ml_mem_free(stream);
}

void ml_http3_free(struct ml_http3 *http3)
{
    if (http3 == NULL) {
        return;
    }
    ml_exchanges_free(http3->exchanges);
    while (http3->n_open != 0) {
        close_at(http3, http3->n_open - 1);
    }
    ml_qpack_free(http3->tables[ML_UP]);
    ml_qpack_free(http3->tables[ML_DOWN]);
    ml_mem_free(http3);
}

static size_t find(const struct ml_http3 *http3, uint64_t id)
{
    size_t at = 0;
    while (at < http3->n_open && http3->open[at]->id != id) {
        at++;
    }
    return at;
}

/* The oldest request goes; control and tables stay. */
static void make_room(struct ml_http3 *http3)
{
    size_t at = 0;
    while (at + 1 < http3->n_open && (http3->open[at]->id & ONE_WAY) != 0) {
        at++;
    }
    ml_count(http3->env->counters, ML_COUNT_LIMIT_QUIC_STREAMS);
    ml_exchanges_reset(http3->exchanges, http3->open[at]->id);
    close_at(http3, at);
}

static struct stream *get(struct ml_http3 *http3, uint64_t id)
{
    size_t at = find(http3, id);
    if (at < http3->n_open) {
        return http3->open[at];
    }
    if (http3->n_open == ML_MAX_QUIC_STREAMS) {
        make_room(http3);
    }
    struct stream *stream = ml_mem_array(1, sizeof *stream);
    if (stream == NULL) {
        ml_count(http3->env->counters, ML_COUNT_LIMIT_MEMORY);
        return NULL;
    }
    stream->id = id;
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        ml_gather_init(&stream->sides[dir].block, ML_MAX_HEADER_BLOCK);
        ml_gather_init(&stream->sides[dir].later, ML_MAX_QPACK_WAITING);
    }
    http3->open[http3->n_open++] = stream;
    return stream;
}

/* --- heads --- */

static void head_done(struct ml_http3 *http3, const struct stream *stream, struct side *side,
                      struct ml_h2_fields *fields)
{
    struct ml_exchange_place place = {.chunk = &side->last,
                                      .first_seq = side->last.seq,
                                      .time_ns = side->last.time_ns,
                                      .range_from = side->block_offset,
                                      .range_len = side->block_len};
    if (ml_gather_span(&side->block).len != 0) {
        const struct ml_gather_mark *mark = ml_gather_mark_at(&side->block, 0);
        place.first_seq = mark->seq;
        place.time_ns = mark->time_ns;
    }
    ml_exchanges_head(http3->exchanges, stream->id, &place, fields);
}

/* Tries the block at hand; false while it waits. */
static bool try_block(struct ml_http3 *http3, const struct stream *stream, struct side *side)
{
    struct ml_h2_fields fields;
    ml_h2_fields_init(&fields);
    enum ml_qpack_result result =
        ml_qpack_block(http3->tables[side->last.dir], ml_gather_span(&side->block), &fields, &side->needs);
    if (result == ML_QPACK_DONE) {
        head_done(http3, stream, side, &fields);
    } else if (result == ML_QPACK_BAD) {
        ml_count(http3->env->counters, ML_COUNT_BAD_HTTP);
    }
    ml_h2_fields_fini(&fields);
    if (result != ML_QPACK_BLOCKED) {
        ml_gather_clear(&side->block);
    }
    return result != ML_QPACK_BLOCKED;
}

static void block_done(struct ml_http3 *http3, const struct stream *stream, struct side *side,
                       const struct ml_chunk *chunk)
{
    side->last = *chunk;
    side->last.bytes = ml_span_of(NULL, 0);
    side->block_len = (uint32_t)(chunk->offset + chunk->bytes.len - side->block_offset);
    if (side->is_refused) {
        ml_count(http3->env->counters, ML_COUNT_LIMIT_MESSAGE);
        ml_gather_clear(&side->block);
    } else if (!try_block(http3, stream, side)) {
        if (http3->n_blocked == ML_MAX_QPACK_BLOCKED) {
            ml_count(http3->env->counters, ML_COUNT_LIMIT_QPACK);
            ml_gather_clear(&side->block);
            return;
        }
        http3->n_blocked++;
        side->is_blocked = true;
    }
}

/* --- frames of a request --- */

static void gather_block(struct side *side, const struct ml_chunk *part, const struct ml_h3_fragment *fragment)
{
    if (fragment->at == 0) {
        ml_gather_clear(&side->block);
        side->is_refused = false;
        side->block_offset = part->offset - fragment->header_len;
    }
    if (part->bytes.len != 0 && !side->is_refused && !ml_gather_add(&side->block, part)) {
        side->is_refused = true;
    }
}

static void message_bytes(struct ml_http3 *http3, const struct stream *stream, struct side *side,
                          const struct ml_chunk *chunk)
{
    struct ml_reader rd = ml_rd_open(chunk->bytes);
    struct ml_h3_fragment fragment;
    while (!side->is_blocked && ml_h3_frames_next(&side->frames, &rd, &fragment)) {
        struct ml_chunk part = *chunk;
        part.bytes = fragment.bytes;
        part.offset = chunk->offset + ml_rd_pos(&rd) - fragment.bytes.len;
        if (fragment.type == ML_H3_DATA && part.bytes.len != 0) {
            ml_exchanges_content(http3->exchanges, stream->id, &part);
        } else if (fragment.type == ML_H3_HEADERS) {
            gather_block(side, &part, &fragment);
            if (fragment.is_last) {
                block_done(http3, stream, side, &part);
            }
        }
    }
    size_t at = ml_rd_pos(&rd);
    if (side->is_blocked && at < chunk->bytes.len) {
        struct ml_chunk rest = *chunk;
        rest.bytes = ml_span_cut(chunk->bytes, at, chunk->bytes.len);
        rest.offset += at;
        if (!ml_gather_add(&side->later, &rest)) {
            ml_count(http3->env->counters, ML_COUNT_LIMIT_QPACK);
            side->is_lost = true;
        }
    }
}

static void message_gap(struct ml_http3 *http3, const struct stream *stream, struct side *side,
                        const struct ml_chunk *chunk)
{
    bool is_content = side->frames.has_header && side->frames.type == ML_H3_DATA;
    if (!side->is_blocked && is_content && ml_h3_frames_skip(&side->frames, chunk->gap_len)) {
        ml_exchanges_content(http3->exchanges, stream->id, chunk);
        return;
    }
    side->is_lost = true; /* frames have no mark by which one could be found again */
}

static void message_end(struct ml_http3 *http3, const struct stream *stream, struct side *side, enum ml_dir dir)
{
    if (side->is_blocked && !side->is_lost) {
        side->has_later_end = true;
        return;
    }
    if (side->is_lost || side->frames.has_header || side->frames.n_header != 0) {
        ml_exchanges_cut(http3->exchanges, stream->id, dir);
    } else {
        ml_exchanges_end(http3->exchanges, stream->id, dir);
    }
    side->is_over = true;
}

static void close_if_over(struct ml_http3 *http3, const struct stream *stream)
{
    if (stream->sides[ML_UP].is_over && stream->sides[ML_DOWN].is_over) {
        close_at(http3, find(http3, stream->id));
    }
}

static void message(struct ml_http3 *http3, struct stream *stream, const struct ml_chunk *chunk, bool is_end)
{
    struct side *side = &stream->sides[chunk->dir];
    if (chunk->gap_len != 0 && !side->is_lost) {
        message_gap(http3, stream, side, chunk);
    } else if (!side->is_lost) {
        message_bytes(http3, stream, side, chunk);
    } else if (chunk->bytes.len != 0) {
        ml_exchanges_lost(http3->exchanges, chunk);
    }
    if (is_end) {
        message_end(http3, stream, side, chunk->dir);
        close_if_over(http3, stream);
    }
}

/* The table has new entries: a block may have waited for them. */
static void unblock(struct ml_http3 *http3, enum ml_dir dir)
{
    for (size_t i = 0; http3->n_blocked != 0 && i < http3->n_open; i++) {
        struct stream *stream = http3->open[i];
        struct side *side = &stream->sides[dir];
        uint64_t id = stream->id;
        bool may_go_on = side->is_blocked && side->needs <= ml_qpack_inserted(http3->tables[dir]);
        if (!may_go_on || !try_block(http3, stream, side)) {
            continue;
        }
        side->is_blocked = false;
        http3->n_blocked--;
        struct ml_gather later = side->later;
        ml_gather_init(&side->later, ML_MAX_QPACK_WAITING);
        struct ml_span bytes = ml_gather_span(&later);
        for (size_t at = 0, n = 0; at < bytes.len && !side->is_lost; at += n) { /* a packet's bytes at a time */
            const struct ml_gather_mark *mark = ml_gather_mark_at(&later, at);
            struct ml_chunk chunk = side->last;
            for (n = 1; at + n < bytes.len && ml_gather_mark_at(&later, at + n) == mark; n++) {
            }
            chunk.bytes = ml_span_cut(bytes, at, n);
            chunk.offset = later.offset + at;
            chunk.seq = mark->seq;
            chunk.time_ns = mark->time_ns;
            message_bytes(http3, stream, side, &chunk);
        }
        ml_gather_fini(&later);
        if (side->has_later_end) {
            side->has_later_end = false;
            message_end(http3, stream, side, dir);
            close_if_over(http3, stream);
        }
        i -= find(http3, id) == http3->n_open ? 1 : 0; /* it was closed, and the next one has its place */
    }
}

/* --- streams of one way --- */

/* The size of the table that the other side may use for what it sends. */
static void settings(struct ml_http3 *http3, const struct side *side, enum ml_dir dir)
{
    struct ml_reader rd = ml_rd_open_framed(ml_gather_span(&side->block));
    uint64_t id = 0;
    uint64_t value = 0;
    uint64_t capacity = 0; /* what holds when nothing is said */
    while (ml_rd_left(&rd) != 0 && ml_rd_varint(&rd, &id) && ml_rd_varint(&rd, &value)) {
        capacity = id == TABLE_CAPACITY ? value : capacity;
    }
    ml_qpack_capacity(http3->tables[ml_dir_other(dir)], capacity);
    unblock(http3, ml_dir_other(dir));
}

static void control(struct ml_http3 *http3, struct stream *stream, const struct ml_chunk *chunk)
{
    struct side *side = &stream->sides[chunk->dir];
    struct ml_reader rd = ml_rd_open(chunk->bytes);
    struct ml_h3_fragment fragment;
    while (!side->is_lost && ml_h3_frames_next(&side->frames, &rd, &fragment)) {
        struct ml_chunk part = *chunk;
        part.bytes = fragment.bytes;
        part.offset = chunk->offset + ml_rd_pos(&rd) - fragment.bytes.len;
        if (fragment.type != ML_H3_SETTINGS) {
            continue;
        }
        gather_block(side, &part, &fragment);
        if (side->is_refused || ml_gather_span(&side->block).len > MAX_SETTINGS) {
            ml_count(http3->env->counters, ML_COUNT_LIMIT_MESSAGE);
            side->is_lost = true;
        } else if (fragment.is_last) {
            settings(http3, side, chunk->dir);
        }
    }
}

/* Byte by byte, so that a block sees the table as it was meant to, however the bytes come. */
static void encoder(struct ml_http3 *http3, enum ml_dir dir, struct ml_span bytes)
{
    struct ml_qpack *table = http3->tables[dir];
    for (size_t i = 0; i < bytes.len; i++) {
        uint64_t before = ml_qpack_inserted(table);
        ml_qpack_encoder(table, ml_span_cut(bytes, i, 1));
        if (ml_qpack_inserted(table) != before) {
            unblock(http3, dir);
        }
    }
}

/* The type stands at the front; what is behind it goes on. */
static bool read_kind(struct stream *stream, struct ml_chunk *chunk)
{
    while (!stream->has_kind && chunk->bytes.len != 0) {
        uint64_t type = 0;
        stream->type[stream->n_type++] = chunk->bytes.ptr[0];
        chunk->bytes = ml_span_cut(chunk->bytes, 1, chunk->bytes.len);
        chunk->offset++;
        struct ml_reader rd = ml_rd_open(ml_span_of(stream->type, stream->n_type));
        if (ml_rd_varint(&rd, &type)) {
            stream->has_kind = true;
            stream->kind = type == CONTROL || type == ENCODER ? (enum kind)type : OTHER;
        }
    }
    return stream->has_kind;
}

static void one_way(struct ml_http3 *http3, struct stream *stream, const struct ml_chunk *chunk)
{
    struct side *side = &stream->sides[chunk->dir];
    struct ml_chunk rest = *chunk;
    if (chunk->gap_len != 0) {
        side->is_lost = true;
        if (!stream->has_kind) {
            stream->has_kind = true;
            stream->kind = OTHER;
        }
        if (stream->kind == ENCODER) {
            ml_qpack_lose(http3->tables[chunk->dir]);
        }
        return;
    }
    if (side->is_lost || !read_kind(stream, &rest)) {
        return;
    }
    if (stream->kind == CONTROL) {
        control(http3, stream, &rest);
    } else if (stream->kind == ENCODER) {
        encoder(http3, chunk->dir, rest.bytes);
    }
}

void ml_http3_feed(struct ml_http3 *http3, uint64_t id, const struct ml_chunk *chunk, bool is_end)
{
    bool is_request = (id & (BY_SERVER | ONE_WAY)) == 0;
    struct stream *stream = is_request || (id & ONE_WAY) != 0 ? get(http3, id) : NULL;
    if (stream == NULL) {
        return;
    }
    if (is_request) {
        message(http3, stream, chunk, is_end);
        return;
    }
    one_way(http3, stream, chunk);
    if (is_end) {
        close_at(http3, find(http3, id));
    }
}

void ml_http3_cut(struct ml_http3 *http3, uint64_t id, enum ml_dir dir)
{
    size_t at = find(http3, id);
    if (at == http3->n_open || (id & (BY_SERVER | ONE_WAY)) != 0) {
        return;
    }
    struct stream *stream = http3->open[at];
    ml_exchanges_cut(http3->exchanges, id, dir);
    stream->sides[dir].is_over = true;
    close_if_over(http3, stream);
}
