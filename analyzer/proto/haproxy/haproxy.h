/* SPDX-License-Identifier: Apache-2.0 */
/*
 * haproxy - a connection that a proxy passes on with a PROXY header in front.
 *
 * In:        chunks of both directions of a stream.
 * Out:       haproxy.header: the addresses of the client and of what it asked for; what follows goes to parsers of its
 *            own.
 * See:       "The PROXY protocol, versions 1 & 2", Willy Tarreau, HAProxy Technologies.
 */
#ifndef MITLESER_PROTO_HAPROXY_HAPROXY_H
#define MITLESER_PROTO_HAPROXY_HAPROXY_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_haproxy;

#endif
