/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stun - STUN and TURN over UDP and TCP, Microsoft's multiplexed relay, and what relays carry.
 *
 * In:        datagrams, or a stream in one of three framings.
 * Out:       stun.message; stun.<app> and skype.teams_call where the bytes are one app's alone; the facts of what is
 *            inside ChannelData, indications and framed streams, by demultiplexers of its own.
 * Invariant: without the cookie of RFC 5389 only Zoom's own message counts: everything else of RFC 3489 is too short of
 *            marks. A message with a wrong FINGERPRINT is none.
 * See:       RFC 8489, RFC 8656, RFC 4571; docs/protocols/stun-apps.md.
 */
#ifndef MITLESER_PROTO_STUN_STUN_H
#define MITLESER_PROTO_STUN_STUN_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_stun;

#endif
