/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Five codes are made for every connection. Through EVP each would cost ten times the digests it is made of, and pad
 * the key anew; so these use the functions below EVP.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "proto/quic/mac.h"

enum { BLOCK = 64, INNER_PAD = 0x36, OUTER_PAD = 0x5c };

static bool begin(SHA256_CTX *digest, struct ml_span bytes, uint8_t pad)
{
    uint8_t block[BLOCK];
    memset(block, pad, sizeof block);
    for (size_t i = 0; i < bytes.len; i++) {
        block[i] ^= bytes.ptr[i];
    }
    return SHA256_Init(digest) == 1 && SHA256_Update(digest, block, sizeof block) == 1;
}

bool ml_quic_mac_begin(struct ml_quic_mac_key *key, struct ml_span bytes)
{
    ML_ASSERT(bytes.len <= BLOCK);
    return begin(&key->inner, bytes, INNER_PAD) && begin(&key->outer, bytes, OUTER_PAD);
}

bool ml_quic_mac(const struct ml_quic_mac_key *key, struct ml_span message, uint8_t out[ML_QUIC_MAC])
{
    SHA256_CTX inner = key->inner;
    SHA256_CTX outer = key->outer;
    return SHA256_Update(&inner, message.ptr, message.len) == 1 && SHA256_Final(out, &inner) == 1 &&
           SHA256_Update(&outer, out, ML_QUIC_MAC) == 1 && SHA256_Final(out, &outer) == 1;
}
