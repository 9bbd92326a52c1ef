/* SPDX-License-Identifier: Apache-2.0 */
/* counters - what happened, as numbers; one set per shard and one for the reader, added up in the join. */
#ifndef MITLESER_CORE_COUNTERS_H
#define MITLESER_CORE_COUNTERS_H

#include <stdint.h>

enum ml_counter {
#define ML_COUNTER(id, name) ML_COUNT_##id,
#include "core/counter.def"
#undef ML_COUNTER
    ML_N_COUNTERS
};

struct ml_counters {
    uint64_t n[ML_N_COUNTERS];
};

/* Name as in the report, for example "undecoded.not_ip"; never NULL. */
const char *ml_counter_name(enum ml_counter counter);

static inline void ml_count(struct ml_counters *counters, enum ml_counter counter)
{
    counters->n[counter]++;
}

static inline void ml_count_add(struct ml_counters *counters, enum ml_counter counter, uint64_t n)
{
    counters->n[counter] += n;
}

/* into += from */
void ml_counters_merge(struct ml_counters *into, const struct ml_counters *from);

#endif
