/* SPDX-License-Identifier: Apache-2.0 */
/* Prompt answers and steady steps, from times in milliseconds. */
#include "flow/pace.h"
#include "support/cm.h"

#define MS INT64_C(1000000)

static void at(struct ml_pace *pace, enum ml_dir dir, uint32_t len, int64_t ms)
{
    ml_pace_add(pace, dir, len, ms * MS);
}

/* A packet down at `ms` and a small one up `after` later. */
static void ask(struct ml_pace *pace, uint32_t len, int64_t ms, int64_t after)
{
    at(pace, ML_DOWN, len, ms);
    at(pace, ML_UP, 60, ms + after);
}

static struct ml_pace begun(void)
{
    struct ml_pace pace = {0};
    at(&pace, ML_UP, 500, 0);
    return pace;
}

static void an_arrival_after_a_second_that_is_answered_at_once_counts(void **state)
{
    (void)state;
    struct ml_pace pace = begun();
    ask(&pace, 100, 1001, 200);
    assert_int_equal(pace.n_answers, 1);
    ask(&pace, 101, 2300, 0);
    assert_int_equal(pace.n_answers, 2);
}

static void what_is_no_prompt_answer_does_not_count(void **state)
{
    (void)state;
    struct ml_pace pace = {0};
    ask(&pace, 100, 5000, 10);  /* nothing was before it */
    ask(&pace, 101, 6010, 10);  /* exactly a second of silence */
    ask(&pace, 102, 8000, 201); /* too late */
    at(&pace, ML_DOWN, 103, 10000);
    at(&pace, ML_UP, 401, 10010); /* too long */
    at(&pace, ML_DOWN, 104, 12000);
    at(&pace, ML_UP, 1, 12010);  /* a sign of life of TCP */
    at(&pace, ML_UP, 60, 12300); /* and the answer too late */
    assert_int_equal(pace.n_answers, 0);
}

static void signs_of_life_of_one_length_count_once(void **state)
{
    (void)state;
    struct ml_pace pace = begun();
    for (int64_t i = 1; i < 20; i++) {
        ask(&pace, 48, 5000 * i, 30);
    }
    assert_int_equal(pace.n_answers, 1);
}

static void one_arrival_has_one_answer(void **state)
{
    (void)state;
    struct ml_pace pace = begun();
    ask(&pace, 100, 2000, 10);
    at(&pace, ML_UP, 60, 2020);
    assert_int_equal(pace.n_answers, 1);
}

static void bursts_up_that_follow_each_other_are_steps(void **state)
{
    (void)state;
    struct ml_pace pace = {0};
    for (int64_t i = 0; i < 8; i++) {
        at(&pace, ML_UP, 300, 400 * i);
        at(&pace, ML_UP, 300, 400 * i + 149); /* the same burst */
    }
    assert_int_equal(pace.n_steps, 8);
    at(&pace, ML_UP, 300, 2800 + 2001); /* a new run */
    at(&pace, ML_UP, 300, 2800 + 2001 + 2000);
    assert_int_equal(pace.n_run, 2);
    assert_int_equal(pace.n_steps, 8);
}

static void time_that_runs_back_ends_what_was_waited_for(void **state)
{
    (void)state;
    struct ml_pace pace = begun();
    at(&pace, ML_DOWN, 100, 5000);
    at(&pace, ML_UP, 60, 4000);
    assert_int_equal(pace.n_answers, 0);
    ml_pace_add(&pace, ML_DOWN, 10, INT64_MAX);
    ml_pace_add(&pace, ML_UP, 10, INT64_MIN);
    ml_pace_add(&pace, ML_DOWN, 10, INT64_MAX);
    assert_int_equal(pace.n_answers, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arrival_after_a_second_that_is_answered_at_once_counts),
        cmocka_unit_test(what_is_no_prompt_answer_does_not_count),
        cmocka_unit_test(signs_of_life_of_one_length_count_once),
        cmocka_unit_test(one_arrival_has_one_answer),
        cmocka_unit_test(bursts_up_that_follow_each_other_are_steps),
        cmocka_unit_test(time_that_runs_back_ends_what_was_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
