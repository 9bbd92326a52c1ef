/* SPDX-License-Identifier: Apache-2.0 */
/*
 * obfuscated2 - the first 64 bytes of an obfuscated connection of Telegram, which hold the keys of what follows.
 *
 * In:        64 bytes of the client.
 * Out:       transport and data centre; keys and vectors of both directions.
 * Form:      random but for the last eight; key at 8 (32), vector at 40 (16). The stream, these bytes included, is
 *            AES-256-CTR under them; deciphered, bytes 56 to 59 name the transport, 60 and 61 the data centre (little
 *            endian, negative for media). The server's key and vector are bytes 8 to 55 backwards.
 * Certainty: three values of four bytes are accepted: random bytes pass once in 1,431,655,765 connections. Through a
 *            proxy with a secret the keys are others, and nothing is found.
 * See:       core.telegram.org/mtproto/mtproto-transports, "Transport obfuscation".
 */
#ifndef MITLESER_PROTO_TELEGRAM_OBFUSCATED2_H
#define MITLESER_PROTO_TELEGRAM_OBFUSCATED2_H

#include "proto/telegram/cipher.h"
#include "proto/telegram/frames.h"

enum { ML_MTPROTO_START = 64, ML_MTPROTO_DC_TEXT = 24 };

struct ml_mtproto_keys {
    uint8_t key[ML_MTPROTO_KEY];
    uint8_t iv[ML_MTPROTO_IV];
};

/* Keys of what the client sends, or of what the server does. */
void ml_mtproto_keys_of(const uint8_t start[ML_MTPROTO_START], bool is_server, struct ml_mtproto_keys *out);

/*
 * Reads the start and leaves the cipher behind it. False when it is none. *dc becomes "2", "2 media", "2 test" or
 * "2 test media"; "" when the number is no data centre's (some clients put random bytes there).
 */
bool ml_mtproto_start_read(struct ml_mtproto_cipher *cipher, const uint8_t start[ML_MTPROTO_START],
                           enum ml_mtproto_transport *transport, char dc[ML_MTPROTO_DC_TEXT]) ML_MUST_USE;

/* No client begins like this, because other protocols do. Cheap; asked before anything is deciphered. */
bool ml_mtproto_is_other(struct ml_span start);

#endif
