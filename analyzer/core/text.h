/* SPDX-License-Identifier: Apache-2.0 */
/* text - ASCII without a locale: case, digits, hexadecimal, base64, decimal numbers, host names, UTF-8. */
#ifndef MITLESER_CORE_TEXT_H
#define MITLESER_CORE_TEXT_H

#include "core/span.h"
#include "core/status.h"

static inline uint8_t ml_ascii_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

static inline bool ml_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool ml_is_alpha(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static inline bool ml_is_alnum(uint8_t byte)
{
    return ml_is_digit(byte) || ml_is_alpha(byte);
}

/* 0..15, or -1 when `byte` is no hexadecimal digit. */
int ml_hex_value(uint8_t byte);

/* Writes 2*in.len lower-case digits and a zero byte; `out` has room for 2*in.len+1. */
void ml_hex_write(struct ml_span in, char *out);

/* Decodes an even number of digits into `out` (room for in.len/2). False on any other byte. */
bool ml_hex_read(struct ml_span in, uint8_t *out) ML_MUST_USE;

/* Standard alphabet with padding; `out` has room for 4*((in.len+2)/3)+1. Returns the length written. */
size_t ml_base64_write(struct ml_span in, char *out);

/* Value of a digit of base64 in either alphabet (RFC 4648, sections 4 and 5), or -1. */
int ml_base64_value(uint8_t byte);

/*
 * Decodes base64 (RFC 4648, section 4) up to the first byte that is none, at most `room` bytes. Returns how many it
 * wrote to `out`. The other reads the alphabet of section 5.
 */
size_t ml_base64_read(struct ml_span in, uint8_t *out, size_t room);
size_t ml_base64url_read(struct ml_span in, uint8_t *out, size_t room);

/* Whole span is an unsigned decimal number that fits; no sign, no blanks. */
bool ml_decimal_read(struct ml_span in, uint64_t *out) ML_MUST_USE;

/* "00" to "99", one after the other, without a zero byte. */
extern const char ml_two_digits[200];

enum { ML_DECIMAL_TEXT = 20 };

/* Digits of the number, without leading zeros and without a zero byte; returns how many. */
size_t ml_decimal_write(uint64_t value, char out[ML_DECIMAL_TEXT]);

/*
 * Host name as every later stage wants it: ASCII lower case, no final dot, no port. Returns the length written to
 * `out` (room for `size`, zero byte added), or 0 when `in` is empty, longer than 255, or holds bytes that no
 * host name has (controls, blanks, quotes, slashes). Underscore, wildcard and bytes above 0x7f are kept.
 */
size_t ml_host_normal(struct ml_span in, char *out, size_t size);

/* Length of the well-formed UTF-8 sequence at the start of `in` (1..4), or 0 (RFC 3629: no surrogates, no overlong). */
size_t ml_utf8_length(struct ml_span in);

bool ml_utf8_valid(struct ml_span in);

#endif
