/* SPDX-License-Identifier: Apache-2.0 */
#include "report/compare.h"

#include "core/mem.h"
#include "report/canonical.h"

#include <stdlib.h>

#define LARGEST_Q 0.05

static const struct ml_compare_kind_info kinds[ML_N_COMPARE_KINDS] = {
#define ML_COMPARE_KIND(id, text, shown, set, share) {text, shown, set, share},
#include "report/compare_kind.def"
#undef ML_COMPARE_KIND
};

const struct ml_compare_kind_info *ml_compare_kind_info(enum ml_compare_kind kind)
{
    return &kinds[kind];
}

const char *ml_test_verdict_text(enum ml_verdict_of_test verdict)
{
    static const char *const texts[] = {"constant", "not_testable", "no_difference_shown", "differs"};
    return texts[verdict];
}

enum ml_status ml_compare_init(struct ml_compare *compare, unsigned n_a, unsigned n_b)
{
    *compare = (struct ml_compare){.n = {n_a, n_b}, .untestable = ""};
    ml_arena_init(&compare->arena, false);
    ml_map_init(&compare->index, ML_MAX_COMPARE_ROWS);
    if (n_a > ML_MAX_COMPARE_RUNS || n_b > ML_MAX_COMPARE_RUNS) {
        return ML_LIMIT;
    }
    compare->runs = ml_arena_get(&compare->arena, (n_a + n_b + 1) * sizeof *compare->runs);
    return compare->runs != NULL ? ML_OK : ML_NO_MEMORY;
}

void ml_compare_fini(struct ml_compare *compare)
{
    ml_map_fini(&compare->index);
    ml_mem_free(compare->rows);
    ml_arena_fini(&compare->arena);
}

static bool grow(struct ml_compare *compare)
{
    struct ml_compare_row *rows = ml_mem_grow(compare->rows, compare->n_rows, &compare->room, 64, sizeof *rows);
    compare->rows = rows != NULL ? rows : compare->rows;
    return rows != NULL;
}

uint64_t *ml_compare_value(struct ml_compare *compare, unsigned run, enum ml_compare_kind kind, struct ml_span key)
{
    char text[1024];
    size_t len = key.len < sizeof text - 1 ? key.len : sizeof text - 1;
    bool is_new = false;
    text[0] = (char)('A' + kind);
    memcpy(text + 1, key.ptr, len);
    struct ml_map_entry *entry =
        grow(compare) ? ml_map_add(&compare->index, ml_span_of(text, len + 1), (uint32_t)compare->n_rows, &is_new)
                      : NULL;
    if (entry == NULL) {
        return NULL;
    }
    if (is_new) {
        struct ml_compare_row row = {.kind = kind, .key = ml_arena_copy(&compare->arena, ml_span_of(text + 1, len))};
        row.values = ml_arena_get(&compare->arena, (compare->n[0] + compare->n[1]) * sizeof *row.values);
        if (row.key.ptr == NULL || row.values == NULL) {
            return NULL;
        }
        compare->rows[compare->n_rows++] = row;
    }
    return &compare->rows[entry->value].values[run];
}

/* --- runs --- */

static bool note_inputs(struct ml_compare *compare, struct ml_compare_run *run, const json_t *inputs)
{
    struct ml_buf text;
    ml_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        (void)ml_buf_printf(&text, "%s%s", i != 0 ? " " : "",
                            ml_report_text_of(json_array_get(inputs, i), "sha256")); /* failures latch */
    }
    run->inputs = ml_arena_copy(&compare->arena, ml_buf_span(&text));
    bool ok = !text.failed && run->inputs.ptr != NULL;
    ml_buf_fini(&text);
    return ok;
}

enum ml_status ml_compare_add(struct ml_compare *compare, const struct ml_report_file *report)
{
    unsigned number = compare->n_added++;
    struct ml_compare_run *run = &compare->runs[number];
    struct ml_buf tool;
    const json_t *told = json_object_get(report->body, "tool");
    ml_buf_init(&tool, 1 << 24);
    enum ml_status status = told != NULL ? ml_canonical_add(told, &tool) : ML_OK;
    if (status == ML_OK) {
        run->tool = ml_arena_copy(&compare->arena, ml_buf_span(&tool));
        run->body_sha256 =
            ml_arena_copy(&compare->arena, ml_span_text(ml_report_text_of(report->root, "integrity.body_sha256")));
        bool ok = run->tool.ptr != NULL && run->body_sha256.ptr != NULL &&
                  note_inputs(compare, run, json_object_get(report->body, "inputs")) &&
                  ml_compare_take(compare, number, report->body);
        status = ok ? ml_compare_take_rest(compare, number, report) : ML_NO_MEMORY;
    }
    ml_buf_fini(&tool);
    return status;
}

/* --- tests --- */

static int by_kind_and_key(const void *a, const void *b)
{
    const struct ml_compare_row *x = a;
    const struct ml_compare_row *y = b;
    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : ml_span_compare(x->key, y->key);
}

static bool is_repeated(const struct ml_compare *compare)
{
    for (unsigned i = 1; i < compare->n_added; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (ml_span_equal(compare->runs[i].inputs, compare->runs[k].inputs)) {
                return true;
            }
        }
    }
    return false;
}

/* NULL: no memory for it. */
static const char *unread_caution(struct ml_compare *compare)
{
    struct ml_buf buf;
    ml_buf_init(&buf, 1024);
    (void)ml_buf_printf(
        &buf,
        "%llu endpoints were not compared: reports list only their first ones, and the endpoints.ndjson "
        "that has them all is missing or belongs to another report",
        (unsigned long long)compare->n_unread);
    const char *text = (const char *)ml_arena_copy(&compare->arena, ml_buf_span(&buf)).ptr;
    ml_buf_fini(&buf);
    return text;
}

/* Whether a claim is possible at all, and what the reader of the comparison should know first. */
static void look_at_runs(struct ml_compare *compare)
{
    bool is_mixed = false;
    for (unsigned i = 1; i < compare->n_added; i++) {
        is_mixed = is_mixed || !ml_span_equal(compare->runs[i].tool, compare->runs[0].tool);
    }
    const char *unread = compare->n_unread != 0 ? unread_caution(compare) : NULL;
    if (unread != NULL) {
        compare->cautions[compare->n_cautions++] = unread;
    }
    if (is_mixed) {
        compare->cautions[compare->n_cautions++] =
            "the reports were made with different versions, rules, data sets or options: changes may come from these";
    }
    if (is_repeated(compare)) {
        compare->cautions[compare->n_cautions++] = "one capture stands behind several runs: they are not independent";
        compare->untestable = "runs are not independent";
    } else if (compare->n[0] < ML_MIN_TESTED_RUNS || compare->n[1] < ML_MIN_TESTED_RUNS) {
        compare->untestable = "too few runs: at least 5 in each group are needed, 10 are recommended";
    } else if (compare->n[0] + compare->n[1] > ML_MAX_TESTED_RUNS) {
        compare->untestable = "too many runs to count all splits: at most 60 in both groups";
    }
    compare->is_testable = compare->untestable[0] == '\0';
}

/* Counts, and the test where one can be made. A row that is the same in all runs has nothing to test. */
static void test_row(const struct ml_compare *compare, struct ml_compare_row *row)
{
    unsigned n = compare->n[0] + compare->n[1];
    bool is_constant = true;
    for (unsigned i = 0; i < n; i++) {
        row->k[i < compare->n[0] ? 0 : 1] += row->values[i] != 0 ? 1 : 0;
        is_constant = is_constant && row->values[i] == row->values[0];
    }
    row->verdict = is_constant ? ML_TEST_CONSTANT : ML_TEST_NOT_TESTABLE;
    if (is_constant || !compare->is_testable) {
        return;
    }
    row->effect = ml_permutation_effect(row->values, compare->n[0], compare->n[1]);
    if (ml_permutation_control(row->values, compare->n[0], &row->control)) {
        row->test = ml_permutation_test(row->values, compare->n[0], compare->n[1]);
    }
}

/* Benjamini-Hochberg over all tests made. */
static bool adjust(struct ml_compare *compare)
{
    struct ml_tested *tests = ml_mem_array(compare->n_rows + 1, sizeof *tests);
    size_t n = 0;
    if (tests == NULL) {
        return false;
    }
    for (size_t i = 0; i < compare->n_rows; i++) {
        const struct ml_permutation *test = &compare->rows[i].test;
        if (test->splits != 0) {
            tests[n++] = (struct ml_tested){.p = (double)test->as_extreme / (double)test->splits, .row = i};
        }
    }
    ml_adjust(tests, n);
    for (size_t i = 0; i < n; i++) {
        struct ml_compare_row *row = &compare->rows[tests[i].row];
        row->q = tests[i].p;
        row->verdict = row->q <= LARGEST_Q && row->effect > row->control ? ML_TEST_DIFFERS : ML_TEST_NO_DIFFERENCE;
    }
    compare->n_tests = n;
    ml_mem_free(tests);
    return true;
}

enum ml_status ml_compare_finish(struct ml_compare *compare)
{
    ML_ASSERT(compare->n_added == compare->n[0] + compare->n[1]);
    if (compare->n_rows != 0) {
        qsort(compare->rows, compare->n_rows, sizeof *compare->rows, by_kind_and_key);
    }
    look_at_runs(compare);
    for (size_t i = 0; i < compare->n_rows; i++) {
        test_row(compare, &compare->rows[i]);
    }
    return adjust(compare) ? ML_OK : ML_NO_MEMORY;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

struct ml_spread ml_compare_spread(const struct ml_compare *compare, const struct ml_compare_row *row, unsigned group)
{
    uint64_t sorted[ML_MAX_COMPARE_RUNS];
    unsigned n = compare->n[group];
    memcpy(sorted, row->values + (group == 0 ? 0 : compare->n[0]), n * sizeof sorted[0]);
    qsort(sorted, n, sizeof sorted[0], by_size);
    return (struct ml_spread){.min = sorted[0], .median = sorted[(n - 1) / 2], .max = sorted[n - 1]};
}
