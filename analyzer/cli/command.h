/* SPDX-License-Identifier: Apache-2.0 */
/* command - one subcommand: a file of its own below cli/, and a line in the table of main.c. */
#ifndef MITLESER_CLI_COMMAND_H
#define MITLESER_CLI_COMMAND_H

#include "core/status.h"

struct ml_command {
    const char *name;
    const char *arguments; /* "CAPTURE... [-o DIR] [options]" */
    const char *summary;   /* one line */
    /* argv[0] is the command's name. Returns an exit code. */
    int (*run)(int argc, char **argv);
    /* Writes the options to stdout; NULL when it has none. */
    void (*help)(void);
};

extern const struct ml_command ml_command_audit;
extern const struct ml_command ml_command_compare;
extern const struct ml_command ml_command_render;
extern const struct ml_command ml_command_verify;
extern const struct ml_command ml_command_rules;
extern const struct ml_command ml_command_data;

/* "mitleser: " and the text on stderr, one line. */
void ml_complain(const char *format, ...) ML_PRINTF(1, 2);

/* The same for an error with its position. */
void ml_complain_error(const struct ml_error *error);

/* Exit code for a failed status of configuration or rules (not of a capture). */
int ml_exit_of(enum ml_status status);

#endif
