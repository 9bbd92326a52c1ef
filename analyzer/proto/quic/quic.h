/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic - the parser "quic": who talks to whom in the first packets of QUIC and of Google's QUIC before it.
 *
 * In:        datagrams of both directions.
 * Out:       quic.initial, and the tls.* facts of the hellos inside; the flow's round trip, when no other is known.
 * Invariant: keys hang on the connection id the client first chose (after a Retry: on the one the server gave), and are
 *            tried before a packet's own id is, so that later ids and interleaved ones are followed.
 * See:       RFC 9000, RFC 9001, RFC 9369.
 */
#ifndef MITLESER_PROTO_QUIC_QUIC_H
#define MITLESER_PROTO_QUIC_QUIC_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_quic;

#endif
