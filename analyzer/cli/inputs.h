/* SPDX-License-Identifier: Apache-2.0 */
/* inputs - the captures named on the command line; a folder stands for all files below it, in byte order. */
#ifndef MITLESER_CLI_INPUTS_H
#define MITLESER_CLI_INPUTS_H

#include "cli/options.h"
#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>

struct ml_inputs {
    char **paths;      /* owned */
    bool *from_folder; /* owned: found in a folder, so what is no capture may be passed over */
    size_t n, room;
};

/* Adds what `argument` stands for; complains and returns false when it does not exist or memory runs out. */
bool ml_inputs_add(struct ml_inputs *inputs, const char *argument);
/* Reads the key logs of the options; what goes wrong is complained about. An exit code. */
int ml_inputs_key_logs(struct ml_engine *engine, const struct ml_options *options);

void ml_inputs_fini(struct ml_inputs *inputs);

#endif
