/* SPDX-License-Identifier: Apache-2.0 */
/* folder - all files of a folder with a certain ending, in an order that is the same everywhere. */
#ifndef MITLESER_POLICY_FOLDER_H
#define MITLESER_POLICY_FOLDER_H

#include "core/span.h"
#include "core/status.h"

struct ml_paths {
    char **items; /* owned, each of them too */
    size_t n, n_room;
};

void ml_paths_fini(struct ml_paths *paths);

/*
 * Adds every regular file below `folder` whose name ends in `ending` and does not begin with a dot, in byte order of
 * the paths. Folders reached by symbolic links are not entered. ML_IO, ML_LIMIT, ML_NO_MEMORY.
 */
enum ml_status ml_folder_list(const char *folder, const char *ending, struct ml_paths *paths,
                              struct ml_error *error) ML_MUST_USE;

bool ml_is_folder(const char *path);

#endif
