/* SPDX-License-Identifier: Apache-2.0 */
/* exit - the exit codes that scripts may rely on. */
#ifndef MITLESER_CLI_EXIT_H
#define MITLESER_CLI_EXIT_H

enum ml_exit {
    ML_EXIT_DONE = 0,     /* done; nothing at or above --fail-on */
    ML_EXIT_FINDINGS = 1, /* findings at or above --fail-on */
    ML_EXIT_USAGE = 2,    /* wrong usage, or configuration or rules that cannot be used */
    ML_EXIT_INPUT = 3,    /* an input could not be read at all */
    ML_EXIT_INTERNAL = 4  /* internal error, out of resources, or output that cannot be written */
};

#endif
