/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/telegram/telegram.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/telegram/obfuscated2.h"
#include "proto/telegram/plain.h"

enum {
    MAX_MESSAGES = 16, /* of a direction whose key id is looked at: keys change at the beginning or not at all */
    PIECE = 1024,      /* bytes deciphered at a time */
    MAX_TAG = 4        /* bytes in front of the first message without a cover */
};

/* One direction. */
struct side {
    struct ml_mtproto_cipher *cipher; /* owned; NULL: not covered */
    struct ml_mtproto_frames frames;
    uint64_t id_seq; /* packet and time of the first byte of the key id at hand */
    int64_t id_ns;
    uint8_t n_messages;
    bool is_done;
};

struct mtproto {
    struct ml_proto_env *env; /* borrowed */
    enum ml_fact_kind kind;
    bool has_begun; /* the transport is known */
    bool is_told;   /* at least one fact was stated */
    uint8_t n_start;
    uint8_t start[ML_MTPROTO_START];
    char dc[ML_MTPROTO_DC_TEXT];
    struct ml_chunk first; /* of the client, without bytes */
    struct side sides[2];
};

/* --- probes --- */

static void *make_cipher(void)
{
    return ml_mtproto_cipher_new();
}

static struct ml_mtproto_cipher *cipher_of(struct ml_proto_env *env)
{
    return ml_proto_tool(env, ML_TOOL_MTPROTO, make_cipher, ml_mtproto_cipher_free);
}

/* Only the client's direction tells, and only from its first byte on. */
static enum ml_match probe_covered(struct ml_proto_env *env, const struct ml_chunk *first)
{
    enum ml_mtproto_transport transport;
    char dc[ML_MTPROTO_DC_TEXT];
    if (first->dir != ML_UP || ml_mtproto_is_other(ml_span_cut(first->bytes, 0, ML_MTPROTO_START))) {
        return ML_MATCH_NO;
    }
    if (first->bytes.len < ML_MTPROTO_START) {
        return ML_MATCH_MORE;
    }
    struct ml_mtproto_cipher *cipher = cipher_of(env);
    bool is_ours = cipher != NULL && ml_mtproto_start_read(cipher, first->bytes.ptr, &transport, dc);
    return is_ours ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe_plain(const struct ml_chunk *first)
{
    enum ml_mtproto_transport transport;
    return first->dir == ML_UP ? ml_mtproto_plain_match(first->bytes, &transport) : ML_MATCH_NO;
}

/* --- beginning --- */

static void *create(struct ml_proto_env *env, enum ml_fact_kind kind)
{
    struct mtproto *mtproto = ml_mem_array(1, sizeof *mtproto);
    if (mtproto != NULL) {
        mtproto->env = env;
        mtproto->kind = kind;
        mtproto->sides[ML_DOWN].frames.is_server = true;
    }
    return mtproto;
}

static void *create_covered(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    return create(env, ML_FACT_MTPROTO_OBFUSCATED2);
}

static void *create_plain(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    return create(env, ML_FACT_MTPROTO_PLAIN);
}

static bool open_cover(struct mtproto *mtproto, enum ml_mtproto_transport *transport)
{
    struct ml_mtproto_keys keys;
    struct side *up = &mtproto->sides[ML_UP];
    struct side *down = &mtproto->sides[ML_DOWN];
    up->cipher = ml_mtproto_cipher_new();
    down->cipher = ml_mtproto_cipher_new();
    ml_mtproto_keys_of(mtproto->start, true, &keys);
    return up->cipher != NULL && down->cipher != NULL &&
           ml_mtproto_start_read(up->cipher, mtproto->start, transport, mtproto->dc) &&
           ml_mtproto_cipher_start(down->cipher, keys.key, keys.iv);
}

/* What a connection without a cover begins with is 1 or 4 bytes. */
static bool open_plain(struct mtproto *mtproto, enum ml_mtproto_transport *transport)
{
    if (mtproto->n_start == 1) {
        *transport = ML_MTPROTO_ABRIDGED;
        return true;
    }
    return ml_mtproto_transport_find(mtproto->start, transport);
}

static bool is_start_whole(const struct mtproto *mtproto)
{
    if (mtproto->kind == ML_FACT_MTPROTO_OBFUSCATED2) {
        return mtproto->n_start == ML_MTPROTO_START;
    }
    return mtproto->n_start == MAX_TAG || (mtproto->n_start == 1 && mtproto->start[0] == 0xef);
}

/* Takes bytes of the client up to the end of the start; how many. False in *ok when it is none after all. */
static size_t take_start(struct mtproto *mtproto, const struct ml_chunk *chunk, bool *ok)
{
    size_t used = 0;
    *ok = true;
    if (mtproto->n_start == 0) {
        mtproto->first = *chunk;
        mtproto->first.bytes = ml_span_of(NULL, 0);
    }
    while (used < chunk->bytes.len && !mtproto->has_begun && *ok) {
        enum ml_mtproto_transport transport = ML_MTPROTO_ABRIDGED;
        mtproto->start[mtproto->n_start++] = chunk->bytes.ptr[used++];
        if (is_start_whole(mtproto)) {
            bool is_covered = mtproto->kind == ML_FACT_MTPROTO_OBFUSCATED2;
            *ok = is_covered ? open_cover(mtproto, &transport) : open_plain(mtproto, &transport);
            mtproto->has_begun = *ok;
            mtproto->sides[ML_UP].frames.transport = mtproto->sides[ML_DOWN].frames.transport = transport;
        }
    }
    return used;
}

/* --- messages --- */

static void add_attrs(const struct mtproto *mtproto, struct ml_fact_draft *draft)
{
    ml_fact_cstr(draft, ML_F_MTPROTO_TRANSPORT, ml_mtproto_transport_text(mtproto->sides[ML_UP].frames.transport));
    ml_fact_cstr(draft, ML_F_MTPROTO_DC, mtproto->dc);
}

/* `end`: place in the stream behind the key id. An id of zeros is that of a message without a key. */
static void state_key(struct mtproto *mtproto, const struct side *side, const struct ml_chunk *chunk, uint64_t end)
{
    static const uint8_t none[ML_MTPROTO_KEY_ID];
    struct ml_fact_draft draft;
    char id[2 * ML_MTPROTO_KEY_ID + 1];
    if (memcmp(side->frames.id, none, sizeof none) == 0) {
        return;
    }
    ml_fact_begin(&draft, mtproto->kind, chunk);
    draft.first_seq = side->id_seq;
    draft.time_ns = side->id_ns;
    draft.range_from = end - ML_MTPROTO_KEY_ID;
    draft.range_len = ML_MTPROTO_KEY_ID;
    add_attrs(mtproto, &draft);
    ml_hex_write(ml_span_of(side->frames.id, ML_MTPROTO_KEY_ID), id);
    ml_fact_cstr(&draft, ML_F_MTPROTO_AUTH_KEY_ID, id);
    (void)ml_fact_emit(mtproto->env->facts, &draft);
    mtproto->is_told = true;
}

/* Plain bytes of the messages; `at` is the place of the first in the stream. */
static void read_messages(struct mtproto *mtproto, struct side *side, const struct ml_chunk *chunk,
                          struct ml_span plain, uint64_t at)
{
    size_t used = 0;
    bool has_id = true;
    while (has_id && !side->is_done) {
        uint8_t n_before = side->frames.n_id;
        bool was_in_id = side->frames.left != 0 && n_before != 0 && n_before < ML_MTPROTO_KEY_ID;
        if (!was_in_id) {
            side->id_seq = chunk->seq;
            side->id_ns = chunk->time_ns;
        }
        has_id = ml_mtproto_frames_next(&side->frames, plain, &used);
        at += used;
        plain = ml_span_cut(plain, used, plain.len);
        if (has_id) {
            state_key(mtproto, side, chunk, at);
            side->is_done = ++side->n_messages == MAX_MESSAGES;
        }
    }
    side->is_done |= side->frames.is_lost;
}

static void feed_side(struct mtproto *mtproto, struct side *side, const struct ml_chunk *chunk, size_t from)
{
    uint8_t plain[PIECE];
    for (size_t at = from; at < chunk->bytes.len && !side->is_done; at += PIECE) {
        struct ml_span piece = ml_span_cut(chunk->bytes, at, PIECE);
        if (side->cipher != NULL) {
            if (!ml_mtproto_cipher_run(side->cipher, piece, plain)) {
                side->is_done = true;
                return;
            }
            piece.ptr = plain;
        }
        read_messages(mtproto, side, chunk, piece, chunk->offset + at);
    }
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct mtproto *mtproto = self;
    struct side *side = &mtproto->sides[chunk->dir];
    const struct side *other = &mtproto->sides[ml_dir_other(chunk->dir)];
    size_t from = 0;
    if (chunk->gap_len != 0) {
        side->is_done = true; /* where the next message begins is not known any more */
        return mtproto->has_begun && !other->is_done;
    }
    if (!mtproto->has_begun) {
        bool ok = true;
        if (chunk->dir == ML_DOWN) { /* a server that speaks first */
            return false;
        }
        from = take_start(mtproto, chunk, &ok);
        if (!ok) {
            return false;
        }
    }
    if (mtproto->has_begun) {
        feed_side(mtproto, side, chunk, from);
    }
    return !side->is_done || !other->is_done;
}

/* A connection whose messages told nothing is one nevertheless. */
static void destroy(void *self)
{
    struct mtproto *mtproto = self;
    if (mtproto->has_begun && !mtproto->is_told) {
        struct ml_fact_draft draft;
        ml_fact_begin(&draft, mtproto->kind, &mtproto->first);
        draft.range_len = mtproto->n_start;
        add_attrs(mtproto, &draft);
        (void)ml_fact_emit(mtproto->env->facts, &draft);
    }
    ml_mtproto_cipher_free(mtproto->sides[ML_UP].cipher);
    ml_mtproto_cipher_free(mtproto->sides[ML_DOWN].cipher);
    ml_mem_free(mtproto);
}

const struct ml_parser ml_parser_mtproto = {
    .name = "mtproto",
    .over = ML_OVER_TCP,
    .plain_of = ML_PLAIN_SEALED,
    .probe_with = probe_covered,
    .create = create_covered,
    .feed = feed,
    .destroy = destroy,
};

const struct ml_parser ml_parser_mtproto_plain = {
    .name = "mtproto.plain",
    .over = ML_OVER_TCP,
    .probe = probe_plain,
    .create = create_plain,
    .feed = feed,
    .destroy = destroy,
};
