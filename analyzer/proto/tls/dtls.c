/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls - DTLS over datagrams: records and handshake fragments, each with numbers of its own.
 *
 * In:        datagrams, several records in each; messages in fragments, repeated and out of order.
 * Out:       handshake messages to the conversation. The range of a fact counts from the start of its message's body.
 * See:       RFC 6347, sections 4.1 and 4.2; RFC 9147 (hellos of 1.3 look like those of 1.2).
 */
#include "core/mem.h"
#include "proto/tls/dtls_decrypt.h"
#include "proto/tls/names.h"
#include "proto/tls/records.h"
#include "proto/tls/stream.h"
#include "proto/tls/tls.h"

enum {
    MAX_WAITING = 8, /* messages of a direction whose fragments are not all there; a flight has about six */
    N_REMEMBERED = 64
};

struct record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t number;
    bool is_cut;
    struct ml_reader body; /* not framed where the capture ends inside */
    size_t body_at;        /* in the datagram */
};

struct fragment {
    uint8_t type;
    uint16_t message_seq;
    uint32_t message_len;
    uint32_t at;
    struct ml_span bytes;
};

struct waiting {
    bool is_used;
    uint8_t type;
    uint16_t message_seq;
    uint32_t message_len;
    struct ml_tls_assembly assembly;
};

struct direction {
    uint64_t handled; /* bit i: message i was handed over */
    bool is_encrypted;
    struct waiting waiting[MAX_WAITING];
    struct ml_chunk last; /* without bytes */
};

struct dtls {
    struct ml_tls_conversation conversation;
    struct ml_flow *flow;            /* borrowed */
    struct ml_dtls_decrypt *decrypt; /* owned; NULL until something encrypted came */
    struct direction directions[2];
};

/* The next record of a datagram. */
static bool next_record(struct ml_reader *rd, struct record *out)
{
    uint16_t high = 0;
    uint32_t low = 0;
    memset(out, 0, sizeof *out);
    if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &out->type) || !ml_rd_u16(rd, &out->version) ||
        !ml_rd_u16(rd, &out->epoch) || !ml_rd_u16(rd, &high) || !ml_rd_u32(rd, &low)) {
        return false;
    }
    out->number = (uint64_t)high << 32 | low;
    bool is_version = out->version == ML_DTLS_1_0 || out->version == ML_DTLS_1_2 || out->version == ML_DTLS_1_0_OPENSSL;
    if (out->type < ML_TLS_CHANGE_CIPHER_SPEC || out->type > ML_TLS_APPLICATION_DATA || !is_version) {
        return ml_rd_reject(rd);
    }
    out->body_at = ml_rd_pos(rd) + 2;
    struct ml_reader len = *rd;
    uint16_t body_len = 0;
    if (!ml_rd_u16(&len, &body_len) || !ml_rd_vector_clipped(rd, 2, &out->body)) {
        return false;
    }
    out->is_cut = ml_rd_left(&out->body) < body_len;
    return ml_rd_left(&out->body) != 0 || ml_rd_reject(rd);
}

static bool next_fragment(struct ml_reader *rd, struct fragment *out)
{
    uint32_t len = 0;
    memset(out, 0, sizeof *out);
    if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &out->type) || !ml_rd_u24(rd, &out->message_len) ||
        !ml_rd_u16(rd, &out->message_seq) || !ml_rd_u24(rd, &out->at) || !ml_rd_u24(rd, &len)) {
        return false;
    }
    if (!ml_tls_is_message_type(out->type) || out->at > out->message_len || len > out->message_len - out->at) {
        return ml_rd_reject(rd);
    }
    if (len > ml_rd_left(rd) && !rd->framed) {
        len = (uint32_t)ml_rd_left(rd);
    }
    return ml_rd_span(rd, len, &out->bytes);
}

static struct ml_reader open_datagram(const struct ml_chunk *chunk)
{
    return chunk->is_cut ? ml_rd_open(chunk->bytes) : ml_rd_open_framed(chunk->bytes);
}

/* Records must fill the datagram to its end, and a handshake in clear must begin with a fragment. */
static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_reader rd = open_datagram(first);
    struct record record;
    struct fragment fragment;
    unsigned n = 0;
    while (next_record(&rd, &record)) {
        if (record.type == ML_TLS_HANDSHAKE && record.epoch == 0 && !next_fragment(&record.body, &fragment)) {
            return ML_MATCH_NO;
        }
        n++;
    }
    return n != 0 && (ml_rd_done(&rd) || rd.state == ML_RD_SHORT) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct dtls *dtls = ml_mem_array(1, sizeof *dtls);
    if (dtls != NULL) {
        dtls->flow = flow;
        ml_tls_conversation_init(&dtls->conversation, env, 'd');
    }
    return dtls;
}

static void hand_over(struct dtls *dtls, const struct ml_chunk *chunk, const struct fragment *fragment,
                      struct ml_tls_place place, struct ml_span body)
{
    struct direction *dir = &dtls->directions[chunk->dir];
    struct ml_chunk inner = ml_chunk_inner(chunk, ML_LAYER_TLS_HANDSHAKE, ml_span_of(NULL, 0), 0);
    inner.is_datagram = false;
    const struct ml_tls_message message = {
        .chunk = &inner,
        .place = place,
        .range_len = (uint32_t)body.len,
        .type = fragment->type,
        .is_cut = body.len < fragment->message_len,
        .body = body,
    };
    if (fragment->message_seq < N_REMEMBERED) {
        dir->handled |= UINT64_C(1) << fragment->message_seq;
    }
    ml_tls_conversation_message(&dtls->conversation, &message);
}

static struct waiting *find_waiting(struct direction *dir, const struct fragment *fragment)
{
    struct waiting *unused = NULL;
    for (unsigned i = 0; i < MAX_WAITING; i++) {
        struct waiting *waiting = &dir->waiting[i];
        if (waiting->is_used && waiting->message_seq == fragment->message_seq) {
            bool is_same = waiting->type == fragment->type && waiting->message_len == fragment->message_len;
            return is_same ? waiting : NULL; /* fragments that disagree about their message belong to none */
        }
        unused = unused == NULL && !waiting->is_used ? waiting : unused;
    }
    if (unused != NULL) {
        unused->is_used = true;
        unused->type = fragment->type;
        unused->message_seq = fragment->message_seq;
        unused->message_len = fragment->message_len;
    }
    return unused;
}

static void drop_waiting(struct waiting *waiting)
{
    ml_tls_assembly_fini(&waiting->assembly);
    memset(waiting, 0, sizeof *waiting);
}

/* A part of a message: kept until the rest is there. */
static void keep_part(struct dtls *dtls, struct direction *dir, const struct ml_chunk *chunk,
                      const struct fragment *fragment)
{
    struct ml_counters *counters = dtls->conversation.env->counters;
    struct waiting *waiting = fragment->message_len <= ML_MAX_MESSAGE ? find_waiting(dir, fragment) : NULL;
    if (waiting == NULL) {
        ml_count(counters, ML_COUNT_LIMIT_MESSAGE);
        return;
    }
    enum ml_tls_added added =
        ml_tls_assembly_add(&waiting->assembly, fragment->at, fragment->bytes, chunk->seq, chunk->time_ns);
    if (added == ML_TLS_TOO_MUCH || added == ML_TLS_NO_MEMORY) {
        ml_count(counters, added == ML_TLS_TOO_MUCH ? ML_COUNT_LIMIT_MESSAGE : ML_COUNT_LIMIT_MEMORY);
        drop_waiting(waiting);
        return;
    }
    struct ml_span body = ml_tls_assembly_span(&waiting->assembly);
    if (body.len == fragment->message_len) {
        hand_over(dtls, chunk, fragment, ml_tls_assembly_place(&waiting->assembly, body.len), body);
        drop_waiting(waiting);
    }
}

static void drop_all(struct direction *dir)
{
    for (unsigned i = 0; i < MAX_WAITING; i++) {
        drop_waiting(&dir->waiting[i]);
    }
}

/* A first hello with another random than before: a new connection on the old ports. */
static bool begins_anew(const struct dtls *dtls, const struct fragment *fragment)
{
    const struct ml_tls_session *session = &dtls->conversation.session;
    struct ml_span random = ml_span_cut(fragment->bytes, 2, sizeof session->client_random);
    return fragment->type == ML_TLS_CLIENT_HELLO && fragment->message_seq == 0 && fragment->at == 0 &&
           session->has_client_hello && random.len == sizeof session->client_random &&
           memcmp(random.ptr, session->client_random, random.len) != 0;
}

static void start_anew(struct dtls *dtls)
{
    struct ml_proto_env *env = dtls->conversation.env;
    ml_dtls_decrypt_free(dtls->decrypt);
    dtls->decrypt = NULL;
    ml_tls_conversation_finish(&dtls->conversation);
    ml_tls_conversation_init(&dtls->conversation, env, 'd');
    for (unsigned i = 0; i < 2; i++) {
        drop_all(&dtls->directions[i]);
        dtls->directions[i].handled = 0;
        dtls->directions[i].is_encrypted = false;
    }
}

static void handshake(struct dtls *dtls, const struct ml_chunk *chunk, struct ml_reader *body)
{
    struct direction *dir = &dtls->directions[chunk->dir];
    struct fragment fragment;
    while (next_fragment(body, &fragment)) {
        if (begins_anew(dtls, &fragment)) {
            start_anew(dtls);
        }
        bool was_handled =
            fragment.message_seq < N_REMEMBERED && (dir->handled >> fragment.message_seq & UINT64_C(1)) != 0;
        if (was_handled) { /* sent again */
            continue;
        }
        if (fragment.bytes.len == fragment.message_len) {
            struct ml_tls_place place = {chunk->seq, chunk->seq, chunk->time_ns};
            hand_over(dtls, chunk, &fragment, place, fragment.bytes);
        } else {
            keep_part(dtls, dir, chunk, &fragment);
        }
    }
    if (body->state == ML_RD_BAD) {
        ml_count(dtls->conversation.env->counters, ML_COUNT_BAD_TLS);
    }
}

static void encrypted(struct dtls *dtls, enum ml_dir side)
{
    struct direction *dir = &dtls->directions[side];
    if (!dir->is_encrypted) {
        dir->is_encrypted = true;
        ml_tls_conversation_encrypted(&dtls->conversation, side);
    }
}

static void sealed(struct dtls *dtls, const struct ml_chunk *chunk, const struct record *record)
{
    struct ml_reader rd = record->body;
    const struct ml_dtls_record whole = {.type = record->type,
                                         .version = record->version,
                                         .epoch = record->epoch,
                                         .number = record->number,
                                         .body = ml_rd_rest(&rd),
                                         .is_cut = record->is_cut};
    encrypted(dtls, chunk->dir);
    if (dtls->decrypt == NULL) {
        dtls->decrypt = ml_dtls_decrypt_new(&dtls->conversation, dtls->flow);
    }
    if (dtls->decrypt != NULL) {
        ml_dtls_decrypt_record(dtls->decrypt, chunk, &whole);
    }
}

static void alert(struct dtls *dtls, const struct ml_chunk *chunk, const struct record *record)
{
    struct ml_reader rd = record->body;
    struct ml_span body = ml_rd_rest(&rd);
    if (body.len == 2 && (body.ptr[0] == 1 || body.ptr[0] == 2)) {
        struct ml_chunk part = *chunk;
        part.bytes = body;
        part.offset = record->body_at;
        ml_tls_conversation_alert(&dtls->conversation, &part, body.ptr[1]);
    }
}

/* Others may share the port pair, and a new handshake may come at any time: always ready for more. */
static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct dtls *dtls = self;
    struct ml_reader rd = open_datagram(chunk);
    struct record record;
    struct ml_chunk *last = &dtls->directions[chunk->dir].last;
    *last = *chunk;
    last->bytes = ml_span_of(NULL, 0);
    while (next_record(&rd, &record)) {
        if (record.epoch != 0) {
            sealed(dtls, chunk, &record);
        } else if (record.type == ML_TLS_CHANGE_CIPHER_SPEC) {
            encrypted(dtls, chunk->dir);
        } else if (record.type == ML_TLS_HANDSHAKE) {
            handshake(dtls, chunk, &record.body);
        } else if (record.type == ML_TLS_ALERT) {
            alert(dtls, chunk, &record);
        }
    }
    return true;
}

/* What a message began with, in the order of the messages. */
static void state_parts(struct dtls *dtls, struct direction *dir)
{
    for (;;) {
        struct waiting *first = NULL;
        for (unsigned i = 0; i < MAX_WAITING; i++) {
            struct waiting *waiting = &dir->waiting[i];
            if (waiting->is_used && (first == NULL || waiting->message_seq < first->message_seq)) {
                first = waiting;
            }
        }
        if (first == NULL) {
            return;
        }
        const struct fragment fragment = {
            .type = first->type, .message_seq = first->message_seq, .message_len = first->message_len};
        struct ml_span body = ml_tls_assembly_span(&first->assembly);
        if (body.len != 0) {
            hand_over(dtls, &dir->last, &fragment, ml_tls_assembly_place(&first->assembly, body.len), body);
        }
        drop_waiting(first);
    }
}

static void destroy(void *self)
{
    struct dtls *dtls = self;
    state_parts(dtls, &dtls->directions[ML_UP]);
    state_parts(dtls, &dtls->directions[ML_DOWN]);
    ml_dtls_decrypt_free(dtls->decrypt);
    ml_tls_conversation_finish(&dtls->conversation);
    ml_mem_free(dtls);
}

const struct ml_parser ml_parser_dtls = {
    .name = "dtls",
    .over = ML_OVER_UDP,
    .plain_of = ML_PLAIN_SEALED,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
