/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls - the parsers "tls" (SSL 2.0 to TLS 1.3 over streams) and "dtls" (DTLS over datagrams).
 *
 * In:        chunks of both directions.
 * Out:       tls.* facts. Nothing more is wanted once both directions are encrypted.
 * See:       conversation.h for the facts, records.h for the record layer.
 */
#ifndef MITLESER_PROTO_TLS_TLS_H
#define MITLESER_PROTO_TLS_TLS_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_tls;
extern const struct ml_parser ml_parser_dtls;

#endif
