/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/decrypt.h"

#include "core/mem.h"
#include "proto/quic/application.h"
#include "proto/quic/paths.h"
#include "proto/quic/payload.h"
#include "proto/quic/unseal.h"
#include "proto/secrets/secrets.h"
#include "proto/tls/stream.h"

enum level { EARLY, HANDSHAKE, APPLICATION, N_LEVELS };

enum { KEY_PHASE = 0x04 };

struct keys {
    struct ml_quic_masker *masker; /* owned; NULL until a packet opened with them */
    struct ml_quic_aead *aead;     /* owned; of the newest generation */
    struct ml_quic_aead *previous; /* owned; for packets that come late */
    bool phase;                    /* bit of the newest generation */
};

/* What one direction sends. */
struct side {
    struct keys keys[N_LEVELS];
    uint64_t expected[N_LEVELS];              /* largest packet number plus one; 0-RTT counts with 1-RTT */
    uint8_t id_lens[ML_MAX_QUIC_CID_LENGTHS]; /* that its packets may carry; the last that fitted first */
    uint8_t n_id_lens;
    unsigned n_failed; /* in a row */
    bool is_over;
    struct ml_tls_stream handshake;
    struct ml_chunk last; /* of the handshake layer, without bytes */
};

struct ml_quic_decrypt {
    struct ml_quic_decrypt_config config;
    char name[ML_QUIC_CID_TEXT];
    unsigned n_flows;               /* that hold it: the first, and those that go on */
    int64_t last_ns;                /* largest time of its packets */
    struct ml_unsealed result;      /* how it went */
    struct ml_tls_conversation own; /* a copy for the time after the first flow */
    struct side sides[2];
    bool has_v2_labels; /* of the version spoken: the server's, once it has spoken */
    bool has_server_version;
    struct ml_quic_application *application; /* owned; NULL until the first byte of a stream */
    struct ml_buf plain;
};

/* A packet to open. */
struct job {
    enum ml_dir dir;
    enum level level;
    bool has_v2_labels;
    struct ml_span packet;
    size_t number_at;
    uint64_t number; /* once opened */
};

struct ml_quic_decrypt *ml_quic_decrypt_new(const struct ml_quic_decrypt_config *config)
{
    struct ml_quic_decrypt *decrypt = ml_mem_array(1, sizeof *decrypt);
    if (decrypt != NULL) {
        decrypt->config = *config;
        decrypt->config.name = NULL;
        memcpy(decrypt->name, config->name, strnlen(config->name, sizeof decrypt->name - 1));
        decrypt->n_flows = 1;
        ml_buf_init(&decrypt->plain, UINT16_MAX);
    }
    return decrypt;
}

static void drop_keys(struct keys *keys)
{
    ml_quic_masker_free(keys->masker);
    ml_quic_aead_free(keys->aead);
    ml_quic_aead_free(keys->previous);
    *keys = (struct keys){0};
}

/* What is held of the handshake is stated while its conversation lasts. */
static void end_handshake(struct ml_quic_decrypt *decrypt)
{
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        struct side *side = &decrypt->sides[dir];
        if (side->last.n_layers != 0) {
            ml_tls_stream_cut(&side->handshake, decrypt->config.conversation, &side->last);
            side->last.n_layers = 0;
        }
        ml_tls_stream_fini(&side->handshake);
    }
}

static void add_result(struct ml_unsealed *to, const struct ml_unsealed *from)
{
    to->was_sealed |= from->was_sealed;
    to->has_opened |= from->has_opened;
    to->why |= from->why;
}

/* All flows are over. What waits is handed on, which may add to the result. */
static void finish(struct ml_quic_decrypt *decrypt)
{
    end_handshake(decrypt);
    ml_quic_application_free(decrypt->application);
    decrypt->application = NULL;
    ml_quic_paths_remove(decrypt->config.conversation->env, decrypt);
}

static void release(struct ml_quic_decrypt *decrypt)
{
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        for (unsigned level = 0; level < N_LEVELS; level++) {
            drop_keys(&decrypt->sides[dir].keys[level]);
        }
    }
    ml_mem_wipe(decrypt->plain.bytes, decrypt->plain.size);
    ml_buf_fini(&decrypt->plain);
    ml_mem_free(decrypt);
}

void ml_quic_decrypt_end(struct ml_quic_decrypt *decrypt, struct ml_unsealed *result)
{
    if (decrypt == NULL) {
        return;
    }
    if (--decrypt->n_flows == 0) {
        finish(decrypt);
        add_result(result, &decrypt->result);
        release(decrypt);
        return;
    }
    end_handshake(decrypt);
    decrypt->own = *decrypt->config.conversation; /* whose session the keys hang on */
    decrypt->own.pending.is_set = false;
    decrypt->own.transcript = (struct ml_tls_transcript){0};
    decrypt->own.on_client_hello = NULL;
    decrypt->config.conversation = &decrypt->own;
    add_result(&decrypt->result, result);
    *result = (struct ml_unsealed){0};
}

void ml_quic_decrypt_join(struct ml_quic_decrypt *decrypt)
{
    decrypt->n_flows++;
}

void ml_quic_decrypt_leave(struct ml_quic_decrypt *decrypt)
{
    if (decrypt != NULL && --decrypt->n_flows == 0) {
        finish(decrypt);
        ml_unsealed_count(&decrypt->result, decrypt->config.conversation->env->counters);
        release(decrypt);
    }
}

bool ml_quic_decrypt_is_fresh(const struct ml_quic_decrypt *decrypt, int64_t time_ns)
{
    int64_t most = (int64_t)ML_FLOW_IDLE_OTHER_S * 1000000000;
    return time_ns <= decrypt->last_ns || (uint64_t)time_ns - (uint64_t)decrypt->last_ns <= (uint64_t)most;
}

const char *ml_quic_decrypt_name(const struct ml_quic_decrypt *decrypt)
{
    return decrypt->name;
}

bool ml_quic_decrypt_lacks_id(const struct ml_quic_decrypt *decrypt, enum ml_dir dir)
{
    const struct side *side = &decrypt->sides[dir];
    return memchr(side->id_lens, 0, side->n_id_lens) != NULL;
}

/* --- keys --- */

static enum ml_secret_label label_of(enum level level, bool is_client)
{
    switch (level) {
    case EARLY:
        return ML_SECRET_CLIENT_EARLY;
    case HANDSHAKE:
        return is_client ? ML_SECRET_CLIENT_HANDSHAKE : ML_SECRET_SERVER_HANDSHAKE;
    case APPLICATION:
    case N_LEVELS:
        break;
    }
    return is_client ? ML_SECRET_CLIENT_TRAFFIC : ML_SECRET_SERVER_TRAFFIC;
}

static uint64_t *expected_of(struct side *side, enum level level)
{
    return &side->expected[level == EARLY ? APPLICATION : level];
}

static bool open_with(struct ml_quic_decrypt *decrypt, struct job *job, struct ml_quic_aead *aead,
                      const struct ml_quic_unmasked *packet)
{
    uint64_t expected = *expected_of(&decrypt->sides[job->dir], job->level);
    job->number = ml_quic_whole_number(expected, packet->truncated, packet->number_len);
    return ml_quic_aead_open(aead, packet, job->number, &decrypt->plain);
}

/* The secret of the level under one suite: true when it opens the packet, and is the side's from now on. */
static bool try_suite(struct ml_quic_decrypt *decrypt, struct job *job, struct ml_span bytes, uint16_t suite)
{
    struct keys *keys = &decrypt->sides[job->dir].keys[job->level];
    const struct ml_quic_secret secret = {.suite = suite, .has_v2_labels = job->has_v2_labels, .bytes = bytes};
    struct ml_quic_unmasked packet;
    struct ml_quic_masker *masker = ml_quic_masker_new(&secret);
    struct ml_quic_aead *aead = masker != NULL ? ml_quic_aead_new(&secret) : NULL;
    if (aead == NULL || !ml_quic_unmask(masker, job->packet, job->number_at, &packet) ||
        !open_with(decrypt, job, aead, &packet)) {
        ml_quic_masker_free(masker);
        ml_quic_aead_free(aead);
        return false;
    }
    *keys = (struct keys){.masker = masker, .aead = aead, .phase = (packet.first & KEY_PHASE) != 0};
    return true;
}

/*
 * First packet of a level. The suite is the one agreed on; early data comes before the answer, and an answer may be
 * missing: then the suites there are get tried, and the tag decides.
 */
static bool open_first(struct ml_quic_decrypt *decrypt, struct job *job)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304};
    const struct ml_tls_session *session = &decrypt->config.conversation->session;
    const struct ml_secrets *secrets = decrypt->config.conversation->env->secrets;
    enum ml_secret_label label = label_of(job->level, job->dir == session->client_dir);
    struct ml_span bytes = ml_secrets_find(secrets, label, session->client_random);
    bool is_agreed = session->has_server_hello && job->level != EARLY;
    struct ml_quic_masker *masker = NULL;
    if (bytes.len == 0) {
        decrypt->result.why |= ML_UNSEALED_NO_SECRET;
        return false;
    }
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        if ((!is_agreed || suites[i] == session->suite) && try_suite(decrypt, job, bytes, suites[i])) {
            ml_secrets_use(secrets, label, session->client_random);
            return true;
        }
    }
    if (is_agreed) {
        const struct ml_quic_secret secret = {.suite = session->suite, .bytes = bytes};
        masker = ml_quic_masker_new(&secret);
    }
    decrypt->result.why |= is_agreed && masker == NULL ? ML_UNSEALED_UNKNOWN_SUITE : ML_UNSEALED_BAD_TAG;
    ml_quic_masker_free(masker);
    return false;
}

/* The generations behind the one at hand, one of which may have been begun in a hole. */
static bool open_updated(struct ml_quic_decrypt *decrypt, struct job *job, const struct ml_quic_unmasked *packet)
{
    struct keys *keys = &decrypt->sides[job->dir].keys[job->level];
    bool phase = (packet->first & KEY_PHASE) != 0;
    struct ml_quic_aead *before = NULL;
    struct ml_quic_aead *aead = ml_quic_aead_next(keys->aead);
    for (unsigned n = 1; aead != NULL; n++) {
        bool fits = (n % 2 != 0) == (phase != keys->phase);
        if (fits && open_with(decrypt, job, aead, packet)) {
            ml_quic_aead_free(keys->previous);
            keys->previous = before != NULL ? before : keys->aead;
            if (before != NULL) {
                ml_quic_aead_free(keys->aead);
            }
            keys->aead = aead;
            keys->phase = phase;
            return true;
        }
        ml_quic_aead_free(before);
        before = aead;
        aead = n < ML_MAX_QUIC_GENERATIONS ? ml_quic_aead_next(before) : NULL;
    }
    ml_quic_aead_free(before);
    return false;
}

static bool open_packet(struct ml_quic_decrypt *decrypt, struct job *job)
{
    struct keys *keys = &decrypt->sides[job->dir].keys[job->level];
    struct ml_quic_unmasked packet;
    if (keys->masker == NULL) {
        return open_first(decrypt, job);
    }
    if (!ml_quic_unmask(keys->masker, job->packet, job->number_at, &packet)) {
        return false;
    }
    bool is_other = job->level == APPLICATION && ((packet.first & KEY_PHASE) != 0) != keys->phase;
    if (!is_other && open_with(decrypt, job, keys->aead, &packet)) {
        return true;
    }
    if (is_other && keys->previous != NULL && open_with(decrypt, job, keys->previous, &packet)) {
        return true;
    }
    return job->level == APPLICATION && open_updated(decrypt, job, &packet);
}

/* --- connection ids --- */

/* Packets of `dir` may carry ids of this length. It is tried first. */
static void learn_length(struct ml_quic_decrypt *decrypt, enum ml_dir dir, size_t len)
{
    struct side *side = &decrypt->sides[dir];
    unsigned at = 0;
    while (at < side->n_id_lens && side->id_lens[at] != len) {
        at++;
    }
    if (at == side->n_id_lens) {
        if (side->n_id_lens < ML_MAX_QUIC_CID_LENGTHS) {
            side->n_id_lens++;
        } else {
            at--; /* the one that fitted longest ago goes */
        }
    }
    memmove(side->id_lens + 1, side->id_lens, at);
    side->id_lens[0] = (uint8_t)len;
}

void ml_quic_decrypt_header(struct ml_quic_decrypt *decrypt, const struct ml_quic_header *header, enum ml_dir dir)
{
    if (header->type == ML_QUIC_INITIAL || header->type == ML_QUIC_HANDSHAKE) {
        bool is_server = dir != decrypt->config.conversation->session.client_dir;
        learn_length(decrypt, ml_dir_other(dir), header->scid.len);
        ml_quic_paths_add(decrypt->config.conversation->env, decrypt, ml_dir_other(dir), header->scid);
        if (is_server || !decrypt->has_server_version) {
            decrypt->has_v2_labels = header->version->has_v2_labels;
            decrypt->has_server_version = is_server;
        }
    }
}

/* --- what was inside --- */

static void handshake(struct ml_quic_decrypt *decrypt, const struct ml_chunk *inside, const struct ml_quic_frame *frame)
{
    struct side *side = &decrypt->sides[inside->dir];
    struct ml_chunk chunk = ml_chunk_inner(inside, ML_LAYER_QUIC_CRYPTO, frame->bytes, frame->offset);
    side->handshake.is_sealed = true;
    side->last = chunk;
    side->last.bytes = ml_span_of(NULL, 0);
    (void)ml_tls_stream_feed(&side->handshake, decrypt->config.conversation, &chunk);
}

static struct ml_quic_application *application_of(struct ml_quic_decrypt *decrypt)
{
    if (decrypt->application == NULL) {
        decrypt->application = ml_quic_application_new(decrypt->config.conversation->env, decrypt->config.flow,
                                                       decrypt->config.speaks_http3, &decrypt->result.why);
        if (decrypt->application == NULL) {
            ml_count(decrypt->config.conversation->env->counters, ML_COUNT_LIMIT_MEMORY);
        }
    }
    return decrypt->application;
}

static void take_frame(struct ml_quic_decrypt *decrypt, enum level level, const struct ml_chunk *inside,
                       const struct ml_quic_frame *frame)
{
    struct ml_chunk chunk = *inside;
    chunk.bytes = frame->bytes;
    chunk.offset = frame->offset;
    switch (frame->kind) {
    case ML_QUIC_FRAME_CRYPTO:
        if (level == HANDSHAKE) { /* behind it come tickets only */
            handshake(decrypt, inside, frame);
        }
        return;
    case ML_QUIC_FRAME_CONNECTION_ID:
        ml_quic_paths_add(decrypt->config.conversation->env, decrypt, ml_dir_other(inside->dir), frame->bytes);
        /* Behind those that fitted: it may never be used. */
        if (decrypt->sides[ml_dir_other(inside->dir)].n_id_lens < ML_MAX_QUIC_CID_LENGTHS) {
            learn_length(decrypt, ml_dir_other(inside->dir), frame->bytes.len);
        }
        return;
    case ML_QUIC_FRAME_STREAM:
    case ML_QUIC_FRAME_RESET:
    case ML_QUIC_FRAME_DATAGRAM:
        break;
    }
    if (level != HANDSHAKE && application_of(decrypt) != NULL) {
        ml_quic_application_frame(decrypt->application, frame, &chunk);
    }
}

static void take_payload(struct ml_quic_decrypt *decrypt, const struct job *job, const struct ml_chunk *datagram)
{
    struct ml_counters *counters = decrypt->config.conversation->env->counters;
    struct ml_span plain = ml_buf_span(&decrypt->plain);
    struct ml_chunk inside = ml_chunk_inner(datagram, ML_LAYER_QUIC, ml_span_of(NULL, 0), 0);
    struct ml_reader rd = ml_rd_open_framed(plain);
    struct ml_quic_frame frame;
    inside.is_datagram = false;
    inside.is_cut = false;
    ml_count_add(counters, ML_COUNT_DECRYPTION_BYTES, plain.len);
    while (ml_quic_frame_next(&rd, &frame)) {
        take_frame(decrypt, job->level, &inside, &frame);
    }
    if (rd.state == ML_RD_BAD) {
        ml_count(counters, ML_COUNT_BAD_QUIC);
    }
}

static void opened(struct ml_quic_decrypt *decrypt, const struct job *job, const struct ml_chunk *chunk)
{
    struct side *side = &decrypt->sides[job->dir];
    uint64_t *expected = expected_of(side, job->level);
    *expected = job->number >= *expected ? job->number + 1 : *expected;
    side->n_failed = 0;
    decrypt->last_ns = chunk->time_ns > decrypt->last_ns ? chunk->time_ns : decrypt->last_ns;
    decrypt->result.has_opened = true;
    take_payload(decrypt, job, chunk);
}

/* Some packets are of other connections or none at all; many in a row mean that the keys are not those. */
static void failed(struct ml_quic_decrypt *decrypt, const struct job *job)
{
    struct side *side = &decrypt->sides[job->dir];
    if (side->keys[job->level].masker != NULL) { /* else the reason was told */
        decrypt->result.why |= ML_UNSEALED_BAD_TAG;
    }
    side->is_over = ++side->n_failed >= ML_MAX_QUIC_FAILURES;
}

/* A datagram that the capture cut has no tag. */
static bool is_openable(struct ml_quic_decrypt *decrypt, const struct ml_chunk *chunk)
{
    decrypt->result.was_sealed = true;
    decrypt->result.why |= chunk->is_cut ? ML_UNSEALED_GAP : 0U;
    return !chunk->is_cut && !decrypt->sides[chunk->dir].is_over && chunk->n_layers < ML_MAX_LAYERS;
}

void ml_quic_decrypt_long(struct ml_quic_decrypt *decrypt, const struct ml_quic_header *header,
                          const struct ml_chunk *chunk)
{
    struct job job = {.dir = chunk->dir,
                      .level = header->type == ML_QUIC_ZERO_RTT ? EARLY : HANDSHAKE,
                      .has_v2_labels = header->version->has_v2_labels,
                      .packet = header->packet,
                      .number_at = header->number_at};
    if (!is_openable(decrypt, chunk)) {
        return;
    }
    if (job.level == EARLY && chunk->dir != decrypt->config.conversation->session.client_dir) {
        return; /* only a client sends early data */
    }
    if (open_packet(decrypt, &job)) {
        ml_quic_decrypt_header(decrypt, header, chunk->dir);
        opened(decrypt, &job, chunk);
    } else {
        failed(decrypt, &job);
    }
}

bool ml_quic_decrypt_short(struct ml_quic_decrypt *decrypt, struct ml_span packet, const struct ml_chunk *chunk)
{
    struct side *side = &decrypt->sides[chunk->dir];
    struct job job = {
        .dir = chunk->dir, .level = APPLICATION, .has_v2_labels = decrypt->has_v2_labels, .packet = packet};
    if (!is_openable(decrypt, chunk)) {
        return false;
    }
    for (unsigned i = 0; i < side->n_id_lens; i++) {
        size_t len = side->id_lens[i];
        job.number_at = 1 + len;
        if (open_packet(decrypt, &job)) {
            learn_length(decrypt, chunk->dir, len);
            opened(decrypt, &job, chunk);
            return true;
        }
    }
    failed(decrypt, &job);
    return false;
}

bool ml_quic_decrypt_wants(const struct ml_quic_decrypt *decrypt)
{
    return !decrypt->sides[ML_UP].is_over || !decrypt->sides[ML_DOWN].is_over;
}
