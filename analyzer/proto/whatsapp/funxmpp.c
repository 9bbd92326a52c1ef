/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/whatsapp/funxmpp.h"

#include "core/reader.h"
#include "core/text.h"

enum { LIST_8 = 0xf8, LIST_16 = 0xf9, TEXT_8 = 0xfc, TEXT_24 = 0xfd, MIN_PHONE = 7, MAX_PHONE = 15 };

bool ml_funxmpp_text(struct ml_span body, size_t *at, struct ml_span *out)
{
    struct ml_reader rd = ml_rd_open_framed(ml_span_cut(body, *at, body.len));
    uint8_t token = 0;
    uint8_t len8 = 0;
    uint32_t len = 0;
    *out = ml_span_of(NULL, 0);
    while (ml_rd_left(&rd) != 0 && ml_rd_u8(&rd, &token)) {
        bool is_text = token == TEXT_8 || token == TEXT_24;
        if (token == LIST_8 || token == LIST_16) {
            if (!ml_rd_skip(&rd, token == LIST_8 ? 1 : 2)) {
                return false;
            }
        } else if (is_text) {
            bool ok = token == TEXT_8 ? ml_rd_u8(&rd, &len8) : ml_rd_u24(&rd, &len);
            len = token == TEXT_8 ? len8 : len;
            if (!ok || !ml_rd_span(&rd, len, out)) {
                return false;
            }
            *at += ml_rd_pos(&rd);
            return true;
        }
    }
    return false;
}

bool ml_funxmpp_is_client(struct ml_span text)
{
    unsigned n_parts = 1;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte == '-') {
            n_parts++;
        } else if (!ml_is_alnum(byte) && byte != '.' && byte != '_' && byte != ' ') {
            return false;
        }
    }
    return n_parts >= 3 && ml_is_digit(text.ptr[text.len - 1]);
}

bool ml_funxmpp_is_phone(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ml_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return text.len >= MIN_PHONE && text.len <= MAX_PHONE;
}
