/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imo - calls of imo: frames with a length in front, several in a datagram; pings carry a clock that pongs repeat.
 *
 * In:        datagrams.
 * Out:       imo.udp.
 * Invariant: certain once a pong of one side has repeated the eight bytes of a ping of the other, in datagrams that
 *            frames fill to the last byte.
 * See:       docs/protocols/imo.md.
 */
#ifndef MITLESER_PROTO_IMO_IMO_H
#define MITLESER_PROTO_IMO_IMO_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_imo;

#endif
