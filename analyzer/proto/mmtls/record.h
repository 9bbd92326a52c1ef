/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record - the record layer of mmtls, WeChat's transport of its own.
 *
 * In:        bytes of a stream or of an HTTP body.
 * Out:       headers: type (1), version (2), length (2, big endian), then the body.
 * See:       docs/protocols/mmtls.md.
 */
#ifndef MITLESER_PROTO_MMTLS_RECORD_H
#define MITLESER_PROTO_MMTLS_RECORD_H

#include "core/span.h"

enum {
    ML_MMTLS_ALERT = 0x15,
    ML_MMTLS_HANDSHAKE = 0x16,
    ML_MMTLS_DATA = 0x17,
    ML_MMTLS_HANDSHAKE_0RTT = 0x19,
    ML_MMTLS_HEADER = 5
};

struct ml_mmtls_record {
    uint8_t type;
    uint16_t version; /* 0xf103, 0xf104 */
    uint16_t len;     /* of the body */
};

enum ml_mmtls_sight { ML_MMTLS_NO, ML_MMTLS_SHORT, ML_MMTLS_YES };

/* Can a record begin like this? SHORT: what is there fits, the rest of the header is missing; *out is then zero. */
enum ml_mmtls_sight ml_mmtls_record_read(struct ml_span start, struct ml_mmtls_record *out);

/* "f104"; a constant of the program. */
const char *ml_mmtls_version_text(uint16_t version);

#endif
