/* SPDX-License-Identifier: Apache-2.0 */
/* The summary: what was read, what was not, and how old the data sets are. */
#include "report/text_parts.h"

#include "core/mem.h"
#include "core/timefmt.h"

#include <stdio.h>

/* --- how far this can be trusted --- */

/* The counters of a group that are not zero, in a text with the place {reasons}; nothing when all are. */
static void add_group(const struct ml_summary *summary, enum ml_text id, const char *prefix)
{
    const struct ml_counters *counters = &summary->report->counters;
    struct ml_buf reasons;
    ml_buf_init(&reasons, 65536);
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        const char *name = ml_counter_name((enum ml_counter)i);
        if (counters->n[i] != 0 && strncmp(name, prefix, strlen(prefix)) == 0) {
            (void)ml_buf_printf(&reasons, "%s%s %llu", reasons.len == 0 ? "" : ", ", name + strlen(prefix),
                                (unsigned long long)counters->n[i]);
        }
    }
    if (reasons.len != 0) {
        char *text = ml_buf_take_text(&reasons);
        summary->page.out->failed |= text == NULL;
        ml_locale_say(summary->page.locale, summary->page.out, id, "reasons", text != NULL ? text : "", NULL);
        ml_mem_free(text);
    }
    ml_buf_fini(&reasons);
}

/* Names and borders of countries, and tables whose rows have dates of their own, say the same at any time. */
static bool is_timeless(const struct ml_dataset *set)
{
    static const char *const ids[] = {"country-names", "world-map", "jurisdictions"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (strcmp(set->id, ids[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Is a data set more than this away from the capture, to the given side? What it says may not have been so then. */
static bool is_apart(const struct ml_summary *summary, const struct ml_dataset *set, bool is_newer)
{
    const int64_t apart = INT64_C(90) * 24 * 3600 * 1000000000;
    int64_t on = summary->report->valid_on_ns;
    int64_t date_ns = 0;
    if (on == 0 || !set->is_present || is_timeless(set) || set->date == NULL ||
        !ml_time_parse(ml_span_text(set->date), &date_ns)) {
        return false;
    }
    return is_newer ? date_ns > on && date_ns - on > apart : date_ns < on && on - date_ns > apart;
}

static void add_age(const struct ml_summary *summary, bool is_newer, enum ml_text id)
{
    const struct ml_intel *intel = summary->report->intel;
    struct ml_buf sets;
    ml_buf_init(&sets, 65536);
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *set = ml_intel_dataset(intel, i);
        if (is_apart(summary, set, is_newer)) {
            (void)ml_buf_printf(&sets, "%s%s", sets.len == 0 ? "" : ", ", set->id);
        }
    }
    if (sets.len != 0) {
        char *text = ml_buf_take_text(&sets);
        summary->page.out->failed |= text == NULL;
        (void)ml_buf_add_text(summary->page.out, "  ");
        ml_locale_say(summary->page.locale, summary->page.out, id, "sets", text != NULL ? text : "", NULL);
        (void)ml_buf_add_byte(summary->page.out, '\n');
        ml_mem_free(text);
    }
    ml_buf_fini(&sets);
}

static void add_missing_data(const struct ml_summary *summary)
{
    const struct ml_intel *intel = summary->report->intel;
    size_t missing = 0;
    const char *oldest = NULL;
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *set = ml_intel_dataset(intel, i);
        missing += set->is_present ? 0 : 1;
        if (set->is_present && set->date != NULL && set->date[0] != '\0' &&
            (oldest == NULL || strcmp(set->date, oldest) < 0)) {
            oldest = set->date;
        }
    }
    struct ml_digits present = ml_digits_of(ml_intel_datasets(intel) - missing);
    (void)ml_buf_add_text(summary->page.out, "  ");
    if (oldest != NULL) {
        ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_DATA_SETS_OLDEST, "count", present.text, "date",
                      oldest, NULL);
    } else {
        ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_DATA_SETS, "count", present.text, NULL);
    }
    (void)ml_buf_add_byte(summary->page.out, '\n');
    add_age(summary, false, ML_TEXT_DATA_SETS_OLDER);
    add_age(summary, true, ML_TEXT_DATA_SETS_NEWER);
    for (size_t i = 0; missing != 0 && i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *set = ml_intel_dataset(intel, i);
        if (!set->is_present) {
            (void)ml_buf_add_text(summary->page.out, "  ");
            ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_DATA_SETS_MISSING, "set", set->name, "use",
                          set->needed_for != NULL ? set->needed_for : "", NULL);
            (void)ml_buf_add_byte(summary->page.out, '\n');
        }
    }
}

void ml_text_coverage(const struct ml_summary *summary)
{
    const uint64_t *n = summary->report->counters.n;
    ml_page_heading(&summary->page, ML_TEXT_COVERAGE);
    (void)ml_buf_add_text(summary->page.out, "  ");
    ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_COVERAGE_DECODED, "decoded",
                  ml_digits_of(n[ML_COUNT_PACKETS_DECODED]).text, "read", ml_digits_of(n[ML_COUNT_PACKETS_READ]).text,
                  NULL);
    add_group(summary, ML_TEXT_COVERAGE_NOT, "undecoded.");
    if (n[ML_COUNT_PACKETS_DUPLICATES] != 0) {
        ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_COVERAGE_COPIES, "count",
                      ml_digits_of(n[ML_COUNT_PACKETS_DUPLICATES]).text, NULL);
    }
    add_group(summary, ML_TEXT_COVERAGE_LEFT_OUT, "skipped.");
    ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_COVERAGE_FLOWS, "flows",
                  ml_digits_of(summary->report->n_flows).text, "gaps", ml_digits_of(n[ML_COUNT_STREAMS_WITH_GAPS]).text,
                  NULL);
    (void)ml_buf_add_byte(summary->page.out, '\n');
    ml_text_reach(summary);
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        const char *name = ml_counter_name((enum ml_counter)i);
        if (n[i] != 0 && strncmp(name, "limit.", 6) == 0) {
            (void)ml_buf_add_text(summary->page.out, "  ");
            ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_COVERAGE_LIMIT, "limit", name + 6, "count",
                          ml_digits_of(n[i]).text, NULL);
            (void)ml_buf_add_byte(summary->page.out, '\n');
        }
    }
    add_missing_data(summary);
}
