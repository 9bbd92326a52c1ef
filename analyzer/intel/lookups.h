/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookups - the libraries that read data sets themselves: libmaxminddb, libloc, libpsl.
 *
 * Each handle may be NULL: then nothing is known. All may be asked from several threads at once.
 */
#ifndef MITLESER_INTEL_LOOKUPS_H
#define MITLESER_INTEL_LOOKUPS_H

#include "core/ip.h"

/* --- country by address in a MaxMind DB; schemas country_code and country.iso_code --- */
struct ml_mmdb;
enum ml_status ml_mmdb_open(const char *path, struct ml_mmdb **out, struct ml_error *error) ML_MUST_USE;
void ml_mmdb_close(struct ml_mmdb *mmdb);
/* "" when the address is not in there or what is there is no country. */
void ml_mmdb_country(const struct ml_mmdb *mmdb, const struct ml_ip *ip, char country[3]);
/* Is the answer that for every address of the block (intel/block.h)? */
bool ml_mmdb_is_uniform(const struct ml_mmdb *mmdb, const struct ml_ip *ip);

/* --- flags of addresses in the IPFire location database --- */
struct ml_flags;
enum { ML_FLAG_ANYCAST = 1, ML_FLAG_PROXY = 2, ML_FLAG_SATELLITE = 4 };
enum ml_status ml_flags_open(const char *path, struct ml_flags **out, struct ml_error *error) ML_MUST_USE;
void ml_flags_close(struct ml_flags *flags);
unsigned ml_flags_find(struct ml_flags *flags, const struct ml_ip *ip);
/*
 * All networks; an address has the flags of the smallest network that it lies in. False: `visit` returned false, or
 * the library failed.
 */
bool ml_flags_each(struct ml_flags *flags, bool (*visit)(void *context, const struct ml_ip *first, unsigned bits),
                   void *context) ML_MUST_USE;

/* --- registrable domains --- */
struct ml_domains;
/* NULL `path`, or a file that cannot be used: the list built into libpsl. ML_NO_MEMORY is the only failure. */
enum ml_status ml_domains_open(const char *path, struct ml_domains **out, bool *is_file_used) ML_MUST_USE;
void ml_domains_close(struct ml_domains *domains);
/* Length of the registrable domain at the end of a host in normal form, 0 when there is none. */
size_t ml_domains_find(const struct ml_domains *domains, const char *host);

#endif
