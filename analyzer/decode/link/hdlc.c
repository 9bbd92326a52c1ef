/* SPDX-License-Identifier: Apache-2.0 */
/* Cisco HDLC (as the LINKTYPE_ registry describes it), frame relay (ITU-T Q.922, RFC 2427). */
#include "decode/link/link.h"

bool ml_link_chdlc(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 4);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint16_t type = ml_be16(head + 2);
    switch (type) {
    case 0x8035: /* here not reverse ARP but SLARP, the keepalive */
    case 0x2000: /* CDP */
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    case 0xfefe: /* OSI: one byte of padding, then its number */
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LLC);
    default:
        return type >= 0x0600 ? ml_link_ethertype(peel, type) : ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
}

/* The address is two to four bytes; the lowest bit marks the last one. */
static bool skip_address(struct ml_peel *peel)
{
    uint8_t byte = 0;
    for (unsigned n = 0; n < 4; n++) {
        if (!ml_rd_u8(&peel->rd, &byte)) {
            return ml_peel_short_link(peel);
        }
        if ((byte & 1) != 0) {
            return n > 0 || ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
        }
    }
    return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
}

bool ml_link_frame_relay(struct ml_peel *peel)
{
    enum { UNNUMBERED = 0x03 };
    if (!skip_address(peel)) {
        return false;
    }
    const uint8_t *head = ml_peel_head(peel, 2);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if (head[0] != UNNUMBERED) { /* Cisco's encapsulation has the ethertype at once */
        uint16_t type = ml_be16(head);
        return type >= 0x0600 ? ml_link_ethertype(peel, type) : ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
    uint8_t nlpid = head[1];
    if (nlpid == 0 && !ml_rd_u8(&peel->rd, &nlpid)) { /* a byte of padding makes the header even */
        return ml_peel_short_link(peel);
    }
    return ml_link_nlpid(peel, nlpid);
}
