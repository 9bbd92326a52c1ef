/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 802.2 (ISO/IEC 8802-2), RFC 1042 (IP over it), RFC 2427 and RFC 2684 (bridged frames). */
#include "decode/link/link.h"
#include "decode/net.h"

bool ml_link_snap(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 5);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint32_t oui = ml_be32(head) >> 8;
    uint16_t pid = ml_be16(head + 3);
    switch (oui) {
    case 0x000000: /* RFC 1042 */
    case 0x0000f8: /* IEEE 802.1H, bridges between Ethernet and others */
        return pid >= 0x0600 ? ml_link_ethertype(peel, pid) : ml_peel_drop(peel, ML_COUNT_UNDECODED_LLC);
    case 0x0080c2: /* IEEE 802.1: a bridged frame, with (1) or without (7) checksum */
        return pid == 0x0001 || pid == 0x0007 ? ml_peel_go(peel, ml_link_ethernet)
                                              : ml_peel_drop(peel, ML_COUNT_UNDECODED_LLC);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LLC); /* CDP and others of one vendor */
    }
}

bool ml_link_nlpid(struct ml_peel *peel, uint8_t nlpid)
{
    switch (nlpid) {
    case 0xcc:
        return ml_peel_go(peel, ml_net_ip4);
    case 0x8e:
        return ml_peel_go(peel, ml_net_ip6);
    case 0xcf:
        return ml_peel_go(peel, ml_link_ppp); /* RFC 1973 */
    case 0x80:
        return ml_link_snap(peel);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LLC);
    }
}

bool ml_link_llc(struct ml_peel *peel)
{
    enum { UNNUMBERED = 0x03 };
    const uint8_t *head = ml_peel_head(peel, 3);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if (head[2] != UNNUMBERED || head[0] != head[1]) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LLC);
    }
    uint8_t nlpid = 0;
    switch (head[0]) {
    case 0xaa:
        return ml_link_snap(peel);
    case 0x06:
        return ml_peel_go(peel, ml_net_ip4);
    case 0xfe:
        return ml_rd_u8(&peel->rd, &nlpid) ? ml_link_nlpid(peel, nlpid) : ml_peel_short_link(peel);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LLC); /* spanning tree, NetBIOS, IPX ... */
    }
}
