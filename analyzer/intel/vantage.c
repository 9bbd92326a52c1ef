/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/vantage.h"

enum { KM_PER_MS = 150, US_PER_MS = 1000, TOLERANCE_KM = 20 };
#define TOLERANCE_SHARE 0.99

const char *ml_vantage_problem(const struct ml_vantage *vantage)
{
    if (vantage == NULL || (!vantage->has_place && vantage->country[0] == '\0')) {
        return "no vantage point is declared";
    }
    if (!vantage->excludes_proxy) {
        return "it is not declared that no proxy or VPN answered";
    }
    return vantage->capture_at != ML_CAPTURE_AT_GATEWAY ? "the capture is not declared to be taken at a gateway" : NULL;
}

uint32_t ml_vantage_reach_km(const struct ml_vantage *vantage, uint32_t rtt_us)
{
    if (rtt_us <= vantage->access_delay_us) {
        return 0; /* the declared delay cannot be right, so nothing follows */
    }
    uint64_t left = (uint64_t)rtt_us - vantage->access_delay_us;
    return (uint32_t)((left * KM_PER_MS + US_PER_MS - 1) / US_PER_MS);
}

bool ml_vantage_distance(const struct ml_vantage *vantage, const struct ml_borders *borders, const char *country,
                         double *km)
{
    return vantage->has_place ? ml_borders_from_place(borders, vantage->place, country, km)
                              : ml_borders_from_country(borders, vantage->country, country, km);
}

bool ml_vantage_is_beyond(double km, uint32_t reach_km)
{
    return km * TOLERANCE_SHARE - TOLERANCE_KM > reach_km;
}
