/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/dtls_handshake.h"

enum { N_REMEMBERED = 64 };

void ml_dtls_handshake_init(struct ml_dtls_handshake *handshake, struct ml_tls_conversation *conversation)
{
    memset(handshake, 0, sizeof *handshake);
    handshake->conversation = conversation;
}

bool ml_dtls_fragment_next(struct ml_reader *rd, struct ml_dtls_fragment *out)
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

static void hand_over(struct ml_dtls_handshake *handshake, const struct ml_chunk *chunk,
                      const struct ml_dtls_fragment *fragment, struct ml_tls_place place, struct ml_span body)
{
    struct ml_chunk inner = ml_chunk_inner(chunk, ML_LAYER_TLS_HANDSHAKE, ml_span_of(NULL, 0), 0);
    inner.is_datagram = false;
    const struct ml_tls_message message = {
        .chunk = &inner,
        .place = place,
        .range_len = (uint32_t)body.len,
        .number = fragment->message_seq,
        .type = fragment->type,
        .is_cut = body.len < fragment->message_len,
        .body = body,
    };
    if (fragment->message_seq < N_REMEMBERED) {
        handshake->directions[chunk->dir].handled |= UINT64_C(1) << fragment->message_seq;
    }
    ml_tls_conversation_message(handshake->conversation, &message);
}

static struct ml_dtls_waiting *find_waiting(struct ml_dtls_waiting *all, const struct ml_dtls_fragment *fragment)
{
    struct ml_dtls_waiting *unused = NULL;
    for (unsigned i = 0; i < ML_DTLS_MAX_WAITING; i++) {
        struct ml_dtls_waiting *waiting = &all[i];
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

static void drop_waiting(struct ml_dtls_waiting *waiting)
{
    ml_tls_assembly_fini(&waiting->assembly);
    memset(waiting, 0, sizeof *waiting);
}

/* A part of a message: kept until the rest is there. */
static void keep_part(struct ml_dtls_handshake *handshake, const struct ml_chunk *chunk,
                      const struct ml_dtls_fragment *fragment)
{
    struct ml_counters *counters = handshake->conversation->env->counters;
    struct ml_dtls_waiting *waiting = fragment->message_len <= ML_MAX_MESSAGE
                                          ? find_waiting(handshake->directions[chunk->dir].waiting, fragment)
                                          : NULL;
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
        hand_over(handshake, chunk, fragment, ml_tls_assembly_place(&waiting->assembly, body.len), body);
        drop_waiting(waiting);
    }
}

static void drop_all(struct ml_dtls_waiting *all)
{
    for (unsigned i = 0; i < ML_DTLS_MAX_WAITING; i++) {
        drop_waiting(&all[i]);
    }
}

static void start_anew(struct ml_dtls_handshake *handshake)
{
    if (handshake->on_anew != NULL) {
        handshake->on_anew(handshake->context);
    }
    for (unsigned i = 0; i < 2; i++) {
        drop_all(handshake->directions[i].waiting);
        handshake->directions[i].handled = 0;
    }
}

/* A first hello with another random than before begins another handshake. */
static void look_at_random(struct ml_dtls_handshake *handshake, const struct ml_dtls_fragment *fragment)
{
    struct ml_span random = ml_span_cut(fragment->bytes, 2, sizeof handshake->random);
    if (fragment->type != ML_TLS_CLIENT_HELLO || fragment->message_seq != 0 || fragment->at != 0 ||
        random.len != sizeof handshake->random) {
        return;
    }
    if (handshake->has_random && memcmp(random.ptr, handshake->random, random.len) != 0) {
        start_anew(handshake);
    }
    handshake->has_random = true;
    memcpy(handshake->random, random.ptr, random.len);
}

void ml_dtls_handshake_feed(struct ml_dtls_handshake *handshake, const struct ml_chunk *chunk, struct ml_reader *body)
{
    struct ml_dtls_fragment fragment;
    struct ml_chunk *last = &handshake->directions[chunk->dir].last;
    *last = *chunk;
    last->bytes = ml_span_of(NULL, 0);
    while (ml_dtls_fragment_next(body, &fragment)) {
        look_at_random(handshake, &fragment);
        uint64_t handled = handshake->directions[chunk->dir].handled;
        if (fragment.message_seq < N_REMEMBERED && (handled >> fragment.message_seq & UINT64_C(1)) != 0) {
            continue; /* sent again */
        }
        if (fragment.bytes.len == fragment.message_len) {
            struct ml_tls_place place = {chunk->seq, chunk->seq, chunk->time_ns};
            hand_over(handshake, chunk, &fragment, place, fragment.bytes);
        } else {
            keep_part(handshake, chunk, &fragment);
        }
    }
    if (body->state == ML_RD_BAD) {
        ml_count(handshake->conversation->env->counters, ML_COUNT_BAD_TLS);
    }
}

/* In the order of the messages. */
static void state_parts(struct ml_dtls_handshake *handshake, unsigned side)
{
    struct ml_dtls_waiting *all = handshake->directions[side].waiting;
    for (;;) {
        struct ml_dtls_waiting *first = NULL;
        for (unsigned i = 0; i < ML_DTLS_MAX_WAITING; i++) {
            if (all[i].is_used && (first == NULL || all[i].message_seq < first->message_seq)) {
                first = &all[i];
            }
        }
        if (first == NULL) {
            return;
        }
        const struct ml_dtls_fragment fragment = {
            .type = first->type, .message_seq = first->message_seq, .message_len = first->message_len};
        struct ml_span body = ml_tls_assembly_span(&first->assembly);
        if (body.len != 0) {
            struct ml_tls_place place = ml_tls_assembly_place(&first->assembly, body.len);
            hand_over(handshake, &handshake->directions[side].last, &fragment, place, body);
        }
        drop_waiting(first);
    }
}

void ml_dtls_handshake_fini(struct ml_dtls_handshake *handshake)
{
    state_parts(handshake, ML_UP);
    state_parts(handshake, ML_DOWN);
}
