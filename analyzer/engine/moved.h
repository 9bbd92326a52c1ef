/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moved - QUIC connections that go on in another flow: after a change of network, or behind a translator that took
 * another port.
 *
 * In:        flows in the order of their first packet, with their facts: what packets repeat in clear, or, with
 *            the keys of the connection, that they belong to it.
 * Out:       for a flow that begins amid a connection, the flow that connection began in.
 * Why:       who sees both flows knows that one client is behind both addresses (RFC 9000, section 9.5); and the
 *            first one names the server.
 * Invariant: an id that a server chose, or that a client began with, belongs to the first flow that showed it.
 *            Captures are not kept apart: the same id in two of them is the same connection.
 */
#ifndef MITLESER_ENGINE_MOVED_H
#define MITLESER_ENGINE_MOVED_H

#include "core/map.h"
#include "proto/fact.h"

struct ml_moved {
    struct ml_map ids;    /* hexadecimal id that a server chose -> flow that showed it first */
    struct ml_map begun;  /* hexadecimal id of a client's first packet -> flow */
    struct ml_map origin; /* flow -> flow its connection began in, by an id in clear */
    struct ml_map opened; /* the same, by the keys */
};

void ml_moved_init(struct ml_moved *moved);
void ml_moved_fini(struct ml_moved *moved);

/* The next flow in order of first packet. False: out of memory. */
bool ml_moved_add(struct ml_moved *moved, const struct ml_flow *flow, uint32_t index) ML_MUST_USE;

struct ml_moved_origin {
    uint32_t of;     /* flow */
    bool is_same_id; /* everybody can tell, by the id; else only who has the keys */
};

/* Did the connection of flow `index` begin in another one? */
bool ml_moved_origin(const struct ml_moved *moved, uint32_t index, struct ml_moved_origin *out) ML_MUST_USE;

#endif
