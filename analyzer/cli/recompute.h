/* SPDX-License-Identifier: Apache-2.0 */
/* recompute - the audit once more, for `verify`: body and row files as they should be, nothing written. */
#ifndef MITLESER_CLI_RECOMPUTE_H
#define MITLESER_CLI_RECOMPUTE_H

#include "cli/options.h"
#include "core/buf.h"
#include "core/digest.h"

struct ml_recomputed {
    struct ml_buf body;        /* canonical */
    char flows[ML_SHA256_HEX]; /* of flows.ndjson */
    char endpoints[ML_SHA256_HEX];
};

/*
 * Audits `n` captures in this order with result-changing options as in `options`. Names stand for the captures in the
 * body: a file may have been renamed since. Complains and returns an exit code other than ML_EXIT_DONE when it cannot.
 * *out is to be ended by ml_recomputed_fini in any case.
 */
int ml_recompute(const struct ml_options *options, const char *const *paths, const char *const *names, size_t n,
                 struct ml_recomputed *out) ML_MUST_USE;
void ml_recomputed_fini(struct ml_recomputed *recomputed);

#endif
