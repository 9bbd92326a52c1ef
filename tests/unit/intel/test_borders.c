/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/borders.h"
#include "intel/vantage.h"
#include "support/cm.h"
#include "support/kit.h"

#include <math.h>

/*
 * Two squares that share the arc 0 (the meridian 10 from 0 to 10 north), one of them with it in reverse: Germany west
 * of it, France east of it, with a hole of 2 by 2 degrees. Degrees are steps of 1 from (-180, -90).
 */
static const char squares[] =
    "{\"type\":\"Topology\",\"transform\":{\"scale\":[1,1],\"translate\":[-180,-90]},\"objects\":{\"countries\":{"
    "\"type\":\"GeometryCollection\",\"geometries\":["
    "{\"type\":\"Polygon\",\"id\":\"276\",\"arcs\":[[0,1]]},"
    "{\"type\":\"MultiPolygon\",\"id\":\"250\",\"arcs\":[[[-1,2],[3]]]},"
    "{\"type\":\"Polygon\",\"arcs\":[[3]],\"properties\":{\"name\":\"no code\"}}]}},"
    "\"arcs\":[[[190,90],[0,10]],[[190,100],[-10,0],[0,-10],[10,0]],[[190,90],[10,0],[0,10],[-10,0]],"
    "[[194,94],[2,0],[0,2],[-2,0],[0,-2]]]}";

static struct ml_borders *parsed(const char *text)
{
    struct ml_borders *borders = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_borders_parse(ml_span_text(text), &borders, &error), ML_OK);
    return borders;
}

static void assert_km(const struct ml_borders *borders, double lat, double lon, const char *country, double wanted)
{
    double km = -1;
    assert_true(ml_borders_from_place(borders, (struct ml_place){.lat = lat, .lon = lon}, country, &km));
    assert_true(fabs(km - wanted) < 0.01);
}

static void a_place_inside_is_at_no_distance(void **state)
{
    (void)state;
    struct ml_borders *borders = parsed(squares);
    assert_km(borders, 5, 5, "DE", 0);
    assert_km(borders, 2, 12, "FR", 0);
    double km = 0; /* in the hole of France */
    assert_true(ml_borders_from_place(borders, (struct ml_place){.lat = 5, .lon = 15}, "FR", &km));
    assert_true(km > 110 && km < 112);
    ml_borders_free(borders);
}

static double degree_of(double degrees)
{
    return degrees * 3.14159265358979323846 / 180;
}

static void distances_are_those_of_the_sphere(void **state)
{
    (void)state;
    const double degree = 6371.0088 * degree_of(1);
    struct ml_borders *borders = parsed(squares);
    assert_km(borders, -1, 5, "DE", degree);     /* along a meridian to the equator, which is an edge */
    assert_km(borders, 0, -3, "DE", 3 * degree); /* along the equator to a corner */
    assert_km(borders, -60, 95, "DE", 6371.0088 * acos(cos(degree_of(60)) * cos(degree_of(85)))); /* to a corner */
    ml_borders_free(borders);
}

static void neighbours_are_at_no_distance(void **state)
{
    (void)state;
    double km = -1;
    struct ml_borders *borders = parsed(squares);
    assert_true(ml_borders_from_country(borders, "DE", "FR", &km));
    assert_true(km < 1e-6);
    assert_true(ml_borders_from_country(borders, "DE", "DE", &km));
    assert_true(km < 1e-6);
    ml_borders_free(borders);
}

static void a_country_without_a_shape_has_no_distance(void **state)
{
    (void)state;
    double km = -1;
    struct ml_borders *borders = parsed(squares);
    const struct ml_place place = {.lat = 1, .lon = 1};
    assert_false(ml_borders_from_place(borders, place, "SG", &km));
    assert_false(ml_borders_from_place(borders, place, "", &km));
    assert_false(ml_borders_from_place(borders, place, "zz", &km));
    assert_false(ml_borders_from_country(borders, "DE", "SG", &km));
    assert_false(ml_borders_from_country(borders, "SG", "DE", &km));
    ml_borders_free(borders);
}

static void refuse(const char *text)
{
    struct ml_borders *borders = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_borders_parse(ml_span_text(text), &borders, &error), ML_BAD_INPUT);
    assert_null(borders);
    assert_string_not_equal(error.text, "");
}

#define SHAPES(arcs)                                                                                                   \
    "\"objects\":{\"countries\":{\"geometries\":[{\"type\":\"Polygon\",\"id\":\"276\",\"arcs\":" arcs "}]}}"
#define SCALE "\"transform\":{\"scale\":[1,1],\"translate\":[-180,-90]}"

static void what_is_no_topology_is_refused(void **state)
{
    (void)state;
    refuse("");
    refuse("[]");
    refuse("{" SHAPES("[[0]]") ",\"arcs\":[[[1,1],[1,1]]]}");
    refuse("{" SCALE ",\"arcs\":[[[1,1],[1,1]]]}");
    refuse("{" SCALE "," SHAPES("[[1]]") ",\"arcs\":[[[1,1],[1,1]]]}");
    refuse("{" SCALE "," SHAPES("[[-2]]") ",\"arcs\":[[[1,1],[1,1]]]}");
    refuse("{" SCALE "," SHAPES("[[-9223372036854775808]]") ",\"arcs\":[[[1,1],[1,1]]]}");
    refuse("{" SCALE "," SHAPES("[[0]]") ",\"arcs\":[[[1,1]]]}");
    refuse("{" SCALE "," SHAPES("[[\"a\"]]") ",\"arcs\":[[[1,1],[1,1]]]}");
    refuse("{" SCALE "," SHAPES("[[0]]") ",\"arcs\":[[[1,1],[1]]]}");
    refuse("{" SCALE "," SHAPES("[[0]]") ",\"arcs\":[[[1,1],[1,500]]]}");
}

static void parse_any(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_borders *borders = NULL;
    struct ml_error error = {0};
    double km = 0;
    if (ml_borders_parse(bytes, &borders, &error) == ML_OK) {
        (void)ml_borders_from_place(borders, (struct ml_place){.lat = 1, .lon = 1}, "DE", &km);
        (void)ml_borders_from_country(borders, "DE", "FR", &km);
    }
    ml_borders_free(borders);
}

static void damaged_files_are_refused_or_read_within_their_bytes(void **state)
{
    (void)state;
    sweep_truncations(ml_span_text(squares), parse_any, NULL);
    sweep_bit_flips(ml_span_text(squares), parse_any, NULL);
}

static void parse_without_memory(void *context)
{
    (void)context;
    struct ml_borders *borders = NULL;
    struct ml_error error = {0};
    enum ml_status status = ml_borders_parse(ml_span_text(squares), &borders, &error);
    assert_true(status == ML_OK || status == ML_NO_MEMORY);
    assert_true((status == ML_OK) == (borders != NULL));
    ml_borders_free(borders);
}

static void missing_memory_is_told(void **state)
{
    (void)state;
    assert_true(oom_sweep(parse_without_memory, NULL) >= 3);
}

static void a_round_trip_bounds_by_light_in_vacuum(void **state)
{
    (void)state;
    struct ml_vantage vantage = {.has_place = true, .excludes_proxy = true, .capture_at = ML_CAPTURE_AT_GATEWAY};
    assert_int_equal(ml_vantage_reach_km(&vantage, 1000), 150);
    assert_int_equal(ml_vantage_reach_km(&vantage, 1), 1); /* rounded up: never too near */
    vantage.access_delay_us = 400;
    assert_int_equal(ml_vantage_reach_km(&vantage, 1000), 90);
    assert_int_equal(ml_vantage_reach_km(&vantage, 400), 0);
    assert_null(ml_vantage_problem(&vantage));
    vantage.capture_at = ML_CAPTURE_AT_DEVICE;
    assert_non_null(ml_vantage_problem(&vantage));
    assert_non_null(ml_vantage_problem(NULL));
}

static void the_tolerance_spares_what_is_just_beyond(void **state)
{
    (void)state;
    struct ml_borders *borders = parsed(squares);
    /* Two degrees south of the square: 222.4 km; less 1 % and 20 km: 200.2 km. */
    const struct ml_vantage vantage = {.has_place = true, .place = {.lat = -2, .lon = 5}};
    double km = 0;
    assert_true(ml_vantage_distance(&vantage, borders, "DE", &km));
    assert_true(ml_vantage_is_beyond(km, 200));
    assert_false(ml_vantage_is_beyond(km, 201));
    assert_false(ml_vantage_distance(&vantage, borders, "SG", &km));
    ml_borders_free(borders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_inside_is_at_no_distance),
        cmocka_unit_test(distances_are_those_of_the_sphere),
        cmocka_unit_test(neighbours_are_at_no_distance),
        cmocka_unit_test(a_country_without_a_shape_has_no_distance),
        cmocka_unit_test(what_is_no_topology_is_refused),
        cmocka_unit_test(damaged_files_are_refused_or_read_within_their_bytes),
        cmocka_unit_test(missing_memory_is_told),
        cmocka_unit_test(a_round_trip_bounds_by_light_in_vacuum),
        cmocka_unit_test(the_tolerance_spares_what_is_just_beyond),
    };
    return cmocka_run_group_tests_name("intel/borders", tests, NULL, NULL);
}
