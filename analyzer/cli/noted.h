/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noted - the options that change a result, as a report notes them (body.tool.options) and as `verify` takes them back.
 * One table for both ways, so that a report can always be made again from what it says.
 */
#ifndef MITLESER_CLI_NOTED_H
#define MITLESER_CLI_NOTED_H

#include "cli/options.h"

enum { ML_MAX_NOTED = 12, ML_NOTED_TEXT = 4096 };

struct ml_noted {
    const char *list[ML_MAX_NOTED + 1]; /* "name=value", sorted, NULL-terminated; into `texts` */
    char texts[ML_MAX_NOTED][ML_NOTED_TEXT];
};

void ml_noted_fill(struct ml_noted *noted, const struct ml_options *options);

/* Sets the option a report notes; `value` is borrowed. False: this program has no such option or value. */
bool ml_noted_apply(struct ml_options *options, const char *name, const char *value) ML_MUST_USE;

#endif
