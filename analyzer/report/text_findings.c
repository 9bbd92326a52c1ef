/* SPDX-License-Identifier: Apache-2.0 */
/* The summary: who reads along, and what was found. */
#include "report/text_parts.h"

#include "core/safe.h"
#include "core/text.h"
#include "report/baseline.h"

#include <stdio.h>

enum { MAX_FINDINGS = 14, LEVEL = 13 };

/* --- who reads along --- */

/* A word a cell; the reasons and findings are in the report. */
static const char *cell_text(const struct ml_summary *summary, const struct ml_reader_row *row, const char *what)
{
    for (size_t i = 0; i < row->n_cells; i++) {
        if (strcmp(row->cells[i].what, what) == 0) {
            switch (row->cells[i].state) {
            case ML_READ:
                return ml_page_text(&summary->page, ML_TEXT_CELL_READ);
            case ML_COULD_READ:
                return ml_page_text(&summary->page, ML_TEXT_CELL_COULD_READ);
            case ML_NOT_SEEN:
                return "-";
            case ML_CANNOT_TELL:
                return "?";
            }
        }
    }
    return "";
}

static const char *cell_colour(const struct ml_summary *summary, const char *word)
{
    return word == ml_page_text(&summary->page, ML_TEXT_CELL_READ)         ? "31"
           : word == ml_page_text(&summary->page, ML_TEXT_CELL_COULD_READ) ? "33"
                                                                           : "2";
}

static const char *const learns[] = {"app_use",  "timing",   "identity", "device_identity",
                                     "contacts", "location", "content",  "payment"};
enum { N_LEARNS = sizeof learns / sizeof learns[0], WHO = 33, CELL = 9 };

static void add_readers_heading(const struct ml_summary *summary)
{
    (void)ml_buf_add_text(summary->page.out, summary->page.has_colour ? "\n\033[1m" : "\n");
    ml_page_padded_text(&summary->page, ml_page_text(&summary->page, ML_TEXT_READERS), WHO + 3);
    for (size_t i = 0; i < N_LEARNS; i++) {
        ml_page_padded_text(&summary->page, ml_page_word(&summary->page, "learns", learns[i]), CELL);
    }
    (void)ml_buf_add_text(summary->page.out, summary->page.has_colour ? "\033[0m\n" : "\n");
}

/* The reader in the language, then the names that the report adds in brackets. */
static void add_who(const struct ml_summary *summary, const struct ml_reader_row *row)
{
    struct ml_buf who;
    size_t names = ml_span_find(row->who, ml_span_text(" ("));
    ml_buf_init(&who, 65536);
    (void)ml_buf_add_text(&who, ml_page_word(&summary->page, "reader", row->id));
    (void)ml_buf_add_span(&who, ml_span_cut(row->who, names, row->who.len));
    ml_page_padded(&summary->page, ml_buf_span(&who), WHO);
    summary->page.out->failed |= who.failed;
    ml_buf_fini(&who);
}

void ml_text_readers(const struct ml_summary *summary)
{
    const struct ml_report *report = summary->report;
    if (report->n_readers == 0 || report->n_flows == 0) {
        return;
    }
    add_readers_heading(summary);
    for (size_t i = 0; i < report->n_readers; i++) {
        const struct ml_reader_row *row = &report->readers[i];
        (void)ml_buf_add_text(summary->page.out, "  ");
        add_who(summary, row);
        (void)ml_buf_add_byte(summary->page.out, ' ');
        for (size_t k = 0; k < N_LEARNS; k++) {
            const char *word = cell_text(summary, row, learns[k]);
            ml_page_paint(&summary->page, cell_colour(summary, word), word);
            for (size_t n = ml_page_characters(ml_span_text(word)); n < CELL; n++) {
                (void)ml_buf_add_byte(summary->page.out, ' ');
            }
        }
        (void)ml_buf_add_byte(summary->page.out, '\n');
    }
    (void)ml_buf_printf(summary->page.out, "  %s\n", ml_page_text(&summary->page, ML_TEXT_READERS_LEGEND));
}

/* --- findings --- */

static const char *level_colour(enum ml_level level)
{
    static const char *const colours[ML_N_LEVELS] = {"2", "36", "33", "31", "1;31"};
    return colours[level];
}

static void add_endpoint_name(const struct ml_summary *summary, const struct ml_finding *finding)
{
    const struct ml_report *report = summary->report;
    uint64_t index = 0;
    if (strcmp(finding->subject_type, "endpoint") != 0 || finding->subject.len < 2 ||
        !ml_decimal_read(ml_span_cut(finding->subject, 1, finding->subject.len), &index) || index == 0 ||
        index > report->n_endpoints) {
        return;
    }
    const struct ml_report_endpoint *endpoint = &report->endpoints[index - 1];
    (void)ml_buf_add_byte(summary->page.out, ' ');
    if (endpoint->n_names != 0) {
        ml_safe_add(summary->page.out, endpoint->names[0].name, 48);
    } else {
        char ip[ML_IP_TEXT];
        (void)ml_ip_format(&endpoint->ip, ip);
        (void)ml_buf_add_text(summary->page.out, ip);
    }
}

static void add_new_count(const struct ml_summary *summary, size_t n_new)
{
    struct ml_digits count = ml_digits_of(n_new);
    (void)ml_buf_add_text(summary->page.out, summary->page.has_colour ? ", \033[" ML_NEW_COLOUR "m" : ", ");
    ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_NEW_COUNT, "count", count.text, NULL);
    (void)ml_buf_add_text(summary->page.out, summary->page.has_colour ? "\033[0m" : "");
}

/* One line for all findings of a rule: the rule, how many subjects, the first of them. */
static void add_finding_line(const struct ml_summary *summary, size_t from, size_t n_new)
{
    const struct ml_finding *finding = summary->report->findings.items[from];
    const struct ml_rule *rule = ml_rules_get(summary->report->rules, finding->rule);
    size_t n = ml_findings_total(&summary->report->findings, finding->rule).n_subjects;
    (void)ml_buf_add_text(summary->page.out, "  ");
    ml_page_paint(&summary->page, level_colour(rule->level),
                  ml_page_word(&summary->page, "level", ml_level_text(rule->level)));
    for (size_t i = ml_page_characters(ml_span_text(ml_page_word(&summary->page, "level", ml_level_text(rule->level))));
         i < LEVEL; i++) {
        (void)ml_buf_add_byte(summary->page.out, ' ');
    }
    (void)ml_buf_printf(summary->page.out, " %-11s %s (", rule->taxonomy,
                        ml_locale_member(summary->page.locale, "rule", rule->text_id, ".title", rule->title));
    ml_subjects_text(&summary->page, finding->subject_type, n, summary->page.out);
    if (n_new != 0) {
        add_new_count(summary, n_new);
    }
    (void)ml_buf_add_text(summary->page.out, ": ");
    ml_safe_add(summary->page.out, finding->subject, 40);
    add_endpoint_name(summary, finding);
    (void)ml_buf_add_text(summary->page.out, n > 1 ? ", ...)\n" : ")\n");
}

void ml_text_findings(const struct ml_summary *summary)
{
    const struct ml_findings *findings = &summary->report->findings;
    size_t by_level[ML_N_LEVELS] = {0};
    size_t shown = 0;
    size_t rules = 0;
    for (uint32_t i = 0; i < ml_rules_count(summary->report->rules); i++) {
        by_level[ml_rules_get(summary->report->rules, i)->level] += ml_findings_total(findings, i).n_subjects;
    }
    ml_page_heading(&summary->page, ML_TEXT_FINDINGS);
    (void)ml_buf_add_text(summary->page.out, "  ");
    ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_FINDINGS_LEVELS, "critical",
                  ml_digits_of(by_level[ML_LEVEL_CRITICAL]).text, "high", ml_digits_of(by_level[ML_LEVEL_HIGH]).text,
                  "medium", ml_digits_of(by_level[ML_LEVEL_MEDIUM]).text, "low",
                  ml_digits_of(by_level[ML_LEVEL_LOW]).text, "informational",
                  ml_digits_of(by_level[ML_LEVEL_INFORMATIONAL]).text, NULL);
    (void)ml_buf_add_byte(summary->page.out, '\n');
    for (size_t i = 0; i < findings->n;) {
        size_t n = 0;
        size_t n_new = 0;
        while (i + n < findings->n && findings->items[i + n]->rule == findings->items[i]->rule) {
            n_new += ml_is_new_finding(summary->report, i + n) ? 1 : 0;
            n++;
        }
        rules++;
        if (shown < MAX_FINDINGS) {
            add_finding_line(summary, i, n_new);
            shown++;
        }
        i += n;
    }
    if (rules > shown) {
        ml_page_more(&summary->page, "  ", ML_TEXT_FINDINGS_MORE, rules - shown);
    }
}
