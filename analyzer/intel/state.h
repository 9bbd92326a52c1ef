/* SPDX-License-Identifier: Apache-2.0 */
/* state - everything an open intel holds; read-only after ml_intel_open. */
#ifndef MITLESER_INTEL_STATE_H
#define MITLESER_INTEL_STATE_H

#include "intel/datasets.h"
#include "intel/intel.h"
#include "intel/jurisdictions.h"
#include "intel/lookups.h"
#include "intel/operators.h"
#include "intel/suffixes.h"
#include "intel/tables.h"
#include "intel/trackers.h"

struct ml_intel {
    struct ml_datasets datasets;
    struct ml_operators operators;
    struct ml_tracker_rows tracker_rows;
    struct ml_jurisdictions jurisdictions;
    struct ml_mmdb *location;          /* first source of locations */
    struct ml_country_table location2; /* second source */
    struct ml_mmdb *registration;      /* country in which the AS is registered */
    struct ml_asn_table networks;
    struct ml_flags *flags;
    struct ml_flag_blocks flag_blocks;
    struct ml_domains *domains;
    struct ml_suffixes host_lists; /* value: number of the list */
    struct ml_suffixes companies;  /* value: offset of the company's name */
};

/* The host lists in the order in which they are asked, without their texts. */
extern const struct ml_host_list ml_intel_host_lists[ML_HOST_LISTS];

#endif
