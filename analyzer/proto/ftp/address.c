/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ftp/address.h"

#include "core/text.h"

/* A number of at most three digits below 256, which is dropped. */
static bool take_byte(struct ml_span *rest, uint8_t *out)
{
    uint64_t value = 0;
    size_t n = 0;
    while (n < rest->len && n < 4 && ml_is_digit(rest->ptr[n])) {
        n++;
    }
    if (n > 3 || !ml_decimal_read(ml_span_cut(*rest, 0, n), &value) || value > 255) {
        return false;
    }
    *out = (uint8_t)value;
    *rest = ml_span_cut(*rest, n, SIZE_MAX);
    return true;
}

static bool six_numbers(struct ml_span rest, struct ml_ftp_address *out)
{
    uint8_t bytes[6];
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i != 0 && (rest.len == 0 || rest.ptr[0] != ',')) {
            return false;
        }
        rest = i != 0 ? ml_span_cut(rest, 1, SIZE_MAX) : rest;
        if (!take_byte(&rest, &bytes[i])) {
            return false;
        }
    }
    out->ip = ml_ip4(bytes);
    out->port = (uint16_t)(bytes[4] << 8 | bytes[5]);
    return out->port != 0;
}

bool ml_ftp_six_numbers(struct ml_span text, struct ml_ftp_address *out)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_start = ml_is_digit(text.ptr[i]) && (i == 0 || !ml_is_digit(text.ptr[i - 1]));
        if (is_start && six_numbers(ml_span_cut(text, i, SIZE_MAX), out)) {
            return true;
        }
    }
    *out = (struct ml_ftp_address){.port = 0};
    return false;
}

/* Up to the stroke, which is dropped; false when there is none. */
static bool take_part(struct ml_span *rest, uint8_t stroke, struct ml_span *part)
{
    const uint8_t *end = rest->len != 0 ? memchr(rest->ptr, stroke, rest->len) : NULL;
    if (end == NULL) {
        return false;
    }
    size_t n = (size_t)(end - rest->ptr);
    *part = ml_span_cut(*rest, 0, n);
    *rest = ml_span_cut(*rest, n + 1, SIZE_MAX);
    return true;
}

bool ml_ftp_strokes(struct ml_span text, struct ml_ftp_address *out)
{
    struct ml_span family;
    struct ml_span host;
    struct ml_span port;
    uint64_t number = 0;
    *out = (struct ml_ftp_address){.port = 0};
    const uint8_t *open = text.len != 0 ? memchr(text.ptr, '(', text.len) : NULL;
    struct ml_span rest = open != NULL ? ml_span_cut(text, (size_t)(open - text.ptr) + 1, SIZE_MAX) : text;
    if (rest.len == 0 || rest.ptr[0] <= ' ' || rest.ptr[0] > '~' || ml_is_alnum(rest.ptr[0])) {
        return false;
    }
    uint8_t stroke = rest.ptr[0];
    rest = ml_span_cut(rest, 1, SIZE_MAX);
    if (!take_part(&rest, stroke, &family) || !take_part(&rest, stroke, &host) || !take_part(&rest, stroke, &port) ||
        !ml_decimal_read(port, &number) || number == 0 || number > UINT16_MAX) {
        return false;
    }
    if (host.len != 0 && !ml_ip_parse(host, &out->ip)) {
        return false;
    }
    out->port = (uint16_t)number;
    return true;
}
