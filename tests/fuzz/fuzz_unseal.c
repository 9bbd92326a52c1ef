/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside TLS 1.3 records, hostile though its tag holds: the other end of a connection whose keys are known need
 * not be honest. Input: chunks, each a record's plaintext with its type as the last byte; a first byte with its top bit
 * set changes to the secret of the application, one of 0x7f leaves a hole instead. Oracle: facts lie within the bytes,
 * one connection is counted at least and none is opened that was not sealed.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/secrets/secrets.h"
#include "proto/tls/decrypt_keys.h"
#include "proto/tls/tls.h"

#include <openssl/evp.h>
#include <string.h>

enum { MAX_PLAIN = 16384, TAG = 16, HEADER = 5, MAX_TEXT = 16 * 1024 * 1024, HOLE = 0x7f };

#define RANDOM "0101010101010101010101010101010101010101010101010101010101010101"
#define WORD(a) a a a a a a a a

static const char key_log[] =
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET " RANDOM
    " " WORD("aaaaaaaa") "\n"
                         "SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM
                         " " WORD("bbbbbbbb") "\n"
                                              "CLIENT_TRAFFIC_SECRET_0 " RANDOM
                                              " " WORD("cccccccc") "\n"
                                                                   "SERVER_TRAFFIC_SECRET_0 " RANDOM
                                                                   " " WORD("dddddddd") "\n";

/* clang-format off */
static const uint8_t client_hello[] = {
    22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, /* record, message, version; the random is put in below */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    0, 0, 2, 0x13, 0x01, 1, 0};
static const uint8_t server_hello[] = {
    22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4};
/* clang-format on */

struct sealer {
    uint8_t secret; /* every byte of it */
    uint64_t seq;
};

/* A record around `plain`, by RFC 8446, section 5.2. Returns its length. */
static size_t seal(struct sealer *sealer, struct ml_span plain, uint8_t *out)
{
    struct ml_tls_suite suite;
    struct ml_tls_keys keys;
    uint8_t secret[32];
    int n = 0;
    size_t len = plain.len + TAG;
    memset(secret, sealer->secret, sizeof secret);
    ML_ASSERT(ml_tls_suite_of(0x1301, &suite));
    ML_ASSERT(ml_tls_keys_of_traffic(&suite, ml_span_of(secret, sizeof secret), &keys));
    for (unsigned i = 0; i < 8; i++) {
        keys.iv[4 + i] ^= (uint8_t)(sealer->seq >> (56 - 8 * i));
    }
    sealer->seq++;
    const uint8_t header[HEADER] = {23, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(out, header, HEADER);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    ML_ASSERT(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, keys.key, keys.iv) == 1);
    ML_ASSERT(EVP_EncryptUpdate(ctx, NULL, &n, header, HEADER) == 1);
    ML_ASSERT(EVP_EncryptUpdate(ctx, out + HEADER, &n, plain.ptr, (int)plain.len) == 1);
    ML_ASSERT(EVP_EncryptFinal_ex(ctx, out + HEADER + plain.len, &n) == 1);
    ML_ASSERT(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, out + HEADER + plain.len) == 1);
    EVP_CIPHER_CTX_free(ctx);
    return HEADER + len;
}

static void feed(struct fuzz_talk *talk, struct sealer sealers[2], const struct fuzz_chunk *chunk)
{
    static const uint8_t traffic[2] = {0xcc, 0xdd};
    uint8_t record[HEADER + MAX_PLAIN + TAG];
    enum ml_dir dir = chunk->direction != 0 ? ML_DOWN : ML_UP;
    if (chunk->bytes.len < 2 || chunk->bytes.len > MAX_PLAIN) {
        return;
    }
    if (chunk->bytes.ptr[0] == HOLE) {
        fuzz_talk_gap(talk, dir, chunk->bytes.len);
        return;
    }
    if ((chunk->bytes.ptr[0] & 0x80) != 0) {
        sealers[dir] = (struct sealer){.secret = traffic[dir]};
    }
    size_t len = seal(&sealers[dir], ml_span_cut(chunk->bytes, 1, chunk->bytes.len), record);
    fuzz_talk_feed(talk, dir, ml_span_of(record, len), 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_buf text;
    struct sealer sealers[2] = {{.secret = 0xaa}, {.secret = 0xbb}};
    uint32_t source = 0;
    struct ml_secrets *secrets = fuzz_talk_secrets(ml_span_text(key_log), 4, &source);
    struct ml_reader rd = ml_rd_open(ml_span_of(data, size));
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, &ml_parser_tls, ML_IP_TCP, 443);
    talk.env.secrets = secrets;
    talk.flow.saw_start = true;
    fuzz_talk_feed(&talk, ML_UP, ml_span_of(client_hello, sizeof client_hello), 0);
    fuzz_talk_feed(&talk, ML_DOWN, ml_span_of(server_hello, sizeof server_hello), 0);
    while (fuzz_chunk_next(&rd, &chunk)) {
        feed(&talk, sealers, &chunk);
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, &text);
    ML_ASSERT(ml_secrets_count(secrets, source).used <= 4);
    ml_buf_fini(&text);
    ml_secrets_free(secrets);
    return 0;
}
