/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der - walks ASN.1 values in their distinguished encoding.
 *
 * In:        a reader over DER bytes.
 * Out:       one value after the other: its tag, its content as a framed reader, and the whole of it.
 * Invariant: single-byte tags and definite lengths of at most four bytes only; anything else is refused.
 * See:       X.690, sections 8.1 and 10.1.
 */
#ifndef MITLESER_PROTO_TLS_DER_H
#define MITLESER_PROTO_TLS_DER_H

#include "core/reader.h"

enum {
    ML_DER_INTEGER = 0x02,
    ML_DER_BIT_STRING = 0x03,
    ML_DER_OCTET_STRING = 0x04,
    ML_DER_OBJECT = 0x06,
    ML_DER_SEQUENCE = 0x30,
    ML_DER_CONTEXT = 0x80, /* [n] IMPLICIT: plus n */
    ML_DER_EXPLICIT = 0xa0 /* [n] EXPLICIT: plus n */
};

struct ml_der {
    uint8_t tag;
    struct ml_reader body;
    struct ml_span whole; /* with tag and length */
};

/* The next value; false at the end and on a fault, which the reader's state tells apart. */
bool ml_der_next(struct ml_reader *rd, struct ml_der *out);

/* The next value, which must have this tag. */
bool ml_der_expect(struct ml_reader *rd, uint8_t tag, struct ml_der *out) ML_MUST_USE;

/* Size in bits of a positive INTEGER's content. */
unsigned ml_der_bits(struct ml_reader body);

#endif
