/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls.h"

#include "core/mem.h"
#include "proto/tls/decrypt.h"
#include "proto/tls/master.h"
#include "proto/tls/names.h"
#include "proto/tls/records.h"
#include "proto/tls/stream.h"

enum {
    SSL2_START = 11,   /* bytes that tell an SSL 2.0 hello */
    MAX_SEEKING = 256, /* segments looked at for a record behind a hole */
    HELLO_HEADER = 4
};

enum mode {
    AT_START, /* nothing came yet */
    SSL2,     /* an SSL 2.0 hello is coming */
    RECORDS,
    SEEKING, /* behind a hole: waits for a segment that begins with a record */
    OVER     /* no records here, or none to be found */
};

struct direction {
    enum mode mode;
    bool has_record;   /* at least one header was sound */
    bool is_done;      /* encrypted from here on */
    bool is_sealed;    /* the record at hand is encrypted */
    bool changed_keys; /* a ChangeCipherSpec passed: handshake bytes may be encrypted */
    uint8_t n_alert;
    uint8_t alert[2];
    uint16_t n_sought;
    size_t ssl2_len;
    uint64_t handshake_offset; /* bytes of the handshake layer so far */
    uint16_t doubtful_len;     /* length of the record whose first message decides whether it is encrypted */
    struct ml_tls_records records;
    struct ml_tls_stream stream;
    struct ml_chunk last; /* without bytes, for what is stated at the end */
};

struct tls {
    struct ml_tls_conversation conversation;
    struct direction directions[2];
    struct ml_tls_decrypt *decrypt; /* owned; NULL until the first encrypted record or hole */
};

/*
 * A hello of a client that is where others speak first, in a protocol that nobody here reads: record, handshake, length
 * and both versions must be those of RFC 8446, section 4.1.2; the shortest hello there is has 38 bytes and a header
 * of 4.
 */
static bool begins_within(const struct ml_chunk *chunk)
{
    enum { START = ML_TLS_RECORD_HEADER + 6, MIN_HELLO = 38, MESSAGE_HEADER = 4 };
    const uint8_t *p = chunk->bytes.ptr;
    if (chunk->bytes.len < START || p[0] != ML_TLS_HANDSHAKE || !ml_tls_is_record(chunk->bytes) ||
        p[5] != ML_TLS_CLIENT_HELLO) {
        return false;
    }
    size_t record = (size_t)p[3] << 8 | p[4];
    size_t message = (size_t)p[6] << 16 | (size_t)p[7] << 8 | p[8];
    return record >= MESSAGE_HEADER + 2 && record <= message + MESSAGE_HEADER && message >= MIN_HELLO &&
           message <= ML_TLS_MAX_RECORD && p[9] == 3 && p[10] <= 4;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    size_t len = 0;
    struct ml_span bytes = first->bytes;
    if (bytes.len == 0) {
        return ML_MATCH_MORE;
    }
    if ((bytes.ptr[0] & 0x80) != 0) {
        bool may_be = bytes.len < 3 || bytes.ptr[2] == ML_TLS_CLIENT_HELLO;
        if (bytes.len < SSL2_START) {
            return may_be ? ML_MATCH_MORE : ML_MATCH_NO;
        }
        return ml_tls_ssl2_hello_length(bytes, &len) ? ML_MATCH_YES : ML_MATCH_NO;
    }
    if (!ml_tls_is_record(bytes)) {
        return ML_MATCH_NO;
    }
    if (bytes.len < ML_TLS_RECORD_HEADER) {
        return ML_MATCH_MORE;
    }
    /* The first bytes of a connection are a hello or an alert; only a capture that began late may start elsewhere. */
    if (bytes.ptr[0] == ML_TLS_HANDSHAKE && first->flow->saw_start) {
        if (bytes.len < ML_TLS_RECORD_HEADER + 1) {
            return ML_MATCH_MORE;
        }
        return ml_tls_is_message_type(bytes.ptr[ML_TLS_RECORD_HEADER]) ? ML_MATCH_YES : ML_MATCH_NO;
    }
    return ML_MATCH_YES;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct tls *tls = ml_pool_get(&env->pools[ML_POOL_TLS], sizeof *tls);
    (void)flow;
    if (tls != NULL) {
        ml_tls_conversation_init(&tls->conversation, env, 't');
    }
    return tls;
}

/* False when memory runs out. */
static bool begin_decrypt(struct tls *tls, struct ml_flow *flow)
{
    if (tls->decrypt == NULL) {
        tls->decrypt = ml_tls_decrypt_new(&tls->conversation, flow);
    }
    if (tls->decrypt == NULL) {
        ml_count(tls->conversation.env->counters, ML_COUNT_LIMIT_MEMORY);
    }
    return tls->decrypt != NULL;
}

static void decrypt_hole(struct tls *tls, const struct ml_chunk *chunk, enum ml_tls_hole hole)
{
    if (begin_decrypt(tls, chunk->flow)) {
        ml_tls_decrypt_hole(tls->decrypt, chunk, hole);
    }
}

/* --- SSL 2.0 hello --- */

static void start(struct direction *dir, const struct ml_chunk *chunk)
{
    dir->mode = chunk->bytes.len != 0 && (chunk->bytes.ptr[0] & 0x80) != 0 ? SSL2 : RECORDS;
}

/* Gathers the hello in the stream's assembly; false when these bytes are none. */
static bool gather_ssl2(struct tls *tls, struct direction *dir, const struct ml_chunk *chunk, struct ml_reader *rd)
{
    struct ml_tls_assembly *assembly = &dir->stream.assembly;
    while (ml_rd_left(rd) != 0) {
        size_t have = ml_tls_assembly_span(assembly).len;
        size_t want = (dir->ssl2_len != 0 ? dir->ssl2_len : SSL2_START) - have;
        size_t take = ml_rd_left(rd) < want ? ml_rd_left(rd) : want;
        struct ml_span bytes = {0};
        if (!ml_rd_span(rd, take, &bytes) ||
            ml_tls_assembly_add(assembly, assembly->base + have, bytes, chunk->seq, chunk->time_ns) != ML_TLS_ADDED) {
            return false;
        }
        struct ml_span held = ml_tls_assembly_span(assembly);
        if (held.len < SSL2_START) {
            return true;
        }
        if (dir->ssl2_len == 0 && !ml_tls_ssl2_hello_length(held, &dir->ssl2_len)) {
            return false;
        }
        if (held.len == dir->ssl2_len) {
            const struct ml_tls_message message = {
                .chunk = &dir->last,
                .place = ml_tls_assembly_place(assembly, held.len),
                .range_len = (uint32_t)held.len,
                .body = held,
            };
            ml_tls_conversation_ssl2(&tls->conversation, &message);
            dir->handshake_offset = held.len;
            ml_tls_stream_restart(&dir->stream, held.len);
            dir->mode = RECORDS;
            return true;
        }
    }
    return true;
}

/* --- records --- */

static void encrypted(struct tls *tls, struct direction *dir, enum ml_dir side)
{
    dir->is_done = true;
    ml_tls_conversation_encrypted(&tls->conversation, side);
}

/*
 * Behind a ChangeCipherSpec handshake records are encrypted, but for one case: around a HelloRetryRequest of TLS 1.3
 * hellos go on in clear. Such a record holds exactly one hello.
 */
static bool is_clear_hello(const struct direction *dir, struct ml_span start)
{
    uint32_t len = (uint32_t)start.ptr[1] << 16 | (uint32_t)start.ptr[2] << 8 | start.ptr[3];
    return (start.ptr[0] == ML_TLS_CLIENT_HELLO || start.ptr[0] == ML_TLS_SERVER_HELLO) &&
           len + HELLO_HEADER == dir->doubtful_len;
}

static void handshake(struct tls *tls, struct direction *dir, const struct ml_chunk *chunk,
                      const struct ml_tls_fragment *fragment)
{
    const struct ml_tls_session *session = &tls->conversation.session;
    struct ml_tls_stream *stream = &dir->stream;
    struct ml_chunk inner = ml_chunk_inner(chunk, ML_LAYER_TLS_HANDSHAKE, fragment->bytes, dir->handshake_offset);
    if (dir->is_done) {
        return;
    }
    dir->handshake_offset += fragment->bytes.len;
    if (dir->changed_keys && fragment->at == 0) {
        if (session->has_server_hello) { /* up to TLS 1.2; in 1.3 no handshake record follows a server's hello */
            encrypted(tls, dir, chunk->dir);
            return;
        }
        dir->doubtful_len = fragment->record_len;
        ml_tls_stream_restart(stream, inner.offset);
    }
    if (stream->is_lost && fragment->at == 0 && !dir->changed_keys && fragment->bytes.len != 0 &&
        ml_tls_is_message_type(fragment->bytes.ptr[0])) {
        ml_tls_stream_restart(stream, inner.offset); /* behind a hole: messages mostly begin where a record does */
    }
    if (dir->doubtful_len != 0) {
        /* Four bytes decide; they may come one at a time, so they are held like a message begun. */
        (void)ml_tls_assembly_add(&stream->assembly, inner.offset, inner.bytes, inner.seq, inner.time_ns);
        struct ml_span held = ml_tls_assembly_span(&stream->assembly);
        if (held.len < HELLO_HEADER) {
            return;
        }
        if (!is_clear_hello(dir, held)) {
            ml_tls_stream_restart(stream, inner.offset);
            encrypted(tls, dir, chunk->dir);
            return;
        }
        dir->doubtful_len = 0;
    }
    (void)ml_tls_stream_feed(stream, &tls->conversation, &inner);
}

static void alert(struct tls *tls, struct direction *dir, const struct ml_chunk *chunk,
                  const struct ml_tls_fragment *fragment, uint64_t stream_offset)
{
    if (fragment->record_len != sizeof dir->alert || dir->is_done || dir->changed_keys) {
        return; /* encrypted */
    }
    dir->n_alert = fragment->at == 0 ? 0 : dir->n_alert;
    for (size_t i = 0; i < fragment->bytes.len && dir->n_alert < sizeof dir->alert; i++) {
        dir->alert[dir->n_alert++] = fragment->bytes.ptr[i];
    }
    if (dir->n_alert < sizeof dir->alert || dir->alert[0] < 1 || dir->alert[0] > 2) {
        return;
    }
    struct ml_chunk body = *chunk;
    body.bytes = ml_span_of(dir->alert, sizeof dir->alert);
    body.offset = stream_offset + fragment->bytes.len - sizeof dir->alert;
    ml_tls_conversation_alert(&tls->conversation, &body, dir->alert[1]);
}

/*
 * Is a record of this type encrypted? Up to TLS 1.2 all are behind the ChangeCipherSpec; in TLS 1.3, where that is for
 * middleboxes only, those that say they hold data. Data in front of a ChangeCipherSpec means that a hole took it.
 */
static bool is_sealed(const struct tls *tls, const struct direction *dir, uint8_t type)
{
    const struct ml_tls_session *session = &tls->conversation.session;
    bool is_12 = session->has_server_hello && !ml_tls_is_13(session->version);
    return type == ML_TLS_APPLICATION_DATA || (is_12 && dir->changed_keys);
}

static void fragment_came(struct tls *tls, struct direction *dir, const struct ml_chunk *chunk,
                          const struct ml_tls_fragment *fragment, uint64_t stream_offset)
{
    if (fragment->at == 0) {
        dir->is_sealed = is_sealed(tls, dir, fragment->type);
    }
    if (dir->is_sealed) {
        if (!dir->is_done) {
            encrypted(tls, dir, chunk->dir);
        }
        if (begin_decrypt(tls, chunk->flow)) {
            ml_tls_decrypt_fragment(tls->decrypt, chunk, fragment);
        }
        return;
    }
    switch (fragment->type) {
    case ML_TLS_HANDSHAKE:
        handshake(tls, dir, chunk, fragment);
        break;
    case ML_TLS_ALERT:
        alert(tls, dir, chunk, fragment, stream_offset);
        break;
    case ML_TLS_CHANGE_CIPHER_SPEC:
        dir->changed_keys = true;
        break;
    default:
        break;
    }
}

/* --- holes --- */

static void hole(struct tls *tls, struct direction *dir, const struct ml_chunk *chunk)
{
    uint64_t len = chunk->gap_len;
    bool is_handshake = dir->records.type == ML_TLS_HANDSHAKE && dir->records.n_header == ML_TLS_RECORD_HEADER;
    bool is_begun = dir->records.done != 0;
    if (dir->mode == AT_START) { /* a connection whose beginning is missing */
        dir->mode = SEEKING;
        return;
    }
    if (dir->mode == SSL2) {
        dir->mode = OVER;
        return;
    }
    if (dir->mode != RECORDS) {
        return;
    }
    if (ml_tls_records_skip(&dir->records, len)) {
        dir->is_sealed = is_begun ? dir->is_sealed : is_sealed(tls, dir, dir->records.type);
        if (dir->is_sealed) {
            bool is_over = dir->records.n_header == 0;
            decrypt_hole(tls, chunk, is_over ? ML_TLS_HOLE_TO_END : ML_TLS_HOLE_WITHIN);
            return;
        }
        if (is_handshake && !dir->is_done) {
            dir->handshake_offset += len;
            ml_tls_stream_cut(&dir->stream, &tls->conversation, &dir->last);
            dir->stream.is_lost = dir->stream.assembly.base < dir->handshake_offset;
        }
        return;
    }
    if (!dir->is_done) {
        ml_tls_stream_cut(&dir->stream, &tls->conversation, &dir->last);
    }
    decrypt_hole(tls, chunk, ML_TLS_HOLE_WIDE);
    dir->mode = SEEKING;
    dir->n_sought = 0;
}

/* Segments mostly begin where a record does: the first that looks like it is taken for one. */
static bool seek(struct direction *dir, const struct ml_chunk *chunk)
{
    struct ml_span bytes = chunk->bytes;
    bool is_start = bytes.len > ML_TLS_RECORD_HEADER && ml_tls_is_record(bytes) &&
                    (bytes.ptr[0] != ML_TLS_HANDSHAKE || dir->changed_keys ||
                     ml_tls_is_message_type(bytes.ptr[ML_TLS_RECORD_HEADER]));
    if (is_start) {
        ml_tls_records_restart(&dir->records);
        ml_tls_stream_restart(&dir->stream, dir->handshake_offset);
        dir->mode = RECORDS;
    } else if (++dir->n_sought == MAX_SEEKING) {
        dir->mode = OVER;
    }
    return is_start;
}

/* What came is no record. A direction that began in the middle may still have one further on. */
static void lose_records(struct tls *tls, struct direction *dir, const struct ml_chunk *chunk)
{
    if (dir->ssl2_len != 0) { /* SSL 2.0 all along: its records are not read */
        dir->mode = OVER;
        return;
    }
    if (dir->has_record) {
        ml_count(tls->conversation.env->counters, ML_COUNT_BAD_TLS);
    }
    decrypt_hole(tls, chunk, ML_TLS_HOLE_WIDE);
    dir->mode = SEEKING;
    dir->n_sought = 0;
}

static void read_records(struct tls *tls, struct direction *dir, const struct ml_chunk *chunk, struct ml_reader *rd)
{
    struct ml_tls_fragment fragment;
    while (ml_tls_records_next(&dir->records, rd, &fragment)) {
        uint64_t offset = chunk->offset + ml_rd_pos(rd) - fragment.bytes.len;
        dir->has_record = true;
        fragment_came(tls, dir, chunk, &fragment, offset);
    }
    if (dir->records.is_lost) {
        lose_records(tls, dir, chunk);
    }
}

static bool wants_more(const struct tls *tls, enum ml_dir side)
{
    const struct direction *dir = &tls->directions[side];
    if (dir->mode == OVER || !dir->is_done) {
        return dir->mode != OVER;
    }
    return tls->decrypt != NULL ? ml_tls_decrypt_wants(tls->decrypt, side)
                                : ml_tls_session_is_known(tls->conversation.env->secrets, &tls->conversation.session);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct tls *tls = self;
    struct direction *dir = &tls->directions[chunk->dir];
    struct ml_reader rd = ml_rd_open(chunk->bytes);
    dir->last = ml_chunk_inner(chunk, ML_LAYER_TLS_HANDSHAKE, ml_span_of(NULL, 0), 0);
    if (chunk->gap_len != 0) {
        hole(tls, dir, chunk);
    }
    if (dir->mode == AT_START && chunk->bytes.len != 0) {
        start(dir, chunk);
    }
    if (dir->mode == SSL2 && !gather_ssl2(tls, dir, chunk, &rd)) {
        dir->mode = OVER;
    }
    if (dir->mode == RECORDS || (dir->mode == SEEKING && seek(dir, chunk))) {
        read_records(tls, dir, chunk, &rd);
    }
    return wants_more(tls, chunk->dir) || wants_more(tls, ml_dir_other(chunk->dir));
}

static void destroy(void *self)
{
    struct tls *tls = self;
    for (unsigned i = 0; i < 2; i++) {
        struct direction *dir = &tls->directions[i];
        if (dir->mode == RECORDS && !dir->is_done) {
            ml_tls_stream_cut(&dir->stream, &tls->conversation, &dir->last);
        }
    }
    ml_tls_conversation_finish(&tls->conversation);
    ml_tls_decrypt_free(tls->decrypt);
    ml_tls_stream_fini(&tls->directions[ML_UP].stream);
    ml_tls_stream_fini(&tls->directions[ML_DOWN].stream);
    ml_pool_put(&tls->conversation.env->pools[ML_POOL_TLS], tls);
}

const struct ml_parser ml_parser_tls = {
    .name = "tls",
    .over = ML_OVER_TCP,
    .plain_of = ML_PLAIN_SEALED,
    .probe = probe,
    .begins_within = begins_within,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
