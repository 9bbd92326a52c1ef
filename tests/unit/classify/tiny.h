/* SPDX-License-Identifier: Apache-2.0 */
/* tiny - small catalogues from texts in memory, with weights of their own that no tuning touches. */
#ifndef MITLESER_TESTS_TINY_H
#define MITLESER_TESTS_TINY_H

#include "classify/catalogue.h"

/* Sources that entries of test apps may name as "s". */
#define TINY_SOURCES "sources: {s: {description: a test, checked: 2026-01-01}}\n"

/* All tables complete: signature and uid 100, names 90 to 40, and so on. */
extern const char TINY_WEIGHTS[];

/* Builds a catalogue of n files; file i is called "i.yaml" and the weights "weights.yaml". Gives *out. */
enum ml_status tiny_build(const char *weights, const char *const *texts, size_t n, struct ml_apps **out,
                          struct ml_error *error);

#endif
