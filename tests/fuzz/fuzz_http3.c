/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/3 from hostile streams. Input: chunks; the low three bits of a chunk's first byte choose the stream (requests,
 * control and table streams of both sides, a push), bit 6 makes the chunk the end of it, bit 7 a gap in front of it.
 * Oracle: bytes that come one at a time give the same facts as those of the input.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/http3/http3.h"
#include "proto/quic/quic.h"

enum { MAX_TEXT = 16 * 1024 * 1024, N_STREAMS = 8, IS_END = 0x40, IS_GAP = 0x80 };

static const uint64_t streams[N_STREAMS] = {0, 4, 8, 2, 3, 6, 7, 1};

struct run {
    struct fuzz_talk talk;
    struct ml_http3 *http3;
    uint64_t offsets[N_STREAMS][2];
    bool is_over[N_STREAMS][2]; /* QUIC hands nothing on behind an end */
};

static void feed(struct run *run, unsigned number, enum ml_dir dir, struct ml_span bytes, uint64_t gap_len, bool is_end)
{
    struct ml_chunk chunk = {.flow = &run->talk.flow,
                             .dir = dir,
                             .bytes = bytes,
                             .offset = run->offsets[number][dir],
                             .gap_len = gap_len,
                             .seq = 1, /* so that pieces make no difference */
                             .time_ns = 1,
                             .n_layers = 2,
                             .layers = {ML_LAYER_UDP, ML_LAYER_QUIC}};
    run->talk.seq = 1;
    run->offsets[number][dir] += gap_len + bytes.len;
    run->is_over[number][dir] = is_end;
    ml_http3_feed(run->http3, streams[number], &chunk, is_end);
}

static void take(struct run *run, const struct fuzz_chunk *chunk, size_t piece)
{
    enum ml_dir dir = chunk->direction != 0 ? ML_DOWN : ML_UP;
    uint8_t settings = chunk->bytes.len != 0 ? chunk->bytes.ptr[0] : 0;
    unsigned number = settings & 7;
    bool is_end = (settings & IS_END) != 0;
    struct ml_span rest = ml_span_cut(chunk->bytes, 1, chunk->bytes.len);
    if (run->is_over[number][dir] || (rest.len == 0 && !is_end)) {
        return;
    }
    if ((settings & IS_GAP) != 0) {
        feed(run, number, dir, ml_span_of(NULL, 0), 3, false);
    }
    for (; piece != 0 && rest.len > piece; rest = ml_span_cut(rest, piece, rest.len)) {
        feed(run, number, dir, ml_span_cut(rest, 0, piece), 0, false);
    }
    feed(run, number, dir, rest, 0, is_end);
}

static void run_all(struct ml_span input, size_t piece, struct ml_buf *text)
{
    struct run run = {.http3 = NULL};
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    fuzz_talk_begin(&run.talk, &ml_parser_quic, ML_IP_UDP, 443);
    run.http3 = ml_http3_new(&run.talk.env);
    ML_ASSERT(run.http3 != NULL);
    while (fuzz_chunk_next(&rd, &chunk)) {
        take(&run, &chunk, piece);
        fuzz_chunk_free(&chunk);
    }
    ml_http3_free(run.http3);
    fuzz_talk_end(&run.talk, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_buf whole;
    struct ml_buf split;
    ml_buf_init(&whole, MAX_TEXT);
    ml_buf_init(&split, MAX_TEXT);
    run_all(ml_span_of(data, size), 0, &whole);
    run_all(ml_span_of(data, size), 1, &split);
    ML_ASSERT(ml_span_equal(ml_buf_span(&whole), ml_buf_span(&split)));
    ml_buf_fini(&whole);
    ml_buf_fini(&split);
    return 0;
}
