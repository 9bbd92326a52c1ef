/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apns - Apple's push service, known by the application protocols its clients offer inside TLS.
 *
 * In:        what was stated of a ClientHello (proto/tls/facts.c calls).
 * Out:       apns, with the protocols that tell.
 * See:       docs/protocols/apns.md.
 */
#ifndef MITLESER_PROTO_APNS_APNS_H
#define MITLESER_PROTO_APNS_APNS_H

#include "proto/fact.h"

/*
 * States apns beside the fact of a ClientHello that was just emitted, when that offers the push service to Apple, or to
 * nobody by name; `hello` is the draft it was made from.
 */
void ml_apns_state(struct ml_fact_store *store, const struct ml_fact_draft *hello);

#endif
