/* SPDX-License-Identifier: Apache-2.0 */
/* text - the report as a person at a terminal wants it: the answer first, one screen. */
#include "core/text.h"
#include "core/safe.h"
#include "core/timefmt.h"
#include "report/baseline.h"
#include "report/write.h"

#include <stdio.h>
#include <stdlib.h>

enum { APP_NAME = 18, MAX_APPS = 12, MAX_PLACES = 6, MAX_NEWS = 5, MAX_FINDINGS = 14 };

struct page {
    const struct ml_report *report;
    const struct ml_text_style *style;
    struct ml_buf *out; /* failures latch here */
};

static void paint(const struct page *page, const char *code, const char *text)
{
    if (page->style->has_colour) {
        (void)ml_buf_printf(page->out, "\033[%sm%s\033[0m", code, text);
    } else {
        (void)ml_buf_add_text(page->out, text);
    }
}

static void heading(const struct page *page, const char *text)
{
    (void)ml_buf_add_byte(page->out, '\n');
    paint(page, "1", text);
    (void)ml_buf_add_byte(page->out, '\n');
}

static const char *bytes_text(uint64_t bytes, char out[24])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    if (bytes < 1000) {
        (void)snprintf(out, 24, "%u B", (unsigned)bytes);
        return out;
    }
    unsigned unit = 1;
    while (unit < 4 && bytes >= 1000000) {
        bytes /= 1000;
        unit++;
    }
    (void)snprintf(out, 24, "%u.%u %s", (unsigned)(bytes / 1000), (unsigned)(bytes % 1000 / 100), units[unit]);
    return out;
}

/* --- what was read --- */

static void add_duration(struct ml_buf *out, int64_t ns)
{
    int64_t seconds = ns / 1000000000;
    if (seconds >= 3600) {
        (void)ml_buf_printf(out, "%d h %d min", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    } else if (seconds >= 60) {
        (void)ml_buf_printf(out, "%d min %d s", (int)(seconds / 60), (int)(seconds % 60));
    } else {
        (void)ml_buf_printf(out, "%d.%d s", (int)seconds, (int)(ns / 100000000 % 10));
    }
}

static void add_input(const struct page *page, const struct ml_report_input *input)
{
    const struct ml_source_summary *summary = &input->summary;
    char time[ML_TIME_TEXT];
    ml_safe_add(page->out, ml_span_text(summary->file), 60);
    (void)ml_buf_printf(page->out, ": %llu packets", (unsigned long long)summary->packets);
    if (summary->packets != 0) {
        (void)ml_time_format(summary->first_ns, time);
        (void)ml_buf_printf(page->out, ", %.10s %.8s UTC, ", time, time + 11);
        add_duration(page->out, summary->last_ns - summary->first_ns);
    }
    (void)ml_buf_add_byte(page->out, '\n');
    if (summary->is_damaged) {
        (void)ml_buf_printf(page->out, "  damaged at byte %llu: ", (unsigned long long)summary->damage_offset);
        ml_safe_add(page->out, ml_span_text(summary->damage), sizeof summary->damage);
        (void)ml_buf_add_text(page->out, "; audited up to there\n");
    }
}

static void add_inputs(const struct page *page)
{
    enum { MAX_INPUTS = 5 };
    const struct ml_report *report = page->report;
    for (size_t i = 0; i < report->n_inputs && i < MAX_INPUTS; i++) {
        add_input(page, &report->inputs[i]);
    }
    if (report->n_inputs > MAX_INPUTS) {
        (void)ml_buf_printf(page->out, "and %zu more captures\n", report->n_inputs - MAX_INPUTS);
    }
    if (report->device.family != 0) {
        char ip[ML_IP_TEXT];
        (void)ml_ip_format(&report->device, ip);
        (void)ml_buf_printf(page->out, "device %s (%s)\n", ip, report->device_how);
    }
}

/* In characters, as ml_safe_add writes them. */
static size_t n_characters(struct ml_span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; n++) {
        size_t len = ml_utf8_length(ml_span_cut(text, i, 4));
        i += len != 0 ? len : 1;
    }
    return n;
}

/* Exactly `width` characters: padded with blanks, or cut with two dots at the end. */
static void add_padded(const struct page *page, struct ml_span text, size_t width)
{
    size_t n = n_characters(text);
    ml_safe_add(page->out, text, n > width ? width - 2 : width);
    (void)ml_buf_add_text(page->out, n > width ? ".." : "");
    for (size_t i = n; i < width; i++) {
        (void)ml_buf_add_byte(page->out, ' ');
    }
}

/* --- apps --- */

static void add_services(const struct page *page, const struct ml_report_app *app)
{
    size_t n = app->n_services < 4 ? app->n_services : 4;
    for (size_t i = 0; i < n; i++) {
        (void)ml_buf_printf(page->out, "%s%s", i != 0 ? ", " : "",
                            app->services[i].id[0] != '\0' ? app->services[i].id : "unknown");
    }
    if (app->n_services > n) {
        (void)ml_buf_add_text(page->out, ", ...");
    }
}

/* "; regions sg (SG, wechat), sz (CN)": parts of the service that server names tell. */
static void add_regions(const struct page *page, const struct ml_report_app *app)
{
    size_t n = app->n_regions < 4 ? app->n_regions : 4;
    for (size_t i = 0; i < n; i++) {
        const struct ml_region *region = app->regions[i].region;
        bool has_both = region->country[0] != '\0' && region->edition[0] != '\0';
        (void)ml_buf_printf(page->out, "%s%s", i == 0 ? "; regions " : ", ", region->id);
        if (region->country[0] != '\0' || region->edition[0] != '\0') {
            (void)ml_buf_printf(page->out, " (%s%s%s)", region->country, has_both ? ", " : "", region->edition);
        }
    }
    (void)ml_buf_add_text(page->out, app->n_regions > n ? ", ..." : "");
}

static void add_app(const struct page *page, size_t index)
{
    const struct ml_report_app *app = &page->report->apps[index];
    char up[24];
    char down[24];
    (void)ml_buf_add_text(page->out, "  ");
    add_padded(page, ml_span_text(app->app != NULL ? app->app->name : "no known app"), APP_NAME);
    (void)ml_buf_printf(page->out, " %9s %10s %6llu  %-9s ", bytes_text(app->bytes_up, up),
                        bytes_text(app->bytes_down, down), (unsigned long long)app->flows,
                        app->app != NULL ? ml_grade_text(app->grade) : "-");
    if (app->app != NULL) {
        add_services(page, app);
        add_regions(page, app);
    }
    if (app->company != NULL) {
        const struct ml_company *company = app->company;
        (void)ml_buf_printf(page->out, "; %s", company->parent[0] != '\0' ? company->parent : company->name);
        if (company->parent_country[0] != '\0') {
            (void)ml_buf_printf(page->out, " (%s)", company->parent_country);
        }
    }
    if (ml_is_new_app(page->report, index)) {
        paint(page, "1;35", "  new");
    }
    (void)ml_buf_add_byte(page->out, '\n');
}

static void add_apps(const struct page *page)
{
    const struct ml_report *report = page->report;
    if (report->n_flows == 0) {
        (void)ml_buf_add_text(page->out, "\nNo conversation in it: nothing can be told of who reads along.\n");
    }
    if (report->n_apps == 0) {
        return;
    }
    heading(page, "Apps                      up       down  flows  sure      services; who controls the operator");
    for (size_t i = 0; i < report->n_apps; i++) {
        if (i < MAX_APPS || report->apps[i].app == NULL) {
            add_app(page, i);
        }
    }
    if (report->n_apps > MAX_APPS + 1) {
        (void)ml_buf_printf(page->out, "  and %zu more apps in the report\n", report->n_apps - MAX_APPS - 1);
    }
}

/* --- where --- */

static void add_table(const struct page *page, const char *label, const struct ml_residency_table *table)
{
    uint64_t whole = 0;
    for (size_t i = 0; i < table->n; i++) {
        whole += table->rows[i].bytes_up + table->rows[i].bytes_down;
    }
    (void)ml_buf_printf(page->out, "  %-20s", label);
    size_t n = 0; /* rows come by bytes; those without any are mere candidates */
    while (n < table->n && (n == 0 || table->rows[n].bytes_up + table->rows[n].bytes_down != 0)) {
        n++;
    }
    for (size_t i = 0; i < n && i < MAX_PLACES; i++) {
        uint64_t bytes = table->rows[i].bytes_up + table->rows[i].bytes_down;
        unsigned percent = whole != 0 ? (unsigned)((bytes / (whole / 1000 + 1) + 5) / 10) : 0;
        (void)ml_buf_printf(page->out, "%s%s %u %%", i != 0 ? ", " : "", table->rows[i].key, percent);
    }
    (void)ml_buf_printf(page->out, "%s\n", n > MAX_PLACES ? ", ..." : "");
}

static void add_residency(const struct page *page)
{
    const struct ml_report *report = page->report;
    if (report->n_endpoints == 0) {
        return;
    }
    heading(page, "Where the bytes go (share of bytes; places and companies are indications by data sets)");
    add_table(page, "address located in", &report->by_location);
    add_table(page, "network of", &report->by_network_country);
    add_table(page, "controlled from", &report->by_control);
    add_table(page, "transfer class", &report->by_class);
}

/* --- who reads along --- */

/* A word a cell; the reasons and findings are in the report. */
static const char *cell_text(const struct ml_reader_row *row, const char *what)
{
    static const char *const words[] = {
        [ML_READ] = "read",
        [ML_COULD_READ] = "could",
        [ML_NOT_SEEN] = "-",
        [ML_CANNOT_TELL] = "?",
    };
    for (size_t i = 0; i < row->n_cells; i++) {
        if (strcmp(row->cells[i].what, what) == 0) {
            return words[row->cells[i].state];
        }
    }
    return "";
}

static const char *cell_colour(const char *word)
{
    return word[0] == 'r' ? "31" : word[0] == 'c' ? "33" : "2";
}

static void add_readers(const struct page *page)
{
    static const struct {
        const char *what;
        const char *heading;
    } columns[] = {{"app_use", "app use"},        {"timing", "timing"},     {"identity", "identity"},
                   {"device_identity", "device"}, {"contacts", "contacts"}, {"location", "place"},
                   {"content", "content"},        {"payment", "payment"}};
    enum { N_COLUMNS = sizeof columns / sizeof columns[0], WHO = 32, CELL = 9 };
    const struct ml_report *report = page->report;
    char line[WHO + N_COLUMNS * CELL + 64];
    if (report->n_readers == 0 || report->n_flows == 0) {
        return;
    }
    size_t len = (size_t)snprintf(line, sizeof line, "%-*s", WHO + 4, "Who can read along");
    for (size_t i = 0; i < N_COLUMNS; i++) {
        len += (size_t)snprintf(line + len, sizeof line - len, "%-*s", CELL, columns[i].heading);
    }
    heading(page, line);
    for (size_t i = 0; i < report->n_readers; i++) {
        const struct ml_reader_row *row = &report->readers[i];
        (void)ml_buf_add_text(page->out, "  ");
        add_padded(page, row->who, WHO + 1);
        (void)ml_buf_add_byte(page->out, ' ');
        for (size_t k = 0; k < N_COLUMNS; k++) {
            const char *word = cell_text(row, columns[k].what);
            char cell[CELL + 1];
            (void)snprintf(cell, sizeof cell, "%-*s", CELL, word);
            paint(page, cell_colour(word), cell);
        }
        (void)ml_buf_add_byte(page->out, '\n');
    }
    (void)ml_buf_add_text(
        page->out, "  read: seen in this capture; could: inferred; -: not seen; ?: cannot be told from this capture\n");
}

/* --- findings --- */

static const char *level_colour(enum ml_level level)
{
    static const char *const colours[ML_N_LEVELS] = {"2", "36", "33", "31", "1;31"};
    return colours[level];
}

static void add_endpoint_name(const struct page *page, const struct ml_finding *finding)
{
    const struct ml_report *report = page->report;
    uint64_t index = 0;
    if (strcmp(finding->subject_type, "endpoint") != 0 || finding->subject.len < 2 ||
        !ml_decimal_read(ml_span_cut(finding->subject, 1, finding->subject.len), &index) || index == 0 ||
        index > report->n_endpoints) {
        return;
    }
    const struct ml_report_endpoint *endpoint = &report->endpoints[index - 1];
    (void)ml_buf_add_byte(page->out, ' ');
    if (endpoint->n_names != 0) {
        ml_safe_add(page->out, endpoint->names[0].name, 48);
    } else {
        char ip[ML_IP_TEXT];
        (void)ml_ip_format(&endpoint->ip, ip);
        (void)ml_buf_add_text(page->out, ip);
    }
}

/* One line for all findings of a rule: the rule, how many subjects, the first of them. */
static void add_finding_line(const struct page *page, size_t from, size_t n_new)
{
    const struct ml_finding *finding = page->report->findings.items[from];
    const struct ml_rule *rule = ml_rules_get(page->report->rules, finding->rule);
    size_t n = ml_findings_total(&page->report->findings, finding->rule).n_subjects;
    char level[32];
    (void)snprintf(level, sizeof level, "%-13s", ml_level_text(rule->level));
    (void)ml_buf_add_text(page->out, "  ");
    paint(page, level_colour(rule->level), level);
    (void)ml_buf_printf(page->out, " %-11s %s (%zu %s%s", rule->taxonomy, rule->title, n, finding->subject_type,
                        n != 1 ? "s" : "");
    if (n_new != 0) {
        (void)ml_buf_add_text(page->out, ", ");
        (void)snprintf(level, sizeof level, "%zu new", n_new);
        paint(page, "1;35", level);
    }
    (void)ml_buf_add_byte(page->out, ':');
    (void)ml_buf_add_byte(page->out, ' ');
    ml_safe_add(page->out, finding->subject, 40);
    add_endpoint_name(page, finding);
    (void)ml_buf_add_text(page->out, n > 1 ? ", ...)\n" : ")\n");
}

static void add_findings(const struct page *page)
{
    const struct ml_findings *findings = &page->report->findings;
    size_t by_level[ML_N_LEVELS] = {0};
    size_t shown = 0;
    size_t rules = 0;
    for (uint32_t i = 0; i < ml_rules_count(page->report->rules); i++) {
        by_level[ml_rules_get(page->report->rules, i)->level] += ml_findings_total(findings, i).n_subjects;
    }
    heading(page, "Findings");
    (void)ml_buf_printf(page->out, "  %zu critical, %zu high, %zu medium, %zu low, %zu informational\n",
                        by_level[ML_LEVEL_CRITICAL], by_level[ML_LEVEL_HIGH], by_level[ML_LEVEL_MEDIUM],
                        by_level[ML_LEVEL_LOW], by_level[ML_LEVEL_INFORMATIONAL]);
    for (size_t i = 0; i < findings->n;) {
        size_t n = 0;
        size_t n_new = 0;
        while (i + n < findings->n && findings->items[i + n]->rule == findings->items[i]->rule) {
            n_new += ml_is_new_finding(page->report, i + n) ? 1 : 0;
            n++;
        }
        rules++;
        if (shown < MAX_FINDINGS) {
            add_finding_line(page, i, n_new);
            shown++;
        }
        i += n;
    }
    if (rules > shown) {
        (void)ml_buf_printf(page->out, "  and findings of %zu more rules in the report\n", rules - shown);
    }
}

/* --- what is new --- */

/* One line a kind of thing: how many, and the first of them. */
static void add_news(const struct page *page, bool is_new)
{
    const struct ml_baseline *baseline = page->report->baseline;
    for (size_t i = 0; i < baseline->n_rows;) {
        enum ml_compare_kind kind = baseline->rows[i].kind;
        size_t n = 0;
        for (; i < baseline->n_rows && baseline->rows[i].kind == kind; i++) {
            if (baseline->rows[i].is_new != is_new) {
                continue;
            }
            if (n == 0) {
                (void)ml_buf_printf(page->out, "  %-5s %-22s ", is_new ? "new" : "gone",
                                    ml_compare_kind_info(kind)->label);
            }
            if (n < MAX_NEWS) {
                (void)ml_buf_add_text(page->out, n != 0 ? ", " : "");
                ml_safe_add(page->out, baseline->rows[i].key, 60);
            }
            n++;
        }
        if (n > MAX_NEWS) {
            (void)ml_buf_printf(page->out, " and %zu more", n - MAX_NEWS);
        }
        (void)ml_buf_add_text(page->out, n != 0 ? "\n" : "");
    }
}

static void add_baseline(const struct page *page)
{
    const struct ml_baseline *baseline = page->report->baseline;
    if (baseline == NULL) {
        return;
    }
    heading(page, "Since the earlier report");
    if (baseline->n_rows == 0) {
        (void)ml_buf_add_text(page->out,
                              "  no recipient, name, place, operator, app or kind of finding is new or gone\n");
    }
    add_news(page, true);
    add_news(page, false);
    if (!baseline->is_complete) {
        (void)ml_buf_add_text(page->out,
                              "  it does not list all its endpoints: what is called new may have been there\n");
    }
}

/* --- planted values --- */

enum { MAX_LABELS = 12 };

static void add_found(const struct page *page, const struct ml_report_planted *planted, size_t shown)
{
    (void)ml_buf_add_text(page->out, shown == 0 ? ": " : ", ");
    ml_safe_add(page->out, planted->label, 32);
    (void)ml_buf_printf(page->out, " (%llu flow%s", (unsigned long long)planted->flows, planted->flows != 1 ? "s" : "");
    (void)ml_buf_add_text(page->out, planted->flows_clear != 0 ? ", in clear)" : ")");
}

/* What was not found was not found in the bytes that could be searched, and nothing is said of the others. */
static void add_planted(const struct page *page)
{
    const struct ml_report *report = page->report;
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
    heading(page, "Planted values");
    (void)ml_buf_printf(page->out, "  %zu of %zu found", n_found, report->n_planted);
    for (size_t i = 0; i < report->n_planted && shown < MAX_LABELS; i++) {
        if (report->planted[i].facts != 0) {
            add_found(page, &report->planted[i], shown++);
        }
    }
    (void)ml_buf_add_text(page->out, n_found > shown ? ", ...\n" : "\n");
    if (n_found != report->n_planted) {
        (void)ml_buf_printf(page->out, "  %zu not found in the %s of %s payload that could be searched\n",
                            report->n_planted - n_found, bytes_text(report->reach.searched, searched),
                            bytes_text(report->reach.payload, all));
    }
}

/* --- how far this can be trusted --- */

static void add_reach(const struct page *page)
{
    const struct ml_report *report = page->report;
    const struct ml_reach *reach = &report->reach;
    char a[24];
    char b[24];
    if (reach->payload == 0) {
        return;
    }
    (void)ml_buf_printf(page->out, "  %s of %s payload read for %s", bytes_text(reach->searched, a),
                        bytes_text(reach->payload, b),
                        report->is_seeded ? "planted values" : "identifiers in requests");
    if (reach->decrypted != 0) {
        (void)ml_buf_printf(page->out, " (%s of it decrypted)", bytes_text(reach->decrypted, a));
    }
    if (reach->sealed != 0) {
        (void)ml_buf_printf(page->out, "; not read: %s in encrypted conversations", bytes_text(reach->sealed, a));
    }
    if (reach->unread != 0) {
        (void)ml_buf_printf(page->out, "%s %s %s",
                            reach->sealed != 0 ? "," : "; not read:", bytes_text(reach->unread, a),
                            report->is_seeded ? "for other reasons" : "that nobody asked for");
    }
    (void)ml_buf_add_byte(page->out, '\n');
}

/* In brackets, the counters of a group that are not zero; nothing when all are. */
static void add_group(const struct page *page, const char *label, const char *prefix)
{
    const struct ml_counters *counters = &page->report->counters;
    bool is_first = true;
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        const char *name = ml_counter_name((enum ml_counter)i);
        if (counters->n[i] != 0 && strncmp(name, prefix, strlen(prefix)) == 0) {
            (void)ml_buf_printf(page->out, "%s%s %llu", is_first ? label : ", ", name + strlen(prefix),
                                (unsigned long long)counters->n[i]);
            is_first = false;
        }
    }
    (void)ml_buf_add_text(page->out, is_first ? "" : ")");
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
static bool is_apart(const struct page *page, const struct ml_dataset *set, bool is_newer)
{
    const int64_t apart = INT64_C(90) * 24 * 3600 * 1000000000;
    int64_t on = page->report->valid_on_ns;
    int64_t date_ns = 0;
    if (on == 0 || !set->is_present || is_timeless(set) || set->date == NULL ||
        !ml_time_parse(ml_span_text(set->date), &date_ns)) {
        return false;
    }
    return is_newer ? date_ns > on && date_ns - on > apart : date_ns < on && on - date_ns > apart;
}

static void add_age(const struct page *page, bool is_newer, const char *words)
{
    const struct ml_intel *intel = page->report->intel;
    size_t n = 0;
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *set = ml_intel_dataset(intel, i);
        if (is_apart(page, set, is_newer)) {
            (void)ml_buf_printf(page->out, "%s%s", n++ == 0 ? words : ", ", set->id);
        }
    }
    (void)ml_buf_add_text(page->out, n != 0 ? "\n" : "");
}

static void add_missing_data(const struct page *page)
{
    const struct ml_intel *intel = page->report->intel;
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
    size_t present = ml_intel_datasets(intel) - missing;
    (void)ml_buf_printf(page->out, "  %zu data sets in use", present);
    if (oldest != NULL) {
        (void)ml_buf_printf(page->out, ", the oldest of %s", oldest);
    }
    (void)ml_buf_add_byte(page->out, '\n');
    add_age(page, false, "  more than 90 days older than the capture: ");
    add_age(page, true, "  more than 90 days newer than the capture: ");
    for (size_t i = 0; missing != 0 && i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *set = ml_intel_dataset(intel, i);
        if (!set->is_present) {
            (void)ml_buf_printf(page->out, "  missing: %s (%s)\n", set->name,
                                set->needed_for != NULL ? set->needed_for : "");
        }
    }
}

static void add_coverage(const struct page *page)
{
    const uint64_t *n = page->report->counters.n;
    heading(page, "How far this goes");
    (void)ml_buf_printf(page->out, "  %llu of %llu packets decoded", (unsigned long long)n[ML_COUNT_PACKETS_DECODED],
                        (unsigned long long)n[ML_COUNT_PACKETS_READ]);
    add_group(page, " (not: ", "undecoded.");
    if (n[ML_COUNT_PACKETS_DUPLICATES] != 0) {
        (void)ml_buf_printf(page->out, ", %llu of them copies of others",
                            (unsigned long long)n[ML_COUNT_PACKETS_DUPLICATES]);
    }
    add_group(page, " (left out: ", "skipped.");
    (void)ml_buf_printf(page->out, "; %llu flows; %llu streams with gaps\n", (unsigned long long)page->report->n_flows,
                        (unsigned long long)n[ML_COUNT_STREAMS_WITH_GAPS]);
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        const char *name = ml_counter_name((enum ml_counter)i);
        if (n[i] != 0 && strncmp(name, "limit.", 6) == 0) {
            (void)ml_buf_printf(page->out, "  limit reached: %s, %llu times\n", name + 6, (unsigned long long)n[i]);
        }
    }
    add_reach(page);
    add_missing_data(page);
}

enum ml_status ml_report_text(const struct ml_report *report, const struct ml_text_style *style, struct ml_buf *out)
{
    const struct page page = {.report = report, .style = style, .out = out};
    add_inputs(&page);
    add_apps(&page);
    add_residency(&page);
    add_readers(&page);
    add_findings(&page);
    add_baseline(&page);
    add_planted(&page);
    add_coverage(&page);
    return out->failed ? ML_NO_MEMORY : ML_OK;
}
