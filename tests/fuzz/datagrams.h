/* SPDX-License-Identifier: Apache-2.0 */
/*
 * datagrams - hostile datagrams of two sides through one parser, and through the demultiplexer.
 *
 * Input: [direction in bit 7, upper bits of the length in bits 0 to 2][lower bits][bytes] repeated.
 * Oracle: a parser that is not certain states nothing; facts lie within what was fed; the same again gives the same.
 */
#ifndef MITLESER_TESTS_FUZZ_DATAGRAMS_H
#define MITLESER_TESTS_FUZZ_DATAGRAMS_H

#include "proto/parser.h"

void fuzz_datagrams(const struct ml_parser *parser, uint16_t server_port, struct ml_span input);

#endif
