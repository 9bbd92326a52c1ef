/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/borders.h"

#include "core/mem.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#define EARTH_KM 6371.0088 /* mean radius (IUGG) */
#define DEGREE (3.14159265358979323846 / 180)

enum { MAX_POINTS = 1 << 22, MAX_RINGS = 1 << 18, MAX_RING_ARCS = 1 << 16, FIRST_ROOM = 256 };

struct point {
    double lat, lon; /* degrees */
    double at[3];    /* on the unit sphere */
};

struct ring {         /* closed: the last point is the first */
    unsigned country; /* numeric code */
    size_t first, n;
};

struct ml_borders {
    struct point *points; /* owned */
    size_t n_points, point_room;
    struct ring *rings; /* owned */
    size_t n_rings, ring_room;
};

/* --- country codes --- */

static const struct {
    unsigned number;
    char code[3];
} codes[] = {
#define ML_COUNTRY(number, code) {number, code},
#include "intel/country_code.def"
#undef ML_COUNTRY
};

static unsigned number_of(const char *country)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (strcmp(codes[i].code, country) == 0) {
            return codes[i].number;
        }
    }
    return 0;
}

/* --- the sphere --- */

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const double a[3], const double b[3], double out[3])
{
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

/* Angle between two points; exact for small ones too. */
static double angle(const double a[3], const double b[3])
{
    double normal[3];
    cross(a, b, normal);
    return atan2(sqrt(dot(normal, normal)), dot(a, b));
}

static struct point point_of(double lat, double lon)
{
    double across = cos(lat * DEGREE);
    return (struct point){
        .lat = lat, .lon = lon, .at = {across * cos(lon * DEGREE), across * sin(lon * DEGREE), sin(lat * DEGREE)}};
}

/* From p to the arc of a great circle between a and b. */
static double angle_to_edge(const double p[3], const double a[3], const double b[3])
{
    double normal[3];
    double side_a[3];
    double side_b[3];
    cross(a, b, normal);
    cross(normal, a, side_a);
    cross(b, normal, side_b);
    double size = sqrt(dot(normal, normal));
    if (size > 1e-12 && dot(side_a, p) >= 0 && dot(side_b, p) >= 0) {
        return asin(fmin(1, fabs(dot(normal, p)) / size)); /* the foot of the perpendicular lies between a and b */
    }
    return fmin(angle(p, a), angle(p, b));
}

static double angle_to_country(const struct ml_borders *borders, const struct point *from, unsigned country)
{
    double least = INFINITY;
    for (size_t r = 0; r < borders->n_rings; r++) {
        const struct ring *ring = &borders->rings[r];
        const struct point *points = borders->points + ring->first;
        for (size_t i = 0; ring->country == country && i + 1 < ring->n; i++) {
            least = fmin(least, angle_to_edge(from->at, points[i].at, points[i + 1].at));
        }
    }
    return least;
}

/* Even-odd over all rings: holes count as outside. Natural Earth cuts rings at the antimeridian, so degrees do. */
static bool is_inside(const struct ml_borders *borders, struct ml_place place, unsigned country)
{
    bool inside = false;
    for (size_t r = 0; r < borders->n_rings; r++) {
        const struct ring *ring = &borders->rings[r];
        const struct point *points = borders->points + ring->first;
        for (size_t i = 0; ring->country == country && i + 1 < ring->n; i++) {
            const struct point *a = &points[i];
            const struct point *b = &points[i + 1];
            if ((a->lat > place.lat) != (b->lat > place.lat) &&
                place.lon < (b->lon - a->lon) * (place.lat - a->lat) / (b->lat - a->lat) + a->lon) {
                inside = !inside;
            }
        }
    }
    return inside;
}

bool ml_borders_from_place(const struct ml_borders *borders, struct ml_place place, const char *country, double *km)
{
    unsigned number = number_of(country);
    struct point from = point_of(place.lat, place.lon);
    double least = angle_to_country(borders, &from, number);
    if (number == 0 || least > 4) { /* no ring of that country */
        return false;
    }
    *km = is_inside(borders, place, number) ? 0 : least * EARTH_KM;
    return true;
}

/* Two shapes that do not overlap are nearest at a corner of one of them. */
static double corners_to_country(const struct ml_borders *borders, unsigned from, unsigned country)
{
    double least = INFINITY;
    for (size_t r = 0; r < borders->n_rings; r++) {
        const struct ring *ring = &borders->rings[r];
        for (size_t i = 0; ring->country == from && i + 1 < ring->n; i++) {
            least = fmin(least, angle_to_country(borders, &borders->points[ring->first + i], country));
        }
    }
    return least;
}

bool ml_borders_from_country(const struct ml_borders *borders, const char *from, const char *country, double *km)
{
    unsigned a = number_of(from);
    unsigned b = number_of(country);
    double least = a == b ? 0 : fmin(corners_to_country(borders, a, b), corners_to_country(borders, b, a));
    if (a == 0 || b == 0 || least > 4) {
        return false;
    }
    *km = least * EARTH_KM;
    return true;
}

/* --- TopoJSON --- */

struct topology {
    struct ml_borders *borders;
    const json_t *arcs;
    double scale[2], shift[2];
    const char *problem; /* why it cannot be used; NULL fine */
    bool out_of_memory;
};

static bool fail(struct topology *topology, const char *problem)
{
    topology->problem = problem;
    return false;
}

static bool add_point(struct topology *topology, double x, double y)
{
    struct ml_borders *borders = topology->borders;
    double lon = x * topology->scale[0] + topology->shift[0];
    double lat = y * topology->scale[1] + topology->shift[1];
    if (!(lat >= -90.01 && lat <= 90.01 && lon >= -180.01 && lon <= 180.01) || borders->n_points >= MAX_POINTS) {
        return fail(topology, "a point is no place on earth, or there are too many");
    }
    struct point *points =
        ml_mem_grow(borders->points, borders->n_points, &borders->point_room, FIRST_ROOM, sizeof *points);
    if (points == NULL) {
        topology->out_of_memory = true;
        return false;
    }
    borders->points = points;
    points[borders->n_points++] = point_of(lat, lon);
    return true;
}

/* Section 2.1.4: positions of an arc are differences to the one before. The first of a later arc repeats a point. */
static bool add_arc(struct topology *topology, json_int_t number, bool is_first)
{
    size_t first = topology->borders->n_points;
    const json_t *arc = json_array_get(topology->arcs, (size_t)(number < 0 ? ~number : number));
    double x = 0;
    double y = 0;
    if (json_array_size(arc) < 2) {
        return fail(topology, "a shape names an arc that is not there");
    }
    for (size_t i = 0; i < json_array_size(arc); i++) {
        const json_t *position = json_array_get(arc, i);
        if (!json_is_integer(json_array_get(position, 0)) || !json_is_integer(json_array_get(position, 1))) {
            return fail(topology, "a position is no pair of integers");
        }
        x += (double)json_integer_value(json_array_get(position, 0));
        y += (double)json_integer_value(json_array_get(position, 1));
        if (!add_point(topology, x, y)) {
            return false;
        }
    }
    struct point *points = topology->borders->points + first;
    size_t n = topology->borders->n_points - first;
    for (size_t i = 0; number < 0 && i < n / 2; i++) { /* ones' complement: the arc in reverse */
        struct point other = points[i];
        points[i] = points[n - 1 - i];
        points[n - 1 - i] = other;
    }
    if (!is_first) {
        memmove(points, points + 1, (n - 1) * sizeof *points);
        topology->borders->n_points--;
    }
    return true;
}

static bool add_ring(struct topology *topology, unsigned country, const json_t *arcs)
{
    struct ml_borders *borders = topology->borders;
    struct ring ring = {.country = country, .first = borders->n_points};
    if (json_array_size(arcs) > MAX_RING_ARCS || borders->n_rings >= MAX_RINGS) {
        return fail(topology, "too many rings or arcs");
    }
    for (size_t i = 0; i < json_array_size(arcs); i++) {
        if (!json_is_integer(json_array_get(arcs, i))) {
            return fail(topology, "the number of an arc is no integer");
        }
        if (!add_arc(topology, json_integer_value(json_array_get(arcs, i)), i == 0)) {
            return false;
        }
    }
    struct ring *rings = ml_mem_grow(borders->rings, borders->n_rings, &borders->ring_room, FIRST_ROOM, sizeof *rings);
    if (rings == NULL) {
        topology->out_of_memory = true;
        return false;
    }
    borders->rings = rings;
    ring.n = borders->n_points - ring.first;
    rings[borders->n_rings++] = ring;
    return true;
}

static bool add_polygon(struct topology *topology, unsigned country, const json_t *rings)
{
    for (size_t i = 0; i < json_array_size(rings); i++) {
        if (!add_ring(topology, country, json_array_get(rings, i))) {
            return false;
        }
    }
    return true;
}

static bool add_shape(struct topology *topology, const json_t *shape)
{
    const char *type = json_string_value(json_object_get(shape, "type"));
    const char *id = json_string_value(json_object_get(shape, "id"));
    const json_t *arcs = json_object_get(shape, "arcs");
    unsigned country = id != NULL ? (unsigned)strtoul(id, NULL, 10) : 0;
    if (type == NULL || country == 0) {
        return true; /* shapes without a code: nobody asks for them */
    }
    if (strcmp(type, "Polygon") == 0) {
        return add_polygon(topology, country, arcs);
    }
    for (size_t i = 0; strcmp(type, "MultiPolygon") == 0 && i < json_array_size(arcs); i++) {
        if (!add_polygon(topology, country, json_array_get(arcs, i))) {
            return false;
        }
    }
    return true;
}

static bool add_shapes(struct topology *topology, const json_t *root)
{
    const json_t *transform = json_object_get(root, "transform");
    const json_t *shapes =
        json_object_get(json_object_get(json_object_get(root, "objects"), "countries"), "geometries");
    for (size_t i = 0; i < 2; i++) {
        const json_t *scale = json_array_get(json_object_get(transform, "scale"), i);
        const json_t *shift = json_array_get(json_object_get(transform, "translate"), i);
        if (!json_is_number(scale) || !json_is_number(shift)) {
            return fail(topology, "not a quantised topology");
        }
        topology->scale[i] = json_number_value(scale);
        topology->shift[i] = json_number_value(shift);
    }
    topology->arcs = json_object_get(root, "arcs");
    for (size_t i = 0; i < json_array_size(shapes); i++) {
        if (!add_shape(topology, json_array_get(shapes, i))) {
            return false;
        }
    }
    return topology->borders->n_rings != 0 || fail(topology, "it holds no shapes of countries");
}

enum ml_status ml_borders_parse(struct ml_span text, struct ml_borders **out, struct ml_error *error)
{
    json_error_t cause = {.line = 0};
    struct topology topology = {.borders = ml_mem_array(1, sizeof *topology.borders)};
    *out = NULL;
    if (topology.borders == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    json_t *root = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &cause);
    bool ok = root != NULL ? add_shapes(&topology, root) : fail(&topology, cause.text);
    enum ml_status status = ML_OK;
    if (!ok) {
        status = topology.problem != NULL ? ml_error_set(error, ML_BAD_INPUT, "%s", topology.problem)
                                          : ml_error_set(error, ML_NO_MEMORY, "out of memory");
        ml_borders_free(topology.borders);
    } else {
        *out = topology.borders; /* given to caller */
    }
    json_decref(root);
    return status;
}

void ml_borders_free(struct ml_borders *borders)
{
    if (borders != NULL) {
        ml_mem_free(borders->points);
        ml_mem_free(borders->rings);
        ml_mem_free(borders);
    }
}
