/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reflector - the relay of calls that Telegram used until about 2020: a tag of 16 bytes, then 12 bytes 0xff while the
 * relay is looked for. Ports 500 to 600 only: elsewhere other protocols send the same.
 */
#include "core/mem.h"
#include "core/reader.h"
#include "proto/telegram/telegram.h"

enum { FIRST_PORT = 500, LAST_PORT = 600, TAG = 16, MARK = 12 };

struct reflector {
    struct ml_proto_env *env; /* borrowed */
};

static enum ml_match probe(const struct ml_chunk *first)
{
    const struct ml_flow *flow = first->flow;
    struct ml_reader rd = ml_rd_open_framed(first->bytes);
    struct ml_span mark;
    if (flow->server_port < FIRST_PORT || flow->server_port > LAST_PORT || !ml_rd_skip(&rd, TAG) ||
        !ml_rd_span(&rd, MARK, &mark)) {
        return ML_MATCH_NO;
    }
    for (size_t i = 0; i < mark.len; i++) {
        if (mark.ptr[i] != 0xff) {
            return ML_MATCH_NO;
        }
    }
    return ML_MATCH_YES;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct reflector *reflector = ml_mem_array(1, sizeof *reflector);
    if (reflector != NULL) {
        reflector->env = env;
    }
    return reflector;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct reflector *reflector = self;
    struct ml_fact_draft draft;
    if (probe(chunk) == ML_MATCH_YES) {
        ml_fact_begin(&draft, ML_FACT_MTPROTO_REFLECTOR, chunk);
        (void)ml_fact_emit(reflector->env->facts, &draft);
    }
    return true;
}

const struct ml_parser ml_parser_mtproto_reflector = {
    .name = "mtproto.reflector",
    .over = ML_OVER_UDP,
    .plain_of = ML_PLAIN_SEALED,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = ml_mem_free,
};
