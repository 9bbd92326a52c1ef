/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/certificate.h"

#include "core/ip.h"
#include "core/limits.h"
#include "core/text.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

void ml_tls_chain_parse(struct ml_reader *rd, struct ml_tls_chain *out)
{
    struct ml_reader list;
    struct ml_reader one;
    memset(out, 0, sizeof *out);
    if (!ml_rd_vector_clipped(rd, 3, &list)) {
        out->is_cut = true;
        return;
    }
    while (ml_rd_left(&list) != 0) {
        if (out->n == ML_TLS_MAX_CHAIN || !ml_rd_vector(&list, 3, &one)) {
            out->is_cut = true;
            return;
        }
        out->der[out->n++] = ml_rd_rest(&one);
    }
    out->is_cut = !list.framed || !ml_rd_done(rd);
}

/* Name by RFC 4514, but with UTF-8 as it is instead of escaped bytes. */
static void write_name(const X509_NAME *name, struct ml_buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long len = BIO_get_mem_data(bio, &text);
        size_t room = len > 0 ? (size_t)len : 0;
        (void)ml_buf_add(out, text, room < out->max ? room : out->max); /* a cut name beats none */
    }
    BIO_free(bio);
}

/* RFC 3339 and seconds; far years (9999 stands for "no end") do not fit nanoseconds. */
static bool write_time(const ASN1_TIME *time, char out[ML_TLS_CERT_TIME], int64_t *seconds)
{
    struct tm tm = {0};
    *seconds = 0;
    out[0] = '\0';
    if (ASN1_TIME_to_tm(time, &tm) != 1) {
        return false;
    }
    *seconds = (int64_t)timegm(&tm);
    int len = snprintf(out, ML_TLS_CERT_TIME, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return len > 0 && len < ML_TLS_CERT_TIME;
}

static void write_key(X509 *x509, char out[ML_TLS_CERT_KEY])
{
    EVP_PKEY *key = X509_get0_pubkey(x509); /* borrowed */
    char curve[32] = "";
    ASN1_OBJECT *algorithm = NULL;
    if (key == NULL) { /* an algorithm or curve OpenSSL does not know: its name or number still tells */
        if (X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, X509_get_X509_PUBKEY(x509)) == 1) {
            (void)OBJ_obj2txt(out, ML_TLS_CERT_KEY, algorithm, 0);
        }
        return;
    }
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        (void)snprintf(out, ML_TLS_CERT_KEY, "RSA %d", EVP_PKEY_get_bits(key));
        return;
    case EVP_PKEY_DSA:
        (void)snprintf(out, ML_TLS_CERT_KEY, "DSA %d", EVP_PKEY_get_bits(key));
        return;
    case EVP_PKEY_EC:
        if (EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) == 1) {
            const char *nist = EC_curve_nid2nist(OBJ_sn2nid(curve));
            (void)snprintf(out, ML_TLS_CERT_KEY, "EC %s", nist != NULL ? nist : curve);
        } else {
            (void)snprintf(out, ML_TLS_CERT_KEY, "EC %d", EVP_PKEY_get_bits(key));
        }
        return;
    case EVP_PKEY_ED25519:
        (void)snprintf(out, ML_TLS_CERT_KEY, "Ed25519");
        return;
    case EVP_PKEY_ED448:
        (void)snprintf(out, ML_TLS_CERT_KEY, "Ed448");
        return;
    default: {
        const char *type = EVP_PKEY_get0_type_name(key);
        (void)snprintf(out, ML_TLS_CERT_KEY, "%s %d", type != NULL ? type : "unknown", EVP_PKEY_get_bits(key));
        return;
    }
    }
}

static void write_signature(const X509 *x509, char out[ML_TLS_CERT_KEY])
{
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *object = NULL;
    X509_get0_signature(NULL, &algorithm, x509);
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    (void)OBJ_obj2txt(out, ML_TLS_CERT_KEY, object, 0);
}

static void add_alternative_name(const GENERAL_NAME *name, struct ml_buf *out)
{
    char text[256];
    int type = 0;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
    if (type != GEN_DNS && type != GEN_IPADD) {
        return; /* mail addresses and the like name no server */
    }
    struct ml_span bytes = ml_span_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    size_t len = 0;
    if (type == GEN_DNS) {
        len = ml_host_normal(bytes, text, sizeof text); /* a zero byte inside (a known trick) makes it no name */
    } else if (bytes.len == 4 || bytes.len == 16) {
        struct ml_ip ip = bytes.len == 4 ? ml_ip4(bytes.ptr) : ml_ip6(bytes.ptr);
        len = ml_ip_format(&ip, text);
    }
    if (len != 0) {
        (void)ml_buf_add(out, text, len + 1);
    }
}

static void write_alternative_names(const X509 *x509, struct ml_buf *out)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
        add_alternative_name(sk_GENERAL_NAME_value(names, i), out);
    }
    GENERAL_NAMES_free(names);
}

static enum ml_tls_truth self_signed(X509 *x509)
{
    int answer = X509_self_signed(x509, 1);
    return answer < 0 ? ML_TLS_UNTOLD : answer == 1 ? ML_TLS_TRUE : ML_TLS_FALSE;
}

bool ml_tls_certificate_parse(struct ml_span der, struct ml_tls_certificate *out)
{
    const unsigned char *at = der.ptr;
    int64_t not_before_s = 0;
    memset(out, 0, sizeof *out);
    ml_buf_init(&out->subject, ML_MAX_TEXT);
    ml_buf_init(&out->issuer, ML_MAX_TEXT);
    ml_buf_init(&out->names, ML_MAX_MESSAGE);
    X509 *x509 = der.len <= ML_MAX_MESSAGE ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    if (x509 != NULL) {
        write_name(X509_get_subject_name(x509), &out->subject);
        write_name(X509_get_issuer_name(x509), &out->issuer);
        (void)write_time(X509_get0_notBefore(x509), out->not_before, &not_before_s);
        out->has_not_after = write_time(X509_get0_notAfter(x509), out->not_after, &out->not_after_s);
        write_key(x509, out->key);
        write_signature(x509, out->signature);
        write_alternative_names(x509, &out->names);
        out->is_self_signed = self_signed(x509);
    }
    bool ok = x509 != NULL;
    X509_free(x509);
    ERR_clear_error(); /* the queue is the thread's and would grow by what strangers send */
    return ok;
}

void ml_tls_certificate_fini(struct ml_tls_certificate *certificate)
{
    ml_buf_fini(&certificate->subject);
    ml_buf_fini(&certificate->issuer);
    ml_buf_fini(&certificate->names);
}
