/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths - the connection ids of a shard's connections whose keys are known, so that a connection that goes on from
 * another address or port is found again.
 *
 * In:        ids as the sides hand them out; packets with a short header of flows that nobody knows.
 * Out:       the connection whose id a packet carries. Its tag decides whether it is that one.
 * Invariant: a connection that was silent for longer than a flow may be is not found, whether or not its flow was
 *            closed yet: results do not depend on housekeeping.
 * Lifetime:  a connection takes its ids out before it goes; the table belongs to the shard.
 * See:       RFC 9000, sections 5.1 and 9.
 */
#ifndef MITLESER_PROTO_QUIC_PATHS_H
#define MITLESER_PROTO_QUIC_PATHS_H

#include "proto/parser.h"

struct ml_quic_decrypt;
struct ml_quic_paths;

/* Packets of `dir` may carry `id`. Ids that are too short to tell, or beyond a ceiling (counted), are not kept. */
void ml_quic_paths_add(struct ml_proto_env *env, struct ml_quic_decrypt *connection, enum ml_dir dir,
                       struct ml_span id);

/* All ids of the connection go. */
void ml_quic_paths_remove(struct ml_proto_env *env, const struct ml_quic_decrypt *connection);

/* The connection of which the packet at the start of `chunk` carries an id, and the length of that; NULL: none. */
struct ml_quic_decrypt *ml_quic_paths_find(const struct ml_proto_env *env, const struct ml_chunk *chunk,
                                           size_t *id_len);

/* Takes the table; NULL is fine. */
void ml_quic_paths_free(struct ml_quic_paths *paths);

#endif
