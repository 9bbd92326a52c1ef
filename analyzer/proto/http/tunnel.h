/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tunnel - what runs through an HTTP/1 connection after CONNECT or 101: another conversation with parsers of its own.
 *
 * In:        chunks of both directions behind the heads.
 * Out:       chunks of the inner layer to a demultiplexer. Until the answer to CONNECT is known, the client's bytes are
 *            held.
 * See:       RFC 9110, sections 9.3.6 and 7.8; RFC 6455 (WebSocket).
 */
#ifndef MITLESER_PROTO_HTTP_TUNNEL_H
#define MITLESER_PROTO_HTTP_TUNNEL_H

#include "proto/parser.h"

struct ml_http_tunnel;

/* Gives it; NULL when memory runs out. */
struct ml_http_tunnel *ml_http_tunnel_new(struct ml_proto_env *env, struct ml_flow *flow) ML_MUST_USE;
void ml_http_tunnel_free(struct ml_http_tunnel *tunnel); /* lets the inner parsers state what they hold */

/* Keeps a copy of a chunk (or a gap). False when the ceiling or memory is reached. */
bool ml_http_tunnel_hold(struct ml_http_tunnel *tunnel, const struct ml_chunk *chunk) ML_MUST_USE;

/* Hands the held chunks to `take` in order and forgets them. */
typedef void (*ml_http_tunnel_fn)(void *context, const struct ml_chunk *chunk);
void ml_http_tunnel_release(struct ml_http_tunnel *tunnel, ml_http_tunnel_fn take, void *context);

/* From now on chunks go inside; those held go first. */
void ml_http_tunnel_open(struct ml_http_tunnel *tunnel, enum ml_layer layer);

/* False: nothing more to learn here. */
bool ml_http_tunnel_feed(struct ml_http_tunnel *tunnel, const struct ml_chunk *chunk);

#endif
