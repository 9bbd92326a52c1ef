/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside DTLS records, hostile though its MAC holds, renegotiations among it. Input: chunks, each a record's
 * plaintext with its type as the last byte; the lower bits of a first byte are the epoch. The records of epoch 1 have
 * the keys of the two hellos below, those of later ones the keys of a client random of fives and a server random of
 * sixes. Oracle: facts lie within the bytes, no more secrets are of use than there are.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/secrets/secrets.h"
#include "proto/tls/decrypt_keys.h"
#include "proto/tls/tls.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { MAX_PLAIN = 16384, MAC = 32, HEADER = 13, NULL_SHA256 = 0x3b, MAX_TEXT = 16 * 1024 * 1024 };

#define WORD(a) a a a a a a a a
#define MASTER                                                                                                         \
    " " WORD("abababab") "abababab"                                                                                    \
                         "abababab"                                                                                    \
                         "abababab"                                                                                    \
                         "abababab"

static const char key_log[] = "CLIENT_RANDOM " WORD("01010101") MASTER "\n"
                                                                       "CLIENT_RANDOM " WORD("05050505") MASTER "\n";

/* clang-format off */
static const uint8_t client_hello[] = {
    22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    0, 0, 0, 2, 0x00, 0x3b, 1, 0};
static const uint8_t server_hello[] = {
    22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 2, 0, 0, 38, 0, 0, 0, 0, 0, 0, 0, 38, 0xfe, 0xfd,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    0, 0x00, 0x3b, 0};
/* clang-format on */

/* A record around `plain`, whose last byte is its type, by RFC 6347, section 4.1.2.1. Returns its length. */
static size_t seal(enum ml_dir dir, uint8_t epoch, uint8_t number, struct ml_span plain, uint8_t *out)
{
    static const uint8_t randoms[2][2] = {{1, 2}, {5, 6}};
    uint8_t master[48];
    uint8_t client[32];
    uint8_t server[32];
    uint8_t start[HEADER + MAX_PLAIN] = {0, epoch, 0, 0, 0, 0, 0, number};
    struct ml_tls_suite suite;
    struct ml_tls_keys keys;
    const uint8_t *random = randoms[epoch > 1 ? 1 : 0];
    size_t len = plain.len - 1;
    uint8_t type = plain.ptr[len];
    unsigned n = 0;
    memset(master, 0xab, sizeof master);
    memset(client, random[0], sizeof client);
    memset(server, random[1], sizeof server);
    const struct ml_tls_masters masters = {ml_span_of(master, sizeof master), client, server};
    ML_ASSERT(ml_tls_suite_of(NULL_SHA256, &suite));
    ML_ASSERT(ml_tls_keys_of_master(&suite, 0x0303, &masters, dir == ML_UP, &keys));
    const uint8_t end[] = {type, 0xfe, 0xfd, (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(start + 8, end, sizeof end);
    memcpy(start + HEADER, plain.ptr, len);
    const uint8_t header[] = {
        type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, number, (uint8_t)((len + MAC) >> 8), (uint8_t)(len + MAC)};
    memcpy(out, header, HEADER);
    memcpy(out + HEADER, plain.ptr, len);
    ML_ASSERT(HMAC(EVP_sha256(), keys.mac, MAC, start, HEADER + len, out + HEADER + len, &n) != NULL && n == MAC);
    return HEADER + len + MAC;
}

static void feed(struct fuzz_talk *talk, uint8_t number, const struct fuzz_chunk *chunk)
{
    uint8_t record[HEADER + MAX_PLAIN + MAC];
    enum ml_dir dir = chunk->direction != 0 ? ML_DOWN : ML_UP;
    if (chunk->bytes.len < 3 || chunk->bytes.len > MAX_PLAIN) {
        return;
    }
    uint8_t epoch = (chunk->bytes.ptr[0] & 3) + 1;
    size_t len = seal(dir, epoch, number, ml_span_cut(chunk->bytes, 1, chunk->bytes.len), record);
    fuzz_talk_feed(talk, dir, ml_span_of(record, len), 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_buf text;
    uint8_t number = 0;
    uint32_t source = 0;
    struct ml_secrets *secrets = fuzz_talk_secrets(ml_span_text(key_log), 2, &source);
    struct ml_reader rd = ml_rd_open(ml_span_of(data, size));
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, &ml_parser_dtls, ML_IP_UDP, 4433);
    talk.env.secrets = secrets;
    fuzz_talk_feed(&talk, ML_UP, ml_span_of(client_hello, sizeof client_hello), 0);
    fuzz_talk_feed(&talk, ML_DOWN, ml_span_of(server_hello, sizeof server_hello), 0);
    while (fuzz_chunk_next(&rd, &chunk)) {
        feed(&talk, number++, &chunk);
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, &text);
    ML_ASSERT(ml_secrets_count(secrets, source).used <= 2);
    ml_buf_fini(&text);
    ml_secrets_free(secrets);
    return 0;
}
