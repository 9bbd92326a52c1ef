/* SPDX-License-Identifier: Apache-2.0 */
/* facts - states what one STUN message shows: stun.message, and stun.<app> where it is one app's alone. */
#ifndef MITLESER_PROTO_STUN_FACTS_H
#define MITLESER_PROTO_STUN_FACTS_H

#include "proto/parser.h"
#include "proto/stun/message.h"

/* Where a message came from. */
struct ml_stun_place {
    const struct ml_chunk *chunk; /* layers, direction; borrowed */
    uint64_t first_seq, last_seq;
    int64_t time_ns;
    uint64_t offset; /* of the message's first byte, within the layer */
    bool is_cut;
};

/* What the caller does next depends on. */
struct ml_stun_details {
    struct ml_span data; /* of a Send or Data indication */
    struct ml_ip peer;   /* the first one; family 0 without */
    uint16_t peer_port;
    uint16_t channel; /* 0 without */
};

/* A fact about `len` bytes from the start of the message. */
void ml_stun_begin(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_stun_place *place, size_t len);

void ml_stun_state(struct ml_proto_env *env, const struct ml_stun_place *place, const struct ml_stun_message *message,
                   struct ml_stun_details *details);

#endif
