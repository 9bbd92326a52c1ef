/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http - HTTP/1.0 and 1.1 on a stream: requests, responses, their bodies, and what is tunnelled through.
 *
 * In:        chunks of both directions; one of them may be missing, begin in the middle, or have holes.
 * Out:       http.request and http.response, each when its message ends (so that its size is known), with the frames
 *            and range of its head; facts of body subscribers (body.h) and of the parsers inside a tunnel.
 * See:       RFC 9110, RFC 9112.
 */
#ifndef MITLESER_PROTO_HTTP_HTTP_H
#define MITLESER_PROTO_HTTP_HTTP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_http;

#endif
