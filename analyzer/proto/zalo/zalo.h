/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zalo - calls of Zalo: a question and an answer of known lengths behind a mark of four bytes.
 *
 * In:        datagrams.
 * Out:       zalo.call.
 * Invariant: never certain before both sides have spoken; the weaker form, where both send the same, takes two rounds.
 * See:       docs/protocols/zalo-call.md.
 */
#ifndef MITLESER_PROTO_ZALO_ZALO_H
#define MITLESER_PROTO_ZALO_ZALO_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_zalo;

#endif
