/* SPDX-License-Identifier: Apache-2.0 */
/*
 * messenger_messages - first messages of messengers with transports of their own, from parts.
 *
 * Sealed parts are random bytes of the right length. Layouts: analyzer/docs/protocols/.
 */
#ifndef MITLESER_TESTS_MESSENGER_MESSAGES_H
#define MITLESER_TESTS_MESSENGER_MESSAGES_H

#include "support/build.h"

struct build_qq_sso {
    uint32_t type;       /* 10 to 13 */
    uint8_t crypt;       /* 0 none, 1 session, 2 zeros */
    const char *account; /* digits */
    uint64_t token_seed; /* of the token of a session in front of the ciphertext; 0: none */
    uint64_t seed;       /* of the ciphertext */
};

void build_qq_sso(struct ml_buf *out, const struct build_qq_sso *request);

/* A datagram of a client. */
void build_qq_oicq(struct ml_buf *out, uint32_t account, uint16_t sequence, uint64_t seed);

/*
 * What a client of Telegram sends behind its cover: the start for data centre `dc`, then (key_id not 0) one message
 * in intermediate framing that is encrypted with the key of this id.
 */
void build_mtproto_covered(struct ml_buf *out, int16_t dc, uint64_t key_id, uint64_t seed);

/* Old WhatsApp: prologue, description, features, and (phone not NULL) the login. */
void build_funxmpp(struct ml_buf *out, const char *client, const char *phone, uint64_t seed);

/* WhatsApp with a routing hint of four bytes and an ephemeral key. */
void build_whatsapp_hello(struct ml_buf *out, uint32_t routing, uint64_t seed);

/* Threema's four messages; the same `key_seed` gives the same ephemeral key. */
struct build_threema {
    struct ml_buf hello, answer, login, ack; /* owned: build_threema_fini */
};

void build_threema(struct build_threema *out, uint64_t key_seed, uint64_t seed);
void build_threema_fini(struct build_threema *threema);

/* KakaoTalk: the wrapped key and a frame. */
void build_loco(struct ml_buf *out, uint32_t wrap, uint64_t seed);

#endif
