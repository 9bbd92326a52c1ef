/* SPDX-License-Identifier: Apache-2.0 */
/* plausible - do these bytes look like a message of that protocol? Allocates nothing; internal to proto/dns. */
#ifndef MITLESER_PROTO_DNS_PLAUSIBLE_H
#define MITLESER_PROTO_DNS_PLAUSIBLE_H

#include "proto/dns/facts.h"
#include "proto/parser.h"

/*
 * For a well-known port. Looks at the header and the first question or record; ML_MATCH_MORE when a cut message fits
 * as far as it goes but ends before that.
 */
enum ml_match ml_dns_plausible(struct ml_span message, bool is_cut, enum ml_dns_kind kind);

/* For any other port: one question of class IN, its answers, and no byte left over. */
bool ml_dns_is_exact(struct ml_span message);

#endif
