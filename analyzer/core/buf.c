/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"

#include "core/mem.h"

#include <stdarg.h>
#include <stdio.h>

void ml_buf_init(struct ml_buf *buf, size_t max)
{
    *buf = (struct ml_buf){.max = max};
}

void ml_buf_fini(struct ml_buf *buf)
{
    ml_mem_free(buf->bytes);
    *buf = (struct ml_buf){0};
}

void ml_buf_clear(struct ml_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

bool ml_buf_grow(struct ml_buf *buf, size_t n)
{
    if (buf->failed || n > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    if (n <= buf->size - buf->len) {
        return true;
    }
    size_t want = buf->size < 64 ? 64 : buf->size;
    while (want < buf->len + n) {
        want = want > SIZE_MAX / 2 ? buf->len + n : want * 2;
    }
    want = want < buf->max ? want : buf->max; /* room never passes the ceiling: ml_buf_reserve looks at room alone */
    uint8_t *bytes = ml_mem_resize(buf->bytes, want, 1);
    if (bytes == NULL) {
        buf->failed = true;
        return false;
    }
    buf->bytes = bytes;
    buf->size = want;
    return true;
}

bool ml_buf_add_span(struct ml_buf *buf, struct ml_span bytes)
{
    return ml_buf_add(buf, bytes.ptr, bytes.len);
}

bool ml_buf_add_text(struct ml_buf *buf, const char *text)
{
    return ml_buf_add(buf, text, strlen(text));
}

bool ml_buf_printf(struct ml_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    bool ok = len >= 0 && ml_buf_reserve(buf, (size_t)len + 1);
    if (ok) {
        (void)vsnprintf((char *)buf->bytes + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    buf->failed |= !ok;
    va_end(again);
    return ok;
}

void ml_buf_drop(struct ml_buf *buf, size_t n)
{
    n = n < buf->len ? n : buf->len;
    if (n != 0) {
        memmove(buf->bytes, buf->bytes + n, buf->len - n);
        buf->len -= n;
    }
}

struct ml_span ml_buf_span(const struct ml_buf *buf)
{
    return ml_span_of(buf->bytes, buf->len);
}

char *ml_buf_take_text(struct ml_buf *buf)
{
    if (!ml_buf_add_byte(buf, 0)) {
        return NULL;
    }
    char *text = (char *)buf->bytes;
    ml_buf_init(buf, buf->max);
    return text;
}
