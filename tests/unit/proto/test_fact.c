/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fact.h"
#include "support/cm.h"

#include "support/kit.h"
#include "support/proto_rig.h"
#include <stdio.h>

static struct ml_chunk chunk_at(struct proto_rig *rig, uint64_t seq)
{
    return (struct ml_chunk){
        .flow = &rig->flow, .dir = ML_UP, .seq = seq, .time_ns = (int64_t)seq, .n_layers = 1, .layers = {ML_LAYER_UDP}};
}

static const struct ml_fact *state_name(struct proto_rig *rig, uint64_t seq, const char *name)
{
    struct ml_fact_draft draft;
    struct ml_chunk chunk = chunk_at(rig, seq);
    ml_fact_begin(&draft, ML_FACT_DNS_QUERY, &chunk);
    ml_fact_cstr(&draft, ML_F_DNS_NAME, name);
    return ml_fact_emit(&rig->facts, &draft);
}

static void equal_facts_collapse_to_first_last_and_count(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 53);
    const struct ml_fact *first = state_name(&rig, 1, "example.com");
    const struct ml_fact *other = state_name(&rig, 2, "example.org");
    const struct ml_fact *again = state_name(&rig, 9, "example.com");
    assert_ptr_equal(first, again);
    assert_ptr_not_equal(first, other);
    assert_int_equal(first->count, 2);
    assert_int_equal(first->first_seq, 1);
    assert_int_equal(first->last_seq, 9);
    assert_int_equal(rig.flow.n_facts, 2);
    assert_int_equal(rig.counters.n[ML_COUNT_FACTS_COLLAPSED], 1);
    proto_rig_fini(&rig);
}

static void values_outlive_the_packet(void **state)
{
    (void)state;
    struct proto_rig rig;
    char name[] = "chat.example.com";
    proto_rig_init(&rig, ML_IP_UDP, 53);
    (void)state_name(&rig, 1, name);
    memset(name, 'x', sizeof name - 1);
    assert_string_equal(proto_rig_facts(&rig), "dns.query up dns.name=chat.example.com\n");
    proto_rig_fini(&rig);
}

static void the_ceiling_of_a_flow_is_counted_not_exceeded(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 53);
    for (unsigned i = 0; i < ML_MAX_FACTS_PER_FLOW + 5; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "n%u.example.com", i);
        (void)state_name(&rig, i + 1, name);
    }
    assert_int_equal(rig.flow.n_facts, ML_MAX_FACTS_PER_FLOW);
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_FACTS_PER_FLOW], 5);
    proto_rig_fini(&rig);
}

static void too_many_attributes_mark_the_fact_as_cut(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_fact_draft draft;
    proto_rig_init(&rig, ML_IP_UDP, 53);
    struct ml_chunk chunk = chunk_at(&rig, 1);
    ml_fact_begin(&draft, ML_FACT_DNS_ANSWER, &chunk);
    for (unsigned i = 0; i < ML_MAX_ATTRS_PER_FACT + 1; i++) {
        ml_fact_cstr(&draft, ML_F_DNS_CNAMES, "example.com");
    }
    const struct ml_fact *fact = ml_fact_emit(&rig.facts, &draft);
    assert_int_equal(fact->n_attrs, ML_MAX_ATTRS_PER_FACT);
    assert_true(fact->is_cut);
    proto_rig_fini(&rig);
}

static void state_under_pressure(void *context)
{
    struct proto_rig *rig = context;
    static unsigned n;
    char name[32];
    (void)snprintf(name, sizeof name, "p%u.example.com", n++);
    (void)state_name(rig, 1, name);
}

static void running_out_of_memory_loses_a_fact_and_nothing_else(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 53);
    assert_true(oom_sweep(state_under_pressure, &rig) > 0);
    assert_true(rig.counters.n[ML_COUNT_LIMIT_MEMORY] > 0);
    assert_non_null(state_name(&rig, 1, "after.example.com"));
    proto_rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_facts_collapse_to_first_last_and_count),
        cmocka_unit_test(values_outlive_the_packet),
        cmocka_unit_test(the_ceiling_of_a_flow_is_counted_not_exceeded),
        cmocka_unit_test(too_many_attributes_mark_the_fact_as_cut),
        cmocka_unit_test(running_out_of_memory_loses_a_fact_and_nothing_else),
    };
    return cmocka_run_group_tests_name("proto/fact", tests, NULL, NULL);
}
