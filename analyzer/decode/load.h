/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load - integers inside a header whose bytes the reader has already handed out.
 *
 * In:        a pointer from ml_peel_head or a span, and a constant offset below the length that was asked for.
 * Invariant: nothing here checks a bound: the reader did, once for the whole header.
 */
#ifndef MITLESER_DECODE_LOAD_H
#define MITLESER_DECODE_LOAD_H

#include <stdint.h>

static inline uint16_t ml_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t ml_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t ml_le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t ml_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

#endif
