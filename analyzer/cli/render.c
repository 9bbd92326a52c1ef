/* SPDX-License-Identifier: Apache-2.0 */
/* render - a report as a document for people: by provision to examine and question to the controller. */
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/resources.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/path.h"
#include "report/examine.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char letters[] = "Plmq";

struct render {
    struct ml_options options;
    struct ml_resources resources;
    struct ml_report_file report;
    struct ml_profile profile;
};

/* Refused here: what cannot be read, and a body that is not what its hash says. */
static int read_report(struct render *render)
{
    struct ml_error error = {0};
    enum ml_status status = ml_report_read(render->options.arguments[0], &render->report, &error);
    status = status == ML_OK ? ml_report_check(&render->report, &error) : status;
    if (status != ML_OK) {
        ml_complain_error(&error);
        return status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
    }
    return ML_EXIT_DONE;
}

static int read_profile(struct render *render)
{
    static const char *const profiles[] = {"gdpr", "swiss-ndsg"};
    const char *wanted = render->options.profile != NULL ? render->options.profile : profiles[0];
    struct ml_error error = {0};
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        if (strcmp(wanted, profiles[i]) != 0) {
            continue;
        }
        char name[64];
        (void)snprintf(name, sizeof name, "rules/profiles/%s.yaml", profiles[i]);
        char *path = ml_path_join(render->resources.share, name);
        enum ml_status status = path != NULL ? ml_profile_read(path, &render->profile, &error) : ML_NO_MEMORY;
        ml_mem_free(path);
        if (status != ML_OK) {
            ml_complain_error(&error);
        }
        return ml_exit_of(status);
    }
    ml_complain("--profile: '%s' is not one of gdpr, swiss-ndsg", wanted);
    return ML_EXIT_USAGE;
}

static unsigned page_width(void)
{
    struct winsize size = {0};
    bool is_terminal = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
    return is_terminal && size.ws_col < 120 ? size.ws_col : is_terminal ? 120 : 100;
}

static int print(const struct render *render)
{
    struct ml_examine examine;
    struct ml_buf out;
    enum ml_status status = ml_examine_init(&examine, &render->report, &render->profile, render->resources.taxonomy,
                                            render->resources.locale);
    if (status != ML_OK) {
        ml_complain("out of memory");
        return ML_EXIT_INTERNAL;
    }
    bool has_colour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
    ml_buf_init(&out, ML_MAX_REPORT_BYTES);
    status = render->options.format == ML_FORMAT_JSON ? ml_examine_json(&examine, &out)
                                                      : ml_examine_text(&examine, has_colour, page_width(), &out);
    if (status == ML_OK) {
        (void)fwrite(out.bytes, 1, out.len, stdout); /* a failure is seen when stdout is flushed */
    } else {
        ml_complain("out of memory");
    }
    ml_buf_fini(&out);
    ml_examine_fini(&examine);
    return ml_exit_of(status);
}

static int render_report(struct render *render)
{
    if (render->options.n_arguments != 1) {
        ml_complain("render: wants one report; see 'mitleser help render'");
        return ML_EXIT_USAGE;
    }
    if (render->options.format == ML_FORMAT_NDJSON) {
        ml_complain("render: --format is text or json");
        return ML_EXIT_USAGE;
    }
    int code = ml_resources_load_taxonomy(&render->resources);
    code = code == ML_EXIT_DONE ? ml_resources_load_locale(&render->resources, &render->options) : code;
    code = code == ML_EXIT_DONE ? read_profile(render) : code;
    code = code == ML_EXIT_DONE ? read_report(render) : code;
    return code == ML_EXIT_DONE ? print(render) : code;
}

static int run(int argc, char **argv)
{
    struct render render = {0};
    int code = ML_EXIT_USAGE;
    if (ml_options_parse(&render.options, letters, argc, argv)) {
        if (render.options.wants_help) {
            ml_command_render.help();
            code = ML_EXIT_DONE;
        } else {
            code = render_report(&render);
        }
    }
    ml_profile_fini(&render.profile);
    ml_report_file_fini(&render.report);
    ml_resources_free(&render.resources);
    return code;
}

static void help(void)
{
    (void)printf("REPORT is a report.json or the folder that holds it; its own hash is checked first, and a report "
                 "that does not\n"
                 "have it is refused. Findings are ordered by the provisions that a person may want to examine, and by "
                 "questions\n"
                 "to the controller, with the frames to look at and what the evidence does not show. The program makes "
                 "no legal\n"
                 "assessment.\n\n");
    ml_options_help(letters);
    (void)printf(
        "\nExit codes: 0 done, 2 wrong usage, 3 the report cannot be read or does not have its own hash, 4 internal\n"
        "error or out of resources.\n");
}

const struct ml_command ml_command_render = {
    .name = "render",
    .arguments = "REPORT [options]",
    .summary = "order a report by provisions to examine and questions to the controller",
    .run = run,
    .help = help,
};
