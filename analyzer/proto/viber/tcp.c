/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/viber/record.h"
#include "proto/viber/viber.h"

enum { MAX_GATHERED = 64 * 1024 };

struct viber {
    struct ml_proto_env *env; /* borrowed */
    struct ml_gather gathers[2];
    bool is_over[2]; /* a hole: nothing behind it can be told */
};

static bool is_their_port(const struct ml_flow *flow)
{
    return flow->server_port == 4244 || flow->server_port == 5242 || flow->client_port == 4244 ||
           flow->client_port == 5242;
}

/* Records without a hello are so plain that they count on Viber's ports alone. */
static enum ml_match match(const struct ml_flow *flow, struct ml_span bytes, size_t *len)
{
    enum ml_match hello = ml_viber_hello(bytes, len);
    if (hello == ML_MATCH_YES || !is_their_port(flow)) {
        return hello;
    }
    enum ml_match records = ml_viber_records(bytes, len);
    return records == ML_MATCH_NO ? hello : records;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    size_t len = 0;
    return match(chunk->flow, chunk->bytes, &len);
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct viber *viber = ml_mem_array(1, sizeof *viber);
    if (viber != NULL) {
        viber->env = env;
        ml_gather_init(&viber->gathers[ML_UP], MAX_GATHERED);
        ml_gather_init(&viber->gathers[ML_DOWN], MAX_GATHERED);
    }
    return viber;
}

/* True: stated, and nothing more can be learned. */
static bool state(struct viber *viber, const struct ml_chunk *chunk)
{
    struct ml_gather *gather = &viber->gathers[chunk->dir];
    struct ml_fact_draft draft;
    size_t len = 0;
    struct ml_span held = ml_gather_span(gather);
    if (match(chunk->flow, held, &len) != ML_MATCH_YES || held.len < len) {
        return false;
    }
    ml_fact_begin_gathered(&draft, ML_FACT_VIBER_TCP, chunk, gather, 0, len);
    (void)ml_fact_emit(viber->env->facts, &draft); /* a ceiling is counted there */
    return true;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct viber *viber = self;
    if (chunk->gap_len != 0) {
        viber->is_over[chunk->dir] = true;
        ml_gather_clear(&viber->gathers[chunk->dir]);
    } else if (!viber->is_over[chunk->dir]) {
        if (!ml_gather_add(&viber->gathers[chunk->dir], chunk)) {
            ml_count(viber->env->counters, ML_COUNT_LIMIT_MESSAGE);
            viber->is_over[chunk->dir] = true;
        } else if (state(viber, chunk)) {
            return false;
        }
    }
    return !viber->is_over[ML_UP] || !viber->is_over[ML_DOWN];
}

static void destroy(void *self)
{
    struct viber *viber = self;
    ml_gather_fini(&viber->gathers[ML_UP]);
    ml_gather_fini(&viber->gathers[ML_DOWN]);
    ml_mem_free(viber);
}

const struct ml_parser ml_parser_viber = {
    .name = "viber",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
