/* SPDX-License-Identifier: Apache-2.0 */
/* The states of conversations that are open, and where a message is that began in another one. */
#include "core/mem.h"
#include "leaks/parts.h"

struct ml_leaks_flow *ml_leak_current(struct ml_leaks *leaks)
{
    if (leaks->current == NULL) {
        return NULL;
    }
    if (*leaks->current == NULL) {
        *leaks->current = ml_pool_get(&leaks->flows, sizeof **leaks->current);
        struct ml_leaks_flow *flow = *leaks->current;
        if (flow == NULL) {
            ml_count(leaks->counters, ML_COUNT_LIMIT_MEMORY);
            return NULL;
        }
        flow->flow = leaks->current_flow;
        flow->behind = leaks->open;
        if (leaks->open != NULL) {
            leaks->open->before = flow;
        }
        leaks->open = flow;
    }
    return *leaks->current;
}

struct ml_leak_raw *ml_leak_raw_of(struct ml_leaks *leaks, struct ml_leaks_flow *flow)
{
    if (flow->raw == NULL) {
        flow->raw = ml_pool_get(&leaks->raws, sizeof *flow->raw);
        ml_count_add(leaks->counters, ML_COUNT_LIMIT_MEMORY, flow->raw == NULL ? 1 : 0);
    }
    return flow->raw;
}

void ml_leak_take_out(struct ml_leaks *leaks, struct ml_leaks_flow *flow)
{
    if (flow->behind != NULL) {
        flow->behind->before = flow->before;
    }
    if (flow->before != NULL) {
        flow->before->behind = flow->behind;
    } else {
        leaks->open = flow->behind;
    }
}

struct ml_leaks_flow *ml_leak_home_of(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_plain *plain)
{
    if (plain->begun == NULL || plain->begun == flow->flow) {
        return flow;
    }
    struct ml_leaks_flow *home = leaks->open;
    while (home != NULL && home->flow != plain->begun) {
        home = home->behind;
    }
    return home != NULL ? home : flow;
}
