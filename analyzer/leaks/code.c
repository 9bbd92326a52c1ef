/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/code.h"

#include "core/text.h"

/* Failures latch in `out`. */
static void put(struct ml_buf *out, uint8_t byte)
{
    (void)ml_buf_add_byte(out, byte);
}

void ml_code_base64(struct ml_span bytes, struct ml_buf *out)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        char text[8];
        size_t n = ml_base64_write(ml_span_cut(bytes, i, 3), text);
        (void)ml_buf_add(out, text, n);
    }
}

static void put_hex(struct ml_buf *out, uint8_t byte, const char *digits)
{
    put(out, (uint8_t)digits[byte >> 4]);
    put(out, (uint8_t)digits[byte & 15]);
}

void ml_code_hex(struct ml_span bytes, struct ml_buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        put_hex(out, bytes.ptr[i], "0123456789abcdef");
    }
}

void ml_code_url(struct ml_span bytes, struct ml_buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];
        if (ml_is_alnum(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '~') {
            put(out, byte);
        } else {
            put(out, '%');
            put_hex(out, byte, "0123456789ABCDEF");
        }
    }
}

size_t ml_code_point(struct ml_span text, size_t at, uint32_t *point)
{
    size_t len = ml_utf8_length(ml_span_cut(text, at, text.len));
    if (len == 0) {
        return 0;
    }
    *point = len == 1 ? text.ptr[at] : text.ptr[at] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        *point = *point << 6 | (text.ptr[at + i] & 0x3fU);
    }
    return len;
}

static void put_unit(struct ml_buf *out, uint32_t unit, bool is_big)
{
    const uint8_t bytes[] = {(uint8_t)(is_big ? unit >> 8 : unit), (uint8_t)(is_big ? unit : unit >> 8)};
    (void)ml_buf_add(out, bytes, sizeof bytes);
}

void ml_code_utf16(struct ml_span bytes, bool is_big, struct ml_buf *out)
{
    size_t before = out->len;
    for (size_t at = 0; at < bytes.len;) {
        uint32_t point = 0;
        size_t len = ml_code_point(bytes, at, &point);
        if (len == 0) {
            out->len = before;
            return;
        }
        at += len;
        if (point < 0x10000) {
            put_unit(out, point, is_big);
        } else {
            put_unit(out, 0xd800 + ((point - 0x10000) >> 10), is_big);
            put_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff), is_big);
        }
    }
}
