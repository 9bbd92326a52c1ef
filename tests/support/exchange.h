/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange - what two sides send each other, written as digits, and what a demultiplexer makes of it.
 *
 *     const struct exchange_line lines[] = {{ML_UP, "1337cafe 01000000"}, {ML_DOWN, "1337cafe 01000000"}};
 *     exchange_expect(&(struct exchange){.port = 50004, .lines = lines, .n = 2}, "discord.voice down\n", "discord");
 *
 * Digits: blanks are ignored, "00*64" is a byte 64 times, 'text' stands for its bytes.
 */
#ifndef MITLESER_TESTS_EXCHANGE_H
#define MITLESER_TESTS_EXCHANGE_H

#include "proto/parser.h"

struct exchange_line {
    enum ml_dir dir;
    const char *digits;
};

struct exchange {
    bool is_stream;     /* else datagrams */
    uint16_t port;      /* of the server, 198.51.100.20; the client is 192.0.2.10:50000 */
    const char *client; /* other addresses, as text; NULL: those */
    const char *server;
    const struct exchange_line *lines;
    size_t n;
};

/* Gives the bytes; ml_mem_free. Fails the test on anything else than digits as above. */
struct ml_span exchange_bytes(const char *digits);

/* Facts as proto_rig_facts tells them, and the names of the protocols found, with blanks between. */
void exchange_expect(const struct exchange *exchange, const char *facts, const char *names);

/* A stream given to its parser byte by byte, in pieces of seven, and at once: the same facts. */
void exchange_expect_split(const struct exchange *exchange, const struct ml_parser *parser, const char *facts);

/*
 * Every truncation and every bit flip of each line, the others as they are, the changed one on a guard page. Returns
 * how many of these gave other facts or names than the exchange as it is.
 */
unsigned exchange_sweep(const struct exchange *exchange);

/* Every failing allocation; returns how many there were. */
unsigned exchange_oom(const struct exchange *exchange);

#endif
