/* SPDX-License-Identifier: Apache-2.0 */
/*
 * short - QUIC connections under way: their packets have short headers, whose only readable part is the connection id
 * that the other side chose.
 *
 * In:        datagrams of flows with port 443 that begin without a long header: a capture that began later, or a client
 *            that goes on from another address. With keys, of all flows.
 * Out:       quic.short, with the bytes that the first datagrams towards the server have in common.
 * Invariant: a short header does not tell how long the id is. What several datagrams repeat behind the first byte is at
 *            least the id; packet numbers behind it are encrypted and differ. One datagram proves nothing.
 *            Where the keys of the connection are known (paths.h) one is enough: the tag tells, the packet is opened
 *            with the state of the connection, its facts belong to this flow, and quic.path names the connection.
 * See:       RFC 9000, sections 9, 17.3 and 9.5; RFC 9312, section 2.6.
 */
#ifndef MITLESER_PROTO_QUIC_SHORT_H
#define MITLESER_PROTO_QUIC_SHORT_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_quic_short;
extern const struct ml_parser ml_parser_quic_path; /* of a connection whose keys are known */

#endif
