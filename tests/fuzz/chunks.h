/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunks - cuts a fuzz input into what the two sides of a conversation sent.
 *
 * In:        [direction in bit 7, length in the lower 7 bits][bytes] repeated; the last chunk may be cut short.
 * Lifetime:  each chunk is an allocation of exactly its length, so that a sanitizer sees one byte too far.
 */
#ifndef MITLESER_TESTS_FUZZ_CHUNKS_H
#define MITLESER_TESTS_FUZZ_CHUNKS_H

#include "core/reader.h"

struct fuzz_chunk {
    unsigned direction;   /* 0 or 1 */
    struct ml_span bytes; /* owned; fuzz_chunk_free */
};

/* The next chunk, or false at the end of the input. */
bool fuzz_chunk_next(struct ml_reader *input, struct fuzz_chunk *chunk) ML_MUST_USE;

void fuzz_chunk_free(struct fuzz_chunk *chunk);

#endif
