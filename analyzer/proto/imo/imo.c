/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/imo/imo.h"

#include "core/mem.h"
#include "core/reader.h"

enum {
    PING = 2,
    PONG = 3,
    CLOCK_FRAME = 9, /* type and clock */
    N_PINGS = 8,     /* pings of a side that are remembered; it sends five at once */
    MAX_DOUBTS = 24  /* datagrams without certainty before it gives up */
};

/* The pings and pongs of a datagram. */
struct clocks {
    unsigned n;
    struct {
        uint8_t type;
        uint64_t clock;
    } list[2];
};

struct imo {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain;
    unsigned n_pings[2];
    uint64_t pings[2][N_PINGS]; /* the last ones, around */
    unsigned n_doubts;
};

/* Seven bits a byte, the upper ones first; two bytes at most. */
static bool read_length(struct ml_reader *rd, size_t *len)
{
    uint8_t first = 0;
    uint8_t second = 0;
    if (!ml_rd_u8(rd, &first)) {
        return false;
    }
    *len = first;
    if ((first & 0x80) != 0) {
        if (!ml_rd_u8(rd, &second) || (second & 0x80) != 0) {
            return ml_rd_reject(rd);
        }
        *len = (size_t)(first & 0x7f) << 7 | second;
    }
    return *len != 0 || ml_rd_reject(rd);
}

static bool read_frame(struct ml_reader *rd, struct clocks *clocks)
{
    size_t len = 0;
    uint8_t type = 0;
    struct ml_reader body;
    uint64_t clock = 0;
    if (!read_length(rd, &len) || !ml_rd_sub(rd, len, &body) || !ml_rd_u8(&body, &type)) {
        return false;
    }
    bool is_clock = len == CLOCK_FRAME && (type == PING || type == PONG);
    if (is_clock && clocks->n < sizeof clocks->list / sizeof clocks->list[0] && ml_rd_le64(&body, &clock)) {
        clocks->list[clocks->n].type = type;
        clocks->list[clocks->n++].clock = clock;
    }
    return true;
}

/* Frames that fill the datagram; a relay puts a zero byte in front of what it sends. */
static bool read_datagram(struct ml_span bytes, struct clocks *clocks)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint8_t first = 0;
    unsigned n = 0;
    memset(clocks, 0, sizeof *clocks);
    if (ml_rd_peek(&rd, &first) && first == 0 && !ml_rd_skip(&rd, 1)) {
        return false;
    }
    while (ml_rd_left(&rd) != 0 && read_frame(&rd, clocks)) {
        n++;
    }
    return n != 0 && ml_rd_done(&rd);
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    struct clocks clocks;
    return !chunk->is_cut && read_datagram(chunk->bytes, &clocks) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct imo *imo = ml_mem_array(1, sizeof *imo);
    if (imo != NULL) {
        imo->env = env;
    }
    return imo;
}

static bool has_pinged(const struct imo *imo, enum ml_dir dir, uint64_t clock)
{
    for (unsigned i = 0; i < imo->n_pings[dir] && i < N_PINGS; i++) {
        if (imo->pings[dir][i] == clock) {
            return true;
        }
    }
    return false;
}

static void on_clocks(struct imo *imo, const struct ml_chunk *chunk, const struct clocks *clocks)
{
    for (unsigned i = 0; i < clocks->n; i++) {
        uint64_t clock = clocks->list[i].clock;
        if (clocks->list[i].type == PING) {
            imo->pings[chunk->dir][imo->n_pings[chunk->dir]++ % N_PINGS] = clock;
        } else if (has_pinged(imo, ml_dir_other(chunk->dir), clock)) {
            struct ml_fact_draft draft;
            imo->is_certain = true;
            ml_fact_begin(&draft, ML_FACT_IMO_UDP, chunk);
            (void)ml_fact_emit(imo->env->facts, &draft); /* a ceiling is counted there */
        }
    }
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct imo *imo = self;
    struct clocks clocks;
    if (read_datagram(chunk->bytes, &clocks)) {
        on_clocks(imo, chunk, &clocks);
    }
    imo->n_doubts += imo->is_certain ? 0 : 1;
    return imo->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct imo *imo = self;
    return imo->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_imo = {
    .name = "imo",
    .over = ML_OVER_UDP,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
