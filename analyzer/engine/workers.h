/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workers - carries segments from the reader to the shards.
 *
 * Segments travel in batches that own their bytes, so that what is known of their flows is in the cache when their turn
 * comes. One thread: the reader works them off itself. More: each worker owns the shards s with s % n == its number. A
 * batch costs one lock, a packet none.
 */
#ifndef MITLESER_ENGINE_WORKERS_H
#define MITLESER_ENGINE_WORKERS_H

#include "engine/shard.h"

struct ml_workers;

/* `shards` (ML_N_SHARDS of them) and the reader's `counters` are borrowed. NULL: out of memory or threads. */
struct ml_workers *ml_workers_new(struct ml_shard *shards, unsigned n_threads,
                                  struct ml_counters *counters) ML_MUST_USE;

/* Waits for all batches and ends the threads. */
void ml_workers_free(struct ml_workers *workers);

/* Number of the worker that owns the shard when there are n_threads. */
unsigned ml_workers_owner(unsigned shard, unsigned n_threads);

void ml_workers_feed(struct ml_workers *workers, const struct ml_segment *segment);

/* All batches are worked off and no worker is busy when this returns. */
void ml_workers_drain(struct ml_workers *workers);

/* End of an input: all batches are worked off, then all shards flushed; returns when that is done. */
void ml_workers_flush(struct ml_workers *workers);

#endif
