/* SPDX-License-Identifier: Apache-2.0 */
/* checks - how `verify` tells what it checked: one line a check on stdout. */
#ifndef MITLESER_CLI_CHECKS_H
#define MITLESER_CLI_CHECKS_H

#include "core/status.h"

#include <jansson.h>
#include <stdbool.h>

struct ml_checks {
    bool is_quiet; /* only what failed is told */
    bool has_failed;
};

/* Bytes from reports and manifests are made safe for a terminal. */
void ml_checks_fine(const struct ml_checks *checks, const char *format, ...) ML_PRINTF(2, 3);
void ml_checks_skipped(const struct ml_checks *checks, const char *format, ...) ML_PRINTF(2, 3);
void ml_checks_failed(struct ml_checks *checks, const char *format, ...) ML_PRINTF(2, 3);

/* The manifest of the folder: every line, and that it names the documents that are there. */
void ml_checks_manifest(struct ml_checks *checks, const char *folder);

/* Fails with the JSON pointers (RFC 6901) at which two trees differ, the first of them. */
void ml_checks_differences(struct ml_checks *checks, const json_t *told, const json_t *recomputed);

#endif
