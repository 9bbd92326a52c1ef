/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/threema/threema.h"

#include "core/digest.h"
#include "core/mem.h"
#include "core/reader.h"

enum {
    PORT_CHAT = 5222,
    PORT_HTTPS = 443,
    CLIENT_HELLO = 48,
    KEY = 32, /* of it: the ephemeral key */
    SERVER_HELLO = 80,
    MIN_LOGIN = 144,
    MAX_LOGIN = 2048, /* extensions say what the client can do: some 50 bytes */
    SERVER_ACK = 32,
    ALL_DOWN = SERVER_HELLO + SERVER_ACK,
    /* Different values among random bytes: 43.8 of 48 and 68.8 of 80 on average, fewer than these once in a million. */
    MIN_DISTINCT_UP = 34,
    MIN_DISTINCT_DOWN = 55,
    N_VALUES = 256
};

static bool looks_random(struct ml_span bytes, unsigned least)
{
    bool seen[N_VALUES] = {false};
    unsigned n = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        n += !seen[bytes.ptr[i]];
        seen[bytes.ptr[i]] = true;
    }
    return n >= least;
}

/* How far the other direction must have come, and must not have gone, when this one has so many bytes. */
static bool is_in_turn(enum ml_dir dir, uint64_t own, uint64_t other)
{
    if (dir == ML_UP) {
        return own <= CLIENT_HELLO ? other == 0 : other >= SERVER_HELLO;
    }
    if (own <= SERVER_HELLO) {
        return other == CLIENT_HELLO;
    }
    return own > ALL_DOWN || (other >= CLIENT_HELLO + MIN_LOGIN && other <= CLIENT_HELLO + MAX_LOGIN);
}

static enum ml_match probe(const struct ml_chunk *first)
{
    const struct ml_flow *flow = first->flow;
    uint64_t own = first->bytes.len;
    uint64_t other = flow->payload_bytes[ml_dir_other(first->dir)];
    bool is_up = first->dir == ML_UP;
    size_t hello = is_up ? CLIENT_HELLO : SERVER_HELLO;
    if ((flow->server_port != PORT_CHAT && flow->server_port != PORT_HTTPS) || !flow->saw_start ||
        first->n_layers != 1 || !is_in_turn(first->dir, own, other)) {
        return ML_MATCH_NO;
    }
    struct ml_span start = ml_span_cut(first->bytes, 0, hello);
    if (own >= hello && !looks_random(start, is_up ? MIN_DISTINCT_UP : MIN_DISTINCT_DOWN)) {
        return ML_MATCH_NO;
    }
    return !is_up && own >= ALL_DOWN ? ML_MATCH_YES : ML_MATCH_MORE;
}

struct threema {
    struct ml_proto_env *env; /* borrowed */
    uint64_t n[2];            /* bytes of each direction */
    uint8_t key[KEY];
    struct ml_chunk first; /* of the client, for frames */
};

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct threema *threema = ml_mem_array(1, sizeof *threema);
    if (threema != NULL) {
        threema->env = env;
    }
    return threema;
}

static void keep_key(struct threema *threema, const struct ml_chunk *chunk)
{
    if (threema->n[ML_UP] == 0) {
        threema->first = *chunk;
        threema->first.bytes = ml_span_of(NULL, 0);
    }
    for (size_t i = 0; i < chunk->bytes.len && threema->n[ML_UP] + i < KEY; i++) {
        threema->key[threema->n[ML_UP] + i] = chunk->bytes.ptr[i];
    }
}

static void state(struct threema *threema, uint64_t last_seq)
{
    struct ml_fact_draft draft;
    char digest[ML_SHA256_HEX];
    ml_fact_begin(&draft, ML_FACT_THREEMA_HANDSHAKE, &threema->first);
    draft.last_seq = last_seq;
    draft.range_len = CLIENT_HELLO;
    if (ml_sha256_hex(ml_span_of(threema->key, sizeof threema->key), digest)) {
        ml_fact_cstr(&draft, ML_F_THREEMA_KEY_SHA256, digest);
    }
    ml_fact_number(&draft, ML_F_THREEMA_LOGIN_BYTES, threema->n[ML_UP] - CLIENT_HELLO);
    (void)ml_fact_emit(threema->env->facts, &draft);
}

/* The probe saw sizes and turns; they are checked again, because what it saw is replayed here byte for byte. */
static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct threema *threema = self;
    uint64_t *own = &threema->n[chunk->dir];
    if (chunk->gap_len != 0) {
        return false;
    }
    if (chunk->dir == ML_UP) {
        keep_key(threema, chunk);
    }
    for (size_t i = 0; i < chunk->bytes.len; i++) {
        ++*own;
        if (!is_in_turn(chunk->dir, *own, threema->n[ml_dir_other(chunk->dir)])) {
            return false;
        }
        if (chunk->dir == ML_DOWN && *own == ALL_DOWN) {
            state(threema, chunk->seq);
            return false; /* the rest is encrypted */
        }
    }
    return true;
}

const struct ml_parser ml_parser_threema = {
    .name = "threema",
    .over = ML_OVER_TCP,
    .plain_of = ML_PLAIN_SEALED,
    .is_mutual = true,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = ml_mem_free,
};
