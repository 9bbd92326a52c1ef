/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/haproxy/header.h"

#include "core/text.h"
#include "proto/lines.h"

enum { MAX_LINE = 107 /* bytes with the end of the line (section 2.1) */ };

static const uint8_t signature[] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
static const char start[] = "PROXY ";

static bool is_port(struct ml_span word)
{
    uint64_t port = 0;
    return ml_decimal_read(word, &port) && port <= UINT16_MAX;
}

/* "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n" */
static enum ml_rd_state read_line(struct ml_span bytes, struct ml_haproxy *out)
{
    const uint8_t *end = memchr(bytes.ptr, '\n', bytes.len < MAX_LINE ? bytes.len : MAX_LINE);
    if (end == NULL) {
        return bytes.len < MAX_LINE ? ML_RD_SHORT : ML_RD_BAD;
    }
    out->version = 1;
    out->len = (size_t)(end - bytes.ptr) + 1;
    if (bytes.ptr[out->len - 2] != '\r') {
        return ML_RD_BAD;
    }
    struct ml_span rest = ml_span_cut(bytes, sizeof start - 1, out->len - (sizeof start - 1) - 2);
    struct ml_span family = ml_word(&rest);
    if (ml_span_equal(family, ml_span_text("UNKNOWN"))) {
        return ML_RD_OK;
    }
    uint8_t wanted = ml_span_equal(family, ml_span_text("TCP4"))   ? 4
                     : ml_span_equal(family, ml_span_text("TCP6")) ? 6
                                                                   : 0;
    bool ok = wanted != 0 && ml_ip_parse(ml_word(&rest), &out->source) && out->source.family == wanted &&
              ml_ip_parse(ml_word(&rest), &out->destination) && out->destination.family == wanted &&
              is_port(ml_word(&rest)) && is_port(ml_word(&rest)) && rest.len == 0;
    return ok ? ML_RD_OK : ML_RD_BAD;
}

/* Addresses of both ends, of the length that their family says (section 2.2). */
static bool read_addresses(struct ml_reader *rd, uint8_t family, struct ml_haproxy *out)
{
    uint8_t bytes[16];
    struct ml_ip *const ips[] = {&out->source, &out->destination};
    if (family == 0) {
        return true;
    }
    if (family == 3) { /* two paths of a Unix socket */
        return ml_rd_skip(rd, 216);
    }
    for (size_t i = 0; i < 2; i++) {
        if (!ml_rd_copy(rd, bytes, family == 1 ? 4 : 16)) {
            return false;
        }
        *ips[i] = family == 1 ? ml_ip4(bytes) : ml_ip6(bytes);
    }
    return ml_rd_skip(rd, 4); /* ports */
}

enum { LOCAL = 0x20, PROXY = 0x21, AUTHORITY = 0x02 };

static enum ml_rd_state read_binary(struct ml_span bytes, struct ml_haproxy *out)
{
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_reader content;
    uint8_t command = 0;
    uint8_t family = 0;
    uint16_t len = 0;
    if (!ml_rd_skip(&rd, sizeof signature) || !ml_rd_u8(&rd, &command) || !ml_rd_u8(&rd, &family) ||
        !ml_rd_u16(&rd, &len)) {
        return rd.state;
    }
    bool is_known = (command == LOCAL || command == PROXY) && family >> 4 <= 3 && (family & 15) <= 2;
    if (!is_known || len > ML_HAPROXY_MAX - 16) {
        return ML_RD_BAD;
    }
    if (ml_rd_left(&rd) < len) {
        return ML_RD_SHORT;
    }
    out->version = 2;
    out->len = 16U + len;
    if (len == 0 || command == LOCAL || !ml_rd_sub(&rd, len, &content)) {
        return ML_RD_OK;
    }
    if (!read_addresses(&content, family >> 4, out)) {
        return ML_RD_BAD;
    }
    uint8_t type = 0;
    struct ml_reader value;
    while (ml_rd_left(&content) != 0 && ml_rd_u8(&content, &type) && ml_rd_vector(&content, 2, &value)) {
        out->authority = type == AUTHORITY ? ml_rd_rest(&value) : out->authority;
    }
    return ml_rd_ok(&content) ? ML_RD_OK : ML_RD_BAD;
}

enum ml_rd_state ml_haproxy_read(struct ml_span bytes, struct ml_haproxy *out)
{
    *out = (struct ml_haproxy){.version = 0};
    if (bytes.len == 0) {
        return ML_RD_SHORT;
    }
    size_t n = bytes.len < sizeof start - 1 ? bytes.len : sizeof start - 1;
    if (memcmp(bytes.ptr, start, n) == 0) {
        return n < sizeof start - 1 ? ML_RD_SHORT : read_line(bytes, out);
    }
    n = bytes.len < sizeof signature ? bytes.len : sizeof signature;
    return memcmp(bytes.ptr, signature, n) == 0 ? read_binary(bytes, out) : ML_RD_BAD;
}
