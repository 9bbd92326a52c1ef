/* SPDX-License-Identifier: Apache-2.0 */
/* nbds_build - NetBIOS datagrams from parts (RFC 1002, section 4.4; MS-BRWS, section 2.2). */
#ifndef MITLESER_TESTS_NBDS_BUILD_H
#define MITLESER_TESTS_NBDS_BUILD_H

#include "support/build.h"

enum { NBDS_HOST = 1, NBDS_DOMAIN = 12, NBDS_LOCAL_MASTER = 15 };

struct nbds_host {
    const char *name; /* at most 15 letters */
    const char *comment;
    uint8_t major, minor; /* of the system */
};

/* Type, flags, id, address and port of the source. */
void nbds_header(struct ml_buf *out, unsigned type, const char *source_ip);
void nbds_name(struct ml_buf *out, const char *name, unsigned type); /* second-level encoded, no scope */

/* Length, offset, names and user data of a direct or broadcast datagram, behind nbds_header. */
void nbds_user(struct ml_buf *out, const char *source, const char *destination, struct ml_span data);

/* A write to a mailslot. */
void nbds_mailslot(struct ml_buf *out, const char *mailslot, struct ml_span data);

/* A browser frame of the host's form; and one as a whole datagram from the host's <00> to WORKGROUP<1d>. */
void nbds_browse(struct ml_buf *out, unsigned command, const struct nbds_host *host);
void nbds_announcement(struct ml_buf *out, const char *source_ip, unsigned command, const struct nbds_host *host);

#endif
