/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/both_ways.h"

#include "core/buf.h"
#include "fuzz/chunks.h"
#include "fuzz/talk.h"

enum { HOLE = 40, MAX_TEXT = 8 * 1024 * 1024 };

static void probe(struct fuzz_talk *talk, enum ml_dir dir, struct ml_span bytes)
{
    struct ml_chunk chunk = {.flow = &talk->flow, .dir = dir, .bytes = bytes, .n_layers = 1};
    talk->flow.payload_bytes[dir] += bytes.len;
    if (talk->parser->probe != NULL) {
        (void)talk->parser->probe(&chunk);
    }
}

static void run(const struct ml_parser *parser, uint16_t server_port, struct ml_span input, size_t piece,
                struct ml_buf *text)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    fuzz_talk_begin(&talk, parser, ML_IP_TCP, server_port);
    while (fuzz_chunk_next(&rd, &chunk)) {
        enum ml_dir dir = chunk.direction != 0 ? ML_DOWN : ML_UP;
        if (chunk.bytes.len == 0) {
            fuzz_talk_gap(&talk, dir, HOLE);
        } else {
            probe(&talk, dir, chunk.bytes);
            fuzz_talk_feed(&talk, dir, chunk.bytes, piece);
        }
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, text);
}

static bool is_same_both_ways(const struct ml_parser *parser, uint16_t server_port, struct ml_span input)
{
    struct ml_buf whole;
    struct ml_buf split;
    ml_buf_init(&whole, MAX_TEXT);
    ml_buf_init(&split, MAX_TEXT);
    run(parser, server_port, input, 0, &whole);
    run(parser, server_port, input, 1, &split);
    bool is_same = ml_span_equal(ml_buf_span(&whole), ml_buf_span(&split));
    ml_buf_fini(&whole);
    ml_buf_fini(&split);
    return is_same;
}

void fuzz_both_ways(const struct ml_parser *parser, uint16_t server_port, struct ml_span input)
{
    ML_ASSERT(is_same_both_ways(parser, server_port, input));
}

void fuzz_either_way(const struct ml_parser *parser, uint16_t server_port, struct ml_span input)
{
    (void)is_same_both_ways(parser, server_port, input);
}

static bool holds(struct ml_span text, const char *word)
{
    for (size_t i = 0; i < text.len; i++) {
        if (ml_span_starts_nocase(ml_span_cut(text, i, SIZE_MAX), word)) {
            return true;
        }
    }
    return false;
}

void fuzz_both_ways_unless(const struct ml_parser *parser, uint16_t server_port, const char *word, struct ml_span input)
{
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    struct ml_buf said[2];
    ml_buf_init(&said[0], MAX_TEXT);
    ml_buf_init(&said[1], MAX_TEXT);
    while (fuzz_chunk_next(&rd, &chunk)) {
        (void)ml_buf_add_span(&said[chunk.direction], chunk.bytes);
        fuzz_chunk_free(&chunk);
    }
    bool may_turn = holds(ml_buf_span(&said[0]), word) || holds(ml_buf_span(&said[1]), word);
    ml_buf_fini(&said[0]);
    ml_buf_fini(&said[1]);
    if (may_turn) {
        fuzz_either_way(parser, server_port, input);
    } else {
        fuzz_both_ways(parser, server_port, input);
    }
}
