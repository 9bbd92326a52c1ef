/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/qq/oicq.h"

#include "core/mem.h"
#include "core/reader.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    PORT = 8000,
    FIRST = 2,
    LAST = 3,
    MIN_DATAGRAM = 16,     /* bytes: head, some ciphertext, the last byte */
    MIN_ACCOUNT = 10000,   /* numbers begin with five digits */
    MAX_COMMAND = 0x00b5,  /* as far as commands were ever listed */
    COMMAND_MEMO = 0x03f7, /* and one apart */
    TEXT = 12
};

struct oicq {
    struct ml_proto_env *env; /* borrowed */
};

struct message {
    uint16_t version;
    uint16_t command;
    uint32_t account; /* 0: a server's */
};

static bool is_ours(const struct ml_chunk *chunk)
{
    const struct ml_flow *flow = chunk->flow;
    return !chunk->is_cut && (flow->server_port == PORT || flow->client_port == PORT);
}

/* Was it sent to the server? The port tells better than who spoke first in the capture. */
static bool is_of_client(const struct ml_chunk *chunk)
{
    return (chunk->flow->server_port == PORT) == (chunk->dir == ML_UP);
}

static bool parse(const struct ml_chunk *chunk, struct message *out)
{
    struct ml_reader rd = ml_rd_open_framed(chunk->bytes);
    uint8_t first = 0;
    uint16_t sequence = 0;
    *out = (struct message){0};
    if (!is_ours(chunk) || chunk->bytes.len < MIN_DATAGRAM || !ml_rd_u8(&rd, &first) ||
        !ml_rd_u16(&rd, &out->version) || !ml_rd_u16(&rd, &out->command) || !ml_rd_u16(&rd, &sequence)) {
        return false;
    }
    if (is_of_client(chunk) && (!ml_rd_u32(&rd, &out->account) || out->account < MIN_ACCOUNT)) {
        return false;
    }
    bool is_command = (out->command != 0 && out->command <= MAX_COMMAND) || out->command == COMMAND_MEMO;
    return first == FIRST && is_command && out->version != 0 && chunk->bytes.ptr[chunk->bytes.len - 1] == LAST;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct message message;
    return parse(first, &message) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct oicq *oicq = ml_mem_array(1, sizeof *oicq);
    if (oicq != NULL) {
        oicq->env = env;
    }
    return oicq;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct oicq *oicq = self;
    struct message message;
    struct ml_fact_draft draft;
    char account[TEXT];
    char version[TEXT];
    if (!parse(chunk, &message)) {
        return true;
    }
    ml_fact_begin(&draft, ML_FACT_QQ_OICQ, chunk);
    if (message.account != 0) {
        (void)snprintf(account, sizeof account, "%" PRIu32, message.account);
        ml_fact_cstr(&draft, ML_F_QQ_ACCOUNT, account);
    }
    (void)snprintf(version, sizeof version, "%04x", message.version);
    ml_fact_cstr(&draft, ML_F_QQ_VERSION, version);
    ml_fact_number(&draft, ML_F_QQ_COMMAND, message.command);
    (void)ml_fact_emit(oicq->env->facts, &draft);
    return true;
}

const struct ml_parser ml_parser_qq_oicq = {
    .name = "qq.oicq",
    .over = ML_OVER_UDP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = ml_mem_free,
};
