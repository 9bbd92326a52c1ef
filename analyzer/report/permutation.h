/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permutation - exact tests between two groups of runs, without any drawing of lots.
 *
 * If the groups do not differ, every way to split the runs into groups of these sizes was as likely as the one that
 * happened. p is the share of all splits whose means are at least as far apart as those seen (two-sided, the split that
 * happened included). All arithmetic that decides is on integers, so that p is a fraction anyone can count again.
 */
#ifndef MITLESER_REPORT_PERMUTATION_H
#define MITLESER_REPORT_PERMUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ML_MAX_TESTED_RUNS = 60, /* both groups; counts of splits then fit 64 bits */
    ML_MAX_SPLITS = 200000,  /* counted one by one; ten runs a side have 184,756 */
    ML_MIN_TESTED_RUNS = 5   /* a group; with fewer, one odd run decides */
};
#define ML_MAX_RUN_VALUE (UINT64_C(1) << 50) /* a run's value; larger ones are taken as this, so that sums fit */

/* "as_extreme of splits". splits 0: not testable. */
struct ml_permutation {
    uint64_t as_extreme, splits;
};

/* n over k; 0 when it does not fit 64 bits or n > ML_MAX_TESTED_RUNS. */
uint64_t ml_choose(unsigned n, unsigned k);

/*
 * Values of the n_a runs of the first group, then of the n_b runs of the second. Values of 0 and 1 alone are counted by
 * their hypergeometric distribution, others one by one up to ML_MAX_SPLITS.
 */
struct ml_permutation ml_permutation_test(const uint64_t *values, unsigned n_a, unsigned n_b);

/* The smallest p that runs of these numbers can reach at all, as a fraction. */
struct ml_permutation ml_permutation_best(unsigned n_a, unsigned n_b);

/*
 * The control: the largest difference of means between two halves of one group, over all ways to halve it (the smaller
 * half is n/2). False when there are fewer than two runs or more than ML_MAX_TESTED_RUNS.
 */
bool ml_permutation_control(const uint64_t *values, unsigned n, double *largest);

/* |mean of the first n_a - mean of the n_b after them|. */
double ml_permutation_effect(const uint64_t *values, unsigned n_a, unsigned n_b);

/* A test that was made, and the row it belongs to. */
struct ml_tested {
    double p;
    size_t row;
};

/* Benjamini and Hochberg (1995): q in place of each p. The order of the tests changes. */
void ml_adjust(struct ml_tested *tests, size_t n);

#endif
