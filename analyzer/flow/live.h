/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live - what a flow needs only while it is open.
 *
 * Lifetime:  from the first packet to the close; streams and the consumer's state go earlier when the flow settles.
 */
#ifndef MITLESER_FLOW_LIVE_H
#define MITLESER_FLOW_LIVE_H

#include "flow/pace.h"
#include "flow/stream.h"

#define ML_NO_FLOW UINT32_MAX

struct ml_flow_live {
    struct ml_stream *streams; /* two, by direction; owned; NULL for other protocols than TCP and once settled */
    void *state;               /* the consumer's */
    struct ml_pace pace;
    int64_t syn_ns;        /* time of the client's SYN */
    uint32_t prev, next;   /* open flows in index order, ML_NO_FLOW at the ends */
    uint32_t hash;         /* of the key */
    uint32_t first_seq[2]; /* TCP: sequence number of the first byte, where has_first */
    bool has_first[2];
    uint8_t n_syns; /* client's SYN, 2: more than one */
    bool has_syn_ack;
    bool wants_settle;
};

#endif
