/* SPDX-License-Identifier: Apache-2.0 */
/* locdb - writes tiny IPFire location databases with libloc's own writer. */
#ifndef MITLESER_TESTS_LOCDB_H
#define MITLESER_TESTS_LOCDB_H

#include <stddef.h>

struct locdb_row {
    const char *prefix;
    unsigned flags; /* ML_FLAG_... of intel/lookups.h */
};

void locdb_write(const char *path, const struct locdb_row *rows, size_t n);

#endif
