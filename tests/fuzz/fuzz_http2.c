/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 from hostile segments behind a preface and an empty SETTINGS. Input: chunks. Oracle: facts lie within the
 * bytes; segments of one byte give the same facts as those of the input.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/http2/http2.h"

enum { MAX_TEXT = 16 * 1024 * 1024 };

static void run(struct ml_span input, size_t piece, struct ml_buf *text)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    fuzz_talk_begin(&talk, &ml_parser_http2, ML_IP_TCP, 80);
    fuzz_talk_feed(&talk, ML_UP, ml_span_text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), piece);
    while (fuzz_chunk_next(&rd, &chunk)) {
        fuzz_talk_feed(&talk, chunk.direction != 0 ? ML_DOWN : ML_UP, chunk.bytes, piece);
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_buf whole;
    struct ml_buf split;
    ml_buf_init(&whole, MAX_TEXT);
    ml_buf_init(&split, MAX_TEXT);
    run(ml_span_of(data, size), 0, &whole);
    run(ml_span_of(data, size), 1, &split);
    ML_ASSERT(ml_span_equal(ml_buf_span(&whole), ml_buf_span(&split)));
    ml_buf_fini(&whole);
    ml_buf_fini(&split);
    return 0;
}
