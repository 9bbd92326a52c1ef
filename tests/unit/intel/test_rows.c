/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/rows.h"

#include "core/buf.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

/* What was read, as text. */
static enum ml_status show_country(void *context, const struct ml_country_row *row)
{
    char first[ML_IP_TEXT];
    char last[ML_IP_TEXT];
    (void)ml_ip_format(&row->first, first);
    (void)ml_ip_format(&row->last, last);
    assert_true(ml_buf_printf(context, "%s-%s=%s;", first, last, row->country));
    return ML_OK;
}

static enum ml_status show_asn(void *context, const struct ml_asn_row *row)
{
    char first[ML_IP_TEXT];
    char last[ML_IP_TEXT];
    (void)ml_ip_format(&row->first, first);
    (void)ml_ip_format(&row->last, last);
    assert_true(ml_buf_printf(context, "%s-%s=%u:", first, last, row->asn));
    assert_true(ml_buf_add_span(context, row->name) && ml_buf_add_text(context, ";"));
    return ML_OK;
}

static void countries(const char *text, const char *wanted)
{
    struct ml_buf shown;
    ml_buf_init(&shown, 65536);
    struct ml_error error = {0};
    assert_int_equal(ml_country_rows(ml_span_text(text), show_country, &shown, &error), ML_OK);
    assert_span_text(ml_buf_span(&shown), wanted);
    ml_buf_fini(&shown);
}

static void networks(const char *text, const char *wanted)
{
    struct ml_buf shown;
    ml_buf_init(&shown, 65536);
    struct ml_error error = {0};
    assert_int_equal(ml_asn_rows(ml_span_text(text), show_asn, &shown, &error), ML_OK);
    assert_span_text(ml_buf_span(&shown), wanted);
    ml_buf_fini(&shown);
}

static void rows_of_both_families_are_read(void **state)
{
    (void)state;
    countries("# a comment\n"
              "3221225984,3221226239,DE\n"
              "\r\n"
              "2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,??\r\n"
              "198.51.100.0,198.51.100.255,EU",
              "192.0.2.0-192.0.2.255=DE;2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff=\?\?;"
              "198.51.100.0-198.51.100.255=EU;");
}

static void networks_are_read_with_their_names(void **state)
{
    (void)state;
    networks("3221225984,3221226239,64496,Example Network\n"
             "2001:db8::,2001:db8::ffff,64497,\"Example, Inc.\"\n"
             "3325256704,3325256704,4294967295,\"LLC \"\"EXAMPLE\"\"\"\n"
             "3325256705,3325256705,0,\n",
             "192.0.2.0-192.0.2.255=64496:Example Network;2001:db8::-2001:db8::ffff=64497:Example, Inc.;"
             "198.51.100.0-198.51.100.0=4294967295:LLC \"EXAMPLE\";198.51.100.1-198.51.100.1=0:;");
}

static void a_name_is_cut_at_255_bytes(void **state)
{
    (void)state;
    char text[400] = "0,1,1,\"";
    memset(text + strlen(text), 'x', 300);
    text[strlen(text)] = '"'; /* the rest is zeros */
    struct ml_buf shown;
    ml_buf_init(&shown, 65536);
    assert_int_equal(ml_asn_rows(ml_span_text(text), show_asn, &shown, NULL), ML_OK);
    assert_int_equal(shown.len, strlen("0.0.0.0-0.0.0.1=1:") + 255 + 1);
    ml_buf_fini(&shown);
}

static void a_malformed_line_ends_the_walk_with_its_number(void **state)
{
    (void)state;
    static const char *const bad_countries[] = {
        "1,2",     "1,2,",    "1,2,DEU",      "1;2;DE",  "x,2,DE", "1,x,DE", "4294967296,4294967297,DE",
        "-1,2,DE", "1,2,DE,", "192.0.2,2,DE", "1 ,2,DE",
    };
    for (size_t i = 0; i < sizeof bad_countries / sizeof *bad_countries; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "# one\n1,2,DE\n%s\n3,4,FR\n", bad_countries[i]);
        struct ml_buf shown;
        ml_buf_init(&shown, 65536);
        struct ml_error error = {0};
        assert_int_equal(ml_country_rows(ml_span_text(text), show_country, &shown, &error), ML_BAD_INPUT);
        assert_int_equal(error.line, 3);
        assert_span_text(ml_buf_span(&shown), "0.0.0.1-0.0.0.2=DE;");
        ml_buf_fini(&shown);
    }
    static const char *const bad_networks[] = {
        "1,2,3",     "1,2,,a",       "1,2,x,a",    "1,2,4294967296,a", "1,2,-3,a",
        "1,2,3,\"a", "1,2,3,\"a\"b", "1,2,3,a\"b", "1,2,3,\"",         "1,2,3,\"a\"\"",
    };
    for (size_t i = 0; i < sizeof bad_networks / sizeof *bad_networks; i++) {
        struct ml_buf shown;
        ml_buf_init(&shown, 65536);
        struct ml_error error = {0};
        assert_int_equal(ml_asn_rows(ml_span_text(bad_networks[i]), show_asn, &shown, &error), ML_BAD_INPUT);
        assert_int_equal(error.line, 1);
        assert_int_equal(shown.len, 0);
        ml_buf_fini(&shown);
    }
}

static enum ml_status refuse_country(void *context, const struct ml_country_row *row)
{
    (void)row;
    return *(enum ml_status *)context;
}

static enum ml_status refuse_asn(void *context, const struct ml_asn_row *row)
{
    (void)row;
    return *(enum ml_status *)context;
}

static void what_the_callback_says_ends_the_walk(void **state)
{
    (void)state;
    enum ml_status status = ML_NO_MEMORY;
    struct ml_error error = {0};
    assert_int_equal(ml_country_rows(ml_span_text("1,2,DE"), refuse_country, &status, &error), ML_NO_MEMORY);
    assert_int_equal(ml_asn_rows(ml_span_text("1,2,3,a"), refuse_asn, &status, &error), ML_NO_MEMORY);
    status = ML_BAD_INPUT;
    assert_int_equal(ml_country_rows(ml_span_text("\n1,2,DE"), refuse_country, &status, &error), ML_BAD_INPUT);
    assert_int_equal(error.line, 2);
    assert_int_equal(ml_asn_rows(ml_span_text("\n\n1,2,3,a"), refuse_asn, &status, &error), ML_BAD_INPUT);
    assert_int_equal(error.line, 3);
}

static void not_every_pair_of_letters_is_a_country(void **state)
{
    (void)state;
    static const char *const countries_of_today[] = {"DE", "CN", "US", "NO", "GB", "XK", "QA", "AQ", "HK", "VG"};
    for (size_t i = 0; i < sizeof countries_of_today / sizeof *countries_of_today; i++) {
        assert_true(ml_is_country(countries_of_today[i]));
    }
    static const char *const others[] = {"",   "D",  "de", "DEU", "??", "EU", "AP", "ZZ",
                                         "AA", "QM", "QZ", "XA",  "XX", "A1", "-E"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(ml_is_country(others[i]));
    }
}

static void run_all(void *context, struct ml_span bytes)
{
    struct ml_buf *shown = context;
    ml_buf_clear(shown);
    struct ml_error error = {0};
    (void)ml_country_rows(bytes, show_country, shown, &error); /* any outcome, but no read beyond the bytes */
    ml_buf_clear(shown);
    (void)ml_asn_rows(bytes, show_asn, shown, &error);
}

static void no_damage_reads_beyond_the_text(void **state)
{
    (void)state;
    struct ml_buf shown;
    ml_buf_init(&shown, 65536);
    static const char text[] = "#\n1,2,3,\"a\"\"b\"\n2001:db8::,2001:db8::1,4,c\n";
    sweep_truncations(ml_span_text(text), run_all, &shown);
    sweep_bit_flips(ml_span_text(text), run_all, &shown);
    static const char other[] = "1,2,DE\r\n2001:db8::,2001:db8::1,FR";
    sweep_truncations(ml_span_text(other), run_all, &shown);
    sweep_bit_flips(ml_span_text(other), run_all, &shown);
    ml_buf_fini(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_both_families_are_read),
        cmocka_unit_test(networks_are_read_with_their_names),
        cmocka_unit_test(a_name_is_cut_at_255_bytes),
        cmocka_unit_test(a_malformed_line_ends_the_walk_with_its_number),
        cmocka_unit_test(what_the_callback_says_ends_the_walk),
        cmocka_unit_test(not_every_pair_of_letters_is_a_country),
        cmocka_unit_test(no_damage_reads_beyond_the_text),
    };
    return cmocka_run_group_tests_name("intel/rows", tests, NULL, NULL);
}
