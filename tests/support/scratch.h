/* SPDX-License-Identifier: Apache-2.0 */
/* scratch - a folder of its own for a test, removed with everything in it. */
#ifndef MITLESER_TESTS_SCRATCH_H
#define MITLESER_TESTS_SCRATCH_H

#include "core/span.h"

struct scratch {
    char folder[64];
};

void scratch_init(struct scratch *scratch);
void scratch_fini(struct scratch *scratch);

/* Full path of `name` below the folder; borrowed, one of a few static texts that are used in turn. */
const char *scratch_path(const struct scratch *scratch, const char *name);

/* Writes a file, making the folders of its name ("a/b/c.txt"). */
void scratch_write(const struct scratch *scratch, const char *name, struct ml_span bytes);
void scratch_text(const struct scratch *scratch, const char *name, const char *text);

#endif
