/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn - what a relay carries: the bytes of each peer go to a demultiplexer of its own.
 *
 * In:        peers and channels from STUN messages, bytes from Send and Data indications and ChannelData.
 * Out:       facts of the protocols inside, with the layer "stun" added.
 * Ceiling:   ML_MAX_TURN_PEERS; the bytes of further peers are left alone. A relay within a relay is not followed.
 * See:       RFC 8656, sections 11 and 12.
 */
#ifndef MITLESER_PROTO_STUN_TURN_H
#define MITLESER_PROTO_STUN_TURN_H

#include "proto/parser.h"

enum { ML_TURN_SELF = 1 }; /* no channel: the far end of the connection itself */

struct ml_turn_peer {
    struct ml_ip ip; /* family 0: only its channel is known */
    uint16_t port;
    uint16_t channel;       /* 0: none */
    struct ml_demux *demux; /* owned; NULL until there are bytes */
    bool is_over;           /* no parser wants more */
};

struct ml_turn {
    struct ml_proto_env *env; /* borrowed */
    struct ml_turn_peer peers[ML_MAX_TURN_PEERS];
    size_t n_peers;
};

void ml_turn_bind(struct ml_turn *turn, const struct ml_ip *ip, uint16_t port, uint16_t channel);

/* The peer by address, or by channel; new when it is not known; NULL at the ceiling. Borrowed. */
struct ml_turn_peer *ml_turn_peer_at(struct ml_turn *turn, const struct ml_ip *ip, uint16_t port);
struct ml_turn_peer *ml_turn_peer_on(struct ml_turn *turn, uint16_t channel);

/* Bytes of a peer, `offset` into the chunk that carried them. NULL as peer is fine. */
void ml_turn_feed(struct ml_turn *turn, struct ml_turn_peer *peer, const struct ml_chunk *outer, struct ml_span bytes,
                  uint64_t offset);

void ml_turn_fini(struct ml_turn *turn);

#endif
