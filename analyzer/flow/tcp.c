/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/tcp.h"

static bool is_syn(const struct ml_segment *segment)
{
    return (segment->tcp_flags & (ML_TCP_SYN | ML_TCP_ACK)) == ML_TCP_SYN;
}

static bool is_syn_ack(const struct ml_segment *segment)
{
    return (segment->tcp_flags & (ML_TCP_SYN | ML_TCP_ACK)) == (ML_TCP_SYN | ML_TCP_ACK);
}

static bool has_ended(const struct ml_flow *flow)
{
    return ((flow->tcp_flags[ML_UP] | flow->tcp_flags[ML_DOWN]) & ML_TCP_RST) != 0 ||
           (flow->tcp_flags[ML_UP] & flow->tcp_flags[ML_DOWN] & ML_TCP_FIN) != 0;
}

bool ml_tcp_is_new_connection(const struct ml_flow *flow, const struct ml_segment *segment, enum ml_dir dir)
{
    if (!is_syn(segment)) {
        return false;
    }
    const struct ml_flow_live *live = flow->live;
    if (has_ended(flow)) {
        return true;
    }
    if (live->has_first[dir]) {
        return live->first_seq[dir] != segment->tcp_seq + 1; /* equal: sent again, or overtaken by its first byte */
    }
    /* A SYN from the other side too: a simultaneous open, unless the flow began in the middle. */
    return !flow->saw_start;
}

static void learn_first(struct ml_flow_live *live, enum ml_dir dir, uint32_t seq)
{
    if (!live->has_first[dir]) {
        live->has_first[dir] = true;
        live->first_seq[dir] = seq;
    }
}

static void learn_rtt(struct ml_flow *flow, const struct ml_segment *segment)
{
    struct ml_flow_live *live = flow->live;
    bool is_answer = live->n_syns == 1 && !live->has_syn_ack && segment->tcp_ack == live->first_seq[ML_UP];
    live->has_syn_ack = true;
    if (!is_answer || segment->time_ns < live->syn_ns) {
        return;
    }
    uint64_t us = ((uint64_t)segment->time_ns - (uint64_t)live->syn_ns) / 1000;
    if (us < UINT32_MAX) {
        flow->rtt_us = us != 0 ? (uint32_t)us : 1; /* 0 means unknown */
    }
}

void ml_tcp_learn(struct ml_flow *flow, const struct ml_segment *segment, enum ml_dir dir)
{
    struct ml_flow_live *live = flow->live;
    flow->tcp_flags[dir] |= segment->tcp_flags;
    if ((segment->tcp_flags & ML_TCP_SYN) != 0) {
        flow->saw_start = true;
        learn_first(live, dir, segment->tcp_seq + 1);
        if (is_syn_ack(segment)) {
            learn_first(live, ml_dir_other(dir), segment->tcp_ack);
        }
    } else if (segment->payload_len != 0) {
        learn_first(live, dir, segment->tcp_seq);
    }
    if (is_syn(segment) && dir == ML_UP) {
        live->syn_ns = live->n_syns == 0 ? segment->time_ns : live->syn_ns;
        live->n_syns = live->n_syns == 0 ? 1 : 2;
    } else if (is_syn_ack(segment) && dir == ML_DOWN) {
        learn_rtt(flow, segment);
    }
    if ((flow->tcp_flags[ML_UP] & flow->tcp_flags[ML_DOWN] & ML_TCP_SYN) != 0) {
        flow->is_established = true;
    }
}
