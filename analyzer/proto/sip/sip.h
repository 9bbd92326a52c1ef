/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip - signalling of calls.
 *
 * In:        datagrams, or chunks of both directions of a stream.
 * Out:       sip.request and sip.response: who calls whom, from where, with which program; sip.media: addresses, ports
 *            and keys of the description of the session; sip.message: a text message, its length only.
 * See:       RFC 3261; RFC 3428 (MESSAGE); RFC 8866 (SDP).
 */
#ifndef MITLESER_PROTO_SIP_SIP_H
#define MITLESER_PROTO_SIP_SIP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_sip;

#endif
