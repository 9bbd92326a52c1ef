/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script - a conversation as lines of bytes, played to a parser in every way that must make no difference.
 *
 *     const struct script_line lines[] = {UP("HELLO\r\n"), DOWN("OK\r\n"), HOLE_UP(10), {ML_UP, bytes}};
 *     const struct script script = {&ml_parser_mmtls, ML_IP_TCP, 8080, lines, 4};
 *     script_assert(&script, "mmtls.client_hello up ...\n");
 *     script_sweep(&script);
 */
#ifndef MITLESER_TESTS_SCRIPT_H
#define MITLESER_TESTS_SCRIPT_H

#include "proto/parser.h"

struct script_line {
    enum ml_dir dir;
    struct ml_span bytes; /* borrowed; without a pointer: a hole of that length */
};

/* A literal, which may hold zeros, as the initialiser of a span; lines of one, and of bytes that were lost. */
#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (const uint8_t *)(text), sizeof(text) - 1                                                                      \
    }
#define UP(text)                                                                                                       \
    {                                                                                                                  \
        ML_UP, BYTES(text)                                                                                             \
    }
#define DOWN(text)                                                                                                     \
    {                                                                                                                  \
        ML_DOWN, BYTES(text)                                                                                           \
    }
#define HOLE_UP(len)                                                                                                   \
    {                                                                                                                  \
        ML_UP,                                                                                                         \
        {                                                                                                              \
            NULL, len                                                                                                  \
        }                                                                                                              \
    }
#define HOLE_DOWN(len)                                                                                                 \
    {                                                                                                                  \
        ML_DOWN,                                                                                                       \
        {                                                                                                              \
            NULL, len                                                                                                  \
        }                                                                                                              \
    }

struct script {
    const struct ml_parser *parser;
    uint8_t ip_proto;
    uint16_t port; /* of the server */
    const struct script_line *lines;
    size_t n;
};

/* Facts of the script in pieces of `piece` bytes (0: a line at once); gives the text, ml_mem_free. */
char *script_facts(const struct script *script, size_t piece);

/* How often the script, a line at once, counts. */
uint64_t script_count(const struct script *script, enum ml_counter counter);

/*
 * These facts come out whole, byte by byte and in pieces of seven; and from a demultiplexer, which chooses the parser,
 * whole and in the smallest pieces.
 */
void script_assert(const struct script *script, const char *expected);

/* The demultiplexer does not choose the script's parser, whole or in the smallest pieces. */
void script_assert_refused(const struct script *script);

/*
 * Every truncation and every bit flip of each line, the others as they are, and every failing allocation: the parser
 * stays within the bytes, and states nothing of a script with nothing in it. Returns how many runs gave other facts
 * than the script as it is, so that a test can say that bytes matter.
 */
unsigned script_sweep(const struct script *script);

#endif
