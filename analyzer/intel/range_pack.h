/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range_pack - values by address that are kept as a pack and nothing else.
 *
 * Lifetime:  what was opened or made is closed once. A closed or zeroed one knows no address.
 */
#ifndef MITLESER_INTEL_RANGE_PACK_H
#define MITLESER_INTEL_RANGE_PACK_H

#include "intel/pack.h"
#include "intel/ranges.h"

struct ml_range_pack {
    struct ml_pack pack;
    struct ml_ranges ranges; /* lies in the pack */
};

/* From a saved pack; false: build it. */
bool ml_range_pack_open(const char *path, const uint8_t key[ML_PACK_KEY], struct ml_range_pack *out);

/* Out of all that the maker was given; saved as ml_pack_make says. ML_NO_MEMORY is the only failure. */
enum ml_status ml_range_pack_make(struct ml_ranges_maker *maker, const char *path, const uint8_t key[ML_PACK_KEY],
                                  struct ml_range_pack *out) ML_MUST_USE;
void ml_range_pack_close(struct ml_range_pack *pack);

#endif
