/* SPDX-License-Identifier: Apache-2.0 */
/* Link types of the LINKTYPE_ registry that put a few bytes, or none, in front of IP. */
#include "decode/link/link.h"
#include "decode/net.h"

bool ml_link_raw(struct ml_peel *peel)
{
    uint8_t first = 0;
    if (!ml_rd_peek(&peel->rd, &first)) {
        return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_IP, ML_COUNT_UNDECODED_BAD_IP);
    }
    switch (first >> 4) {
    case 4:
        return ml_peel_go(peel, ml_net_ip4);
    case 6:
        return ml_peel_go(peel, ml_net_ip6);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
}

bool ml_link_family(struct ml_peel *peel, uint32_t family)
{
    switch (family) {
    case 2:
        return ml_peel_go(peel, ml_net_ip4);
    case 10: /* Linux */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
        return ml_peel_go(peel, ml_net_ip6);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
}

/*
 * The family is in the byte order of the machine that captured; families are small, so the order shows. Some machines
 * write the header of Cisco HDLC in its place: unicast, 0, then the Ethernet type.
 */
bool ml_link_null(struct ml_peel *peel)
{
    static const uint32_t hdlc_ip4 = 0x0f000800;
    static const uint32_t hdlc_ip6 = 0x0f0086dd;
    const uint8_t *head = ml_peel_head(peel, 4);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if (ml_be32(head) == hdlc_ip4 || ml_be32(head) == hdlc_ip6) {
        return ml_peel_go(peel, ml_be32(head) == hdlc_ip4 ? ml_net_ip4 : ml_net_ip6);
    }
    uint32_t family = ml_le32(head);
    return ml_link_family(peel, family <= 0xffff ? family : ml_be32(head));
}

/* Solaris: version, family, then lengths, interfaces and zones, 24 bytes in all. */
bool ml_link_ipnet(struct ml_peel *peel)
{
    enum { SOLARIS_INET = 2, SOLARIS_INET6 = 26 };
    const uint8_t *head = ml_peel_head(peel, 24);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    switch (head[1]) {
    case SOLARIS_INET:
        return ml_peel_go(peel, ml_net_ip4);
    case SOLARIS_INET6:
        return ml_peel_go(peel, ml_net_ip6);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
}

/* Direction, then 15 bytes of the header as it came: its first byte tells RFC 1144's compression. */
bool ml_link_slip(struct ml_peel *peel)
{
    enum { COMPRESSED = 0x80, UNCOMPRESSED = 0x70, PLAIN = 0x40 };
    const uint8_t *head = ml_peel_head(peel, 16);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if ((head[1] & COMPRESSED) != 0 || (head[1] & 0xf0) == UNCOMPRESSED) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_COMPRESSED);
    }
    return ml_peel_go(peel, ml_link_raw);
}

/* Two addresses of eight bytes and an ethertype. */
bool ml_link_ip1394(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 18);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint16_t type = ml_be16(head + 16);
    return type >= 0x0600 ? ml_link_ethertype(peel, type) : ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
}
