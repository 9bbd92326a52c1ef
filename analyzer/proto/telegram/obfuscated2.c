/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/telegram/obfuscated2.h"

#include "core/reader.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    KEYS_AT = 8,
    TAG_AT = 56,
    DC_AT = 60,
    MAX_DC = 5,
    CDN_DC = 203,    /* files that many ask for */
    TEST_DC = 10000, /* added to the number of a test centre */
    MIN_BINARY = 8   /* of 64 random bytes about 40 are not printable: fewer than this once in 10^18 */
};

void ml_mtproto_keys_of(const uint8_t start[ML_MTPROTO_START], bool is_server, struct ml_mtproto_keys *out)
{
    uint8_t both[ML_MTPROTO_KEY + ML_MTPROTO_IV];
    for (size_t i = 0; i < sizeof both; i++) {
        both[i] = start[KEYS_AT + (is_server ? sizeof both - 1 - i : i)];
    }
    memcpy(out->key, both, sizeof out->key);
    memcpy(out->iv, both + sizeof out->key, sizeof out->iv);
}

static void dc_text(uint16_t wire, char out[ML_MTPROTO_DC_TEXT])
{
    int number = (int16_t)wire;
    bool is_media = number < 0;
    int centre = abs(number);
    bool is_test = centre > TEST_DC;
    centre -= is_test ? TEST_DC : 0;
    out[0] = '\0';
    if ((centre >= 1 && centre <= MAX_DC) || (centre == CDN_DC && !is_test)) {
        (void)snprintf(out, ML_MTPROTO_DC_TEXT, "%d%s%s", centre, is_test ? " test" : "", is_media ? " media" : "");
    }
}

bool ml_mtproto_start_read(struct ml_mtproto_cipher *cipher, const uint8_t start[ML_MTPROTO_START],
                           enum ml_mtproto_transport *transport, char dc[ML_MTPROTO_DC_TEXT])
{
    struct ml_mtproto_keys keys;
    uint8_t plain[ML_MTPROTO_START];
    dc[0] = '\0';
    ml_mtproto_keys_of(start, false, &keys);
    if (!ml_mtproto_cipher_start(cipher, keys.key, keys.iv) ||
        !ml_mtproto_cipher_run(cipher, ml_span_of(start, ML_MTPROTO_START), plain) ||
        !ml_mtproto_transport_find(plain + TAG_AT, transport)) {
        return false;
    }
    dc_text((uint16_t)(plain[DC_AT] | plain[DC_AT + 1] << 8), dc);
    return true;
}

/* core.telegram.org: the first bytes must not be those of HTTP, TLS or a transport without a cover. */
bool ml_mtproto_is_other(struct ml_span start)
{
    static const char *const words[] = {"HEAD", "POST", "GET ", "OPTI", "PUT ", "SSH-", "\x16\x03\x01\x02"};
    struct ml_span first = ml_span_cut(start, 0, 4);
    if (first.len == 0) {
        return false;
    }
    if (first.ptr[0] == 0xef) {
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (first.len == 4 && memcmp(first.ptr, words[i], 4) == 0) {
            return true;
        }
    }
    enum ml_mtproto_transport transport;
    if (first.len == 4 && ml_mtproto_transport_find(first.ptr, &transport)) {
        return true;
    }
    struct ml_span second = ml_span_cut(start, 4, 4);
    if (second.len == 4 && memcmp(second.ptr, "\0\0\0\0", 4) == 0) {
        return true;
    }
    unsigned n_binary = 0;
    for (size_t i = 0; i < start.len; i++) {
        n_binary += start.ptr[i] < 0x20 || start.ptr[i] > 0x7e;
    }
    return start.len >= ML_MTPROTO_START && n_binary < MIN_BINARY;
}
