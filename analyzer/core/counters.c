/* SPDX-License-Identifier: Apache-2.0 */
#include "core/counters.h"

#include "core/status.h"

const char *ml_counter_name(enum ml_counter counter)
{
    static const char *const names[ML_N_COUNTERS] = {
#define ML_COUNTER(id, name) [ML_COUNT_##id] = (name),
#include "core/counter.def"
#undef ML_COUNTER
    };
    ML_ASSERT((unsigned)counter < ML_N_COUNTERS);
    return names[counter];
}

void ml_counters_merge(struct ml_counters *into, const struct ml_counters *from)
{
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        into->n[i] += from->n[i];
    }
}
