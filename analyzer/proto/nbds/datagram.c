/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/nbds/datagram.h"

enum { ERROR_FIRST = 0x82, ERROR_LAST = 0x84 /* RFC 1002, section 4.4.3 */ };

static bool read_name(struct ml_reader *rd, struct ml_span payload, struct ml_dns_name *out)
{
    if (!ml_dns_name_read(rd, payload, out)) {
        return false;
    }
    return ml_dns_name_is_netbios(out) || ml_rd_reject(rd);
}

/* Length and offset, two names, user data. The length counts what follows the offset. */
static bool read_user(struct ml_reader *rd, struct ml_span payload, struct ml_nbds_datagram *out)
{
    uint16_t length = 0;
    if (!ml_rd_u16(rd, &length) || !ml_rd_u16(rd, &out->fragment_offset)) {
        return false;
    }
    size_t start = ml_rd_pos(rd);
    if (!read_name(rd, payload, &out->source) || !read_name(rd, payload, &out->destination)) {
        return false;
    }
    size_t names = ml_rd_pos(rd) - start;
    if (length < names) {
        return ml_rd_reject(rd);
    }
    out->user_data = ml_span_cut(ml_rd_rest(rd), 0, length - names); /* a capture may hold less */
    return true;
}

static bool read_error(struct ml_reader *rd)
{
    uint8_t code = 0;
    if (!ml_rd_u8(rd, &code)) {
        return false;
    }
    return (code >= ERROR_FIRST && code <= ERROR_LAST) || ml_rd_reject(rd);
}

bool ml_nbds_datagram_read(struct ml_span payload, struct ml_nbds_datagram *out)
{
    struct ml_reader rd = ml_rd_open(payload);
    uint8_t type = 0;
    uint8_t ip[4];
    *out = (struct ml_nbds_datagram){.type = ML_NBDS_ERROR};
    if (!ml_rd_u8(&rd, &type) || type < ML_NBDS_DIRECT_UNIQUE || type > ML_NBDS_NEGATIVE) {
        return false;
    }
    out->type = (enum ml_nbds_type)type;
    if (!ml_rd_skip(&rd, 3) || !ml_rd_copy(&rd, ip, sizeof ip) || !ml_rd_u16(&rd, &out->source_port)) {
        return false;
    }
    out->source_ip = ml_ip4(ip);
    switch (out->type) {
    case ML_NBDS_DIRECT_UNIQUE:
    case ML_NBDS_DIRECT_GROUP:
    case ML_NBDS_BROADCAST:
        return read_user(&rd, payload, out);
    case ML_NBDS_ERROR:
        return read_error(&rd);
    case ML_NBDS_QUERY:
    case ML_NBDS_POSITIVE:
    case ML_NBDS_NEGATIVE:
        break;
    }
    return read_name(&rd, payload, &out->destination);
}
