/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/inflate.h"

#include "core/mem.h"

#include <zlib.h>

enum { ROOM = 4096, WINDOW = 15, WITH_GZIP = 16 };

struct ml_inflate {
    enum ml_inflate_form form;
    bool is_open; /* stream was set up */
    enum ml_inflate_end end;
    size_t left; /* bytes that may still come out */
    uint8_t head[2];
    size_t n_head; /* bytes of head held back until the form is known */
    z_stream stream;
    uint8_t out[ROOM];
};

static voidpf z_get(voidpf opaque, uInt n, uInt size)
{
    (void)opaque;
    return ml_mem_array(n, size);
}

static void z_put(voidpf opaque, voidpf block)
{
    (void)opaque;
    ml_mem_free(block);
}

struct ml_inflate *ml_inflate_new(enum ml_inflate_form form, size_t max)
{
    struct ml_inflate *self = ml_mem_array(1, sizeof *self);
    if (self != NULL) {
        self->form = form;
        self->left = max;
    }
    return self;
}

void ml_inflate_free(struct ml_inflate *self)
{
    if (self != NULL) {
        if (self->is_open) {
            (void)inflateEnd(&self->stream);
        }
        ml_mem_free(self);
    }
}

/* RFC 1950, section 2.2: method 8, a window of at most 32 KiB, and a check that makes both bytes divisible by 31. */
static bool is_zlib(const uint8_t head[2])
{
    return (head[0] & 15) == 8 && head[0] >> 4 <= 7 && (head[0] * 256U + head[1]) % 31 == 0;
}

static bool open_stream(struct ml_inflate *self)
{
    int window = WINDOW;
    if (self->form == ML_INFLATE_GZIP) {
        window += WITH_GZIP;
    } else if (self->form == ML_INFLATE_RAW || !is_zlib(self->head)) {
        window = -WINDOW;
    }
    self->stream.zalloc = z_get;
    self->stream.zfree = z_put;
    self->is_open = inflateInit2(&self->stream, window) == Z_OK;
    return self->is_open;
}

static void run(struct ml_inflate *self, struct ml_span bytes, ml_inflate_fn take, void *context)
{
    z_stream *stream = &self->stream;
    stream->next_in = (Bytef *)(uintptr_t)bytes.ptr; /* zlib only reads it */
    stream->avail_in = (uInt)bytes.len;
    while (self->end == ML_INFLATE_MORE) {
        size_t room = self->left < ROOM ? self->left : ROOM;
        if (room == 0) {
            self->end = ML_INFLATE_LIMIT;
            return;
        }
        stream->next_out = self->out;
        stream->avail_out = (uInt)room;
        int status = inflate(stream, Z_NO_FLUSH);
        size_t n = room - stream->avail_out;
        self->left -= n;
        if (n != 0) {
            take(context, ml_span_of(self->out, n));
        }
        if (status == Z_STREAM_END) {
            self->end = ML_INFLATE_DONE;
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            self->end = ML_INFLATE_BROKEN;
        } else if (stream->avail_out != 0) {
            return; /* all input is used */
        }
    }
}

enum ml_inflate_end ml_inflate_feed(struct ml_inflate *self, struct ml_span bytes, ml_inflate_fn take, void *context)
{
    if (self->end != ML_INFLATE_MORE) {
        return self->end;
    }
    if (!self->is_open) {
        while (self->form == ML_INFLATE_DEFLATE && self->n_head < 2 && bytes.len != 0) {
            self->head[self->n_head++] = bytes.ptr[0];
            bytes = ml_span_cut(bytes, 1, bytes.len);
        }
        if (self->form == ML_INFLATE_DEFLATE && self->n_head < 2) {
            return ML_INFLATE_MORE;
        }
        if (!open_stream(self)) {
            self->end = ML_INFLATE_BROKEN;
            return self->end;
        }
        run(self, ml_span_of(self->head, self->n_head), take, context);
    }
    if (bytes.len != 0 && self->end == ML_INFLATE_MORE) {
        run(self, bytes, take, context);
    }
    return self->end;
}
