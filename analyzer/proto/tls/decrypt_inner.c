/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/decrypt_inner.h"

#include "proto/tls/extension.h"
#include "proto/tls/facts.h"
#include "proto/tls/names.h"

enum { HEADER = 4, END_OF_EARLY_DATA = 5, ENCRYPTED_EXTENSIONS = 8, FINISHED = 20, KEY_UPDATE = 24, CLOSE_NOTIFY = 0 };

void ml_tls_inner_init(struct ml_tls_inner *inner, struct ml_tls_conversation *conversation, struct ml_flow *flow)
{
    *inner = (struct ml_tls_inner){.conversation = conversation, .flow = flow};
}

void ml_tls_inner_fini(struct ml_tls_inner *inner)
{
    ml_demux_free(inner->demux);
    inner->demux = NULL;
}

void ml_tls_inner_handshake_fini(struct ml_tls_inner_handshake *handshake)
{
    ml_tls_assembly_fini(&handshake->assembly);
}

bool ml_tls_inner_is_done(const struct ml_tls_inner *inner)
{
    return inner->is_done;
}

static void feed(struct ml_tls_inner *inner, const struct ml_chunk *chunk)
{
    inner->is_done = !ml_demux_feed(inner->demux, chunk);
}

void ml_tls_inner_data(struct ml_tls_inner *inner, const struct ml_chunk *chunk, struct ml_span bytes)
{
    if (inner->is_done || bytes.len == 0) {
        return;
    }
    if (chunk->n_layers == ML_MAX_LAYERS) { /* TLS in TLS in TLS: a liar could go on until the stack ends */
        inner->is_done = true;
        return;
    }
    if (inner->demux == NULL) {
        inner->demux = ml_demux_new(inner->conversation->env, inner->flow, ML_OVER_TCP);
    }
    if (inner->demux == NULL) {
        ml_count(inner->conversation->env->counters, ML_COUNT_LIMIT_MEMORY);
        inner->is_done = true;
        return;
    }
    struct ml_chunk plain = ml_chunk_inner(chunk, ML_LAYER_TLS, bytes, inner->offset[chunk->dir]);
    inner->offset[chunk->dir] += bytes.len;
    feed(inner, &plain);
}

void ml_tls_inner_lost(struct ml_tls_inner *inner, const struct ml_chunk *chunk)
{
    if (inner->demux == NULL || inner->is_done) {
        return;
    }
    struct ml_chunk gap = ml_chunk_inner(chunk, ML_LAYER_TLS, ml_span_of(NULL, 0), inner->offset[chunk->dir]);
    gap.gap_len = UINT32_MAX;
    feed(inner, &gap);
}

void ml_tls_inner_alert(struct ml_tls_inner *inner, const struct ml_chunk *chunk, struct ml_span bytes)
{
    /* The usual farewell tells nothing that the end of the connection does not. */
    if (bytes.len == 2 && bytes.ptr[1] != CLOSE_NOTIFY) {
        struct ml_chunk plain = ml_chunk_inner(chunk, ML_LAYER_TLS, bytes, 0);
        ml_tls_conversation_alert(inner->conversation, &plain, bytes.ptr[1]);
    }
}

/* --- messages of TLS 1.3 --- */

static void encrypted_extensions(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_reader rd = message->is_cut ? ml_rd_open(message->body) : ml_rd_open_framed(message->body);
    struct ml_reader list;
    struct ml_reader body;
    struct ml_reader names;
    struct ml_reader name;
    uint16_t type = 0;
    if (!ml_rd_vector_clipped(&rd, 2, &list)) {
        return;
    }
    while (ml_tls_extension_next(&list, &type, &body)) {
        if (type == ML_TLS_EXT_ALPN && ml_rd_vector(&body, 2, &names) && ml_rd_vector(&names, 1, &name)) {
            ml_tls_state_alpn(conversation, message, ml_rd_rest(&name));
            return;
        }
    }
}

/* The list of TLS 1.3 has a context before it and extensions behind each certificate; without them it is that of 1.2.
 */
static void certificate(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_reader rd = message->is_cut ? ml_rd_open(message->body) : ml_rd_open_framed(message->body);
    const struct ml_tls_session *session = &conversation->session;
    struct ml_tls_chain chain = {.is_cut = message->is_cut};
    struct ml_reader context;
    struct ml_reader list;
    struct ml_reader der;
    struct ml_reader extensions;
    if (!ml_rd_vector(&rd, 1, &context) || !ml_rd_vector_clipped(&rd, 3, &list)) {
        return;
    }
    while (ml_rd_left(&list) != 0 && chain.n < ML_TLS_MAX_CHAIN) {
        if (!ml_rd_vector(&list, 3, &der) || !ml_rd_vector(&list, 2, &extensions)) {
            chain.is_cut = true;
            break;
        }
        chain.der[chain.n++] = ml_rd_rest(&der);
    }
    if (message->chunk->dir == session->client_dir) {
        ml_tls_state_client_certificate(conversation, message, &chain);
    } else {
        ml_tls_state_certificate(conversation, message, &chain);
    }
}

void ml_tls_inner_message_13(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    if (message->type == ENCRYPTED_EXTENSIONS) {
        encrypted_extensions(conversation, message);
    } else if (message->type == ML_TLS_CERTIFICATE) {
        certificate(conversation, message);
    }
}

/* --- the handshake layer inside --- */

static void note(struct ml_tls_inner_events *events, uint8_t type)
{
    events->has_finished |= type == FINISHED;
    events->has_end_of_early_data |= type == END_OF_EARLY_DATA;
    events->has_key_update |= type == KEY_UPDATE;
}

static void hand_over(struct ml_tls_inner_handshake *handshake, struct ml_tls_inner *inner,
                      const struct ml_chunk *plain, uint8_t type, uint32_t len)
{
    struct ml_tls_assembly *assembly = &handshake->assembly;
    const struct ml_tls_session *session = &inner->conversation->session;
    const struct ml_tls_message message = {
        .chunk = plain,
        .place = ml_tls_assembly_place(assembly, HEADER + (size_t)len),
        .range_from = assembly->base,
        .range_len = HEADER + len,
        .type = type,
        .body = ml_span_cut(ml_tls_assembly_span(assembly), HEADER, len),
    };
    if (!session->has_server_hello || ml_tls_is_13(session->version)) {
        ml_tls_inner_message_13(inner->conversation, &message);
    } else {
        ml_tls_conversation_message(inner->conversation, &message); /* a renegotiation */
    }
    ml_tls_assembly_drop(assembly, HEADER + (uint64_t)len);
}

static void lose(struct ml_tls_inner_handshake *handshake, struct ml_tls_inner *inner, enum ml_counter why)
{
    ml_count(inner->conversation->env->counters, why);
    handshake->is_lost = true;
    ml_tls_assembly_fini(&handshake->assembly);
}

struct ml_tls_inner_events ml_tls_inner_handshake_feed(struct ml_tls_inner_handshake *handshake,
                                                       struct ml_tls_inner *inner, const struct ml_chunk *chunk,
                                                       struct ml_span bytes)
{
    struct ml_tls_inner_events events = {0};
    struct ml_chunk outer = ml_chunk_inner(chunk, ML_LAYER_TLS, bytes, 0);
    struct ml_chunk plain = ml_chunk_inner(&outer, ML_LAYER_TLS_HANDSHAKE, bytes, handshake->offset);
    if (handshake->is_lost) {
        return events;
    }
    enum ml_tls_added added =
        ml_tls_assembly_add(&handshake->assembly, handshake->offset, bytes, chunk->seq, chunk->time_ns);
    handshake->offset += bytes.len;
    if (added == ML_TLS_TOO_MUCH || added == ML_TLS_NO_MEMORY) {
        lose(handshake, inner, added == ML_TLS_TOO_MUCH ? ML_COUNT_LIMIT_MESSAGE : ML_COUNT_LIMIT_MEMORY);
        return events;
    }
    for (;;) {
        uint8_t type = 0;
        uint32_t len = 0;
        struct ml_reader rd = ml_rd_open(ml_tls_assembly_span(&handshake->assembly));
        if (!ml_rd_u8(&rd, &type) || !ml_rd_u24(&rd, &len)) {
            break;
        }
        if (len > ML_MAX_MESSAGE - HEADER) {
            lose(handshake, inner, ML_COUNT_LIMIT_MESSAGE);
            break;
        }
        if (ml_rd_left(&rd) < len) {
            break;
        }
        note(&events, type);
        hand_over(handshake, inner, &plain, type, len);
    }
    return events;
}
