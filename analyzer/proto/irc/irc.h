/* SPDX-License-Identifier: Apache-2.0 */
/*
 * irc - Internet Relay Chat.
 *
 * In:        chunks of both directions of a stream.
 * Out:       irc.login: names a user goes by, and whether a password went with them; irc.message: who wrote to whom,
 *            and how much, never what. Behind STARTTLS the bytes go to parsers of their own.
 * See:       RFC 1459; RFC 2812; IRCv3 "SASL 3.1" and "tls".
 */
#ifndef MITLESER_PROTO_IRC_IRC_H
#define MITLESER_PROTO_IRC_IRC_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_irc;

#endif
