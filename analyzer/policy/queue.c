/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ruleset.h"

#include "core/mem.h"

#include <stdlib.h>

/* A record's part in correlations; everything it points to is in the queue's arena. */
struct queued {
    uint64_t seq;
    uint64_t number; /* order of arrival */
    int64_t time_ns;
    struct ml_evidence_ref evidence;
    enum ml_category category;
    uint16_t n_hits;
    uint16_t n_values;
    uint32_t *hits;
    struct ml_value *values;
    uint16_t *fields; /* of each value */
};

struct ml_rules_queue {
    const struct ml_rules *rules; /* borrowed */
    bool is_wanted[ML_N_FIELDS];  /* fields that a correlation names */
    struct ml_arena arena;        /* of all queued; given back when the queue is empty */
    struct queued **items;        /* owned array */
    size_t n, n_room;
    uint64_t n_added;
    uint64_t n_dropped;
    struct ml_record record; /* the one being fed */
};

struct ml_rules_queue *ml_rules_queue_new(const struct ml_rules *rules)
{
    struct ml_rules_queue *queue = ml_mem_array(1, sizeof *queue);
    if (queue == NULL) {
        return NULL;
    }
    queue->rules = rules;
    ml_arena_init(&queue->arena, true); /* values of records can be personal */
    for (size_t i = 0; i < rules->n_correlations; i++) {
        const struct ml_correlation *correlation = &rules->correlations[i];
        for (size_t k = 0; k < correlation->n_rules * correlation->n_fields; k++) {
            queue->is_wanted[correlation->group_by[k]] = true;
        }
        for (size_t k = 0; correlation->value != NULL && k < correlation->n_rules; k++) {
            queue->is_wanted[correlation->value[k]] = true;
        }
    }
    return queue;
}

void ml_rules_queue_free(struct ml_rules_queue *queue)
{
    if (queue != NULL) {
        ml_arena_fini(&queue->arena);
        ml_mem_free(queue->items);
        ml_mem_free(queue);
    }
}

uint64_t ml_rules_queue_limits(const struct ml_rules_queue *queue)
{
    return queue->n_dropped;
}

/* Copies the hits that feed a correlation; how many. */
static uint16_t copy_hits(const struct ml_rules *rules, const uint32_t hits[], size_t n_hits, uint32_t *out)
{
    uint16_t n = 0;
    for (size_t i = 0; i < n_hits; i++) {
        bool feeds = rules->feed_starts[hits[i]] != rules->feed_starts[hits[i] + 1];
        if (feeds && out != NULL) {
            out[n] = hits[i];
        }
        n += feeds;
    }
    return n;
}

/* False: out of memory. */
static bool keep_text(struct ml_rules_queue *queue, enum ml_field field, struct ml_value *value)
{
    if (ml_field_info(field)->type != ML_TYPE_TEXT) {
        return true;
    }
    value->text = ml_arena_copy(&queue->arena, ml_span_cut(value->text, 0, ML_MAX_TEXT));
    return value->text.ptr != NULL;
}

static bool copy_values(struct ml_rules_queue *queue, const struct ml_record *record, struct queued *item)
{
    size_t n = 0;
    for (size_t i = 0; i < record->n_used; i++) {
        n += queue->is_wanted[record->used[i]] ? record->count[record->used[i]] : 0;
    }
    item->values = ml_arena_get(&queue->arena, (n + 1) * sizeof *item->values);
    item->fields = ml_arena_get(&queue->arena, (n + 1) * sizeof *item->fields);
    if (item->values == NULL || item->fields == NULL) {
        return false;
    }
    for (size_t i = 0; i < record->n_used; i++) {
        uint16_t field = record->used[i];
        for (size_t k = 0; queue->is_wanted[field] && k < record->count[field]; k++) {
            struct ml_value *value = &item->values[item->n_values];
            *value = record->values[record->first[field] + k];
            if (!keep_text(queue, (enum ml_field)field, value)) {
                return false;
            }
            item->fields[item->n_values++] = field;
        }
    }
    return true;
}

/* Room for `n` more. */
static bool make_room(struct ml_rules_queue *queue, size_t n)
{
    if (n <= queue->n_room - queue->n) {
        return true;
    }
    size_t n_room = queue->n_room != 0 ? 2 * queue->n_room : 64;
    n_room = n_room < queue->n + n ? queue->n + n : n_room;
    struct queued **items = ml_mem_resize(queue->items, n_room, sizeof(struct queued *));
    if (items == NULL) {
        return false;
    }
    queue->items = items;
    queue->n_room = n_room;
    return true;
}

enum ml_status ml_rules_queue_add(struct ml_rules_queue *queue, const struct ml_record *record, const uint32_t hits[],
                                  size_t n_hits, uint64_t seq, int64_t time_ns, struct ml_evidence_ref evidence)
{
    uint16_t n = copy_hits(queue->rules, hits, n_hits, NULL);
    if (n == 0) {
        return ML_OK;
    }
    if (queue->n == ML_MAX_CORRELATION_EVENTS) {
        queue->n_dropped++;
        return ML_OK;
    }
    struct queued *item = ml_arena_get(&queue->arena, sizeof *item);
    if (item == NULL || !make_room(queue, 1)) {
        return ML_NO_MEMORY;
    }
    *item = (struct queued){.seq = seq,
                            .number = queue->n_added++,
                            .time_ns = time_ns,
                            .evidence = evidence,
                            .category = record->category,
                            .n_hits = n};
    item->hits = ml_arena_get(&queue->arena, n * sizeof *item->hits);
    if (item->hits == NULL || !copy_values(queue, record, item)) {
        return ML_NO_MEMORY;
    }
    (void)copy_hits(queue->rules, hits, n_hits, item->hits); /* as many as were counted */
    queue->items[queue->n++] = item;
    return ML_OK;
}

enum ml_status ml_rules_queue_take(struct ml_rules_queue *queue, struct ml_rules_queue *from)
{
    if (from->n == 0) {
        return ML_OK;
    }
    if (!make_room(queue, from->n)) {
        return ML_NO_MEMORY;
    }
    ml_arena_take(&queue->arena, &from->arena);
    for (size_t i = 0; i < from->n; i++) {
        if (queue->n == ML_MAX_CORRELATION_EVENTS) {
            queue->n_dropped += from->n - i;
            break;
        }
        from->items[i]->number = queue->n_added++;
        queue->items[queue->n++] = from->items[i];
    }
    queue->n_dropped += from->n_dropped;
    from->n = 0;
    from->n_added = from->n_dropped = 0;
    return ML_OK;
}

static int compare(const void *a, const void *b)
{
    const struct queued *left = *(struct queued *const *)a;
    const struct queued *right = *(struct queued *const *)b;
    if (left->seq != right->seq) {
        return left->seq < right->seq ? -1 : 1;
    }
    return (left->number > right->number) - (left->number < right->number);
}

/* The record again, as far as correlations name its fields. */
static void refill(struct ml_record *record, const struct queued *item)
{
    ml_record_clear(record, item->category);
    for (size_t i = 0; i < item->n_values; i++) {
        enum ml_field field = (enum ml_field)item->fields[i];
        const struct ml_value *value = &item->values[i];
        switch (ml_field_info(field)->type) {
        case ML_TYPE_TEXT:
            ml_record_text(record, field, value->text);
            break;
        case ML_TYPE_NUMBER:
            ml_record_number(record, field, value->number);
            break;
        case ML_TYPE_TRUTH:
            ml_record_truth(record, field, value->number != 0);
            break;
        case ML_TYPE_ADDRESS:
            ml_record_ip(record, field, &value->ip);
            break;
        }
    }
}

enum ml_status ml_rules_queue_run(struct ml_rules_queue *queue, struct ml_correlator *correlator, uint64_t before_seq)
{
    enum ml_status status = ML_OK;
    size_t n = 0;
    if (queue->n != 0) {
        qsort(queue->items, queue->n, sizeof(struct queued *), compare);
    }
    for (; n < queue->n && queue->items[n]->seq < before_seq && status == ML_OK; n++) {
        const struct queued *item = queue->items[n];
        refill(&queue->record, item);
        status =
            ml_rules_correlate(correlator, &queue->record, item->hits, item->n_hits, item->time_ns, item->evidence);
    }
    ml_record_clear(&queue->record, ML_CAT_FLOW); /* its texts go with the arena */
    queue->n -= n;
    if (queue->n != 0) {
        memmove(queue->items, queue->items + n, queue->n * sizeof(struct queued *));
    } else {
        ml_arena_fini(&queue->arena);
        ml_arena_init(&queue->arena, true);
    }
    return status;
}
