/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block - the addresses whose answers are compared as one: a /24 of IPv4 or a /48 of IPv6, the longest prefixes that
 * networks announce to each other. Few data sets tell addresses within a block apart.
 */
#ifndef MITLESER_INTEL_BLOCK_H
#define MITLESER_INTEL_BLOCK_H

#include "core/ip.h"

/* Length of the prefix that is the block of an address of this family. */
static inline unsigned ml_block_bits(unsigned family)
{
    return family == 4 ? 24 : 48;
}

/* First address of the block that an address lies in. */
static inline struct ml_ip ml_block_of(const struct ml_ip *ip)
{
    struct ml_ip block = {.family = ip->family};
    memcpy(block.bytes, ip->bytes, ml_block_bits(ip->family) / 8);
    return block;
}

/* Last address of that block. */
static inline struct ml_ip ml_block_last(const struct ml_ip *ip)
{
    struct ml_ip last = ml_block_of(ip);
    size_t at = ml_block_bits(ip->family) / 8;
    memset(last.bytes + at, 0xff, (ip->family == 4 ? 4 : sizeof last.bytes) - at);
    return last;
}

#endif
