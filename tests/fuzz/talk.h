/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk - one conversation through one parser, and its facts as text, so that a fuzz target can say: fed at once and
 * fed byte by byte, the facts are the same.
 */
#ifndef MITLESER_TESTS_FUZZ_TALK_H
#define MITLESER_TESTS_FUZZ_TALK_H

#include "proto/parser.h"

struct fuzz_talk {
    struct ml_counters counters;
    struct ml_fact_store facts;
    struct ml_proto_env env;
    struct ml_flow flow;
    const struct ml_parser *parser;
    void *self;
    uint64_t seq;
    uint64_t offset[2];
    bool wants_more;
};

void fuzz_talk_begin(struct fuzz_talk *talk, const struct ml_parser *parser, uint8_t ip_proto, uint16_t server_port);

/* Gives the `n` secrets of a key log, which are those of *source; the caller frees them after the talk. */
struct ml_secrets *fuzz_talk_secrets(struct ml_span key_log, size_t n, uint32_t *source);

/* A segment or datagram; `piece` splits it, 0 does not. */
void fuzz_talk_feed(struct fuzz_talk *talk, enum ml_dir dir, struct ml_span bytes, size_t piece);

/* Bytes that were not captured. */
void fuzz_talk_gap(struct fuzz_talk *talk, enum ml_dir dir, uint64_t len);

/*
 * Ends the parser, checks that every fact lies within what was fed, and appends kind, direction, range and values of
 * all facts to `text`. Then everything is freed.
 */
void fuzz_talk_end(struct fuzz_talk *talk, struct ml_buf *text);

#endif
