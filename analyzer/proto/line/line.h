/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line - calls of LINE: datagrams that name their own length and count up.
 *
 * In:        datagrams.
 * Out:       line.call.
 * Invariant: certain once both sides have sent a set-up message, or one side a set-up message and a run of datagrams
 *            that count up; each with its length in its first bits.
 * See:       docs/protocols/line-call.md.
 */
#ifndef MITLESER_PROTO_LINE_LINE_H
#define MITLESER_PROTO_LINE_LINE_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_line;

#endif
