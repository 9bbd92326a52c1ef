/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/workers.h"

#include "core/mem.h"

enum {
    BATCH_SEGMENTS = 256,
    BATCH_BYTES = 256 * 1024, /* a packet that does not fit an empty batch gets one of its own size */
    N_BATCHES = 8             /* per worker: what the reader may be ahead */
};

struct batch {
    size_t n;
    size_t used;
    size_t size;
    uint8_t *bytes; /* owned */
    uint8_t shard[BATCH_SEGMENTS];
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
    unsigned n;                   /* 0: everything inline */
    struct worker *workers;
};

static void work_off(struct worker *worker, const struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        ml_shard_feed(&worker->shards[batch->shard[i]], &batch->segments[i]);
    }
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
        work_off(worker, batch);
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

static struct batch *batch_new(void)
{
    struct batch *batch = ml_mem_array(1, sizeof *batch);
    if (batch == NULL) {
        return NULL;
    }
    batch->size = BATCH_BYTES;
    batch->bytes = ml_mem_array(BATCH_BYTES, 1);
    if (batch->bytes == NULL) {
        batch_free(batch);
        return NULL;
    }
    return batch;
}

static bool worker_start(struct worker *worker, struct ml_shard *shards)
{
    worker->shards = shards;
    worker->filling = batch_new();
    bool ok = worker->filling != NULL;
    while (ok && worker->n_empty < N_BATCHES - 1) {
        struct batch *batch = batch_new();
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
    worker->filling->n = worker->filling->used = 0;
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

void ml_workers_feed(struct ml_workers *workers, const struct ml_segment *segment)
{
    unsigned shard = ml_shard_of_segment(segment);
    if (workers->n == 0) {
        ml_shard_feed(&workers->shards[shard], segment);
        return;
    }
    struct worker *worker = &workers->workers[ml_workers_owner(shard, workers->n)];
    size_t need =
        segment->ip.len + segment->payload.len + segment->app.len; /* at most; less when one lies within the other */
    if (worker->filling->n == BATCH_SEGMENTS || need > worker->filling->size - worker->filling->used) {
        hand_over(worker);
    }
    struct batch *batch = worker->filling;
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
