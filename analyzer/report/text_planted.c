/* SPDX-License-Identifier: Apache-2.0 */
/* The summary: what became of planted values, and how much was read for them. */
#include "core/safe.h"
#include "report/text_parts.h"

enum { MAX_LABELS = 12 };

static void add_found(const struct ml_summary *summary, const struct ml_report_planted *planted, size_t shown)
{
    struct ml_buf *out = summary->page.out;
    (void)ml_buf_add_text(out, shown == 0 ? ": " : ", ");
    ml_safe_add(out, planted->label, 32);
    (void)ml_buf_add_text(out, " (");
    ml_subjects_text(&summary->page, "flow", planted->flows, out);
    if (planted->flows_clear != 0) {
        (void)ml_buf_printf(out, ", %s", ml_page_text(&summary->page, ML_TEXT_PLANTED_CLEAR));
    }
    (void)ml_buf_add_byte(out, ')');
}

/* Labels of what was not found, behind the sentence that says in how much. */
static void add_missed(const struct ml_report *report, size_t n_found, struct ml_buf *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < report->n_planted && shown < MAX_LABELS; i++) {
        if (report->planted[i].facts == 0) {
            (void)ml_buf_add_text(out, shown++ == 0 ? ": " : ", ");
            ml_safe_add(out, report->planted[i].label, 32);
        }
    }
    (void)ml_buf_add_text(out, report->n_planted - n_found > shown ? ", ...\n" : "\n");
}

/* What was not found was not found in the bytes that could be searched, and nothing is said of the others. */
void ml_text_planted(const struct ml_summary *summary)
{
    const struct ml_report *report = summary->report;
    struct ml_buf *out = summary->page.out;
    size_t n_found = 0;
    size_t shown = 0;
    char searched[24];
    char all[24];
    if (report->n_planted == 0) {
        return;
    }
    for (size_t i = 0; i < report->n_planted; i++) {
        n_found += report->planted[i].facts != 0;
    }
    ml_page_heading(&summary->page, ML_TEXT_PLANTED);
    (void)ml_buf_add_text(out, "  ");
    ml_locale_say(summary->page.locale, out, ML_TEXT_PLANTED_FOUND, "found", ml_digits_of(n_found).text, "all",
                  ml_digits_of(report->n_planted).text, NULL);
    for (size_t i = 0; i < report->n_planted && shown < MAX_LABELS; i++) {
        if (report->planted[i].facts != 0) {
            add_found(summary, &report->planted[i], shown++);
        }
    }
    (void)ml_buf_add_text(out, n_found > shown ? ", ...\n" : "\n");
    if (n_found != report->n_planted) {
        (void)ml_buf_add_text(out, "  ");
        ml_locale_say(summary->page.locale, out, ML_TEXT_PLANTED_NOT, "count",
                      ml_digits_of(report->n_planted - n_found).text, "searched",
                      ml_bytes_text(report->reach.searched, searched), "all", ml_bytes_text(report->reach.payload, all),
                      NULL);
        add_missed(report, n_found, out);
    }
}

static void add_bytes(const struct ml_summary *summary, enum ml_text id, uint64_t bytes)
{
    char text[24];
    if (bytes != 0) {
        ml_locale_say(summary->page.locale, summary->page.out, id, "bytes", ml_bytes_text(bytes, text), NULL);
    }
}

void ml_text_reach(const struct ml_summary *summary)
{
    const struct ml_reach *reach = &summary->report->reach;
    bool is_seeded = summary->report->is_seeded;
    char searched[24];
    char all[24];
    if (reach->payload == 0) {
        return;
    }
    (void)ml_buf_add_text(summary->page.out, "  ");
    ml_locale_say(summary->page.locale, summary->page.out, is_seeded ? ML_TEXT_REACH_PLANTED : ML_TEXT_REACH,
                  "searched", ml_bytes_text(reach->searched, searched), "all", ml_bytes_text(reach->payload, all),
                  NULL);
    add_bytes(summary, ML_TEXT_REACH_DECRYPTED, reach->decrypted);
    add_bytes(summary, ML_TEXT_REACH_SEALED, reach->sealed);
    add_bytes(summary, is_seeded ? ML_TEXT_REACH_OTHERWISE : ML_TEXT_REACH_UNASKED, reach->unread);
    (void)ml_buf_add_byte(summary->page.out, '\n');
}
