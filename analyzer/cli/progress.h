/* SPDX-License-Identifier: Apache-2.0 */
/* progress - one line on a terminal that tells how far the reading is; nothing anywhere else. */
#ifndef MITLESER_CLI_PROGRESS_H
#define MITLESER_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ml_progress {
    bool is_shown;
    int last_percent; /* what stands there */
    size_t file, n_files;
};

/* Shown only when stderr is a terminal and `is_wanted`. */
void ml_progress_init(struct ml_progress *progress, bool is_wanted, size_t n_files);
void ml_progress_file(struct ml_progress *progress, size_t file);
void ml_progress_update(struct ml_progress *progress, uint64_t done, uint64_t total);
void ml_progress_clear(struct ml_progress *progress);

#endif
