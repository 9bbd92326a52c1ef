/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/tunnel.h"

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

struct ml_http_tunnel {
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

struct ml_http_tunnel *ml_http_tunnel_new(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct ml_http_tunnel *tunnel = ml_mem_array(1, sizeof *tunnel);
    if (tunnel != NULL) {
        tunnel->env = env;
        tunnel->flow = flow;
        ml_buf_init(&tunnel->bytes, MAX_HELD_BYTES);
    }
    return tunnel;
}

void ml_http_tunnel_free(struct ml_http_tunnel *tunnel)
{
    if (tunnel == NULL) {
        return;
    }
    ml_demux_free(tunnel->demux);
    ml_buf_fini(&tunnel->bytes);
    ml_mem_free(tunnel->held);
    ml_mem_free(tunnel);
}

static struct held *next_held(struct ml_http_tunnel *tunnel)
{
    if (tunnel->n_held == tunnel->n_room) {
        size_t n_room = tunnel->n_room != 0 ? 2 * tunnel->n_room : FIRST_HELD;
        struct held *held = ml_mem_resize(tunnel->held, n_room, sizeof *held);
        if (held == NULL) {
            return NULL;
        }
        tunnel->held = held;
        tunnel->n_room = n_room;
    }
    return &tunnel->held[tunnel->n_held];
}

bool ml_http_tunnel_hold(struct ml_http_tunnel *tunnel, const struct ml_chunk *chunk)
{
    struct held *held = next_held(tunnel);
    if (tunnel->n_held == MAX_HELD_BYTES || held == NULL || !ml_buf_add_span(&tunnel->bytes, chunk->bytes)) {
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
    tunnel->n_held++;
    tunnel->last = *chunk;
    return true;
}

void ml_http_tunnel_release(struct ml_http_tunnel *tunnel, ml_http_tunnel_fn take, void *context)
{
    struct ml_chunk chunk = tunnel->last;
    size_t at = 0;
    for (size_t i = 0; i < tunnel->n_held; i++) {
        const struct held *held = &tunnel->held[i];
        chunk.seq = held->seq;
        chunk.time_ns = held->time_ns;
        chunk.offset = held->offset;
        chunk.gap_len = held->gap_len;
        chunk.dir = (enum ml_dir)held->dir;
        chunk.bytes = ml_span_cut(ml_buf_span(&tunnel->bytes), at, held->len);
        at += held->len;
        take(context, &chunk);
    }
    tunnel->n_held = 0;
    ml_buf_clear(&tunnel->bytes);
}

static void feed_held(void *context, const struct ml_chunk *chunk)
{
    (void)ml_http_tunnel_feed(context, chunk);
}

void ml_http_tunnel_open(struct ml_http_tunnel *tunnel, enum ml_layer layer)
{
    tunnel->layer = layer;
    tunnel->demux = ml_demux_new(tunnel->env, tunnel->flow, ML_OVER_TCP);
    if (tunnel->demux == NULL) {
        ml_count(tunnel->env->counters, ML_COUNT_LIMIT_MEMORY);
        tunnel->is_done = true;
    }
    ml_http_tunnel_release(tunnel, feed_held, tunnel);
}

bool ml_http_tunnel_feed(struct ml_http_tunnel *tunnel, const struct ml_chunk *chunk)
{
    /* Tunnels in tunnels end where the list of layers does. */
    if (tunnel->is_done || chunk->n_layers == ML_MAX_LAYERS) {
        return false;
    }
    uint64_t *offset = &tunnel->offset[chunk->dir];
    struct ml_chunk inner = ml_chunk_inner(chunk, tunnel->layer, chunk->bytes, *offset);
    inner.gap_len = chunk->gap_len;
    *offset += chunk->gap_len != 0 ? chunk->gap_len : chunk->bytes.len;
    tunnel->is_done = !ml_demux_feed(tunnel->demux, &inner);
    return !tunnel->is_done;
}
