/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/inner.h"

#include "core/mem.h"

enum { MAX_HELD_BYTES = 16 * 1024, FIRST_HELD = 8 };

/* A held chunk: its bytes are the next `len` of the buffer. */
struct held {
    uint64_t seq;
    int64_t time_ns;
    uint64_t offset;
    uint64_t gap_len;
    uint32_t len;
    uint32_t dir;
};

struct ml_inner {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    struct ml_demux *demux;   /* owned; NULL until open */
    enum ml_layer layer;
    uint64_t offset[2];  /* next byte of each direction inside */
    bool is_done;        /* the inner demultiplexer wants no more */
    struct ml_buf bytes; /* of all held chunks */
    struct held *held;   /* owned */
    size_t n_held, n_room;
    struct ml_chunk last; /* what all held chunks have in common */
};

struct ml_inner *ml_inner_new(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct ml_inner *inner = ml_mem_array(1, sizeof *inner);
    if (inner != NULL) {
        inner->env = env;
        inner->flow = flow;
        ml_buf_init(&inner->bytes, MAX_HELD_BYTES);
    }
    return inner;
}

void ml_inner_free(struct ml_inner *inner)
{
    if (inner == NULL) {
        return;
    }
    ml_demux_free(inner->demux);
    ml_buf_fini(&inner->bytes);
    ml_mem_free(inner->held);
    ml_mem_free(inner);
}

static struct held *next_held(struct ml_inner *inner)
{
    struct held *held = ml_mem_grow(inner->held, inner->n_held, &inner->n_room, FIRST_HELD, sizeof *held);
    if (held == NULL) {
        return NULL;
    }
    inner->held = held;
    return &inner->held[inner->n_held];
}

bool ml_inner_hold(struct ml_inner *inner, const struct ml_chunk *chunk)
{
    struct held *held = next_held(inner);
    if (inner->n_held == MAX_HELD_BYTES || held == NULL || !ml_buf_add_span(&inner->bytes, chunk->bytes)) {
        return false;
    }
    *held = (struct held){
        .seq = chunk->seq,
        .time_ns = chunk->time_ns,
        .offset = chunk->offset,
        .gap_len = chunk->gap_len,
        .len = (uint32_t)chunk->bytes.len,
        .dir = chunk->dir,
    };
    inner->n_held++;
    inner->last = *chunk;
    return true;
}

void ml_inner_release(struct ml_inner *inner, ml_inner_fn take, void *context)
{
    struct ml_chunk chunk = inner->last;
    size_t at = 0;
    for (size_t i = 0; i < inner->n_held; i++) {
        const struct held *held = &inner->held[i];
        chunk.seq = held->seq;
        chunk.time_ns = held->time_ns;
        chunk.offset = held->offset;
        chunk.gap_len = held->gap_len;
        chunk.dir = (enum ml_dir)held->dir;
        chunk.bytes = ml_span_cut(ml_buf_span(&inner->bytes), at, held->len);
        at += held->len;
        take(context, &chunk);
    }
    inner->n_held = 0;
    ml_buf_clear(&inner->bytes);
}

static void feed_held(void *context, const struct ml_chunk *chunk)
{
    (void)ml_inner_feed(context, chunk);
}

void ml_inner_open(struct ml_inner *inner, enum ml_layer layer)
{
    inner->layer = layer;
    inner->demux = ml_demux_new(inner->env, inner->flow, ML_OVER_TCP);
    if (inner->demux == NULL) {
        ml_count(inner->env->counters, ML_COUNT_LIMIT_MEMORY);
        inner->is_done = true;
    }
    ml_inner_release(inner, feed_held, inner);
}

bool ml_inner_feed(struct ml_inner *inner, const struct ml_chunk *chunk)
{
    /* Conversations in conversations end where the list of layers does. */
    if (inner->is_done || chunk->n_layers == ML_MAX_LAYERS) {
        return false;
    }
    uint64_t *offset = &inner->offset[chunk->dir];
    struct ml_chunk chunk_inside = ml_chunk_inner(chunk, inner->layer, chunk->bytes, *offset);
    chunk_inside.gap_len = chunk->gap_len;
    *offset += chunk->gap_len != 0 ? chunk->gap_len : chunk->bytes.len;
    inner->is_done = !ml_demux_feed(inner->demux, &chunk_inside);
    return !inner->is_done;
}
