/* SPDX-License-Identifier: Apache-2.0 */
/*
 * qpack - header blocks of one direction of HTTP/3, by nghttp3's decoder.
 *
 * In:        the encoder stream of the direction, the table size that the other side allows, blocks.
 * Out:       fields. A block that needs entries which have not come yet waits with its owner.
 * Invariant: which entry a block means follows from the size the other side allows: before that is known, and behind a
 *            hole in the encoder stream, only blocks without such entries are read. No field is ever a guess.
 * See:       RFC 9204.
 */
#ifndef MITLESER_PROTO_HTTP3_QPACK_H
#define MITLESER_PROTO_HTTP3_QPACK_H

#include "core/counters.h"
#include "proto/http2/fields.h"

struct ml_qpack;

/* NULL when memory runs out. */
struct ml_qpack *ml_qpack_new(struct ml_counters *counters) ML_MUST_USE;
void ml_qpack_free(struct ml_qpack *qpack);

/* SETTINGS_QPACK_MAX_TABLE_CAPACITY of the other side; only the first counts. */
void ml_qpack_capacity(struct ml_qpack *qpack, uint64_t capacity);

/* Bytes of the encoder stream, in order. */
void ml_qpack_encoder(struct ml_qpack *qpack, struct ml_span bytes);

/* Bytes of the encoder stream are missing. */
void ml_qpack_lose(struct ml_qpack *qpack);

enum ml_qpack_result {
    ML_QPACK_DONE,
    ML_QPACK_BLOCKED, /* entries are missing that may still come: the same block again then */
    ML_QPACK_BAD
};

/* Entries that came so far, those that were dropped again too. */
uint64_t ml_qpack_inserted(const struct ml_qpack *qpack);

/*
 * Adds the fields of a whole block; of one that is not DONE the list is to be thrown away. BLOCKED: *needs is the
 * number of entries it waits for, 0 while the size is not known.
 */
enum ml_qpack_result ml_qpack_block(struct ml_qpack *qpack, struct ml_span block, struct ml_h2_fields *fields,
                                    uint64_t *needs);

#endif
