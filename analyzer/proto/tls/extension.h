/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extension - walks the extensions of a hello, in order.
 *
 * In:        a reader over the extensions (without their common length).
 * Out:       type and body, one at a time. A body that a capture cut short is not framed.
 * See:       RFC 8446, section 4.2; IANA "TLS ExtensionType Values".
 */
#ifndef MITLESER_PROTO_TLS_EXTENSION_H
#define MITLESER_PROTO_TLS_EXTENSION_H

#include "core/reader.h"

enum {
    ML_TLS_EXT_SERVER_NAME = 0,
    ML_TLS_EXT_GROUPS = 10,
    ML_TLS_EXT_POINT_FORMATS = 11,
    ML_TLS_EXT_SIGNATURES = 13,
    ML_TLS_EXT_ALPN = 16,
    ML_TLS_EXT_ENCRYPT_THEN_MAC = 22,
    ML_TLS_EXT_EXTENDED_MASTER_SECRET = 23,
    ML_TLS_EXT_SESSION_TICKET = 35,
    ML_TLS_EXT_KEY_SHARE_DRAFT = 40, /* drafts of TLS 1.3 before 23 */
    ML_TLS_EXT_PRE_SHARED_KEY = 41,
    ML_TLS_EXT_EARLY_DATA = 42,
    ML_TLS_EXT_VERSIONS = 43,
    ML_TLS_EXT_KEY_SHARE = 51,
    ML_TLS_EXT_QUIC_PARAMETERS = 57,
    ML_TLS_EXT_ECH = 0xfe0d,
    ML_TLS_EXT_QUIC_PARAMETERS_DRAFT = 0xffa5,
    ML_TLS_EXT_ESNI = 0xffce /* draft-ietf-tls-esni up to 06 */
};

/* The next extension; false at the end and on a fault, which the reader's state tells apart. */
static inline bool ml_tls_extension_next(struct ml_reader *rd, uint16_t *type, struct ml_reader *body)
{
    return ml_rd_left(rd) != 0 && ml_rd_u16(rd, type) && ml_rd_vector_clipped(rd, 2, body);
}

#endif
