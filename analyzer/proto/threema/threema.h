/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threema - the handshake of Threema's chat server protocol, which has no mark but its sizes.
 *
 * In:        both directions of a stream to port 5222 or 443, from their first bytes on.
 * Out:       threema.handshake: hash of the client's ephemeral key, size of its login.
 * Form:      client 48 bytes (key 32, cookie 16); server 80 (cookie 16, box 64); client at least 144 (login,
 * extensions); server 32, then frames: length (2, little endian), box. Each waits for the other. Certainty: sizes in
 * both directions, in turn, of bytes that look random; that is strict, but no proof. See: docs/protocols/threema.md.
 */
#ifndef MITLESER_PROTO_THREEMA_THREEMA_H
#define MITLESER_PROTO_THREEMA_THREEMA_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_threema;

#endif
