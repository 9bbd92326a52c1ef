/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/net.h"
#include "decode/tunnel/tunnel.h"

enum {
    IP_IN_IP = 4,
    IP6_IN_IP = 41,
    GRE = 47,
    AUTHENTICATION = 51,
    DCCP = 33,
    ETHERIP = 97,
    UDP_LITE = 136,
    MPLS_IN_IP = 137
};

static bool read_udp(struct ml_peel *peel)
{
    enum { HEADER = 8 };
    const uint8_t *head = ml_peel_head(peel, HEADER);
    if (head == NULL) {
        return ml_net_short(peel);
    }
    size_t len = ml_be16(head + 4);
    /* RFC 2675, section 4: length 0 is for datagrams longer than the field can tell. */
    if (len != 0 && (len < HEADER || !ml_peel_frame(peel, len - HEADER))) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    ml_net_set_ports(peel->segment, head);
    ml_peel_finish(peel);
    return ml_tunnel_over_udp(peel);
}

/* Headers of a fixed length that start with the ports. */
static bool read_ports(struct ml_peel *peel, size_t len)
{
    const uint8_t *head = ml_peel_head(peel, len);
    if (head == NULL) {
        return ml_net_short(peel);
    }
    ml_net_set_ports(peel->segment, head);
    ml_peel_finish(peel);
    return true;
}

static bool read_dccp(struct ml_peel *peel)
{
    enum { SHORTEST = 12 };
    const uint8_t *head = ml_peel_head(peel, SHORTEST);
    if (head == NULL) {
        return ml_net_short(peel);
    }
    size_t len = head[4] * 4U; /* data offset */
    if (len < SHORTEST) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    if (!ml_rd_skip(&peel->rd, len - SHORTEST)) {
        return ml_net_short(peel);
    }
    ml_net_set_ports(peel->segment, head);
    ml_peel_finish(peel);
    return true;
}

/* RFC 4302 in IPv4, where it is no extension header: the packet goes on behind it. */
static bool skip_authentication(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 12);
    if (head == NULL) {
        return ml_net_short(peel);
    }
    size_t len = (head[1] + 2U) * 4U;
    if (len < 12) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    if (!ml_rd_skip(&peel->rd, len - 12)) {
        return ml_net_short(peel);
    }
    peel->segment->ip_proto = head[0];
    return ml_peel_go(peel, ml_net_transport);
}

static bool read_other(struct ml_peel *peel)
{
    struct ml_segment *segment = peel->segment;
    segment->src_port = 0; /* an outer header may have set them */
    segment->dst_port = 0;
    switch (segment->ip_proto) {
    case ML_IP_SCTP:
        return read_ports(peel, 12);
    case UDP_LITE:
        return read_ports(peel, 8);
    case DCCP:
        return read_dccp(peel);
    case AUTHENTICATION:
        return skip_authentication(peel);
    case IP_IN_IP:
    case IP6_IN_IP:
    case ETHERIP:
    case MPLS_IN_IP:
        ml_peel_finish(peel);
        return ml_tunnel_over_ip(peel);
    case GRE:
        ml_peel_finish(peel);
        return ml_tunnel_gre(peel);
    default:
        ml_peel_finish(peel); /* ICMP, ESP and all others: no ports */
        return true;
    }
}

bool ml_net_transport(struct ml_peel *peel)
{
    switch (peel->segment->ip_proto) {
    case ML_IP_TCP:
        return ml_net_tcp(peel);
    case ML_IP_UDP:
        return read_udp(peel);
    default:
        return read_other(peel);
    }
}
