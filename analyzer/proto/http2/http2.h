/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http2 - HTTP/2 on a stream, under TLS whose keys are known or in clear (prior knowledge, upgrade).
 *
 * In:        chunks of both directions from the client's preface on.
 * Out:       http.request and http.response as HTTP/1 states them, with the frames and range of their head; bodies to
 *            subscribers.
 * Invariant: header blocks are read from the first on without a hole, or not at all (hpack.h); content goes on.
 * See:       RFC 9113.
 */
#ifndef MITLESER_PROTO_HTTP2_HTTP2_H
#define MITLESER_PROTO_HTTP2_HTTP2_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_http2;

#endif
