/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/unpack.h"

#include "core/mem.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

enum { OUT_BYTES = 4096, MAX_ZSTD_WINDOW = 23 /* log2; RFC 8878, section 3.1.1.1.2 recommends 8 MiB */ };

struct ml_unpack {
    enum ml_wrapping form;
    size_t left; /* bytes that may still come out */
    enum ml_unpack_end end;
    bool has_begun;
    size_t used; /* bytes of the last feed that were read */
    z_stream zlib;
    bool has_zlib;
    BrotliDecoderState *brotli; /* owned */
    ZSTD_DStream *zstd;         /* owned */
    uint8_t out[OUT_BYTES];
};

static void *zlib_alloc(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return ml_mem_array(n, size);
}

static void zlib_free(void *opaque, void *block)
{
    (void)opaque;
    ml_mem_free(block);
}

static void *brotli_alloc(void *opaque, size_t size)
{
    (void)opaque;
    return ml_mem_array(size, 1);
}

static bool start_zlib(struct ml_unpack *self, int window_bits)
{
    self->zlib = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free};
    self->has_zlib = inflateInit2(&self->zlib, window_bits) == Z_OK;
    return self->has_zlib;
}

struct ml_unpack *ml_unpack_new(enum ml_wrapping form, size_t max)
{
    struct ml_unpack *self = ml_mem_array(1, sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->form = form;
    self->left = max;
    bool ok = true;
    if (form == ML_WRAP_BROTLI) {
        self->brotli = BrotliDecoderCreateInstance(brotli_alloc, zlib_free, NULL);
        ok = self->brotli != NULL;
    } else if (form == ML_WRAP_ZSTD) {
        self->zstd = ZSTD_createDStream();
        ok = self->zstd != NULL &&
             ZSTD_isError(ZSTD_DCtx_setParameter(self->zstd, ZSTD_d_windowLogMax, MAX_ZSTD_WINDOW)) == 0;
    } else if (form == ML_WRAP_GZIP) {
        ok = start_zlib(self, 16 + MAX_WBITS);
    }
    if (!ok) {
        ml_unpack_free(self);
        return NULL;
    }
    return self;
}

void ml_unpack_free(struct ml_unpack *self)
{
    if (self != NULL) {
        if (self->has_zlib) {
            (void)inflateEnd(&self->zlib); /* only fails for a state that is none */
        }
        if (self->brotli != NULL) {
            BrotliDecoderDestroyInstance(self->brotli);
        }
        (void)ZSTD_freeDStream(self->zstd); /* accepts NULL */
        ml_mem_wipe(self->out, sizeof self->out);
        ml_mem_free(self);
    }
}

/* RFC 9110, section 8.4.1.2 means zlib by "deflate"; many senders leave its header out. */
static bool begin(struct ml_unpack *self, struct ml_span bytes)
{
    self->has_begun = true;
    if (self->form != ML_WRAP_DEFLATE) {
        return true;
    }
    bool is_zlib = (bytes.ptr[0] & 15) == 8 && bytes.ptr[0] >> 4 <= 7;
    return start_zlib(self, is_zlib ? MAX_WBITS : -MAX_WBITS);
}

/* One step of a decoder: bytes out, bytes left of the input. */
static size_t step_zlib(struct ml_unpack *self, struct ml_span *in, enum ml_unpack_end *end)
{
    self->zlib.next_in = (Bytef *)(uintptr_t)in->ptr; /* zlib does not write to it */
    self->zlib.avail_in = (uInt)in->len;
    self->zlib.next_out = self->out;
    self->zlib.avail_out = OUT_BYTES;
    int result = inflate(&self->zlib, Z_NO_FLUSH);
    *end = result == Z_STREAM_END                    ? ML_UNPACK_DONE
           : result == Z_OK || result == Z_BUF_ERROR ? ML_UNPACK_MORE
                                                     : ML_UNPACK_BROKEN;
    in->ptr += in->len - self->zlib.avail_in;
    in->len = self->zlib.avail_in;
    return OUT_BYTES - self->zlib.avail_out;
}

static size_t step_brotli(struct ml_unpack *self, struct ml_span *in, enum ml_unpack_end *end)
{
    size_t room = OUT_BYTES;
    uint8_t *out = self->out;
    BrotliDecoderResult result = BrotliDecoderDecompressStream(self->brotli, &in->len, &in->ptr, &room, &out, NULL);
    *end = result == BROTLI_DECODER_RESULT_SUCCESS ? ML_UNPACK_DONE
           : result == BROTLI_DECODER_RESULT_ERROR ? ML_UNPACK_BROKEN
                                                   : ML_UNPACK_MORE;
    return OUT_BYTES - room;
}

static size_t step_zstd(struct ml_unpack *self, struct ml_span *in, enum ml_unpack_end *end)
{
    ZSTD_inBuffer input = {.src = in->ptr, .size = in->len};
    ZSTD_outBuffer output = {.dst = self->out, .size = OUT_BYTES};
    size_t result = ZSTD_decompressStream(self->zstd, &output, &input);
    *end = ZSTD_isError(result) != 0 ? ML_UNPACK_BROKEN : result == 0 ? ML_UNPACK_DONE : ML_UNPACK_MORE;
    in->ptr += input.pos;
    in->len -= input.pos;
    return output.pos;
}

static size_t step(struct ml_unpack *self, struct ml_span *in, enum ml_unpack_end *end)
{
    if (self->form == ML_WRAP_BROTLI) {
        return step_brotli(self, in, end);
    }
    return self->form == ML_WRAP_ZSTD ? step_zstd(self, in, end) : step_zlib(self, in, end);
}

/* Members of gzip (RFC 1952, section 2.2) and frames of zstd (RFC 8878, section 3.1) may follow one another. */
static void begin_next(struct ml_unpack *self, struct ml_span bytes)
{
    bool is_gzip = self->form == ML_WRAP_GZIP && bytes.len != 0 && bytes.ptr[0] == 0x1f;
    bool is_zstd = self->form == ML_WRAP_ZSTD && bytes.len != 0 && bytes.ptr[0] == 0x28;
    if (self->end == ML_UNPACK_DONE && (is_zstd || (is_gzip && inflateReset(&self->zlib) == Z_OK))) {
        self->end = ML_UNPACK_MORE;
    }
}

enum ml_unpack_end ml_unpack_feed(struct ml_unpack *self, struct ml_span bytes, ml_unpack_fn take, void *context)
{
    struct ml_span left = bytes;
    size_t n = OUT_BYTES;
    self->used = 0;
    begin_next(self, bytes);
    if (bytes.len == 0 || self->end != ML_UNPACK_MORE) {
        return self->end;
    }
    if (!self->has_begun && !begin(self, bytes)) {
        self->end = ML_UNPACK_BROKEN;
    }
    /* A full output may hide more of it; with nothing read and nothing written the decoder waits for bytes. */
    while (self->end == ML_UNPACK_MORE && (left.len != 0 || n == OUT_BYTES)) {
        size_t before = left.len;
        n = step(self, &left, &self->end);
        if (n > self->left) {
            n = self->left;
            self->end = ML_UNPACK_LIMIT;
        }
        self->left -= n;
        if (n != 0) {
            take(context, ml_span_of(self->out, n), bytes.len - left.len);
        } else if (before == left.len) {
            break;
        }
        begin_next(self, left);
    }
    self->used = bytes.len - left.len;
    return self->end;
}

size_t ml_unpack_used(const struct ml_unpack *self)
{
    return self->used;
}
