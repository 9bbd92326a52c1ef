/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdp - a description of a session: addresses, media, keys.
 *
 * In:        the body of a message; parts of another kind around it do no harm.
 * Out:       attributes of a fact.
 * See:       RFC 8866; RFC 8839 (candidates); RFC 4568 (crypto); RFC 4567 (key-mgmt).
 */
#ifndef MITLESER_PROTO_SIP_SDP_H
#define MITLESER_PROTO_SIP_SDP_H

#include "proto/fact.h"

/* Is there a description in these bytes? */
bool ml_sdp_is(struct ml_span body);

/* Adds what the description tells to the fact. Values are borrowed from `body` until it is emitted. */
void ml_sdp_add(struct ml_fact_draft *draft, struct ml_span body);

#endif
