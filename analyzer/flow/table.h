/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table - segments in, conversations out: one table per shard.
 *
 * In:        segments of the shard in capture order.
 * Out:       calls of a consumer: a flow opened, a segment counted, chunks of its streams in order, a flow closed.
 * Lifetime:  flows live until ml_flow_table_free and never move.
 * Invariant: a sweep only frees memory. It closes flows that were idle for longer than their time-out before the
 *            smallest packet time of a whole sweep interval, so it changes nothing unless packet times run back
 *            by more than that; where they do, the result still depends on the packets only.
 */
#ifndef MITLESER_FLOW_TABLE_H
#define MITLESER_FLOW_TABLE_H

#include "core/counters.h"
#include "flow/flow.h"
#include "flow/pace.h"

/* All calls get the consumer's `context`. Any of them may be NULL. */
struct ml_flow_consumer {
    void *context;
    /* A new flow; *state is the consumer's own per-flow state, freed by it in `closed`. False: out of memory. */
    bool (*opened)(void *context, struct ml_flow *flow, void **state);
    /*
     * Each segment of the flow, already counted, after the chunks that it completed; not once the flow is settled, but
     * for the segment that settled it.
     */
    void (*segment)(void *context, struct ml_flow *flow, void *state, const struct ml_segment *segment,
                    enum ml_dir dir);
    /* In-order bytes, a datagram, or a gap. */
    void (*chunk)(void *context, struct ml_flow *flow, void *state, const struct ml_chunk *chunk);
    /* No more packets, or settled: the state goes now. Called once for each flow that was opened. */
    void (*closed)(void *context, struct ml_flow *flow, void *state);
    /* No more packets, settled or not: what was measured up to the last one, gone after the call. */
    void (*ended)(void *context, struct ml_flow *flow, const struct ml_pace *pace);
};

struct ml_flow_table;

/* Ceilings of one table; see core/limits.h for the values of ml_flow_table_new. */
struct ml_flow_limits {
    size_t max_open;          /* flows */
    size_t max_waiting;       /* bytes out of order per direction */
    size_t max_segments;      /* segments out of order per direction */
    size_t max_shard_waiting; /* bytes out of order in all streams */
    size_t sweep_every;       /* packets; 0: never sweep */
};

/* Gives an empty table, NULL when memory runs out. `consumer` is copied, its context and `counters` are borrowed. */
struct ml_flow_table *ml_flow_table_new(const struct ml_flow_consumer *consumer,
                                        struct ml_counters *counters) ML_MUST_USE;

/* The same with other ceilings (tests, small machines). */
struct ml_flow_table *ml_flow_table_new_limited(const struct ml_flow_consumer *consumer, struct ml_counters *counters,
                                                const struct ml_flow_limits *limits) ML_MUST_USE;

/* Closes what is open, then frees all flows. */
void ml_flow_table_free(struct ml_flow_table *table);

/*
 * ML_OK, or ML_NO_MEMORY when a new flow could not be kept (then nothing was counted). A segment that cannot wait for
 * its turn because memory ran out becomes a gap and limit.memory.
 */
enum ml_status ml_flow_table_feed(struct ml_flow_table *table, const struct ml_segment *segment) ML_MUST_USE;

/* The same with the segment's ml_flow_hash at hand. */
enum ml_status ml_flow_table_feed_hashed(struct ml_flow_table *table, const struct ml_segment *segment,
                                         uint32_t hash) ML_MUST_USE;

/*
 * What feeding a segment with this hash will look at, in the order in which each leads to the next: who knows the
 * coming segments asks for them a while ahead, one after the other. The flow is NULL while none is open; one that was
 * found may be closed before its segment comes.
 */
void ml_flow_table_expect(const struct ml_flow_table *table, uint32_t hash);
const struct ml_flow *ml_flow_table_expect_flow(const struct ml_flow_table *table, uint32_t hash);
void ml_flow_expect_live(const struct ml_flow *flow);
void ml_flow_expect_state(const struct ml_flow *flow);

/*
 * Tells that no more of this flow's bytes are wanted: streams are no longer put in order and the state is closed;
 * counters go on. For the consumer, from within `segment` or `chunk`; takes effect when the call returns.
 */
void ml_flow_settle(struct ml_flow *flow);

/* Closes all flows, oldest first (end of an input). */
void ml_flow_table_flush(struct ml_flow_table *table);

/* Walks all flows, open and closed, in the order of their first packet. */
size_t ml_flow_table_count(const struct ml_flow_table *table);
struct ml_flow *ml_flow_table_get(const struct ml_flow_table *table, size_t index);

/* Shard of an address pair, 0..ML_N_SHARDS-1: the same for both directions and on every machine. */
unsigned ml_shard_of(const struct ml_ip *a, const struct ml_ip *b);

/*
 * Shard of a segment: that of its address pair; of UDP with one port 443 that of the address with this port alone, for
 * a client of QUIC may go on from another address (RFC 9000, section 9).
 */
unsigned ml_shard_of_segment(const struct ml_segment *segment);

#endif
