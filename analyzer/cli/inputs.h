/* SPDX-License-Identifier: Apache-2.0 */
/* inputs - the captures named on the command line; a folder stands for all files below it, in byte order. */
#ifndef MITLESER_CLI_INPUTS_H
#define MITLESER_CLI_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

struct ml_inputs {
    char **paths;      /* owned */
    bool *from_folder; /* owned: found in a folder, so what is no capture may be passed over */
    size_t n, room;
};

/* Adds what `argument` stands for; complains and returns false when it does not exist or memory runs out. */
bool ml_inputs_add(struct ml_inputs *inputs, const char *argument);
void ml_inputs_fini(struct ml_inputs *inputs);

#endif
