/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/client_hello.h"

#include "core/ip.h"
#include "core/text.h"
#include "proto/tls/extension.h"
#include "proto/tls/names.h"

enum { HOST_NAME = 0 }; /* NameType of RFC 6066, section 3 */

/* A length, that many bytes, and nothing behind them; in whole values of `unit` bytes. */
static struct ml_span whole_list(struct ml_reader *body, unsigned width, size_t unit)
{
    struct ml_reader list;
    if (!ml_rd_vector(body, width, &list) || !ml_rd_done(body) || ml_rd_left(&list) % unit != 0) {
        return ml_span_of(NULL, 0);
    }
    return ml_rd_rest(&list);
}

static void read_server_name(struct ml_reader *body, struct ml_tls_client_hello *out)
{
    struct ml_reader list;
    uint8_t type = 0;
    struct ml_reader name;
    out->has_server_name = true;
    if (ml_rd_left(body) == 0 || !ml_rd_vector(body, 2, &list)) {
        return;
    }
    while (ml_rd_left(&list) != 0 && ml_rd_u8(&list, &type) && ml_rd_vector(&list, 2, &name)) {
        if (type == HOST_NAME) {
            out->host_name = ml_rd_rest(&name);
            return;
        }
    }
}

/* Names only when the whole list is sound: a liar could otherwise make half a name look like one. */
static void read_alpn(struct ml_reader *body, struct ml_tls_client_hello *out)
{
    struct ml_span list = whole_list(body, 2, 1);
    struct ml_reader rd = ml_rd_open_framed(list);
    struct ml_reader name;
    while (ml_rd_left(&rd) != 0 && ml_rd_vector(&rd, 1, &name)) {
    }
    out->alpn = ml_rd_ok(&rd) ? list : ml_span_of(NULL, 0);
}

static void read_pre_shared_key(struct ml_reader *body, struct ml_tls_client_hello *out)
{
    struct ml_reader identities;
    struct ml_reader first;
    if (ml_rd_vector(body, 2, &identities) && ml_rd_vector(&identities, 2, &first) && ml_rd_left(&first) != 0) {
        out->ticket = ml_rd_rest(&first);
    }
}

static void read_ech(struct ml_reader *body, struct ml_tls_client_hello *out)
{
    uint8_t type = 0;
    uint8_t config_id = 0;
    if (!ml_rd_u8(body, &type)) {
        return;
    }
    if (type == 1) {
        out->ech = ML_TLS_ECH_INNER;
    } else if (type == 0 && ml_rd_skip(body, 4) && ml_rd_u8(body, &config_id)) {
        out->ech = ML_TLS_ECH_OUTER;
        out->ech_config_id = config_id;
    }
}

static void read_extension(uint16_t type, struct ml_reader *body, struct ml_tls_client_hello *out)
{
    switch (type) {
    case ML_TLS_EXT_SERVER_NAME:
        read_server_name(body, out);
        break;
    case ML_TLS_EXT_GROUPS:
        out->groups = whole_list(body, 2, 2);
        break;
    case ML_TLS_EXT_POINT_FORMATS:
        out->point_formats = whole_list(body, 1, 1);
        break;
    case ML_TLS_EXT_SIGNATURES:
        out->signatures = whole_list(body, 2, 2);
        break;
    case ML_TLS_EXT_ALPN:
        read_alpn(body, out);
        break;
    case ML_TLS_EXT_VERSIONS:
        out->versions = whole_list(body, 1, 2);
        break;
    case ML_TLS_EXT_SESSION_TICKET:
        out->ticket = out->ticket.len != 0 ? out->ticket : ml_rd_rest(body);
        break;
    case ML_TLS_EXT_PRE_SHARED_KEY:
        read_pre_shared_key(body, out);
        break;
    case ML_TLS_EXT_EARLY_DATA:
        out->has_early_data = true;
        break;
    case ML_TLS_EXT_QUIC_PARAMETERS:
    case ML_TLS_EXT_QUIC_PARAMETERS_DRAFT:
        out->quic_parameters = ml_rd_rest(body);
        break;
    case ML_TLS_EXT_ECH:
        read_ech(body, out);
        break;
    case ML_TLS_EXT_ESNI:
        out->ech = ML_TLS_ECH_ESNI;
        break;
    default:
        break;
    }
}

/* Extensions up to the first fault between them. Absent ones are fine (SSL 3.0, TLS 1.0). */
static void read_extensions(struct ml_reader *rd, struct ml_tls_client_hello *out)
{
    struct ml_reader list;
    struct ml_reader body;
    uint16_t type = 0;
    if (ml_rd_left(rd) == 0) {
        out->is_cut = !rd->framed; /* in a cut hello the extensions may have been there */
        return;
    }
    if (!ml_rd_vector_clipped(rd, 2, &list)) {
        out->is_cut = true;
        return;
    }
    out->extensions = ml_span_of(list.base, list.size);
    while (ml_tls_extension_next(&list, &type, &body)) {
        if (body.framed) { /* else the capture ends inside: half a value is none */
            read_extension(type, &body, out);
        } else {
            out->is_cut = true;
        }
    }
    out->is_cut = out->is_cut || !list.framed || !ml_rd_done(&list) || !ml_rd_done(rd);
}

bool ml_tls_client_hello_parse(struct ml_reader *rd, bool is_dtls, struct ml_tls_client_hello *out)
{
    struct ml_reader session_id;
    struct ml_reader cookie;
    struct ml_reader ciphers;
    struct ml_reader compression;
    memset(out, 0, sizeof *out);
    bool ok = ml_rd_u16(rd, &out->legacy_version) && ml_rd_span(rd, 32, &out->random) &&
              ml_rd_vector(rd, 1, &session_id) && ml_rd_left(&session_id) <= 32;
    if (ok && is_dtls) {
        ok = ml_rd_vector(rd, 1, &cookie);
    }
    ok = ok && ml_rd_vector(rd, 2, &ciphers) && ml_rd_left(&ciphers) % 2 == 0;
    if (!ok) {
        (void)ml_rd_reject(rd); /* a state the reader already had stays */
        memset(out, 0, sizeof *out);
        return false;
    }
    out->session_id = ml_rd_rest(&session_id);
    out->ciphers = ml_rd_rest(&ciphers);
    if (!ml_rd_vector(rd, 1, &compression)) {
        out->is_cut = true;
        return true;
    }
    read_extensions(rd, out);
    return true;
}

bool ml_tls_ssl2_hello_length(struct ml_span start, size_t *len)
{
    /* Two bytes of length with the top bit set, message type 1, the version, then three lengths that must add up. */
    struct ml_reader rd = ml_rd_open(start);
    uint16_t length = 0;
    uint8_t type = 0;
    uint16_t version = 0;
    uint16_t ciphers = 0;
    uint16_t session_id = 0;
    uint16_t challenge = 0;
    *len = 0;
    if (!ml_rd_u16(&rd, &length) || !ml_rd_u8(&rd, &type) || !ml_rd_u16(&rd, &version) || !ml_rd_u16(&rd, &ciphers) ||
        !ml_rd_u16(&rd, &session_id) || !ml_rd_u16(&rd, &challenge)) {
        return false;
    }
    bool is_version = version == ML_TLS_SSL2 || (version >= ML_TLS_SSL3 && version <= ML_TLS_1_3);
    bool is_sound = ciphers != 0 && ciphers % 3 == 0 && (session_id == 0 || session_id == 16) && challenge >= 16 &&
                    challenge <= 32 && (length & 0x7fff) == 9 + ciphers + session_id + challenge;
    if ((length & 0x8000) == 0 || type != 1 || !is_version || !is_sound) {
        return false;
    }
    *len = 2 + (size_t)(length & 0x7fff);
    return true;
}

bool ml_tls_ssl2_hello_parse(struct ml_reader *rd, struct ml_tls_client_hello *out)
{
    uint16_t ciphers = 0;
    uint16_t session_id = 0;
    uint16_t challenge = 0;
    memset(out, 0, sizeof *out);
    bool ok = ml_rd_skip(rd, 3) && ml_rd_u16(rd, &out->legacy_version) && ml_rd_u16(rd, &ciphers) &&
              ml_rd_u16(rd, &session_id) && ml_rd_u16(rd, &challenge) && ml_rd_span(rd, ciphers, &out->ciphers) &&
              ml_rd_span(rd, session_id, &out->session_id) && ml_rd_span(rd, challenge, &out->random);
    if (!ok) {
        memset(out, 0, sizeof *out);
        return false;
    }
    out->is_ssl2 = true;
    return true;
}

static bool is_printable(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f) {
            return false;
        }
    }
    return text.len != 0;
}

size_t ml_tls_host_name(const struct ml_tls_client_hello *hello, char out[ML_TLS_HOST_TEXT])
{
    size_t len = ml_host_normal(hello->host_name, out, ML_TLS_HOST_TEXT);
    if (len != 0) {
        return len;
    }
    /* What no host name looks like but was sent all the same (an IPv6 address, a port) is evidence: kept as it is. */
    if (is_printable(hello->host_name) && hello->host_name.len < ML_TLS_HOST_TEXT) {
        memcpy(out, hello->host_name.ptr, hello->host_name.len);
        out[hello->host_name.len] = '\0';
        return hello->host_name.len;
    }
    out[0] = '\0';
    return 0;
}
