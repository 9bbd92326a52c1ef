/* SPDX-License-Identifier: Apache-2.0 */
/* uniform - whether all that is asked about an address says the same for every address of its block. */
#include "intel/block.h"
#include "intel/special.h"
#include "intel/state.h"

/* Special-purpose blocks within a block lie in larger ones, and addresses with others inside in special ones. */
static bool is_special(const struct ml_ip *ip)
{
    struct ml_ip inner;
    bool is_anycast = false;
    return ml_special_decode(ip, &inner) != NULL || ml_special_name(ip, &is_anycast) != NULL;
}

bool ml_intel_is_uniform(const struct ml_intel *intel, const struct ml_ip *ip)
{
    return !is_special(ip) && ml_operators_is_uniform(&intel->operators, ip) &&
           (intel->flags == NULL || ml_flag_blocks_is_uniform(&intel->flag_blocks, ip)) &&
           ml_ranges_is_uniform(&intel->networks.ranges, ip) && ml_ranges_is_uniform(&intel->location2.stored.ranges, ip) &&
           ml_mmdb_is_uniform(intel->registration, ip) && ml_mmdb_is_uniform(intel->location, ip);
}
