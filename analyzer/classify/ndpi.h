/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ndpi - a second opinion on what a flow is. classify/ndpi.c is the only file that includes nDPI; it compiles with
 * Debian's 4.2 and, by version macros, with 4.4 to 5.x. Names leave this border, never numeric ids (they are reused).
 */
#ifndef MITLESER_CLASSIFY_NDPI_H
#define MITLESER_CLASSIFY_NDPI_H

#include "core/span.h"
#include "core/status.h"
#include "decode/segment.h"
#include "flow/chunk.h"

struct ml_ndpi;      /* a detection module: one per shard */
struct ml_ndpi_flow; /* detection state of one flow, given back as soon as the answer is there */

struct ml_ndpi_answer {
    const char *master; /* "TLS", "QUIC"; a name that stands alone ("Viber", "DNS") too; "" unknown */
    const char *app;    /* what runs inside the master: "WhatsApp" in TLS.WhatsApp; "" when nDPI names nothing more */
    const char *confidence; /* nDPI's own word for it: "DPI", "Match by port", "Match by IP", ...; never NULL */
    /*
     * The most specific name rests on port or address alone: address evidence, no more. Before 4.6 nDPI put the owner
     * of an address in the place of the application and still said "DPI": that is found out here.
     */
    bool is_by_address;
};

/*
 * Gives a module; NULL when built without nDPI or memory runs out. Initialisations must not run in parallel: the
 * caller's duty. A module beside a `peer` (may be NULL) answers as if it were alone, but shares the peer's tables
 * (about 5 MB, and 40 ms to fill) where that is possible: both then belong to one thread, and flow states to either.
 * Modules end in any order. Texts of answers live as long as one of those that share.
 */
struct ml_ndpi *ml_ndpi_new(struct ml_ndpi *peer);
void ml_ndpi_free(struct ml_ndpi *ndpi);

/* "4.2.0", or NULL when built without nDPI. */
const char *ml_ndpi_version(void);

/* Gives a state; NULL when memory runs out or `ndpi` is NULL. All states go back before the module is freed. */
struct ml_ndpi_flow *ml_ndpi_flow_new(struct ml_ndpi *ndpi);
void ml_ndpi_flow_free(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow);

/*
 * Shows the IP packet to nDPI (a zero-padded copy, so that an over-read cannot change a result; nDPI finds the
 * direction itself). False: the answer is final, or ML_MAX_NDPI_TCP_PACKETS / ML_MAX_NDPI_UDP_PACKETS were passed;
 * further packets are ignored.
 */
bool ml_ndpi_feed(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, const struct ml_segment *segment, enum ml_dir dir);

enum ml_ndpi_master { ML_NDPI_DNS, ML_NDPI_TLS };

enum ml_ndpi_told {
    ML_NDPI_MUST_SEE,   /* it has to be shown the packets; nothing is told */
    ML_NDPI_TOLD,       /* this is what it would say after all packets */
    ML_NDPI_UNLESS_MORE /* the same, unless what follows names an application by a certificate: to be shown that */
};

/*
 * What nDPI would say of a flow whose first payload (`segment`) is a whole message of such a protocol with this name,
 * from nDPI's own table of names and without a packet shown: same words, a tenth of the cost. With a name that is
 * nobody's nDPI goes by its table of addresses: so does this, but then a certificate may still tell more. nDPI must see
 * the packets where the name is not plain, where it learns from such flows for others or has learned from the server's
 * other flows, or where equality was never measured with the version at hand.
 */
enum ml_ndpi_told ml_ndpi_named(struct ml_ndpi *ndpi, enum ml_ndpi_master master, struct ml_span name,
                                const struct ml_segment *segment, struct ml_ndpi_answer *answer);

/* What nDPI says now; where nothing was found it guesses, and that ends the detection. */
void ml_ndpi_answer(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, struct ml_ndpi_answer *answer);

#endif
