/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables - country and network (AS) by address, out of the text data sets and kept as packs.
 *
 * In:        the bytes of the source files, IPv4 before IPv6, and the key of their digests.
 * Out:       answers by address. Closed or zeroed tables know nothing and are fine to ask.
 * Lifetime:  names live until the table is closed.
 */
#ifndef MITLESER_INTEL_TABLES_H
#define MITLESER_INTEL_TABLES_H

#include "intel/lookups.h"
#include "intel/range_pack.h"

struct ml_country_table {
    struct ml_range_pack stored;
};

/* From a saved pack; false: build it. */
bool ml_country_table_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_country_table *out);

/* From n texts; `pack_path` may be NULL. ML_BAD_INPUT names the text by its index in error->column. */
enum ml_status ml_country_table_make(const struct ml_span *texts, size_t n, const char *pack_path,
                                     const uint8_t key[ML_PACK_KEY], struct ml_country_table *out,
                                     struct ml_error *error) ML_MUST_USE;
void ml_country_table_close(struct ml_country_table *table);

/* Writes the code, "" when there is none or it is no country. */
void ml_country_table_find(const struct ml_country_table *table, const struct ml_ip *ip, char country[3]);

struct ml_asn_table {
    struct ml_pack pack;
    struct ml_ranges ranges;
    const uint32_t *numbers; /* AS numbers in the order of their first row */
    const uint32_t *names;   /* offsets into pool */
    size_t n;
    struct ml_span pool; /* zero-terminated names */
};

bool ml_asn_table_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_asn_table *out);
enum ml_status ml_asn_table_make(const struct ml_span *texts, size_t n, const char *pack_path,
                                 const uint8_t key[ML_PACK_KEY], struct ml_asn_table *out,
                                 struct ml_error *error) ML_MUST_USE;
void ml_asn_table_close(struct ml_asn_table *table);

/* AS number and its name ("" unknown); 0 when no AS announces the address. */
uint32_t ml_asn_table_find(const struct ml_asn_table *table, const struct ml_ip *ip, const char **name);

/* In which blocks the flags of addresses differ: where the location database has networks smaller than that. */
struct ml_flag_blocks {
    struct ml_range_pack stored; /* 1: such a block */
    bool is_known;
};

bool ml_flag_blocks_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_flag_blocks *out);

/* Walks all networks, which takes a second. When that fails, or memory runs out, nothing is known. */
void ml_flag_blocks_make(struct ml_flags *flags, const char *pack_path, const uint8_t key[ML_PACK_KEY],
                         struct ml_flag_blocks *out);
void ml_flag_blocks_close(struct ml_flag_blocks *blocks);

/* Have all addresses of the block of `ip` the same flags? False as well when that is not known. */
bool ml_flag_blocks_is_uniform(const struct ml_flag_blocks *blocks, const struct ml_ip *ip);

#endif
