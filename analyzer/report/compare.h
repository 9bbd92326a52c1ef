/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare - what changed between two groups of runs; a run is one report.
 *
 * In:        reports read back (report/read.h), group by group.
 * Out:       a row a thing (kind, key) with one value a run: 1 or 0 for things that a run shows or not, shares and
 *            totals for what is measured. Rows are sorted by kind, then by the bytes of the key.
 * Invariant: the unit is the run. A row "differs" only by an exact permutation test (report/permutation.h) with
 *            Benjamini-Hochberg q <= 0.05 over all tests made, and an effect above what two halves of the first group
 *            differ by. Addresses rotate, so endpoints count by name, else by network, else by prefix.
 * Lifetime:  everything lives in the comparison's arena; reports may go once they are added.
 */
#ifndef MITLESER_REPORT_COMPARE_H
#define MITLESER_REPORT_COMPARE_H

#include "core/buf.h"
#include "core/map.h"
#include "report/permutation.h"
#include "report/read.h"

enum { ML_MAX_COMPARE_RUNS = 256, ML_MAX_COMPARE_ROWS = 1 << 20, ML_MAX_CAUTIONS = 4, ML_COMPARE_KEY = 640 };

enum ml_compare_kind {
#define ML_COMPARE_KIND(id, name, label, is_set, is_share) ML_COMPARE_##id,
#include "report/compare_kind.def"
#undef ML_COMPARE_KIND
    ML_N_COMPARE_KINDS
};

struct ml_compare_kind_info {
    const char *name;  /* in documents */
    const char *label; /* for people */
    bool is_set;       /* a run shows it or not; else it is measured */
    bool is_share;     /* parts per million of a run's bytes */
};
const struct ml_compare_kind_info *ml_compare_kind_info(enum ml_compare_kind kind);

enum ml_verdict_of_test { ML_TEST_CONSTANT, ML_TEST_NOT_TESTABLE, ML_TEST_NO_DIFFERENCE, ML_TEST_DIFFERS };
const char *ml_test_verdict_text(enum ml_verdict_of_test verdict); /* "no_difference_shown" */

struct ml_compare_row {
    enum ml_compare_kind kind;
    struct ml_span key;
    uint64_t *values; /* one a run, the first group's first */
    unsigned k[2];    /* runs of each group whose value is not 0 */
    enum ml_verdict_of_test verdict;
    struct ml_permutation test; /* splits 0: no test was made */
    double q;                   /* of the test */
    double effect, control;     /* differences of means: between the groups, and within the first */
};

struct ml_compare_run {
    struct ml_span body_sha256;
    struct ml_span inputs; /* SHA-256 of its captures, joined by blanks */
    struct ml_span tool;   /* canonical: version, rules, data sets, options */
};

struct ml_compare {
    struct ml_arena arena;
    unsigned n[2];               /* runs of each group */
    struct ml_compare_run *runs; /* n[0] + n[1] */
    unsigned n_added;
    struct ml_compare_row *rows; /* owned array */
    size_t n_rows, room;
    struct ml_map index; /* kind and key -> row */
    size_t n_tests;
    bool is_testable;
    const char *untestable; /* why not; "" */
    uint64_t n_unread;      /* endpoints of reports that list only some, without an endpoints.ndjson of theirs */
    size_t n_cautions;
    const char *cautions[ML_MAX_CAUTIONS];
};

/* ML_LIMIT: too many runs. */
enum ml_status ml_compare_init(struct ml_compare *compare, unsigned n_a, unsigned n_b) ML_MUST_USE;
void ml_compare_fini(struct ml_compare *compare);

/* Adds the next run: the first group's first. Keeps nothing of the report. */
enum ml_status ml_compare_add(struct ml_compare *compare, const struct ml_report_file *report) ML_MUST_USE;

/* After the last run: sorts, tests, adjusts. */
enum ml_status ml_compare_finish(struct ml_compare *compare) ML_MUST_USE;

/* Smallest, middle (the lower of two) and largest value of a group that has runs. */
struct ml_spread {
    uint64_t min, median, max;
};
struct ml_spread ml_compare_spread(const struct ml_compare *compare, const struct ml_compare_row *row, unsigned group);

/* compare_run.c: takes one report apart. */
bool ml_compare_take(struct ml_compare *compare, unsigned run, const json_t *body) ML_MUST_USE;
/* The key of an endpoint, the same in every run: by its best name, else by its network, else by its prefix. */
void ml_compare_endpoint_key(const json_t *endpoint, char key[ML_COMPARE_KEY]);
bool ml_compare_take_endpoint(struct ml_compare *compare, unsigned run, const json_t *endpoint) ML_MUST_USE;
/* compare_rest.c: the endpoints beyond those the report lists; what cannot be read is counted in n_unread. */
enum ml_status ml_compare_take_rest(struct ml_compare *compare, unsigned run,
                                    const struct ml_report_file *report) ML_MUST_USE;
/*
 * The value of a row in a run, until ml_compare_finish; rows come into being when first asked for. NULL: out of memory
 * or rows.
 */
uint64_t *ml_compare_value(struct ml_compare *compare, unsigned run, enum ml_compare_kind kind,
                           struct ml_span key) ML_MUST_USE;

/* compare_json.c: the whole document. compare_text.c: for a terminal. */
enum ml_status ml_compare_json(const struct ml_compare *compare, struct ml_buf *out) ML_MUST_USE;
enum ml_status ml_compare_text(const struct ml_compare *compare, bool has_colour, struct ml_buf *out) ML_MUST_USE;

#endif
