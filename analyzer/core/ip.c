/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ip.h"

#include "core/text.h"

#include <arpa/inet.h>

struct ml_ip ml_ip4(const uint8_t bytes[4])
{
    struct ml_ip ip = {.family = 4};
    memcpy(ip.bytes, bytes, 4);
    return ip;
}

struct ml_ip ml_ip6(const uint8_t bytes[16])
{
    struct ml_ip ip = {.family = 6};
    memcpy(ip.bytes, bytes, 16);
    return ip;
}

bool ml_ip_equal(const struct ml_ip *a, const struct ml_ip *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

int ml_ip_compare(const struct ml_ip *a, const struct ml_ip *b)
{
    return memcmp(a, b, sizeof *a); /* the family is the first byte, the address follows in network order */
}

/* RFC 5952, section 4.2: the longest run of two or more zero groups, the first of equals. */
static void longest_zero_run(const uint16_t groups[8], int *start, int *len)
{
    *start = -1;
    *len = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && groups[i + n] == 0) {
            n++;
        }
        if (n > *len) {
            *start = i;
            *len = n;
        }
        i += n;
    }
}

/* Out has room for the 15 characters and the zero. */
static size_t format_v4(const uint8_t b[4], char *out)
{
    size_t n = 0;
    for (int i = 0; i < 4; i++) {
        if (b[i] >= 100) {
            out[n++] = (char)('0' + b[i] / 100);
        }
        if (b[i] >= 10) {
            out[n++] = (char)('0' + b[i] / 10 % 10);
        }
        out[n++] = (char)('0' + b[i] % 10);
        out[n++] = '.';
    }
    out[--n] = '\0';
    return n;
}

/* Without leading zeros. */
static size_t format_group(uint16_t group, char *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
        if (n != 0 || shift == 0 || group >> shift != 0) {
            out[n++] = digits[group >> shift & 15];
        }
    }
    return n;
}

static size_t format_v6(const struct ml_ip *ip, char out[ML_IP_TEXT])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(ip->bytes, mapped, sizeof mapped) == 0) { /* RFC 5952, section 5 */
        memcpy(out, "::ffff:", 7);
        return 7 + format_v4(ip->bytes + 12, out + 7);
    }
    uint16_t groups[8];
    for (int i = 0; i < 8; i++) {
        groups[i] = (uint16_t)(ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1]);
    }
    int start = -1;
    int len = 0;
    longest_zero_run(groups, &start, &len);
    size_t n = 0;
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            out[n++] = ':';
            out[n++] = ':';
            i += len - 1;
            continue;
        }
        if (i != 0 && out[n - 1] != ':') {
            out[n++] = ':';
        }
        n += format_group(groups[i], out + n);
    }
    out[n] = '\0';
    return n;
}

size_t ml_ip_format(const struct ml_ip *ip, char out[ML_IP_TEXT])
{
    if (ip->family == 4) {
        return format_v4(ip->bytes, out);
    }
    if (ip->family == 6) {
        return format_v6(ip, out);
    }
    out[0] = '\0';
    return 0;
}

bool ml_ip_parse(struct ml_span text, struct ml_ip *out)
{
    char copy[ML_IP_TEXT];
    memset(out, 0, sizeof *out);
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.ptr, 0, text.len) != NULL) {
        return false; /* inet_pton would not look behind a zero byte */
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, out->bytes) == 1) {
        out->family = 4;
        return true;
    }
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET6, copy, out->bytes) == 1) {
        out->family = 6;
        return true;
    }
    memset(out, 0, sizeof *out);
    return false;
}

static bool is_zero_below(const struct ml_ip *ip, unsigned bits)
{
    unsigned width = ip->family == 4 ? 32 : 128;
    for (unsigned i = bits; i < width; i++) {
        if ((ip->bytes[i / 8] >> (7 - i % 8) & 1) != 0) {
            return false;
        }
    }
    return true;
}

bool ml_ip_prefix_parse(struct ml_span text, struct ml_ip *out, unsigned *bits)
{
    size_t slash = ml_span_find(text, ml_span_text("/"));
    *bits = 0;
    if (!ml_ip_parse(ml_span_cut(text, 0, slash), out)) {
        return false;
    }
    unsigned width = out->family == 4 ? 32 : 128;
    uint64_t value = width;
    if (slash < text.len && (!ml_decimal_read(ml_span_cut(text, slash + 1, text.len), &value) || value > width)) {
        return false;
    }
    *bits = (unsigned)value;
    return is_zero_below(out, *bits);
}

bool ml_ip_in_prefix(const struct ml_ip *ip, const struct ml_ip *prefix, unsigned bits)
{
    if (ip->family != prefix->family) {
        return false;
    }
    unsigned whole = bits / 8;
    unsigned rest = bits % 8;
    if (whole != 0 && memcmp(ip->bytes, prefix->bytes, whole) != 0) {
        return false;
    }
    return rest == 0 || ((ip->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest)) == 0;
}
