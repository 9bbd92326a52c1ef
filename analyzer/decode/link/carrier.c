/* SPDX-License-Identifier: Apache-2.0 */
/* Taps in carriers' networks: ATM (RFC 2684), SunATM, Endace's extensible record format. */
#include "decode/link/link.h"
#include "decode/net.h"

/* RFC 2684, section 5.2: bridged Ethernet has two bytes of padding after its header, unlike in frame relay. */
bool ml_link_atm(struct ml_peel *peel)
{
    static const uint8_t bridged[] = {0xaa, 0xaa, 0x03, 0x00, 0x80, 0xc2, 0x00};
    struct ml_reader rd = peel->rd;
    uint8_t head[10] = {0};
    if (ml_rd_copy(&rd, head, sizeof head) && memcmp(head, bridged, sizeof bridged) == 0 &&
        (head[7] == 1 || head[7] == 7)) {
        peel->rd = rd;
        return ml_peel_go(peel, ml_link_ethernet);
    }
    return ml_peel_go(peel, ml_link_llc);
}

bool ml_link_sunatm(struct ml_peel *peel)
{
    enum { LLC = 2 };
    const uint8_t *head = ml_peel_head(peel, 4);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if ((head[0] & 0x0f) != LLC) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP); /* signalling, LAN emulation */
    }
    return ml_peel_go(peel, ml_link_atm);
}

static bool erf_carries(struct ml_peel *peel, unsigned type)
{
    enum { HDLC = 1, ETHERNET = 2, COLOR_HDLC = 10, COLOR_ETHERNET = 11, DSM_HDLC = 15, DSM_ETHERNET = 16 };
    enum { COLOR_HASH_HDLC = 19, COLOR_HASH_ETHERNET = 20, IP4 = 22, IP6 = 23 };
    switch (type) {
    case HDLC:
    case COLOR_HDLC:
    case DSM_HDLC:
    case COLOR_HASH_HDLC:
        return ml_peel_go(peel, ml_link_ppp); /* tells Cisco's framing from PPP's by the first byte */
    case ETHERNET:
    case COLOR_ETHERNET:
    case DSM_ETHERNET:
    case COLOR_HASH_ETHERNET:
        if (!ml_rd_skip(&peel->rd, 2)) { /* offset and padding */
            return ml_peel_short_link(peel);
        }
        return ml_peel_go(peel, ml_link_ethernet);
    case IP4:
        return ml_peel_go(peel, ml_net_ip4);
    case IP6:
        return ml_peel_go(peel, ml_net_ip6);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LINK_TYPE);
    }
}

bool ml_link_erf(struct ml_peel *peel)
{
    enum { MORE = 0x80 };
    const uint8_t *head = ml_peel_head(peel, 16);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint8_t more = head[8];
    while ((more & MORE) != 0) { /* extension headers of eight bytes; the first byte tells whether one follows */
        const uint8_t *extension = ml_peel_head(peel, 8);
        if (extension == NULL) {
            return ml_peel_short_link(peel);
        }
        more = extension[0];
    }
    return erf_carries(peel, head[8] & 0x7f);
}
