/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/socks/socks.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/inner.h"
#include "proto/socks/request.h"

#include <stdio.h>

enum { MAX_HANDSHAKE = 2048, HOST_TEXT = 260, COMMAND_CONNECT = 1 };

enum phase {
    HANDSHAKE,
    INSIDE /* what follows belongs to the inner conversation */
};

struct side {
    enum phase phase;
    struct ml_gather gather;
    struct ml_chunk last; /* of the handshake: layers and direction */
};

struct socks {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    bool has_client;          /* which direction is the client's is known */
    enum ml_dir client;
    bool greeted; /* version 5: methods were offered */
    bool chosen;  /* version 5: the server named one */
    bool is_version4;
    bool is_connect;
    struct ml_buf user, password; /* of a login, until the request is stated */
    struct side sides[2];
    struct ml_inner *inner; /* owned */
};

/* What a direction must begin with to be a client's. */
static enum ml_match match_client(struct ml_span bytes)
{
    struct ml_socks_request request;
    struct ml_reader rd5 = ml_rd_open(bytes);
    struct ml_reader rd4 = ml_rd_open(bytes);
    uint8_t next = 0;
    if (ml_socks_greeting(&rd5)) {
        /* Nothing follows before the server chose, but for impatient clients. */
        bool ok = ml_rd_left(&rd5) == 0 || (ml_rd_peek(&rd5, &next) && (next == 1 || next == 5));
        return ok ? ML_MATCH_YES : ML_MATCH_NO;
    }
    if (ml_socks_request4(&rd4, &request)) {
        return ML_MATCH_YES;
    }
    return rd5.state == ML_RD_SHORT || rd4.state == ML_RD_SHORT ? ML_MATCH_MORE : ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    return match_client(first->bytes);
}

/* --- the client's side --- */

static void state_request(struct socks *socks, struct side *side, const struct ml_socks_request *request, size_t len)
{
    struct ml_fact_draft draft;
    char host[HOST_TEXT] = "";
    if (request->ip.family != 0) {
        (void)ml_ip_format(&request->ip, host);
    } else {
        (void)ml_host_normal(request->name, host, sizeof host);
    }
    ml_fact_begin_gathered(&draft, ML_FACT_SOCKS_REQUEST, &side->last, &side->gather, 0, len);
    ml_fact_cstr(&draft, ML_F_SOCKS_VERSION, request->is_4a ? "4a" : request->version == 4 ? "4" : "5");
    ml_fact_cstr(&draft, ML_F_SOCKS_HOST, host);
    ml_fact_number(&draft, ML_F_SOCKS_PORT, request->port);
    ml_fact_text(&draft, ML_F_SOCKS_USER, request->user.len != 0 ? request->user : ml_buf_span(&socks->user));
    ml_fact_text(&draft, ML_F_SOCKS_PASSWORD, ml_buf_span(&socks->password));
    (void)ml_fact_emit(socks->env->facts, &draft);
}

static bool take_login(struct socks *socks, struct ml_reader *rd)
{
    struct ml_span user;
    struct ml_span password;
    if (!ml_socks_login(rd, &user, &password)) {
        return false;
    }
    ml_buf_clear(&socks->user);
    ml_buf_clear(&socks->password);
    (void)ml_buf_add_span(&socks->user, user); /* a failure leaves it empty: not stated */
    (void)ml_buf_add_span(&socks->password, password);
    return true;
}

static bool take_request(struct socks *socks, struct side *side, struct ml_reader *rd)
{
    struct ml_socks_request request;
    bool ok = socks->is_version4 ? ml_socks_request4(rd, &request) : ml_socks_request5(rd, &request);
    if (ok) {
        socks->is_connect = request.command == COMMAND_CONNECT;
        state_request(socks, side, &request, ml_rd_pos(rd));
        side->phase = INSIDE;
    }
    return ok;
}

/* One message off the front of the handshake. */
static bool take_client(struct socks *socks, struct side *side, struct ml_reader *rd)
{
    uint8_t first = 0;
    if (!ml_rd_peek(rd, &first)) {
        return false;
    }
    if (!socks->greeted && first == 5) {
        socks->greeted = ml_socks_greeting(rd);
        return socks->greeted;
    }
    socks->is_version4 |= !socks->greeted;
    return first == 1 ? take_login(socks, rd) : take_request(socks, side, rd);
}

/* --- the server's side --- */

static bool take_server(struct socks *socks, struct side *side, struct ml_reader *rd)
{
    uint8_t first = 0;
    uint8_t status = 0;
    if (!ml_rd_peek(rd, &first)) {
        return false;
    }
    if (socks->is_version4) {
        bool ok = ml_socks_reply4(rd, &status);
        side->phase = ok ? INSIDE : HANDSHAKE;
        return ok;
    }
    if (!socks->chosen) {
        socks->chosen = ml_socks_choice(rd, &status);
        return socks->chosen;
    }
    if (first == 1) { /* how the login went */
        return ml_rd_skip(rd, 2);
    }
    bool ok = ml_socks_reply5(rd, &status);
    side->phase = ok ? INSIDE : HANDSHAKE;
    return ok;
}

/* --- both --- */

static bool feed_inside(struct socks *socks, const struct ml_chunk *chunk)
{
    if (!socks->is_connect || (chunk->bytes.len == 0 && chunk->gap_len == 0)) {
        return socks->is_connect;
    }
    if (socks->inner == NULL) {
        socks->inner = ml_inner_new(socks->env, socks->flow);
        if (socks->inner == NULL) {
            ml_count(socks->env->counters, ML_COUNT_LIMIT_MEMORY);
            return false;
        }
        ml_inner_open(socks->inner, ML_LAYER_SOCKS);
    }
    return ml_inner_feed(socks->inner, chunk);
}

/* Takes whole messages; false when the bytes are no handshake. What is left behind the last belongs inside. */
static bool take_messages(struct socks *socks, struct side *side, bool is_client)
{
    while (side->phase == HANDSHAKE) {
        struct ml_reader rd = ml_rd_open(ml_gather_span(&side->gather));
        if (!(is_client ? take_client(socks, side, &rd) : take_server(socks, side, &rd))) {
            return rd.state != ML_RD_BAD;
        }
        ml_gather_drop(&side->gather, ml_rd_pos(&rd));
    }
    return true;
}

static bool feed_handshake(struct socks *socks, struct side *side, const struct ml_chunk *chunk)
{
    side->last = *chunk;
    side->last.bytes = ml_span_of(NULL, 0);
    if (chunk->gap_len != 0 || !ml_gather_add(&side->gather, chunk) ||
        !take_messages(socks, side, chunk->dir == socks->client)) {
        return false;
    }
    size_t rest = ml_gather_span(&side->gather).len;
    if (side->phase == HANDSHAKE || rest == 0) {
        return true;
    }
    struct ml_chunk inside = *chunk;
    inside.bytes = ml_span_cut(chunk->bytes, chunk->bytes.len - rest, rest);
    inside.offset += chunk->bytes.len - rest;
    ml_gather_clear(&side->gather);
    return feed_inside(socks, &inside);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct socks *socks = self;
    struct side *side = &socks->sides[chunk->dir];
    if (side->phase == INSIDE) {
        return feed_inside(socks, chunk);
    }
    if (!socks->has_client) {
        socks->client = match_client(chunk->bytes) != ML_MATCH_NO ? chunk->dir : ml_dir_other(chunk->dir);
        socks->has_client = true;
    }
    return feed_handshake(socks, side, chunk);
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct socks *socks = ml_mem_array(1, sizeof *socks);
    if (socks != NULL) {
        socks->env = env;
        socks->flow = flow;
        ml_buf_init(&socks->user, 256);
        ml_buf_init(&socks->password, 256);
        ml_gather_init(&socks->sides[ML_UP].gather, MAX_HANDSHAKE + UINT16_MAX);
        ml_gather_init(&socks->sides[ML_DOWN].gather, MAX_HANDSHAKE + UINT16_MAX);
    }
    return socks;
}

static void destroy(void *self)
{
    struct socks *socks = self;
    ml_inner_free(socks->inner);
    ml_mem_wipe(socks->password.bytes, socks->password.len);
    ml_buf_fini(&socks->user);
    ml_buf_fini(&socks->password);
    ml_gather_fini(&socks->sides[ML_UP].gather);
    ml_gather_fini(&socks->sides[ML_DOWN].gather);
    ml_mem_free(socks);
}

const struct ml_parser ml_parser_socks = {
    .name = "socks",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
