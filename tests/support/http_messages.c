/* SPDX-License-Identifier: Apache-2.0 */
#include "support/http_messages.h"

static void head(struct ml_buf *out, const char *start_line, const char *const *headers)
{
    ml_buf_printf(out, "%s\r\n", start_line);
    for (; headers != NULL && *headers != NULL; headers++) {
        ml_buf_printf(out, "%s\r\n", *headers);
    }
}

void build_http(struct ml_buf *out, const char *start_line, const char *const *headers, struct ml_span body)
{
    head(out, start_line, headers);
    if (body.len != 0) {
        ml_buf_printf(out, "Content-Length: %zu\r\n", body.len);
    }
    ml_buf_add_text(out, "\r\n");
    ml_buf_add_span(out, body);
}

void build_http_chunked(struct ml_buf *out, const char *start_line, const char *const *headers, struct ml_span body,
                        size_t size)
{
    head(out, start_line, headers);
    ml_buf_add_text(out, "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0; at < body.len; at += size) {
        struct ml_span part = ml_span_cut(body, at, size);
        ml_buf_printf(out, "%zx\r\n", part.len);
        ml_buf_add_span(out, part);
        ml_buf_add_text(out, "\r\n");
    }
    ml_buf_add_text(out, "0\r\n\r\n");
}

struct bits {
    struct ml_buf *out;
    uint32_t waiting; /* lowest bit goes first */
    unsigned n;
};

static void put_bits(struct bits *bits, uint32_t value, unsigned n)
{
    bits->waiting |= value << bits->n;
    bits->n += n;
    while (bits->n >= 8) {
        build_be(bits->out, 1, bits->waiting & 0xff);
        bits->waiting >>= 8;
        bits->n -= 8;
    }
}

/* Codes go out with their highest bit first. */
static void put_code(struct bits *bits, uint32_t code, unsigned n)
{
    for (unsigned i = n; i-- > 0;) {
        put_bits(bits, code >> i & 1, 1);
    }
}

void build_deflate(struct ml_buf *out, struct ml_span bytes)
{
    struct bits bits = {.out = out};
    put_bits(&bits, 1, 1); /* the last block */
    put_bits(&bits, 1, 2); /* fixed code */
    for (size_t i = 0; i < bytes.len; i++) {
        uint32_t literal = bytes.ptr[i];
        if (literal < 144) {
            put_code(&bits, 0x30 + literal, 8);
        } else {
            put_code(&bits, 0x190 + literal - 144, 9);
        }
    }
    put_code(&bits, 0, 7); /* end of block */
    put_bits(&bits, 0, (8 - bits.n) % 8);
}
