/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 1661, RFC 1662 (framing), RFC 2516 (PPPoE); numbers: IANA "PPP DLL Protocol Numbers". */
#include "decode/link/link.h"
#include "decode/net.h"

bool ml_link_ppp_protocol(struct ml_peel *peel, uint16_t protocol)
{
    switch (protocol) {
    case 0x0021:
        return ml_peel_go(peel, ml_net_ip4);
    case 0x0057:
        return ml_peel_go(peel, ml_net_ip6);
    case 0x0281:
    case 0x0283:
        return ml_peel_go(peel, ml_link_mpls);
    case 0x002d: /* RFC 1144, header compression: needs what came before */
    case 0x002f:
    case 0x0061: /* RFC 2509 */
    case 0x00fb: /* RFC 1962; also MPPE, which encrypts */
    case 0x00fd:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_COMPRESSED);
    case 0x0053: /* RFC 1968 */
    case 0x0055:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_ENCRYPTED_LINK);
    default:
        /* RFC 1661, section 2: from 8000 on, protocols that control the link. */
        return ml_peel_drop(peel, protocol >= 0x8000 ? ML_COUNT_UNDECODED_PPP_CONTROL : ML_COUNT_UNDECODED_NOT_IP);
    }
}

/* Address and control are optional: RFC 1661, section 6.6, and PPPoE never has them. */
bool ml_link_ppp(struct ml_peel *peel)
{
    uint8_t first = 0;
    uint8_t second = 0;
    if (!ml_rd_peek(&peel->rd, &first)) {
        return ml_peel_short_link(peel);
    }
    if (first == 0x0f || first == 0x8f) {
        return ml_peel_go(peel, ml_link_chdlc); /* PPP_HDLC also holds Cisco's framing */
    }
    if (first == 0xff && (!ml_rd_skip(&peel->rd, 2) || !ml_rd_peek(&peel->rd, &first))) {
        return ml_peel_short_link(peel);
    }
    /* An odd first byte is the whole number: RFC 1661, section 6.5. */
    if (!ml_rd_skip(&peel->rd, 1) || ((first & 1) == 0 && !ml_rd_u8(&peel->rd, &second))) {
        return ml_peel_short_link(peel);
    }
    uint16_t number = (uint16_t)((first & 1) != 0 ? first : first << 8 | second);
    return ml_link_ppp_protocol(peel, number);
}

bool ml_link_ppp_direction(struct ml_peel *peel)
{
    if (!ml_rd_skip(&peel->rd, 1)) {
        return ml_peel_short_link(peel);
    }
    /* pppd puts the direction where the address was; PPP_WITH_DIR puts it before the address. */
    uint8_t next = 0;
    if (ml_rd_peek(&peel->rd, &next) && next == 0x03 && !ml_rd_skip(&peel->rd, 1)) {
        return ml_peel_short_link(peel);
    }
    return ml_peel_go(peel, ml_link_ppp);
}

bool ml_link_pppoe(struct ml_peel *peel)
{
    enum { VERSION_AND_TYPE = 0x11 };
    if (!ml_peel_push(peel, ML_TUNNEL_PPPOE)) {
        return false;
    }
    const uint8_t *head = ml_peel_head(peel, 6);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if (head[0] != VERSION_AND_TYPE) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    if (head[1] != 0) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_PPP_CONTROL); /* a discovery code in a session frame */
    }
    return ml_peel_go(peel, ml_link_ppp); /* the length says no more than that of the IP packet inside */
}
