/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case - reads a case file: strict YAML, unknown keys and values are refused with their position.
 *
 *     reference: "2026-17"        # texts: reference, purpose, scenario
 *     capture_at: gateway         # gateway, device, unknown
 *     proxy: false                # true, false; false: no proxy and no VPN between the capture and the hosts
 *     declared_countries: [DE, IE]   # where data are processed, as the documents of the app say
 *     declared_domains: [example.com]   # whom the app contacts, as they say
 *     steps:                     # what was done with the app, in the order of time
 *       - {at: '2026-03-02T08:30:00Z', step: start}   # and input, typing, backup, mini_program, identity_check,
 *                                                     # side_service, close
 *     vantage:
 *       lat: 50.11                # both, in degrees; or country: DE
 *       lon: 8.68
 *       access_delay_us: 400      # round trip within the access network
 */
#ifndef MITLESER_CLI_CASE_H
#define MITLESER_CLI_CASE_H

#include "report/case.h"

struct ml_case_file;

/* Gives *out; ml_case_file_get borrows from it. */
enum ml_status ml_case_file_read(const char *path, struct ml_case_file **out, struct ml_error *error) ML_MUST_USE;
const struct ml_case *ml_case_file_get(const struct ml_case_file *file); /* NULL for NULL */
void ml_case_file_free(struct ml_case_file *file);

#endif
