/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noted - the options that change a result, as `body.tool.options` names them: sorted by name, values as text.
 *
 * Two runs whose bodies are to be compared must agree in all of them; what only says where to write or how fast to
 * work is not among them.
 */
#ifndef MITLESER_CLI_NOTED_H
#define MITLESER_CLI_NOTED_H

#include "cli/options.h"
#include "core/arena.h"

/* A list ended by NULL of "name=value" texts in the arena; NULL when memory runs out. */
const char *const *ml_options_noted(const struct ml_options *options, struct ml_arena *arena) ML_MUST_USE;

#endif
