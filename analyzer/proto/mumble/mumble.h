/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mumble - the question after a Mumble server's state, which everybody may ask without a login, and its answer.
 *
 * In:        datagrams. Talk itself is TLS and encrypted datagrams, which show nothing.
 * Out:       mumble with the server's version.
 * Invariant: the question is eight bytes of anything; only an answer that repeats them counts.
 * See:       Mumble's protocol documentation, "UDP Ping packet"; docs/protocols/mumble.md.
 */
#ifndef MITLESER_PROTO_MUMBLE_MUMBLE_H
#define MITLESER_PROTO_MUMBLE_MUMBLE_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_mumble;

#endif
