/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input - the bytes of a capture file, hashed as stored and decompressed on the way.
 *
 * In:        a path ("-" is standard input) or memory; plain, gzip, zstd, xz, bzip2 or lz4.
 * Out:       plain bytes, as many at once as the reader asks for.
 * Invariant: every stored byte is hashed once, in order. At most one window of plain bytes is held.
 * See:       libarchive's raw format. Only the filter that the first bytes name is switched on, and none of those that
 *            run another program.
 */
#ifndef MITLESER_CAPTURE_INPUT_H
#define MITLESER_CAPTURE_INPUT_H

#include "core/digest.h"
#include "core/span.h"
#include "core/status.h"

struct ml_input;

/* Give an input to the caller, who ends it with ml_input_close. ML_IO, ML_BAD_INPUT, ML_NO_MEMORY. */
enum ml_status ml_input_open(const char *path, struct ml_input **out, struct ml_error *error) ML_MUST_USE;
enum ml_status ml_input_open_memory(struct ml_span bytes, struct ml_input **out, struct ml_error *error) ML_MUST_USE;

void ml_input_close(struct ml_input *input);

/*
 * Gives the next n bytes without taking them; borrowed until the next call. Anything but ML_OK means that there are
 * fewer, and *out is what is left: ML_END the file is over, ML_IO it cannot be read further, ML_BAD_INPUT it cannot be
 * decompressed further, ML_LIMIT it grows too much, ML_NO_MEMORY.
 */
enum ml_status ml_input_need(struct ml_input *input, size_t n, struct ml_span *out) ML_MUST_USE;

/* Takes n bytes that ml_input_need gave. */
void ml_input_take(struct ml_input *input, size_t n);

/* What is wrong, for ML_IO, ML_BAD_INPUT and ML_LIMIT; "" otherwise. */
const char *ml_input_failure(const struct ml_input *input);

/* Plain bytes taken so far. */
uint64_t ml_input_offset(const struct ml_input *input);

/* Stored bytes read so far. */
uint64_t ml_input_stored(const struct ml_input *input);

/* "gzip", "zstd", "xz", "bzip2", "lz4", or "". */
const char *ml_input_compression(const struct ml_input *input);

/* Reads the stored bytes to their end and tells their SHA-256. ML_IO when they cannot be read. */
enum ml_status ml_input_finish(struct ml_input *input, char sha256[ML_SHA256_HEX], struct ml_error *error) ML_MUST_USE;

#endif
