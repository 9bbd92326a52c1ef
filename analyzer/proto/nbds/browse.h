/* SPDX-License-Identifier: Apache-2.0 */
/*
 * browse - what a computer says about itself in an SMB mailslot of the browser; internal to proto/nbds.
 *
 * In:        user data of a NetBIOS datagram.
 * Out:       spans borrowed from them, empty where the frame has no such value.
 * See:       MS-CIFS, sections 2.2.3.1 and 2.2.4.33.1 (header, transaction); MS-MAIL, section 2.2.1 (mailslot);
 *            MS-BRWS, section 2.2 (browser frames).
 */
#ifndef MITLESER_PROTO_NBDS_BROWSE_H
#define MITLESER_PROTO_NBDS_BROWSE_H

#include "core/reader.h"

struct ml_nbds_browse {
    struct ml_span mailslot; /* "\MAILSLOT\BROWSE" */
    const char *frame;       /* name of the browser frame; NULL for one that says nothing about its sender */
    struct ml_span host;
    struct ml_span group; /* workgroup or domain that a domain announcement is about */
    struct ml_span comment;
    bool has_version; /* of the operating system */
    uint8_t major, minor;
};

/* False when it is no write to a mailslot. */
bool ml_nbds_browse_read(struct ml_span user_data, struct ml_nbds_browse *out) ML_MUST_USE;

#endif
