/* SPDX-License-Identifier: Apache-2.0 */
#include "core/timefmt.h"

#include "support/cm.h"

#define SECOND INT64_C(1000000000)

static void times_are_written_with_nanoseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {1, "1970-01-01T00:00:00.000000001Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {-86400 * SECOND, "1969-12-31T00:00:00.000000000Z"},
        {951782400 * SECOND, "2000-02-29T00:00:00.000000000Z"},
        {951868800 * SECOND, "2000-03-01T00:00:00.000000000Z"},
        {4107542399 * SECOND, "2100-02-28T23:59:59.000000000Z"},
        {4107542400 * SECOND, "2100-03-01T00:00:00.000000000Z"}, /* 2100 has no 29 February */
        {1234567890 * SECOND + 123456789, "2009-02-13T23:31:30.123456789Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[ML_TIME_TEXT];
        assert_int_equal(ml_time_format(cases[i].ns, out), strlen(cases[i].text));
        assert_string_equal(out, cases[i].text);
        assert_int_equal(ml_date_format(cases[i].ns, out), 10);
        assert_memory_equal(out, cases[i].text, 10);
        assert_int_equal(out[10], 0);
    }
}

/* The first block holds the examples of RFC 3339, section 5.8. */
static void times_are_read_in_all_their_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"1985-04-12T23:20:50.52Z", 482196050 * SECOND + 520000000},
        {"1996-12-19T16:39:57-08:00", 851042397 * SECOND},
        {"1990-12-31T23:59:60Z", 662688000 * SECOND}, /* a leap second is the next second */
        {"1990-12-31T15:59:60-08:00", 662688000 * SECOND},
        {"2009-02-13", 1234483200 * SECOND},
        {"2009-02-13 23:31:30Z", 1234567890 * SECOND},
        {"2009-02-13t23:31:30z", 1234567890 * SECOND},
        {"2009-02-14T01:31:30.5+02:00", 1234567890 * SECOND + SECOND / 2},
        {"2009-02-13T23:31:30.1234567899Z", 1234567890 * SECOND + 123456789},
        {"2000-02-29", 951782400 * SECOND},
        {"1969-12-31T23:59:59Z", -SECOND},
        {"@0", 0},
        {"@1234567890.25", 1234567890 * SECOND + SECOND / 4},
        {"1678-01-01", -9214560000 * SECOND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = 7;
        assert_true(ml_time_parse(ml_span_text(cases[i].text), &ns));
        assert_true(ns == cases[i].ns);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {"",
                                          "2009",
                                          "2009-02",
                                          "2009-02-30",
                                          "2009-02-29",
                                          "2100-02-29",
                                          "2009-04-31",
                                          "2009-13-01",
                                          "2009-00-01",
                                          "2009-01-00",
                                          "2009/01/01",
                                          "2009-01-01T",
                                          "2009-01-01T00:00:00",
                                          "2009-01-01T24:00:00Z",
                                          "2009-01-01T00:60:00Z",
                                          "2009-01-01T00:00:61Z",
                                          "2009-01-01T00:00:00.Z",
                                          "2009-01-01T00:00:00+24:00",
                                          "2009-01-01T00:00:00+0100",
                                          "2009-01-01T00:00:00Z ",
                                          "2009-01-01X00:00:00Z",
                                          "2009-01-01T00-00-00Z",
                                          "1677-12-31",
                                          "2262-01-01",
                                          "9999-01-01",
                                          "-009-01-01",
                                          "@",
                                          "@-1",
                                          "@1.",
                                          "@1.5x",
                                          "@99999999999999999999",
                                          "@9223372036"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        int64_t ns = 7;
        assert_false(ml_time_parse(ml_span_text(refused[i]), &ns));
        assert_true(ns == 0);
    }
}

static void every_day_survives_the_round_trip(void **state)
{
    (void)state;
    /* A prime step walks through all months, days and times of day. */
    for (int64_t ns = -9214560000 * SECOND; ns < 9214560000 * SECOND; ns += 7919 * 997 * SECOND + 1) {
        char text[ML_TIME_TEXT];
        int64_t back = 0;
        size_t len = ml_time_format(ns, text);
        assert_true(ml_time_parse(ml_span_of(text, len), &back));
        assert_true(back == ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_with_nanoseconds),
        cmocka_unit_test(times_are_read_in_all_their_forms),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(every_day_survives_the_round_trip),
    };
    return cmocka_run_group_tests_name("core/timefmt", tests, NULL, NULL);
}
