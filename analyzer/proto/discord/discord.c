/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/discord/discord.h"

#include "core/mem.h"
#include "core/reader.h"

enum {
    DISCOVERY_LEN = 74,
    ASKED = 1,
    ANSWERED = 2,
    DISCOVERY_BODY = 70,
    ADDRESS_LEN = 64,
    PING_LEN = 8,
    PING_MARK = 0x1337cafe,
    MAX_DOUBTS = 16 /* datagrams without an answer before it gives up */
};

struct discovery {
    uint16_t type;
    struct ml_ip address; /* of the client, as the server sees it; only in an answer */
};

struct discord {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain;
    bool has_ping[2];
    uint32_t last_ping[2];
    unsigned n_doubts;
};

/* A text that ends with a zero byte and is followed by nothing else. */
static bool read_address(struct ml_span field, struct ml_ip *out)
{
    struct ml_reader rd = ml_rd_open_framed(field);
    struct ml_span text = {0};
    if (!ml_rd_until(&rd, 0, &text) || !ml_ip_parse(text, out)) {
        return false;
    }
    struct ml_span rest = ml_rd_rest(&rd);
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool is_zero(struct ml_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool read_discovery(struct ml_span bytes, struct discovery *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint16_t len = 0;
    uint16_t port = 0;
    struct ml_span address = {0};
    memset(out, 0, sizeof *out);
    if (bytes.len != DISCOVERY_LEN || !ml_rd_u16(&rd, &out->type) || !ml_rd_u16(&rd, &len) || !ml_rd_skip(&rd, 4) ||
        !ml_rd_span(&rd, ADDRESS_LEN, &address) || !ml_rd_u16(&rd, &port) || len != DISCOVERY_BODY) {
        return false;
    }
    return out->type == ASKED ? is_zero(address) && port == 0
                              : out->type == ANSWERED && port != 0 && read_address(address, &out->address);
}

static bool read_ping(struct ml_span bytes, uint32_t *counter)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint32_t mark = 0;
    return bytes.len == PING_LEN && ml_rd_u32(&rd, &mark) && ml_rd_u32(&rd, counter) && mark == PING_MARK;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    struct discovery discovery;
    uint32_t counter = 0;
    bool is_ours = read_discovery(chunk->bytes, &discovery) || read_ping(chunk->bytes, &counter);
    return is_ours ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct discord *discord = ml_mem_array(1, sizeof *discord);
    if (discord != NULL) {
        discord->env = env;
    }
    return discord;
}

static void state(const struct discord *discord, enum ml_fact_kind kind, const struct ml_chunk *chunk,
                  const struct ml_ip *address)
{
    struct ml_fact_draft draft;
    ml_fact_begin(&draft, kind, chunk);
    if (address != NULL) {
        ml_fact_ip(&draft, ML_F_CALL_PUBLIC_ADDRESS, address);
    }
    (void)ml_fact_emit(discord->env->facts, &draft); /* a ceiling is counted there */
}

static void on_ping(struct discord *discord, const struct ml_chunk *chunk, uint32_t counter)
{
    enum ml_dir other = ml_dir_other(chunk->dir);
    bool is_echo = discord->has_ping[other] && discord->last_ping[other] == counter;
    discord->has_ping[chunk->dir] = true;
    discord->last_ping[chunk->dir] = counter;
    discord->is_certain = discord->is_certain || is_echo;
    if (discord->is_certain) {
        state(discord, ML_FACT_DISCORD_VOICE, chunk, NULL);
    }
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct discord *discord = self;
    struct discovery discovery;
    uint32_t counter = 0;
    if (read_ping(chunk->bytes, &counter)) {
        on_ping(discord, chunk, counter);
    } else if (read_discovery(chunk->bytes, &discovery) && discovery.type == ANSWERED) {
        discord->is_certain = true;
        state(discord, ML_FACT_DISCORD_IP_DISCOVERY, chunk, &discovery.address);
    }
    discord->n_doubts += discord->is_certain ? 0 : 1;
    return discord->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct discord *discord = self;
    return discord->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_discord = {
    .name = "discord",
    .over = ML_OVER_UDP,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
