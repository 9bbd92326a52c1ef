/* SPDX-License-Identifier: Apache-2.0 */
/* compare - what changed between two groups of runs. */
#include "report/compare.h"

#include "cli/command.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char letters[] = "mq";

/* Stand among the arguments where a group begins; told from file names by their addresses. */
static char begin_a[] = "=a"; /* no dash: getopt takes them for file names and keeps their places */
static char begin_b[] = "=b";

struct groups {
    char **paths; /* owned array, the first group's first; texts borrowed from argv */
    unsigned n[2];
};

/* "--a R... --b R...", or two reports alone. */
static bool take_groups(const struct ml_options *options, struct groups *groups)
{
    int group = -1;
    unsigned n = 0;
    bool is_named = false;
    for (int i = 0; i < options->n_arguments; i++) {
        is_named = is_named || options->arguments[i] == begin_a || options->arguments[i] == begin_b;
    }
    for (int wanted = 0; wanted < 2; wanted++) {
        group = -1;
        for (int i = 0; i < options->n_arguments; i++) {
            char *argument = options->arguments[i];
            if (argument == begin_a || argument == begin_b) {
                group = argument == begin_a ? 0 : 1;
            } else if (is_named ? group == wanted : i == wanted) {
                groups->paths[n++] = argument;
                groups->n[wanted]++;
            }
        }
    }
    return (is_named ? options->arguments[0] == begin_a || options->arguments[0] == begin_b
                     : options->n_arguments == 2) &&
           groups->n[0] != 0 && groups->n[1] != 0;
}

static int add_runs(struct ml_compare *compare, const struct groups *groups)
{
    for (unsigned i = 0; i < groups->n[0] + groups->n[1]; i++) {
        struct ml_error error = {0};
        struct ml_report_file report;
        enum ml_status status = ml_report_read(groups->paths[i], &report, &error);
        if (status != ML_OK) {
            ml_complain_error(&error);
            return status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
        }
        status = ml_compare_add(compare, &report);
        ml_report_file_fini(&report);
        if (status != ML_OK) {
            ml_complain("%s: %s", groups->paths[i], ml_status_name(status));
            return status == ML_BAD_INPUT ? ML_EXIT_INPUT : ML_EXIT_INTERNAL;
        }
    }
    return ML_EXIT_DONE;
}

static int print(const struct ml_compare *compare, const struct ml_options *options)
{
    struct ml_buf out;
    bool has_colour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
    ml_buf_init(&out, ML_MAX_REPORT_BYTES);
    enum ml_status status = options->format == ML_FORMAT_JSON ? ml_compare_json(compare, &out)
                            : options->is_quiet               ? ML_OK
                                                              : ml_compare_text(compare, has_colour, &out);
    if (status == ML_OK) {
        (void)fwrite(out.bytes, 1, out.len, stdout); /* a failure is seen when stdout is flushed */
    }
    ml_buf_fini(&out);
    return ml_exit_of(status);
}

static int compare_groups(const struct ml_options *options)
{
    struct groups groups = {.paths = ml_mem_array((size_t)options->n_arguments + 1, sizeof *groups.paths)};
    struct ml_compare compare;
    if (groups.paths == NULL) {
        ml_complain("out of memory");
        return ML_EXIT_INTERNAL;
    }
    if (options->n_arguments == 0 || !take_groups(options, &groups)) {
        ml_complain("compare: wants two reports, or '--a REPORT... --b REPORT...'; see 'mitleser help compare'");
        ml_mem_free(groups.paths);
        return ML_EXIT_USAGE;
    }
    enum ml_status status = ml_compare_init(&compare, groups.n[0], groups.n[1]);
    int code = ml_exit_of(status);
    if (status == ML_LIMIT) {
        ml_complain("compare: more than %d reports in a group", ML_MAX_COMPARE_RUNS);
        code = ML_EXIT_USAGE;
    }
    code = code == ML_EXIT_DONE ? add_runs(&compare, &groups) : code;
    code = code == ML_EXIT_DONE ? ml_exit_of(ml_compare_finish(&compare)) : code;
    code = code == ML_EXIT_DONE ? print(&compare, options) : code;
    ml_compare_fini(&compare);
    ml_mem_free(groups.paths);
    return code;
}

static int run(int argc, char **argv)
{
    struct ml_options options;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        argv[i] = strcmp(argv[i], "--a") == 0 ? begin_a : strcmp(argv[i], "--b") == 0 ? begin_b : argv[i];
    }
    if (!ml_options_parse(&options, letters, argc, argv)) {
        return ML_EXIT_USAGE;
    }
    if (options.wants_help) {
        ml_command_compare.help();
        return ML_EXIT_DONE;
    }
    if (options.format == ML_FORMAT_NDJSON) {
        ml_complain("compare: --format is text or json");
        return ML_EXIT_USAGE;
    }
    return compare_groups(&options);
}

static void help(void)
{
    (void)printf("A run is one report.json, or the folder that holds it. Recipients, names, countries, operators, "
                 "classes, apps,\n"
                 "services, findings and trackers that are new, gone or in both are told with the runs that show them; "
                 "shares of\n"
                 "bytes with their range. \"differs\" is said only after an exact permutation test over runs "
                 "(Benjamini-Hochberg\n"
                 "q <= 0.05 over all tests), and only beyond what group A differs by within itself. It needs 5 runs a "
                 "group.\n\n");
    ml_options_help(letters);
    (void)printf(
        "\nExit codes: 0 compared, whatever was found, 2 wrong usage, 3 a report cannot be read, 4 internal error\n"
        "or out of resources.\n");
}

const struct ml_command ml_command_compare = {
    .name = "compare",
    .arguments = "A B | --a REPORT... --b REPORT... [options]",
    .summary = "tell what changed between two groups of runs",
    .run = run,
    .help = help,
};
