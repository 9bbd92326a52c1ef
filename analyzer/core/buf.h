/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf - bytes that grow up to a ceiling.
 *
 * A failed append latches `failed` and changes nothing else, so a writer may append many times and check once.
 */
#ifndef MITLESER_CORE_BUF_H
#define MITLESER_CORE_BUF_H

#include "core/span.h"
#include "core/status.h"

struct ml_buf {
    uint8_t *bytes; /* owned */
    size_t len;
    size_t size; /* of bytes; at most max */
    size_t max;  /* ceiling given at init */
    bool failed; /* ceiling reached or out of memory */
};

void ml_buf_init(struct ml_buf *buf, size_t max);
void ml_buf_fini(struct ml_buf *buf);

/* Empties the buffer and clears the latch; keeps the storage. */
void ml_buf_clear(struct ml_buf *buf);

/* For ml_buf_reserve. */
bool ml_buf_grow(struct ml_buf *buf, size_t n);

/* Makes room for n more bytes. */
static inline bool ml_buf_reserve(struct ml_buf *buf, size_t n)
{
    return (!buf->failed && n <= buf->size - buf->len) || ml_buf_grow(buf, n);
}

static inline bool ml_buf_add(struct ml_buf *buf, const void *bytes, size_t len)
{
    if (!ml_buf_reserve(buf, len)) {
        return false;
    }
    if (len != 0) {
        memcpy(buf->bytes + buf->len, bytes, len);
        buf->len += len;
    }
    return true;
}

static inline bool ml_buf_add_byte(struct ml_buf *buf, uint8_t byte)
{
    if (!ml_buf_reserve(buf, 1)) {
        return false;
    }
    buf->bytes[buf->len++] = byte;
    return true;
}

bool ml_buf_add_span(struct ml_buf *buf, struct ml_span bytes);
bool ml_buf_add_text(struct ml_buf *buf, const char *text);
bool ml_buf_printf(struct ml_buf *buf, const char *format, ...) ML_PRINTF(2, 3);

/* Removes n bytes (at most len) from the front. */
void ml_buf_drop(struct ml_buf *buf, size_t n);

/* Borrowed until the next change. */
struct ml_span ml_buf_span(const struct ml_buf *buf);

/* Content as text, zero-terminated; gives it to the caller and empties the buffer. NULL after a failure. */
char *ml_buf_take_text(struct ml_buf *buf);

#endif
