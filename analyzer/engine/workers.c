/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/workers.h"

#include "core/mem.h"
#include "flow/key.h"

enum {
    BATCH_SEGMENTS = 512,
    BATCH_BYTES = 256 * 1024, /* a packet that does not fit an empty batch gets one of its own size */
    OWN_BYTES = 128 * 1024,   /* the same where the reader works batches off itself: they stay in its cache */
    N_BATCHES = 8,            /* per worker: what the reader may be ahead */
    /* Segments between what is asked of the memory for one and the next step. */
    SLOT_AHEAD = 24,
    FLOW_AHEAD = 12,
    LIVE_AHEAD = 8,
    STATE_AHEAD = 4
};

struct batch {
    size_t n;
    size_t used;
    size_t size;
    uint8_t *bytes; /* owned */
    uint8_t shard[BATCH_SEGMENTS];
    uint32_t hash[BATCH_SEGMENTS];
    uint16_t order[BATCH_SEGMENTS];             /* in which they are worked off */
    const struct ml_flow *flow[BATCH_SEGMENTS]; /* borrowed; of the coming segments only, for what is fetched ahead */
    struct ml_segment segments[BATCH_SEGMENTS]; /* spans point into bytes */
};

struct worker {
    pthread_t thread;
    struct ml_shard *shards; /* all; borrowed */
    struct batch *filling;   /* owned by the reader */
    /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch *full[N_BATCHES];
    size_t first, n_full;
    struct batch *empty[N_BATCHES];
    size_t n_empty;
    bool is_busy;
    bool is_ending;
};

struct ml_workers {
    struct ml_shard *shards;
    struct ml_counters *counters; /* the reader's: a shard's own belong to its worker */
    unsigned n;                   /* 0: the reader works its batches off itself */
    struct worker *workers;
    struct batch *own; /* owned; NULL where there are workers */
};

/*
 * The batch's segments in the order of their shards, those of one shard as they came: shards know nothing of each
 * other, and what one needs (texts, free objects, ends of arenas) is near while the next segments are its own too.
 */
static void sort_by_shard(struct batch *batch)
{
    size_t at[ML_N_SHARDS] = {0};
    size_t n = 0;
    for (size_t i = 0; i < batch->n; i++) {
        at[batch->shard[i]]++;
    }
    for (unsigned s = 0; s < ML_N_SHARDS; s++) {
        size_t of_shard = at[s];
        at[s] = n;
        n += of_shard;
    }
    for (size_t i = 0; i < batch->n; i++) {
        batch->order[at[batch->shard[i]]++] = (uint16_t)i;
    }
}

static void expect_slot(const struct ml_shard *shards, struct batch *batch, size_t place)
{
    if (place < batch->n) {
        size_t i = batch->order[place];
        ml_flow_table_expect(shards[batch->shard[i]].flows, batch->hash[i]);
    }
}

/* What the segments after this place will need is asked for while it is worked off. */
static void expect(const struct ml_shard *shards, struct batch *batch, size_t place)
{
    expect_slot(shards, batch, place + SLOT_AHEAD);
    if (place + FLOW_AHEAD < batch->n) {
        size_t of = batch->order[place + FLOW_AHEAD];
        batch->flow[of] = ml_flow_table_expect_flow(shards[batch->shard[of]].flows, batch->hash[of]);
    }
    if (place + LIVE_AHEAD < batch->n) {
        ml_flow_expect_live(batch->flow[batch->order[place + LIVE_AHEAD]]);
    }
    if (place + STATE_AHEAD < batch->n) {
        ml_flow_expect_state(batch->flow[batch->order[place + STATE_AHEAD]]);
    }
}

static void work_off(struct ml_shard *shards, struct batch *batch)
{
    sort_by_shard(batch);
    memset(batch->flow, 0, batch->n * sizeof(const struct ml_flow *));
    for (size_t place = 0; place < SLOT_AHEAD; place++) {
        expect_slot(shards, batch, place);
    }
    for (size_t place = 0; place < batch->n; place++) {
        size_t i = batch->order[place];
        expect(shards, batch, place);
        ml_shard_feed_hashed(&shards[batch->shard[i]], &batch->segments[i], batch->hash[i]);
    }
    batch->n = batch->used = 0;
}

static void *run(void *context)
{
    struct worker *worker = context;
    (void)pthread_mutex_lock(&worker->lock);
    for (;;) {
        while (worker->n_full == 0 && !worker->is_ending) {
            (void)pthread_cond_wait(&worker->changed, &worker->lock);
        }
        if (worker->n_full == 0) {
            break;
        }
        struct batch *batch = worker->full[worker->first];
        worker->first = (worker->first + 1) % N_BATCHES;
        worker->n_full--;
        worker->is_busy = true;
        (void)pthread_mutex_unlock(&worker->lock);
        work_off(worker->shards, batch);
        (void)pthread_mutex_lock(&worker->lock);
        worker->is_busy = false;
        worker->empty[worker->n_empty++] = batch;
        (void)pthread_cond_broadcast(&worker->changed);
    }
    (void)pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static void batch_free(struct batch *batch)
{
    if (batch != NULL) {
        ml_mem_free(batch->bytes);
        ml_mem_free(batch);
    }
}

static struct batch *batch_new(size_t size)
{
    struct batch *batch = ml_mem_array(1, sizeof *batch);
    if (batch == NULL) {
        return NULL;
    }
    batch->size = size;
    batch->bytes = ml_mem_array(size, 1);
    if (batch->bytes == NULL) {
        batch_free(batch);
        return NULL;
    }
    return batch;
}

static bool worker_start(struct worker *worker, struct ml_shard *shards)
{
    worker->shards = shards;
    worker->filling = batch_new(BATCH_BYTES);
    bool ok = worker->filling != NULL;
    while (ok && worker->n_empty < N_BATCHES - 1) {
        struct batch *batch = batch_new(BATCH_BYTES);
        ok = batch != NULL;
        if (ok) {
            worker->empty[worker->n_empty++] = batch;
        }
    }
    (void)pthread_mutex_init(&worker->lock, NULL); /* default attributes: cannot fail on Linux */
    (void)pthread_cond_init(&worker->changed, NULL);
    return ok && pthread_create(&worker->thread, NULL, run, worker) == 0;
}

/* `is_running` tells whether the thread was started. */
static void worker_end(struct worker *worker, bool is_running)
{
    if (is_running) {
        (void)pthread_mutex_lock(&worker->lock);
        worker->is_ending = true;
        (void)pthread_cond_broadcast(&worker->changed);
        (void)pthread_mutex_unlock(&worker->lock);
        (void)pthread_join(worker->thread, NULL);
    }
    batch_free(worker->filling);
    for (size_t i = 0; i < worker->n_empty; i++) {
        batch_free(worker->empty[i]);
    }
    (void)pthread_cond_destroy(&worker->changed);
    (void)pthread_mutex_destroy(&worker->lock);
}

unsigned ml_workers_owner(unsigned shard, unsigned n_threads)
{
    return n_threads > 1 ? shard % (n_threads < ML_N_SHARDS ? n_threads : ML_N_SHARDS) : 0;
}

struct ml_workers *ml_workers_new(struct ml_shard *shards, unsigned n_threads, struct ml_counters *counters)
{
    struct ml_workers *workers = ml_mem_array(1, sizeof *workers);
    if (workers == NULL) {
        return NULL;
    }
    workers->shards = shards;
    workers->counters = counters;
    if (n_threads <= 1) {
        workers->own = batch_new(OWN_BYTES);
        if (workers->own == NULL) {
            ml_mem_free(workers);
            return NULL;
        }
        return workers;
    }
    n_threads = n_threads < ML_N_SHARDS ? n_threads : ML_N_SHARDS;
    workers->workers = ml_mem_array(n_threads, sizeof *workers->workers);
    for (unsigned i = 0; workers->workers != NULL && i < n_threads; i++) {
        if (!worker_start(&workers->workers[i], shards)) {
            worker_end(&workers->workers[i], false);
            break;
        }
        workers->n++;
    }
    if (workers->n != n_threads) {
        ml_workers_free(workers);
        return NULL;
    }
    return workers;
}

/* Hands the batch being filled to the worker and takes an empty one, waiting when the worker is far behind. */
static void hand_over(struct worker *worker)
{
    if (worker->filling->n == 0) {
        return;
    }
    (void)pthread_mutex_lock(&worker->lock);
    worker->full[(worker->first + worker->n_full) % N_BATCHES] = worker->filling;
    worker->n_full++;
    (void)pthread_cond_broadcast(&worker->changed);
    while (worker->n_empty == 0) {
        (void)pthread_cond_wait(&worker->changed, &worker->lock);
    }
    worker->filling = worker->empty[--worker->n_empty];
    (void)pthread_mutex_unlock(&worker->lock);
}

void ml_workers_free(struct ml_workers *workers)
{
    if (workers == NULL) {
        return;
    }
    for (unsigned i = 0; i < workers->n; i++) {
        hand_over(&workers->workers[i]);
        worker_end(&workers->workers[i], true);
    }
    batch_free(workers->own);
    ml_mem_free(workers->workers);
    ml_mem_free(workers);
}

static bool is_inside(struct ml_span inner, struct ml_span outer)
{
    uintptr_t from = (uintptr_t)inner.ptr;
    uintptr_t base = (uintptr_t)outer.ptr;
    return inner.len == 0 || (from >= base && from - base <= outer.len && inner.len <= outer.len - (from - base));
}

static struct ml_span keep(struct batch *batch, struct ml_span bytes)
{
    uint8_t *to = batch->bytes + batch->used;
    if (bytes.len != 0) {
        memcpy(to, bytes.ptr, bytes.len);
    }
    batch->used += bytes.len;
    return ml_span_of(to, bytes.len);
}

/* Copies the segment with its bytes; the payload usually lies within the IP packet and is not copied twice. */
static void put(struct batch *batch, unsigned shard, const struct ml_segment *segment)
{
    struct ml_segment *copy = &batch->segments[batch->n];
    batch->hash[batch->n] = ml_flow_hash(segment);
    batch->shard[batch->n++] = (uint8_t)shard;
    *copy = *segment;
    copy->ip = keep(batch, segment->ip);
    copy->app = keep(batch, segment->app);
    if (segment->payload.len != 0 && is_inside(segment->payload, segment->ip)) {
        copy->payload.ptr = copy->ip.ptr + (segment->payload.ptr - segment->ip.ptr);
    } else {
        copy->payload = keep(batch, segment->payload);
    }
}

/* Hands on what the batch for a shard holds. */
static void empty_batch(struct ml_workers *workers, unsigned shard)
{
    if (workers->n == 0) {
        work_off(workers->shards, workers->own);
    } else {
        hand_over(&workers->workers[ml_workers_owner(shard, workers->n)]);
    }
}

static struct batch *batch_for(struct ml_workers *workers, unsigned shard)
{
    return workers->n == 0 ? workers->own : workers->workers[ml_workers_owner(shard, workers->n)].filling;
}

void ml_workers_feed(struct ml_workers *workers, const struct ml_segment *segment)
{
    unsigned shard = ml_shard_of_segment(segment);
    struct batch *batch = batch_for(workers, shard);
    size_t need =
        segment->ip.len + segment->payload.len + segment->app.len; /* at most; less when one lies within the other */
    if (batch->n == BATCH_SEGMENTS || need > batch->size - batch->used) {
        empty_batch(workers, shard);
        batch = batch_for(workers, shard);
    }
    if (need > batch->size) {
        uint8_t *bytes = ml_mem_resize(batch->bytes, need, 1);
        if (bytes == NULL) {
            ml_count(workers->counters, ML_COUNT_LIMIT_MEMORY);
            return;
        }
        batch->bytes = bytes;
        batch->size = need;
    }
    put(batch, shard, segment);
}

void ml_workers_drain(struct ml_workers *workers)
{
    if (workers->own != NULL) {
        work_off(workers->shards, workers->own);
    }
    for (unsigned i = 0; i < workers->n; i++) {
        struct worker *worker = &workers->workers[i];
        hand_over(worker);
        (void)pthread_mutex_lock(&worker->lock);
        while (worker->n_full != 0 || worker->is_busy) {
            (void)pthread_cond_wait(&worker->changed, &worker->lock);
        }
        (void)pthread_mutex_unlock(&worker->lock);
    }
}

void ml_workers_flush(struct ml_workers *workers)
{
    ml_workers_drain(workers);
    for (unsigned i = 0; i < ML_N_SHARDS; i++) {
        ml_shard_flush(&workers->shards[i]); /* the workers are idle: their writes happened before the locks above */
    }
}
