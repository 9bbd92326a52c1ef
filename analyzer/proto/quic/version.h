/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version - the versions of QUIC whose first packets anyone can read, and what it takes.
 *
 * See:       RFC 9001, section 5.2 (salts); RFC 9369 (version 2); drafts 22 to 34 of draft-ietf-quic-tls; Google's
 *            Q050, T050 and T051; Facebook's mvfst; RFC 9000, section 15 (versions that force a negotiation: whoever
 *            sends one protects its packet as in the version it hopes for).
 */
#ifndef MITLESER_PROTO_QUIC_VERSION_H
#define MITLESER_PROTO_QUIC_VERSION_H

#include "core/span.h"

enum { ML_QUIC_SALT = 20 };

struct ml_quic_version {
    uint32_t wire;
    const char *name;                   /* "1", "2", "draft-29", "Q050", ... */
    const uint8_t *salt;                /* ML_QUIC_SALT bytes */
    bool has_v2_types;                  /* long packet types as in RFC 9369, section 3.2 */
    bool has_v2_labels;                 /* keys by "quicv2 key" and so on */
    bool has_google_frames;             /* frame types of Google's QUIC */
    bool has_google_hello;              /* a CHLO in place of TLS */
    const struct ml_quic_version *next; /* what to try when the keys do not fit; NULL mostly */
};

/* 0x?a?a?a?a */
bool ml_quic_version_is_reserved(uint32_t wire);

/* NULL for versions that are not known. */
const struct ml_quic_version *ml_quic_version_find(uint32_t wire);

#endif
