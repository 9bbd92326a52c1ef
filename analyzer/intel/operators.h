/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators - who runs a network or a service and who controls them, from rules/operators/.
 *
 * In:        companies with their parent, AS numbers, prefixes and host suffixes (form: rules/operators/README.md).
 * Out:       company, roles and location notes by address, AS number, host or id.
 * Invariant: parents are resolved; no cycles; what an AS, prefix or host belongs to is stated once.
 * Lifetime:  everything handed out lives until ml_operators_fini.
 */
#ifndef MITLESER_INTEL_OPERATORS_H
#define MITLESER_INTEL_OPERATORS_H

#include "core/map.h"
#include "intel/folder.h"
#include "intel/intel.h"

struct ml_network {
    uint32_t asn;
    const struct ml_company *company;
    char country[3]; /* corrects the registration country of the data set; "" no correction */
    size_t n_roles;
    const char *roles[ML_MAX_ROLES];
};

/* What a prefix says about the place of its hosts. */
enum ml_prefix_place {
    ML_PLACE_NOT_TOLD,
    ML_PLACE_COUNTRY,   /* the operator documents the country */
    ML_PLACE_UNRELIABLE /* databases are known to err here */
};

struct ml_prefix {
    struct ml_ip ip;
    unsigned bits;
    const struct ml_company *company;
    enum ml_prefix_place place;
    char country[3];
    const char *source; /* of the place */
    size_t n_roles;
    const char *roles[ML_MAX_ROLES]; /* instead of those of the AS; none: those of the AS */
};

/* Prefixes [from, to) have the same family and length, so they do not overlap. */
struct ml_prefix_run {
    size_t from;
    size_t to;
};

struct ml_operators {
    struct ml_arena arena;
    struct ml_map ids;   /* company id -> place in `companies` */
    struct ml_map hosts; /* host suffix -> place in `companies` */
    struct ml_map networks_by_asn;
    struct ml_company **companies;
    struct ml_network **networks;
    struct ml_prefix *prefixes; /* IPv4 first, longer ones first, then by address */
    struct ml_prefix_run *runs; /* prefixes of one family and length, in the same order */
    size_t n_companies;
    size_t n_networks;
    size_t n_prefixes;
    size_t n_runs;
    struct ml_folder_info info;
};

enum ml_status ml_operators_read(const char *folder, struct ml_operators *out, struct ml_error *error) ML_MUST_USE;
void ml_operators_fini(struct ml_operators *operators);

const struct ml_company *ml_operators_company(const struct ml_operators *operators, struct ml_span id);
const struct ml_network *ml_operators_network(const struct ml_operators *operators, uint32_t asn);

/* Company of a host by its longest suffix of at least domain_len bytes. */
const struct ml_company *ml_operators_host(const struct ml_operators *operators, struct ml_span host,
                                           size_t domain_len);

/* The prefixes an address lies in, longest first; at most `max`. Returns how many. */
size_t ml_operators_prefixes(const struct ml_operators *operators, const struct ml_ip *ip, const struct ml_prefix **out,
                             size_t max);

/* Is the answer of ml_operators_prefixes that for every address of the block (intel/block.h)? */
bool ml_operators_is_uniform(const struct ml_operators *operators, const struct ml_ip *ip);

/* Words allowed as roles of networks and prefixes, ends with NULL. */
extern const char *const ml_network_roles[];

#endif
