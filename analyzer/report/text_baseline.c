/* SPDX-License-Identifier: Apache-2.0 */
/* The summary: what is new since an earlier report, and what is gone. */
#include "core/safe.h"
#include "report/baseline.h"
#include "report/text_parts.h"

enum { MAX_NEWS = 5, STATE = 8, KIND = 24 };

/* A line for things of one kind: the first of them, and how many more there are. Returns the row behind the kind. */
static size_t add_kind(const struct ml_summary *summary, size_t from, bool is_new)
{
    const struct ml_baseline *baseline = summary->report->baseline;
    const enum ml_compare_kind kind = baseline->rows[from].kind;
    struct ml_buf *out = summary->page.out;
    size_t n = 0;
    size_t i = from;
    for (; i < baseline->n_rows && baseline->rows[i].kind == kind; i++) {
        if (baseline->rows[i].is_new != is_new) {
            continue;
        }
        if (n == 0) {
            (void)ml_buf_add_text(out, "  ");
            ml_page_padded_text(&summary->page, ml_page_text(&summary->page, is_new ? ML_TEXT_NEW : ML_TEXT_GONE),
                                STATE);
            ml_page_padded_text(&summary->page, ml_page_word(&summary->page, "kind", ml_compare_kind_info(kind)->name),
                                KIND);
        }
        if (n < MAX_NEWS) {
            (void)ml_buf_add_text(out, n != 0 ? ", " : "");
            ml_safe_add(out, baseline->rows[i].key, 60);
        }
        n++;
    }
    if (n > MAX_NEWS) {
        struct ml_digits more = ml_digits_of(n - MAX_NEWS);
        ml_locale_say(summary->page.locale, out, ML_TEXT_BASELINE_MORE, "count", more.text, NULL);
    }
    (void)ml_buf_add_text(out, n != 0 ? "\n" : "");
    return i;
}

void ml_text_baseline(const struct ml_summary *summary)
{
    const struct ml_baseline *baseline = summary->report->baseline;
    if (baseline == NULL) {
        return;
    }
    ml_page_heading(&summary->page, ML_TEXT_BASELINE);
    if (baseline->n_rows == 0) {
        (void)ml_buf_printf(summary->page.out, "  %s\n", ml_page_text(&summary->page, ML_TEXT_BASELINE_SAME));
    }
    for (int is_gone = 0; is_gone <= 1; is_gone++) {
        for (size_t i = 0; i < baseline->n_rows;) {
            i = add_kind(summary, i, is_gone == 0);
        }
    }
    if (!baseline->is_complete) {
        (void)ml_buf_printf(summary->page.out, "  %s\n", ml_page_text(&summary->page, ML_TEXT_BASELINE_PART));
    }
}
