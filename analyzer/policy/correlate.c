/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ruleset.h"

#include "core/mem.h"
#include "policy/window.h"

/* Times are held within these, so that sums and differences with a time span cannot overflow. */
#define EARLIEST (INT64_MIN / 2)
#define LATEST (INT64_MAX / 2)

/* What one correlation watches. */
struct watch {
    const struct ml_correlation *rule; /* borrowed */
    struct ml_map index;               /* group key -> number */
    struct ml_window **windows;        /* owned, each too; by number */
    size_t n, n_room;
    int64_t swept_ns;             /* last time old groups were looked for */
    struct ml_window *open_first; /* IS_CLOSED: windows not yet decided, by the time they opened */
    struct ml_window *open_last;
    uint64_t places; /* bit set: which of its rules the current record hit */
};

struct ml_correlator {
    const struct ml_rules *rules; /* borrowed */
    ml_correlation_fn *fn;
    void *context;
    struct watch *watches; /* owned; as rules->correlations */
    uint64_t *touched;     /* owned; bit set of watches the current record feeds */
    int64_t now_ns;        /* highest time fed so far */
    bool has_time;
    size_t n_stored; /* events that all windows remember */
    uint64_t n_dropped;
    uint64_t serial; /* of the record */
    struct ml_correlation_hit hit;
};

static void empty_watch(struct watch *watch)
{
    for (size_t i = 0; i < watch->n; i++) {
        ml_window_free(watch->windows[i]);
    }
    ml_mem_free(watch->windows);
    ml_map_fini(&watch->index);
}

void ml_rules_correlate_free(struct ml_correlator *correlator)
{
    if (correlator == NULL) {
        return;
    }
    for (size_t i = 0; correlator->watches != NULL && i < correlator->rules->n_correlations; i++) {
        empty_watch(&correlator->watches[i]);
    }
    ml_mem_free(correlator->watches);
    ml_mem_free(correlator->touched);
    ml_mem_free(correlator);
}

struct ml_correlator *ml_rules_correlate_new(const struct ml_rules *rules, ml_correlation_fn *fn, void *context)
{
    struct ml_correlator *correlator = ml_mem_array(1, sizeof *correlator);
    if (correlator == NULL) {
        return NULL;
    }
    *correlator = (struct ml_correlator){.rules = rules, .fn = fn, .context = context};
    correlator->watches = ml_mem_array(rules->n_correlations, sizeof *correlator->watches);
    correlator->touched = ml_mem_array(rules->n_correlations / 64 + 1, sizeof *correlator->touched);
    if (correlator->watches == NULL || correlator->touched == NULL) {
        ml_rules_correlate_free(correlator);
        return NULL;
    }
    for (size_t i = 0; i < rules->n_correlations; i++) {
        correlator->watches[i].rule = &rules->correlations[i];
        correlator->watches[i].swept_ns = EARLIEST;
        ml_map_init(&correlator->watches[i].index, ML_MAX_CORRELATION_GROUPS);
    }
    return correlator;
}

uint64_t ml_rules_correlate_limits(const struct ml_correlator *correlator)
{
    return correlator->n_dropped;
}

/* --- hits --- */

static void mark(struct ml_correlator *correlator, uint32_t rule)
{
    const struct ml_rules *rules = correlator->rules;
    for (uint32_t i = rules->feed_starts[rule]; i < rules->feed_starts[rule + 1]; i++) {
        const struct ml_feed *feed = &rules->feeds[i];
        correlator->touched[feed->correlation / 64] |= UINT64_C(1) << feed->correlation % 64;
        correlator->watches[feed->correlation].places |= UINT64_C(1) << feed->place;
    }
}

static void report(struct ml_correlator *correlator, const struct watch *watch, const struct ml_window *window,
                   const struct ml_record *record, int64_t from_ns)
{
    struct ml_correlation_hit *hit = &correlator->hit;
    hit->rule = watch->rule->rule;
    hit->record = record;
    hit->time_ns = window->last_ns;
    hit->n = ml_window_evidence(window, from_ns, hit->evidence);
    correlator->fn(correlator->context, hit);
    mark(correlator, watch->rule->rule);
}

/* --- windows that are decided when they are over --- */

static void decide(struct ml_correlator *correlator, struct watch *watch)
{
    struct ml_window *window = watch->open_first;
    watch->open_first = window->next_open;
    watch->open_last = watch->open_first != NULL ? watch->open_last : NULL;
    uint64_t n = window->count;
    if (n >= watch->rule->at_least && n <= watch->rule->at_most) {
        report(correlator, watch, window, NULL, window->opened_ns);
    }
    correlator->n_stored -= ml_window_reset(window);
}

static void decide_until(struct ml_correlator *correlator, int64_t now_ns)
{
    for (size_t i = 0; i < correlator->rules->n_correlations; i++) {
        struct watch *watch = &correlator->watches[i];
        while (watch->open_first != NULL && now_ns - watch->open_first->opened_ns > watch->rule->span_ns) {
            decide(correlator, watch);
        }
    }
}

/* --- groups --- */

enum { MAX_KEY = 4096 };

/* How many groups a record belongs to: one for each value of the list among the fields. */
static size_t groups_of(const struct ml_correlation *rule, size_t place, const struct ml_record *record)
{
    size_t n = 1;
    for (size_t i = 0; i < rule->n_fields; i++) {
        enum ml_field field = rule->group_by[place * rule->n_fields + i];
        n = ml_field_info(field)->is_list || record->count[field] == 0 ? record->count[field] : n;
        if (n == 0) {
            return 0;
        }
    }
    return n;
}

/* Values of the group-by fields as the rule at `place` names them; of a list the one with the number `group`. */
static struct ml_span key_of(const struct ml_correlation *rule, size_t place, const struct ml_record *record,
                             size_t group, uint8_t out[MAX_KEY])
{
    size_t len = 0;
    for (size_t i = 0; i < rule->n_fields; i++) {
        enum ml_field field = rule->group_by[place * rule->n_fields + i];
        const struct ml_field_info *info = ml_field_info(field);
        const struct ml_value *value = &record->values[record->first[field] + (info->is_list ? group : 0)];
        char decimal[64];
        struct ml_span text = ml_value_text(value, info->type, decimal);
        text = ml_span_cut(text, 0, MAX_KEY / ML_MAX_CORRELATION_FIELDS - 2);
        out[len++] = (uint8_t)(text.len >> 8);
        out[len++] = (uint8_t)text.len;
        if (text.len != 0) {
            memcpy(out + len, text.ptr, text.len);
            len += text.len;
        }
    }
    return ml_span_of(out, len);
}

/* Frees the groups whose last event no window can hold any more. */
static enum ml_status sweep(struct ml_correlator *correlator, struct watch *watch)
{
    struct ml_map kept;
    size_t n = 0;
    ml_map_init(&kept, ML_MAX_CORRELATION_GROUPS);
    for (size_t i = 0; i < watch->n; i++) {
        bool is_old = correlator->now_ns - watch->windows[i]->last_ns > watch->rule->span_ns;
        if (!is_old && ml_map_add(&kept, ml_map_key(watch->index.entries[i]), (uint32_t)n++, NULL) == NULL) {
            ml_map_fini(&kept);
            return ML_NO_MEMORY;
        }
    }
    n = 0;
    for (size_t i = 0; i < watch->n; i++) {
        struct ml_window *window = watch->windows[i];
        if (correlator->now_ns - window->last_ns > watch->rule->span_ns) {
            correlator->n_stored -= ml_window_reset(window);
            ml_window_free(window);
        } else {
            watch->windows[n++] = window;
        }
    }
    ml_map_fini(&watch->index);
    watch->index = kept;
    watch->n = n;
    watch->swept_ns = correlator->now_ns;
    return ML_OK;
}

/* A new window for a key that has none; *out stays NULL at a ceiling. */
static enum ml_status add_window(struct ml_correlator *correlator, struct watch *watch, struct ml_span key,
                                 struct ml_window **out)
{
    if (watch->n == ML_MAX_CORRELATION_GROUPS && correlator->now_ns - watch->swept_ns > watch->rule->span_ns / 8) {
        enum ml_status status = sweep(correlator, watch);
        if (status != ML_OK) {
            return status;
        }
    }
    if (watch->n == ML_MAX_CORRELATION_GROUPS) {
        correlator->n_dropped++;
        return ML_OK;
    }
    struct ml_window **windows = ml_mem_grow(watch->windows, watch->n, &watch->n_room, 16, sizeof(struct ml_window *));
    if (windows == NULL) {
        return ML_NO_MEMORY;
    }
    watch->windows = windows;
    struct ml_window *window = ml_window_new(watch->rule->n_rules);
    if (window == NULL || ml_map_add(&watch->index, key, (uint32_t)watch->n, NULL) == NULL) {
        ml_window_free(window);
        return ML_NO_MEMORY;
    }
    watch->windows[watch->n++] = window;
    *out = window;
    return ML_OK;
}

static enum ml_status find_window(struct ml_correlator *correlator, struct watch *watch, struct ml_span key,
                                  struct ml_window **out)
{
    const struct ml_map_entry *entry = ml_map_find(&watch->index, key);
    *out = entry != NULL ? watch->windows[entry->value] : NULL;
    return entry != NULL ? ML_OK : add_window(correlator, watch, key, out);
}

/* --- events --- */

struct event {
    const struct ml_record *record;
    struct ml_evidence_ref evidence;
};

/* Values of the counted field, as hashes; a field without values counts nothing. */
static enum ml_status count_values(struct ml_correlator *correlator, const struct watch *watch,
                                   struct ml_window *window, size_t place, const struct ml_record *record)
{
    const struct ml_correlation *rule = watch->rule;
    enum ml_field field = rule->value[place];
    /* One more than any bound asks for tells all that is to be told. */
    uint64_t enough = (rule->is_closed ? rule->at_most : rule->at_least) + 1;
    enum ml_status status = ML_OK;
    for (size_t i = 0; i < record->count[field] && status == ML_OK; i++) {
        char decimal[64];
        const struct ml_value *value = &record->values[record->first[field] + i];
        struct ml_span text = ml_value_text(value, ml_field_info(field)->type, decimal);
        status = ml_window_value(window, text, correlator->now_ns, (size_t)enough, &correlator->n_stored);
    }
    return status;
}

/* How many events, values or rules the window holds at this time. */
static uint64_t measure(const struct watch *watch, struct ml_window *window, int64_t from_ns)
{
    switch (watch->rule->type) {
    case ML_CORR_EVENT_COUNT:
        return ml_window_events_since(window, from_ns);
    case ML_CORR_VALUE_COUNT:
        return ml_window_values_since(window, from_ns);
    case ML_CORR_TEMPORAL:
        return ml_window_places_since(window, from_ns);
    case ML_CORR_TEMPORAL_ORDERED:
        break;
    }
    return ml_window_chain_since(window, from_ns) ? watch->rule->n_rules : 0;
}

static enum ml_status take_event(struct ml_correlator *correlator, const struct watch *watch, struct ml_window *window,
                                 size_t place, const struct ml_record *record)
{
    const struct ml_correlation *rule = watch->rule;
    switch (rule->type) {
    case ML_CORR_EVENT_COUNT:
        if (rule->is_closed) {
            window->count++;
            return ML_OK;
        }
        return ml_window_event(window, correlator->now_ns, (size_t)rule->at_least, &correlator->n_stored);
    case ML_CORR_VALUE_COUNT: {
        enum ml_status status = count_values(correlator, watch, window, place, record);
        window->count = ml_window_values_since(window, INT64_MIN);
        return status;
    }
    case ML_CORR_TEMPORAL:
        ml_window_place(window, place, correlator->now_ns);
        window->count = ml_window_places_since(window, window->opened_ns);
        return ML_OK;
    case ML_CORR_TEMPORAL_ORDERED:
        ml_window_chain(window, place, correlator->now_ns, correlator->now_ns - rule->span_ns);
        return ML_OK;
    }
    return ML_OK;
}

/* Puts a window at the end of those that wait for their decision. */
static void open_window(struct ml_correlator *correlator, struct watch *watch, struct ml_window *window)
{
    if (!watch->rule->is_closed || window->is_open) {
        return;
    }
    window->is_open = true;
    window->opened_ns = correlator->now_ns;
    window->next_open = NULL;
    if (watch->open_last != NULL) {
        watch->open_last->next_open = window;
    } else {
        watch->open_first = window;
    }
    watch->open_last = window;
}

/* One record at one place of a correlation, in one of its groups. */
static enum ml_status feed_group(struct ml_correlator *correlator, struct watch *watch, size_t place, size_t group,
                                 const struct event *event)
{
    uint8_t bytes[MAX_KEY];
    struct ml_window *window = NULL;
    const struct ml_correlation *rule = watch->rule;
    struct ml_span key = key_of(rule, place, event->record, group, bytes);
    enum ml_status status = find_window(correlator, watch, key, &window);
    /* A record that several of the rules hit is one event, but may be several values and is several rules. */
    bool is_again = window != NULL && window->serial == correlator->serial;
    if (status != ML_OK || window == NULL || (is_again && rule->type == ML_CORR_EVENT_COUNT)) {
        return status;
    }
    int64_t from_ns = correlator->now_ns - rule->span_ns;
    bool was_true = !rule->is_closed && measure(watch, window, from_ns) >= rule->at_least;
    window->serial = correlator->serial;
    open_window(correlator, watch, window);
    status = take_event(correlator, watch, window, place, event->record);
    if (status == ML_LIMIT) {
        correlator->n_dropped++;
        return ML_OK;
    }
    if (status != ML_OK || (!is_again && !ml_window_note(window, correlator->now_ns, event->evidence))) {
        return ML_NO_MEMORY;
    }
    bool is_true = !rule->is_closed && measure(watch, window, from_ns) >= rule->at_least;
    if (is_true && !was_true) {
        report(correlator, watch, window, event->record, from_ns);
    }
    return ML_OK;
}

static enum ml_status feed(struct ml_correlator *correlator, struct watch *watch, const struct event *event)
{
    enum ml_status status = ML_OK;
    uint64_t places = watch->places;
    watch->places = 0;
    /* In a chain one event must not be its own successor: the last place comes first. */
    while (places != 0 && status == ML_OK) {
        bool from_end = watch->rule->type == ML_CORR_TEMPORAL_ORDERED;
        unsigned place = from_end ? 63 - (unsigned)__builtin_clzll(places) : (unsigned)__builtin_ctzll(places);
        places &= ~(UINT64_C(1) << place);
        size_t n_groups = groups_of(watch->rule, place, event->record);
        for (size_t group = 0; group < n_groups && status == ML_OK; group++) {
            status = feed_group(correlator, watch, place, group, event);
        }
    }
    return status;
}

enum ml_status ml_rules_correlate(struct ml_correlator *correlator, const struct ml_record *record,
                                  const uint32_t hits[], size_t n_hits, int64_t time_ns,
                                  struct ml_evidence_ref evidence)
{
    const struct ml_rules *rules = correlator->rules;
    struct event event = {.record = record, .evidence = evidence};
    enum ml_status status = ML_OK;
    if (rules->n_correlations == 0) {
        return ML_OK;
    }
    time_ns = time_ns < EARLIEST ? EARLIEST : time_ns > LATEST ? LATEST : time_ns;
    correlator->serial++;
    if (!correlator->has_time || time_ns > correlator->now_ns) {
        correlator->now_ns = time_ns;
        correlator->has_time = true;
    }
    decide_until(correlator, correlator->now_ns);
    for (size_t i = 0; i < n_hits; i++) {
        mark(correlator, hits[i]);
    }
    /* A correlation that fires only touches later ones: the words are read again after each. */
    for (size_t word = 0; word <= rules->n_correlations / 64; word++) {
        while (correlator->touched[word] != 0) {
            unsigned bit = (unsigned)__builtin_ctzll(correlator->touched[word]);
            correlator->touched[word] &= correlator->touched[word] - 1;
            struct watch *watch = &correlator->watches[64 * word + bit];
            status = status == ML_OK ? feed(correlator, watch, &event) : status;
            watch->places = 0;
        }
    }
    return status;
}

void ml_rules_correlate_flush(struct ml_correlator *correlator)
{
    for (size_t i = 0; i < correlator->rules->n_correlations; i++) {
        while (correlator->watches[i].open_first != NULL) {
            decide(correlator, &correlator->watches[i]);
        }
    }
}
