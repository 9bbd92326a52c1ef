/* SPDX-License-Identifier: Apache-2.0 */
#include "report/permutation.h"
#include "support/cm.h"

static void numbers_of_splits_are_binomials(void **state)
{
    (void)state;
    assert_int_equal(ml_choose(10, 5), 252);
    assert_int_equal(ml_choose(20, 10), 184756);
    assert_int_equal(ml_choose(60, 30), UINT64_C(118264581564861424));
    assert_int_equal(ml_choose(5, 0), 1);
    assert_int_equal(ml_choose(5, 6), 0);
    assert_int_equal(ml_choose(61, 1), 0);
}

static void assert_p(const uint64_t *values, unsigned n_a, unsigned n_b, uint64_t as_extreme, uint64_t splits)
{
    struct ml_permutation test = ml_permutation_test(values, n_a, n_b);
    assert_int_equal(test.as_extreme, as_extreme);
    assert_int_equal(test.splits, splits);
}

static void groups_that_do_not_overlap_reach_the_smallest_p(void **state)
{
    (void)state;
    static const uint64_t values[] = {1, 2, 3, 4, 5, 11, 12, 13, 14, 15};
    assert_p(values, 5, 5, 2, 252);
    static const uint64_t uneven[] = {1, 2, 3, 4, 11, 12, 13, 14, 15, 16};
    assert_p(uneven, 4, 6, 1, 210);
    struct ml_permutation best = ml_permutation_best(5, 5);
    assert_int_equal(best.as_extreme, 2);
    assert_int_equal(best.splits, 252);
    assert_int_equal(ml_permutation_best(4, 6).as_extreme, 1);
}

static void equal_values_give_a_p_of_one(void **state)
{
    (void)state;
    static const uint64_t values[] = {7, 7, 7, 7, 7, 7};
    assert_p(values, 3, 3, 20, 20);
}

/* A table of 2x2 by Fisher's exact test: 5 of 5 against 1 of 5 has (1*6 + ...)/252 by hand: x = 1 or 5 of 6 ones. */
static void presence_is_counted_by_the_hypergeometric_distribution(void **state)
{
    (void)state;
    static const uint64_t presence[] = {1, 1, 1, 1, 1, 1, 0, 0, 0, 0};
    assert_p(presence, 5, 5, 2 * 6, 252);
    /* The same shape with other numbers is counted one by one. */
    static const uint64_t measured[] = {9, 9, 9, 9, 9, 9, 2, 2, 2, 2};
    assert_p(measured, 5, 5, 2 * 6, 252);
}

static void ten_a_side_can_be_counted_and_more_cannot(void **state)
{
    (void)state;
    uint64_t values[60];
    for (unsigned i = 0; i < 60; i++) {
        values[i] = 2 + i;
    }
    assert_p(values, 10, 10, 2, 184756);
    assert_p(values, 11, 11, 0, 0);
    assert_p(values, 0, 5, 0, 0);
    for (unsigned i = 0; i < 60; i++) {
        values[i] = i < 30 ? 1 : 0;
    }
    assert_p(values, 30, 30, 2, UINT64_C(118264581564861424));
}

static void large_values_do_not_overflow(void **state)
{
    (void)state;
    static const uint64_t values[] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, 0, 0};
    assert_p(values, 3, 3, 2, 20);
    assert_true(ml_permutation_effect(values, 3, 3) > 1e15);
}

static void the_control_is_the_worst_halving(void **state)
{
    (void)state;
    static const uint64_t values[] = {5, 1, 4, 2, 3};
    double largest = 0;
    assert_true(ml_permutation_control(values, 5, &largest));
    /* halves of 2 and 3: {1,2} against {3,4,5} */
    assert_true(largest > 2.499 && largest < 2.501);
    static const uint64_t same[] = {1, 1, 1, 1, 1};
    assert_true(ml_permutation_control(same, 5, &largest));
    assert_true(largest < 1e-9);
    assert_false(ml_permutation_control(values, 1, &largest));
}

/* The example of Benjamini and Hochberg (1995), section 3.2: the four smallest of 15 are found at 0.05. */
static void adjusted_values_are_those_of_benjamini_and_hochberg(void **state)
{
    (void)state;
    static const double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                               0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
    struct ml_tested tests[15];
    for (size_t i = 0; i < 15; i++) {
        tests[i] = (struct ml_tested){.p = p[14 - i], .row = 14 - i}; /* handed over the wrong way round */
    }
    ml_adjust(tests, 15);
    size_t n = 0;
    for (size_t i = 0; i < 15; i++) {
        assert_int_equal(tests[i].row, i);
        n += tests[i].p <= 0.05 ? 1 : 0;
    }
    assert_int_equal(n, 4);
    assert_true(tests[3].p > 0.035624 && tests[3].p < 0.035626); /* 0.0095 * 15 / 4 */
    assert_true(tests[14].p >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_splits_are_binomials),
        cmocka_unit_test(groups_that_do_not_overlap_reach_the_smallest_p),
        cmocka_unit_test(equal_values_give_a_p_of_one),
        cmocka_unit_test(presence_is_counted_by_the_hypergeometric_distribution),
        cmocka_unit_test(ten_a_side_can_be_counted_and_more_cannot),
        cmocka_unit_test(large_values_do_not_overflow),
        cmocka_unit_test(the_control_is_the_worst_halving),
        cmocka_unit_test(adjusted_values_are_those_of_benjamini_and_hochberg),
    };
    return cmocka_run_group_tests_name("report/permutation", tests, NULL, NULL);
}
