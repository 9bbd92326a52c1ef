/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tls_messages.h"

enum { MAX_RECORD = 1 << 14, MAX_MESSAGE = 1 << 18 };
enum { X25519 = 29 };

enum {
    EXT_SERVER_NAME = 0,
    EXT_GROUPS = 10,
    EXT_POINT_FORMATS = 11,
    EXT_SIGNATURES = 13,
    EXT_ALPN = 16,
    EXT_EXTENDED_SECRET = 23,
    EXT_TICKET = 35,
    EXT_PSK = 41,
    EXT_EARLY_DATA = 42,
    EXT_VERSIONS = 43,
    EXT_PSK_MODES = 45,
    EXT_KEY_SHARE = 51,
    EXT_RENEGOTIATION = 0xff01
};

enum {
    MSG_CLIENT_HELLO = 1,
    MSG_SERVER_HELLO = 2,
    MSG_NEW_TICKET = 4,
    MSG_CERTIFICATE = 11,
    MSG_SERVER_KEY = 12,
    MSG_SERVER_DONE = 14,
    MSG_CLIENT_KEY = 16
};

static const uint16_t usual_suites[] = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8};
static const uint16_t usual_groups[] = {X25519, 23, 24};

void build_handshake(struct ml_buf *out, uint8_t type, struct ml_span body)
{
    build_be(out, 1, type);
    build_be(out, 3, body.len);
    ml_buf_add_span(out, body);
}

/* Wraps what `body` holds and drops it. */
static void finish(struct ml_buf *out, uint8_t type, struct ml_buf *body)
{
    build_handshake(out, type, build_span(body));
    ml_buf_fini(body);
}

void build_extension(struct ml_buf *out, uint16_t type, struct ml_span body)
{
    build_be(out, 2, type);
    build_be(out, 2, body.len);
    ml_buf_add_span(out, body);
}

static size_t open_extension(struct ml_buf *out, uint16_t type)
{
    build_be(out, 2, type);
    return build_open(out, 2);
}

static void list16(struct ml_buf *out, unsigned width, const uint16_t *values, size_t n)
{
    size_t at = build_open(out, width);
    for (size_t i = 0; i < n; i++) {
        build_be(out, 2, values[i]);
    }
    build_close(out, width, at);
}

static void server_name(struct ml_buf *out, const char *name)
{
    size_t ext = open_extension(out, EXT_SERVER_NAME);
    size_t list = build_open(out, 2);
    build_be(out, 1, 0); /* host_name */
    size_t at = build_open(out, 2);
    ml_buf_add_text(out, name);
    build_close(out, 2, at);
    build_close(out, 2, list);
    build_close(out, 2, ext);
}

static void protocols(struct ml_buf *out, const char *const *names)
{
    size_t ext = open_extension(out, EXT_ALPN);
    size_t list = build_open(out, 2);
    for (; *names != NULL; names++) {
        build_be(out, 1, strlen(*names));
        ml_buf_add_text(out, *names);
    }
    build_close(out, 2, list);
    build_close(out, 2, ext);
}

static void key_share(struct ml_buf *out, uint16_t group, struct build_prng *prng)
{
    build_be(out, 2, group);
    size_t at = build_open(out, 2);
    if (group == X25519) {
        build_random(out, prng, 32);
    } else {
        build_be(out, 1, 4); /* uncompressed point */
        build_random(out, prng, group == 24 ? 96 : 64);
    }
    build_close(out, 2, at);
}

static void pre_shared_key(struct ml_buf *out, struct ml_span ticket, struct build_prng *prng)
{
    size_t ext = open_extension(out, EXT_PSK);
    size_t identities = build_open(out, 2);
    size_t identity = build_open(out, 2);
    ml_buf_add_span(out, ticket);
    build_close(out, 2, identity);
    build_random(out, prng, 4); /* obfuscated age */
    build_close(out, 2, identities);
    size_t binders = build_open(out, 2);
    size_t binder = build_open(out, 1);
    build_random(out, prng, 32);
    build_close(out, 1, binder);
    build_close(out, 2, binders);
    build_close(out, 2, ext);
}

static void extensions_13(struct ml_buf *out, const struct build_hello *hello, const uint16_t *groups,
                          struct build_prng *prng)
{
    static const uint16_t versions[] = {TLS_13, TLS_12};
    size_t ext = open_extension(out, EXT_VERSIONS);
    list16(out, 1, versions, 2);
    build_close(out, 2, ext);
    build_extension(out, EXT_PSK_MODES, ml_span_of("\x01\x01", 2));
    ext = open_extension(out, EXT_KEY_SHARE);
    size_t shares = build_open(out, 2);
    key_share(out, groups[0], prng);
    build_close(out, 2, shares);
    build_close(out, 2, ext);
    if (hello->has_early_data) {
        build_extension(out, EXT_EARLY_DATA, ml_span_of(NULL, 0));
    }
}

static void client_extensions(struct ml_buf *out, const struct build_hello *hello, struct build_prng *prng)
{
    static const uint16_t signatures[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
    const uint16_t *groups = hello->groups != NULL ? hello->groups : usual_groups;
    size_t n_groups = hello->groups != NULL ? hello->n_groups : sizeof usual_groups / sizeof usual_groups[0];
    if (hello->sni != NULL) {
        server_name(out, hello->sni);
    }
    build_extension(out, EXT_EXTENDED_SECRET, ml_span_of(NULL, 0));
    build_extension(out, EXT_RENEGOTIATION, ml_span_of("", 1));
    size_t ext = open_extension(out, EXT_GROUPS);
    list16(out, 2, groups, n_groups);
    build_close(out, 2, ext);
    build_extension(out, EXT_POINT_FORMATS, ml_span_of("\x01\x00", 2));
    if (hello->has_ticket) {
        build_extension(out, EXT_TICKET, hello->ticket);
    }
    if (hello->alpn != NULL) {
        protocols(out, hello->alpn);
    }
    ext = open_extension(out, EXT_SIGNATURES);
    list16(out, 2, signatures, sizeof signatures / sizeof signatures[0]);
    build_close(out, 2, ext);
    if (hello->is_13) {
        extensions_13(out, hello, groups, prng);
    }
    ml_buf_add_span(out, hello->extensions);
    if (hello->psk.len != 0) {
        pre_shared_key(out, hello->psk, prng);
    }
}

void build_client_hello(struct ml_buf *out, const struct build_hello *hello)
{
    struct build_prng prng = {hello->seed};
    struct ml_buf body;
    ml_buf_init(&body, MAX_MESSAGE);
    build_be(&body, 2, hello->version != 0 ? hello->version : TLS_12);
    build_random(&body, &prng, 32);
    size_t session = build_open(&body, 1);
    build_random(&body, &prng, hello->is_13 ? 32 : 0);
    build_close(&body, 1, session);
    if (hello->suites != NULL) {
        list16(&body, 2, hello->suites, hello->n_suites);
    } else {
        size_t skip = hello->is_13 ? 0 : 3; /* those of TLS 1.3 stand first */
        list16(&body, 2, usual_suites + skip, sizeof usual_suites / sizeof usual_suites[0] - skip);
    }
    build_be(&body, 2, 0x0100); /* one compression method: none */
    size_t extensions = build_open(&body, 2);
    client_extensions(&body, hello, &prng);
    build_close(&body, 2, extensions);
    finish(out, MSG_CLIENT_HELLO, &body);
}

void build_server_hello(struct ml_buf *out, const struct build_server_hello *hello)
{
    struct build_prng prng = {hello->seed};
    struct ml_buf body;
    ml_buf_init(&body, MAX_MESSAGE);
    build_be(&body, 2, hello->version != 0 ? hello->version : TLS_12);
    build_random(&body, &prng, 32);
    build_be(&body, 1, hello->session.len);
    ml_buf_add_span(&body, hello->session);
    build_be(&body, 2, hello->suite);
    build_be(&body, 1, 0);
    size_t extensions = build_open(&body, 2);
    if (hello->is_13) {
        build_extension(&body, EXT_VERSIONS, ml_span_of("\x03\x04", 2));
        size_t ext = open_extension(&body, EXT_KEY_SHARE);
        key_share(&body, hello->group != 0 ? hello->group : X25519, &prng);
        build_close(&body, 2, ext);
    } else {
        build_extension(&body, EXT_EXTENDED_SECRET, ml_span_of(NULL, 0));
        build_extension(&body, EXT_RENEGOTIATION, ml_span_of("", 1));
        if (hello->alpn != NULL) {
            const char *const one[] = {hello->alpn, NULL};
            protocols(&body, one);
        }
    }
    ml_buf_add_span(&body, hello->extensions);
    build_close(&body, 2, extensions);
    finish(out, MSG_SERVER_HELLO, &body);
}

void build_certificate(struct ml_buf *out, const struct ml_span *certificates, size_t n)
{
    struct ml_buf body;
    ml_buf_init(&body, MAX_MESSAGE);
    size_t list = build_open(&body, 3);
    for (size_t i = 0; i < n; i++) {
        build_be(&body, 3, certificates[i].len);
        ml_buf_add_span(&body, certificates[i]);
    }
    build_close(&body, 3, list);
    finish(out, MSG_CERTIFICATE, &body);
}

void build_new_session_ticket(struct ml_buf *out, uint32_t lifetime, struct ml_span ticket)
{
    struct ml_buf body;
    ml_buf_init(&body, MAX_MESSAGE);
    build_be(&body, 4, lifetime);
    build_be(&body, 2, ticket.len);
    ml_buf_add_span(&body, ticket);
    finish(out, MSG_NEW_TICKET, &body);
}

void build_server_key_exchange(struct ml_buf *out, uint64_t seed)
{
    struct build_prng prng = {seed};
    struct ml_buf body;
    ml_buf_init(&body, MAX_MESSAGE);
    build_be(&body, 1, 3); /* named curve */
    build_be(&body, 2, X25519);
    build_be(&body, 1, 32);
    build_random(&body, &prng, 32);
    build_be(&body, 2, 0x0403); /* ecdsa_secp256r1_sha256 */
    build_be(&body, 2, 70);
    build_random(&body, &prng, 70);
    finish(out, MSG_SERVER_KEY, &body);
}

void build_server_hello_done(struct ml_buf *out)
{
    build_handshake(out, MSG_SERVER_DONE, ml_span_of(NULL, 0));
}

void build_client_key_exchange(struct ml_buf *out, uint64_t seed)
{
    struct build_prng prng = {seed};
    struct ml_buf body;
    ml_buf_init(&body, MAX_MESSAGE);
    build_be(&body, 1, 32);
    build_random(&body, &prng, 32);
    finish(out, MSG_CLIENT_KEY, &body);
}

void build_record(struct ml_buf *out, uint8_t type, uint16_t version, struct ml_span bytes)
{
    size_t at = 0;
    do {
        struct ml_span part = ml_span_cut(bytes, at, MAX_RECORD);
        build_be(out, 1, type);
        build_be(out, 2, version);
        build_be(out, 2, part.len);
        ml_buf_add_span(out, part);
        at += part.len;
    } while (at < bytes.len);
}

void build_sealed_record(struct ml_buf *out, uint8_t type, struct build_prng *prng, size_t n)
{
    build_be(out, 1, type);
    build_be(out, 2, TLS_12);
    build_be(out, 2, n);
    build_random(out, prng, n);
}
