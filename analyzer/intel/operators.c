/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/operators.h"

#include "core/mem.h"
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

/* First prefix of the run [from, to) that is not before `ip` cut to the run's length. */
static bool find_in_run(const struct ml_prefix *prefixes, size_t from, size_t to, const struct ml_ip *ip, size_t *at)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (ml_ip_in_prefix(ip, &prefixes[middle].ip, prefixes[middle].bits)) {
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

/* End of the run of prefixes of the same family and length that starts at `from`. */
static size_t run_end(const struct ml_operators *operators, size_t from)
{
    const struct ml_prefix *prefixes = operators->prefixes;
    size_t to = from;
    while (to < operators->n_prefixes && prefixes[to].ip.family == prefixes[from].ip.family &&
           prefixes[to].bits == prefixes[from].bits) {
        to++;
    }
    return to;
}

size_t ml_operators_prefixes(const struct ml_operators *operators, const struct ml_ip *ip, const struct ml_prefix **out,
                             size_t max)
{
    size_t n = 0;
    for (size_t from = 0; from < operators->n_prefixes && n < max;) {
        size_t to = run_end(operators, from);
        size_t at = 0;
        if (operators->prefixes[from].ip.family == ip->family && find_in_run(operators->prefixes, from, to, ip, &at)) {
            out[n++] = &operators->prefixes[at];
        }
        from = to;
    }
    return n;
}
