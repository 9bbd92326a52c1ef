/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over all flows, in lots. Hands work lots out ahead, each flow by itself; this thread counts and writes them
 * in order, and works lots out too where none is ready. With one thread there are no other hands.
 */
#include "engine/join.h"

#include "core/mem.h"
#include "report/write.h"

enum {
    LOT_FLOWS = 64,      /* few enough to stay in a core's cache until they are counted */
    FLOWS_AHEAD = 4,     /* of a flow whose endpoint is fetched from memory while others are counted */
    LOTS_PER_THREAD = 4, /* what hands may be ahead */
    MAX_HANDS = 64,
    MAX_LINES = 256 * 1024 * 1024 /* bytes of the rows of a lot: 4 MB each */
};

struct lot {
    size_t first, n;
    bool is_ready;
    bool out_of_memory;
    struct ml_buf lines;
    struct ml_hits hits;
    size_t hits_end[LOT_FLOWS];
    struct ml_flow_view views[LOT_FLOWS];
};

struct walk {
    struct ml_join *join;
    bool wants_lines;
    struct lot *lots; /* owned; ring */
    size_t n_lots;    /* in the ring */
    size_t n;         /* in all */
    /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;    /* lot nobody has taken */
    size_t counted; /* lots that were counted */
    bool is_ending;
};

struct helper {
    struct walk *walk;
    struct ml_hand *hand; /* owned */
    pthread_t thread;
};

/* --- one lot by itself --- */

static bool work_out_flow(struct ml_hand *hand, struct lot *lot, size_t i, bool wants_lines)
{
    struct ml_flow_view *view = &lot->views[i];
    size_t at = lot->first + i;
    ml_join_prefetch(hand->join, at);
    ml_join_view(hand, at + 1, hand->join->flows[at], view);
    ml_join_flow_row(hand, view);
    if (wants_lines) {
        ml_ndjson_row(&hand->record, &lot->lines);
    }
    bool ok = ml_join_match_flow(hand, view, &lot->hits);
    lot->hits_end[i] = lot->hits.n;
    return ok && !hand->out_of_memory;
}

static void work_out(struct walk *walk, struct ml_hand *hand, size_t number)
{
    struct lot *lot = &walk->lots[number % walk->n_lots];
    size_t left = walk->join->n_flows - number * LOT_FLOWS;
    lot->first = number * LOT_FLOWS;
    lot->n = left < LOT_FLOWS ? left : LOT_FLOWS;
    lot->hits.n = 0;
    ml_buf_clear(&lot->lines);
    for (size_t i = 0; i < lot->n && !lot->out_of_memory; i++) {
        lot->out_of_memory = !work_out_flow(hand, lot, i, walk->wants_lines);
    }
}

/* Under lock: may the next lot be taken? Its place in the ring must be free. */
static bool can_take(const struct walk *walk)
{
    return walk->next < walk->n && walk->next < walk->counted + walk->n_lots;
}

/* Under lock, which is given up meanwhile. */
static void take(struct walk *walk, struct ml_hand *hand)
{
    size_t number = walk->next++;
    (void)pthread_mutex_unlock(&walk->lock);
    work_out(walk, hand, number);
    (void)pthread_mutex_lock(&walk->lock);
    walk->lots[number % walk->n_lots].is_ready = true;
    (void)pthread_cond_broadcast(&walk->changed);
}

static void *help(void *context)
{
    struct helper *helper = context;
    struct walk *walk = helper->walk;
    (void)pthread_mutex_lock(&walk->lock); /* a plain mutex in use cannot fail, here and elsewhere */
    while (!walk->is_ending && walk->next < walk->n) {
        if (can_take(walk)) {
            take(walk, helper->hand);
        } else {
            (void)pthread_cond_wait(&walk->changed, &walk->lock);
        }
    }
    (void)pthread_mutex_unlock(&walk->lock);
    return NULL;
}

/* --- all lots, in order --- */

static bool count_flow(struct ml_join *join, struct ml_flow_view *view, uint32_t endpoint_hash,
                       const struct ml_hit hits[], size_t n)
{
    struct ml_map_entry *protocol = ml_map_add(&join->report->by_protocol, ml_span_text(view->protocol), 0, NULL);
    if (protocol == NULL || !ml_join_count_endpoint(join, view, endpoint_hash) || !ml_join_count_app(join, view)) {
        return false;
    }
    protocol->value++;
    ml_join_add_reach(&join->report->reach, view);
    ml_join_count_planted(join, view);
    return ml_join_add_hits(join, view, hits, n);
}

static enum ml_status count_lot(struct walk *walk, struct lot *lot, struct ml_error *error)
{
    struct ml_join *join = walk->join;
    bool ok = !lot->out_of_memory;
    uint32_t hashes[LOT_FLOWS];
    for (size_t i = 0; i < lot->n && ok; i++) {
        hashes[i] = ml_join_endpoint_hash(&lot->views[i]);
        ml_slots_prefetch(&join->endpoint_slots, hashes[i]);
    }
    for (size_t i = 0; i < lot->n && ok; i++) {
        if (lot->n - i > FLOWS_AHEAD) {
            ml_join_expect_endpoint(join, hashes[i + FLOWS_AHEAD]);
        }
        size_t from = i != 0 ? lot->hits_end[i - 1] : 0;
        ok = count_flow(join, &lot->views[i], hashes[i], lot->hits.hits + from, lot->hits_end[i] - from);
    }
    if (!ok || ml_rules_queue_take(join->queue, lot->hits.queue) != ML_OK) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory while joining flows");
    }
    if (lot->lines.failed) {
        return ml_error_set(error, ML_NO_MEMORY, "a row is too large");
    }
    if (walk->wants_lines && !join->rows->rows(join->rows->context, ML_CAT_FLOW, ml_buf_span(&lot->lines))) {
        return ml_error_set(error, ML_IO, "rows could not be written");
    }
    return ML_OK;
}

static enum ml_status count_all(struct walk *walk, struct ml_error *error)
{
    enum ml_status status = ML_OK;
    (void)pthread_mutex_lock(&walk->lock);
    while (walk->counted < walk->n && status == ML_OK) {
        struct lot *lot = &walk->lots[walk->counted % walk->n_lots];
        if (lot->is_ready) {
            (void)pthread_mutex_unlock(&walk->lock);
            status = count_lot(walk, lot, error);
            (void)pthread_mutex_lock(&walk->lock);
            lot->is_ready = false;
            walk->counted++;
            (void)pthread_cond_broadcast(&walk->changed);
        } else if (can_take(walk)) {
            take(walk, walk->join->hand);
        } else {
            (void)pthread_cond_wait(&walk->changed, &walk->lock);
        }
    }
    walk->is_ending = true;
    (void)pthread_cond_broadcast(&walk->changed);
    (void)pthread_mutex_unlock(&walk->lock);
    return status;
}

/* Starts up to `n` helpers: fewer are slower, no more. How many there are. */
static size_t start(struct walk *walk, struct helper helpers[MAX_HANDS], size_t n)
{
    size_t started = 0;
    for (; started < n; started++) {
        struct helper *helper = &helpers[started];
        *helper = (struct helper){.walk = walk, .hand = ml_hand_new(walk->join)};
        if (helper->hand == NULL || pthread_create(&helper->thread, NULL, help, helper) != 0) {
            ml_hand_free(helper->hand);
            break;
        }
    }
    return started;
}

static void end(struct ml_join *join, struct helper helpers[MAX_HANDS], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)pthread_join(helpers[i].thread, NULL); /* it was started and is joined once */
        join->regex_limits += ml_rules_scratch_regex_limits(helpers[i].hand->rule_scratch);
        ml_hand_free(helpers[i].hand);
    }
}

static bool lots_init(struct walk *walk)
{
    walk->lots = ml_mem_array(walk->n_lots, sizeof *walk->lots);
    for (size_t i = 0; walk->lots != NULL && i < walk->n_lots; i++) {
        struct lot *lot = &walk->lots[i];
        ml_buf_init(&lot->lines, MAX_LINES);
        lot->hits.queue = ml_rules_queue_new(walk->join->config->rules);
        if (lot->hits.queue == NULL) {
            return false;
        }
    }
    return walk->lots != NULL;
}

static void lots_fini(struct walk *walk)
{
    for (size_t i = 0; walk->lots != NULL && i < walk->n_lots; i++) {
        ml_buf_fini(&walk->lots[i].lines);
        ml_mem_free(walk->lots[i].hits.hits);
        ml_rules_queue_free(walk->lots[i].hits.queue);
    }
    ml_mem_free(walk->lots);
}

enum ml_status ml_join_flows(struct ml_join *join, struct ml_error *error)
{
    struct helper helpers[MAX_HANDS];
    enum ml_status status = ML_NO_MEMORY;
    struct walk walk = {.join = join, .n = (join->n_flows + LOT_FLOWS - 1) / LOT_FLOWS};
    size_t n_helpers = join->config->n_threads > 1 ? join->config->n_threads - 1 : 0;
    n_helpers = n_helpers < walk.n / 2 ? n_helpers : walk.n / 2;
    n_helpers = n_helpers < MAX_HANDS ? n_helpers : MAX_HANDS;
    walk.n_lots = n_helpers != 0 ? LOTS_PER_THREAD * (n_helpers + 1) : 1;
    walk.wants_lines = join->rows != NULL && join->rows->wants_flows;
    (void)pthread_mutex_init(&walk.lock, NULL); /* default attributes: cannot fail on Linux */
    (void)pthread_cond_init(&walk.changed, NULL);
    if (lots_init(&walk)) {
        size_t n = start(&walk, helpers, n_helpers);
        status = count_all(&walk, error);
        end(join, helpers, n);
    } else {
        (void)ml_error_set(error, status, "out of memory while joining flows");
    }
    lots_fini(&walk);
    (void)pthread_cond_destroy(&walk.changed);
    (void)pthread_mutex_destroy(&walk.lock);
    join->report->n_flows = join->n_flows;
    return status;
}
