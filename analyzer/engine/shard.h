/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard - one sixteenth of the conversations with all that works on them: flow table, parsers, nDPI module, facts.
 *
 * An address pair always belongs to the same shard, on every machine; a worker thread owns whole shards. So results
 * depend on the shards, never on the number of threads.
 */
#ifndef MITLESER_ENGINE_SHARD_H
#define MITLESER_ENGINE_SHARD_H

#include "engine/second.h"
#include "engine/sockets.h"
#include "flow/table.h"
#include "leaks/leaks.h"
#include "proto/parser.h"

#include <pthread.h>

enum { ML_MAX_FLOW_PROTOCOLS = 4 };

/* What is kept of a flow's detection once it is closed: hangs on flow->verdict. Lives in the shard's arena. */
struct ml_flow_note {
    bool has_ndpi;
    struct ml_ndpi_answer ndpi;
    struct ml_span app; /* package or name of the app on the capturing device; may be empty */
    uint8_t n_protocols;
    const char *protocols[ML_MAX_FLOW_PROTOCOLS]; /* parser names, static */
    bool is_sealed;                               /* most of its bytes are encrypted */
    uint16_t n_answers, n_steps;                  /* flow/pace.h */
    uint64_t searched;                            /* payload bytes that were read for personal values */
    uint64_t decrypted;                           /* those of them that were encrypted on the wire */
};

struct ml_shard {
    struct ml_counters counters;
    struct ml_fact_store facts;
    struct ml_arena notes;
    struct ml_pool lives;
    struct ml_proto_env env;
    const struct ml_sockets *sockets;
    struct ml_leaks *leaks;
    struct ml_flow_table *flows;
    struct ml_second_env second; /* its module is made when the first flow needs it */
    bool with_ndpi;
    pthread_mutex_t *ndpi_start; /* borrowed: nDPI modules must not be initialised side by side */
    struct ml_shard *peer;       /* borrowed */
};

struct ml_shard_config {
    const struct ml_patterns *patterns; /* borrowed; NULL: no planted values are looked for */
    const struct ml_sockets *sockets;   /* borrowed; NULL: nothing is known of processes */
    bool with_ndpi;
    pthread_mutex_t *ndpi_start;
    struct ml_shard *peer;      /* borrowed: first shard of the same thread, whose tools serve here; NULL: this is it */
    struct ml_secrets *secrets; /* borrowed; changed only while no worker is busy */
};

/* False: out of memory; the shard is then as after fini. */
bool ml_shard_init(struct ml_shard *shard, const struct ml_shard_config *config) ML_MUST_USE;
void ml_shard_fini(struct ml_shard *shard);

void ml_shard_feed(struct ml_shard *shard, const struct ml_segment *segment);

/* The same with the segment's ml_flow_hash at hand. */
void ml_shard_feed_hashed(struct ml_shard *shard, const struct ml_segment *segment, uint32_t hash);

/* End of an input: closes all conversations. */
void ml_shard_flush(struct ml_shard *shard);

#endif
