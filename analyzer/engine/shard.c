/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/shard.h"

#include "flow/key.h"

/* Detection state of an open flow. */
struct live {
    struct ml_demux *demux; /* NULL before the first bytes, and once no parser wants more */
    struct ml_second second;
    bool is_read;                /* no parser wants more */
    bool asks_ndpi;              /* false once the answer is there */
    struct ml_leaks_flow *leaks; /* owned; NULL: nothing was read yet */
};

/* The module is made when the first flow needs it. A peer has no peer itself, so this goes one deep. */
static struct ml_ndpi *module_of(struct ml_shard *shard)
{
    if (shard->second.ndpi == NULL && shard->with_ndpi) {
        struct ml_ndpi *peer = shard->peer != NULL ? module_of(shard->peer) : NULL;
        (void)pthread_mutex_lock(shard->ndpi_start); /* a plain mutex in use cannot fail */
        shard->second.ndpi = ml_ndpi_new(peer);
        (void)pthread_mutex_unlock(shard->ndpi_start);
        shard->with_ndpi = shard->second.ndpi != NULL;
    }
    return shard->second.ndpi;
}

static bool opened(void *context, struct ml_flow *flow, void **state)
{
    struct ml_shard *shard = context;
    struct ml_flow_note *note = ml_arena_get(&shard->notes, sizeof *note);
    struct live *live = ml_pool_get(&shard->lives, sizeof *live);
    if (note == NULL || live == NULL) {
        ml_pool_put(&shard->lives, live);
        return false;
    }
    live->is_read = flow->ip_proto != ML_IP_TCP && flow->ip_proto != ML_IP_UDP;
    live->asks_ndpi = module_of(shard) != NULL;
    flow->verdict = note;
    *state = live;
    return true;
}

static void end_demux(struct ml_flow *flow, struct live *live)
{
    struct ml_flow_note *note = flow->verdict;
    if (live->demux != NULL) {
        note->n_protocols = (uint8_t)ml_demux_names(live->demux, note->protocols, ML_MAX_FLOW_PROTOCOLS);
        note->is_sealed = ml_demux_plain_of(live->demux) == ML_PLAIN_SEALED;
        ml_demux_free(live->demux);
        live->demux = NULL;
    }
    live->is_read = true;
}

static void segment(void *context, struct ml_flow *flow, void *state, const struct ml_segment *segment, enum ml_dir dir)
{
    struct ml_shard *shard = context;
    struct live *live = state;
    struct ml_flow_note *note = flow->verdict;
    if (segment->app.len != 0 && note->app.len == 0) {
        note->app = ml_arena_copy(&shard->notes, segment->app); /* without memory the flow stays without it */
    }
    if (!live->asks_ndpi) {
        return;
    }
    if (ml_second_see(&shard->second, &live->second, flow, segment, dir)) {
        ml_second_end(&shard->second, &live->second, flow);
        live->asks_ndpi = false;
        if (live->is_read) {
            ml_flow_settle(flow);
        }
    }
}

static void chunk(void *context, struct ml_flow *flow, void *state, const struct ml_chunk *chunk)
{
    struct ml_shard *shard = context;
    struct live *live = state;
    if (live->is_read) {
        return;
    }
    if (live->demux == NULL) {
        live->demux = ml_demux_new(&shard->env, flow, flow->ip_proto == ML_IP_TCP ? ML_OVER_TCP : ML_OVER_UDP);
        ml_count_add(&shard->counters, ML_COUNT_LIMIT_MEMORY, live->demux == NULL ? 1 : 0); /* it stays unread */
    }
    ml_leaks_enter(shard->leaks, flow, &live->leaks);
    if (live->demux == NULL || !ml_demux_feed(live->demux, chunk)) {
        end_demux(flow, live);
        if (!live->asks_ndpi) {
            ml_flow_settle(flow);
        }
    }
}

/* The device may be either end. */
static struct ml_span process_of(const struct ml_sockets *sockets, const struct ml_flow *flow)
{
    struct ml_span process =
        ml_sockets_find(sockets, flow->ip_proto, flow->client_port, &flow->server, flow->server_port);
    return process.len != 0
               ? process
               : ml_sockets_find(sockets, flow->ip_proto, flow->server_port, &flow->client, flow->client_port);
}

static void closed(void *context, struct ml_flow *flow, void *state)
{
    struct ml_shard *shard = context;
    struct live *live = state;
    struct ml_flow_note *note = flow->verdict;
    ml_second_end(&shard->second, &live->second, flow);
    ml_leaks_enter(shard->leaks, flow, &live->leaks);
    end_demux(flow, live);
    if (note->app.len == 0 && shard->sockets != NULL) {
        note->app = process_of(shard->sockets, flow);
    }
    note->searched = ml_leaks_seen(live->leaks);
    note->decrypted = ml_leaks_decrypted(live->leaks);
    ml_leaks_close(shard->leaks, &live->leaks);
    ml_pool_put(&shard->lives, live);
}

static void ended(void *context, struct ml_flow *flow, const struct ml_pace *pace)
{
    struct ml_flow_note *note = flow->verdict;
    (void)context;
    note->n_answers = pace->n_answers;
    note->n_steps = pace->n_steps;
}

bool ml_shard_init(struct ml_shard *shard, const struct ml_shard_config *config)
{
    *shard = (struct ml_shard){.with_ndpi = config->with_ndpi,
                               .sockets = config->sockets,
                               .ndpi_start = config->ndpi_start,
                               .peer = config->peer};
    ml_fact_store_init(&shard->facts, &shard->counters);
    ml_arena_init(&shard->notes, false);
    shard->env = (struct ml_proto_env){.facts = &shard->facts,
                                       .counters = &shard->counters,
                                       .secrets = config->secrets,
                                       .peer = config->peer != NULL ? &config->peer->env : NULL};
    const struct ml_flow_consumer consumer = {
        .context = shard, .opened = opened, .segment = segment, .chunk = chunk, .closed = closed, .ended = ended};
    shard->leaks = ml_leaks_new(config->patterns, &shard->facts);
    shard->flows = ml_flow_table_new(&consumer, &shard->counters);
    if (shard->flows == NULL || shard->leaks == NULL) {
        ml_shard_fini(shard);
        return false;
    }
    shard->env.plain = ml_leaks_sink(shard->leaks);
    return true;
}

void ml_shard_fini(struct ml_shard *shard)
{
    ml_flow_table_free(shard->flows);
    ml_proto_env_fini(&shard->env);
    ml_ndpi_free(shard->second.ndpi);
    ml_pool_fini(&shard->second.waiting);
    ml_leaks_free(shard->leaks);
    ml_fact_store_fini(&shard->facts);
    ml_arena_fini(&shard->notes);
    ml_pool_fini(&shard->lives);
    *shard = (struct ml_shard){0};
}

void ml_shard_feed(struct ml_shard *shard, const struct ml_segment *segment)
{
    ml_shard_feed_hashed(shard, segment, ml_flow_hash(segment));
}

void ml_shard_feed_hashed(struct ml_shard *shard, const struct ml_segment *segment, uint32_t hash)
{
    if (ml_flow_table_feed_hashed(shard->flows, segment, hash) != ML_OK) {
        ml_count(&shard->counters, ML_COUNT_LIMIT_MEMORY);
    }
}

void ml_shard_flush(struct ml_shard *shard)
{
    ml_flow_table_flush(shard->flows);
}
