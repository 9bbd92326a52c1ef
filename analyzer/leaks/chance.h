/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chance - how often a value would turn up where nobody put it.
 *
 * In:        the bytes that are looked for.
 * Out:       bits: among random text of the same sort (digits, hexadecimal, letters ...) the value is expected
 *            2^(30 - bits) times in a GiB. Digits count log2(10), hexadecimal digits 4, mixed letters and digits 4.5,
 *            words 2 (they are neither random nor alone in their language), a character that goes on with a
 *            repetition or sequence 0.5. ML_MIN_CHANCE_BITS is what a value needs: at most once in a GiB of its own
 * sort, which is a fraction of any traffic.
 */
#ifndef MITLESER_LEAKS_CHANCE_H
#define MITLESER_LEAKS_CHANCE_H

#include "core/span.h"

enum { ML_MIN_CHANCE_BITS = 30 };

unsigned ml_chance_text(struct ml_span text);

/* Bytes that are no text. */
unsigned ml_chance_raw(struct ml_span bytes);

#endif
