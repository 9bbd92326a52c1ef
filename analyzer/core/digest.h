/* SPDX-License-Identifier: Apache-2.0 */
/* digest - message digests by OpenSSL, as lower-case hexadecimal text. */
#ifndef MITLESER_CORE_DIGEST_H
#define MITLESER_CORE_DIGEST_H

#include "core/span.h"
#include "core/status.h"

enum { ML_SHA256_HEX = 65, ML_MD5_HEX = 33 };

struct ml_digest; /* a running SHA-256 */

/* Gives a running SHA-256, NULL when memory runs out. */
struct ml_digest *ml_digest_new(void) ML_MUST_USE;
void ml_digest_free(struct ml_digest *digest);
bool ml_digest_feed(struct ml_digest *digest, struct ml_span bytes);

/* Digest of everything fed so far; feeding may go on. False when OpenSSL refuses; out is then "". */
bool ml_digest_hex(struct ml_digest *digest, char out[ML_SHA256_HEX]);

bool ml_sha256(struct ml_span bytes, uint8_t out[32]);
bool ml_sha256_hex(struct ml_span bytes, char out[ML_SHA256_HEX]);
bool ml_md5_hex(struct ml_span bytes, char out[ML_MD5_HEX]);
bool ml_sha1(struct ml_span bytes, uint8_t out[20]);
bool ml_md5(struct ml_span bytes, uint8_t out[16]);
bool ml_sha512(struct ml_span bytes, uint8_t out[64]);

/* SHA-256 of a whole file. */
enum ml_status ml_sha256_file(const char *path, char out[ML_SHA256_HEX], struct ml_error *error) ML_MUST_USE;

#endif
