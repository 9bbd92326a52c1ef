/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels that are an IP protocol of their own, and the choice by UDP port. */
#include "decode/link/link.h"
#include "decode/net.h"
#include "decode/tunnel/tunnel.h"

ml_step *ml_tunnel_ip_step(const struct ml_reader *rd)
{
    struct ml_reader probe = *rd;
    uint8_t first = 0;
    if (!ml_rd_peek(&probe, &first)) {
        return NULL;
    }
    return first >> 4 == 4 ? ml_net_ip4 : first >> 4 == 6 ? ml_net_ip6 : NULL;
}

static bool enter_etherip(struct ml_peel *peel)
{
    struct ml_reader rd = ml_tunnel_open(peel);
    uint16_t version = 0;
    if (!ml_rd_u16(&rd, &version) || version != 0x3000) {
        return true;
    }
    return ml_peel_enter(peel, ML_TUNNEL_ETHERIP, rd, ml_link_ethernet);
}

bool ml_tunnel_over_ip(struct ml_peel *peel)
{
    enum { IP4 = 4, IP6 = 41, ETHERIP = 97 };
    const struct ml_segment *segment = peel->segment;
    bool is_outer4 = segment->src.family == 4;
    switch (segment->ip_proto) {
    case IP4:
        return ml_peel_enter(peel, is_outer4 ? ML_TUNNEL_IPIP : ML_TUNNEL_FOUR_IN_SIX, ml_tunnel_open(peel),
                             ml_net_ip4);
    case IP6:
        return ml_peel_enter(peel, is_outer4 ? ML_TUNNEL_SIX_IN_FOUR : ML_TUNNEL_SIX_IN_SIX, ml_tunnel_open(peel),
                             ml_net_ip6);
    case ETHERIP:
        return enter_etherip(peel);
    default: /* MPLS: the step for labels names the tunnel itself */
        return ml_peel_enter(peel, ML_TUNNEL_NONE, ml_tunnel_open(peel), ml_link_mpls);
    }
}

static bool by_port(struct ml_peel *peel, uint16_t port, bool *is_known)
{
    *is_known = true;
    switch (port) {
    case 1701:
        return ml_tunnel_l2tp(peel, ml_tunnel_open(peel));
    case 2152:
        return ml_tunnel_gtpu(peel, ml_tunnel_open(peel));
    case 3544:
        return ml_tunnel_teredo(peel, ml_tunnel_open(peel));
    case 4754: /* RFC 8086 */
        return ml_tunnel_gre(peel);
    case 4789:
    case 8472: /* before IANA gave a port; still Linux's default */
        return ml_tunnel_vxlan(peel, ml_tunnel_open(peel));
    case 5072:
        return ml_tunnel_ayiya(peel, ml_tunnel_open(peel));
    case 6081:
        return ml_tunnel_geneve(peel, ml_tunnel_open(peel));
    default:
        *is_known = false;
        return true;
    }
}

bool ml_tunnel_over_udp(struct ml_peel *peel)
{
    bool is_known = false;
    bool ok = by_port(peel, peel->segment->dst_port, &is_known);
    return is_known ? ok : by_port(peel, peel->segment->src_port, &is_known);
}
