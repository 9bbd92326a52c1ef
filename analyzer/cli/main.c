/* SPDX-License-Identifier: Apache-2.0 */
/* main - the table of subcommands; usage and help come from it. */
#include "cli/command.h"
#include "cli/exit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct ml_command *const commands[] = {
    &ml_command_audit, &ml_command_compare, &ml_command_render, &ml_command_verify, &ml_command_rules, &ml_command_data,
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

void ml_complain(const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    (void)fprintf(stderr, "mitleser: %s\n", line);
}

void ml_complain_error(const struct ml_error *error)
{
    char line[1024];
    ml_error_format(error, line, sizeof line);
    ml_complain("%s", line[0] != '\0' ? line : ml_status_name(error->status));
}

int ml_exit_of(enum ml_status status)
{
    switch (status) {
    case ML_OK:
    case ML_END:
        return ML_EXIT_DONE;
    case ML_NOT_FOUND:
    case ML_BAD_INPUT:
    case ML_UNSUPPORTED:
    case ML_IO:
        return ML_EXIT_USAGE;
    case ML_NO_MEMORY:
    case ML_LIMIT:
    case ML_N_STATUS:
        break;
    }
    return ML_EXIT_INTERNAL;
}

static const struct ml_command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static void usage(FILE *out)
{
    (void)fprintf(out, "mitleser - who can read along when an app talks, what they learn, and under whose law\n\n"
                       "usage: mitleser COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        (void)fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fprintf(out, "  %-8s %s\n\n'mitleser help COMMAND' tells more of one command.\n", "help", "show this help");
}

static int help(int argc, char **argv)
{
    if (argc < 2) {
        usage(stdout);
        return ML_EXIT_DONE;
    }
    const struct ml_command *command = find(argv[1]);
    if (command == NULL) {
        ml_complain("unknown command '%s'; see 'mitleser help'", argv[1]);
        return ML_EXIT_USAGE;
    }
    (void)printf("usage: mitleser %s %s\n\n%s\n", command->name, command->arguments, command->summary);
    if (command->help != NULL) {
        (void)printf("\n");
        command->help();
    }
    return ML_EXIT_DONE;
}

/* What was written to stdout must have arrived: a full disk is not success. */
static int flushed(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        ml_complain("stdout cannot be written");
        return code == ML_EXIT_DONE || code == ML_EXIT_FINDINGS ? ML_EXIT_INTERNAL : code;
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return ML_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        return flushed(help(argc - 1, argv + 1));
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        (void)printf("mitleser %s\n", MITLESER_VERSION);
        return flushed(ML_EXIT_DONE);
    }
    const struct ml_command *command = find(name);
    if (command == NULL) {
        ml_complain("unknown command '%s'; see 'mitleser help'", name);
        return ML_EXIT_USAGE;
    }
    return flushed(command->run(argc - 1, argv + 1));
}
