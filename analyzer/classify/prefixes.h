/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefixes - address blocks to values: the longest block that holds an address.
 *
 * Filled, then sorted once by ml_prefixes_finish; immutable after, readable by any number of threads.
 */
#ifndef MITLESER_CLASSIFY_PREFIXES_H
#define MITLESER_CLASSIFY_PREFIXES_H

#include "core/ip.h"
#include "core/status.h"

struct ml_prefix {
    struct ml_ip ip;
    uint8_t bits;
    uint32_t value;
    uint32_t around; /* the next larger block that holds this one, plus one; 0 none */
};

struct ml_prefixes {
    struct ml_prefix *items; /* owned; after finish in address order, larger blocks first */
    size_t n, room;
    uint32_t begin[2 * 256 + 1]; /* first item of IPv4 by the first byte of the address, then the same of IPv6 */
};

void ml_prefixes_fini(struct ml_prefixes *prefixes);

/* Takes any address block; bits beyond its length must be zero. */
enum ml_status ml_prefixes_add(struct ml_prefixes *prefixes, const struct ml_ip *ip, unsigned bits,
                               uint32_t value) ML_MUST_USE;

/* Puts the blocks in order. Of a block given twice either may answer: the caller refuses that. */
void ml_prefixes_finish(struct ml_prefixes *prefixes);

/* Borrowed; NULL when no block holds the address. */
const struct ml_prefix *ml_prefixes_find(const struct ml_prefixes *prefixes, const struct ml_ip *ip);

#endif
