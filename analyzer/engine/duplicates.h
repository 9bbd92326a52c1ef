/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duplicates - tells packets that the capture holds twice: seen on two interfaces, mirrored in and out, or routed on.
 *
 * In:        segments in capture order.
 * Out:       yes for the second and later copies.
 * Invariant: a copy has the bytes of a packet among the ML_DUPLICATE_PACKETS before it and comes at most
 *            ML_DUPLICATE_MS after it; only TTL or hop limit, and the checksum over it, may differ. Where senders do
 * not number their packets (IPv6, an IPv4 identification of 0), equal packets may really have been sent twice, so there
 * a copy must also differ in interface or TTL. Nothing is allocated for a packet. See:       RFC 6864 (what the
 * identification promises).
 */
#ifndef MITLESER_ENGINE_DUPLICATES_H
#define MITLESER_ENGINE_DUPLICATES_H

#include "decode/segment.h"

struct ml_duplicates {
    size_t next; /* place of the next packet, round and round */
    size_t n;    /* places in use */
    uint64_t hashes[ML_DUPLICATE_PACKETS];
    int64_t times_ns[ML_DUPLICATE_PACKETS];
    uint32_t interfaces[ML_DUPLICATE_PACKETS];
    uint8_t ttls[ML_DUPLICATE_PACKETS];
    uint8_t n_alike[256]; /* places by the lowest byte of their hash: most packets need no look at the places */
};

/* Forgets all packets: before the first one, and between captures that have nothing to do with each other. */
void ml_duplicates_init(struct ml_duplicates *duplicates);

/* Is the packet a copy? It is remembered when it is not. */
bool ml_duplicates_check(struct ml_duplicates *duplicates, const struct ml_segment *segment);

#endif
