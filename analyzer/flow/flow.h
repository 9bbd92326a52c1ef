/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow - one conversation between two addresses: the record that lives to the end of the run.
 *
 * The client is who sent the first SYN; without one, who sent the first packet seen, unless only the other port looks
 * like a service (well-known or registered in the table of flow/table.c). A flow ends by the gap between its own
 * packets, or by FIN/RST and a new SYN, never by when a sweep ran: results do not depend on housekeeping.
 */
#ifndef MITLESER_FLOW_FLOW_H
#define MITLESER_FLOW_FLOW_H

#include "core/ip.h"
#include "decode/segment.h"
#include "flow/chunk.h"

struct ml_fact;      /* proto/fact.h */
struct ml_flow_live; /* flow/table.c: streams and the consumer's state; gone when the flow is closed */

struct ml_flow {
    struct ml_ip client, server;
    uint16_t client_port, server_port;
    uint8_t ip_proto;
    uint8_t tcp_flags[2]; /* all flags seen, by direction */
    bool is_established;  /* SYN and SYN/ACK seen, or bytes in both directions */
    bool saw_start;       /* TCP: a SYN was captured */
    bool is_cut;          /* some payload was captured shorter than sent */
    uint8_t n_tunnels;
    uint8_t tunnels[ML_MAX_TUNNEL_DEPTH];
    uint32_t index;   /* order within the shard */
    uint32_t process; /* as in ml_packet, 0 unknown */
    uint64_t first_seq, last_seq;
    int64_t first_ns, last_ns;
    uint64_t bytes[2]; /* IP bytes on the wire, by direction */
    uint64_t packets[2];
    uint64_t payload_bytes[2]; /* transport payload on the wire */
    uint32_t rtt_us;           /* smallest handshake round trip seen, 0 unknown */
    uint32_t n_gaps;           /* holes in the streams of both directions */
    uint8_t client_mac[6];
    bool has_client_mac;
    struct ml_fact *facts; /* first of the flow's facts, in order; owned by the shard's arena */
    struct ml_fact *facts_last;
    uint32_t n_facts;
    struct ml_flow_live *live; /* owned by the table; NULL once closed */
    void *verdict;             /* what the consumer keeps for good (for example nDPI's answer); owned by it */
};

enum { ML_COMMUNITY_ID_TEXT = 32 };

/*
 * Community ID version 1, seed 0 ("1:" and base64 of a SHA-1; the specification of corelight/community-id-spec).
 * Same for both directions. ICMP maps type and code only where ports hold them; here they count as one-way 0/0.
 */
bool ml_flow_community_id(const struct ml_flow *flow, char out[ML_COMMUNITY_ID_TEXT]);

#endif
