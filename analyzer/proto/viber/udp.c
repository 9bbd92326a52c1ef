/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/reader.h"
#include "proto/viber/viber.h"

enum {
    SETUP = 0x01,
    SETUP_ANSWER = 0x0c,
    TEST = 0x19, /* second port: is the path open, and under which address? */
    TEST_ANSWER = 0x1a,
    SETUP_MARK = 0x0500,
    SETUP_LEN = 257,
    SETUP_ANSWER_LEN = 76,
    TEST_LEN = 34,
    TEST_ANSWER_LEN = 20,
    TOKEN_LEN = 8,
    MAX_DOUBTS = 24 /* datagrams without certainty before it gives up */
};

/* What names a call: repeated in every answer. */
struct call {
    uint16_t id;
    uint8_t token[TOKEN_LEN];
};

struct datagram {
    uint16_t type;
    struct call call;
    struct ml_ip address; /* SETUP: of the sender in its own network; answers: of whom they answer, as seen outside */
    uint16_t port;
};

struct side {
    bool has_asked;
    struct call asked;
    bool has_setup;              /* not stated yet */
    struct ml_chunk setup_chunk; /* without bytes */
    uint32_t setup_len;
    struct ml_ip setup_address;
};

struct viber_call {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain;
    struct side sides[2];
    unsigned n_doubts;
};

/* The address is written backwards, the port with its lower byte first: numbers of a little-endian machine. */
static bool read_address(struct ml_reader *rd, struct datagram *out)
{
    uint32_t number = 0;
    if (!ml_rd_le32(rd, &number) || !ml_rd_le16(rd, &out->port) || out->port == 0) {
        return false;
    }
    const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                              (uint8_t)number};
    out->address = ml_ip4(bytes);
    return true;
}

static bool read_datagram(struct ml_span bytes, struct datagram *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint16_t mark = SETUP_MARK;
    memset(out, 0, sizeof *out);
    if (!ml_rd_u16(&rd, &out->call.id) || !ml_rd_le16(&rd, &out->type)) {
        return false;
    }
    switch (out->type) {
    case SETUP:
        return bytes.len == SETUP_LEN && ml_rd_u16(&rd, &mark) && mark == SETUP_MARK &&
               ml_rd_copy(&rd, out->call.token, TOKEN_LEN) && ml_rd_skip(&rd, 4) && read_address(&rd, out);
    case SETUP_ANSWER:
        return bytes.len == SETUP_ANSWER_LEN && ml_rd_skip(&rd, 2) && ml_rd_copy(&rd, out->call.token, TOKEN_LEN) &&
               read_address(&rd, out);
    case TEST:
        return bytes.len == TEST_LEN && ml_rd_copy(&rd, out->call.token, TOKEN_LEN);
    case TEST_ANSWER:
        return bytes.len == TEST_ANSWER_LEN && ml_rd_copy(&rd, out->call.token, TOKEN_LEN) && read_address(&rd, out);
    default:
        return false;
    }
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    struct datagram datagram;
    return !chunk->is_cut && read_datagram(chunk->bytes, &datagram) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct viber_call *call = ml_mem_array(1, sizeof *call);
    if (call != NULL) {
        call->env = env;
    }
    return call;
}

static void state(const struct viber_call *call, const struct ml_chunk *chunk, size_t len, enum ml_field field,
                  const struct ml_ip *address)
{
    struct ml_fact_draft draft;
    ml_fact_begin(&draft, ML_FACT_VIBER_UDP, chunk);
    draft.range_len = (uint32_t)len;
    ml_fact_ip(&draft, field, address);
    (void)ml_fact_emit(call->env->facts, &draft); /* a ceiling is counted there */
}

static void state_setups(struct viber_call *call)
{
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        struct side *side = &call->sides[dir];
        if (side->has_setup) {
            side->has_setup = false;
            state(call, &side->setup_chunk, side->setup_len, ML_F_CALL_LOCAL_ADDRESS, &side->setup_address);
        }
    }
}

/* RFC 1918: what a sender behind an address translator has. */
static bool is_private(const struct ml_ip *ip)
{
    return ip->family == 4 && (ip->bytes[0] == 10 || (ip->bytes[0] == 172 && ip->bytes[1] >> 4 == 1) ||
                               (ip->bytes[0] == 192 && ip->bytes[1] == 168));
}

static void on_question(struct viber_call *call, const struct ml_chunk *chunk, const struct datagram *datagram)
{
    struct side *side = &call->sides[chunk->dir];
    const struct ml_flow *flow = chunk->flow;
    uint16_t sent_from = chunk->dir == ML_UP ? flow->client_port : flow->server_port;
    const struct ml_ip *sender = chunk->dir == ML_UP ? &flow->client : &flow->server;
    side->has_asked = true;
    side->asked = datagram->call;
    if (datagram->type != SETUP) {
        return;
    }
    side->has_setup = true;
    side->setup_chunk = *chunk;
    side->setup_chunk.bytes = ml_span_of(NULL, 0);
    side->setup_len = (uint32_t)chunk->bytes.len;
    side->setup_address = datagram->address;
    bool is_own = is_private(&datagram->address) || ml_ip_equal(&datagram->address, sender);
    call->is_certain = call->is_certain || (is_own && datagram->port == sent_from);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct viber_call *call = self;
    const struct side *other = &call->sides[ml_dir_other(chunk->dir)];
    struct datagram datagram;
    bool is_answer = false;
    if (read_datagram(chunk->bytes, &datagram)) {
        bool is_question = datagram.type == SETUP || datagram.type == TEST;
        if (is_question) {
            on_question(call, chunk, &datagram);
        }
        is_answer = !is_question && other->has_asked && other->asked.id == datagram.call.id &&
                    memcmp(other->asked.token, datagram.call.token, TOKEN_LEN) == 0;
    }
    call->is_certain = call->is_certain || is_answer;
    if (call->is_certain) {
        state_setups(call);
    }
    if (is_answer) {
        state(call, chunk, chunk->bytes.len, ML_F_CALL_PUBLIC_ADDRESS, &datagram.address);
    }
    call->n_doubts += call->is_certain ? 0 : 1;
    return call->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct viber_call *call = self;
    return call->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_viber_call = {
    .name = "viber",
    .over = ML_OVER_UDP,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
