/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/table.h"

#include "core/mem.h"
#include "core/pool.h"
#include "core/prefetch.h"
#include "core/reader.h"
#include "flow/client.h"
#include "flow/key.h"
#include "flow/live.h"
#include "flow/slots.h"
#include "flow/tcp.h"

#include <stdlib.h>

enum { FLOWS_PER_BLOCK = 64, FIRST_BLOCKS = 4 };

struct ml_flow_table {
    struct ml_flow_consumer consumer;
    struct ml_flow_limits limits;
    struct ml_counters *counters; /* borrowed */
    struct ml_arena arena;        /* of flows */
    struct ml_flow **blocks;      /* owned; FLOWS_PER_BLOCK each, in the arena */
    size_t n_blocks;
    size_t room; /* for pointers to blocks */
    size_t n_flows;
    struct ml_slots slots; /* the open flows by key */
    uint32_t open_first, open_last;
    struct ml_pool lives;   /* of struct ml_flow_live */
    struct ml_pool streams; /* of pairs */
    size_t n_waiting;       /* bytes that wait in the streams of all flows */
    uint64_t n_since_sweep;
    int64_t smallest_ns; /* of the packets since the last sweep */
};

/* --- flows --- */

size_t ml_flow_table_count(const struct ml_flow_table *table)
{
    return table->n_flows;
}

static struct ml_flow *at(const struct ml_flow_table *table, size_t index)
{
    return &table->blocks[index / FLOWS_PER_BLOCK][index % FLOWS_PER_BLOCK];
}

struct ml_flow *ml_flow_table_get(const struct ml_flow_table *table, size_t index)
{
    ML_ASSERT(index < table->n_flows);
    return at(table, index);
}

/* --- streams --- */

struct delivery {
    struct ml_flow_table *table;
    struct ml_flow *flow;
};

static bool deliver(void *context, const struct ml_chunk *chunk)
{
    struct delivery *delivery = context;
    struct ml_flow_table *table = delivery->table;
    struct ml_flow_live *live = delivery->flow->live;
    if (table->consumer.chunk != NULL) {
        table->consumer.chunk(table->consumer.context, delivery->flow, live->state, chunk);
    }
    return !live->wants_settle;
}

static struct ml_stream_env env_of(struct delivery *delivery, enum ml_dir dir)
{
    struct ml_flow_table *table = delivery->table;
    return (struct ml_stream_env){.limits = &table->limits,
                                  .counters = table->counters,
                                  .dir = dir,
                                  .shard_waiting = &table->n_waiting,
                                  .flow = delivery->flow,
                                  .context = delivery,
                                  .emit = deliver};
}

static void feed_streams(struct ml_flow_table *table, struct ml_flow *flow, const struct ml_segment *segment,
                         enum ml_dir dir)
{
    struct ml_flow_live *live = flow->live;
    struct delivery delivery = {.table = table, .flow = flow};
    struct ml_stream_env env = env_of(&delivery, dir);
    struct ml_stream *own = &live->streams[dir];
    struct ml_stream *other = &live->streams[ml_dir_other(dir)];
    bool has_ack = (segment->tcp_flags & (ML_TCP_ACK | ML_TCP_RST)) == ML_TCP_ACK; /* a reset may name anything */
    if (has_ack && (segment->tcp_flags & ML_TCP_SYN) != 0) {
        ml_stream_start(other, segment->tcp_ack);
    }
    ml_stream_feed(own, &env, segment);
    if (has_ack && !live->wants_settle) {
        ml_stream_ack(other, segment->tcp_ack);
    }
    for (int i = 0; i < 2 && !live->wants_settle; i++) {
        env = env_of(&delivery, (enum ml_dir)i);
        ml_stream_tick(&live->streams[i], &env);
    }
}

static void feed_datagram(struct ml_flow_table *table, struct ml_flow *flow, const struct ml_segment *segment,
                          enum ml_dir dir, enum ml_layer layer)
{
    if (segment->payload_len == 0) {
        return;
    }
    struct ml_chunk chunk = {.flow = flow,
                             .dir = dir,
                             .is_datagram = true,
                             .bytes = segment->payload,
                             .is_cut = segment->is_cut,
                             .seq = segment->seq,
                             .time_ns = segment->time_ns,
                             .n_layers = 1,
                             .layers = {(uint8_t)layer}};
    struct delivery delivery = {.table = table, .flow = flow};
    (void)deliver(&delivery, &chunk); /* whether more is wanted is looked at once, after the segment */
}

/* Ends what the consumer sees of a flow: the rest of the streams if wanted, then the state. */
static void settle(struct ml_flow_table *table, struct ml_flow *flow)
{
    struct ml_flow_live *live = flow->live;
    struct delivery delivery = {.table = table, .flow = flow};
    for (int i = 0; live->streams != NULL && i < 2; i++) {
        struct ml_stream_env env = env_of(&delivery, (enum ml_dir)i);
        if (live->wants_settle) {
            ml_stream_drop(&live->streams[i], &env);
        } else {
            ml_stream_finish(&live->streams[i], &env);
        }
    }
    ml_pool_put(&table->streams, live->streams);
    live->streams = NULL;
    if (table->consumer.closed != NULL && !flow->is_settled) {
        table->consumer.closed(table->consumer.context, flow, live->state);
    }
    live->state = NULL;
    flow->is_settled = live->wants_settle;
}

void ml_flow_settle(struct ml_flow *flow)
{
    if (flow->live != NULL) {
        flow->live->wants_settle = true;
    }
}

/* --- opening and closing --- */

/* All that ends with a flow but its places in the slots and among the open ones. */
static void end_flow(struct ml_flow_table *table, struct ml_flow *flow)
{
    if (!flow->is_settled) {
        settle(table, flow);
    }
    if (table->consumer.ended != NULL) {
        table->consumer.ended(table->consumer.context, flow, &flow->live->pace);
    }
    ml_pool_put(&table->lives, flow->live);
    flow->live = NULL;
}

static void close_flow(struct ml_flow_table *table, struct ml_flow *flow)
{
    struct ml_flow_live *live = flow->live;
    *(live->prev != ML_NO_FLOW ? &at(table, live->prev)->live->next : &table->open_first) = live->next;
    *(live->next != ML_NO_FLOW ? &at(table, live->next)->live->prev : &table->open_last) = live->prev;
    ml_slots_remove(&table->slots, live->hash, flow->index);
    end_flow(table, flow);
}

/* The flow after the last one, zeroed; NULL when memory runs out. */
static struct ml_flow *next_free(struct ml_flow_table *table)
{
    if (table->n_flows == table->n_blocks * FLOWS_PER_BLOCK) {
        struct ml_flow **blocks =
            ml_mem_grow(table->blocks, table->n_blocks, &table->room, FIRST_BLOCKS, sizeof(struct ml_flow *));
        if (blocks == NULL) {
            return NULL;
        }
        table->blocks = blocks;
        blocks[table->n_blocks] = ml_arena_get(&table->arena, FLOWS_PER_BLOCK * sizeof **blocks);
        if (blocks[table->n_blocks] == NULL) {
            return NULL;
        }
        table->n_blocks++;
    }
    struct ml_flow *flow = at(table, table->n_flows);
    *flow = (struct ml_flow){.index = (uint32_t)table->n_flows};
    return flow;
}

static struct ml_flow_live *live_new(struct ml_flow_table *table, bool is_tcp, uint32_t hash)
{
    struct ml_flow_live *live = ml_pool_get(&table->lives, sizeof *live);
    if (live == NULL) {
        return NULL;
    }
    live->hash = hash;
    live->prev = ML_NO_FLOW;
    live->next = ML_NO_FLOW;
    if (is_tcp) {
        live->streams = ml_pool_get(&table->streams, 2 * sizeof *live->streams);
        if (live->streams == NULL) {
            ml_pool_put(&table->lives, live);
            return NULL;
        }
        ml_stream_init(&live->streams[ML_UP]);
        ml_stream_init(&live->streams[ML_DOWN]);
    }
    return live;
}

static enum ml_dir fill_flow(struct ml_flow *flow, const struct ml_segment *segment)
{
    bool is_client = ml_sender_is_client(segment);
    flow->client = is_client ? segment->src : segment->dst;
    flow->server = is_client ? segment->dst : segment->src;
    flow->client_port = is_client ? segment->src_port : segment->dst_port;
    flow->server_port = is_client ? segment->dst_port : segment->src_port;
    flow->ip_proto = segment->ip_proto;
    flow->first_seq = segment->seq;
    flow->first_ns = segment->time_ns;
    flow->last_ns = segment->time_ns;
    flow->n_tunnels = segment->n_tunnels;
    memcpy(flow->tunnels, segment->tunnels, sizeof flow->tunnels);
    if (segment->ip_proto == ML_IP_ICMP || segment->ip_proto == ML_IP_ICMP6) {
        struct ml_reader rd = ml_rd_open(segment->payload);
        bool is_read = ml_rd_u8(&rd, &flow->icmp_type) && ml_rd_u8(&rd, &flow->icmp_code);
        (void)is_read; /* a cut packet leaves zeros */
    }
    return is_client ? ML_UP : ML_DOWN;
}

static int compare_age(const void *left, const void *right)
{
    const struct ml_flow *a = *(struct ml_flow *const *)left;
    const struct ml_flow *b = *(struct ml_flow *const *)right;
    return a->last_seq < b->last_seq ? -1 : a->last_seq > b->last_seq; /* a packet belongs to one flow: no ties */
}

/* Makes room at the ceiling: the flows whose last packet is oldest go, a share at once. */
static bool evict(struct ml_flow_table *table)
{
    size_t n = table->slots.n;
    struct ml_flow **open = ml_mem_array(n, sizeof(struct ml_flow *));
    if (open == NULL) {
        return false;
    }
    size_t i = 0;
    for (uint32_t index = table->open_first; index != ML_NO_FLOW; index = at(table, index)->live->next) {
        open[i++] = at(table, index);
    }
    qsort(open, n, sizeof(struct ml_flow *), compare_age);
    size_t n_going = n / ML_FLOW_EVICT_SHARE != 0 ? n / ML_FLOW_EVICT_SHARE : 1;
    for (i = 0; i < n_going; i++) {
        ml_count(table->counters, ML_COUNT_LIMIT_OPEN_FLOWS);
        close_flow(table, open[i]);
    }
    ml_mem_free(open);
    return true;
}

/* NULL when memory runs out. */
static struct ml_flow *open_flow(struct ml_flow_table *table, const struct ml_segment *segment, uint32_t hash,
                                 enum ml_dir *dir)
{
    if (table->slots.n >= table->limits.max_open && !evict(table)) {
        return NULL;
    }
    struct ml_flow *flow = table->n_flows < ML_NO_FLOW ? next_free(table) : NULL;
    if (flow == NULL || !ml_slots_reserve(&table->slots)) {
        return NULL;
    }
    flow->live = live_new(table, segment->ip_proto == ML_IP_TCP, hash);
    if (flow->live == NULL) {
        return NULL;
    }
    *dir = fill_flow(flow, segment);
    const struct ml_flow_consumer *consumer = &table->consumer;
    if (consumer->opened != NULL && !consumer->opened(consumer->context, flow, &flow->live->state)) {
        ml_pool_put(&table->streams, flow->live->streams);
        ml_pool_put(&table->lives, flow->live);
        flow->live = NULL;
        return NULL;
    }
    flow->live->prev = table->open_last;
    *(table->open_last != ML_NO_FLOW ? &at(table, table->open_last)->live->next : &table->open_first) = flow->index;
    table->open_last = flow->index;
    ml_slots_add(&table->slots, hash, flow->index);
    table->n_flows++;
    ml_count(table->counters, ML_COUNT_FLOWS_OPENED);
    return flow;
}

/* --- time --- */

/* Has more than the flow's time-out passed since its last packet? Time that runs back is no gap. */
static bool is_idle(const struct ml_flow *flow, int64_t now_ns)
{
    uint64_t idle_s = flow->ip_proto == ML_IP_TCP ? ML_FLOW_IDLE_TCP_S : ML_FLOW_IDLE_OTHER_S;
    return now_ns > flow->last_ns && (uint64_t)now_ns - (uint64_t)flow->last_ns > idle_s * UINT64_C(1000000000);
}

static void sweep(struct ml_flow_table *table, int64_t now_ns)
{
    table->smallest_ns = table->n_since_sweep == 0 || now_ns < table->smallest_ns ? now_ns : table->smallest_ns;
    table->n_since_sweep++;
    if (table->limits.sweep_every == 0 || table->n_since_sweep < table->limits.sweep_every) {
        return;
    }
    table->n_since_sweep = 0;
    for (uint32_t index = table->open_first; index != ML_NO_FLOW;) {
        struct ml_flow *flow = at(table, index);
        index = flow->live->next;
        if (is_idle(flow, table->smallest_ns)) {
            close_flow(table, flow);
        }
    }
}

/* --- feeding --- */

/* The open flow of a segment, NULL when there is none; one that has ended is closed. */
static struct ml_flow *find_open(struct ml_flow_table *table, const struct ml_segment *segment, uint32_t hash,
                                 enum ml_dir *dir)
{
    size_t slot = SIZE_MAX;
    uint32_t index = 0;
    while (ml_slots_next(&table->slots, hash, &slot, &index)) {
        struct ml_flow *flow = at(table, index);
        if (!ml_flow_match(flow, segment, dir)) {
            continue;
        }
        if (!is_idle(flow, segment->time_ns) &&
            !(segment->ip_proto == ML_IP_TCP && ml_tcp_is_new_connection(flow, segment, *dir))) {
            return flow;
        }
        close_flow(table, flow);
        return NULL;
    }
    return NULL;
}

static void count_segment(struct ml_flow *flow, const struct ml_segment *segment, enum ml_dir dir)
{
    flow->last_seq = segment->seq;
    flow->first_ns = segment->time_ns < flow->first_ns ? segment->time_ns : flow->first_ns;
    flow->last_ns = segment->time_ns > flow->last_ns ? segment->time_ns : flow->last_ns;
    flow->packets[dir]++;
    flow->bytes[dir] += segment->ip_len;
    flow->payload_bytes[dir] += segment->payload_len;
    ml_pace_add(&flow->live->pace, dir, segment->payload_len, segment->time_ns);
    flow->is_cut = flow->is_cut || segment->is_cut;
    flow->process = flow->process != 0 ? flow->process : segment->process;
    if (segment->ip_proto == ML_IP_TCP) {
        ml_tcp_learn(flow, segment, dir);
    }
    if (flow->payload_bytes[ML_UP] != 0 && flow->payload_bytes[ML_DOWN] != 0) {
        flow->is_established = true;
    }
    if (segment->has_mac && !flow->has_client_mac) {
        flow->has_client_mac = true;
        memcpy(flow->client_mac, dir == ML_UP ? segment->src_mac : segment->dst_mac, sizeof flow->client_mac);
    }
}

static void feed_consumer(struct ml_flow_table *table, struct ml_flow *flow, const struct ml_segment *segment,
                          enum ml_dir dir)
{
    switch (segment->ip_proto) {
    case ML_IP_TCP:
        feed_streams(table, flow, segment, dir);
        break;
    case ML_IP_UDP:
        feed_datagram(table, flow, segment, dir, ML_LAYER_UDP);
        break;
    case ML_IP_ICMP:
    case ML_IP_ICMP6:
        feed_datagram(table, flow, segment, dir, ML_LAYER_ICMP);
        break;
    default: /* counted only: nothing reads the payload of other protocols */
        break;
    }
    if (table->consumer.segment != NULL) {
        table->consumer.segment(table->consumer.context, flow, flow->live->state, segment, dir);
    }
}

void ml_flow_table_expect(const struct ml_flow_table *table, uint32_t hash)
{
    ml_slots_prefetch(&table->slots, hash);
}

const struct ml_flow *ml_flow_table_expect_flow(const struct ml_flow_table *table, uint32_t hash)
{
    size_t slot = SIZE_MAX;
    uint32_t index = 0;
    if (!ml_slots_next(&table->slots, hash, &slot, &index)) {
        return NULL;
    }
    const struct ml_flow *flow = at(table, index); /* another's with this hash is rare and costs time only */
    ml_prefetch(flow, sizeof *flow);
    return flow;
}

void ml_flow_expect_live(const struct ml_flow *flow)
{
    if (flow != NULL) {
        ml_prefetch(flow->live, sizeof *flow->live);
    }
}

void ml_flow_expect_state(const struct ml_flow *flow)
{
    if (flow != NULL && flow->live != NULL) {
        ml_prefetch(flow->live->state, 1);
        ml_prefetch(flow->live->streams, 1);
        ml_prefetch(flow->verdict, 1);
    }
}

enum ml_status ml_flow_table_feed(struct ml_flow_table *table, const struct ml_segment *segment)
{
    return ml_flow_table_feed_hashed(table, segment, ml_flow_hash(segment));
}

enum ml_status ml_flow_table_feed_hashed(struct ml_flow_table *table, const struct ml_segment *segment, uint32_t hash)
{
    enum ml_dir dir = ML_UP;
    struct ml_flow *flow = find_open(table, segment, hash, &dir);
    if (flow == NULL) {
        flow = open_flow(table, segment, hash, &dir);
        if (flow == NULL) {
            return ML_NO_MEMORY;
        }
    }
    count_segment(flow, segment, dir);
    if (!flow->is_settled) {
        feed_consumer(table, flow, segment, dir);
        if (flow->live->wants_settle) {
            settle(table, flow);
        }
    }
    sweep(table, segment->time_ns);
    return ML_OK;
}

/* Flows open in the order of their index, and at the end of an input nearly all of the last ones are. */
static void expect_closing(const struct ml_flow_table *table, size_t index)
{
    enum { FLOW_AHEAD = 6, LIVE_AHEAD = 4, STATE_AHEAD = 2 };
    if (index + FLOW_AHEAD < table->n_flows) {
        ml_prefetch(at(table, index + FLOW_AHEAD), sizeof(struct ml_flow));
        ml_flow_expect_live(at(table, index + LIVE_AHEAD));
        ml_flow_expect_state(at(table, index + STATE_AHEAD));
    }
}

void ml_flow_table_flush(struct ml_flow_table *table)
{
    for (uint32_t index = table->open_first; index != ML_NO_FLOW;) {
        struct ml_flow *flow = at(table, index);
        expect_closing(table, index);
        index = flow->live->next;
        end_flow(table, flow);
    }
    table->open_first = ML_NO_FLOW;
    table->open_last = ML_NO_FLOW;
    ml_slots_fini(&table->slots);
    table->n_since_sweep = 0;
}

struct ml_flow_table *ml_flow_table_new_limited(const struct ml_flow_consumer *consumer, struct ml_counters *counters,
                                                const struct ml_flow_limits *limits)
{
    struct ml_flow_table *table = ml_mem_array(1, sizeof *table);
    if (table != NULL) {
        table->consumer = *consumer;
        table->limits = *limits;
        table->counters = counters;
        table->open_first = ML_NO_FLOW;
        table->open_last = ML_NO_FLOW;
    }
    return table;
}

struct ml_flow_table *ml_flow_table_new(const struct ml_flow_consumer *consumer, struct ml_counters *counters)
{
    const struct ml_flow_limits limits = {.max_open = ML_MAX_OPEN_FLOWS,
                                          .max_waiting = ML_MAX_STREAM_WAITING,
                                          .max_segments = ML_MAX_STREAM_SEGMENTS,
                                          .max_shard_waiting = ML_MAX_SHARD_WAITING,
                                          .sweep_every = ML_FLOW_SWEEP_PACKETS};
    return ml_flow_table_new_limited(consumer, counters, &limits);
}

void ml_flow_table_free(struct ml_flow_table *table)
{
    if (table == NULL) {
        return;
    }
    ml_flow_table_flush(table);
    ml_arena_fini(&table->arena);
    ml_mem_free(table->blocks);
    ml_slots_fini(&table->slots);
    ml_pool_fini(&table->lives);
    ml_pool_fini(&table->streams);
    ml_mem_free(table);
}
