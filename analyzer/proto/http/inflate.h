/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate - undoes gzip and deflate as bytes come, up to a ceiling.
 *
 * In:        compressed bytes in any pieces.
 * Out:       the content, piece by piece; nothing more once ML_MAX_INFLATED bytes came out or the bytes broke a rule.
 * Note:      "deflate" means zlib (RFC 9110, section 8.4.1.2), but many servers send it raw: the first two bytes tell.
 * See:       RFC 1950, 1951, 1952.
 */
#ifndef MITLESER_PROTO_HTTP_INFLATE_H
#define MITLESER_PROTO_HTTP_INFLATE_H

#include "core/span.h"
#include "core/status.h"

enum ml_inflate_form { ML_INFLATE_GZIP, ML_INFLATE_DEFLATE /* zlib or raw */, ML_INFLATE_RAW };

enum ml_inflate_end { ML_INFLATE_MORE, ML_INFLATE_DONE, ML_INFLATE_BROKEN, ML_INFLATE_LIMIT };

struct ml_inflate;

/* Gives it; NULL when memory runs out. `max` is the ceiling on bytes that come out. */
struct ml_inflate *ml_inflate_new(enum ml_inflate_form form, size_t max) ML_MUST_USE;
void ml_inflate_free(struct ml_inflate *self);

typedef void (*ml_inflate_fn)(void *context, struct ml_span content);

/* Content goes to `take`, borrowed during the call. After anything but ML_INFLATE_MORE no more bytes are taken. */
enum ml_inflate_end ml_inflate_feed(struct ml_inflate *self, struct ml_span bytes, ml_inflate_fn take, void *context);

#endif
