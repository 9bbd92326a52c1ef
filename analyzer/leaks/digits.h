/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digits - base64 or hexadecimal digits that come in pieces.
 *
 * In:        text. Within base64 line ends are passed over, and escapes that JSON and URLs have for digits and line
 * ends
 *            ("\/", "\n", "%2B") are read.
 * Out:       the bytes the digits stand for; what is no digit ends them.
 * See:       RFC 4648.
 */
#ifndef MITLESER_LEAKS_DIGITS_H
#define MITLESER_LEAKS_DIGITS_H

#include "leaks/view.h"

struct ml_digits {
    enum ml_wrapping code; /* ML_WRAP_BASE64 or ML_WRAP_HEX */
    bool is_over;
    uint32_t bits; /* of digits that are no byte yet */
    unsigned n_bits;
    char escape[4];
    size_t n_escape;
};

/* Decodes until `room` bytes are full, the text ends or the digits end; gives the bytes read, *n those written. */
size_t ml_digits_feed(struct ml_digits *digits, struct ml_span text, uint8_t *out, size_t room, size_t *n);

#endif
