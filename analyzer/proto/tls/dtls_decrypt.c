/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/dtls_decrypt.h"

#include "core/mem.h"
#include "proto/secrets/secrets.h"
#include "proto/tls/decrypt_record.h"
#include "proto/tls/names.h"
#include "proto/tls/records.h"
#include "proto/tls/unsealed.h"

enum { FIRST_EPOCH = 1, EPOCH_SHIFT = 48, TLS_1_1 = 0x0302, CLOSE_NOTIFY = 0 };

struct direction {
    struct ml_tls_opener *opener; /* owned; NULL until the first record */
    unsigned n_failed;            /* in a row */
    bool is_over;
};

struct ml_dtls_decrypt {
    struct ml_tls_conversation *conversation; /* borrowed */
    struct ml_flow *flow;                     /* borrowed */
    struct direction directions[2];
    struct ml_buf plain;    /* of the record at hand; wiped behind each */
    struct ml_demux *demux; /* owned; NULL until the first bytes of the application */
    bool is_done;           /* the demultiplexer wants no more */
    struct ml_unsealed result;
};

struct ml_dtls_decrypt *ml_dtls_decrypt_new(struct ml_tls_conversation *conversation, struct ml_flow *flow)
{
    struct ml_dtls_decrypt *decrypt = ml_mem_array(1, sizeof *decrypt);
    if (decrypt != NULL) {
        decrypt->conversation = conversation;
        decrypt->flow = flow;
        ml_buf_init(&decrypt->plain, UINT16_MAX);
    }
    return decrypt;
}

void ml_dtls_decrypt_free(struct ml_dtls_decrypt *decrypt)
{
    if (decrypt == NULL) {
        return;
    }
    ml_demux_free(decrypt->demux);
    ml_tls_opener_free(decrypt->directions[ML_UP].opener);
    ml_tls_opener_free(decrypt->directions[ML_DOWN].opener);
    ml_unsealed_count(&decrypt->result, decrypt->conversation->env->counters);
    ml_buf_fini(&decrypt->plain);
    ml_mem_free(decrypt);
}

/* --- keys --- */

/* The version of TLS whose keys and records these are (RFC 6347, section 4.1.2.1). */
static uint16_t version_of(const struct ml_tls_session *session)
{
    return session->version == ML_DTLS_1_2 ? ML_TLS_1_2 : TLS_1_1;
}

/* Gives the reason when there is none. */
static struct ml_tls_opener *opener_of(struct ml_dtls_decrypt *decrypt, enum ml_dir side)
{
    const struct ml_tls_session *session = &decrypt->conversation->session;
    const struct ml_secrets *secrets = decrypt->conversation->env->secrets;
    struct ml_tls_opener_config config = {.has_encrypt_then_mac = session->has_encrypt_then_mac};
    struct ml_tls_masters masters = {.client_random = session->client_random, .server_random = session->server_random};
    struct ml_tls_keys keys;
    struct ml_tls_opener *opener = NULL;
    if (!session->has_client_hello || !session->has_server_hello) {
        decrypt->result.why |= ML_UNSEALED_NOT_FROM_START;
        return NULL;
    }
    masters.master = ml_secrets_find(secrets, ML_SECRET_MASTER, session->client_random);
    if (masters.master.len == 0) {
        decrypt->result.why |= ML_UNSEALED_NO_SECRET;
        return NULL;
    }
    config.version = version_of(session);
    bool is_known = !ml_tls_is_13(session->version) && ml_tls_suite_of(session->suite, &config.suite) &&
                    config.suite.mode != ML_TLS_MODE_RC4; /* which needs all bytes in order */
    if (is_known &&
        ml_tls_keys_of_master(&config.suite, config.version, &masters, side == session->client_dir, &keys)) {
        opener = ml_tls_opener_new(&config, &keys);
        ml_mem_wipe(&keys, sizeof keys);
    }
    decrypt->result.why |= opener == NULL ? ML_UNSEALED_UNKNOWN_SUITE : 0U;
    return opener;
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

static void deliver(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk, const struct ml_tls_plain *plain)
{
    ml_count_add(decrypt->conversation->env->counters, ML_COUNT_DECRYPTION_BYTES, plain->bytes.len);
    if (plain->type == ML_TLS_APPLICATION_DATA) {
        application_data(decrypt, chunk, plain->bytes);
    } else if (plain->type == ML_TLS_ALERT && plain->bytes.len == 2 && plain->bytes.ptr[1] != CLOSE_NOTIFY) {
        struct ml_chunk alert = ml_chunk_inner(chunk, ML_LAYER_DTLS, plain->bytes, 0);
        ml_tls_conversation_alert(decrypt->conversation, &alert, plain->bytes.ptr[1]);
    }
}

static void open_record(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk,
                        const struct ml_dtls_record *record)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    const struct ml_tls_sealed sealed = {.type = record->type, .version = record->version, .body = record->body};
    struct ml_tls_plain plain;
    ml_buf_clear(&decrypt->plain);
    if (!ml_buf_reserve(&decrypt->plain, record->body.len)) {
        ml_count(decrypt->conversation->env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    ml_tls_opener_set_seq(dir->opener, (uint64_t)record->epoch << EPOCH_SHIFT | record->number);
    if (ml_tls_opener_open(dir->opener, &sealed, decrypt->plain.bytes, &plain)) {
        const struct ml_tls_session *session = &decrypt->conversation->session;
        ml_secrets_use(decrypt->conversation->env->secrets, ML_SECRET_MASTER, session->client_random);
        decrypt->result.has_opened = true;
        dir->n_failed = 0;
        deliver(decrypt, chunk, &plain);
    } else {
        decrypt->result.why |= ML_UNSEALED_BAD_TAG;
        dir->is_over = ++dir->n_failed >= ML_MAX_UNSEAL_FAILURES;
    }
    ml_mem_wipe(decrypt->plain.bytes, record->body.len);
}

void ml_dtls_decrypt_record(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk,
                            const struct ml_dtls_record *record)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    decrypt->result.was_sealed = true;
    if (dir->is_over || record->body.len == 0) {
        return;
    }
    if (record->is_cut || record->epoch != FIRST_EPOCH) {
        decrypt->result.why |= record->is_cut ? ML_UNSEALED_GAP : ML_UNSEALED_NO_SECRET;
        return;
    }
    if (dir->opener == NULL) {
        dir->opener = opener_of(decrypt, chunk->dir);
        dir->is_over = dir->opener == NULL;
    }
    if (dir->opener != NULL) {
        open_record(decrypt, chunk, record);
    }
}
