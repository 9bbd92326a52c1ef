/* SPDX-License-Identifier: Apache-2.0 */
/*
 * datagram - one message of the NetBIOS datagram service; internal to proto/nbds.
 *
 * In:        the payload of a UDP datagram.
 * Out:       header, names, user data. A later fragment has names as well, its user data are no beginning.
 * Lifetime:  `user_data` is borrowed from the payload.
 * See:       RFC 1002, sections 4.4.1 to 4.4.4.
 */
#ifndef MITLESER_PROTO_NBDS_DATAGRAM_H
#define MITLESER_PROTO_NBDS_DATAGRAM_H

#include "core/ip.h"
#include "proto/dns/name.h"

/* MSG_TYPE */
enum ml_nbds_type {
    ML_NBDS_DIRECT_UNIQUE = 0x10,
    ML_NBDS_DIRECT_GROUP = 0x11,
    ML_NBDS_BROADCAST = 0x12,
    ML_NBDS_ERROR = 0x13,
    ML_NBDS_QUERY = 0x14,
    ML_NBDS_POSITIVE = 0x15,
    ML_NBDS_NEGATIVE = 0x16
};

struct ml_nbds_datagram {
    enum ml_nbds_type type;
    struct ml_ip source_ip;
    uint16_t source_port;
    uint16_t fragment_offset;
    struct ml_dns_name source;      /* len 0: this type has none */
    struct ml_dns_name destination; /* likewise */
    struct ml_span user_data;
};

/* False when the bytes are no such message, or end before its names do. */
bool ml_nbds_datagram_read(struct ml_span payload, struct ml_nbds_datagram *out) ML_MUST_USE;

#endif
