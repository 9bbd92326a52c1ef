/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/link/link.h"
#include "decode/net.h"
#include "decode/tunnel/tunnel.h"

enum {
    CHECKSUM = 0x8000,
    KEY = 0x2000,
    SEQUENCE = 0x1000,
    ACKNOWLEDGMENT = 0x0080, /* version 1 */
    VERSION = 0x0007
};

static bool enter_ppp(struct ml_peel *peel, struct ml_reader rd)
{
    return ml_peel_enter(peel, ML_TUNNEL_GRE, rd, ml_link_ppp);
}

/* RFC 2637, section 4.1: PPTP. Packets that only acknowledge carry nothing and stay what they are. */
static bool read_version1(struct ml_peel *peel, struct ml_reader rd, uint16_t flags)
{
    enum { PPP = 0x880b };
    uint16_t protocol = 0;
    uint16_t len = 0;
    size_t more = ((flags & SEQUENCE) != 0 ? 4U : 0U) + ((flags & ACKNOWLEDGMENT) != 0 ? 4U : 0U);
    if (!ml_rd_u16(&rd, &protocol) || !ml_rd_u16(&rd, &len) || !ml_rd_skip(&rd, 2 + more) || protocol != PPP ||
        (flags & KEY) == 0 || (flags & SEQUENCE) == 0 || len == 0) {
        return true;
    }
    if (!enter_ppp(peel, rd)) {
        return false;
    }
    return ml_peel_frame(peel, len) || ml_peel_short_link(peel);
}

/*
 * ERSPAN, draft-foschiano-erspan. Type I is Ethernet at once, type II has eight bytes in front (told apart by GRE's
 * sequence number), type III has twelve and a flag for eight more.
 */
static bool enter_erspan(struct ml_peel *peel, struct ml_reader rd, uint16_t protocol, bool has_sequence)
{
    enum { TYPE3 = 0x22eb, VERSION2 = 1, VERSION3 = 2, WITH_PLATFORM = 0x0001, FRAME_TYPE = 0x7c00 };
    struct ml_span head = {0};
    if (protocol != TYPE3 && !has_sequence) {
        return ml_peel_enter(peel, ML_TUNNEL_ERSPAN, rd, ml_link_ethernet);
    }
    if (protocol != TYPE3) {
        if (!ml_rd_span(&rd, 8, &head) || head.ptr[0] >> 4 != VERSION2) {
            return true;
        }
        return ml_peel_enter(peel, ML_TUNNEL_ERSPAN, rd, ml_link_ethernet);
    }
    if (!ml_rd_span(&rd, 12, &head) || head.ptr[0] >> 4 != VERSION3) {
        return true;
    }
    uint16_t flags = ml_be16(head.ptr + 10);
    if ((flags & WITH_PLATFORM) != 0 && !ml_rd_skip(&rd, 8)) {
        return true;
    }
    ml_step *next = (flags & FRAME_TYPE) == 0 ? ml_link_ethernet : ml_tunnel_ip_step(&rd);
    return next == NULL || ml_peel_enter(peel, ML_TUNNEL_ERSPAN, rd, next);
}

/* WCCP redirects with four bytes of its own in version 2 and with none before. */
static bool enter_wccp(struct ml_peel *peel, struct ml_reader rd)
{
    ml_step *next = ml_tunnel_ip_step(&rd);
    if (next == NULL) {
        next = ml_rd_skip(&rd, 4) ? ml_tunnel_ip_step(&rd) : NULL;
    }
    return next == NULL || ml_peel_enter(peel, ML_TUNNEL_GRE, rd, next);
}

static bool read_version0(struct ml_peel *peel, struct ml_reader rd, uint16_t flags)
{
    enum { ERSPAN2 = 0x88be, ERSPAN3 = 0x22eb, WCCP = 0x883e, ARUBA = 0x8200, ARUBA_MASK = 0xfe0f };
    uint16_t protocol = 0;
    size_t more =
        ((flags & CHECKSUM) != 0 ? 4U : 0U) + ((flags & KEY) != 0 ? 4U : 0U) + ((flags & SEQUENCE) != 0 ? 4U : 0U);
    /* RFC 2784, section 2.2: bits 1 to 5 must be zero, of which RFC 2890 uses 2 and 3. Routing (bit 1) is history. */
    if ((flags & ~(CHECKSUM | KEY | SEQUENCE)) != 0 || !ml_rd_u16(&rd, &protocol) || !ml_rd_skip(&rd, more)) {
        return true;
    }
    if (protocol == ERSPAN2 || protocol == ERSPAN3) {
        return enter_erspan(peel, rd, protocol, (flags & SEQUENCE) != 0);
    }
    if (protocol == WCCP) {
        return enter_wccp(peel, rd);
    }
    if ((protocol & ARUBA_MASK) == ARUBA) { /* access points send 802.11 to their controller */
        return ml_peel_enter(peel, ML_TUNNEL_GRE, rd, ml_link_wlan);
    }
    if (protocol < 0x0600) {
        return true; /* zero is a keepalive */
    }
    return ml_peel_enter(peel, ML_TUNNEL_GRE, rd, NULL) && ml_link_ethertype(peel, protocol);
}

bool ml_tunnel_gre(struct ml_peel *peel)
{
    struct ml_reader rd = ml_tunnel_open(peel);
    uint16_t flags = 0;
    if (!ml_rd_u16(&rd, &flags)) {
        return true;
    }
    switch (flags & VERSION) {
    case 0:
        return read_version0(peel, rd, flags);
    case 1:
        return read_version1(peel, rd, flags);
    default:
        return true;
    }
}
