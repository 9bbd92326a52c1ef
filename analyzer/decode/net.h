/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net - the steps for IP and for what it carries.
 *
 * See: RFC 791, RFC 8200 (IP), RFC 9293 (TCP), RFC 768 (UDP), RFC 3828 (UDP-Lite), RFC 9260 (SCTP), RFC 4340 (DCCP).
 */
#ifndef MITLESER_DECODE_NET_H
#define MITLESER_DECODE_NET_H

#include "decode/fragments.h"
#include "decode/peel.h"

ml_step ml_net_ip4;
ml_step ml_net_ip6;

/* By segment->ip_proto; at the first byte behind the last IP header. */
ml_step ml_net_transport;

/* Called by ml_net_transport. */
bool ml_net_tcp(struct ml_peel *peel);

/* The capture was cut inside a transport header, or the IP packet is too small for it: drops. */
static inline bool ml_net_short(struct ml_peel *peel)
{
    return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_TRANSPORT, ML_COUNT_UNDECODED_BAD_TRANSPORT);
}

static inline void ml_net_set_ports(struct ml_segment *segment, const uint8_t *head)
{
    segment->src_port = ml_be16(head);
    segment->dst_port = ml_be16(head + 2);
}

/* Hands a fragment to the store: drops the packet, or goes on with the whole datagram at `again`. */
bool ml_net_fragment(struct ml_peel *peel, const struct ml_fragment *fragment, ml_step *again);

/* What both versions of IP do once the header is read: `head` starts it, `len` bytes follow the `head_len` read. */
static inline bool ml_net_frame(struct ml_peel *peel, const uint8_t *head, size_t head_len, size_t len)
{
    if (!ml_peel_frame(peel, len)) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_IP); /* longer than what it travels in */
    }
    struct ml_segment *segment = peel->segment;
    segment->ip = ml_span_of(head, head_len + ml_rd_left(&peel->rd));
    /* Of a datagram put together, the traffic is that of its fragments. */
    segment->ip_len = peel->whole_len != 0 ? peel->whole_len : (uint32_t)(head_len + len);
    peel->whole_len = 0;
    return true;
}

#endif
