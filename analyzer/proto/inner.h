/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inner - a conversation that runs through another: behind CONNECT, behind a SOCKS handshake, behind an upgrade.
 *
 * In:        chunks of both directions behind the handshake.
 * Out:       chunks of the inner layer to a demultiplexer of its own. They are held while it is not known yet
 *            whether they belong to it.
 * Invariant: conversations nest as deep as a chunk has layers.
 */
#ifndef MITLESER_PROTO_INNER_H
#define MITLESER_PROTO_INNER_H

#include "proto/parser.h"

struct ml_inner;

/* Gives it; NULL when memory runs out. */
struct ml_inner *ml_inner_new(struct ml_proto_env *env, struct ml_flow *flow) ML_MUST_USE;
void ml_inner_free(struct ml_inner *inner); /* lets the inner parsers state what they hold */

/* Keeps a copy of a chunk (or a gap). False when the ceiling or memory is reached. */
bool ml_inner_hold(struct ml_inner *inner, const struct ml_chunk *chunk) ML_MUST_USE;

/* Hands the held chunks to `take` in order and forgets them. */
typedef void (*ml_inner_fn)(void *context, const struct ml_chunk *chunk);
void ml_inner_release(struct ml_inner *inner, ml_inner_fn take, void *context);

/* From now on chunks go inside; those held go first. */
void ml_inner_open(struct ml_inner *inner, enum ml_layer layer);

/* False: nothing more to learn here. */
bool ml_inner_feed(struct ml_inner *inner, const struct ml_chunk *chunk);

#endif
