/* SPDX-License-Identifier: Apache-2.0 */
/* file - whole files that are small enough for memory. */
#ifndef MITLESER_CORE_FILE_H
#define MITLESER_CORE_FILE_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Whole file into *out, at most `max` bytes: gives the bytes, ml_mem_free. ML_NOT_FOUND, ML_IO, ML_LIMIT, ML_NO_MEMORY;
 * *out is then NULL. The caller names the file in *error before.
 */
enum ml_status ml_file_read(const char *path, size_t max, uint8_t **out, size_t *len,
                            struct ml_error *error) ML_MUST_USE;

#endif
