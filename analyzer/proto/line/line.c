/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/line/line.h"

#include "core/mem.h"
#include "core/reader.h"

enum {
    HEADER = 4,
    SETUP = 0x1b, /* upper five bits */
    OTHER = 0x1a,
    SETUP_MARK = 0x0602,
    MIN_SETUP_LEN = 150,
    SEQUENCE = 0x7fff,
    MAX_STEP = 8,   /* datagrams lost in a row */
    MIN_RUN = 8,    /* datagrams that count up, when only one side was captured */
    MAX_DOUBTS = 24 /* datagrams without certainty before it gives up */
};

struct datagram {
    bool is_setup;
    uint16_t seq;
};

struct side {
    bool has_setup, has_seq;
    uint16_t last_seq;
    unsigned n_run; /* steps up */
};

struct line {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain;
    struct side sides[2];
    unsigned n_doubts;
};

/* Five bits of type, eleven of length, one flag, fifteen of sequence. */
static bool read_datagram(struct ml_span bytes, struct datagram *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint16_t first = 0;
    uint16_t mark = 0;
    memset(out, 0, sizeof *out);
    if (!ml_rd_u16(&rd, &first) || !ml_rd_u16(&rd, &out->seq) || !ml_rd_u16(&rd, &mark)) {
        return false;
    }
    unsigned type = first >> 11;
    out->seq &= SEQUENCE;
    out->is_setup = type == SETUP && mark == SETUP_MARK && bytes.len >= MIN_SETUP_LEN;
    return (out->is_setup || type == OTHER) && (size_t)(first & 0x07ff) + HEADER == bytes.len;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    struct datagram datagram;
    return !chunk->is_cut && read_datagram(chunk->bytes, &datagram) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct line *line = ml_mem_array(1, sizeof *line);
    if (line != NULL) {
        line->env = env;
    }
    return line;
}

static void count(struct side *side, const struct datagram *datagram)
{
    uint16_t step = (uint16_t)(datagram->seq - side->last_seq) & SEQUENCE;
    if (side->has_seq) {
        side->n_run = step >= 1 && step <= MAX_STEP ? side->n_run + 1 : 0;
    }
    side->has_setup = side->has_setup || datagram->is_setup;
    side->has_seq = true;
    side->last_seq = datagram->seq;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct line *line = self;
    struct side *side = &line->sides[chunk->dir];
    struct datagram datagram;
    if (read_datagram(chunk->bytes, &datagram)) {
        count(side, &datagram);
    }
    bool was_certain = line->is_certain;
    line->is_certain = was_certain || (line->sides[ML_UP].has_setup && line->sides[ML_DOWN].has_setup) ||
                       (side->has_setup && side->n_run >= MIN_RUN);
    if (line->is_certain && !was_certain) {
        struct ml_fact_draft draft;
        ml_fact_begin(&draft, ML_FACT_LINE_CALL, chunk);
        (void)ml_fact_emit(line->env->facts, &draft); /* a ceiling is counted there */
    }
    line->n_doubts += line->is_certain ? 0 : 1;
    return line->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct line *line = self;
    return line->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_line = {
    .name = "line",
    .over = ML_OVER_UDP,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
