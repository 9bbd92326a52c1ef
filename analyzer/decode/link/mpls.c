/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3032 (label stack), RFC 4385 (control word of a pseudowire). */
#include "decode/link/link.h"
#include "decode/net.h"

/* The labels do not tell what they carry. IP shows in its first four bits, which is why pseudowires start with 0. */
static bool guess(struct ml_peel *peel)
{
    uint8_t first = 0;
    if (!ml_rd_peek(&peel->rd, &first)) {
        return ml_peel_short_link(peel);
    }
    switch (first >> 4) {
    case 4:
        return ml_peel_go(peel, ml_net_ip4);
    case 6:
        return ml_peel_go(peel, ml_net_ip6);
    case 0:
        return ml_peel_go(peel, ml_link_ethernet_after4); /* the control word is skipped like a tag */
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP); /* 1: the channel for maintenance; others are unknown */
    }
}

bool ml_link_mpls(struct ml_peel *peel)
{
    enum { BOTTOM = 0x01 };
    if (!ml_peel_push(peel, ML_TUNNEL_MPLS)) {
        return false;
    }
    const uint8_t *label = NULL;
    do {
        label = ml_peel_head(peel, 4);
        if (label == NULL) {
            return ml_peel_short_link(peel);
        }
    } while ((label[2] & BOTTOM) == 0);
    return guess(peel);
}
