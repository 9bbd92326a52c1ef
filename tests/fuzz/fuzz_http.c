/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1 with its bodies and tunnels. Input: chunks of both directions; an empty chunk is a hole of 100 bytes. Oracle:
 * facts lie within the bytes; without holes and bytes that are no HTTP, whole and byte by byte give the same facts.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/http/http.h"

enum { HOLE = 100, MAX_TEXT = 4 * 1024 * 1024 };

static bool opens_tunnel(const struct fuzz_talk *talk)
{
    const struct ml_fact *fact = talk->flow.facts;
    for (; fact != NULL; fact = fact->next) {
        const struct ml_attr *status = ml_fact_attr(fact, ML_F_HTTP_STATUS);
        if ((status != NULL && status->value.number == 101) ||
            ml_span_equal(ml_attr_text(ml_fact_attr(fact, ML_F_HTTP_METHOD)), ml_span_text("CONNECT"))) {
            return true;
        }
    }
    return false;
}

/* True: nothing in it makes segments matter. */
static bool run(struct ml_span input, size_t piece, struct ml_buf *text)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    bool is_plain = true;
    fuzz_talk_begin(&talk, &ml_parser_http, ML_IP_TCP, 80);
    while (fuzz_chunk_next(&rd, &chunk)) {
        enum ml_dir dir = chunk.direction != 0 ? ML_DOWN : ML_UP;
        if (chunk.bytes.len == 0) {
            fuzz_talk_gap(&talk, dir, HOLE);
            is_plain = false;
        } else {
            fuzz_talk_feed(&talk, dir, chunk.bytes, piece);
        }
        fuzz_chunk_free(&chunk);
    }
    is_plain = is_plain && !opens_tunnel(&talk);
    fuzz_talk_end(&talk, text);
    return is_plain && talk.counters.n[ML_COUNT_BAD_HTTP] == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_buf whole;
    struct ml_buf split;
    ml_buf_init(&whole, MAX_TEXT);
    ml_buf_init(&split, MAX_TEXT);
    bool is_plain = run(ml_span_of(data, size), 0, &whole);
    is_plain = run(ml_span_of(data, size), 1, &split) && is_plain;
    ML_ASSERT(!is_plain || ml_span_equal(ml_buf_span(&whole), ml_buf_span(&split)));
    ml_buf_fini(&whole);
    ml_buf_fini(&split);
    return 0;
}
