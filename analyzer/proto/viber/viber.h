/* SPDX-License-Identifier: Apache-2.0 */
/*
 * viber - Viber's own transports: records on a stream, and the set-up of calls.
 *
 * In:        the first records of a connection, or three records of one that was captured later; datagrams.
 * Out:       viber.tcp; viber.udp with the caller's address in the local network and the public one, which the
 *            datagrams carry byte by byte backwards.
 * Invariant: the marks of a datagram are few, so a call is certain only when a set-up names the very port it was sent
 *            from, or when the other side repeats the ten bytes that name the call.
 * See:       docs/protocols/viber.md.
 */
#ifndef MITLESER_PROTO_VIBER_VIBER_H
#define MITLESER_PROTO_VIBER_VIBER_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_viber;      /* streams */
extern const struct ml_parser ml_parser_viber_call; /* datagrams */

#endif
