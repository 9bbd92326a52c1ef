/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40 };

void ml_progress_init(struct ml_progress *progress, bool is_wanted, size_t n_files)
{
    *progress = (struct ml_progress){
        .is_shown = is_wanted && isatty(STDERR_FILENO) == 1, .last_percent = -1, .n_files = n_files};
}

void ml_progress_file(struct ml_progress *progress, size_t file)
{
    progress->file = file;
    progress->last_percent = -1;
}

void ml_progress_update(struct ml_progress *progress, uint64_t done, uint64_t total)
{
    static const char full[WIDTH + 1] = "########################################";
    if (!progress->is_shown || total == 0) {
        return;
    }
    int percent = done >= total ? 100 : (int)(done * 100 / total);
    if (percent == progress->last_percent) {
        return;
    }
    progress->last_percent = percent;
    (void)fprintf(stderr, "\rreading %zu of %zu [%-*.*s] %3d %%", progress->file + 1, progress->n_files, WIDTH,
                  percent * WIDTH / 100, full, percent);
}

void ml_progress_clear(struct ml_progress *progress)
{
    if (progress->is_shown && progress->last_percent >= 0) {
        (void)fprintf(stderr, "\r\033[K");
        progress->last_percent = -1;
    }
}
