/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail - the protocols that carry mail: SMTP, IMAP, POP.
 *
 * In:        chunks of both directions of a stream.
 * Out:       <protocol>.server: greeting and capabilities; smtp.client: the name a client gives itself, imap.client:
 * the program; <protocol>.login: how, who, and whether the secret could be read; smtp.envelope: sender and receivers;
 * <protocol>.message: head and length of a message, never its text; <protocol>.starttls: whether the server agreed.
 * Behind STARTTLS the bytes go to parsers of their own. See:       RFC 5321, RFC 3207, RFC 4954, RFC 3030 (SMTP); RFC
 * 9051, RFC 2971 (IMAP); RFC 1939, RFC 2449, RFC 2595, RFC 5034 (POP).
 */
#ifndef MITLESER_PROTO_MAIL_MAIL_H
#define MITLESER_PROTO_MAIL_MAIL_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_smtp;
extern const struct ml_parser ml_parser_imap;
extern const struct ml_parser ml_parser_pop;

#endif
