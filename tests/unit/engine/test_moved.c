/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/moved.h"
#include "support/cm.h"
#include "support/kit.h"

#define ID "f067a5502a4262b5"

enum { MOST_FLOWS = 8 };

/* Flows with one fact each, added in order. */
struct rig {
    struct ml_counters counters;
    struct ml_fact_store facts;
    struct ml_flow flows[MOST_FLOWS];
    size_t n;
    struct ml_moved moved;
};

static void rig_open(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    ml_fact_store_init(&rig->facts, &rig->counters);
    ml_moved_init(&rig->moved);
}

static void rig_close(struct rig *rig)
{
    ml_moved_fini(&rig->moved);
    ml_fact_store_fini(&rig->facts);
}

static void flow(struct rig *rig, enum ml_fact_kind kind, enum ml_field field, const char *id)
{
    struct ml_fact_draft draft;
    const struct ml_chunk chunk = {.flow = &rig->flows[rig->n], .n_layers = 1, .layers = {ML_LAYER_UDP}};
    ml_fact_begin(&draft, kind, &chunk);
    ml_fact_cstr(&draft, field, id);
    assert_non_null(ml_fact_emit(&rig->facts, &draft));
    assert_true(ml_moved_add(&rig->moved, &rig->flows[rig->n], (uint32_t)rig->n));
    rig->n++;
}

static void begins(struct rig *rig, const char *id)
{
    flow(rig, ML_FACT_QUIC_SERVER_ID, ML_F_QUIC_SERVER_CID, id);
}

static void goes_on(struct rig *rig, const char *prefix)
{
    flow(rig, ML_FACT_QUIC_SHORT, ML_F_QUIC_DCID_PREFIX, prefix);
}

static void starts(struct rig *rig, const char *id)
{
    flow(rig, ML_FACT_QUIC_INITIAL, ML_F_QUIC_DCID, id);
}

static void is_opened(struct rig *rig, const char *name)
{
    flow(rig, ML_FACT_QUIC_PATH, ML_F_QUIC_DCID, name);
}

/* Flow in which the connection of `index` began; MOST_FLOWS: that one. */
static uint32_t origin(const struct rig *rig, uint32_t index)
{
    struct ml_moved_origin origin;
    return ml_moved_origin(&rig->moved, index, &origin) ? origin.of : MOST_FLOWS;
}

static void an_id_that_is_seen_again_tells_where_the_connection_began(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    begins(&rig, "00112233445566");
    begins(&rig, ID);
    goes_on(&rig, ID "7f");    /* a byte more repeats by chance */
    goes_on(&rig, "f067a550"); /* shorter than the id */
    assert_int_equal(origin(&rig, 2), 1);
    assert_int_equal(origin(&rig, 3), MOST_FLOWS);
    assert_int_equal(origin(&rig, 0), MOST_FLOWS);
    rig_close(&rig);
}

static void an_id_belongs_to_who_showed_it_first(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    begins(&rig, ID);
    begins(&rig, ID);
    goes_on(&rig, ID);
    assert_int_equal(origin(&rig, 2), 0);
    rig_close(&rig);
}

static void an_id_too_short_to_be_told_from_chance_is_left_out(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    begins(&rig, "f067a5");
    goes_on(&rig, "f067a5502a");
    assert_int_equal(origin(&rig, 1), MOST_FLOWS);
    rig_close(&rig);
}

static void what_was_seen_before_it_began_is_not_tied(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    goes_on(&rig, ID);
    begins(&rig, ID);
    assert_int_equal(origin(&rig, 0), MOST_FLOWS);
    rig_close(&rig);
}

static bool is_same_id(const struct rig *rig, uint32_t index)
{
    struct ml_moved_origin origin;
    return ml_moved_origin(&rig->moved, index, &origin) && origin.is_same_id;
}

static void the_keys_of_a_connection_tell_what_its_ids_hide(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    starts(&rig, ID);
    starts(&rig, "8394c8f03e515708");
    is_opened(&rig, "8394c8f03e515708");
    is_opened(&rig, "ffffffffffffffff"); /* its beginning is of no flow at hand */
    begins(&rig, "00112233445566");
    goes_on(&rig, "00112233445566");
    assert_int_equal(origin(&rig, 2), 1);
    assert_false(is_same_id(&rig, 2)); /* nobody else can tell */
    assert_int_equal(origin(&rig, 3), MOST_FLOWS);
    assert_int_equal(origin(&rig, 1), MOST_FLOWS);
    assert_int_equal(origin(&rig, 5), 4);
    assert_true(is_same_id(&rig, 5));
    rig_close(&rig);
}

static void starve(void *context)
{
    struct rig *rig = context;
    ml_moved_init(&rig->moved);
    for (uint32_t i = 0; i < rig->n && ml_moved_add(&rig->moved, &rig->flows[i], i); i++) {
    }
    ml_moved_fini(&rig->moved);
}

static void memory_that_runs_out_is_said(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    begins(&rig, ID);
    goes_on(&rig, ID);
    starts(&rig, ID);
    ml_moved_fini(&rig.moved);
    assert_true(oom_sweep(starve, &rig) > 1);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_that_is_seen_again_tells_where_the_connection_began),
        cmocka_unit_test(an_id_belongs_to_who_showed_it_first),
        cmocka_unit_test(an_id_too_short_to_be_told_from_chance_is_left_out),
        cmocka_unit_test(what_was_seen_before_it_began_is_not_tied),
        cmocka_unit_test(the_keys_of_a_connection_tell_what_its_ids_hide),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    return cmocka_run_group_tests_name("engine/moved", tests, NULL, NULL);
}
