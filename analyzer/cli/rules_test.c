/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules_test.h"

#include "cli/case.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/resources.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/path.h"
#include "engine/engine.h"

#include <stdio.h>

/* What the sample captures hold, below the shared files. */
#define PLANTED "captures/identities.yaml"
#define DECLARED "captures/case.yaml"

enum { MAX_CAPTURES = 65536 };

struct bench {
    struct ml_resources resources;
    struct ml_case_file *declared;
    struct ml_map captures; /* names, in the order of the rules that name them first */
    bool *fired;            /* owned: [capture][rule] */
    size_t n_rules;
    size_t n_checks, n_failed, n_without_fires, n_without_silent;
};

static bool *fired_of(struct bench *bench, uint32_t capture)
{
    return bench->fired + (size_t)capture * bench->n_rules;
}

static bool add_captures(struct bench *bench, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (ml_map_add(&bench->captures, ml_span_text(*names), (uint32_t)bench->captures.n, NULL) == NULL) {
            return false;
        }
    }
    return true;
}

static bool collect(struct bench *bench)
{
    for (size_t i = 0; i < bench->n_rules; i++) {
        const struct ml_rule *rule = ml_rules_get(bench->resources.rules, i);
        if (!add_captures(bench, rule->fires) || !add_captures(bench, rule->silent)) {
            return false;
        }
    }
    bench->fired = ml_mem_array(bench->captures.n * bench->n_rules + 1, sizeof *bench->fired);
    return bench->fired != NULL;
}

/* The path of a capture, given to the caller; NULL: out of memory. */
static char *path_of(const struct bench *bench, struct ml_span name)
{
    struct ml_buf path;
    ml_buf_init(&path, 65536);
    if (name.ptr[0] != '/') {
        (void)ml_buf_printf(&path, "%s/captures/", bench->resources.share);
    }
    (void)ml_buf_add(&path, name.ptr, name.len); /* a failure shows in the taken text */
    char *text = ml_buf_take_text(&path);
    ml_buf_fini(&path);
    return text;
}

static enum ml_status audit(struct ml_engine *engine, const char *path, bool *fired, struct ml_error *error)
{
    struct ml_report report;
    ml_report_init(&report);
    enum ml_status status = ml_engine_read(engine, path, error);
    if (status == ML_OK) {
        status = ml_engine_finish(engine, NULL, &report, error);
    }
    for (size_t i = 0; status == ML_OK && i < report.findings.n; i++) {
        fired[report.findings.items[i]->rule] = true;
    }
    ml_report_fini(&report);
    return status;
}

static int run_capture(struct bench *bench, uint32_t index)
{
    const struct ml_engine_config config = {
        .rules = bench->resources.rules,
        .apps = bench->resources.apps,
        .intel = bench->resources.intel,
        .taxonomy = bench->resources.taxonomy,
        .patterns = bench->resources.patterns,
        .declared = ml_case_file_get(bench->declared),
        .n_threads = 1,
        .shows_silent = true,
    };
    struct ml_error error = {0};
    char *path = path_of(bench, ml_map_key(bench->captures.entries[index]));
    struct ml_engine *engine = path != NULL ? ml_engine_new(&config, &error) : NULL;
    enum ml_status status = engine != NULL ? audit(engine, path, fired_of(bench, index), &error) : ML_NO_MEMORY;
    int code = ML_EXIT_DONE;
    if (status != ML_OK) {
        ml_complain_error(&error);
        code = status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
    }
    ml_engine_free(engine);
    ml_mem_free(path);
    return code;
}

static void check(struct bench *bench, size_t rule, const char *const *names, bool must_fire)
{
    for (; *names != NULL; names++) {
        const struct ml_map_entry *entry = ml_map_find(&bench->captures, ml_span_text(*names));
        bench->n_checks++;
        if (fired_of(bench, entry->value)[rule] != must_fire) {
            bench->n_failed++;
            (void)printf("%s: %s on %s\n", ml_rules_get(bench->resources.rules, rule)->name,
                         must_fire ? "does not fire" : "must not fire, but does", *names);
        }
    }
}

static void check_rule(struct bench *bench, size_t index)
{
    const struct ml_rule *rule = ml_rules_get(bench->resources.rules, index);
    check(bench, index, rule->fires, true);
    check(bench, index, rule->silent, false);
    if (rule->fires[0] == NULL) {
        bench->n_without_fires++;
        (void)printf("%s: names no capture that fires it\n", rule->name);
    }
    if (rule->silent[0] == NULL) {
        bench->n_without_silent++;
        (void)printf("%s: names no capture that must not fire it\n", rule->name);
    }
}

static int run(struct bench *bench)
{
    bench->n_rules = ml_rules_count(bench->resources.rules);
    ml_map_init(&bench->captures, MAX_CAPTURES);
    if (!collect(bench)) {
        ml_complain("out of memory");
        return ML_EXIT_INTERNAL;
    }
    for (uint32_t i = 0; i < bench->captures.n; i++) {
        int code = run_capture(bench, i);
        if (code != ML_EXIT_DONE) {
            return code;
        }
    }
    for (size_t i = 0; i < bench->n_rules; i++) {
        check_rule(bench, i);
    }
    (void)printf("%zu rules, %zu captures, %zu checks, %zu failed; %zu rules without a capture that fires them, %zu "
                 "without one that must not\n",
                 bench->n_rules, bench->captures.n, bench->n_checks, bench->n_failed, bench->n_without_fires,
                 bench->n_without_silent);
    return bench->n_failed != 0 ? ML_EXIT_FINDINGS : ML_EXIT_DONE;
}

/* What is declared of the sample captures. */
static int read_declared(struct bench *bench)
{
    struct ml_error error = {0};
    char *path = ml_path_join(bench->resources.share, DECLARED);
    enum ml_status status = path != NULL ? ml_case_file_read(path, &bench->declared, &error) : ML_NO_MEMORY;
    ml_mem_free(path);
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

int ml_rules_test(const struct ml_options *options)
{
    struct bench bench = {0};
    struct ml_options own = *options;
    bench.resources.share = ml_resources_share();
    char *data = bench.resources.share != NULL ? ml_path_join(bench.resources.share, "captures/data") : NULL;
    int code = data != NULL ? ML_EXIT_DONE : ML_EXIT_USAGE;
    char *planted = bench.resources.share != NULL ? ml_path_join(bench.resources.share, PLANTED) : NULL;
    code = planted != NULL ? code : ML_EXIT_USAGE;
    own.data = own.data != NULL ? own.data : data;
    own.identities = planted;
    code = code == ML_EXIT_DONE ? ml_resources_load(&bench.resources, &own) : code;
    code = code == ML_EXIT_DONE ? read_declared(&bench) : code;
    code = code == ML_EXIT_DONE ? run(&bench) : code;
    ml_case_file_free(bench.declared);
    ml_map_fini(&bench.captures);
    ml_mem_free(bench.fired);
    ml_resources_free(&bench.resources);
    ml_mem_free(data);
    ml_mem_free(planted);
    return code;
}
