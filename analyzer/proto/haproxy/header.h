/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header - what a proxy puts in front of a connection that it passes on: who the client is.
 *
 * See:       "The PROXY protocol, versions 1 & 2", Willy Tarreau, HAProxy Technologies, sections 2.1 and 2.2.
 */
#ifndef MITLESER_PROTO_HAPROXY_HEADER_H
#define MITLESER_PROTO_HAPROXY_HEADER_H

#include "core/ip.h"
#include "core/reader.h"

enum { ML_HAPROXY_MAX = 16 + 4096 /* bytes of a header that is read; those of version 2 have some 30 to 200 */ };

struct ml_haproxy {
    unsigned version;                 /* 1 or 2 */
    struct ml_ip source, destination; /* family 0: not told */
    struct ml_span authority;         /* host name the client asked for; borrowed */
    size_t len;                       /* of the header */
};

/* OK, SHORT while more must come, or BAD. */
enum ml_rd_state ml_haproxy_read(struct ml_span bytes, struct ml_haproxy *out);

#endif
