/* SPDX-License-Identifier: Apache-2.0 */
/*
 * msn - the protocol of MSN Messenger and Windows Live Messenger, which ended in 2013.
 *
 * In:        chunks of both directions of a stream.
 * Out:       msn.login: account, and whether a token that lets in went with it; msn.message: who wrote to whom, and
 *            how much, never what.
 * Form:      lines of a three-letter command, a number and parameters; some end with the length of a payload that
 *            follows. A payload of MSG is a head like that of mail, an empty line, the text.
 * See:       docs/protocols/msn.md; draft-movva-msn-messenger-protocol-00.
 */
#ifndef MITLESER_PROTO_MSN_MSN_H
#define MITLESER_PROTO_MSN_MSN_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_msn;

#endif
