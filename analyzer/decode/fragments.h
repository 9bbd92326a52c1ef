/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fragments - puts IP datagrams together.
 *
 * In:        fragments in capture order.
 * Out:       the datagram as one packet, its header changed as if it had never been cut.
 * Invariant: bytes held stay below ML_MAX_FRAGMENT_BYTES, datagrams below ML_MAX_FRAGMENT_SETS; the oldest goes first
 *            (counted as limit.fragments). A datagram whose fragments contradict each other is refused as a whole.
 * Lifetime:  a datagram is borrowed until ml_defrag_release.
 * See:       RFC 791, section 3.2; RFC 815; RFC 8200, section 4.5; RFC 5722 (overlaps), RFC 1858, RFC 3128.
 */
#ifndef MITLESER_DECODE_FRAGMENTS_H
#define MITLESER_DECODE_FRAGMENTS_H

#include "core/counters.h"
#include "core/ip.h"
#include "core/limits.h"
#include "core/status.h"

struct ml_defrag;

/* Spans are borrowed while it is added. */
struct ml_fragment {
    struct ml_ip src, dst;
    uint32_t id;
    uint8_t proto;       /* IPv4 only: part of the identity there */
    struct ml_span head; /* IPv4 header with options; IPv6 headers in front of the fragment header */
    size_t named_at;     /* IPv6: offset in `head` of the byte that names the fragment header */
    uint8_t next;        /* IPv6: what the fragment header names */
    uint32_t offset;     /* bytes */
    bool is_last;
    struct ml_span bytes; /* as captured */
    size_t missing;       /* bytes behind them that were not captured */
    uint32_t wire_len;    /* of the IP packet */
    int64_t time_ns;
};

struct ml_datagram {
    struct ml_span packet; /* from the first byte of the IP header */
    size_t missing;        /* bytes behind it that no fragment had captured */
    uint32_t wire_len;     /* IP bytes of all fragments */
};

enum ml_defrag_result {
    ML_DEFRAG_WAITING, /* kept, or a repetition */
    ML_DEFRAG_BAD,     /* impossible, or contradicts what came before */
    ML_DEFRAG_WHOLE    /* *whole is filled */
};

/* Gives a store that counts into `counters` (borrowed while it lives); NULL when memory runs out. */
struct ml_defrag *ml_defrag_new(struct ml_counters *counters) ML_MUST_USE;
void ml_defrag_free(struct ml_defrag *defrag);

enum ml_defrag_result ml_defrag_add(struct ml_defrag *defrag, const struct ml_fragment *fragment,
                                    struct ml_datagram *whole) ML_MUST_USE;

/* Frees the datagrams handed out; called before each packet. */
void ml_defrag_release(struct ml_defrag *defrag);

/* Forgets what waits. */
void ml_defrag_flush(struct ml_defrag *defrag);

#endif
