/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack - undoes gzip, deflate, brotli and zstd as bytes come, up to a ceiling.
 *
 * In:        compressed bytes in any pieces.
 * Out:       the content piece by piece; nothing more once `max` bytes came out or the bytes broke a rule.
 * Memory:    a window of the format: 32 KiB, brotli up to 16 MiB, zstd up to 8 MiB (larger ones are refused).
 * See:       RFC 1950, 1951, 1952, 7932, 8878.
 */
#ifndef MITLESER_LEAKS_UNPACK_H
#define MITLESER_LEAKS_UNPACK_H

#include "leaks/view.h"

enum ml_unpack_end { ML_UNPACK_MORE, ML_UNPACK_DONE, ML_UNPACK_BROKEN, ML_UNPACK_LIMIT };

struct ml_unpack;

/* Gives it; NULL when memory runs out. `form` is ML_WRAP_GZIP to ML_WRAP_BROTLI; deflate may come without its header.
 */
struct ml_unpack *ml_unpack_new(enum ml_wrapping form, size_t max) ML_MUST_USE;
void ml_unpack_free(struct ml_unpack *self);

/* Content, borrowed during the call; `used` is the number of bytes of this feed read so far. */
typedef void (*ml_unpack_fn)(void *context, struct ml_span content, size_t used);

/* After anything but ML_UNPACK_MORE no more bytes are taken. */
enum ml_unpack_end ml_unpack_feed(struct ml_unpack *self, struct ml_span bytes, ml_unpack_fn take, void *context);

/* Bytes of the last feed that were read. */
size_t ml_unpack_used(const struct ml_unpack *self);

#endif
