/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peel - one packet while its headers are taken off, one step a header.
 *
 * In:        the bytes of a packet and the step that reads its first header.
 * Out:       the segment, filled by the steps; or the reason why there is none.
 * Invariant: a step reads one header and names the next step, so nested headers need a loop and no recursion.
 *            Bytes on the wire = bytes left in `rd` + `missing`.
 * Lifetime:  one a decoder, started anew for each packet.
 */
#ifndef MITLESER_DECODE_PEEL_H
#define MITLESER_DECODE_PEEL_H

#include "core/counters.h"
#include "core/reader.h"
#include "decode/load.h"
#include "decode/segment.h"

struct ml_defrag;
struct ml_peel;

/* Reads one header: true with `next` set (NULL: the segment is complete), false with `reason` set. */
typedef bool ml_step(struct ml_peel *peel);

struct ml_peel {
    struct ml_reader rd; /* captured bytes not yet read; framed where a header declared their end */
    size_t missing;      /* bytes that followed on the wire and were not captured */
    ml_step *next;
    enum ml_counter reason;       /* undecoded.* */
    struct ml_segment *segment;   /* borrowed */
    struct ml_counters *counters; /* borrowed */
    struct ml_defrag *defrag;     /* borrowed */
    uint32_t whole_len;           /* bytes on the wire of the fragments a packet was put together from, else 0 */
    bool is_padded;               /* 802.11 header padded to four bytes, as radiotap says */
    bool has_whole;               /* the store has handed out a datagram, which lives until the next packet */
    bool has_outer;               /* inside a tunnel over IP: `outer` holds the segment around it */
    struct ml_segment outer;      /* not initialised before has_outer */
};

/* Runs the steps from peel->next. True: the segment is complete. False: peel->reason tells why not. */
bool ml_peel_run(struct ml_peel *peel);

/* The next n bytes of the header, or NULL (then ml_peel_short tells what to return). */
static inline const uint8_t *ml_peel_head(struct ml_peel *peel, size_t n)
{
    return ml_rd_take(&peel->rd, n);
}

/* Names the next step; for `return ml_peel_go(...)`. */
static inline bool ml_peel_go(struct ml_peel *peel, ml_step *next)
{
    peel->next = next;
    return true;
}

/* Ends the packet without a segment; for `return ml_peel_drop(...)`. */
ML_COLD bool ml_peel_drop(struct ml_peel *peel, enum ml_counter reason);

/* The reader failed: drops by its state, `cut` at the edge of the capture, `bad` inside a declared length. */
ML_COLD bool ml_peel_short(struct ml_peel *peel, enum ml_counter cut, enum ml_counter bad);

/* As ml_peel_short for headers of the link layer. */
ML_COLD bool ml_peel_short_link(struct ml_peel *peel);

/*
 * A header says that `len` bytes follow: what lies behind is padding and goes. When the capture holds fewer, the rest
 * is missing. False when an outer header already said that there are fewer: one of them lies.
 */
static inline bool ml_peel_frame(struct ml_peel *peel, size_t len)
{
    size_t left = ml_rd_left(&peel->rd);
    if (len <= left) {
        peel->missing = 0;
        return ml_rd_frame(&peel->rd, len);
    }
    peel->missing = len - left;
    return !peel->rd.framed || ml_rd_reject(&peel->rd);
}

/* Fills the segment's payload with what is left: the last step of every transport. */
static inline void ml_peel_finish(struct ml_peel *peel)
{
    struct ml_segment *segment = peel->segment;
    size_t left = ml_rd_left(&peel->rd);
    segment->payload = left != 0 ? ml_span_of(ml_rd_take(&peel->rd, left), left) : ml_span_of(NULL, 0);
    segment->payload_len = (uint32_t)(left + peel->missing);
    segment->is_cut |= peel->missing != 0;
    peel->next = NULL;
}

/* Adds a tunnel below the network layer (PPPoE, MPLS). False: too deep, dropped. */
bool ml_peel_push(struct ml_peel *peel, enum ml_tunnel tunnel) ML_MUST_USE;

/*
 * Goes into a tunnel over IP whose payload starts at `inner`. The complete segment is kept: when no IP packet is found
 * inside, it is handed out instead, so that doubtful tunnels lose nothing. ML_TUNNEL_NONE: the next step adds its own.
 */
bool ml_peel_enter(struct ml_peel *peel, enum ml_tunnel tunnel, struct ml_reader inner, ml_step *next);

#endif
