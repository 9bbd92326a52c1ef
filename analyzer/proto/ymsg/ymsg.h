/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ymsg - the protocol of Yahoo! Messenger, which ended in 2018.
 *
 * In:        chunks of both directions of a stream.
 * Out:       ymsg.login: account, and whether cookies that let in went with it; ymsg.message: who wrote to whom, and
 *            how much, never what.
 * Form:      "YMSG", version (2), vendor (2), length (2), service (2), status (4), session (4); then pairs of key and
 *            value, each ended by c0 80; keys are decimal numbers.
 * See:       docs/protocols/ymsg.md.
 */
#ifndef MITLESER_PROTO_YMSG_YMSG_H
#define MITLESER_PROTO_YMSG_YMSG_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_ymsg;

#endif
