/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapped - a whole file as bytes, mapped read-only.
 *
 * Lifetime: the span lives until ml_mapped_close. Whoever replaces such a file renames a new one over it, so that
 *           the mapped one stays whole.
 */
#ifndef MITLESER_INTEL_MAPPED_H
#define MITLESER_INTEL_MAPPED_H

#include "core/span.h"
#include "core/status.h"

struct ml_mapped {
    struct ml_span bytes; /* empty for an empty file */
};

enum ml_status ml_mapped_open(const char *path, struct ml_mapped *out, struct ml_error *error) ML_MUST_USE;
void ml_mapped_close(struct ml_mapped *mapped);

#endif
