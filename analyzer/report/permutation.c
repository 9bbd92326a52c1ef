/* SPDX-License-Identifier: Apache-2.0 */
#include "report/permutation.h"

#include <stdlib.h>

uint64_t ml_choose(unsigned n, unsigned k)
{
    uint64_t result = 1;
    if (k > n || n > ML_MAX_TESTED_RUNS) {
        return 0;
    }
    k = k < n - k ? k : n - k;
    for (unsigned i = 1; i <= k; i++) {
        /* C(m, i) = C(m, i-1) * (m-i+1) / i; with n <= 60 the product stays below 2^63. */
        result = result * (n - k + i) / i;
    }
    return result;
}

static int64_t clamped(uint64_t value)
{
    return (int64_t)(value < ML_MAX_RUN_VALUE ? value : ML_MAX_RUN_VALUE);
}

static int64_t sum(const uint64_t *values, unsigned n)
{
    int64_t total = 0;
    for (unsigned i = 0; i < n; i++) {
        total += clamped(values[i]);
    }
    return total;
}

/* n_a*n_b times the difference of means, from the sum of the first group and of all: an integer. */
static int64_t distance(int64_t sum_a, int64_t total, unsigned n_a, unsigned n)
{
    int64_t scaled = sum_a * n - total * n_a;
    return scaled < 0 ? -scaled : scaled;
}

/* The next larger number with as many bits set (HAKMEM 175). */
static uint64_t next_subset(uint64_t set)
{
    uint64_t lowest = set & (~set + 1);
    uint64_t ripple = set + lowest;
    return ripple | (((set ^ ripple) >> 2) / lowest);
}

static int64_t sum_of(const uint64_t *values, uint64_t set)
{
    int64_t total = 0;
    for (; set != 0; set &= set - 1) {
        total += clamped(values[__builtin_ctzll(set)]);
    }
    return total;
}

static uint64_t count_splits(const uint64_t *values, unsigned n_a, unsigned n, uint64_t splits)
{
    int64_t total = sum(values, n);
    int64_t seen = distance(sum(values, n_a), total, n_a, n);
    uint64_t n_extreme = 0;
    uint64_t set = (UINT64_C(1) << n_a) - 1;
    for (uint64_t i = 0; i < splits; i++) {
        n_extreme += distance(sum_of(values, set), total, n_a, n) >= seen ? 1 : 0;
        set = i + 1 < splits ? next_subset(set) : set;
    }
    return n_extreme;
}

/* With k ones among n values, C(k, x) * C(n-k, n_a-x) splits give the first group x of them. */
static uint64_t count_presence(const uint64_t *values, unsigned n_a, unsigned n)
{
    unsigned ones = (unsigned)sum(values, n);
    int64_t seen = distance(sum(values, n_a), ones, n_a, n);
    uint64_t n_extreme = 0;
    for (unsigned x = 0; x <= n_a && x <= ones; x++) {
        if (distance(x, ones, n_a, n) >= seen) {
            n_extreme += ml_choose(ones, x) * ml_choose(n - ones, n_a - x);
        }
    }
    return n_extreme;
}

struct ml_permutation ml_permutation_test(const uint64_t *values, unsigned n_a, unsigned n_b)
{
    unsigned n = n_a + n_b;
    bool is_presence = true;
    uint64_t splits = ml_choose(n, n_a);
    for (unsigned i = 0; i < n && splits != 0; i++) {
        is_presence = is_presence && values[i] <= 1;
    }
    if (n_a == 0 || n_b == 0 || splits == 0 || (!is_presence && splits > ML_MAX_SPLITS)) {
        return (struct ml_permutation){0};
    }
    uint64_t n_extreme = is_presence ? count_presence(values, n_a, n) : count_splits(values, n_a, n, splits);
    return (struct ml_permutation){.as_extreme = n_extreme, .splits = splits};
}

struct ml_permutation ml_permutation_best(unsigned n_a, unsigned n_b)
{
    uint64_t splits = n_a != 0 && n_b != 0 ? ml_choose(n_a + n_b, n_a) : 0;
    /* Groups of one size can change places: the mirrored split is as far apart. */
    return (struct ml_permutation){.as_extreme = splits == 0 ? 0 : n_a == n_b ? 2 : 1, .splits = splits};
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool ml_permutation_control(const uint64_t *values, unsigned n, double *largest)
{
    int64_t sorted[ML_MAX_TESTED_RUNS];
    int64_t lowest = 0;
    int64_t highest = 0;
    unsigned half = n / 2;
    if (n < 2 || n > ML_MAX_TESTED_RUNS) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        sorted[i] = clamped(values[i]);
    }
    qsort(sorted, n, sizeof sorted[0], by_size);
    /* No half is further from the rest than the one of the smallest or of the largest values. */
    for (unsigned i = 0; i < half; i++) {
        lowest += sorted[i];
        highest += sorted[n - 1 - i];
    }
    int64_t total = sum(values, n);
    int64_t below = distance(lowest, total, half, n);
    int64_t above = distance(highest, total, half, n);
    *largest = (double)(below > above ? below : above) / (double)(half * (n - half));
    return true;
}

double ml_permutation_effect(const uint64_t *values, unsigned n_a, unsigned n_b)
{
    if (n_a == 0 || n_b == 0 || n_a + n_b > ML_MAX_TESTED_RUNS) {
        return 0;
    }
    return (double)distance(sum(values, n_a), sum(values, n_a + n_b), n_a, n_a + n_b) / (double)(n_a * n_b);
}

static int by_p(const void *a, const void *b)
{
    const struct ml_tested *x = a;
    const struct ml_tested *y = b;
    return x->p < y->p ? -1 : x->p > y->p ? 1 : (x->row > y->row) - (x->row < y->row);
}

void ml_adjust(struct ml_tested *tests, size_t n)
{
    double least = 1;
    if (n != 0) {
        qsort(tests, n, sizeof *tests, by_p);
    }
    for (size_t i = n; i > 0; i--) {
        double q = tests[i - 1].p * (double)n / (double)i;
        least = q < least ? q : least;
        tests[i - 1].p = least;
    }
}
