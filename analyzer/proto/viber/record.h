/* SPDX-License-Identifier: Apache-2.0 */
/* record - how a Viber stream begins: with a hello, or in the middle with records that count up. */
#ifndef MITLESER_PROTO_VIBER_RECORD_H
#define MITLESER_PROTO_VIBER_RECORD_H

#include "proto/parser.h"

/* A client's hello; *len is that of the record, which need not be all there when the answer is YES. */
enum ml_match ml_viber_hello(struct ml_span bytes, size_t *len);

/* Three records whose counters go up by one; *len is that of all three, and they are there when the answer is YES. */
enum ml_match ml_viber_records(struct ml_span bytes, size_t *len);

#endif
