/* SPDX-License-Identifier: Apache-2.0 */
/*
 * borders - outlines of countries, and how far a country is from a place at least.
 *
 * In:        countries-50m.json of Natural Earth: TopoJSON, quantised, shapes named by ISO 3166-1 numeric codes.
 *            Borders follow Natural Earth's view.
 * Out:       the least great-circle distance on a sphere of 6371.0088 km, 0 inside.
 * Invariant: read-only once made. A country without a shape has no distance.
 * Limits:    outlines are simplified and leave out small islands; whoever concludes something from a distance
 *            allows for that.
 * See:       https://github.com/topojson/topojson-specification
 */
#ifndef MITLESER_INTEL_BORDERS_H
#define MITLESER_INTEL_BORDERS_H

#include "core/span.h"
#include "core/status.h"

struct ml_borders;

struct ml_place {
    double lat, lon; /* degrees */
};

/* From the text of the file. ML_BAD_INPUT with the reason, ML_NO_MEMORY. */
enum ml_status ml_borders_parse(struct ml_span text, struct ml_borders **out, struct ml_error *error) ML_MUST_USE;
void ml_borders_free(struct ml_borders *borders);

/* Kilometres between the place and the nearest point of a country (alpha-2); false when it has no shape. */
bool ml_borders_from_place(const struct ml_borders *borders, struct ml_place place, const char *country, double *km);

/* The same between the nearest points of two countries; 0 when they are one. */
bool ml_borders_from_country(const struct ml_borders *borders, const char *from, const char *country, double *km);

#endif
