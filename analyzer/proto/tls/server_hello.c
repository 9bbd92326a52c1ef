/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/server_hello.h"

#include "proto/tls/extension.h"
#include "proto/tls/names.h"

enum { NAMED_CURVE = 3, MAX_PRIME_BYTES = 2048 };

/* SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3). */
static const uint8_t retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                         0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                         0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

static void read_extension(uint16_t type, struct ml_reader *body, struct ml_tls_server_hello *out)
{
    struct ml_reader list;
    struct ml_reader name;
    uint16_t value = 0;
    switch (type) {
    case ML_TLS_EXT_VERSIONS:
        if (ml_rd_u16(body, &value) && ml_rd_done(body)) {
            out->version = value;
        }
        break;
    case ML_TLS_EXT_KEY_SHARE:
    case ML_TLS_EXT_KEY_SHARE_DRAFT: /* a KeyShareEntry, or the group alone in a HelloRetryRequest */
        out->has_group = ml_rd_u16(body, &out->group);
        break;
    case ML_TLS_EXT_ALPN:
        if (ml_rd_vector(body, 2, &list) && ml_rd_vector(&list, 1, &name)) {
            out->alpn = ml_rd_rest(&name);
        }
        break;
    case ML_TLS_EXT_PRE_SHARED_KEY:
        out->has_psk = true;
        break;
    case ML_TLS_EXT_EXTENDED_MASTER_SECRET:
        out->has_extended_master_secret = true;
        break;
    case ML_TLS_EXT_ENCRYPT_THEN_MAC:
        out->has_encrypt_then_mac = true;
        break;
    default:
        break;
    }
}

static void read_extensions(struct ml_reader *rd, struct ml_tls_server_hello *out)
{
    struct ml_reader list;
    struct ml_reader body;
    uint16_t type = 0;
    if (ml_rd_left(rd) == 0) {
        out->is_cut = !rd->framed;
        return;
    }
    if (!ml_rd_vector_clipped(rd, 2, &list)) {
        out->is_cut = true;
        return;
    }
    out->extensions = ml_span_of(list.base, list.size);
    while (ml_tls_extension_next(&list, &type, &body)) {
        if (body.framed) {
            read_extension(type, &body, out);
        } else {
            out->is_cut = true;
        }
    }
    out->is_cut = out->is_cut || !list.framed || !ml_rd_done(&list) || !ml_rd_done(rd);
}

bool ml_tls_server_hello_parse(struct ml_reader *rd, struct ml_tls_server_hello *out)
{
    struct ml_reader session_id = ml_rd_open_framed(ml_span_of(NULL, 0));
    uint8_t compression = 0;
    memset(out, 0, sizeof *out);
    bool ok = ml_rd_u16(rd, &out->legacy_version) && ml_rd_span(rd, 32, &out->random);
    /* Drafts of TLS 1.3 before 22 had neither session id nor compression. */
    bool is_early_draft = out->legacy_version >> 8 == 0x7f && (out->legacy_version & 0xff) < 22;
    if (ok && !is_early_draft) {
        ok = ml_rd_vector(rd, 1, &session_id) && ml_rd_left(&session_id) <= 32;
    }
    ok = ok && ml_rd_u16(rd, &out->suite);
    if (!ok) {
        (void)ml_rd_reject(rd);
        memset(out, 0, sizeof *out);
        return false;
    }
    out->version = out->legacy_version;
    out->session_id = ml_rd_rest(&session_id);
    out->is_retry = ml_span_equal(out->random, ml_span_of(retry_random, sizeof retry_random));
    if (!is_early_draft && !ml_rd_u8(rd, &compression)) {
        out->is_cut = true;
        return true;
    }
    read_extensions(rd, out);
    return true;
}

bool ml_tls_key_exchange_curve(struct ml_reader *rd, uint16_t *group)
{
    uint8_t type = 0;
    *group = 0;
    return ml_rd_u8(rd, &type) && type == NAMED_CURVE && ml_rd_u16(rd, group);
}

bool ml_tls_key_exchange_prime(struct ml_reader *rd, unsigned *bits)
{
    uint16_t len = 0;
    uint8_t top = 0;
    *bits = 0;
    if (!ml_rd_u16(rd, &len) || len == 0 || len > MAX_PRIME_BYTES) {
        return false;
    }
    do { /* leading zero bytes do not make a prime longer */
        if (!ml_rd_u8(rd, &top)) {
            return false;
        }
    } while (top == 0 && --len != 0);
    unsigned top_bits = 0;
    for (; top != 0; top >>= 1) {
        top_bits++;
    }
    *bits = len != 0 ? (len - 1U) * 8 + top_bits : 0;
    return *bits != 0;
}
