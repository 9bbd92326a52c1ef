/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOCKS 4, 4a and 5. Input: chunks of both directions; an empty chunk is a hole of 100 bytes. Oracle: facts lie within
 * the bytes, and a conversation has one request.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/socks/socks.h"

enum { HOLE = 100, MAX_TEXT = 1024 * 1024 };

/* How many requests of the outer conversation were stated. */
static unsigned run(struct ml_span input, size_t piece)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_buf text;
    struct ml_reader rd = ml_rd_open(input);
    unsigned n = 0;
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, &ml_parser_socks, ML_IP_TCP, 1080);
    while (fuzz_chunk_next(&rd, &chunk)) {
        enum ml_dir dir = chunk.direction != 0 ? ML_DOWN : ML_UP;
        if (chunk.bytes.len == 0) {
            fuzz_talk_gap(&talk, dir, HOLE);
        } else {
            fuzz_talk_feed(&talk, dir, chunk.bytes, piece);
        }
        fuzz_chunk_free(&chunk);
    }
    for (const struct ml_fact *fact = talk.flow.facts; fact != NULL; fact = fact->next) {
        n += fact->kind == ML_FACT_SOCKS_REQUEST && fact->n_layers == 1;
    }
    fuzz_talk_end(&talk, &text);
    ml_buf_fini(&text);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_span input = ml_span_of(data, size);
    ML_ASSERT(run(input, 0) <= 1);
    (void)run(input, 1);
    return 0;
}
