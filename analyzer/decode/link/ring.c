/* SPDX-License-Identifier: Apache-2.0 */
/* Local networks of the past: token ring (IEEE 802.5), FDDI (ISO 9314-2), ARCNET (RFC 1201, RFC 1051). */
#include "decode/link/link.h"
#include "decode/net.h"

bool ml_link_token_ring(struct ml_peel *peel)
{
    enum { ROUTED = 0x80, ROUTE_LEN = 0x1f };
    const uint8_t *head = ml_peel_head(peel, 14);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if ((head[1] & 0xc0) != 0x40) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP); /* control of the ring itself */
    }
    if ((head[8] & ROUTED) != 0) { /* the multicast bit of the source marks a route behind it */
        uint8_t control = 0;
        size_t len = 0;
        if (!ml_rd_u8(&peel->rd, &control)) {
            return ml_peel_short_link(peel);
        }
        len = control & ROUTE_LEN;
        if (len < 2) {
            return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
        }
        if (!ml_rd_skip(&peel->rd, len - 1)) {
            return ml_peel_short_link(peel);
        }
    }
    return ml_peel_go(peel, ml_link_llc);
}

bool ml_link_fddi(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 13);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if ((head[0] & 0xf0) != 0x50) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP); /* tokens, station management */
    }
    return ml_peel_go(peel, ml_link_llc);
}

/* What the system code of an ARCNET frame carries. RFC 1201's codes have a fragmentation header, RFC 1051's have none.
 */
enum { IP_1201 = 212, ARP_1201 = 213, RARP_1201 = 214, IP6_1201 = 196, IP_1051 = 240, ARP_1051 = 241 };

static bool arcnet_carries(struct ml_peel *peel, uint8_t code)
{
    switch (code) {
    case IP_1201:
    case IP_1051:
        return ml_peel_go(peel, ml_net_ip4);
    case IP6_1201:
        return ml_peel_go(peel, ml_net_ip6);
    case ARP_1201:
    case RARP_1201:
    case ARP_1051:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_ARP);
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
}

/* RFC 1201, section 3: a split flag and a sequence number; FF marks an exception frame, whose header comes twice. */
static bool skip_split(struct ml_peel *peel)
{
    enum { EXCEPTION = 0xff };
    const uint8_t *head = ml_peel_head(peel, 3);
    if (head != NULL && head[0] == EXCEPTION) {
        head = ml_rd_skip(&peel->rd, 1) ? ml_peel_head(peel, 3) : NULL;
    }
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    return head[0] == 0 || ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_FRAGMENT); /* a part of a packet */
}

bool ml_link_arcnet(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 3);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    bool has_split = head[2] != IP_1051 && head[2] != ARP_1051;
    if (has_split && (head[2] == IP_1201 || head[2] == IP6_1201) && !skip_split(peel)) {
        return false;
    }
    return arcnet_carries(peel, head[2]);
}

/* Linux: two bytes of offset after the addresses; it never shows exception frames and joins the parts. */
bool ml_link_arcnet_linux(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 5);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if ((head[4] == IP_1201 || head[4] == IP6_1201) && !ml_rd_skip(&peel->rd, 3)) {
        return ml_peel_short_link(peel);
    }
    return arcnet_carries(peel, head[4]);
}
