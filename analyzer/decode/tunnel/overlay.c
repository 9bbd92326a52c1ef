/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual networks of data centres: VXLAN (RFC 7348), Geneve (RFC 8926).
 */
#include "decode/link/link.h"
#include "decode/net.h"
#include "decode/tunnel/tunnel.h"

/* RFC 7348, section 5: reserved bits are ignored on receipt, so that extensions can use them. */
bool ml_tunnel_vxlan(struct ml_peel *peel, struct ml_reader rd)
{
    enum { HAS_NETWORK = 0x08 };
    struct ml_span head = {0};
    if (!ml_rd_span(&rd, 8, &head) || (head.ptr[0] & HAS_NETWORK) == 0) {
        return true;
    }
    return ml_peel_enter(peel, ML_TUNNEL_VXLAN, rd, ml_link_ethernet);
}

bool ml_tunnel_geneve(struct ml_peel *peel, struct ml_reader rd)
{
    enum { LENGTH = 0x3f, RESERVED = 0x3f };
    struct ml_span head = {0};
    if (!ml_rd_span(&rd, 8, &head)) {
        return true;
    }
    size_t options = (head.ptr[0] & LENGTH) * 4U;
    bool is_version0 = head.ptr[0] >> 6 == 0;
    if (!is_version0 || (head.ptr[1] & RESERVED) != 0 || head.ptr[7] != 0 || !ml_rd_skip(&rd, options)) {
        return true;
    }
    switch (ml_be16(head.ptr + 2)) {
    case 0x6558:
        return ml_peel_enter(peel, ML_TUNNEL_GENEVE, rd, ml_link_ethernet);
    case 0x0800:
        return ml_peel_enter(peel, ML_TUNNEL_GENEVE, rd, ml_net_ip4);
    case 0x86dd:
        return ml_peel_enter(peel, ML_TUNNEL_GENEVE, rd, ml_net_ip6);
    default:
        return true;
    }
}
