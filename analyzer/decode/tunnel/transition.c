/* SPDX-License-Identifier: Apache-2.0 */
/* IPv6 for hosts behind IPv4: Teredo (RFC 4380), AYIYA (draft-massar-v6ops-ayiya). */
#include "decode/net.h"
#include "decode/tunnel/tunnel.h"

/* RFC 4380, section 5.1.1: authentication and origin may come in front, each at most once and in this order. */
static bool skip_indications(struct ml_reader *rd)
{
    enum { AUTHENTICATION = 0x0001, ORIGIN = 0x0000, NONCE_AND_CONFIRMATION = 9, ORIGIN_LEN = 6 };
    struct ml_reader probe = *rd;
    uint16_t indicator = 0;
    uint8_t id_len = 0;
    uint8_t value_len = 0;
    if (ml_rd_u16(&probe, &indicator) && indicator == AUTHENTICATION) {
        if (!ml_rd_u8(&probe, &id_len) || !ml_rd_u8(&probe, &value_len) ||
            !ml_rd_skip(&probe, (size_t)id_len + value_len + NONCE_AND_CONFIRMATION)) {
            return false;
        }
        *rd = probe;
        if (!ml_rd_u16(&probe, &indicator)) {
            return false; /* nothing behind it */
        }
    }
    return indicator != ORIGIN || ml_rd_skip(rd, 2 + ORIGIN_LEN);
}

/* Many applications use any port; so the IPv6 header has to fit its datagram to the byte. */
static bool is_ip6_of(const struct ml_peel *peel, const struct ml_reader *rd)
{
    enum { HEADER = 40 };
    struct ml_reader probe = *rd;
    struct ml_span head = {0};
    size_t on_wire = ml_rd_left(rd) + peel->missing;
    return ml_rd_span(&probe, HEADER, &head) && head.ptr[0] >> 4 == 6 && ml_be16(head.ptr + 4) + 40U == on_wire;
}

bool ml_tunnel_teredo(struct ml_peel *peel, struct ml_reader rd)
{
    if (!skip_indications(&rd) || !is_ip6_of(peel, &rd)) {
        return true;
    }
    return ml_peel_enter(peel, ML_TUNNEL_TEREDO, rd, ml_net_ip6);
}

bool ml_tunnel_ayiya(struct ml_peel *peel, struct ml_reader rd)
{
    enum { FORWARD = 1, IP4 = 4, IP6 = 41 };
    struct ml_span head = {0};
    if (!ml_rd_span(&rd, 8, &head)) {
        return true;
    }
    size_t identity = (size_t)1 << (head.ptr[0] >> 4);
    size_t signature = (head.ptr[1] >> 4) * 4U;
    uint8_t operation = head.ptr[2] & 0x0f;
    uint8_t carried = head.ptr[3];
    ml_step *next = ml_rd_skip(&rd, identity + signature) ? ml_tunnel_ip_step(&rd) : NULL;
    if (operation != FORWARD ||
        next != (carried == IP6   ? ml_net_ip6
                 : carried == IP4 ? ml_net_ip4
                                  : NULL) ||
        next == NULL) {
        return true;
    }
    return ml_peel_enter(peel, ML_TUNNEL_AYIYA, rd, next);
}
