/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/stun/turn.h"

static struct ml_turn_peer *add(struct ml_turn *turn)
{
    return turn->n_peers < ML_MAX_TURN_PEERS ? &turn->peers[turn->n_peers++] : NULL;
}

struct ml_turn_peer *ml_turn_peer_at(struct ml_turn *turn, const struct ml_ip *ip, uint16_t port)
{
    for (size_t i = 0; i < turn->n_peers; i++) {
        if (turn->peers[i].port == port && ml_ip_equal(&turn->peers[i].ip, ip)) {
            return &turn->peers[i];
        }
    }
    struct ml_turn_peer *peer = add(turn);
    if (peer != NULL) {
        peer->ip = *ip;
        peer->port = port;
    }
    return peer;
}

struct ml_turn_peer *ml_turn_peer_on(struct ml_turn *turn, uint16_t channel)
{
    for (size_t i = 0; i < turn->n_peers; i++) {
        if (turn->peers[i].channel == channel) {
            return &turn->peers[i];
        }
    }
    struct ml_turn_peer *peer = add(turn);
    if (peer != NULL) {
        peer->channel = channel;
    }
    return peer;
}

void ml_turn_bind(struct ml_turn *turn, const struct ml_ip *ip, uint16_t port, uint16_t channel)
{
    for (size_t i = 0; i < turn->n_peers; i++) { /* bytes came before the binding was seen */
        if (turn->peers[i].channel == channel) {
            return;
        }
    }
    struct ml_turn_peer *peer = ml_turn_peer_at(turn, ip, port);
    if (peer != NULL) {
        peer->channel = channel;
    }
}

void ml_turn_feed(struct ml_turn *turn, struct ml_turn_peer *peer, const struct ml_chunk *outer, struct ml_span bytes,
                  uint64_t offset)
{
    if (peer == NULL || peer->is_over || bytes.len == 0) {
        return;
    }
    if (peer->demux == NULL) {
        peer->demux = ml_demux_new(turn->env, outer->flow, ML_OVER_UDP);
        if (peer->demux == NULL) {
            ml_count(turn->env->counters, ML_COUNT_LIMIT_MEMORY);
            peer->is_over = true;
            return;
        }
    }
    struct ml_chunk inner = ml_chunk_inner(outer, ML_LAYER_STUN, bytes, offset);
    inner.is_datagram = true;
    if (!ml_demux_feed(peer->demux, &inner)) {
        peer->is_over = true;
    }
}

void ml_turn_fini(struct ml_turn *turn)
{
    for (size_t i = 0; i < turn->n_peers; i++) {
        ml_demux_free(turn->peers[i].demux);
    }
    turn->n_peers = 0;
}
