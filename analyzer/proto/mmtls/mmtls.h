/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mmtls - WeChat's long link: mmtls records directly over TCP.
 *
 * In:        chunks of both directions of a stream.
 * Out:       facts of proto/mmtls/link.h with mmtls.link=long.
 */
#ifndef MITLESER_PROTO_MMTLS_MMTLS_H
#define MITLESER_PROTO_MMTLS_MMTLS_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_mmtls;

#endif
