/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/stun/message.h"

#include <zlib.h>

enum {
    FAMILY_4 = 1,
    FAMILY_6 = 2,
    FINGERPRINT_XOR = 0x5354554e, /* "STUN" */
    ALIGNMENT = 4
};

/* RFC 8489, section 5: the two bits of the class lie between those of the method. */
static void split_type(struct ml_stun_message *message)
{
    uint16_t type = message->type;
    message->message_class = (enum ml_stun_class)((type >> 7 & 2) | (type >> 4 & 1));
    message->method = (uint16_t)((type & 0x000f) | (type >> 1 & 0x0070) | (type >> 2 & 0x0f80));
}

bool ml_stun_message_read(struct ml_reader *rd, struct ml_stun_message *out)
{
    struct ml_reader cookie;
    uint32_t word = 0;
    memset(out, 0, sizeof *out);
    const uint8_t *start = rd->base + rd->pos;
    if (!ml_rd_u16(rd, &out->type) || !ml_rd_u16(rd, &out->len) || !ml_rd_span(rd, 16, &out->id)) {
        return false;
    }
    cookie = ml_rd_open(out->id);
    out->has_cookie = ml_rd_u32(&cookie, &word) && word == ML_STUN_COOKIE;
    if ((out->type & 0xc000) != 0 || (out->has_cookie && out->len % ALIGNMENT != 0)) {
        return ml_rd_reject(rd);
    }
    size_t len = !rd->framed && out->len > ml_rd_left(rd) ? ml_rd_left(rd) : out->len;
    if (!ml_rd_span(rd, len, &out->attributes)) {
        return false;
    }
    split_type(out);
    out->whole = ml_span_of(start, ML_STUN_HEADER + len);
    return true;
}

struct ml_reader ml_stun_attributes(const struct ml_stun_message *message)
{
    return message->attributes.len == message->len ? ml_rd_open_framed(message->attributes)
                                                   : ml_rd_open(message->attributes);
}

bool ml_stun_attribute_next(struct ml_reader *rd, struct ml_stun_attribute *out)
{
    uint16_t len = 0;
    memset(out, 0, sizeof *out);
    if (ml_rd_left(rd) == 0 || !ml_rd_u16(rd, &out->type) || !ml_rd_u16(rd, &len) ||
        !ml_rd_span(rd, len, &out->value)) {
        return false;
    }
    size_t padding = (ALIGNMENT - len % ALIGNMENT) % ALIGNMENT;
    size_t left = ml_rd_left(rd);
    return ml_rd_skip(rd, padding < left ? padding : left); /* old senders leave the last padding out */
}

bool ml_stun_address(const struct ml_stun_message *message, struct ml_span value, bool is_xored, struct ml_ip *ip,
                     uint16_t *port)
{
    struct ml_reader rd = ml_rd_open_framed(value);
    uint8_t family = 0;
    uint8_t bytes[16] = {0};
    memset(ip, 0, sizeof *ip);
    *port = 0;
    if (!ml_rd_skip(&rd, 1) || !ml_rd_u8(&rd, &family) || !ml_rd_u16(&rd, port)) {
        return false;
    }
    size_t len = family == FAMILY_4 ? 4 : family == FAMILY_6 ? sizeof bytes : 0;
    if (len == 0 || !ml_rd_copy(&rd, bytes, len) || !ml_rd_done(&rd)) {
        *port = 0;
        return false;
    }
    if (is_xored) {
        for (size_t i = 0; i < len; i++) {
            bytes[i] ^= message->id.ptr[i];
        }
        *port ^= (uint16_t)((uint32_t)ML_STUN_COOKIE >> 16);
    }
    *ip = family == FAMILY_4 ? ml_ip4(bytes) : ml_ip6(bytes);
    return true;
}

bool ml_stun_fingerprint_fits(const struct ml_stun_message *message)
{
    struct ml_reader rd = ml_stun_attributes(message);
    struct ml_stun_attribute attribute;
    uint32_t value = 0;
    size_t at = ml_rd_pos(&rd);
    while (ml_stun_attribute_next(&rd, &attribute) && attribute.type != ML_STUN_FINGERPRINT) {
        at = ml_rd_pos(&rd);
    }
    bool is_cut = message->attributes.len != message->len;
    if (!message->has_cookie || is_cut || attribute.type != ML_STUN_FINGERPRINT || ml_rd_left(&rd) != 0) {
        return true;
    }
    struct ml_reader sum = ml_rd_open_framed(attribute.value);
    return ml_rd_u32(&sum, &value) && ml_rd_done(&sum) &&
           value == ((uint32_t)crc32(0, message->whole.ptr, (uInt)(ML_STUN_HEADER + at)) ^ FINGERPRINT_XOR);
}

const char *ml_stun_method_name(uint16_t method)
{
    switch (method) { /* IANA, STUN Methods */
    case ML_STUN_BINDING:
        return "binding";
    case 0x002:
        return "shared_secret";
    case ML_STUN_ALLOCATE:
        return "allocate";
    case 0x004:
        return "refresh";
    case ML_STUN_SEND:
        return "send";
    case ML_STUN_DATA:
        return "data";
    case 0x008:
        return "create_permission";
    case ML_STUN_CHANNEL_BIND:
        return "channel_bind";
    case 0x00a:
        return "connect";
    case 0x00b:
        return "connection_bind";
    case 0x00c:
        return "connection_attempt";
    default:
        return NULL;
    }
}

const char *ml_stun_class_name(enum ml_stun_class message_class)
{
    static const char *const names[] = {
        [ML_STUN_REQUEST] = "request",
        [ML_STUN_INDICATION] = "indication",
        [ML_STUN_SUCCESS] = "success",
        [ML_STUN_ERROR] = "error",
    };
    return names[message_class];
}
