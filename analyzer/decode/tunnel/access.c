/* SPDX-License-Identifier: Apache-2.0 */
/* Between a subscriber and the access network: GTP-U (3GPP TS 29.281), L2TPv2 (RFC 2661). */
#include "decode/link/link.h"
#include "decode/net.h"
#include "decode/tunnel/tunnel.h"

/* TS 29.281, section 5.2: each extension header tells its length in units of four bytes and what comes next. */
static bool skip_extensions(struct ml_reader *rd, uint8_t next)
{
    while (next != 0) {
        uint8_t units = 0;
        if (!ml_rd_u8(rd, &units) || units == 0 || !ml_rd_skip(rd, units * 4U - 2U) || !ml_rd_u8(rd, &next)) {
            return false;
        }
    }
    return true;
}

bool ml_tunnel_gtpu(struct ml_peel *peel, struct ml_reader rd)
{
    enum { VERSION_AND_TYPE = 0xf8, VERSION1_GTP = 0x30, OPTIONAL = 0x07, EXTENDED = 0x04, USER_DATA = 255 };
    struct ml_span head = {0};
    size_t on_wire = peel->segment->payload_len;
    if (!ml_rd_span(&rd, 8, &head) || (head.ptr[0] & VERSION_AND_TYPE) != VERSION1_GTP || head.ptr[1] != USER_DATA ||
        ml_be16(head.ptr + 2) + 8U > on_wire) {
        return true;
    }
    if ((head.ptr[0] & OPTIONAL) != 0) { /* one flag makes all three fields present */
        struct ml_span more = {0};
        if (!ml_rd_span(&rd, 4, &more) || ((head.ptr[0] & EXTENDED) != 0 && !skip_extensions(&rd, more.ptr[3]))) {
            return true;
        }
    }
    ml_step *next = ml_tunnel_ip_step(&rd);
    return next == NULL || ml_peel_enter(peel, ML_TUNNEL_GTPU, rd, next);
}

bool ml_tunnel_l2tp(struct ml_peel *peel, struct ml_reader rd)
{
    enum { CONTROL = 0x8000, HAS_LENGTH = 0x4000, HAS_SEQUENCE = 0x0800, HAS_OFFSET = 0x0200, VERSION = 0x000f };
    enum { RESERVED = 0x34f0 };
    uint16_t flags = 0;
    uint16_t len = 0;
    uint16_t offset = 0;
    if (!ml_rd_u16(&rd, &flags) || (flags & VERSION) != 2 || (flags & (CONTROL | RESERVED)) != 0) {
        return true;
    }
    if ((flags & HAS_LENGTH) != 0 && (!ml_rd_u16(&rd, &len) || len != peel->segment->payload_len)) {
        return true;
    }
    size_t ids = (flags & HAS_SEQUENCE) != 0 ? 8 : 4;
    if (!ml_rd_skip(&rd, ids) ||
        ((flags & HAS_OFFSET) != 0 && (!ml_rd_u16(&rd, &offset) || !ml_rd_skip(&rd, offset)))) {
        return true;
    }
    return ml_peel_enter(peel, ML_TUNNEL_L2TP, rd, ml_link_ppp);
}
