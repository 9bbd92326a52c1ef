/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

#define SOURCE "logsource: {product: mitleser, category: fact}\n"
#define S INT64_C(1000000000)

/* Rules a, b and c hit hosts a, b and c. */
static const char base[] = "title: a\nname: a\n" SOURCE "detection: {s: {http.host: a}, condition: s}\n"
                           "---\ntitle: b\nname: b\n" SOURCE "detection: {s: {http.host: b}, condition: s}\n"
                           "---\ntitle: c\nname: c\n" SOURCE "detection: {s: {http.host: c}, condition: s}\n";

struct event {
    int64_t at_s;
    const char *host; /* "ab": both rules a and b hit, by two values */
    const char *more; /* further lines of the record; may be NULL */
};

struct seen {
    const struct ml_rules *rules;
    char text[512]; /* "c@5[1 2]": correlation c at second 5 with facts 1 and 2 */
    size_t len;
};

static void note(void *context, const struct ml_correlation_hit *hit)
{
    struct seen *seen = context;
    seen->len += (size_t)snprintf(seen->text + seen->len, sizeof seen->text - seen->len, "%s%s@%lld%s[",
                                  seen->len != 0 ? " " : "", ml_rules_get(seen->rules, hit->rule)->name,
                                  (long long)(hit->time_ns / S), hit->record != NULL ? "" : "*");
    for (size_t i = 0; i < hit->n; i++) {
        seen->len += (size_t)snprintf(seen->text + seen->len, sizeof seen->text - seen->len, "%s%llu",
                                      i != 0 ? " " : "", (unsigned long long)hit->evidence[i].fact);
    }
    seen->len += (size_t)snprintf(seen->text + seen->len, sizeof seen->text - seen->len, "]");
}

static void fill(struct ml_record *record, const struct event *event)
{
    static char lines[512]; /* the record borrows them */
    (void)snprintf(lines, sizeof lines, "http.host=%s\n%s", event->host, event->more != NULL ? event->more : "");
    rig_record(record, ML_CAT_FACT, lines);
}

/* Runs events through the correlations of a text and compares what fired. */
static void check(const char *correlations, const struct event *events, size_t n, const char *want)
{
    static struct ml_record record;
    char text[4096];
    struct seen seen = {.len = 0};
    (void)snprintf(text, sizeof text, "%s%s", base, correlations);
    struct ml_rules *rules = rig_load(text, NULL);
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    seen.rules = rules;
    struct ml_correlator *correlator = ml_rules_correlate_new(rules, note, &seen);
    for (size_t i = 0; i < n; i++) {
        uint32_t hits[16];
        fill(&record, &events[i]);
        size_t n_hits = ml_rules_match(rules, scratch, &record, hits, 16);
        assert_int_equal(ml_rules_correlate(correlator, &record, hits, n_hits, events[i].at_s * S,
                                            (struct ml_evidence_ref){.fact = i + 1, .flow = 1}),
                         ML_OK);
    }
    ml_rules_correlate_flush(correlator);
    assert_string_equal(seen.text, want);
    assert_int_equal(ml_rules_correlate_limits(correlator), 0);
    ml_rules_correlate_free(correlator);
    ml_rules_scratch_free(scratch);
    ml_rules_free(rules);
}

#define CHECK(correlations, want, ...)                                                                                 \
    check((correlations), (const struct event[]){__VA_ARGS__},                                                         \
          sizeof((const struct event[]){__VA_ARGS__}) / sizeof(struct event), (want))

#define CORRELATION(type, rest) "---\ntitle: x\nname: x\ncorrelation:\n  type: " type "\n  timespan: 10s\n" rest

static void events_are_counted_back_from_each(void **state)
{
    (void)state;
    const char *three = CORRELATION("event_count", "  rules: [a]\n  condition: {gte: 3}\n");
    CHECK(three, "x@2[1 2 3]", {0, "a", NULL}, {1, "a", NULL}, {2, "a", NULL});
    CHECK(three, "", {0, "a", NULL}, {1, "b", NULL}, {2, "a", NULL});
    CHECK(three, "x@10[1 2 3]", {0, "a", NULL}, {5, "a", NULL}, {10, "a", NULL});
    CHECK(three, "", {0, "a", NULL}, {5, "a", NULL}, {11, "a", NULL});
    /* The window is not a grid: the last ten seconds count, wherever they lie. */
    CHECK(three, "x@14[2 3 4]", {0, "a", NULL}, {6, "a", NULL}, {13, "a", NULL}, {14, "a", NULL});
}

static void a_condition_fires_once_until_it_has_been_false(void **state)
{
    (void)state;
    const char *two = CORRELATION("event_count", "  rules: [a]\n  condition: {gt: 1}\n");
    CHECK(two, "x@1[1 2]", {0, "a", NULL}, {1, "a", NULL}, {2, "a", NULL}, {9, "a", NULL}, {11, "a", NULL});
    CHECK(two, "x@1[1 2] x@51[3 4]", {0, "a", NULL}, {1, "a", NULL}, {50, "a", NULL}, {51, "a", NULL});
}

static void a_record_that_hits_several_rules_is_one_event(void **state)
{
    (void)state;
    const char *both = "---\ntitle: d\nname: d\n" SOURCE "detection: {s: {http.host: a}, condition: s}\n" CORRELATION(
        "event_count", "  rules: [a, d]\n  condition: {gte: 2}\n");
    CHECK(both, "x@1[1 2]", {0, "a", NULL}, {1, "a", NULL});
    CHECK(both, "", {0, "a", NULL});
}

static void groups_are_apart_and_need_their_fields(void **state)
{
    (void)state;
    const char *two = CORRELATION("event_count", "  rules: [a]\n  group-by: [src.port, app]\n  condition: {gte: 2}\n");
    CHECK(two, "x@3[1 4]", {0, "a", "src.port=1\napp=p"}, {1, "a", "src.port=2\napp=p"}, {2, "a", "src.port=1\napp=q"},
          {3, "a", "src.port=1\napp=p"});
    CHECK(two, "", {0, "a", "src.port=1"}, {1, "a", "src.port=1"});
}

static void a_list_field_puts_a_record_into_several_groups(void **state)
{
    (void)state;
    const char *two = CORRELATION("event_count", "  rules: [a]\n  group-by: [names]\n  condition: {gte: 2}\n");
    CHECK(two, "x@1[1 2]", {0, "a", "names=p\nnames=q"}, {1, "a", "names=r\nnames=q"});
    CHECK(two, "x@1[1 2] x@1[1 2]", {0, "a", "names=p\nnames=q"}, {1, "a", "names=q\nnames=p"});
}

static void aliases_name_different_fields_of_different_rules(void **state)
{
    (void)state;
    const char *alias = CORRELATION("temporal", "  rules: [a, b]\n  group-by: [port]\n"
                                                "  aliases: {port: {a: src.port, b: dst.port}}\n");
    CHECK(alias, "x@1[1 2]", {0, "a", "src.port=7\ndst.port=1"}, {1, "b", "src.port=2\ndst.port=7"});
    CHECK(alias, "", {0, "a", "src.port=7\ndst.port=1"}, {1, "b", "src.port=7\ndst.port=1"});
}

static void different_values_are_counted(void **state)
{
    (void)state;
    const char *three = CORRELATION("value_count", "  rules: [a]\n  condition: {gte: 3, field: src.port}\n");
    CHECK(three, "x@3[1 2 3 4]", {0, "a", "src.port=1"}, {1, "a", "src.port=2"}, {2, "a", "src.port=1"},
          {3, "a", "src.port=3"});
    /* The value seen again counts from its last time. */
    CHECK(three, "x@12[2 3 4]", {0, "a", "src.port=1"}, {4, "a", "src.port=2"}, {9, "a", "src.port=1"},
          {12, "a", "src.port=3"});
    CHECK(three, "", {0, "a", "src.port=1"}, {1, "a", "src.port=2"}, {11, "a", "src.port=3"});
    CHECK(three, "", {0, "a", "src.port=1"}, {1, "a", NULL}, {2, "a", NULL});
    /* Every value of a list counts. */
    const char *names = CORRELATION("value_count", "  rules: [a]\n  condition: {gte: 3, field: names}\n");
    CHECK(names, "x@0[1]", {0, "a", "names=p\nnames=q\nnames=r"});
}

static void rules_must_all_come_within_the_time(void **state)
{
    (void)state;
    const char *all = CORRELATION("temporal", "  rules: [a, b, c]\n");
    CHECK(all, "x@2[1 2 3]", {0, "c", NULL}, {1, "a", NULL}, {2, "b", NULL});
    CHECK(all, "", {0, "c", NULL}, {1, "a", NULL}, {11, "b", NULL});
    CHECK(all, "x@11[2 3 4]", {0, "c", NULL}, {5, "a", NULL}, {9, "c", NULL}, {11, "b", NULL});
    const char *two = CORRELATION("temporal", "  rules: [a, b, c]\n  condition: {gte: 2}\n");
    CHECK(two, "x@1[1 2]", {0, "c", NULL}, {1, "a", NULL}, {2, "b", NULL});
}

static void rules_can_be_asked_for_in_order(void **state)
{
    (void)state;
    const char *ordered = CORRELATION("temporal_ordered", "  rules: [a, b, c]\n");
    CHECK(ordered, "x@2[1 2 3]", {0, "a", NULL}, {1, "b", NULL}, {2, "c", NULL});
    CHECK(ordered, "", {0, "b", NULL}, {1, "a", NULL}, {2, "c", NULL});
    CHECK(ordered, "x@4[1 2 3 4]", {0, "b", NULL}, {1, "a", NULL}, {2, "b", NULL}, {4, "c", NULL});
    CHECK(ordered, "", {0, "a", NULL}, {5, "b", NULL}, {11, "c", NULL});
    /* A later beginning saves a chain whose first one is too old. */
    CHECK(ordered, "x@11[2 3 4 5]", {0, "a", NULL}, {2, "a", NULL}, {5, "b", NULL}, {6, "b", NULL}, {11, "c", NULL});
    /* One event is not its own successor. */
    const char *twice = CORRELATION("temporal_ordered", "  rules: [a, a]\n");
    CHECK(twice, "", {0, "a", NULL});
    CHECK(twice, "x@1[1 2]", {0, "a", NULL}, {1, "a", NULL});
}

static void an_upper_bound_is_decided_when_the_window_is_over(void **state)
{
    (void)state;
    const char *few = CORRELATION("event_count", "  rules: [a]\n  condition: {lt: 3}\n");
    CHECK(few, "x@1*[1 2]", {0, "a", NULL}, {1, "a", NULL});
    CHECK(few, "", {0, "a", NULL}, {1, "a", NULL}, {2, "a", NULL});
    /* Events of other groups, or of none, move time on. */
    CHECK(few, "x@0*[1] x@30*[3]", {0, "a", NULL}, {20, "b", NULL}, {30, "a", NULL});
    const char *exact = CORRELATION("event_count", "  rules: [a]\n  condition: {eq: 2}\n");
    CHECK(exact, "x@10*[1 2] x@22*[4 5]", {0, "a", NULL}, {10, "a", NULL}, {11, "b", NULL}, {21, "a", NULL},
          {22, "a", NULL});
    CHECK(exact, "", {0, "a", NULL}, {1, "a", NULL}, {2, "a", NULL}, {13, "a", NULL});
    const char *range = CORRELATION("value_count", "  rules: [a]\n  condition: {gte: 2, lte: 3, field: src.port}\n");
    CHECK(range, "x@1*[1 2]", {0, "a", "src.port=1"}, {1, "a", "src.port=2"});
    CHECK(range, "", {0, "a", "src.port=1"}, {1, "a", "src.port=2"}, {2, "a", "src.port=3"}, {3, "a", "src.port=4"});
    CHECK(range, "", {0, "a", "src.port=1"}, {1, "a", "src.port=1"});
    const char *one = CORRELATION("temporal", "  rules: [a, b]\n  condition: {lt: 2}\n");
    CHECK(one, "x@3*[1 2]", {0, "a", NULL}, {3, "a", NULL});
    CHECK(one, "", {0, "a", NULL}, {3, "b", NULL});
}

static void correlations_feed_correlations(void **state)
{
    (void)state;
    /* The example of the specification: many failures, then a success. */
    const char *chain = "---\ntitle: then\nname: then\ncorrelation:\n  type: temporal_ordered\n  rules: [many, b]\n"
                        "  group-by: [app]\n  timespan: 60s\n"
                        "---\ntitle: many\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n"
                        "  group-by: [app]\n  timespan: 10s\n  condition: {gte: 2}\n";
    CHECK(chain, "many@1[1 2] then@40[2 3]", {0, "a", "app=p"}, {1, "a", "app=p"}, {40, "b", "app=p"});
    CHECK(chain, "many@1[1 2]", {0, "a", "app=p"}, {1, "a", "app=p"}, {40, "b", "app=q"});
    CHECK(chain, "", {0, "a", "app=p"}, {11, "a", "app=p"}, {40, "b", "app=p"});
}

static void a_clock_that_jumps_back_is_held(void **state)
{
    (void)state;
    const char *two = CORRELATION("event_count", "  rules: [a]\n  condition: {gte: 2}\n");
    CHECK(two, "x@100[1 2]", {100, "a", NULL}, {3, "a", NULL});
    CHECK(two, "x@-50[1 2]", {-60, "a", NULL}, {-50, "a", NULL});
    CHECK(two, "", {INT64_MIN / S, "a", NULL}, {INT64_MAX / S, "a", NULL});
}

static void rules_that_only_feed_are_silent_unless_wanted(void **state)
{
    (void)state;
    char text[4096];
    (void)snprintf(text, sizeof text, "%s%s", base, CORRELATION("temporal", "  rules: [a, b]\n"));
    struct ml_rules *rules = rig_load(text, NULL);
    assert_true(ml_rules_find(rules, ml_span_text("a"))->is_silent);
    assert_false(ml_rules_find(rules, ml_span_text("c"))->is_silent);
    assert_false(ml_rules_find(rules, ml_span_text("x"))->is_silent);
    assert_true(ml_rules_find(rules, ml_span_text("x"))->is_correlation);
    assert_string_equal(ml_rules_find(rules, ml_span_text("x"))->subject, "capture");
    ml_rules_free(rules);
    (void)snprintf(text, sizeof text, "%s%s", base, CORRELATION("temporal", "  rules: [a, b]\n  generate: true\n"));
    rules = rig_load(text, NULL);
    assert_false(ml_rules_find(rules, ml_span_text("a"))->is_silent);
    ml_rules_free(rules);
}

/* Many groups and many events: what is remembered has a ceiling, and what is dropped is counted. */
static void the_number_of_groups_has_a_ceiling(void **state)
{
    (void)state;
    static struct ml_record record;
    char text[4096];
    struct seen seen = {.len = 0};
    (void)snprintf(text, sizeof text, "%s%s", base,
                   CORRELATION("event_count", "  rules: [a]\n  group-by: [flow.id]\n  condition: {gte: 2}\n"));
    struct ml_rules *rules = rig_load(text, NULL);
    struct ml_correlator *correlator = ml_rules_correlate_new(rules, note, &seen);
    uint32_t hit = 0;
    seen.rules = rules;
    for (uint64_t i = 0; i < ML_MAX_CORRELATION_GROUPS + 10; i++) {
        ml_record_clear(&record, ML_CAT_FACT);
        ml_record_number(&record, ML_F_FLOW_ID, i);
        assert_int_equal(ml_rules_correlate(correlator, &record, &hit, 1, 0, (struct ml_evidence_ref){0}), ML_OK);
    }
    assert_int_equal(ml_rules_correlate_limits(correlator), 10);
    /* Old groups make room when time goes on. */
    for (int i = 0; i < 2; i++) {
        ml_record_clear(&record, ML_CAT_FACT);
        ml_record_number(&record, ML_F_FLOW_ID, UINT32_MAX);
        assert_int_equal(ml_rules_correlate(correlator, &record, &hit, 1, 60 * S, (struct ml_evidence_ref){0}), ML_OK);
    }
    assert_int_equal(ml_rules_correlate_limits(correlator), 10);
    assert_string_equal(seen.text, "x@60[0 0]");
    ml_rules_correlate_free(correlator);
    ml_rules_free(rules);
}

static void evidence_is_what_lies_in_the_window_and_at_most_the_last(void **state)
{
    (void)state;
    static struct ml_record record;
    char text[4096];
    struct seen seen = {.len = 0};
    (void)snprintf(text, sizeof text, "%s%s", base,
                   CORRELATION("event_count", "  rules: [a]\n  condition: {gte: 40}\n"));
    struct ml_rules *rules = rig_load(text, NULL);
    struct ml_correlator *correlator = ml_rules_correlate_new(rules, note, &seen);
    uint32_t hit = 0;
    seen.rules = rules;
    rig_record(&record, ML_CAT_FACT, "http.host=a");
    for (uint64_t i = 1; i <= 50; i++) {
        assert_int_equal(
            ml_rules_correlate(correlator, &record, &hit, 1, (int64_t)i * S / 5, (struct ml_evidence_ref){.fact = i}),
            ML_OK);
    }
    assert_string_equal(seen.text,
                        "x@8[9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 "
                        "36 37 38 39 40]");
    ml_rules_correlate_free(correlator);
    ml_rules_free(rules);
}

/*
 * Events in the order of flows, not of frames: fed through a queue they must give what frame order gives. They come
 * through others, `per_lot` at a time, when that is not 0.
 */
static void queue_out_of_order(size_t per_lot)
{
    static struct ml_record record;
    static const struct event events[] = {
        {0, "a", "app=p\nsrc.port=1\nnames=u\nnames=v"}, {3, "b", "app=p\nsrc.port=2"},  {4, "c", "app=q"},
        {8, "a", "app=p\nsrc.port=3\nnames=v"},          {30, "b", "app=p\nsrc.port=2"}, {31, "a", "app=p"}};
    enum { N = sizeof events / sizeof events[0] };
    char text[4096];
    (void)snprintf(text, sizeof text,
                   "%s---\ntitle: x\nname: x\ncorrelation: {type: temporal_ordered, rules: [a, b, a], group-by: [app], "
                   "timespan: 10s}\n"
                   "---\ntitle: y\nname: y\ncorrelation: {type: value_count, rules: [a, b], timespan: 10s, condition: "
                   "{gte: 3, field: src.port}}\n"
                   "---\ntitle: z\nname: z\ncorrelation: {type: event_count, rules: [a], group-by: [names], timespan: "
                   "10s, condition: {lt: 3}}\n",
                   base);
    struct ml_rules *rules = rig_load(text, NULL);
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    struct ml_rules_queue *queue = ml_rules_queue_new(rules);
    struct ml_rules_queue *lot = ml_rules_queue_new(rules);
    struct seen seen = {.rules = rules};
    struct ml_correlator *correlator = ml_rules_correlate_new(rules, note, &seen);
    for (size_t i = 0; i < N; i++) {
        size_t k = (i * 5 + 2) % N;
        uint32_t hits[16];
        fill(&record, &events[k]);
        size_t n = ml_rules_match(rules, scratch, &record, hits, 16);
        assert_int_equal(ml_rules_queue_add(per_lot != 0 ? lot : queue, &record, hits, n, k + 100, events[k].at_s * S,
                                            (struct ml_evidence_ref){.fact = k + 1}),
                         ML_OK);
        if (per_lot != 0 && (i % per_lot == per_lot - 1 || i == N - 1)) {
            assert_int_equal(ml_rules_queue_take(queue, lot), ML_OK);
        }
    }
    /* In two steps, as behind a watermark. */
    assert_int_equal(ml_rules_queue_run(queue, correlator, 103), ML_OK);
    assert_string_equal(seen.text, "");
    assert_int_equal(ml_rules_queue_run(queue, correlator, UINT64_MAX), ML_OK);
    ml_rules_correlate_flush(correlator);
    assert_string_equal(seen.text, "x@8[1 2 4] y@8[1 2 4] z@0*[1] z@8*[1 4]");
    assert_int_equal(ml_rules_queue_limits(queue), 0);
    ml_rules_correlate_free(correlator);
    ml_rules_queue_free(queue);
    ml_rules_queue_free(lot);
    ml_rules_scratch_free(scratch);
    ml_rules_free(rules);
}

static void a_queue_puts_events_into_the_order_of_frames(void **state)
{
    (void)state;
    queue_out_of_order(0);
}

static void what_a_queue_takes_over_is_as_if_it_came_there(void **state)
{
    (void)state;
    queue_out_of_order(1);
    queue_out_of_order(2);
    queue_out_of_order(4);
}

struct oom {
    struct ml_rules *rules;
    struct ml_rules_scratch *scratch;
};

static void correlate_all(void *context)
{
    static struct ml_record record;
    const struct oom *oom = context;
    struct seen seen = {.rules = oom->rules};
    static const struct event events[] = {{0, "a", "app=p\nsrc.port=1"}, {1, "b", "app=p\nsrc.port=2"},
                                          {2, "a", "app=q\nsrc.port=3"}, {3, "c", "app=p\nsrc.port=4"},
                                          {4, "a", "app=p\nsrc.port=5"}, {5, "a", "app=p\nsrc.port=6"}};
    struct ml_correlator *correlator = ml_rules_correlate_new(oom->rules, note, &seen);
    struct ml_rules_queue *queue = ml_rules_queue_new(oom->rules);
    for (size_t i = 0; i < sizeof events / sizeof events[0] && correlator != NULL; i++) {
        uint32_t hits[16];
        struct ml_evidence_ref evidence = {.fact = i};
        fill(&record, &events[i]);
        size_t n = ml_rules_match(oom->rules, oom->scratch, &record, hits, 16);
        enum ml_status status = ml_rules_correlate(correlator, &record, hits, n, events[i].at_s * S, evidence);
        assert_true(status == ML_OK || status == ML_NO_MEMORY);
        status = queue != NULL ? ml_rules_queue_add(queue, &record, hits, n, i, 0, evidence) : ML_NO_MEMORY;
        assert_true(status == ML_OK || status == ML_NO_MEMORY);
    }
    struct ml_rules_queue *other = ml_rules_queue_new(oom->rules);
    if (queue != NULL && other != NULL) {
        enum ml_status status = ml_rules_queue_take(other, queue);
        assert_true(status == ML_OK || status == ML_NO_MEMORY);
        status = ml_rules_queue_take(queue, other); /* and back */
        assert_true(status == ML_OK || status == ML_NO_MEMORY);
    }
    ml_rules_queue_free(other);
    if (queue != NULL && correlator != NULL) {
        enum ml_status status = ml_rules_queue_run(queue, correlator, UINT64_MAX);
        assert_true(status == ML_OK || status == ML_NO_MEMORY);
    }
    ml_rules_queue_free(queue);
    if (correlator != NULL) {
        ml_rules_correlate_flush(correlator);
    }
    ml_rules_correlate_free(correlator);
}

static void running_out_of_memory_loses_an_event_at_most(void **state)
{
    (void)state;
    char text[4096];
    (void)snprintf(text, sizeof text,
                   "%s---\ntitle: x\ncorrelation: {type: event_count, rules: [a, b], group-by: [app], timespan: 9s, "
                   "condition: {gte: 3}}\n"
                   "---\ntitle: y\nname: y\nid: 00000000-0000-4000-8000-000000000001\ncorrelation: {type: value_count, "
                   "rules: [a], timespan: 9s, condition: {gte: 2, field: src.port}}\n"
                   "---\ntitle: z\nname: z\ncorrelation: {type: temporal, rules: [y, c], timespan: 9s, condition: {lt: "
                   "3}}\n",
                   base);
    struct oom oom = {.rules = rig_load(text, NULL)};
    oom.scratch = ml_rules_scratch_new(oom.rules);
    assert_true(oom_sweep(correlate_all, &oom) > 10);
    ml_rules_scratch_free(oom.scratch);
    ml_rules_free(oom.rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_counted_back_from_each),
        cmocka_unit_test(a_condition_fires_once_until_it_has_been_false),
        cmocka_unit_test(a_record_that_hits_several_rules_is_one_event),
        cmocka_unit_test(groups_are_apart_and_need_their_fields),
        cmocka_unit_test(a_list_field_puts_a_record_into_several_groups),
        cmocka_unit_test(aliases_name_different_fields_of_different_rules),
        cmocka_unit_test(different_values_are_counted),
        cmocka_unit_test(rules_must_all_come_within_the_time),
        cmocka_unit_test(rules_can_be_asked_for_in_order),
        cmocka_unit_test(an_upper_bound_is_decided_when_the_window_is_over),
        cmocka_unit_test(correlations_feed_correlations),
        cmocka_unit_test(a_clock_that_jumps_back_is_held),
        cmocka_unit_test(rules_that_only_feed_are_silent_unless_wanted),
        cmocka_unit_test(the_number_of_groups_has_a_ceiling),
        cmocka_unit_test(evidence_is_what_lies_in_the_window_and_at_most_the_last),
        cmocka_unit_test(a_queue_puts_events_into_the_order_of_frames),
        cmocka_unit_test(what_a_queue_takes_over_is_as_if_it_came_there),
        cmocka_unit_test(running_out_of_memory_loses_an_event_at_most),
    };
    return cmocka_run_group_tests_name("policy/correlation", tests, NULL, NULL);
}
