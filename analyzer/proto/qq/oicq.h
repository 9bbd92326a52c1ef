/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oicq - the datagrams of older QQ clients: the account number stands in front of the ciphertext.
 *
 * In:        datagrams from or to port 8000.
 * Out:       qq.oicq for every distinct version, command and account.
 * Form:      2, version (2), command (2), sequence (2), account (4, of clients), ciphertext, 3.
 * See:       docs/protocols/qq.md.
 */
#ifndef MITLESER_PROTO_QQ_OICQ_H
#define MITLESER_PROTO_QQ_OICQ_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_qq_oicq;

#endif
