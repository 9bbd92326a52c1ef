/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telegram - connections of Telegram: MTProto with and without its cover, and the old relay of calls.
 *
 * In:        chunks of both directions of a stream; datagrams.
 * Out:       mtproto.obfuscated2 and mtproto.plain: transport, data centre, and for each key used by the first
 *            messages its id, which stays with the device for as long as the key does; mtproto.reflector.
 */
#ifndef MITLESER_PROTO_TELEGRAM_TELEGRAM_H
#define MITLESER_PROTO_TELEGRAM_TELEGRAM_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_mtproto;           /* with the cover */
extern const struct ml_parser ml_parser_mtproto_plain;     /* without */
extern const struct ml_parser ml_parser_mtproto_reflector; /* UDP, ports 500 to 600 */

#endif
