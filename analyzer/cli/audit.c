/* SPDX-License-Identifier: Apache-2.0 */
/* audit - reads captures and writes the report. */
#include "cli/bundle.h"
#include "cli/case.h"
#include "cli/command.h"
#include "cli/documents.h"
#include "cli/exit.h"
#include "cli/inputs.h"
#include "cli/noted.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/resources.h"
#include "core/mem.h"
#include "engine/engine.h"
#include "report/baseline.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const char letters[] = "orDIkcabdBfSUetmlFnqp";

/* Set by SIGINT and SIGTERM: stop reading, leave nothing half-written. The only mutable thing of file scope. */
static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

static bool is_cancelled(void *context)
{
    (void)context;
    return stop_signal != 0;
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    ml_progress_update(context, done, total);
}

struct audit {
    struct ml_options options;
    struct ml_resources resources;
    struct ml_inputs inputs;
    struct ml_documents documents;
    struct ml_progress progress;
    struct ml_filter *filter;
    struct ml_engine *engine;
    struct ml_report report;
    struct ml_run run;
    const char *command_line[128];
    struct ml_noted noted;
    struct ml_case_file *case_file;
    struct ml_report_file baseline;
    size_t n_read;
    bool has_unreadable;
};

static int64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail with this clock */
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void note_run(struct audit *audit, int argc, char **argv)
{
    size_t n = 0;
    audit->command_line[n++] = "mitleser";
    for (int i = 0; i < argc && n + 1 < sizeof audit->command_line / sizeof audit->command_line[0]; i++) {
        audit->command_line[n++] = argv[i];
    }
    audit->run.command_line = audit->command_line;
    audit->run.started_ns = now_ns();
}

static int check_app(const struct audit *audit)
{
    const char *app = audit->options.app;
    if (app != NULL && ml_apps_find(audit->resources.apps, ml_span_text(app)) == NULL) {
        ml_complain("--app: '%s' is not in the app catalogue (rules/apps)", app);
        return ML_EXIT_USAGE;
    }
    return ML_EXIT_DONE;
}

static int check_period(struct audit *audit)
{
    const struct ml_options *options = &audit->options;
    struct ml_error error = {0};
    if (options->has_since && options->has_until && options->since_ns >= options->until_ns) {
        ml_complain("--until is not after --since: nothing would be left");
        return ML_EXIT_USAGE;
    }
    if (options->filter != NULL && ml_filter_compile(options->filter, &audit->filter, &error) != ML_OK) {
        ml_complain("--filter: %s", error.text);
        return error.status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_USAGE;
    }
    return ML_EXIT_DONE;
}

static int read_case(struct audit *audit)
{
    struct ml_error error = {0};
    if (audit->options.case_path == NULL) {
        return ML_EXIT_DONE;
    }
    enum ml_status status = ml_case_file_read(audit->options.case_path, &audit->case_file, &error);
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

static int read_baseline(struct audit *audit)
{
    struct ml_error error = {0};
    if (audit->options.baseline == NULL) {
        return ML_EXIT_DONE;
    }
    enum ml_status status = ml_report_read(audit->options.baseline, &audit->baseline, &error);
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

static int collect_inputs(struct audit *audit)
{
    if (audit->options.n_arguments == 0) {
        ml_complain("audit: no capture given; see 'mitleser help audit'");
        return ML_EXIT_USAGE;
    }
    for (int i = 0; i < audit->options.n_arguments; i++) {
        size_t before = audit->inputs.n;
        if (!ml_inputs_add(&audit->inputs, audit->options.arguments[i])) {
            return ML_EXIT_INPUT;
        }
        if (audit->options.bundle == NULL && ml_bundle_is(audit->options.arguments[i])) {
            audit->options.bundle = audit->options.arguments[i];
        }
        if (audit->inputs.n == before) {
            ml_complain("%s: the folder holds no files", audit->options.arguments[i]);
            return ML_EXIT_INPUT;
        }
    }
    return ML_EXIT_DONE;
}

static int start_engine(struct audit *audit)
{
    struct ml_error error = {0};
    const struct ml_engine_config config = {
        .rules = audit->resources.rules,
        .apps = audit->resources.apps,
        .intel = audit->resources.intel,
        .taxonomy = audit->resources.taxonomy,
        .n_threads = audit->options.n_threads,
        .patterns = audit->resources.patterns,
        .sockets = &audit->resources.sockets,
        .with_ndpi = audit->options.with_ndpi,
        .declared_app = audit->options.app,
        .declared = ml_case_file_get(audit->case_file),
        .device = audit->options.device,
        .filter = audit->filter,
        .has_since = audit->options.has_since,
        .has_until = audit->options.has_until,
        .since_ns = audit->options.since_ns,
        .until_ns = audit->options.until_ns,
        .is_series = audit->options.is_series,
        .progress = show_progress,
        .progress_context = &audit->progress,
        .is_cancelled = is_cancelled,
    };
    audit->engine = ml_engine_new(&config, &error);
    if (audit->engine == NULL) {
        ml_complain_error(&error);
        return ML_EXIT_INTERNAL;
    }
    return ML_EXIT_DONE;
}

static int read_inputs(struct audit *audit)
{
    size_t n_strange = 0;
    for (size_t i = 0; i < audit->inputs.n && stop_signal == 0; i++) {
        struct ml_error error = {0};
        ml_progress_file(&audit->progress, i);
        enum ml_status status = ml_engine_read(audit->engine, audit->inputs.paths[i], &error);
        ml_progress_clear(&audit->progress);
        if (status == ML_NO_MEMORY) {
            ml_complain_error(&error);
            return ML_EXIT_INTERNAL;
        }
        if (status == ML_BAD_INPUT && audit->inputs.from_folder[i]) {
            n_strange++; /* folders hold notes and key logs too */
        } else if (status != ML_OK) {
            ml_complain_error(&error);
            audit->has_unreadable = true;
        } else {
            audit->n_read++;
        }
    }
    if (audit->n_read == 0 && stop_signal == 0) {
        if (n_strange != 0) {
            ml_complain("%s: no captures among %zu files", audit->options.arguments[0], n_strange);
        }
        return ML_EXIT_INPUT;
    }
    if (audit->options.is_series && !audit->options.is_quiet && !ml_engine_is_in_order(audit->engine)) {
        ml_complain("--series: the captures are not in the order of time; give them in the order they were taken");
    }
    if (n_strange != 0 && !audit->options.is_quiet) {
        ml_complain("%zu files are no captures and were passed over", n_strange);
    }
    return ML_EXIT_DONE;
}

static unsigned terminal_width(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 100;
}

/* What goes to stdout besides rows. */
static int print(const struct audit *audit, struct ml_span json)
{
    const struct ml_options *options = &audit->options;
    bool is_json = options->format == ML_FORMAT_JSON || (options->out != NULL && strcmp(options->out, "-") == 0);
    if (is_json) {
        return fwrite(json.ptr, 1, json.len, stdout) == json.len ? ML_EXIT_DONE : ML_EXIT_INTERNAL;
    }
    if (options->is_quiet || options->format == ML_FORMAT_NDJSON) {
        return ML_EXIT_DONE;
    }
    bool has_colour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
    const struct ml_text_style style = {
        .has_colour = has_colour, .width = terminal_width(), .locale = audit->resources.locale};
    struct ml_buf text;
    ml_buf_init(&text, 16 * 1024 * 1024);
    enum ml_status status = ml_report_text(&audit->report, &style, &text);
    if (status == ML_OK) {
        (void)fwrite(text.bytes, 1, text.len, stdout); /* a failure is seen when stdout is flushed */
    }
    ml_buf_fini(&text);
    return ml_exit_of(status);
}

static bool reaches(const struct audit *audit)
{
    const struct ml_findings *findings = &audit->report.findings;
    for (size_t i = 0; audit->options.has_fail_on && i < findings->n; i++) {
        bool is_known = audit->report.baseline != NULL && !ml_is_new_finding(&audit->report, i);
        if (!is_known &&
            ml_rules_get(audit->resources.rules, findings->items[i]->rule)->level >= audit->options.fail_on) {
            return true;
        }
    }
    return false;
}

static int write_report(struct audit *audit)
{
    struct ml_error error = {0};
    struct ml_buf json;
    const struct ml_documents *documents = &audit->documents;
    const struct ml_row_sink rows = {.context = &audit->documents,
                                     .wants_flows = documents->folder != NULL || documents->rows_to_stdout,
                                     .wants_endpoints = documents->folder != NULL,
                                     .rows = ml_documents_rows};
    enum ml_status status = ml_engine_finish(audit->engine, &rows, &audit->report, &error);
    if (status != ML_OK) {
        ml_complain_error(audit->documents.error.status != ML_OK ? &audit->documents.error : &error);
        return ML_EXIT_INTERNAL;
    }
    ml_noted_fill(&audit->noted, &audit->options);
    audit->report.options = audit->noted.list;
    if (audit->options.baseline != NULL && ml_baseline_mark(&audit->report, &audit->baseline, &error) != ML_OK) {
        ml_complain_error(&error);
        return ml_exit_of(error.status);
    }
    audit->run.finished_ns = now_ns();
    ml_buf_init(&json, (size_t)1 << 31);
    int code = ml_exit_of(ml_report_json(&audit->report, &audit->run, &json));
    if (code != ML_EXIT_DONE) {
        ml_complain("out of memory while writing the report");
    } else if (!ml_documents_commit(&audit->documents, ml_buf_span(&json))) {
        code = ML_EXIT_INTERNAL;
    } else {
        code = print(audit, ml_buf_span(&json));
    }
    ml_buf_fini(&json);
    return code;
}

static int run_audit(struct audit *audit)
{
    const char *out = audit->options.out;
    bool is_folder = out != NULL && strcmp(out, "-") != 0;
    int code = collect_inputs(audit);
    code = code == ML_EXIT_DONE ? read_case(audit) : code;
    code = code == ML_EXIT_DONE ? read_baseline(audit) : code;
    code = code == ML_EXIT_DONE ? ml_resources_load(&audit->resources, &audit->options) : code;
    code = code == ML_EXIT_DONE ? ml_resources_load_locale(&audit->resources, &audit->options) : code;
    code = code == ML_EXIT_DONE ? check_app(audit) : code;
    code = code == ML_EXIT_DONE ? check_period(audit) : code;
    code = code == ML_EXIT_DONE ? start_engine(audit) : code;
    code = code == ML_EXIT_DONE ? ml_inputs_key_logs(audit->engine, &audit->options) : code;
    if (code != ML_EXIT_DONE) {
        return code;
    }
    ml_progress_init(&audit->progress, !audit->options.is_quiet && !audit->options.no_progress, audit->inputs.n);
    code = read_inputs(audit);
    if (code != ML_EXIT_DONE || stop_signal != 0) {
        return code;
    }
    bool rows_to_stdout = audit->options.format == ML_FORMAT_NDJSON;
    if (!ml_documents_open(&audit->documents, is_folder ? out : NULL, rows_to_stdout && !is_folder)) {
        return ML_EXIT_INTERNAL;
    }
    code = write_report(audit);
    if (code == ML_EXIT_DONE && audit->has_unreadable) {
        code = ML_EXIT_INPUT;
    }
    return code == ML_EXIT_DONE && reaches(audit) ? ML_EXIT_FINDINGS : code;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* a second one ends at once */
    (void)sigaction(SIGINT, &action, NULL); /* cannot fail for these signals */
    (void)sigaction(SIGTERM, &action, NULL);
}

static int run(int argc, char **argv)
{
    struct audit *audit = ml_mem_array(1, sizeof *audit);
    if (audit == NULL) {
        ml_complain("out of memory");
        return ML_EXIT_INTERNAL;
    }
    int code = ML_EXIT_USAGE;
    ml_report_init(&audit->report);
    note_run(audit, argc, argv);
    catch_signals();
    if (ml_options_parse(&audit->options, letters, argc, argv)) {
        if (audit->options.wants_help) {
            ml_command_audit.help();
            code = ML_EXIT_DONE;
        } else {
            code = run_audit(audit);
        }
    }
    ml_documents_fini(&audit->documents);
    ml_report_fini(&audit->report);
    ml_engine_free(audit->engine);
    ml_filter_free(audit->filter);
    ml_resources_free(&audit->resources);
    ml_inputs_fini(&audit->inputs);
    ml_report_file_fini(&audit->baseline);
    ml_case_file_free(audit->case_file);
    ml_mem_free(audit);
    if (stop_signal != 0) {
        ml_complain("interrupted; nothing was written");
        (void)signal(stop_signal, SIG_DFL);
        (void)raise(stop_signal); /* the shell sees what ended us */
    }
    return code;
}

static void help(void)
{
    (void)printf(
        "CAPTURE is a pcap or pcapng file (also .gz .zst .xz .bz2), a folder of them, or - for standard input.\n"
        "Without -o a summary is printed and nothing is written.\n\n");
    ml_options_help(letters);
    (void)printf(
        "\nExit codes: 0 done, 1 findings at or above --fail-on, 2 wrong usage or broken rules, 3 a capture could\n"
        "not be read at all, 4 internal error or out of resources.\n");
}

const struct ml_command ml_command_audit = {
    .name = "audit",
    .arguments = "CAPTURE... [-o DIR] [options]",
    .summary = "read captures, tell who reads along, write a report",
    .run = run,
    .help = help,
};
