/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

int ml_hex_value(uint8_t byte)
{
    if (ml_is_digit(byte)) {
        return byte - '0';
    }
    uint8_t lower = ml_ascii_lower(byte);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void ml_hex_write(struct ml_span in, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < in.len; i++) {
        out[2 * i] = digits[in.ptr[i] >> 4];
        out[2 * i + 1] = digits[in.ptr[i] & 15];
    }
    out[2 * in.len] = '\0';
}

bool ml_hex_read(struct ml_span in, uint8_t *out)
{
    if (in.len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < in.len; i += 2) {
        int high = ml_hex_value(in.ptr[i]);
        int low = ml_hex_value(in.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

size_t ml_base64_write(struct ml_span in, char *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;
    for (size_t i = 0; i < in.len; i += 3) {
        size_t left = in.len - i;
        uint32_t group = (uint32_t)in.ptr[i] << 16;
        group |= left > 1 ? (uint32_t)in.ptr[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)in.ptr[i + 2] : 0;
        out[n++] = alphabet[group >> 18];
        out[n++] = alphabet[group >> 12 & 63];
        out[n++] = left > 1 ? alphabet[group >> 6 & 63] : '=';
        out[n++] = left > 2 ? alphabet[group & 63] : '=';
    }
    out[n] = '\0';
    return n;
}

int ml_base64_value(uint8_t byte)
{
    if (ml_is_alpha(byte)) {
        return byte >= 'a' ? byte - 'a' + 26 : byte - 'A';
    }
    if (ml_is_digit(byte)) {
        return byte - '0' + 52;
    }
    return byte == '+' || byte == '-' ? 62 : byte == '/' || byte == '_' ? 63 : -1;
}

/* `marks`: the digits 62 and 63 of the alphabet. */
static size_t base64_read(struct ml_span in, const char *marks, uint8_t *out, size_t room)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t n = 0;
    for (size_t i = 0; i < in.len && n < room; i++) {
        int value = ml_base64_value(in.ptr[i]);
        if (value < 0 || (value >= 62 && in.ptr[i] != (uint8_t)marks[value - 62])) {
            break;
        }
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[n++] = (uint8_t)(bits >> n_bits);
        }
    }
    return n;
}

size_t ml_base64_read(struct ml_span in, uint8_t *out, size_t room)
{
    return base64_read(in, "+/", out, room);
}

size_t ml_base64url_read(struct ml_span in, uint8_t *out, size_t room)
{
    return base64_read(in, "-_", out, room);
}

bool ml_decimal_read(struct ml_span in, uint64_t *out)
{
    uint64_t value = 0;
    *out = 0;
    if (in.len == 0) {
        return false;
    }
    for (size_t i = 0; i < in.len; i++) {
        if (!ml_is_digit(in.ptr[i]) || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(in.ptr[i] - '0'), &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

const char ml_two_digits[200] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
    "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
    "888990919293949596979899";

size_t ml_decimal_write(uint64_t value, char out[ML_DECIMAL_TEXT])
{
    size_t len = value < 10 ? 1 : 2;
    for (uint64_t rest = value / 100; rest != 0; rest /= 100) {
        len += rest < 10 ? 1 : 2;
    }
    size_t at = len;
    for (; value >= 10; value /= 100) {
        at -= 2;
        memcpy(out + at, ml_two_digits + value % 100 * 2, 2);
    }
    if (at != 0) {
        out[0] = (char)('0' + value);
    }
    return len;
}

static bool is_host_byte(uint8_t byte)
{
    return ml_is_alnum(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '*' || byte >= 0x80;
}

size_t ml_host_normal(struct ml_span in, char *out, size_t size)
{
    while (in.len != 0 && in.ptr[in.len - 1] == '.') {
        in.len--;
    }
    if (in.len == 0 || in.len > 255 || in.len >= size) {
        return 0;
    }
    for (size_t i = 0; i < in.len; i++) {
        if (!is_host_byte(in.ptr[i])) {
            return 0;
        }
        out[i] = (char)ml_ascii_lower(in.ptr[i]);
    }
    out[in.len] = '\0';
    return in.len;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t ml_utf8_length(struct ml_span in)
{
    if (in.len == 0) {
        return 0;
    }
    const uint8_t *p = in.ptr;
    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        return in.len >= 2 && is_continuation(p[1]) ? 2 : 0;
    }
    if (p[0] >= 0xe0 && p[0] <= 0xef) {
        if (in.len < 3 || !is_continuation(p[1]) || !is_continuation(p[2])) {
            return 0;
        }
        bool overlong = p[0] == 0xe0 && p[1] < 0xa0;
        bool surrogate = p[0] == 0xed && p[1] >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        if (in.len < 4 || !is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3])) {
            return 0;
        }
        bool overlong = p[0] == 0xf0 && p[1] < 0x90;
        bool too_large = p[0] == 0xf4 && p[1] >= 0x90;
        return overlong || too_large ? 0 : 4;
    }
    return 0;
}

bool ml_utf8_valid(struct ml_span in)
{
    while (in.len != 0) {
        size_t n = ml_utf8_length(in);
        if (n == 0) {
            return false;
        }
        in = ml_span_cut(in, n, in.len);
    }
    return true;
}
