/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tls_live.h"

#include "support/cm.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { DAY = 24 * 60 * 60 };

static struct tls_live *live_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

static void on_keylog(const SSL *ssl, const char *line)
{
    struct tls_live *live = live_of(ssl);
    assert_true(ml_buf_add_text(&live->keylog, line) && ml_buf_add_byte(&live->keylog, '\n'));
}

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls_live *live = live_of(ssl);
    SSL_SESSION_free(live->session);
    live->session = session;
    return 1; /* taken */
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in, unsigned in_len,
                   void *context)
{
    (void)ssl;
    (void)context;
    assert_true(in_len >= 2);
    *out = in + 1; /* the only one */
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int on_verify(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    (void)ctx;
    return 1;
}

static void give_certificate(SSL_CTX *ctx, const char *name, bool is_ecdsa)
{
    EVP_PKEY *key = is_ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(1024);
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_NAME_new();
    assert_true(key != NULL && certificate != NULL && subject != NULL);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_subject_name(certificate, subject), 1);
    assert_int_equal(X509_set_issuer_name(certificate, subject), 1);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), DAY));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_certificate(ctx, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
    X509_NAME_free(subject);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void configure(SSL_CTX *ctx, const struct tls_live_config *config)
{
    SSL_CTX_set_security_level(ctx, 0); /* old suites are what is to be read */
    assert_int_equal(SSL_CTX_set_min_proto_version(ctx, config->version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(ctx, config->version), 1);
    if (config->ciphers != NULL && config->version == TLS1_3_VERSION) {
        assert_int_equal(SSL_CTX_set_ciphersuites(ctx, config->ciphers), 1);
    } else if (config->ciphers != NULL) {
        assert_int_equal(SSL_CTX_set_cipher_list(ctx, config->ciphers), 1);
    }
    SSL_CTX_set_options(ctx, config->no_encrypt_then_mac ? SSL_OP_NO_ENCRYPT_THEN_MAC : 0);
    SSL_CTX_set_options(ctx, config->no_extended_master ? SSL_OP_NO_EXTENDED_MASTER_SECRET : 0);
    SSL_CTX_set_options(ctx, config->no_ticket ? SSL_OP_NO_TICKET : 0);
    SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    if (config->asks_client_certificate) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verify);
    }
}

static bool is_dtls(const struct tls_live *live)
{
    return live->config.version == DTLS1_VERSION || live->config.version == DTLS1_2_VERSION;
}

static void make_server(struct tls_live *live)
{
    live->server_ctx = SSL_CTX_new(is_dtls(live) ? DTLS_server_method() : TLS_server_method());
    assert_non_null(live->server_ctx);
    configure(live->server_ctx, &live->config);
    give_certificate(live->server_ctx, "chat.example.com", live->config.is_ecdsa);
    SSL_CTX_set_dh_auto(live->server_ctx, 1);
    SSL_CTX_set_alpn_select_cb(live->server_ctx, on_alpn, NULL);
    if (live->config.has_early_data) {
        assert_int_equal(SSL_CTX_set_max_early_data(live->server_ctx, 16384), 1);
        SSL_CTX_set_options(live->server_ctx, SSL_OP_NO_ANTI_REPLAY);
    }
}

static void make_client(struct tls_live *live)
{
    live->client_ctx = SSL_CTX_new(is_dtls(live) ? DTLS_client_method() : TLS_client_method());
    assert_non_null(live->client_ctx);
    configure(live->client_ctx, &live->config);
    SSL_CTX_set_verify(live->client_ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_keylog_callback(live->client_ctx, on_keylog);
    SSL_CTX_set_session_cache_mode(live->client_ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(live->client_ctx, on_session);
    if (live->config.asks_client_certificate) {
        give_certificate(live->client_ctx, "person.example.com", true);
    }
}

static SSL *make_end(struct tls_live *live, SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    assert_true(ssl != NULL && in != NULL && out != NULL);
    SSL_set_bio(ssl, in, out);
    if (is_dtls(live)) { /* nobody is there to ask for the size of a datagram */
        SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
        assert_true(SSL_set_mtu(ssl, 1200) > 0);
    }
    SSL_set_app_data(ssl, live);
    return ssl;
}

void tls_live_init(struct tls_live *live, const struct tls_live_config *config)
{
    *live = (struct tls_live){.config = *config};
    ml_buf_init(&live->wire, 16 * 1024 * 1024);
    ml_buf_init(&live->keylog, 64 * 1024);
    if (config->server != NULL) {
        live->server_ctx = config->server;
        live->borrows_server = true;
    } else {
        make_server(live);
    }
    make_client(live);
    live->client = make_end(live, live->client_ctx);
    live->server = make_end(live, live->server_ctx);
    SSL_set_connect_state(live->client);
    SSL_set_accept_state(live->server);
    assert_int_equal(SSL_set_tlsext_host_name(live->client, "chat.example.com"), 1);
    if (config->alpn != NULL) {
        unsigned char list[64];
        size_t len = strlen(config->alpn);
        list[0] = (unsigned char)len;
        memcpy(list + 1, config->alpn, len);
        assert_int_equal(SSL_set_alpn_protos(live->client, list, (unsigned)len + 1), 0);
    }
    if (config->resume != NULL) {
        SSL_SESSION *copy = SSL_SESSION_dup(config->resume);
        assert_int_equal(SSL_set_session(live->client, copy), 1);
        SSL_SESSION_free(copy);
    }
}

void tls_live_fini(struct tls_live *live)
{
    SSL_free(live->client);
    SSL_free(live->server);
    SSL_SESSION_free(live->session);
    SSL_CTX_free(live->client_ctx);
    if (!live->borrows_server) {
        SSL_CTX_free(live->server_ctx);
    }
    ml_buf_fini(&live->wire);
    ml_buf_fini(&live->keylog);
    ERR_clear_error();
}

/* What one end has to send goes to the other, and is kept. */
static bool move(struct tls_live *live, enum ml_dir dir)
{
    BIO *out = SSL_get_wbio(dir == ML_UP ? live->client : live->server);
    BIO *in = SSL_get_rbio(dir == ML_UP ? live->server : live->client);
    char *bytes = NULL;
    long len = BIO_get_mem_data(out, &bytes);
    if (len <= 0) {
        return false;
    }
    assert_true(live->n_flights < sizeof live->flights / sizeof live->flights[0]);
    live->flights[live->n_flights++] = (struct tls_live_flight){dir, live->wire.len, (size_t)len};
    assert_true(ml_buf_add(&live->wire, bytes, (size_t)len));
    assert_int_equal(BIO_write(in, bytes, (int)len), len);
    (void)BIO_reset(out);
    return true;
}

/* Lets both ends read what there is for them, until nothing moves any more. */
static void settle(struct tls_live *live)
{
    char bytes[16384];
    bool moves = true;
    while (moves) {
        moves = false;
        for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
            moves = move(live, (enum ml_dir)dir) || moves;
            SSL *reader = dir == ML_UP ? live->server : live->client;
            while (SSL_read(reader, bytes, sizeof bytes) > 0) {
            }
        }
    }
}

void tls_live_handshake(struct tls_live *live)
{
    (void)SSL_do_handshake(live->client);
    settle(live);
    (void)SSL_do_handshake(live->client);
    settle(live);
    if (!SSL_is_init_finished(live->client) || !SSL_is_init_finished(live->server)) {
        ERR_print_errors_fp(stderr);
        fail_msg("no handshake with %s", live->config.ciphers != NULL ? live->config.ciphers : "the default suites");
    }
}

void tls_live_send(struct tls_live *live, enum ml_dir dir, struct ml_span bytes)
{
    assert_int_equal(SSL_write(dir == ML_UP ? live->client : live->server, bytes.ptr, (int)bytes.len), bytes.len);
    settle(live);
}

void tls_live_send_early(struct tls_live *live, struct ml_span bytes)
{
    size_t n = 0;
    char room[16384];
    assert_int_equal(SSL_write_early_data(live->client, bytes.ptr, bytes.len, &n), 1);
    assert_int_equal(n, bytes.len);
    (void)move(live, ML_UP);
    int result = SSL_READ_EARLY_DATA_SUCCESS;
    while (result == SSL_READ_EARLY_DATA_SUCCESS) {
        result = SSL_read_early_data(live->server, room, sizeof room, &n);
    }
    (void)move(live, ML_DOWN);
}

void tls_live_update_keys(struct tls_live *live, enum ml_dir dir)
{
    assert_int_equal(SSL_key_update(dir == ML_UP ? live->client : live->server, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
}

void tls_live_renegotiate(struct tls_live *live)
{
    assert_int_equal(SSL_renegotiate(live->client), 1);
    (void)SSL_do_handshake(live->client);
    settle(live);
    (void)SSL_do_handshake(live->client);
    settle(live);
    assert_int_equal(SSL_renegotiate_pending(live->client), 0);
}

struct ml_span tls_live_bytes(const struct tls_live *live, const struct tls_live_flight *flight)
{
    return ml_span_of(live->wire.bytes + flight->from, flight->len);
}
