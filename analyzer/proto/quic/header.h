/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header - the long headers of QUIC packets, several of which may share a datagram.
 *
 * In:        a reader over a datagram, framed unless the capture cut it.
 * Out:       one packet after the other, still protected.
 * Lifetime:  spans borrow the datagram.
 * See:       RFC 9000, section 17.2; RFC 8999; RFC 9369, section 3.2.
 */
#ifndef MITLESER_PROTO_QUIC_HEADER_H
#define MITLESER_PROTO_QUIC_HEADER_H

#include "core/reader.h"
#include "proto/quic/version.h"

enum {
    ML_QUIC_MAX_CID = 20,
    ML_QUIC_CID_TEXT = 2 * ML_QUIC_MAX_CID + 1, /* an id in hexadecimal digits, zero byte included */
    ML_QUIC_TELLING_CID = 4,                    /* bytes; shorter ids are met again by chance */
    ML_QUIC_TAG = 16
};

enum ml_quic_type { ML_QUIC_INITIAL, ML_QUIC_ZERO_RTT, ML_QUIC_HANDSHAKE, ML_QUIC_RETRY, ML_QUIC_NEGOTIATION };

struct ml_quic_header {
    enum ml_quic_type type;
    const struct ml_quic_version *version; /* NULL in a version negotiation */
    bool has_fixed_bit;                    /* a connection under way may clear it (RFC 9287), a first packet never */
    struct ml_span dcid, scid;
    struct ml_span packet; /* from its first byte to its end, or to where the capture ends */
    size_t number_at;      /* place of the packet number in `packet` */
    size_t len;            /* of the packet on the wire */
};

/*
 * The next packet, and the reader behind it. False when there is none with a long header of a known version (a short
 * header, padding, or something else).
 */
bool ml_quic_header_next(struct ml_reader *rd, struct ml_quic_header *out);

#endif
