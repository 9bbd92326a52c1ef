/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hpack - header blocks of one direction, by nghttp2's inflater.
 *
 * Invariant: every block of the direction must pass here, from the first on: the table of earlier fields is needed for
 *            later ones, and with entries missing the inflater gives wrong fields without saying so. After the first
 *            fault, or a block that was not seen, it gives none any more.
 * See:       RFC 7541.
 */
#ifndef MITLESER_PROTO_HTTP2_HPACK_H
#define MITLESER_PROTO_HTTP2_HPACK_H

#include "proto/http2/fields.h"

struct ml_hpack;

/* NULL when memory runs out. */
struct ml_hpack *ml_hpack_new(void) ML_MUST_USE;
void ml_hpack_free(struct ml_hpack *hpack);

/* The size of the table the other side allows (SETTINGS_HEADER_TABLE_SIZE), once it is in force. */
void ml_hpack_table_size(struct ml_hpack *hpack, uint32_t size);

/* A block was not seen. */
void ml_hpack_lose(struct ml_hpack *hpack);

/* Was the state lost because a block became longer than ML_MAX_FIELD_BYTES? */
bool ml_hpack_is_full(const struct ml_hpack *hpack);

/* Adds the fields of a whole block. False when they cannot be told, or not any more. */
bool ml_hpack_block(struct ml_hpack *hpack, struct ml_span block, struct ml_h2_fields *fields) ML_MUST_USE;

#endif
