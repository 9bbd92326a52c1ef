/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/operators.h"

#include "core/mem.h"
#include "intel/block.h"
#include "intel/suffixes.h"

#include <stdlib.h>

const char *const ml_network_roles[] = {
    "anycast",   /* announced from several places */
    "cdn",       /* hosts content of others near the user */
    "edge",      /* the operator's own front ends near the user */
    "cloud",     /* machines for hire by region */
    "hosting",   /* machines for hire */
    "isp",       /* access provider */
    "resolver",  /* public DNS resolver */
    "push",      /* push notifications of a platform */
    "messenger", /* servers of a messaging service */
    "relay",     /* privacy relay or VPN exit */
    NULL,
};

void ml_operators_fini(struct ml_operators *operators)
{
    ml_map_fini(&operators->ids);
    ml_map_fini(&operators->hosts);
    ml_map_fini(&operators->networks_by_asn);
    ml_mem_free(operators->companies);
    ml_mem_free(operators->networks);
    ml_mem_free(operators->prefixes);
    ml_mem_free(operators->runs);
    ml_arena_fini(&operators->arena);
    *operators = (struct ml_operators){0};
}

const struct ml_company *ml_operators_company(const struct ml_operators *operators, struct ml_span id)
{
    const struct ml_map_entry *entry = ml_map_find(&operators->ids, id);
    return entry != NULL ? operators->companies[entry->value] : NULL;
}

const struct ml_network *ml_operators_network(const struct ml_operators *operators, uint32_t asn)
{
    const struct ml_map_entry *entry = ml_map_find(&operators->networks_by_asn, ml_span_of(&asn, sizeof asn));
    return entry != NULL ? operators->networks[entry->value] : NULL;
}

const struct ml_company *ml_operators_host(const struct ml_operators *operators, struct ml_span host, size_t domain_len)
{
    do {
        const struct ml_map_entry *entry = ml_map_find(&operators->hosts, host);
        if (entry != NULL) {
            return operators->companies[entry->value];
        }
    } while (ml_suffix_parent(&host, domain_len));
    return NULL;
}

/* A prefix of the run [from, to) whose first `bits` bits, at most its length, are those of `ip`. */
static bool find_in_run(const struct ml_prefix *prefixes, size_t from, size_t to, const struct ml_ip *ip, unsigned bits,
                        size_t *at)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (ml_ip_in_prefix(ip, &prefixes[middle].ip, bits)) {
            *at = middle;
            return true;
        }
        if (ml_ip_compare(ip, &prefixes[middle].ip) < 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return false;
}

size_t ml_operators_prefixes(const struct ml_operators *operators, const struct ml_ip *ip, const struct ml_prefix **out,
                             size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < operators->n_runs && n < max; i++) {
        struct ml_prefix_run run = operators->runs[i];
        const struct ml_prefix *first = &operators->prefixes[run.from];
        size_t at = 0;
        if (first->ip.family == ip->family &&
            find_in_run(operators->prefixes, run.from, run.to, ip, first->bits, &at)) {
            out[n++] = &operators->prefixes[at];
        }
    }
    return n;
}

bool ml_operators_is_uniform(const struct ml_operators *operators, const struct ml_ip *ip)
{
    unsigned bits = ml_block_bits(ip->family);
    for (size_t i = 0; i < operators->n_runs; i++) {
        struct ml_prefix_run run = operators->runs[i];
        const struct ml_prefix *first = &operators->prefixes[run.from];
        size_t at = 0;
        if (first->ip.family == ip->family && first->bits > bits &&
            find_in_run(operators->prefixes, run.from, run.to, ip, bits, &at)) {
            return false;
        }
    }
    return true;
}
