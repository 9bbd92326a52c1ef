/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loco - how a connection of KakaoTalk begins: the key of the session, wrapped for the server.
 *
 * In:        the first bytes of the client's direction.
 * Out:       kakao.loco with the numbers of the key wrap and the cipher.
 * Form:      256 (4), key wrap (4), cipher (4, 2: AES-128-CFB), 256 bytes; then frames: length (4), initial vector,
 *            ciphertext. Numbers are little endian.
 * See:       docs/protocols/kakaotalk.md.
 */
#ifndef MITLESER_PROTO_KAKAOTALK_LOCO_H
#define MITLESER_PROTO_KAKAOTALK_LOCO_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_kakao_loco;

#endif
