/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/decrypt.h"

#include "core/mem.h"
#include "proto/tls/decrypt_inner.h"
#include "proto/tls/decrypt_record.h"
#include "proto/tls/master.h"
#include "proto/tls/names.h"
#include "proto/tls/unsealed.h"

/* Which secret of TLS 1.3 a direction is under; up to TLS 1.2 only APPLICATION. */
enum phase { EARLY, HANDSHAKE, APPLICATION };

enum why {
    WHY_NOT = 0,
    NO_SECRET = ML_UNSEALED_NO_SECRET,
    UNKNOWN_SUITE = ML_UNSEALED_UNKNOWN_SUITE,
    GAP = ML_UNSEALED_GAP,
    BAD_TAG = ML_UNSEALED_BAD_TAG,
    NOT_FROM_START = ML_UNSEALED_NOT_FROM_START
};

struct direction {
    struct ml_tls_opener *opener; /* owned; NULL until the first record under new keys */
    enum phase phase;
    uint8_t secret[ML_SECRET_MAX_BYTES]; /* of TLS 1.3 */
    size_t secret_len;
    uint16_t suite;              /* under which `secret` works */
    struct ml_tls_master master; /* up to TLS 1.2: where the keys come from; its bytes are wiped */
    bool wants_update;           /* TLS 1.3: the next record is under the next secret */
    bool is_spoilt;              /* bytes of the record at hand are missing */
    bool is_adrift;              /* records may be missing before the next one */
    bool is_over;
    unsigned n_failed; /* in a row */
    uint8_t *record;   /* owned; the record at hand */
    struct ml_tls_inner_handshake handshake;
};

struct ml_tls_decrypt {
    struct ml_tls_conversation *conversation; /* borrowed */
    struct ml_tls_inner inner;
    struct direction directions[2];
    struct ml_unsealed result;
};

struct ml_tls_decrypt *ml_tls_decrypt_new(struct ml_tls_conversation *conversation, struct ml_flow *flow)
{
    struct ml_tls_decrypt *decrypt = ml_mem_array(1, sizeof *decrypt);
    if (decrypt != NULL) {
        decrypt->conversation = conversation;
        ml_tls_inner_init(&decrypt->inner, conversation, flow);
    }
    return decrypt;
}

static struct ml_counters *counters_of(const struct ml_tls_decrypt *decrypt)
{
    return decrypt->conversation->env->counters;
}

static void drop_keys(struct direction *dir)
{
    ml_tls_opener_free(dir->opener);
    dir->opener = NULL;
    ml_mem_wipe(dir->secret, sizeof dir->secret);
    dir->secret_len = 0;
}

static void drop_record(struct direction *dir)
{
    ml_mem_free(dir->record);
    dir->record = NULL;
}

void ml_tls_decrypt_free(struct ml_tls_decrypt *decrypt)
{
    if (decrypt == NULL) {
        return;
    }
    ml_tls_inner_fini(&decrypt->inner);
    for (unsigned i = 0; i < 2; i++) {
        drop_keys(&decrypt->directions[i]);
        drop_record(&decrypt->directions[i]);
        ml_tls_inner_handshake_fini(&decrypt->directions[i].handshake);
    }
    ml_unsealed_count(&decrypt->result, counters_of(decrypt));
    ml_mem_free(decrypt);
}

/* No more from this direction. */
static void give_up(struct ml_tls_decrypt *decrypt, struct direction *dir, enum why why)
{
    decrypt->result.why |= why;
    dir->is_over = true;
    drop_keys(dir);
    drop_record(dir);
}

/* --- keys --- */

static bool is_client(const struct ml_tls_decrypt *decrypt, enum ml_dir side)
{
    return side == decrypt->conversation->session.client_dir;
}

static enum ml_secret_label label_of(enum phase phase, bool from_client)
{
    switch (phase) {
    case EARLY:
        return ML_SECRET_CLIENT_EARLY;
    case HANDSHAKE:
        return from_client ? ML_SECRET_CLIENT_HANDSHAKE : ML_SECRET_SERVER_HANDSHAKE;
    case APPLICATION:
        break;
    }
    return from_client ? ML_SECRET_CLIENT_TRAFFIC : ML_SECRET_SERVER_TRAFFIC;
}

static struct ml_tls_opener *opener_of_traffic(uint16_t number, struct ml_span secret)
{
    struct ml_tls_opener_config config = {.version = ML_TLS_1_3};
    struct ml_tls_keys keys;
    struct ml_tls_opener *opener = NULL;
    if (ml_tls_suite_of(number, &config.suite) && ml_tls_keys_of_traffic(&config.suite, secret, &keys)) {
        opener = ml_tls_opener_new(&config, &keys);
    }
    ml_mem_wipe(&keys, sizeof keys);
    return opener;
}

static struct ml_tls_opener *opener_of_master(struct ml_tls_decrypt *decrypt, enum ml_dir side)
{
    const struct ml_tls_session *session = &decrypt->conversation->session;
    struct ml_tls_master *master = &decrypt->directions[side].master;
    struct ml_tls_opener_config config = {.version = session->version,
                                          .has_encrypt_then_mac = session->has_encrypt_then_mac};
    struct ml_tls_masters masters = {.client_random = session->client_random, .server_random = session->server_random};
    struct ml_tls_keys keys;
    if (!ml_tls_master_find(decrypt->conversation->env->secrets, session, master)) {
        decrypt->result.why |= NO_SECRET;
        return NULL;
    }
    struct ml_tls_opener *opener = NULL;
    masters.master = ml_span_of(master->bytes, sizeof master->bytes);
    if (ml_tls_suite_of(session->suite, &config.suite) &&
        ml_tls_keys_of_master(&config.suite, session->version, &masters, is_client(decrypt, side), &keys)) {
        opener = ml_tls_opener_new(&config, &keys);
        ml_mem_wipe(&keys, sizeof keys);
    }
    ml_mem_wipe(master->bytes, sizeof master->bytes);
    decrypt->result.why |= opener == NULL ? UNKNOWN_SUITE : WHY_NOT;
    return opener;
}

/* --- opening records --- */

/* A record to open and the room for what is in it. */
struct job {
    enum ml_dir side;
    struct ml_tls_sealed sealed;
    uint8_t *room;
    struct ml_tls_plain plain;
};

/* Tries numbers from `from` on. The opener goes on behind the one that fits, else it stays where it was. */
static bool try_numbers(struct ml_tls_opener *opener, struct job *job, uint64_t from, unsigned n)
{
    uint64_t before = ml_tls_opener_seq(opener);
    for (unsigned i = 0; i < n; i++) {
        ml_tls_opener_set_seq(opener, from + i);
        if (ml_tls_opener_open(opener, &job->sealed, job->room, &job->plain)) {
            return true;
        }
    }
    ml_tls_opener_set_seq(opener, before);
    return false;
}

static unsigned tries_of(const struct direction *dir)
{
    return dir->is_adrift ? ML_MAX_UNSEAL_TRIES : 1;
}

static void adopt(struct direction *dir, struct ml_tls_opener *opener, enum phase phase, struct ml_span secret,
                  uint16_t suite)
{
    uint8_t copy[ML_SECRET_MAX_BYTES];
    memcpy(copy, secret.ptr, secret.len); /* it may be the direction's own */
    drop_keys(dir);
    memcpy(dir->secret, copy, secret.len);
    ml_mem_wipe(copy, sizeof copy);
    dir->secret_len = secret.len;
    dir->opener = opener;
    dir->phase = phase;
    dir->suite = suite;
    dir->wants_update = false;
}

/* The secret of a phase under one suite: true when it opens the record, and is the direction's from now on. */
static bool try_secret(struct ml_tls_decrypt *decrypt, struct job *job, enum phase phase, uint16_t suite)
{
    struct direction *dir = &decrypt->directions[job->side];
    const struct ml_secrets *secrets = decrypt->conversation->env->secrets;
    const uint8_t *random = decrypt->conversation->session.client_random;
    enum ml_secret_label label = label_of(phase, is_client(decrypt, job->side));
    struct ml_span secret = ml_secrets_find(secrets, label, random);
    struct ml_tls_opener *opener = secret.len != 0 ? opener_of_traffic(suite, secret) : NULL;
    if (opener == NULL) {
        return false;
    }
    if (!try_numbers(opener, job, 0, tries_of(dir))) {
        ml_tls_opener_free(opener);
        return false;
    }
    ml_secrets_use(secrets, label, random);
    adopt(dir, opener, phase, secret, suite);
    return true;
}

/*
 * The suite is the one agreed on; early data comes before the answer, and a capture of one side has none: then the
 * common suites are tried, which the tag decides.
 */
static bool try_phase(struct ml_tls_decrypt *decrypt, struct job *job, enum phase phase)
{
    static const uint16_t common[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    const struct ml_tls_session *session = &decrypt->conversation->session;
    if (session->has_server_hello && phase != EARLY) {
        return try_secret(decrypt, job, phase, session->suite);
    }
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        if (try_secret(decrypt, job, phase, common[i])) {
            return true;
        }
    }
    return false;
}

/* The secret behind a KeyUpdate, announced or lost in a hole. */
static bool try_update(struct direction *dir, struct job *job)
{
    struct ml_tls_suite suite;
    uint8_t next[ML_SECRET_MAX_BYTES];
    struct ml_span secret = ml_span_of(dir->secret, dir->secret_len);
    struct ml_tls_opener *opener = NULL;
    if (ml_tls_suite_of(dir->suite, &suite) && ml_tls_next_traffic(&suite, secret, next)) {
        secret = ml_span_of(next, secret.len);
        opener = opener_of_traffic(dir->suite, secret);
    }
    bool ok = opener != NULL && try_numbers(opener, job, 0, tries_of(dir));
    if (ok) {
        adopt(dir, opener, APPLICATION, secret, dir->suite);
    } else {
        ml_tls_opener_free(opener);
    }
    ml_mem_wipe(next, sizeof next);
    return ok;
}

/* TLS 1.3: the keys at hand, else those that may follow them. */
static bool open_13(struct ml_tls_decrypt *decrypt, struct job *job)
{
    struct direction *dir = &decrypt->directions[job->side];
    bool has_keys = dir->opener != NULL;
    if (has_keys && !dir->wants_update &&
        try_numbers(dir->opener, job, ml_tls_opener_seq(dir->opener), tries_of(dir))) {
        return true;
    }
    if (has_keys && dir->phase == APPLICATION) {
        return (dir->wants_update || dir->is_adrift) && try_update(dir, job);
    }
    unsigned first = (unsigned)dir->phase + (has_keys ? 1 : 0);
    if (first == EARLY && !is_client(decrypt, job->side)) {
        first = HANDSHAKE; /* only a client sends early data */
    }
    for (unsigned phase = first; phase <= APPLICATION; phase++) {
        if (try_phase(decrypt, job, (enum phase)phase)) {
            return true;
        }
    }
    return false;
}

/* Up to TLS 1.2: one set of keys from a ChangeCipherSpec to the next. */
static bool open_12(struct ml_tls_decrypt *decrypt, struct job *job)
{
    struct direction *dir = &decrypt->directions[job->side];
    if (dir->opener == NULL) {
        dir->opener = opener_of_master(decrypt, job->side);
    }
    if (dir->opener == NULL) {
        dir->is_over = true;
        return false;
    }
    unsigned n = ml_tls_opener_can_retry(dir->opener) ? tries_of(dir) : 1;
    if (!try_numbers(dir->opener, job, ml_tls_opener_seq(dir->opener), n)) {
        return false;
    }
    ml_tls_master_use(decrypt->conversation->env->secrets, &dir->master);
    return true;
}

/* Is TLS 1.3 spoken? Before the server's answer only it encrypts anything. */
static bool speaks_13(const struct ml_tls_session *session)
{
    return !session->has_server_hello || ml_tls_is_13(session->version);
}

static bool has_any_secret(const struct ml_tls_decrypt *decrypt, enum ml_dir side)
{
    const struct ml_tls_session *session = &decrypt->conversation->session;
    for (unsigned phase = EARLY; phase <= APPLICATION; phase++) {
        enum ml_secret_label label = label_of((enum phase)phase, is_client(decrypt, side));
        if (ml_secrets_find(decrypt->conversation->env->secrets, label, session->client_random).len != 0) {
            return true;
        }
    }
    return false;
}

/* Is it worth trying at all? Gives the direction up with the reason when not. */
static bool is_open_to_us(struct ml_tls_decrypt *decrypt, enum ml_dir side)
{
    struct direction *dir = &decrypt->directions[side];
    const struct ml_tls_session *session = &decrypt->conversation->session;
    struct ml_tls_suite suite;
    enum why why = WHY_NOT;
    if (dir->opener != NULL) {
        return true;
    }
    if (!session->has_client_hello) {
        why = NOT_FROM_START;
    } else if (!ml_tls_session_is_known(decrypt->conversation->env->secrets, session)) {
        why = NO_SECRET;
    } else if (session->has_server_hello &&
               (session->version < ML_TLS_1_0 || !ml_tls_suite_of(session->suite, &suite))) {
        why = UNKNOWN_SUITE;
    } else if (speaks_13(session) && !has_any_secret(decrypt, side)) {
        why = session->has_server_hello ? NO_SECRET : NOT_FROM_START;
    }
    if (why != WHY_NOT) {
        give_up(decrypt, dir, why);
    }
    return why == WHY_NOT;
}

/* --- what was inside --- */

static void handshake(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk, struct ml_span bytes)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    struct ml_tls_inner_events events = ml_tls_inner_handshake_feed(&dir->handshake, &decrypt->inner, chunk, bytes);
    if (!speaks_13(&decrypt->conversation->session)) {
        return;
    }
    if ((events.has_finished && dir->phase == HANDSHAKE) || (events.has_end_of_early_data && dir->phase == EARLY)) {
        drop_keys(dir); /* the next record is under the next secret */
        dir->phase = dir->phase == EARLY ? HANDSHAKE : APPLICATION;
    }
    dir->wants_update |= events.has_key_update && dir->phase == APPLICATION;
}

static void deliver(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk, const struct ml_tls_plain *plain)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    ml_count_add(counters_of(decrypt), ML_COUNT_DECRYPTION_BYTES, plain->bytes.len);
    switch (plain->type) {
    case ML_TLS_HANDSHAKE:
        handshake(decrypt, chunk, plain->bytes);
        break;
    case ML_TLS_APPLICATION_DATA:
        ml_tls_inner_data(&decrypt->inner, chunk, plain->bytes);
        break;
    case ML_TLS_ALERT:
        ml_tls_inner_alert(&decrypt->inner, chunk, plain->bytes);
        break;
    case ML_TLS_CHANGE_CIPHER_SPEC: /* the end of a renegotiation */
        if (!speaks_13(&decrypt->conversation->session)) {
            drop_keys(dir);
            ml_tls_conversation_encrypted(decrypt->conversation, chunk->dir);
        }
        break;
    default:
        break;
    }
}

/* A record that does not open. A single one may be damaged; several in a row mean that the keys are not those. */
static void failed(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    decrypt->result.why |= dir->is_adrift ? GAP : BAD_TAG;
    if (dir->is_over || ++dir->n_failed >= ML_MAX_UNSEAL_FAILURES) {
        give_up(decrypt, dir, WHY_NOT);
        return;
    }
    if (dir->opener != NULL) {
        ml_tls_opener_set_seq(dir->opener, ml_tls_opener_seq(dir->opener) + 1);
    }
    ml_tls_inner_lost(&decrypt->inner, chunk);
}

static void whole_record(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk,
                         const struct ml_tls_sealed *sealed)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    struct job job = {.side = chunk->dir, .sealed = *sealed, .room = ml_mem_array(sealed->body.len, 1)};
    if (job.room == NULL) {
        ml_count(counters_of(decrypt), ML_COUNT_LIMIT_MEMORY);
        give_up(decrypt, dir, WHY_NOT);
        return;
    }
    bool ok = speaks_13(&decrypt->conversation->session) ? open_13(decrypt, &job) : open_12(decrypt, &job);
    if (ok) {
        decrypt->result.has_opened = true;
        dir->is_adrift = false;
        dir->n_failed = 0;
        deliver(decrypt, chunk, &job.plain);
    } else {
        failed(decrypt, chunk);
    }
    ml_mem_wipe(job.room, job.plain.bytes.len);
    ml_mem_free(job.room);
}

/* The record at hand lacks bytes: its number is used up all the same. */
static void skip_record(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    decrypt->result.why |= GAP;
    if (dir->opener != NULL && ml_tls_opener_can_retry(dir->opener)) {
        ml_tls_opener_set_seq(dir->opener, ml_tls_opener_seq(dir->opener) + 1);
    } else if (dir->opener != NULL) {
        give_up(decrypt, dir, GAP);
    }
    dir->is_adrift = true; /* it may have changed the keys */
    ml_tls_inner_lost(&decrypt->inner, chunk);
}

void ml_tls_decrypt_fragment(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk,
                             const struct ml_tls_fragment *fragment)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    struct ml_tls_sealed sealed = {.type = fragment->type, .version = fragment->version, .body = fragment->bytes};
    size_t end = (size_t)fragment->at + fragment->bytes.len;
    decrypt->result.was_sealed = true;
    if (dir->is_over || (fragment->at == 0 && !is_open_to_us(decrypt, chunk->dir))) {
        return;
    }
    if (fragment->at == 0) {
        dir->is_spoilt = false;
        if (end == fragment->record_len) {
            whole_record(decrypt, chunk, &sealed);
            return;
        }
        drop_record(dir);
        dir->record = ml_mem_array(fragment->record_len, 1);
        if (dir->record == NULL) {
            ml_count(counters_of(decrypt), ML_COUNT_LIMIT_MEMORY);
            give_up(decrypt, dir, WHY_NOT);
            return;
        }
    }
    if (dir->record != NULL && fragment->bytes.len != 0) {
        memcpy(dir->record + fragment->at, fragment->bytes.ptr, fragment->bytes.len);
    }
    if (end < fragment->record_len) {
        return;
    }
    uint8_t *record = dir->record;
    dir->record = NULL;                     /* what is inside may end the direction */
    if (record == NULL || dir->is_spoilt) { /* no record: its beginning is missing */
        skip_record(decrypt, chunk);
    } else {
        sealed.body = ml_span_of(record, fragment->record_len);
        whole_record(decrypt, chunk, &sealed);
    }
    ml_mem_free(record);
}

void ml_tls_decrypt_hole(struct ml_tls_decrypt *decrypt, const struct ml_chunk *chunk, enum ml_tls_hole hole)
{
    struct direction *dir = &decrypt->directions[chunk->dir];
    if (dir->is_over) {
        return;
    }
    if (hole == ML_TLS_HOLE_WITHIN) {
        dir->is_spoilt = true;
        return;
    }
    drop_record(dir);
    if (hole == ML_TLS_HOLE_TO_END) {
        skip_record(decrypt, chunk);
        return;
    }
    if (dir->opener != NULL && !ml_tls_opener_can_retry(dir->opener)) {
        give_up(decrypt, dir, GAP);
        return;
    }
    dir->is_adrift = true;
    decrypt->result.why |= decrypt->result.was_sealed ? GAP : WHY_NOT;
    ml_tls_inner_lost(&decrypt->inner, chunk);
}

bool ml_tls_decrypt_wants(const struct ml_tls_decrypt *decrypt, enum ml_dir side)
{
    const struct direction *dir = &decrypt->directions[side];
    return !dir->is_over && !ml_tls_inner_is_done(&decrypt->inner) &&
           (dir->opener != NULL ||
            ml_tls_session_is_known(decrypt->conversation->env->secrets, &decrypt->conversation->session));
}
