/* SPDX-License-Identifier: Apache-2.0 */
/* text - the report as a person at a terminal wants it: the answer first, one screen. */
#include "report/text_parts.h"

#include "core/mem.h"
#include "core/safe.h"
#include "core/timefmt.h"
#include "report/baseline.h"

#include <stdio.h>

enum { APP_NAME = 18, SURE = 9, PLACE = 22, MAX_APPS = 12, MAX_PLACES = 6 };

/* --- what was read --- */

static void add_duration(const struct ml_summary *summary, struct ml_buf *out, int64_t ns)
{
    uint64_t seconds = ns > 0 ? (uint64_t)ns / 1000000000 : 0;
    struct ml_digits hours = ml_digits_of(seconds / 3600);
    struct ml_digits minutes = ml_digits_of(seconds >= 3600 ? seconds / 60 % 60 : seconds / 60);
    struct ml_digits rest = ml_digits_of(seconds % 60);
    if (seconds >= 3600) {
        ml_locale_say(summary->page.locale, out, ML_TEXT_DURATION_HOURS, "hours", hours.text, "minutes", minutes.text,
                      NULL);
    } else if (seconds >= 60) {
        ml_locale_say(summary->page.locale, out, ML_TEXT_DURATION_MINUTES, "minutes", minutes.text, "seconds",
                      rest.text, NULL);
    } else {
        char tenths[24];
        (void)snprintf(tenths, sizeof tenths, "%u.%u", (unsigned)seconds, (unsigned)(ns / 100000000 % 10));
        ml_locale_say(summary->page.locale, out, ML_TEXT_DURATION_SECONDS, "seconds", tenths, NULL);
    }
}

/* Bytes from outside as a text for a place; "" when memory ends. */
static char *safe_text(const struct ml_summary *summary, struct ml_span text, size_t max)
{
    struct ml_buf safe;
    ml_buf_init(&safe, 65536);
    ml_safe_add(&safe, text, max);
    char *out = ml_buf_take_text(&safe);
    ml_buf_fini(&safe);
    summary->page.out->failed |= out == NULL;
    return out;
}

static void add_timed(const struct ml_summary *summary, const struct ml_source_summary *source, const char *file)
{
    char time[ML_TIME_TEXT];
    char day[16];
    char hour[16];
    struct ml_buf duration;
    ml_buf_init(&duration, 256);
    add_duration(summary, &duration, source->last_ns - source->first_ns);
    char *text = ml_buf_take_text(&duration);
    (void)ml_time_format(source->first_ns, time);
    (void)snprintf(day, sizeof day, "%.10s", time);
    (void)snprintf(hour, sizeof hour, "%.8s", time + 11);
    ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_INPUT_TIMED, "file", file, "packets",
                  ml_digits_of(source->packets).text, "date", day, "time", hour, "duration", text != NULL ? text : "",
                  NULL);
    ml_mem_free(text);
    ml_buf_fini(&duration);
}

static void add_input(const struct ml_summary *summary, const struct ml_report_input *input)
{
    const struct ml_source_summary *source = &input->summary;
    char *file = safe_text(summary, ml_span_text(source->file), 60);
    if (file != NULL && source->packets != 0) {
        add_timed(summary, source, file);
    } else if (file != NULL) {
        ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_INPUT, "file", file, "packets", "0", NULL);
    }
    ml_mem_free(file);
    (void)ml_buf_add_byte(summary->page.out, '\n');
    if (source->is_damaged) {
        char *damage = safe_text(summary, ml_span_text(source->damage), sizeof source->damage);
        (void)ml_buf_add_text(summary->page.out, "  ");
        ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_DAMAGED, "byte",
                      ml_digits_of(source->damage_offset).text, "what", damage != NULL ? damage : "", NULL);
        (void)ml_buf_add_byte(summary->page.out, '\n');
        ml_mem_free(damage);
    }
}

/* How the device was found, as a text; engine/order.c knows these ways. */
static const char *device_how(const struct ml_summary *summary)
{
    static const struct {
        const char *how;
        enum ml_text id;
    } ways[] = {{"given", ML_TEXT_DEVICE_GIVEN},
                {"busiest private client", ML_TEXT_DEVICE_BUSIEST_PRIVATE},
                {"busiest client", ML_TEXT_DEVICE_BUSIEST}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(summary->report->device_how, ways[i].how) == 0) {
            return ml_page_text(&summary->page, ways[i].id);
        }
    }
    return summary->report->device_how;
}

static void add_inputs(const struct ml_summary *summary)
{
    enum { MAX_INPUTS = 5 };
    const struct ml_report *report = summary->report;
    for (size_t i = 0; i < report->n_inputs && i < MAX_INPUTS; i++) {
        add_input(summary, &report->inputs[i]);
    }
    if (report->n_inputs > MAX_INPUTS) {
        ml_page_more(&summary->page, "", ML_TEXT_MORE_CAPTURES, report->n_inputs - MAX_INPUTS);
    }
    if (report->device.family != 0) {
        char ip[ML_IP_TEXT];
        (void)ml_ip_format(&report->device, ip);
        ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_DEVICE, "address", ip, "how",
                      device_how(summary), NULL);
        (void)ml_buf_add_byte(summary->page.out, '\n');
    }
}

/* --- apps --- */

static void add_services(const struct ml_summary *summary, const struct ml_report_app *app)
{
    size_t n = app->n_services < 4 ? app->n_services : 4;
    for (size_t i = 0; i < n; i++) {
        const char *id = app->services[i].id[0] != '\0' ? app->services[i].id : "unknown";
        (void)ml_buf_add_text(summary->page.out, i != 0 ? ", " : "");
        (void)ml_buf_add_text(summary->page.out, ml_page_word(&summary->page, "service", id));
    }
    if (app->n_services > n) {
        (void)ml_buf_add_text(summary->page.out, ", ...");
    }
}

/* "; regions sg (SG, wechat), sz (CN)": parts of the service that server names tell. */
static void add_regions(const struct ml_summary *summary, const struct ml_report_app *app)
{
    struct ml_buf list;
    size_t n = app->n_regions < 4 ? app->n_regions : 4;
    if (n == 0) {
        return;
    }
    ml_buf_init(&list, 65536);
    for (size_t i = 0; i < n; i++) {
        const struct ml_region *region = app->regions[i].region;
        bool has_both = region->country[0] != '\0' && region->edition[0] != '\0';
        (void)ml_buf_printf(&list, "%s%s", i == 0 ? "" : ", ", region->id);
        if (region->country[0] != '\0' || region->edition[0] != '\0') {
            (void)ml_buf_printf(&list, " (%s%s%s)", region->country, has_both ? ", " : "", region->edition);
        }
    }
    (void)ml_buf_add_text(&list, app->n_regions > n ? ", ..." : "");
    char *text = ml_buf_take_text(&list);
    summary->page.out->failed |= text == NULL;
    ml_locale_say(summary->page.locale, summary->page.out, ML_TEXT_APPS_REGIONS, "regions", text != NULL ? text : "",
                  NULL);
    ml_mem_free(text);
    ml_buf_fini(&list);
}

/* The columns of the table of apps; the rest of a line follows. */
static void add_columns(const struct ml_summary *summary, const char *const cells[4])
{
    static const size_t widths[4] = {10, 11, 7, 0};
    for (size_t i = 0; i < 3; i++) {
        ml_page_right(&summary->page, cells[i], widths[i]);
    }
    (void)ml_buf_add_text(summary->page.out, "  ");
    ml_page_padded_text(&summary->page, cells[3], SURE);
    (void)ml_buf_add_byte(summary->page.out, ' ');
}

static void add_app(const struct ml_summary *summary, size_t index)
{
    const struct ml_report_app *app = &summary->report->apps[index];
    char up[24];
    char down[24];
    struct ml_digits flows = ml_digits_of(app->flows);
    const char *const cells[4] = {ml_bytes_text(app->bytes_up, up), ml_bytes_text(app->bytes_down, down), flows.text,
                                  app->app != NULL ? ml_page_word(&summary->page, "grade", ml_grade_text(app->grade))
                                                   : "-"};
    (void)ml_buf_add_text(summary->page.out, "  ");
    ml_page_padded_text(&summary->page,
                        app->app != NULL ? app->app->name : ml_page_text(&summary->page, ML_TEXT_APPS_NONE), APP_NAME);
    add_columns(summary, cells);
    if (app->app != NULL) {
        add_services(summary, app);
        add_regions(summary, app);
    }
    if (app->company != NULL) {
        const struct ml_company *company = app->company;
        (void)ml_buf_printf(summary->page.out, "; %s", company->parent[0] != '\0' ? company->parent : company->name);
        if (company->parent_country[0] != '\0') {
            (void)ml_buf_printf(summary->page.out, " (%s)", company->parent_country);
        }
    }
    if (ml_is_new_app(summary->report, index)) {
        (void)ml_buf_add_text(summary->page.out, "  ");
        ml_page_paint(&summary->page, ML_NEW_COLOUR, ml_page_text(&summary->page, ML_TEXT_NEW));
    }
    (void)ml_buf_add_byte(summary->page.out, '\n');
}

static void add_apps_heading(const struct ml_summary *summary)
{
    const char *const cells[4] = {
        ml_page_text(&summary->page, ML_TEXT_APPS_UP), ml_page_text(&summary->page, ML_TEXT_APPS_DOWN),
        ml_page_text(&summary->page, ML_TEXT_APPS_FLOWS), ml_page_text(&summary->page, ML_TEXT_APPS_SURE)};
    (void)ml_buf_add_text(summary->page.out, summary->page.has_colour ? "\n\033[1m" : "\n");
    ml_page_padded_text(&summary->page, ml_page_text(&summary->page, ML_TEXT_APPS), APP_NAME + 2);
    add_columns(summary, cells);
    (void)ml_buf_add_text(summary->page.out, ml_page_text(&summary->page, ML_TEXT_APPS_SERVICES));
    (void)ml_buf_add_text(summary->page.out, summary->page.has_colour ? "\033[0m\n" : "\n");
}

static void add_apps(const struct ml_summary *summary)
{
    const struct ml_report *report = summary->report;
    if (report->n_flows == 0) {
        (void)ml_buf_printf(summary->page.out, "\n%s\n", ml_page_text(&summary->page, ML_TEXT_NO_CONVERSATION));
    }
    if (report->n_apps == 0) {
        return;
    }
    add_apps_heading(summary);
    for (size_t i = 0; i < report->n_apps; i++) {
        if (i < MAX_APPS || report->apps[i].app == NULL) {
            add_app(summary, i);
        }
    }
    if (report->n_apps > MAX_APPS + 1) {
        ml_page_more(&summary->page, "  ", ML_TEXT_APPS_MORE, report->n_apps - MAX_APPS - 1);
    }
}

/* --- where --- */

static unsigned percent_of(uint64_t part, uint64_t whole)
{
    return whole != 0 ? (unsigned)((part / (whole / 1000 + 1) + 5) / 10) : 0;
}

static void add_table(const struct ml_summary *summary, enum ml_text label, const struct ml_residency_table *table)
{
    uint64_t whole = 0;
    for (size_t i = 0; i < table->n; i++) {
        whole += table->rows[i].bytes_up + table->rows[i].bytes_down;
    }
    (void)ml_buf_add_text(summary->page.out, "  ");
    ml_page_padded_text(&summary->page, ml_page_text(&summary->page, label), PLACE);
    size_t n = 0; /* rows come by bytes; those without any are mere candidates */
    while (n < table->n && (n == 0 || table->rows[n].bytes_up + table->rows[n].bytes_down != 0)) {
        n++;
    }
    for (size_t i = 0; i < n && i < MAX_PLACES; i++) {
        uint64_t bytes = table->rows[i].bytes_up + table->rows[i].bytes_down;
        unsigned percent = percent_of(bytes, whole);
        (void)ml_buf_printf(summary->page.out, "%s%s %u %%", i != 0 ? ", " : "",
                            ml_page_word(&summary->page, "key", table->rows[i].key), percent);
    }
    (void)ml_buf_printf(summary->page.out, "%s\n", n > MAX_PLACES ? ", ..." : "");
}

/* The classes of an app: "none 40-85 %", the least and the most of its bytes that can be in it. */
static void add_app_bounds(const struct ml_summary *summary, const struct ml_report_app *app)
{
    const struct ml_residency_table *table = &app->residency.by_class;
    uint64_t whole = app->bytes_up + app->bytes_down;
    (void)ml_buf_add_text(summary->page.out, "    ");
    ml_page_padded_text(&summary->page, app->app->name, PLACE - 2);
    for (size_t i = 0; i < table->n && i < MAX_PLACES; i++) {
        const struct ml_residency_row *row = &table->rows[i];
        unsigned least = percent_of(row->up_lower + row->down_lower, whole);
        unsigned most = percent_of(row->up_upper + row->down_upper, whole);
        (void)ml_buf_printf(summary->page.out, "%s%s %u", i != 0 ? ", " : "",
                            ml_page_word(&summary->page, "key", row->key), least);
        if (most != least) {
            (void)ml_buf_printf(summary->page.out, "-%u", most);
        }
        (void)ml_buf_add_text(summary->page.out, " %");
    }
    (void)ml_buf_add_text(summary->page.out, table->n > MAX_PLACES ? ", ...\n" : "\n");
}

/* The apps with most bytes; the others and all services are in the report. */
static void add_bounds(const struct ml_summary *summary)
{
    enum { MAX_BOUNDS = 3 };
    const struct ml_report *report = summary->report;
    for (size_t i = 0; i < report->n_apps && i < MAX_BOUNDS && report->apps[i].app != NULL; i++) {
        if (i == 0) {
            (void)ml_buf_printf(summary->page.out, "  %s\n", ml_page_text(&summary->page, ML_TEXT_WHERE_BOUNDS));
        }
        add_app_bounds(summary, &report->apps[i]);
    }
}

static void add_residency(const struct ml_summary *summary)
{
    const struct ml_report *report = summary->report;
    if (report->n_endpoints == 0) {
        return;
    }
    ml_page_heading(&summary->page, ML_TEXT_WHERE);
    add_table(summary, ML_TEXT_WHERE_LOCATION, &report->residency.by_location);
    add_table(summary, ML_TEXT_WHERE_NETWORK, &report->residency.by_network_country);
    add_table(summary, ML_TEXT_WHERE_CONTROL, &report->residency.by_control);
    add_table(summary, ML_TEXT_WHERE_CLASS, &report->residency.by_class);
    add_bounds(summary);
}

enum ml_status ml_report_text(const struct ml_report *report, const struct ml_text_style *style, struct ml_buf *out)
{
    const struct ml_summary summary = {
        .report = report,
        .page = {.locale = style->locale, .out = out, .has_colour = style->has_colour, .width = style->width},
    };
    add_inputs(&summary);
    add_apps(&summary);
    add_residency(&summary);
    ml_text_readers(&summary);
    ml_text_findings(&summary);
    ml_text_baseline(&summary);
    ml_text_planted(&summary);
    ml_text_coverage(&summary);
    return out->failed ? ML_NO_MEMORY : ML_OK;
}
