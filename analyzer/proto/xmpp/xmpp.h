/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xmpp - Jabber.
 *
 * In:        chunks of both directions of a stream.
 * Out:       xmpp.stream: the domain asked for; xmpp.login: mechanism, account, and whether a password or token went
 *            with it; xmpp.message: who wrote to whom, and how much, never what. A text that is encrypted between the
 *            clients is no readable message. Behind STARTTLS the bytes go to parsers of their own.
 * See:       RFC 6120; RFC 6121, section 5; XEP-0077; XEP-0078; XEP-0384 (OMEMO), XEP-0027 and 0373 (OpenPGP), XEP-0364 (OTR).
 */
#ifndef MITLESER_PROTO_XMPP_XMPP_H
#define MITLESER_PROTO_XMPP_XMPP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_xmpp;

#endif
