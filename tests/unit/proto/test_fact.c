/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fact.h"

#include "core/mem.h"
#include "proto/parser.h"
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

static void a_static_text_stays_where_it_is_unless_it_is_personal(void **state)
{
    (void)state;
    static const char name[] = "chat.example.com";
    struct proto_rig rig;
    struct ml_fact_draft draft;
    proto_rig_init(&rig, ML_IP_UDP, 53);
    struct ml_chunk chunk = chunk_at(&rig, 1);
    ml_fact_begin(&draft, ML_FACT_DNS_QUERY, &chunk);
    ml_fact_static(&draft, ML_F_DNS_NAME, name);
    ml_fact_cstr(&draft, ML_F_DNS_CNAMES, name); /* the place of the first says nothing of the second */
    ml_fact_static(&draft, ML_F_DNS_CNAMES, name);
    ml_fact_mark(&draft, ML_SENS_PERSONAL);
    const struct ml_fact *fact = ml_fact_emit(&rig.facts, &draft);
    assert_ptr_equal(fact->attrs[0].value.text, name);
    assert_ptr_not_equal(fact->attrs[1].value.text, name);
    assert_ptr_not_equal(fact->attrs[2].value.text, name); /* in the vault, which is wiped */
    proto_rig_fini(&rig);
}

static void a_text_of_the_fact_before_is_shared_unless_it_is_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_fact_draft draft;
    proto_rig_init(&rig, ML_IP_UDP, 53);
    struct ml_chunk chunk = chunk_at(&rig, 1);
    ml_fact_begin(&draft, ML_FACT_DNS_QUERY, &chunk);
    ml_fact_cstr(&draft, ML_F_DNS_NAME, "chat.example.com");
    ml_fact_cstr(&draft, ML_F_DNS_CNAMES, "b.example.com");
    ml_fact_mark(&draft, ML_SENS_PERSONAL);
    const struct ml_fact *query = ml_fact_emit(&rig.facts, &draft);
    ml_fact_begin(&draft, ML_FACT_DNS_ANSWER, &chunk);
    ml_fact_cstr(&draft, ML_F_DNS_NAME, "chat.example.com");
    ml_fact_cstr(&draft, ML_F_DNS_CNAMES, "b.example.com");
    const struct ml_fact *answer = ml_fact_emit(&rig.facts, &draft);
    assert_ptr_equal(answer->attrs[0].value.text, query->attrs[0].value.text);
    assert_ptr_not_equal(answer->attrs[1].value.text, query->attrs[1].value.text); /* which is in the vault */
    assert_string_equal((const char *)answer->attrs[1].value.text, "b.example.com");
    proto_rig_fini(&rig);
}

static void *make_tool(void)
{
    return ml_mem_array(1, 8);
}

static void the_shards_of_a_thread_share_a_tool(void **state)
{
    (void)state;
    struct ml_proto_env first = {0};
    struct ml_proto_env second = {.peer = &first};
    ml_mem_fail_at(1);
    assert_null(ml_proto_tool(&second, ML_TOOL_HTTP, make_tool, ml_mem_free));
    ml_mem_fail_at(0);
    void *tool = ml_proto_tool(&second, ML_TOOL_HTTP, make_tool, ml_mem_free);
    assert_non_null(tool);
    assert_ptr_equal(ml_proto_tool(&first, ML_TOOL_HTTP, make_tool, ml_mem_free), tool);
    assert_ptr_not_equal(ml_proto_tool(&first, ML_TOOL_QUIC, make_tool, ml_mem_free), tool);
    ml_proto_env_fini(&second);
    assert_ptr_equal(ml_proto_tool(&first, ML_TOOL_HTTP, make_tool, ml_mem_free), tool);
    ml_proto_env_fini(&first);
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
        cmocka_unit_test(a_static_text_stays_where_it_is_unless_it_is_personal),
        cmocka_unit_test(a_text_of_the_fact_before_is_shared_unless_it_is_personal),
        cmocka_unit_test(the_shards_of_a_thread_share_a_tool),
        cmocka_unit_test(the_ceiling_of_a_flow_is_counted_not_exceeded),
        cmocka_unit_test(too_many_attributes_mark_the_fact_as_cut),
        cmocka_unit_test(running_out_of_memory_loses_a_fact_and_nothing_else),
    };
    return cmocka_run_group_tests_name("proto/fact", tests, NULL, NULL);
}
