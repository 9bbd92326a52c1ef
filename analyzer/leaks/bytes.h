/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes - what a byte may be part of: text, and the tokens of names and values in it. One look-up a byte, because the
 * detectors look at every byte of what they read.
 */
#ifndef MITLESER_LEAKS_BYTES_H
#define MITLESER_LEAKS_BYTES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ML_BYTE_TEXT = 1, /* printable ASCII, tab, line ends, and what may be part of UTF-8 (RFC 3629, section 4) */
    ML_BYTE_TOKEN = 2 /* letters, digits, _ . - @ + and what is not ASCII */
};

extern const uint8_t ml_byte_classes[256];

static inline bool ml_byte_is_text(uint8_t byte)
{
    return (ml_byte_classes[byte] & ML_BYTE_TEXT) != 0;
}

static inline bool ml_byte_is_token(uint8_t byte)
{
    return (ml_byte_classes[byte] & ML_BYTE_TOKEN) != 0;
}

#endif
