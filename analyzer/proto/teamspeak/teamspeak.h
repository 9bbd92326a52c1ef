/* SPDX-License-Identifier: Apache-2.0 */
/*
 * teamspeak - TeamSpeak 3: the start of a connection, and servers that announce themselves in the public list.
 *
 * In:        datagrams.
 * Out:       teamspeak; from a client with the day its program was built.
 * Invariant: a connection's start is marked by its first eight bytes; an announcement counts once the list's number
 *            has been repeated to it.
 * See:       docs/protocols/teamspeak.md.
 */
#ifndef MITLESER_PROTO_TEAMSPEAK_TEAMSPEAK_H
#define MITLESER_PROTO_TEAMSPEAK_TEAMSPEAK_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_teamspeak;

#endif
