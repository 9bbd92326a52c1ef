/* SPDX-License-Identifier: Apache-2.0 */
/* kit - guard pages, sweeps and failing allocation for tests of code that reads hostile bytes. */
#ifndef MITLESER_TESTS_KIT_H
#define MITLESER_TESTS_KIT_H

#include "core/span.h"

/* A copy of bytes whose last byte touches an unmapped page: one read too far is a crash. */
struct guard {
    uint8_t *base;
    size_t mapped;
    struct ml_span span;
};

void guard_init(struct guard *guard, struct ml_span bytes);
void guard_fini(struct guard *guard);

typedef void (*sweep_fn)(void *context, struct ml_span bytes);

/* Calls `run` with every proper prefix of `bytes` (the empty one too), each on a guard page. */
void sweep_truncations(struct ml_span bytes, sweep_fn run, void *context);

/* Calls `run` with every single-bit change of `bytes`, each on a guard page. */
void sweep_bit_flips(struct ml_span bytes, sweep_fn run, void *context);

/*
 * Calls `run` with the n-th allocation failing, n = 1, 2, ... until a run meets no failure. `run` must cope: no crash,
 * no leak, a status that says so. Returns how many failures were forced.
 */
unsigned oom_sweep(void (*run)(void *context), void *context);

/* "16 03 01" (blanks and line ends ignored) to bytes; gives them, ml_mem_free. Fails the test on anything else. */
struct ml_span unhex(const char *digits);

#endif
