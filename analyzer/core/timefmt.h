/* SPDX-License-Identifier: Apache-2.0 */
/* timefmt - nanoseconds since 1970-01-01T00:00:00Z as RFC 3339 text and back, without locale or time zone. */
#ifndef MITLESER_CORE_TIMEFMT_H
#define MITLESER_CORE_TIMEFMT_H

#include "core/span.h"
#include "core/status.h"

enum { ML_TIME_TEXT = 36 };

/* "2026-11-26T11:05:40.000000000Z"; returns the length. Years 1677..2262, what 64 bits hold. */
size_t ml_time_format(int64_t time_ns, char out[ML_TIME_TEXT]);

/* The date part only, "2026-11-26". */
size_t ml_date_format(int64_t time_ns, char out[ML_TIME_TEXT]);

/* Days since 1970-01-01 of a Gregorian date. */
int64_t ml_days_of(int64_t year, unsigned month, unsigned day);

/*
 * RFC 3339 with Z or an offset, "YYYY-MM-DD" (midnight UTC), or "@seconds[.fraction]"; years 1678..2261. Digits of the
 * fraction beyond the ninth are dropped. False, and *time_ns is 0, for anything else.
 */
bool ml_time_parse(struct ml_span text, int64_t *time_ns) ML_MUST_USE;

#endif
