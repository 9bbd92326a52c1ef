/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "engine/join.h"
#include "support/cm.h"

#include <stdio.h>

enum { LISTED = 100 /* values of a fact */, FULL = 20 /* facts that fill a row */ };

struct rig {
    struct ml_counters counters;
    struct ml_fact_store facts;
    struct ml_flow flow;
    struct ml_record record;
};

static struct rig *rig_new(void)
{
    struct rig *rig = ml_mem_array(1, sizeof *rig);
    assert_non_null(rig);
    ml_fact_store_init(&rig->facts, &rig->counters);
    ml_record_clear(&rig->record, ML_CAT_FLOW);
    return rig;
}

static void rig_free(struct rig *rig)
{
    ml_fact_store_fini(&rig->facts);
    ml_mem_free(rig);
}

static void begin(struct rig *rig, struct ml_fact_draft *draft)
{
    const struct ml_chunk chunk = {.flow = &rig->flow, .n_layers = 1, .layers = {ML_LAYER_TCP}};
    ml_fact_begin(draft, ML_FACT_TLS_CLIENT_HELLO, &chunk);
}

/* A fact with LISTED values that no other has. */
static void state_list(struct rig *rig, unsigned number)
{
    static char texts[LISTED][16];
    struct ml_fact_draft draft;
    begin(rig, &draft);
    for (unsigned i = 0; i < LISTED; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "%u-%u", number, i);
        ml_fact_cstr(&draft, ML_F_TLS_VERSION_OFFERED, texts[i]);
    }
    assert_non_null(ml_fact_emit(&rig->facts, &draft));
}

static void state_name(struct rig *rig, unsigned number)
{
    char name[32];
    struct ml_fact_draft draft;
    begin(rig, &draft);
    (void)snprintf(name, sizeof name, "h%u.example.com", number);
    ml_fact_cstr(&draft, ML_F_TLS_SNI, name);
    assert_non_null(ml_fact_emit(&rig->facts, &draft));
}

static void lists_hold_a_value_once_and_fields_keep_their_first(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    state_name(rig, 1);
    state_list(rig, 1);
    state_name(rig, 2);
    ml_join_fact_fields(&rig->flow, &rig->record);
    assert_int_equal(rig->record.count[ML_F_TLS_SNI], 1);
    assert_true(
        ml_span_equal(rig->record.values[rig->record.first[ML_F_TLS_SNI]].text, ml_span_text("h1.example.com")));
    assert_int_equal(rig->record.count[ML_F_TLS_VERSION_OFFERED], LISTED);
    assert_int_equal(rig->record.count[ML_F_FLOW_CUT], 0);
    rig_free(rig);
}

/* Each of the names comes first of its field, for which there is no room. */
static void a_full_row_says_that_it_is_cut_whatever_still_comes(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    for (unsigned i = 0; i < FULL; i++) {
        state_list(rig, i);
    }
    for (unsigned i = 0; i + FULL < ML_MAX_FACTS_PER_FLOW; i++) {
        state_name(rig, i);
    }
    ml_join_fact_fields(&rig->flow, &rig->record);
    assert_int_equal(rig->record.count[ML_F_TLS_SNI], 0);
    assert_true(rig->record.count[ML_F_TLS_VERSION_OFFERED] > LISTED * (FULL - 4));
    assert_int_equal(rig->record.count[ML_F_FLOW_CUT], 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_hold_a_value_once_and_fields_keep_their_first),
        cmocka_unit_test(a_full_row_says_that_it_is_cut_whatever_still_comes),
    };
    return cmocka_run_group_tests_name("engine/harvest", tests, NULL, NULL);
}
