/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows - the text data sets as rows: Tor's geoip and geoip6 files, and networks (AS) by address as CSV.
 *
 * In:  bytes of a file. Out: calls with one row each, in the order of the file; texts are borrowed until the callback
 *      returns. Lines that are no row ("#" comments, blank lines) are passed over; a malformed line ends the walk with
 *      ML_BAD_INPUT and its number, because a file that is half understood answers wrongly.
 */
#ifndef MITLESER_INTEL_ROWS_H
#define MITLESER_INTEL_ROWS_H

#include "core/ip.h"

/* "16777216,16777471,AU" (IPv4 as decimal numbers) or "2001:200::,2001:200:ffff::,JP". */
struct ml_country_row {
    struct ml_ip first;
    struct ml_ip last;
    char country[3]; /* as in the file; need not be a country ("??", "EU") */
};
typedef enum ml_status (*ml_country_row_fn)(void *context, const struct ml_country_row *row);
enum ml_status ml_country_rows(struct ml_span text, ml_country_row_fn each, void *context, struct ml_error *error);

/* `16777216,16777471,13335,"Cloudflare, Inc."`, IPv4 as decimal number or either family as text. */
struct ml_asn_row {
    struct ml_ip first;
    struct ml_ip last;
    uint32_t asn;
    struct ml_span name; /* quotes removed */
};
typedef enum ml_status (*ml_asn_row_fn)(void *context, const struct ml_asn_row *row);
enum ml_status ml_asn_rows(struct ml_span text, ml_asn_row_fn each, void *context, struct ml_error *error);

/* Two upper-case letters that stand for a country: no "EU", "AP", "ZZ" and no user-assigned codes but XK. */
bool ml_is_country(const char *code);

#endif
