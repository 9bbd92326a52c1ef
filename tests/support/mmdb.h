/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mmdb - writes tiny MaxMind DB files (format version 2.0): IPv6 tree, 24-bit records, IPv4 at ::/96.
 *
 * See: https://maxmind.github.io/MaxMind-DB/
 */
#ifndef MITLESER_TESTS_MMDB_H
#define MITLESER_TESTS_MMDB_H

#include "core/buf.h"
#include "support/scratch.h"

struct mmdb_row {
    const char *prefix;  /* prefixes must not overlap */
    const char *country; /* written as it is, also when it is no country */
};

/* Is the code at `country.iso_code` (as in GeoLite2) instead of at `country_code`? */
enum mmdb_schema { MMDB_FLAT, MMDB_NESTED, MMDB_OTHER };

/* Appends the file to `out`. */
void mmdb_build(struct ml_buf *out, enum mmdb_schema schema, const struct mmdb_row *rows, size_t n);

/* The same as a file of the folder. */
void mmdb_write(const struct scratch *scratch, const char *name, enum mmdb_schema schema, const struct mmdb_row *rows,
                size_t n);

#endif
