/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/recompute.h"

#include "capture/filter.h"
#include "cli/case.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/inputs.h"
#include "cli/noted.h"
#include "cli/resources.h"
#include "core/limits.h"
#include "engine/engine.h"
#include "report/baseline.h"
#include "report/write.h"

struct rows {
    struct ml_digest *flows, *endpoints; /* owned */
};

static bool take_rows(void *context, enum ml_category category, struct ml_span lines)
{
    struct rows *rows = context;
    return ml_digest_feed(category == ML_CAT_FLOW ? rows->flows : rows->endpoints, lines);
}

static int read_captures(struct ml_engine *engine, const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ml_error error = {0};
        enum ml_status status = ml_engine_read(engine, paths[i], &error);
        if (status != ML_OK) {
            ml_complain_error(&error);
            return status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
        }
    }
    return ML_EXIT_DONE;
}

/* As `audit --baseline` does, with the report given to `verify`. */
static enum ml_status mark_baseline(struct ml_report *report, const char *path, struct ml_error *error)
{
    struct ml_report_file earlier;
    if (path == NULL) {
        return ML_OK;
    }
    enum ml_status status = ml_report_read(path, &earlier, error);
    if (status == ML_OK) {
        status = ml_baseline_mark(report, &earlier, error);
        ml_report_file_fini(&earlier);
    }
    return status;
}

static int make_body(struct ml_engine *engine, struct rows *rows, const struct ml_options *options,
                     const char *const *names, struct ml_recomputed *out)
{
    struct ml_error error = {0};
    struct ml_noted noted;
    struct ml_report report;
    const struct ml_row_sink sink = {.context = rows, .wants_flows = true, .wants_endpoints = true, .rows = take_rows};
    ml_report_init(&report);
    enum ml_status status = ml_engine_finish(engine, &sink, &report, &error);
    if (status == ML_OK) {
        for (size_t i = 0; i < report.n_inputs; i++) {
            report.inputs[i].summary.file = names[i];
        }
        ml_noted_fill(&noted, options);
        report.options = noted.list;
        status = mark_baseline(&report, options->baseline, &error);
        status = status == ML_OK ? ml_report_body(&report, &out->body) : status;
    }
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    ml_report_fini(&report);
    bool is_input = status == ML_IO || status == ML_BAD_INPUT;
    return status == ML_OK ? ML_EXIT_DONE : is_input ? ML_EXIT_INPUT : ML_EXIT_INTERNAL;
}

static int audit(const struct ml_resources *resources, const struct ml_options *options, const char *const *paths,
                 const char *const *names, size_t n, const struct ml_case *declared, struct ml_filter *filter,
                 struct ml_recomputed *out)
{
    struct ml_error error = {0};
    struct rows rows = {.flows = ml_digest_new(), .endpoints = ml_digest_new()};
    const struct ml_engine_config config = {
        .rules = resources->rules,
        .apps = resources->apps,
        .intel = resources->intel,
        .taxonomy = resources->taxonomy,
        .n_threads = options->n_threads,
        .patterns = resources->patterns,
        .sockets = &resources->sockets,
        .with_ndpi = options->with_ndpi,
        .declared_app = options->app,
        .declared = declared,
        .device = options->device,
        .filter = filter,
        .has_since = options->has_since,
        .has_until = options->has_until,
        .since_ns = options->since_ns,
        .until_ns = options->until_ns,
        .is_series = options->is_series,
    };
    struct ml_engine *engine = ml_engine_new(&config, &error);
    int code = ML_EXIT_INTERNAL;
    if (engine == NULL || rows.flows == NULL || rows.endpoints == NULL) {
        ml_complain("out of memory");
    } else {
        code = ml_inputs_key_logs(engine, options);
        code = code == ML_EXIT_DONE ? read_captures(engine, paths, n) : code;
        code = code == ML_EXIT_DONE ? make_body(engine, &rows, options, names, out) : code;
    }
    if (code == ML_EXIT_DONE &&
        !(ml_digest_hex(rows.flows, out->flows) && ml_digest_hex(rows.endpoints, out->endpoints))) {
        code = ML_EXIT_INTERNAL;
    }
    ml_engine_free(engine);
    ml_digest_free(rows.flows);
    ml_digest_free(rows.endpoints);
    return code;
}

int ml_recompute(const struct ml_options *options, const char *const *paths, const char *const *names, size_t n,
                 struct ml_recomputed *out)
{
    struct ml_error error = {0};
    struct ml_resources resources = {0};
    struct ml_case_file *case_file = NULL;
    struct ml_filter *filter = NULL;
    *out = (struct ml_recomputed){0};
    ml_buf_init(&out->body, ML_MAX_REPORT_BYTES);
    if (options->case_path != NULL && ml_case_file_read(options->case_path, &case_file, &error) != ML_OK) {
        ml_complain_error(&error);
        return ml_exit_of(error.status);
    }
    if (options->filter != NULL && ml_filter_compile(options->filter, &filter, &error) != ML_OK) {
        ml_complain("filter of the report: %s", error.text);
        ml_case_file_free(case_file);
        return error.status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
    }
    int code = ml_resources_load(&resources, options);
    code = code == ML_EXIT_DONE ? audit(&resources, options, paths, names, n, ml_case_file_get(case_file), filter, out)
                                : code;
    ml_case_file_free(case_file);
    ml_filter_free(filter);
    ml_resources_free(&resources);
    return code;
}

void ml_recomputed_fini(struct ml_recomputed *recomputed)
{
    ml_buf_fini(&recomputed->body);
}
