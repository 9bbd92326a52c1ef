/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls - DTLS over datagrams: records with numbers of their own.
 *
 * In:        datagrams, several records in each.
 * Out:       fragments of handshake messages to dtls_handshake, what is encrypted to dtls_decrypt.
 * See:       RFC 6347, section 4.1; RFC 9147 (hellos of 1.3 look like those of 1.2).
 */
#include "core/mem.h"
#include "proto/tls/dtls_decrypt.h"
#include "proto/tls/dtls_handshake.h"
#include "proto/tls/names.h"
#include "proto/tls/records.h"
#include "proto/tls/stream.h"
#include "proto/tls/tls.h"

struct record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t number;
    bool is_cut;
    struct ml_reader body; /* not framed where the capture ends inside */
    size_t body_at;        /* in the datagram */
};

struct dtls {
    struct ml_tls_conversation conversation;
    struct ml_flow *flow;            /* borrowed */
    struct ml_dtls_decrypt *decrypt; /* owned; NULL until something encrypted came */
    struct ml_dtls_handshake handshake;
    bool is_encrypted[2];
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

static struct ml_reader open_datagram(const struct ml_chunk *chunk)
{
    return chunk->is_cut ? ml_rd_open(chunk->bytes) : ml_rd_open_framed(chunk->bytes);
}

/* Records must fill the datagram to its end, and a handshake in clear must begin with a fragment. */
static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_reader rd = open_datagram(first);
    struct record record;
    struct ml_dtls_fragment fragment;
    unsigned n = 0;
    while (next_record(&rd, &record)) {
        if (record.type == ML_TLS_HANDSHAKE && record.epoch == 0 && !ml_dtls_fragment_next(&record.body, &fragment)) {
            return ML_MATCH_NO;
        }
        n++;
    }
    return n != 0 && (ml_rd_done(&rd) || rd.state == ML_RD_SHORT) ? ML_MATCH_YES : ML_MATCH_NO;
}

/* A new connection on the old ports. */
static void start_anew(void *context)
{
    struct dtls *dtls = context;
    struct ml_proto_env *env = dtls->conversation.env;
    ml_dtls_decrypt_free(dtls->decrypt);
    dtls->decrypt = NULL;
    ml_tls_conversation_finish(&dtls->conversation);
    ml_tls_conversation_init(&dtls->conversation, env, 'd');
    dtls->is_encrypted[ML_UP] = dtls->is_encrypted[ML_DOWN] = false;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct dtls *dtls = ml_mem_array(1, sizeof *dtls);
    if (dtls != NULL) {
        dtls->flow = flow;
        ml_tls_conversation_init(&dtls->conversation, env, 'd');
        ml_dtls_handshake_init(&dtls->handshake, &dtls->conversation);
        dtls->handshake.on_anew = start_anew;
        dtls->handshake.context = dtls;
    }
    return dtls;
}

static void encrypted(struct dtls *dtls, enum ml_dir side)
{
    if (!dtls->is_encrypted[side]) {
        dtls->is_encrypted[side] = true;
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
    while (next_record(&rd, &record)) {
        if (record.epoch != 0) {
            sealed(dtls, chunk, &record);
        } else if (record.type == ML_TLS_CHANGE_CIPHER_SPEC) {
            encrypted(dtls, chunk->dir);
        } else if (record.type == ML_TLS_HANDSHAKE) {
            ml_dtls_handshake_feed(&dtls->handshake, chunk, &record.body);
        } else if (record.type == ML_TLS_ALERT) {
            alert(dtls, chunk, &record);
        }
    }
    return true;
}

static void destroy(void *self)
{
    struct dtls *dtls = self;
    ml_dtls_handshake_fini(&dtls->handshake);
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
