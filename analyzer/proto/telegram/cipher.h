/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cipher - AES-256 in counter mode, as a stream: the cover of Telegram's obfuscated connections, whose key stands in
 * their own first bytes.
 *
 * Lifetime:  one is made by the shard for looking at strangers and reused for each; a connection that is one gets two
 *            of its own.
 */
#ifndef MITLESER_PROTO_TELEGRAM_CIPHER_H
#define MITLESER_PROTO_TELEGRAM_CIPHER_H

#include "core/span.h"
#include "core/status.h"

enum { ML_MTPROTO_KEY = 32, ML_MTPROTO_IV = 16 };

struct ml_mtproto_cipher;

/* Gives it; NULL when OpenSSL lacks the algorithm or memory runs out. */
struct ml_mtproto_cipher *ml_mtproto_cipher_new(void) ML_MUST_USE;
void ml_mtproto_cipher_free(void *cipher);

/* Begins a stream. */
bool ml_mtproto_cipher_start(struct ml_mtproto_cipher *cipher, const uint8_t key[ML_MTPROTO_KEY],
                             const uint8_t iv[ML_MTPROTO_IV]) ML_MUST_USE;

/* The next bytes of the stream; `out` has room for in.len (at most 2^30). */
bool ml_mtproto_cipher_run(struct ml_mtproto_cipher *cipher, struct ml_span in, uint8_t *out) ML_MUST_USE;

#endif
