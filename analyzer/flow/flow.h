/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow - one conversation between two addresses: the record that lives to the end of the run.
 *
 * The client is who sent the first SYN; without one, who sent the first packet seen, unless only the other port looks
 * like a service (below 1024 or in the table of flow/client.c). A flow ends by the gap between its own packets, by
 * FIN/RST and a new SYN, or by a SYN that cannot belong to it, never by when a sweep ran: results do not depend on
 * housekeeping.
 */
#ifndef MITLESER_FLOW_FLOW_H
#define MITLESER_FLOW_FLOW_H

#include "core/ip.h"
#include "decode/segment.h"
#include "flow/chunk.h"

struct ml_fact;      /* proto/fact.h */
struct ml_flow_live; /* flow/live.h: streams and the consumer's state; gone when the flow is closed */

/*
 * Ordered by size, without holes: 192 bytes, three cache lines, and all that is left of a closed flow.
 * Directions are enum ml_dir: [ML_UP] is what the client sent.
 */
struct ml_flow {
    struct ml_flow_live *live; /* owned by the table; NULL once closed */
    struct ml_fact *facts;     /* first of the flow's facts, in order; owned by the shard's arena */
    struct ml_fact *facts_last;
    void *verdict; /* what the consumer keeps for good (for example nDPI's answer); owned by it */
    uint64_t first_seq, last_seq;
    int64_t first_ns, last_ns; /* smallest and largest time of its packets */
    uint64_t bytes[2];         /* IP bytes on the wire */
    uint64_t packets[2];
    uint64_t payload_bytes[2]; /* transport payload on the wire */
    uint32_t index;            /* order within the shard */
    uint32_t process;          /* as in ml_packet, 0 unknown */
    uint32_t rtt_us;           /* SYN to SYN/ACK when the SYN was sent once; a consumer may lower it; 0 unknown */
    uint32_t n_gaps;           /* holes in the streams of both directions */
    uint32_t n_facts;
    uint16_t client_port, server_port;
    struct ml_ip client, server;
    uint8_t ip_proto;
    uint8_t tcp_flags[2]; /* all flags seen */
    uint8_t client_mac[6];
    uint8_t icmp_type, icmp_code; /* of the first packet */
    uint8_t n_tunnels;
    uint8_t tunnels[ML_MAX_TUNNEL_DEPTH];
    bool has_client_mac;
    bool is_established; /* SYN and SYN/ACK seen, or bytes in both directions */
    bool saw_start;      /* TCP: a SYN was captured */
    bool is_cut;         /* some payload was captured shorter than sent */
    bool is_settled;     /* the consumer wants no more of its bytes */
};

enum { ML_COMMUNITY_ID_TEXT = 32 };

/*
 * Community ID version 1, seed 0 ("1:" and base64 of a SHA-1; the specification of corelight/community-id-spec).
 * Same for both directions. An ICMP flow holds all types between two hosts; the type of its first packet stands for it.
 * False when OpenSSL refuses; out is then "".
 */
bool ml_flow_community_id(const struct ml_flow *flow, char out[ML_COMMUNITY_ID_TEXT]);

#endif
