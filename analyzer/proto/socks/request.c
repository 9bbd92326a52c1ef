/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/socks/request.h"

enum {
    TYPE_IP4 = 1,
    TYPE_NAME = 3,
    TYPE_IP6 = 4,
    MAX_METHODS = 16, /* nine are registered; clients offer two or three */
    MAX_NAME = 255
};

bool ml_socks_greeting(struct ml_reader *rd)
{
    uint8_t version = 0;
    uint8_t n = 0;
    struct ml_span methods;
    if (!ml_rd_u8(rd, &version) || (version != 5 && !ml_rd_reject(rd)) || !ml_rd_u8(rd, &n)) {
        return false;
    }
    if (n == 0 || n > MAX_METHODS) {
        return ml_rd_reject(rd);
    }
    if (!ml_rd_span(rd, n, &methods)) {
        return false;
    }
    for (size_t i = 0; i < methods.len; i++) {
        /* 0x0a to 0x7f are not assigned, 0xff is no method; each is offered once. */
        bool is_known = methods.ptr[i] < 0x0a || (methods.ptr[i] >= 0x80 && methods.ptr[i] != 0xff);
        bool is_repeated = i != 0 && ml_span_find(ml_span_cut(methods, 0, i), ml_span_cut(methods, i, 1)) < i;
        if (!is_known || is_repeated) {
            return ml_rd_reject(rd);
        }
    }
    return true;
}

static bool short_text(struct ml_reader *rd, struct ml_span *out)
{
    uint8_t len = 0;
    return ml_rd_u8(rd, &len) && ml_rd_span(rd, len, out);
}

bool ml_socks_login(struct ml_reader *rd, struct ml_span *user, struct ml_span *password)
{
    uint8_t version = 0;
    return ml_rd_u8(rd, &version) && (version == 1 || ml_rd_reject(rd)) && short_text(rd, user) &&
           short_text(rd, password);
}

/* Type and address, as in requests and replies; then the port. */
static bool address(struct ml_reader *rd, struct ml_ip *ip, struct ml_span *name, uint16_t *port)
{
    uint8_t type = 0;
    uint8_t bytes[16];
    *ip = (struct ml_ip){0};
    *name = ml_span_of(NULL, 0);
    if (!ml_rd_u8(rd, &type)) {
        return false;
    }
    switch (type) {
    case TYPE_IP4:
        if (!ml_rd_copy(rd, bytes, 4)) {
            return false;
        }
        *ip = ml_ip4(bytes);
        break;
    case TYPE_IP6:
        if (!ml_rd_copy(rd, bytes, 16)) {
            return false;
        }
        *ip = ml_ip6(bytes);
        break;
    case TYPE_NAME:
        if (!short_text(rd, name) || (name->len == 0 && !ml_rd_reject(rd))) {
            return false;
        }
        break;
    default:
        return ml_rd_reject(rd);
    }
    return ml_rd_u16(rd, port);
}

bool ml_socks_request5(struct ml_reader *rd, struct ml_socks_request *out)
{
    uint8_t version = 0;
    uint8_t reserved = 0;
    *out = (struct ml_socks_request){.version = 5};
    if (!ml_rd_u8(rd, &version) || !ml_rd_u8(rd, &out->command) || !ml_rd_u8(rd, &reserved)) {
        return false;
    }
    if (version != 5 || out->command == 0 || out->command > 3 || reserved != 0) {
        return ml_rd_reject(rd);
    }
    return address(rd, &out->ip, &out->name, &out->port);
}

/* Text up to a zero byte, printable and not longer than anybody's. */
static bool zero_text(struct ml_reader *rd, struct ml_span *out)
{
    struct ml_span rest = ml_span_of(rd->base + rd->pos, ml_rd_left(rd));
    for (size_t i = 0; i < rest.len && rest.ptr[i] != 0; i++) {
        if (rest.ptr[i] < 0x20 || rest.ptr[i] == 0x7f || i == MAX_NAME) {
            *out = ml_span_of(NULL, 0);
            return ml_rd_reject(rd);
        }
    }
    return ml_rd_until(rd, 0, out);
}

bool ml_socks_request4(struct ml_reader *rd, struct ml_socks_request *out)
{
    uint8_t version = 0;
    uint8_t bytes[4];
    *out = (struct ml_socks_request){.version = 4};
    if (!ml_rd_u8(rd, &version) || !ml_rd_u8(rd, &out->command)) {
        return false;
    }
    if (version != 4 || out->command == 0 || out->command > 2) {
        return ml_rd_reject(rd);
    }
    if (!ml_rd_u16(rd, &out->port) || !ml_rd_copy(rd, bytes, sizeof bytes) || !zero_text(rd, &out->user)) {
        return false;
    }
    if (out->port == 0) {
        return ml_rd_reject(rd);
    }
    /* 0.0.0.x stands for a name behind the user (4a). */
    out->is_4a = bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] != 0;
    if (!out->is_4a) {
        out->ip = ml_ip4(bytes);
        return true;
    }
    return zero_text(rd, &out->name) && (out->name.len != 0 || ml_rd_reject(rd));
}

bool ml_socks_choice(struct ml_reader *rd, uint8_t *method)
{
    uint8_t version = 0;
    if (!ml_rd_u8(rd, &version) || !ml_rd_u8(rd, method)) {
        return false;
    }
    /* Others wrap all that follows (RFC 1961), or refuse. */
    return (version == 5 && (*method == 0 || *method == 2)) || ml_rd_reject(rd);
}

bool ml_socks_reply5(struct ml_reader *rd, uint8_t *status)
{
    uint8_t version = 0;
    uint8_t reserved = 0;
    struct ml_ip ip;
    struct ml_span name;
    uint16_t port = 0;
    if (!ml_rd_u8(rd, &version) || !ml_rd_u8(rd, status) || !ml_rd_u8(rd, &reserved)) {
        return false;
    }
    return (version == 5 || ml_rd_reject(rd)) && address(rd, &ip, &name, &port);
}

bool ml_socks_reply4(struct ml_reader *rd, uint8_t *status)
{
    uint8_t version = 0;
    return ml_rd_u8(rd, &version) && (version == 0 || ml_rd_reject(rd)) && ml_rd_u8(rd, status) && ml_rd_skip(rd, 6);
}
