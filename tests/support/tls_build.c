/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tls_build.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

struct ml_buf tb_buf(void)
{
    struct ml_buf buf;
    ml_buf_init(&buf, 1024 * 1024);
    return buf;
}

void tb_uint(struct ml_buf *out, unsigned width, uint64_t value)
{
    while (width-- > 0) {
        assert_true(ml_buf_add_byte(out, (uint8_t)(value >> 8 * width)));
    }
}

void tb_hex(struct ml_buf *out, const char *digits)
{
    struct ml_span bytes = unhex(digits);
    assert_true(ml_buf_add_span(out, bytes));
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

size_t tb_open(struct ml_buf *out, unsigned width)
{
    tb_uint(out, width, 0);
    return out->len;
}

void tb_close(struct ml_buf *out, size_t at, unsigned width)
{
    uint64_t len = out->len - at;
    for (unsigned i = 0; i < width; i++) {
        out->bytes[at - 1 - i] = (uint8_t)(len >> 8 * i);
    }
}

static void add_list(struct ml_buf *out, uint16_t type, unsigned width, const char *digits)
{
    tb_uint(out, 2, type);
    size_t extension = tb_open(out, 2);
    size_t list = tb_open(out, width);
    tb_hex(out, digits);
    tb_close(out, list, width);
    tb_close(out, extension, 2);
}

static void add_host(struct ml_buf *out, const char *host)
{
    tb_uint(out, 2, 0);
    size_t extension = tb_open(out, 2);
    size_t list = tb_open(out, 2);
    tb_uint(out, 1, 0);
    size_t name = tb_open(out, 2);
    assert_true(ml_buf_add_text(out, host));
    tb_close(out, name, 2);
    tb_close(out, list, 2);
    tb_close(out, extension, 2);
}

static void add_alpn(struct ml_buf *out, const char *alpn)
{
    tb_uint(out, 2, 16);
    size_t extension = tb_open(out, 2);
    size_t list = tb_open(out, 2);
    size_t name = tb_open(out, 1);
    assert_true(ml_buf_add_text(out, alpn));
    tb_close(out, name, 1);
    tb_close(out, list, 2);
    tb_close(out, extension, 2);
}

static void add_bytes(struct ml_buf *out, unsigned width, const char *digits)
{
    size_t at = tb_open(out, width);
    tb_hex(out, digits != NULL ? digits : "");
    tb_close(out, at, width);
}

void tb_client_hello(struct ml_buf *out, const struct tb_client_hello *hello)
{
    tb_uint(out, 2, hello->version != 0 ? hello->version : 0x0303);
    for (int i = 0; i < 32; i++) {
        tb_uint(out, 1, hello->random);
    }
    add_bytes(out, 1, hello->session_id);
    if (hello->is_dtls) {
        add_bytes(out, 1, "c00c1e");
    }
    add_bytes(out, 2, hello->ciphers != NULL ? hello->ciphers : "1301c02f");
    add_bytes(out, 1, "00");
    size_t extensions = tb_open(out, 2);
    if (hello->host != NULL) {
        add_host(out, hello->host);
    }
    if (hello->groups != NULL) {
        add_list(out, 10, 2, hello->groups);
    }
    if (hello->alpn != NULL) {
        add_alpn(out, hello->alpn);
    }
    if (hello->versions != NULL) {
        add_list(out, 43, 1, hello->versions);
    }
    tb_hex(out, hello->more != NULL ? hello->more : "");
    tb_close(out, extensions, 2);
}

struct ml_tls_client_hello tb_client_hello_read(struct ml_buf *buf, const struct tb_client_hello *hello)
{
    struct ml_tls_client_hello read;
    ml_buf_clear(buf);
    tb_client_hello(buf, hello);
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(buf));
    bool is_read = ml_tls_client_hello_parse(&rd, hello->is_dtls, &read);
    ML_ASSERT(is_read);
    return read;
}

void tb_server_hello(struct ml_buf *out, const struct tb_server_hello *hello)
{
    tb_uint(out, 2, hello->version != 0 ? hello->version : 0x0303);
    if (hello->random != NULL) {
        tb_hex(out, hello->random);
    } else {
        for (int i = 0; i < 32; i++) {
            tb_uint(out, 1, 0x5a);
        }
    }
    add_bytes(out, 1, hello->session_id);
    tb_uint(out, 2, hello->suite);
    tb_uint(out, 1, 0);
    if (hello->extensions != NULL) {
        add_bytes(out, 2, hello->extensions);
    }
}

void tb_message(struct ml_buf *out, uint8_t type, struct ml_span body)
{
    tb_uint(out, 1, type);
    tb_uint(out, 3, body.len);
    assert_true(ml_buf_add_span(out, body));
}

void tb_records(struct ml_buf *out, uint8_t type, struct ml_span payload, size_t piece)
{
    for (size_t at = 0; at < payload.len; at += piece) {
        struct ml_span part = ml_span_cut(payload, at, piece);
        tb_uint(out, 1, type);
        tb_uint(out, 2, 0x0303);
        tb_uint(out, 2, part.len);
        assert_true(ml_buf_add_span(out, part));
    }
}

void tb_handshake(struct ml_buf *out, uint8_t type, struct ml_span body)
{
    struct ml_buf message = tb_buf();
    tb_message(&message, type, body);
    tb_records(out, 22, ml_buf_span(&message), message.len);
    ml_buf_fini(&message);
}

void tb_dtls(struct ml_buf *out, uint8_t type, uint16_t message_seq, struct ml_span body, size_t from, size_t len)
{
    struct ml_span part = ml_span_cut(body, from, len);
    tb_uint(out, 1, 22);
    tb_uint(out, 2, 0xfefd);
    tb_uint(out, 8, out->len); /* epoch 0; the number need not be right */
    size_t record = tb_open(out, 2);
    tb_uint(out, 1, type);
    tb_uint(out, 3, body.len);
    tb_uint(out, 2, message_seq);
    tb_uint(out, 3, from);
    tb_uint(out, 3, part.len);
    assert_true(ml_buf_add_span(out, part));
    tb_close(out, record, 2);
}

static void set_name(X509_NAME *name, const char *text)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Example", -1, -1, 0),
                     1);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0), 1);
}

void tb_certificate(struct ml_buf *out, const struct tb_certificate *certificate)
{
    X509 *x509 = X509_new();
    EVP_PKEY *key = certificate->is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    assert_non_null(x509);
    assert_non_null(key);
    assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 7), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)certificate->not_before_s));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)certificate->not_after_s));
    set_name(X509_get_subject_name(x509), certificate->subject);
    set_name(X509_get_issuer_name(x509), certificate->issuer != NULL ? certificate->issuer : certificate->subject);
    assert_int_equal(X509_set_pubkey(x509, key), 1);
    if (certificate->names != NULL) {
        X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, certificate->names);
        assert_non_null(names);
        assert_int_equal(X509_add_ext(x509, names, -1), 1);
        X509_EXTENSION_free(names);
    }
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
    int len = i2d_X509(x509, &der);
    assert_true(len > 0);
    assert_true(ml_buf_add(out, der, (size_t)len));
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    X509_free(x509);
}

void tb_chain(struct ml_buf *out, struct ml_span der)
{
    size_t list = tb_open(out, 3);
    size_t one = tb_open(out, 3);
    assert_true(ml_buf_add_span(out, der));
    tb_close(out, one, 3);
    tb_close(out, list, 3);
}
