/* SPDX-License-Identifier: Apache-2.0 */
/* path - paths of files put together and taken apart. */
#ifndef MITLESER_CORE_PATH_H
#define MITLESER_CORE_PATH_H

#include "core/status.h"

/* "folder/name", with one slash between however many end the folder. Gives it; NULL when memory runs out. */
char *ml_path_join(const char *folder, const char *name) ML_MUST_USE;

/* What stands behind the last slash, all of it without one; borrowed. */
const char *ml_path_base(const char *path);

#endif
