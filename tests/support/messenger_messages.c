/* SPDX-License-Identifier: Apache-2.0 */
#include "support/messenger_messages.h"

#include <openssl/evp.h>

enum { MAX_MESSAGE = 4096, SEALED = 96, TOKEN = 136, START = 64, KEYS_AT = 8, TAG_AT = 56 };

static void sealed(struct ml_buf *out, uint64_t seed, size_t n)
{
    struct build_prng prng = {seed};
    build_random(out, &prng, n);
}

/* --- QQ: lengths count themselves --- */

static void counted(struct ml_buf *out, const void *bytes, size_t len)
{
    build_be(out, 4, len + 4);
    ml_buf_add(out, bytes, len);
}

void build_qq_sso(struct ml_buf *out, const struct build_qq_sso *request)
{
    struct ml_buf body;
    struct ml_buf token;
    ml_buf_init(&body, MAX_MESSAGE);
    ml_buf_init(&token, MAX_MESSAGE);
    build_be(&body, 4, request->type);
    build_be(&body, 1, request->crypt);
    if (request->type == 10 || request->type == 12) {
        if (request->token_seed != 0) {
            sealed(&token, request->token_seed, TOKEN);
        }
        counted(&body, token.bytes, token.len);
    } else {
        build_be(&body, 4, request->seed & 0xffff);
    }
    build_be(&body, 1, 0);
    counted(&body, request->account, strlen(request->account));
    sealed(&body, request->seed, SEALED);
    build_be(out, 4, body.len + 4);
    ml_buf_add_span(out, build_span(&body));
    ml_buf_fini(&body);
    ml_buf_fini(&token);
}

void build_qq_oicq(struct ml_buf *out, uint32_t account, uint16_t sequence, uint64_t seed)
{
    build_be(out, 1, 2);
    build_be(out, 2, 0x3b0b);
    build_be(out, 2, 1);
    build_be(out, 2, sequence);
    build_be(out, 4, account);
    build_be(out, 8, 0);
    sealed(out, seed, 24);
    build_be(out, 1, 3);
}

/* --- Telegram --- */

/* AES-256 in counter mode over all of `bytes`, in place. */
static void cover(const uint8_t start[START], uint8_t *bytes, size_t len)
{
    int n = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    ML_ASSERT(context != NULL);
    ML_ASSERT(EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), NULL, start + KEYS_AT, start + KEYS_AT + 32) == 1);
    ML_ASSERT(EVP_EncryptUpdate(context, bytes, &n, bytes, (int)len) == 1 && (size_t)n == len);
    EVP_CIPHER_CTX_free(context);
}

void build_mtproto_covered(struct ml_buf *out, int16_t dc, uint64_t key_id, uint64_t seed)
{
    struct ml_buf plain;
    uint8_t start[START];
    ml_buf_init(&plain, MAX_MESSAGE);
    sealed(&plain, seed, TAG_AT);
    build_be(&plain, 4, 0xeeeeeeee);
    build_le(&plain, 2, (uint16_t)dc);
    build_be(&plain, 2, 0x1234);
    memcpy(start, plain.bytes, START);
    if (key_id != 0) {
        build_le(&plain, 4, 8 + 16 + SEALED);
        build_be(&plain, 8, key_id);
        sealed(&plain, seed + 1, 16 + SEALED);
    }
    ML_ASSERT(!plain.failed);
    cover(start, plain.bytes, plain.len);
    memcpy(plain.bytes, start, TAG_AT); /* what holds the keys goes as it is */
    ml_buf_add_span(out, build_span(&plain));
    ml_buf_fini(&plain);
}

/* --- WhatsApp --- */

static void text8(struct ml_buf *out, const char *text)
{
    build_be(out, 1, 0xfc);
    build_be(out, 1, strlen(text));
    ml_buf_add_text(out, text);
}

void build_funxmpp(struct ml_buf *out, const char *client, const char *phone, uint64_t seed)
{
    build_be(out, 4, 0x57410105);
    size_t frame = build_open(out, 3);
    build_be(out, 6, 0xf80501a59189);
    text8(out, client);
    build_close(out, 3, frame);
    frame = build_open(out, 3);
    build_be(out, 8, 0xf8029cf804f80180);
    build_close(out, 3, frame);
    if (phone != NULL) {
        frame = build_open(out, 3);
        build_be(out, 6, 0xf8060c56bfb5);
        text8(out, phone);
        build_be(out, 2, 0xfc10);
        sealed(out, seed, 16);
        build_close(out, 3, frame);
    }
    build_be(out, 3, 0x800020); /* encrypted from here on */
    sealed(out, seed + 1, 32);
}

void build_whatsapp_hello(struct ml_buf *out, uint32_t routing, uint64_t seed)
{
    build_be(out, 4, 0x45440001);
    build_be(out, 3, 4);
    build_be(out, 4, routing);
    build_be(out, 4, 0x57410603);
    size_t frame = build_open(out, 3);
    build_be(out, 4, 0x12220a20);
    sealed(out, seed, 32);
    build_close(out, 3, frame);
}

/* --- Threema --- */

void build_threema(struct build_threema *out, uint64_t key_seed, uint64_t seed)
{
    ml_buf_init(&out->hello, MAX_MESSAGE);
    ml_buf_init(&out->answer, MAX_MESSAGE);
    ml_buf_init(&out->login, MAX_MESSAGE);
    ml_buf_init(&out->ack, MAX_MESSAGE);
    sealed(&out->hello, key_seed, 32);
    sealed(&out->hello, seed, 16);
    sealed(&out->answer, seed + 1, 80);
    sealed(&out->login, seed + 2, 191);
    sealed(&out->ack, seed + 3, 32);
}

void build_threema_fini(struct build_threema *threema)
{
    ml_buf_fini(&threema->hello);
    ml_buf_fini(&threema->answer);
    ml_buf_fini(&threema->login);
    ml_buf_fini(&threema->ack);
}

/* --- KakaoTalk --- */

void build_loco(struct ml_buf *out, uint32_t wrap, uint64_t seed)
{
    build_le(out, 4, 256);
    build_le(out, 4, wrap);
    build_le(out, 4, 2);
    sealed(out, seed, 256);
    build_le(out, 4, 16 + SEALED);
    sealed(out, seed + 1, 16 + SEALED);
}
