/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS over a stream, from hostile segments. Input: a settings byte (bit 0: the start was captured), then chunks.
 * Oracle: facts lie within the bytes; where both directions are records to their end, segments of one byte give the
 * same facts as those of the input.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/tls/records.h"
#include "proto/tls/tls.h"

enum { SAW_START = 1, MAX_TEXT = 4 * 1024 * 1024 };

static void run(uint8_t settings, struct ml_span input, size_t piece, struct ml_buf *text)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    fuzz_talk_begin(&talk, &ml_parser_tls, ML_IP_TCP, 443);
    talk.flow.saw_start = (settings & SAW_START) != 0;
    while (fuzz_chunk_next(&rd, &chunk)) {
        const struct ml_chunk first = {.flow = &talk.flow, .bytes = chunk.bytes};
        (void)ml_parser_tls.probe(&first);
        fuzz_talk_feed(&talk, chunk.direction != 0 ? ML_DOWN : ML_UP, chunk.bytes, piece);
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, text);
}

/* Behind bytes that are no records, where segments begin does matter. */
static bool is_clean(struct ml_span input)
{
    struct ml_tls_records records[2] = {{.n_header = 0}, {.n_header = 0}};
    struct ml_tls_fragment fragment;
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    while (fuzz_chunk_next(&rd, &chunk)) {
        struct ml_reader bytes = ml_rd_open(chunk.bytes);
        while (ml_tls_records_next(&records[chunk.direction], &bytes, &fragment)) {
            ML_ASSERT(fragment.at + fragment.bytes.len <= fragment.record_len);
        }
        fuzz_chunk_free(&chunk);
    }
    return !records[0].is_lost && !records[1].is_lost;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_span input = ml_span_of(data, size);
    struct ml_buf whole;
    struct ml_buf split;
    if (size == 0) {
        return 0;
    }
    ml_buf_init(&whole, MAX_TEXT);
    ml_buf_init(&split, MAX_TEXT);
    run(data[0], ml_span_cut(input, 1, size), 0, &whole);
    run(data[0], ml_span_cut(input, 1, size), 1, &split);
    ML_ASSERT(!is_clean(ml_span_cut(input, 1, size)) || ml_span_equal(ml_buf_span(&whole), ml_buf_span(&split)));
    ml_buf_fini(&whole);
    ml_buf_fini(&split);
    return 0;
}
