/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison for a terminal: what differs, then what is new or gone, then shares. */
#include "report/compare.h"

#include "core/safe.h"

enum { MAX_SHOWN = 24, KEY_WIDTH = 44, LABEL_WIDTH = 28 };

struct page {
    const struct ml_compare *compare;
    bool has_colour;
    struct ml_buf *out; /* failures latch here */
};

static void heading(const struct page *page, const char *text)
{
    (void)ml_buf_printf(page->out, page->has_colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

static void add_padded(struct ml_buf *out, struct ml_span text, size_t width)
{
    size_t before = out->len;
    ml_safe_add(out, text, width);
    size_t used = 0;
    for (size_t i = before; i < out->len; i++) {
        used += (out->bytes[i] & 0xc0) != 0x80 ? 1 : 0; /* characters, not bytes */
    }
    (void)ml_buf_printf(out, "%*s", (int)(width > used ? width - used : 0), "");
}

/* "12.3 % (10.0-15.5)": the middle run, and the range of all. */
static void add_spread(const struct page *page, const struct ml_compare_row *row, unsigned group)
{
    const struct ml_spread spread = ml_compare_spread(page->compare, row, group);
    if (ml_compare_kind_info(row->kind)->is_share) {
        (void)ml_buf_printf(page->out, "%5.1f %% (%.1f-%.1f)", (double)spread.median / 1e4, (double)spread.min / 1e4,
                            (double)spread.max / 1e4);
    } else {
        (void)ml_buf_printf(page->out, "%llu (%llu-%llu)", (unsigned long long)spread.median,
                            (unsigned long long)spread.min, (unsigned long long)spread.max);
    }
}

static void add_line(const struct page *page, const struct ml_compare_row *row)
{
    const struct ml_compare_kind_info *info = ml_compare_kind_info(row->kind);
    (void)ml_buf_add_text(page->out, "  ");
    add_padded(page->out, ml_span_text(info->label), LABEL_WIDTH);
    add_padded(page->out, row->key, KEY_WIDTH);
    (void)ml_buf_add_byte(page->out, ' ');
    if (info->is_set) {
        (void)ml_buf_printf(page->out, "%u of %u -> %u of %u", row->k[0], page->compare->n[0], row->k[1],
                            page->compare->n[1]);
    } else {
        add_spread(page, row, 0);
        (void)ml_buf_add_text(page->out, " -> ");
        add_spread(page, row, 1);
    }
    if (row->test.splits != 0) {
        (void)ml_buf_printf(page->out, "   q %.4f%s", row->q, row->verdict == ML_TEST_DIFFERS ? "  differs" : "");
    }
    (void)ml_buf_add_byte(page->out, '\n');
}

typedef bool (*pick_fn)(const struct ml_compare_row *row);

static bool is_different(const struct ml_compare_row *row)
{
    return row->verdict == ML_TEST_DIFFERS;
}

static bool is_new(const struct ml_compare_row *row)
{
    return ml_compare_kind_info(row->kind)->is_set && row->k[0] == 0;
}

static bool is_gone(const struct ml_compare_row *row)
{
    return ml_compare_kind_info(row->kind)->is_set && row->k[1] == 0;
}

static bool is_measured(const struct ml_compare_row *row)
{
    return !ml_compare_kind_info(row->kind)->is_set;
}

static void add_section(const struct page *page, const char *title, const char *none, pick_fn pick)
{
    size_t n = 0;
    heading(page, title);
    for (size_t i = 0; i < page->compare->n_rows; i++) {
        if (pick(&page->compare->rows[i]) && ++n <= MAX_SHOWN) {
            add_line(page, &page->compare->rows[i]);
        }
    }
    if (n == 0) {
        (void)ml_buf_printf(page->out, "  %s\n", none);
    } else if (n > MAX_SHOWN) {
        (void)ml_buf_printf(page->out, "  and %zu more: --format json\n", n - MAX_SHOWN);
    }
}

static void add_head(const struct page *page)
{
    const struct ml_compare *compare = page->compare;
    struct ml_permutation best = ml_permutation_best(compare->n[0], compare->n[1]);
    (void)ml_buf_printf(page->out, "group A: %u run%s, group B: %u run%s\n", compare->n[0],
                        compare->n[0] == 1 ? "" : "s", compare->n[1], compare->n[1] == 1 ? "" : "s");
    for (size_t i = 0; i < compare->n_cautions; i++) {
        (void)ml_buf_printf(page->out, "caution: %s\n", compare->cautions[i]);
    }
    if (!compare->is_testable) {
        (void)ml_buf_printf(page->out, "No claim that the groups differ is made: %s.\n", compare->untestable);
    }
    if (best.splits != 0) {
        (void)ml_buf_printf(page->out, "Smallest p that these numbers of runs can reach: %.2g (%llu of %llu splits).\n",
                            (double)best.as_extreme / (double)best.splits, (unsigned long long)best.as_extreme,
                            (unsigned long long)best.splits);
    }
    if (compare->is_testable) {
        (void)ml_buf_printf(page->out,
                            "%zu exact permutation tests over runs; \"differs\" needs Benjamini-Hochberg q <= 0.05 and "
                            "more\nthan the largest difference between two halves of group A.\n",
                            compare->n_tests);
    }
}

enum ml_status ml_compare_text(const struct ml_compare *compare, bool has_colour, struct ml_buf *out)
{
    const struct page page = {.compare = compare, .has_colour = has_colour, .out = out};
    add_head(&page);
    if (compare->is_testable) {
        add_section(&page, "Differs between the groups", "nothing: no difference shown", is_different);
    }
    add_section(&page, "New: seen in B alone", "nothing", is_new);
    add_section(&page, "Gone: seen in A alone", "nothing", is_gone);
    add_section(&page, "Measured, middle run (range): A -> B", "nothing", is_measured);
    (void)ml_buf_add_text(out, "\nNot seen in a run does not show that it never happens. Locations are estimates; what "
                               "happens behind the first\nstation is outside what a capture can show.\n");
    return out->failed ? ML_NO_MEMORY : ML_OK;
}
