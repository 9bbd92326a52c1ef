/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/zalo/zalo.h"

#include "core/mem.h"
#include "core/reader.h"

enum {
    QUESTION_MARK = 0x01010000,
    ANSWER_MARK = 0x02010000,
    MIN_LONG = 180, /* lengths of a question that is answered */
    MAX_LONG = 185,
    MIN_ANSWER = 52,
    MAX_ANSWER = 56,
    MIN_ROUNDS = 2,
    MAX_DOUBTS = 16 /* datagrams without certainty before it gives up */
};

enum shape { NONE, EQUAL, LONG, ANSWER }; /* EQUAL: both sides send this length */

struct zalo {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain;
    bool has_long[2];
    size_t last_equal[2]; /* length of the last EQUAL, 0 none or already met */
    unsigned n_rounds;
    unsigned n_doubts;
};

static enum shape shape_of(struct ml_span bytes)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint32_t mark = 0;
    if (!ml_rd_u32(&rd, &mark)) {
        return NONE;
    }
    if (mark == ANSWER_MARK) {
        return bytes.len >= MIN_ANSWER && bytes.len <= MAX_ANSWER ? ANSWER : NONE;
    }
    if (mark != QUESTION_MARK) {
        return NONE;
    }
    if (bytes.len >= MIN_LONG && bytes.len <= MAX_LONG) {
        return LONG;
    }
    bool is_equal = bytes.len == 26 || bytes.len == 27 || bytes.len == 34 || bytes.len == 42;
    return is_equal ? EQUAL : NONE;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    return !chunk->is_cut && shape_of(chunk->bytes) != NONE ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct zalo *zalo = ml_mem_array(1, sizeof *zalo);
    if (zalo != NULL) {
        zalo->env = env;
    }
    return zalo;
}

/* The same length from the other side closes a round. */
static void on_equal(struct zalo *zalo, enum ml_dir dir, size_t len)
{
    enum ml_dir other = ml_dir_other(dir);
    if (zalo->last_equal[other] == len) {
        zalo->n_rounds++;
        zalo->last_equal[other] = 0;
    } else {
        zalo->last_equal[dir] = len;
    }
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct zalo *zalo = self;
    bool is_answered = false;
    switch (shape_of(chunk->bytes)) {
    case EQUAL:
        on_equal(zalo, chunk->dir, chunk->bytes.len);
        break;
    case LONG:
        zalo->has_long[chunk->dir] = true;
        break;
    case ANSWER:
        is_answered = zalo->has_long[ml_dir_other(chunk->dir)];
        break;
    case NONE:
        break;
    }
    if (!zalo->is_certain && (is_answered || zalo->n_rounds >= MIN_ROUNDS)) {
        struct ml_fact_draft draft;
        zalo->is_certain = true;
        ml_fact_begin(&draft, ML_FACT_ZALO_CALL, chunk);
        (void)ml_fact_emit(zalo->env->facts, &draft); /* a ceiling is counted there */
    }
    zalo->n_doubts += zalo->is_certain ? 0 : 1;
    return zalo->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct zalo *zalo = self;
    return zalo->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_zalo = {
    .name = "zalo",
    .over = ML_OVER_UDP,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
