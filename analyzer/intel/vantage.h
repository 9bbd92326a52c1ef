/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vantage - where a capture was taken, as its operator declares it, and what a round trip then says about distance.
 *
 * Light in vacuum travels 150 km and back in a millisecond; nothing is faster. So the smallest handshake round trip,
 * less the delay of the access network, bounds how far the answering host can be. It can refute a country and never
 * assert one. It says nothing where a proxy, a VPN or the device's own stack can have answered the handshake: only a
 * capture at the gateway whose operator excludes proxies counts. A middlebox that answers for the host is a limit that
 * remains.
 */
#ifndef MITLESER_INTEL_VANTAGE_H
#define MITLESER_INTEL_VANTAGE_H

#include "intel/borders.h"

enum ml_capture_at { ML_CAPTURE_AT_UNKNOWN, ML_CAPTURE_AT_GATEWAY, ML_CAPTURE_AT_DEVICE };

struct ml_vantage {
    bool has_place;      /* else the country, if that is not "" */
    bool excludes_proxy; /* declared: no proxy and no VPN between here and the hosts */
    struct ml_place place;
    char country[3];          /* alpha-2 */
    uint32_t access_delay_us; /* round trip within the access network */
    enum ml_capture_at capture_at;
};

/* NULL when distances can be bounded; else why not. NULL vantage is fine. Static text. */
const char *ml_vantage_problem(const struct ml_vantage *vantage);

/* Kilometres a host can be away at most, rounded up; 0 when the round trip says nothing. */
uint32_t ml_vantage_reach_km(const struct ml_vantage *vantage, uint32_t rtt_us);

/* Kilometres from the vantage point to the nearest point of a country; false for a country without a shape. */
bool ml_vantage_distance(const struct ml_vantage *vantage, const struct ml_borders *borders, const char *country,
                         double *km);

/* Out of reach? With a tolerance of 1 % and 20 km for the shape of the earth and simplified outlines. */
bool ml_vantage_is_beyond(double km, uint32_t reach_km);

#endif
