/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/tunnel.h"

#include "core/mem.h"

enum { MAX_HELD = 32, MAX_HELD_BYTES = 64 * 1024 };

struct held {
    struct ml_chunk chunk; /* its bytes are `copy` */
    uint8_t *copy;         /* owned */
};

struct ml_http_tunnel {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    struct ml_demux *demux;   /* owned; NULL until open */
    enum ml_layer layer;
    uint64_t offset[2]; /* next byte of each direction inside */
    bool is_done;       /* the inner demultiplexer wants no more */
    size_t n_held, held_bytes;
    struct held held[MAX_HELD];
};

struct ml_http_tunnel *ml_http_tunnel_new(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct ml_http_tunnel *tunnel = ml_mem_array(1, sizeof *tunnel);
    if (tunnel != NULL) {
        tunnel->env = env;
        tunnel->flow = flow;
    }
    return tunnel;
}

void ml_http_tunnel_free(struct ml_http_tunnel *tunnel)
{
    if (tunnel == NULL) {
        return;
    }
    ml_demux_free(tunnel->demux);
    for (size_t i = 0; i < tunnel->n_held; i++) {
        ml_mem_free(tunnel->held[i].copy);
    }
    ml_mem_free(tunnel);
}

bool ml_http_tunnel_hold(struct ml_http_tunnel *tunnel, const struct ml_chunk *chunk)
{
    if (tunnel->n_held == MAX_HELD || chunk->bytes.len > MAX_HELD_BYTES - tunnel->held_bytes) {
        return false;
    }
    uint8_t *copy = ml_mem_array(chunk->bytes.len, 1);
    if (copy == NULL) {
        return false;
    }
    if (chunk->bytes.len != 0) {
        memcpy(copy, chunk->bytes.ptr, chunk->bytes.len);
    }
    struct held *held = &tunnel->held[tunnel->n_held++];
    *held = (struct held){.chunk = *chunk, .copy = copy};
    held->chunk.bytes.ptr = copy;
    tunnel->held_bytes += chunk->bytes.len;
    return true;
}

void ml_http_tunnel_release(struct ml_http_tunnel *tunnel, ml_http_tunnel_fn take, void *context)
{
    for (size_t i = 0; i < tunnel->n_held; i++) {
        take(context, &tunnel->held[i].chunk);
        ml_mem_free(tunnel->held[i].copy);
    }
    tunnel->n_held = tunnel->held_bytes = 0;
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
