/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/dtls_decrypt.h"

#include "core/mem.h"
#include "proto/tls/decrypt_record.h"
#include "proto/tls/dtls_handshake.h"
#include "proto/tls/master.h"
#include "proto/tls/names.h"
#include "proto/tls/records.h"
#include "proto/tls/unsealed.h"

enum { EPOCH_SHIFT = 48, N_EPOCHS = 2, CLOSE_NOTIFY = 0 };

/* The keys of a direction in one epoch. */
struct epoch {
    uint16_t number;              /* 0: none */
    struct ml_tls_opener *opener; /* owned */
    struct ml_tls_master master;  /* where they come from; its bytes are wiped */
    unsigned n_failed;            /* in a row */
    bool is_over;
};

struct ml_dtls_decrypt {
    struct ml_tls_conversation *conversation; /* borrowed */
    struct ml_flow *flow;                     /* borrowed */
    struct epoch epochs[2][N_EPOCHS];         /* of each direction, newest first */
    uint16_t hello_epoch;                     /* in which the hellos of the session came */
    uint16_t epoch;                           /* of the record at hand */
    struct ml_dtls_handshake handshake;       /* messages of renegotiations */
    struct ml_buf plain;                      /* of the record at hand; wiped behind each */
    struct ml_demux *demux;                   /* owned; NULL until the first bytes of the application */
    bool is_done;                             /* the demultiplexer wants no more */
    struct ml_unsealed result;
};

static void drop_epoch(struct epoch *epoch)
{
    ml_tls_opener_free(epoch->opener);
    *epoch = (struct epoch){0};
}

/* --- keys --- */

/* Gives the reason when there is none. */
static struct ml_tls_opener *opener_of(struct ml_dtls_decrypt *decrypt, enum ml_dir side, struct ml_tls_master *master)
{
    const struct ml_tls_session *session = &decrypt->conversation->session;
    struct ml_tls_opener_config config = {.has_encrypt_then_mac = session->has_encrypt_then_mac};
    struct ml_tls_masters masters = {.client_random = session->client_random, .server_random = session->server_random};
    struct ml_tls_keys keys;
    struct ml_tls_opener *opener = NULL;
    if (!session->has_client_hello || !session->has_server_hello) {
        decrypt->result.why |= ML_UNSEALED_NOT_FROM_START;
        return NULL;
    }
    if (ml_tls_is_13(session->version)) {
        decrypt->result.why |= ML_UNSEALED_UNKNOWN_SUITE;
        return NULL;
    }
    if (!ml_tls_master_find(decrypt->conversation->env->secrets, session, master)) {
        decrypt->result.why |= ML_UNSEALED_NO_SECRET;
        return NULL;
    }
    config.version = ml_tls_keys_version(session);
    masters.master = ml_span_of(master->bytes, sizeof master->bytes);
    bool is_known = ml_tls_suite_of(session->suite, &config.suite) &&
                    config.suite.mode != ML_TLS_MODE_RC4; /* which needs all bytes in order */
    if (is_known &&
        ml_tls_keys_of_master(&config.suite, config.version, &masters, side == session->client_dir, &keys)) {
        opener = ml_tls_opener_new(&config, &keys);
        ml_mem_wipe(&keys, sizeof keys);
    }
    ml_mem_wipe(master->bytes, sizeof master->bytes);
    decrypt->result.why |= opener == NULL ? ML_UNSEALED_UNKNOWN_SUITE : 0U;
    return opener;
}

/* The epoch of a direction; NULL, and the reason, when the handshake before it was not seen. */
static struct epoch *get_epoch(struct ml_dtls_decrypt *decrypt, enum ml_dir side, uint16_t number)
{
    struct epoch *epochs = decrypt->epochs[side];
    for (unsigned i = 0; i < N_EPOCHS; i++) {
        if (epochs[i].number == number) {
            return &epochs[i];
        }
    }
    if (number != decrypt->hello_epoch + 1) {
        bool has_hello = decrypt->conversation->session.has_client_hello;
        decrypt->result.why |= has_hello ? ML_UNSEALED_GAP : ML_UNSEALED_NOT_FROM_START;
        return NULL;
    }
    drop_epoch(&epochs[N_EPOCHS - 1]);
    memmove(epochs + 1, epochs, (N_EPOCHS - 1) * sizeof *epochs);
    epochs[0] = (struct epoch){.number = number};
    epochs[0].opener = opener_of(decrypt, side, &epochs[0].master);
    epochs[0].is_over = epochs[0].opener == NULL;
    return &epochs[0];
}

/* A renegotiation: from here on the session is the next one, so the keys of the present one are made while it lasts. */
static void on_renegotiation(void *context)
{
    struct ml_dtls_decrypt *decrypt = context;
    (void)get_epoch(decrypt, ML_UP, decrypt->epoch);
    (void)get_epoch(decrypt, ML_DOWN, decrypt->epoch);
    decrypt->hello_epoch = decrypt->epoch;
}

struct ml_dtls_decrypt *ml_dtls_decrypt_new(struct ml_tls_conversation *conversation, struct ml_flow *flow)
{
    struct ml_dtls_decrypt *decrypt = ml_mem_array(1, sizeof *decrypt);
    if (decrypt != NULL) {
        decrypt->conversation = conversation;
        decrypt->flow = flow;
        ml_buf_init(&decrypt->plain, UINT16_MAX);
        ml_dtls_handshake_init(&decrypt->handshake, conversation);
        decrypt->handshake.on_anew = on_renegotiation;
        decrypt->handshake.context = decrypt;
        decrypt->handshake.has_random = true; /* the one in clear */
    }
    return decrypt;
}

void ml_dtls_decrypt_free(struct ml_dtls_decrypt *decrypt)
{
    if (decrypt == NULL) {
        return;
    }
    ml_dtls_handshake_fini(&decrypt->handshake);
    ml_demux_free(decrypt->demux);
    for (unsigned i = 0; i < N_EPOCHS; i++) {
        drop_epoch(&decrypt->epochs[ML_UP][i]);
        drop_epoch(&decrypt->epochs[ML_DOWN][i]);
    }
    ml_unsealed_count(&decrypt->result, decrypt->conversation->env->counters);
    ml_buf_fini(&decrypt->plain);
    ml_mem_free(decrypt);
}

/* --- what was inside --- */

static void application_data(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk, struct ml_span bytes)
{
    struct ml_proto_env *env = decrypt->conversation->env;
    if (decrypt->is_done || bytes.len == 0 || chunk->n_layers == ML_MAX_LAYERS) {
        return;
    }
    if (decrypt->demux == NULL) {
        decrypt->demux = ml_demux_new(env, decrypt->flow, ML_OVER_UDP);
    }
    if (decrypt->demux == NULL) {
        ml_count(env->counters, ML_COUNT_LIMIT_MEMORY);
        decrypt->is_done = true;
        return;
    }
    struct ml_chunk plain = ml_chunk_inner(chunk, ML_LAYER_DTLS, bytes, 0);
    plain.is_cut = false;
    decrypt->is_done = !ml_demux_feed(decrypt->demux, &plain);
}

static void handshake(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk, struct ml_span bytes)
{
    if (chunk->n_layers + 1 >= ML_MAX_LAYERS) {
        return;
    }
    struct ml_chunk outer = ml_chunk_inner(chunk, ML_LAYER_DTLS, bytes, 0);
    struct ml_reader rd = ml_rd_open_framed(bytes);
    ml_dtls_handshake_feed(&decrypt->handshake, &outer, &rd);
}

static void deliver(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk, const struct ml_tls_plain *plain)
{
    ml_count_add(decrypt->conversation->env->counters, ML_COUNT_DECRYPTION_BYTES, plain->bytes.len);
    switch (plain->type) {
    case ML_TLS_APPLICATION_DATA:
        application_data(decrypt, chunk, plain->bytes);
        break;
    case ML_TLS_HANDSHAKE:
        handshake(decrypt, chunk, plain->bytes);
        break;
    case ML_TLS_CHANGE_CIPHER_SPEC: /* the end of a renegotiation */
        ml_tls_conversation_encrypted(decrypt->conversation, chunk->dir);
        break;
    case ML_TLS_ALERT:
        if (plain->bytes.len == 2 && plain->bytes.ptr[1] != CLOSE_NOTIFY) {
            struct ml_chunk alert = ml_chunk_inner(chunk, ML_LAYER_DTLS, plain->bytes, 0);
            ml_tls_conversation_alert(decrypt->conversation, &alert, plain->bytes.ptr[1]);
        }
        break;
    default:
        break;
    }
}

static void open_record(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk,
                        const struct ml_dtls_record *record, struct epoch *epoch)
{
    const struct ml_tls_sealed sealed = {.type = record->type, .version = record->version, .body = record->body};
    struct ml_tls_plain plain;
    ml_buf_clear(&decrypt->plain);
    if (!ml_buf_reserve(&decrypt->plain, record->body.len)) {
        ml_count(decrypt->conversation->env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    ml_tls_opener_set_seq(epoch->opener, (uint64_t)record->epoch << EPOCH_SHIFT | record->number);
    if (ml_tls_opener_open(epoch->opener, &sealed, decrypt->plain.bytes, &plain)) {
        ml_tls_master_use(decrypt->conversation->env->secrets, &epoch->master);
        decrypt->result.has_opened = true;
        decrypt->epoch = record->epoch;
        epoch->n_failed = 0;
        deliver(decrypt, chunk, &plain); /* may move the epochs */
    } else {
        decrypt->result.why |= ML_UNSEALED_BAD_TAG;
        epoch->is_over = ++epoch->n_failed >= ML_MAX_UNSEAL_FAILURES;
    }
    ml_mem_wipe(decrypt->plain.bytes, record->body.len);
}

void ml_dtls_decrypt_record(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk,
                            const struct ml_dtls_record *record)
{
    decrypt->result.was_sealed = true;
    if (record->body.len == 0) {
        return;
    }
    if (record->is_cut) {
        decrypt->result.why |= ML_UNSEALED_GAP;
        return;
    }
    struct epoch *epoch = get_epoch(decrypt, chunk->dir, record->epoch);
    if (epoch != NULL && !epoch->is_over) {
        open_record(decrypt, chunk, record, epoch);
    }
}
