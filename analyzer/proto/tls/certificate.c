/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/certificate.h"

#include "core/ip.h"
#include "core/limits.h"
#include "core/text.h"
#include "proto/tls/der.h"

#include <openssl/ec.h>
#include <openssl/err.h>
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

/* The fields of a certificate that are read (RFC 5280, section 4.1), where they lie. */
struct fields {
    struct ml_der issuer, subject;
    struct ml_der not_before, not_after;
    struct ml_der key_algorithm; /* OBJECT IDENTIFIER */
    struct ml_der key_parameter; /* of the algorithm; tag 0 when there is none */
    struct ml_reader key;        /* content of the BIT STRING */
    struct ml_der extensions;    /* SEQUENCE; tag 0 when there are none */
    struct ml_der signature;     /* OBJECT IDENTIFIER */
};

/* AlgorithmIdentifier: an object and perhaps a parameter. */
static bool read_algorithm(struct ml_reader *rd, struct ml_der *object, struct ml_der *parameter)
{
    struct ml_der sequence;
    if (!ml_der_expect(rd, ML_DER_SEQUENCE, &sequence) || !ml_der_expect(&sequence.body, ML_DER_OBJECT, object)) {
        return false;
    }
    (void)ml_der_next(&sequence.body, parameter); /* zeroed when there is none */
    return true;
}

static bool read_key(struct ml_reader *rd, struct fields *out)
{
    struct ml_der sequence;
    struct ml_der bits;
    uint8_t unused = 0;
    if (!ml_der_expect(rd, ML_DER_SEQUENCE, &sequence) ||
        !read_algorithm(&sequence.body, &out->key_algorithm, &out->key_parameter) ||
        !ml_der_expect(&sequence.body, ML_DER_BIT_STRING, &bits) || !ml_rd_u8(&bits.body, &unused)) {
        return false;
    }
    out->key = bits.body;
    return true;
}

/* What is left of the TBSCertificate behind the key: unique ids, which nobody uses, and extensions. */
static bool read_extensions(struct ml_reader *rd, struct fields *out)
{
    struct ml_der value;
    while (ml_der_next(rd, &value)) {
        if (value.tag == (ML_DER_EXPLICIT | 3) && !ml_der_expect(&value.body, ML_DER_SEQUENCE, &out->extensions)) {
            return false;
        }
    }
    return ml_rd_ok(rd);
}

static bool read_fields(struct ml_span der, struct fields *out)
{
    struct ml_reader rd = ml_rd_open_framed(der);
    struct ml_der certificate;
    struct ml_der tbs;
    struct ml_der value;
    struct ml_der validity;
    memset(out, 0, sizeof *out);
    if (!ml_der_expect(&rd, ML_DER_SEQUENCE, &certificate) || !ml_rd_done(&rd) ||
        !ml_der_expect(&certificate.body, ML_DER_SEQUENCE, &tbs) || !ml_der_next(&tbs.body, &value)) {
        return false;
    }
    if (value.tag == ML_DER_EXPLICIT && !ml_der_next(&tbs.body, &value)) { /* version; the serial number follows */
        return false;
    }
    return value.tag == ML_DER_INTEGER && ml_der_expect(&tbs.body, ML_DER_SEQUENCE, &value) &&
           ml_der_expect(&tbs.body, ML_DER_SEQUENCE, &out->issuer) &&
           ml_der_expect(&tbs.body, ML_DER_SEQUENCE, &validity) && ml_der_next(&validity.body, &out->not_before) &&
           ml_der_next(&validity.body, &out->not_after) && ml_der_expect(&tbs.body, ML_DER_SEQUENCE, &out->subject) &&
           read_key(&tbs.body, out) && read_extensions(&tbs.body, out) &&
           read_algorithm(&certificate.body, &out->signature, &value) &&
           ml_der_expect(&certificate.body, ML_DER_BIT_STRING, &value) && ml_rd_done(&certificate.body);
}

/* Name by RFC 4514, but with UTF-8 as it is instead of escaped bytes. False when the name is none. */
static bool write_name(struct ml_span der, struct ml_buf *out)
{
    const unsigned char *at = der.ptr;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.len);
    BIO *bio = name != NULL ? BIO_new(BIO_s_mem()) : NULL;
    char *text = NULL;
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long len = BIO_get_mem_data(bio, &text);
        size_t room = len > 0 ? (size_t)len : 0;
        (void)ml_buf_add(out, text, room < out->max ? room : out->max); /* a cut name beats none */
    }
    bool ok = name != NULL;
    BIO_free(bio);
    X509_NAME_free(name);
    return ok;
}

/* RFC 3339 and seconds; far years (9999 stands for "no end") do not fit nanoseconds. */
static bool write_time(struct ml_span der, char out[ML_TLS_CERT_TIME], int64_t *seconds)
{
    const unsigned char *at = der.ptr;
    struct tm tm = {0};
    ASN1_TIME *time = d2i_ASN1_TIME(NULL, &at, (long)der.len);
    bool ok = time != NULL && ASN1_TIME_to_tm(time, &tm) == 1;
    ASN1_TIME_free(time);
    *seconds = 0;
    out[0] = '\0';
    if (!ok) {
        return false;
    }
    *seconds = (int64_t)timegm(&tm);
    int len = snprintf(out, ML_TLS_CERT_TIME, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return len > 0 && len < ML_TLS_CERT_TIME;
}

/* Number of an object in OpenSSL's list; its name, or dotted numbers, goes to `out`. */
static int write_object(struct ml_span der, char out[ML_TLS_CERT_KEY])
{
    const unsigned char *at = der.ptr;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)der.len);
    int number = object != NULL ? OBJ_obj2nid(object) : NID_undef;
    out[0] = '\0';
    if (object != NULL) {
        (void)OBJ_obj2txt(out, ML_TLS_CERT_KEY, object, 0); /* cut where it is longer */
    }
    ASN1_OBJECT_free(object);
    return number;
}

static unsigned first_integer_bits(struct ml_reader rd)
{
    struct ml_der sequence;
    struct ml_der number;
    bool ok = ml_der_expect(&rd, ML_DER_SEQUENCE, &sequence) && ml_der_expect(&sequence.body, ML_DER_INTEGER, &number);
    return ok ? ml_der_bits(number.body) : 0;
}

/* "RSA 2048"; where the key is not what its algorithm says, the algorithm's name stays. */
static void write_bits(const char *name, unsigned bits, char out[ML_TLS_CERT_KEY])
{
    if (bits != 0) {
        (void)snprintf(out, ML_TLS_CERT_KEY, "%s %u", name, bits);
    }
}

/*
 * Kind and size of the key. OpenSSL would decode it for use, at ten times the cost of all the rest; only what a reader
 * wants to know is read here.
 */
static void write_key(const struct fields *fields, char out[ML_TLS_CERT_KEY])
{
    char curve[ML_TLS_CERT_KEY];
    const char *nist = NULL;
    switch (write_object(fields->key_algorithm.whole, out)) {
    case NID_rsaEncryption:
    case NID_rsa:
        write_bits("RSA", first_integer_bits(fields->key), out);
        break;
    case NID_rsassaPss:
        write_bits("RSA-PSS", first_integer_bits(fields->key), out);
        break;
    case NID_dsa:
        write_bits("DSA", first_integer_bits(ml_rd_open_framed(fields->key_parameter.whole)), out);
        break;
    case NID_X9_62_id_ecPublicKey:
        if (fields->key_parameter.tag == ML_DER_OBJECT) { /* a named curve */
            nist = EC_curve_nid2nist(write_object(fields->key_parameter.whole, curve));
            (void)snprintf(out, ML_TLS_CERT_KEY, "EC %.40s", nist != NULL ? nist : curve);
        }
        break;
    case NID_ED25519:
        (void)snprintf(out, ML_TLS_CERT_KEY, "Ed25519");
        break;
    case NID_ED448:
        (void)snprintf(out, ML_TLS_CERT_KEY, "Ed448");
        break;
    default:
        break;
    }
}

static void add_alternative_name(struct ml_der *name, struct ml_buf *out)
{
    char text[256];
    struct ml_span bytes = ml_rd_rest(&name->body);
    size_t len = 0;
    if (name->tag == (ML_DER_CONTEXT | GEN_DNS)) {
        len = ml_host_normal(bytes, text, sizeof text); /* a zero byte inside (a known trick) makes it no name */
    } else if (name->tag == (ML_DER_CONTEXT | GEN_IPADD) && (bytes.len == 4 || bytes.len == 16)) {
        struct ml_ip ip = bytes.len == 4 ? ml_ip4(bytes.ptr) : ml_ip6(bytes.ptr);
        len = ml_ip_format(&ip, text);
    } /* mail addresses and the like name no server */
    if (len != 0) {
        (void)ml_buf_add(out, text, len + 1);
    }
}

/* Extension: an object, perhaps "critical", and an OCTET STRING that holds the value. */
static void write_alternative_names(struct ml_reader extensions, struct ml_buf *out)
{
    static const uint8_t subject_alt_name[] = {0x55, 0x1d, 0x11};
    struct ml_der extension;
    struct ml_der object;
    struct ml_der value;
    struct ml_der names;
    struct ml_der name;
    while (ml_der_next(&extensions, &extension)) {
        if (!ml_der_expect(&extension.body, ML_DER_OBJECT, &object) ||
            !ml_span_equal(ml_rd_rest(&object.body), ml_span_of(subject_alt_name, sizeof subject_alt_name))) {
            continue;
        }
        while (ml_der_next(&extension.body, &value) && value.tag != ML_DER_OCTET_STRING) {
        }
        if (value.tag != ML_DER_OCTET_STRING || !ml_der_expect(&value.body, ML_DER_SEQUENCE, &names)) {
            return;
        }
        while (ml_der_next(&names.body, &name)) {
            add_alternative_name(&name, out);
        }
        return;
    }
}

/* Names must be equal, which is cheap to see, and the signature must hold, for which OpenSSL decodes everything. */
static enum ml_tls_truth self_signed(struct ml_span der, const struct fields *fields)
{
    const unsigned char *at = der.ptr;
    if (!ml_span_equal(fields->issuer.whole, fields->subject.whole)) {
        return ML_TLS_FALSE;
    }
    X509 *x509 = d2i_X509(NULL, &at, (long)der.len);
    int answer = x509 != NULL ? X509_self_signed(x509, 1) : -1;
    X509_free(x509);
    return answer < 0 ? ML_TLS_UNTOLD : answer == 1 ? ML_TLS_TRUE : ML_TLS_FALSE;
}

void ml_tls_certificate_init(struct ml_tls_certificate *certificate)
{
    memset(certificate, 0, sizeof *certificate);
    ml_buf_init(&certificate->subject, ML_MAX_TEXT);
    ml_buf_init(&certificate->issuer, ML_MAX_TEXT);
    ml_buf_init(&certificate->names, ML_MAX_MESSAGE);
}

bool ml_tls_certificate_parse(struct ml_span der, struct ml_tls_certificate *out)
{
    struct fields fields;
    int64_t not_before_s = 0;
    ml_tls_certificate_init(out);
    bool ok = der.len <= ML_MAX_MESSAGE && read_fields(der, &fields) &&
              write_name(fields.subject.whole, &out->subject) && write_name(fields.issuer.whole, &out->issuer);
    if (ok) {
        (void)write_time(fields.not_before.whole, out->not_before, &not_before_s);
        out->has_not_after = write_time(fields.not_after.whole, out->not_after, &out->not_after_s);
        write_key(&fields, out->key);
        (void)write_object(fields.signature.whole, out->signature);
        write_alternative_names(fields.extensions.body, &out->names);
        out->is_self_signed = self_signed(der, &fields);
    }
    ERR_clear_error(); /* the queue is the thread's and would grow by what strangers send */
    return ok;
}

void ml_tls_certificate_fini(struct ml_tls_certificate *certificate)
{
    ml_buf_fini(&certificate->subject);
    ml_buf_fini(&certificate->issuer);
    ml_buf_fini(&certificate->names);
}
