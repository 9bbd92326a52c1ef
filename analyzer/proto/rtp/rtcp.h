/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtcp - control packets: the chain of a compound packet, and who describes itself in it.
 *
 * In:        a datagram.
 * Out:       packets with their bodies, borrowed. Of SRTCP only the first eight bytes can be read.
 * See:       RFC 3550, section 6; RFC 3711, section 3.4; RFC 5761, section 4.
 */
#ifndef MITLESER_PROTO_RTP_RTCP_H
#define MITLESER_PROTO_RTP_RTCP_H

#include "core/reader.h"

enum ml_rtcp_type { ML_RTCP_SR = 200, ML_RTCP_RR = 201, ML_RTCP_SDES = 202, ML_RTCP_XR = 207 };

enum ml_rtcp_item {
    ML_RTCP_END,
    ML_RTCP_CNAME,
    ML_RTCP_NAME,
    ML_RTCP_EMAIL,
    ML_RTCP_PHONE,
    ML_RTCP_LOC,
    ML_RTCP_TOOL,
    ML_RTCP_NOTE,
    ML_RTCP_PRIV
};

struct ml_rtcp_packet {
    uint8_t type;
    uint8_t count; /* of reports or sources */
    uint32_t ssrc; /* first word of the body; 0 when it is empty */
    struct ml_span body;
};

/* The next packet of a chain: version 2, a known type, its length within the bytes. */
bool ml_rtcp_next(struct ml_reader *rd, struct ml_rtcp_packet *out) ML_MUST_USE;

/* Does the datagram begin as RTCP or SRTCP does? */
bool ml_rtcp_begins(struct ml_span datagram, struct ml_rtcp_packet *first);

/* A chain that fills the datagram to its last byte, which encrypted packets do not. */
bool ml_rtcp_is_compound(struct ml_span datagram);

/* A report without an extension: as long as its count of blocks says (RFC 3550, sections 6.4.1 and 6.4.2). */
bool ml_rtcp_is_report(const struct ml_rtcp_packet *packet);

/* One item of a description; `ssrc` is set when a new source begins. False at the end. */
struct ml_rtcp_walk {
    struct ml_reader rd;
    unsigned n_left; /* sources not begun yet */
    bool is_inside;  /* of a source's items */
    uint32_t ssrc;
};

void ml_rtcp_walk_init(struct ml_rtcp_walk *walk, const struct ml_rtcp_packet *description);
bool ml_rtcp_walk_next(struct ml_rtcp_walk *walk, uint8_t *item, struct ml_span *text) ML_MUST_USE;

/*
 * The index of an SRTCP packet whose "encrypted" bit is set, for the two places where it can stand: in front of a tag
 * of ten bytes, or last (AES-GCM, RFC 7714, section 9). 0: none there.
 */
uint32_t ml_srtcp_index(struct ml_span datagram, bool is_last);

#endif
