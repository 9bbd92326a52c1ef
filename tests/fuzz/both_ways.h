/* SPDX-License-Identifier: Apache-2.0 */
/*
 * both_ways - a conversation of hostile chunks through a stream parser, whole and byte by byte: the facts are the
 * same, and lie within what was fed.
 *
 * Input: chunks as fuzz/chunks.h cuts them; one without bytes is a hole of 40 bytes.
 */
#ifndef MITLESER_TESTS_FUZZ_BOTH_WAYS_H
#define MITLESER_TESTS_FUZZ_BOTH_WAYS_H

#include "proto/parser.h"

void fuzz_both_ways(const struct ml_parser *parser, uint16_t server_port, struct ml_span input);

/* The same without the comparison: where another conversation begins inside, its parsers have rules of their own. */
void fuzz_either_way(const struct ml_parser *parser, uint16_t server_port, struct ml_span input);

/* Compared unless a direction holds `word` (case does not matter), behind which another conversation may begin. */
void fuzz_both_ways_unless(const struct ml_parser *parser, uint16_t server_port, const char *word,
                           struct ml_span input);

#endif
