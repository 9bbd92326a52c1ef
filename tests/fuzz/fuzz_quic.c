/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QUIC from hostile datagrams. Input: a settings byte, then chunks. Bit 0: a chunk is not a datagram but the frames of
 * an Initial packet, which is protected here with the keys both sides have, so that what lies behind the protection is
 * reached; bits 1 and 2 choose the version, bit 3 cuts the datagrams' ends off. Oracle: facts lie within the bytes.
 */
#include "core/mem.h"
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/quic/protect.h"
#include "proto/quic/quic.h"

#include <openssl/evp.h>

enum { FRAMES = 1, CUT = 8, MAX_TEXT = 4 * 1024 * 1024, HEADER = 18, NUMBER = 4, MAX_PACKET = 256 };

static const uint32_t versions[] = {0x00000001, 0x6b3343cf, 0x51303530, 0x54303531};
static const uint8_t dcid[8] = {1, 2, 3, 4, 5, 6, 7, 8};

/* An Initial packet with these frames; returns its length. */
static size_t protect(struct ml_quic_crypto *crypto, uint32_t wire, bool is_server, uint8_t number,
                      struct ml_span frames, uint8_t out[MAX_PACKET])
{
    const struct ml_quic_version *version = ml_quic_version_find(wire);
    struct ml_quic_keys keys;
    uint8_t first = (uint8_t)(0xc3 | (version->has_v2_types ? 0x10 : 0));
    uint8_t mask[32];
    int n = 0;
    size_t payload = NUMBER + frames.len + ML_QUIC_TAG;
    const uint8_t header[HEADER + NUMBER] = {first,
                                             (uint8_t)(wire >> 24),
                                             (uint8_t)(wire >> 16),
                                             (uint8_t)(wire >> 8),
                                             (uint8_t)wire,
                                             sizeof dcid,
                                             1,
                                             2,
                                             3,
                                             4,
                                             5,
                                             6,
                                             7,
                                             8,
                                             0,
                                             0,
                                             (uint8_t)(0x40 | payload >> 8),
                                             (uint8_t)payload,
                                             0,
                                             0,
                                             0,
                                             number};
    ML_ASSERT(ml_quic_initial_keys(crypto, version, ml_span_of(dcid, sizeof dcid), is_server, &keys));
    keys.iv[11] ^= number;
    memcpy(out, header, sizeof header);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    ML_ASSERT(ctx != NULL && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, keys.key, keys.iv) == 1 &&
              EVP_EncryptUpdate(ctx, NULL, &n, out, sizeof header) == 1 &&
              EVP_EncryptUpdate(ctx, out + sizeof header, &n, frames.ptr, (int)frames.len) == 1 &&
              EVP_EncryptFinal_ex(ctx, out + sizeof header + frames.len, &n) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, ML_QUIC_TAG, out + sizeof header + frames.len) == 1);
    ML_ASSERT(EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, keys.hp, NULL) == 1 &&
              EVP_EncryptUpdate(ctx, mask, &n, out + HEADER + NUMBER, 16) == 1);
    EVP_CIPHER_CTX_free(ctx);
    out[0] ^= mask[0] & 0x0f;
    for (unsigned i = 0; i < NUMBER; i++) {
        out[HEADER + i] ^= mask[1 + i];
    }
    return sizeof header + frames.len + ML_QUIC_TAG;
}

static void feed(struct fuzz_talk *talk, enum ml_dir dir, struct ml_span bytes, uint8_t settings)
{
    size_t len = (settings & CUT) != 0 ? bytes.len - bytes.len / 4 : bytes.len;
    uint8_t *copy = ml_mem_array(len, 1); /* of its own size, so that a sanitizer sees one byte too far */
    ML_ASSERT(copy != NULL);
    if (len != 0) {
        memcpy(copy, bytes.ptr, len);
    }
    struct ml_chunk chunk = {.flow = &talk->flow,
                             .dir = dir,
                             .is_datagram = true,
                             .is_cut = len < bytes.len,
                             .bytes = ml_span_of(copy, len),
                             .seq = ++talk->seq,
                             .time_ns = (int64_t)talk->seq,
                             .n_layers = 1,
                             .layers = {ML_LAYER_UDP}};
    (void)ml_parser_quic.probe(&chunk);
    talk->wants_more = talk->wants_more && ml_parser_quic.feed(talk->self, &chunk);
    ml_mem_free(copy);
}

static void run(uint8_t settings, struct ml_reader *rd, struct ml_quic_crypto *crypto)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_buf text;
    uint8_t packet[MAX_PACKET];
    uint8_t number = 0;
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, &ml_parser_quic, ML_IP_UDP, 443);
    while (fuzz_chunk_next(rd, &chunk)) {
        enum ml_dir dir = chunk.direction != 0 ? ML_DOWN : ML_UP;
        if ((settings & FRAMES) == 0) {
            feed(&talk, dir, chunk.bytes, settings);
        } else {
            size_t len = protect(crypto, versions[settings >> 1 & 3], dir == ML_DOWN, number++, chunk.bytes, packet);
            feed(&talk, dir, ml_span_of(packet, len), settings);
        }
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, &text);
    ml_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_reader rd = ml_rd_open(ml_span_of(data, size));
    struct ml_quic_crypto *crypto = ml_quic_crypto_new();
    uint8_t settings = 0;
    if (crypto != NULL && ml_rd_u8(&rd, &settings)) {
        run(settings, &rd, crypto);
    }
    ml_quic_crypto_free(crypto);
    return 0;
}
