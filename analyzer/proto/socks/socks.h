/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socks - SOCKS 4, 4a and 5 on a stream: where the client lets itself be connected to, and what runs through.
 *
 * In:        chunks of both directions from the beginning.
 * Out:       socks.request with host, port and, where they are sent, user and password; behind the handshake the
 *            facts of the parsers inside.
 * See:       RFC 1928, RFC 1929; SOCKS 4 and 4a as their authors described them.
 */
#ifndef MITLESER_PROTO_SOCKS_SOCKS_H
#define MITLESER_PROTO_SOCKS_SOCKS_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_socks;

#endif
