/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 802.3, clause 3; numbers of ethertypes: IANA "IEEE 802 Numbers". */
#include "decode/link/link.h"
#include "decode/net.h"

void ml_link_macs(struct ml_segment *segment, const uint8_t dst[6], const uint8_t src[6])
{
    memcpy(segment->dst_mac, dst, 6);
    memcpy(segment->src_mac, src, 6);
    segment->has_mac = true;
}

/* Frames of a loopback interface, and those a capture app makes up, have zeros where addresses belong. */
static bool is_made_up(const uint8_t macs[12])
{
    uint64_t head = 0;
    uint32_t tail = 0;
    memcpy(&head, macs, 8);
    memcpy(&tail, macs + 8, 4);
    return (head | tail) == 0;
}

/* Cisco's Inter-Switch Link: 26 bytes in front of the frame, told by an address for it alone and by having a length. */
static bool is_isl(const uint8_t *macs, uint16_t type)
{
    return type < 0x0600 &&
           (memcmp(macs, "\x01\x00\x0c\x00\x00", 5) == 0 || memcmp(macs, "\x03\x00\x0c\x00\x00", 5) == 0);
}

static bool carries(struct ml_peel *peel, const uint8_t *macs, uint16_t type)
{
    enum { ISL_REST = 12 };
    if (is_isl(macs, type)) {
        return ml_rd_skip(&peel->rd, ISL_REST) ? ml_peel_go(peel, ml_link_ethernet) : ml_peel_short_link(peel);
    }
    if (!is_made_up(macs)) {
        ml_link_macs(peel->segment, macs, macs + 6);
    } else if (type == 0x0800 || type == 0x86dd) {
        ml_link_app_trailer(peel);
    }
    return ml_link_ethertype(peel, type);
}

bool ml_link_ethernet(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 14);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint16_t type = ml_be16(head + 12);
    if (type == 0x0800 && !is_made_up(head)) { /* nearly every packet */
        ml_link_macs(peel->segment, head, head + 6);
        return ml_peel_go(peel, ml_net_ip4);
    }
    return carries(peel, head, type);
}

bool ml_link_ethernet_tag4(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 18);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    return carries(peel, head, ml_be16(head + 16));
}

bool ml_link_ethernet_after4(struct ml_peel *peel)
{
    if (!ml_rd_skip(&peel->rd, 4)) {
        return ml_peel_short_link(peel);
    }
    return ml_peel_go(peel, ml_link_ethernet);
}

bool ml_link_ethertype(struct ml_peel *peel, uint16_t type)
{
    if (type < 0x0600) {
        /* A length of 802.2, which says no more than that of the IP packet inside; nothing has a number above 1500. */
        return type > 1500 ? ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK) : ml_peel_go(peel, ml_link_llc);
    }
    switch (type) {
    case 0x0800:
        return ml_peel_go(peel, ml_net_ip4);
    case 0x86dd:
        return ml_peel_go(peel, ml_net_ip6);
    case 0x8100: /* 802.1Q */
    case 0x88a8: /* 802.1ad */
    case 0x9100: /* QinQ before 802.1ad */
    case 0x9200:
    case 0x9300:
        return ml_peel_go(peel, ml_link_vlan);
    case 0x6558: /* bridged Ethernet, inside GRE and Geneve */
        return ml_peel_go(peel, ml_link_ethernet);
    case 0x8847:
    case 0x8848:
        return ml_peel_go(peel, ml_link_mpls);
    case 0x880b:
        return ml_peel_go(peel, ml_link_ppp);
    case 0x8864:
        return ml_peel_go(peel, ml_link_pppoe);
    case 0x88e5:
        return ml_peel_go(peel, ml_link_macsec);
    case 0x88e7:
        return ml_peel_go(peel, ml_link_itag);
    case 0x8903:
        return ml_peel_go(peel, ml_link_fabricpath);
    case 0x8909:
        return ml_peel_go(peel, ml_link_cmd);
    case 0x8926:
        return ml_peel_go(peel, ml_link_vntag);
    case 0x893f:
        return ml_peel_go(peel, ml_link_etag);
    case 0xdada: /* not registered; the Marvell switch tag of Linux */
        return ml_peel_go(peel, ml_link_edsa);
    case 0x0806:
    case 0x8035:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_ARP);
    case 0x8863:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_PPP_CONTROL);
    case 0x888e:
    case 0x88c7:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_EAPOL);
    case 0x88cc:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LLDP);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
}
