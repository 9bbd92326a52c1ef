/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests: DER written by hand, signed with ECDSA under a fixed nonce (which no real key survives). */
#include "support/tls_messages.h"

#include "core/digest.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

enum { MAX_DER = 1 << 16 };
enum { SEQUENCE = 0x30, SET = 0x31, INTEGER = 2, BIT_STRING = 3, OCTET_STRING = 4, OID = 6, UTF8 = 12, UTC_TIME = 23 };

#define OID_EC_KEY "\x2a\x86\x48\xce\x3d\x02\x01"
#define OID_P256 "\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define OID_ECDSA_SHA256 "\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define OID_COMMON_NAME "\x55\x04\x03"
#define OID_ORGANISATION "\x55\x04\x0a"
#define OID_ALTERNATIVE_NAMES "\x55\x1d\x11"
#define OID_BASIC_CONSTRAINTS "\x55\x1d\x13"

static size_t der_open(struct ml_buf *out, uint8_t tag)
{
    build_be(out, 1, tag);
    return out->len;
}

/* Puts the length of what was added since der_open in its shortest form between tag and content. */
static void der_close(struct ml_buf *out, size_t at)
{
    size_t len = out->len - at;
    unsigned extra = len < 0x80 ? 0 : len < 0x100 ? 1 : 2;
    build_be(out, extra + 1, 0);
    ML_ASSERT(!out->failed && len < 0x10000);
    memmove(out->bytes + at + extra + 1, out->bytes + at, len);
    out->bytes[at] = (uint8_t)(extra == 0 ? len : 0x80 + extra);
    for (unsigned i = 0; i < extra; i++) {
        out->bytes[at + 1 + i] = (uint8_t)(len >> 8 * (extra - 1 - i));
    }
}

static void der(struct ml_buf *out, uint8_t tag, struct ml_span content)
{
    size_t at = der_open(out, tag);
    ml_buf_add_span(out, content);
    der_close(out, at);
}

static void name(struct ml_buf *out, const char *organisation, const char *common_name)
{
    const char *const texts[] = {organisation, common_name};
    const char *const oids[] = {OID_ORGANISATION, OID_COMMON_NAME};
    size_t sequence = der_open(out, SEQUENCE);
    for (int i = 0; i < 2; i++) {
        if (texts[i] != NULL) {
            size_t set = der_open(out, SET);
            size_t pair = der_open(out, SEQUENCE);
            der(out, OID, ml_span_text(oids[i]));
            der(out, UTF8, ml_span_text(texts[i]));
            der_close(out, pair);
            der_close(out, set);
        }
    }
    der_close(out, sequence);
}

static void algorithm(struct ml_buf *out)
{
    size_t at = der_open(out, SEQUENCE);
    der(out, OID, ml_span_text(OID_ECDSA_SHA256));
    der_close(out, at);
}

/* Unsigned big number as a DER integer. */
static void integer(struct ml_buf *out, const BIGNUM *number)
{
    uint8_t bytes[33] = {0};
    int len = BN_bn2binpad(number, bytes + 1, 32);
    ML_ASSERT(len == 32);
    size_t from = 0;
    while (from < 32 && bytes[from] == 0 && bytes[from + 1] < 0x80) {
        from++;
    }
    der(out, INTEGER, ml_span_of(bytes + from, sizeof bytes - from));
}

/* scalar * G, uncompressed. */
static void point(uint32_t scalar, uint8_t out[65])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *at = EC_POINT_new(group);
    BIGNUM *d = BN_new();
    bool ok = group != NULL && at != NULL && d != NULL && BN_set_word(d, scalar) == 1 &&
              EC_POINT_mul(group, at, d, NULL, NULL, NULL) == 1 &&
              EC_POINT_point2oct(group, at, POINT_CONVERSION_UNCOMPRESSED, out, 65, NULL) == 65;
    ML_ASSERT(ok);
    BN_free(d);
    EC_POINT_free(at);
    EC_GROUP_free(group);
}

/* FIPS 186-4, section 6.4 with the nonce k = 2: r = x(2G), s = (z + r d) / k modulo the order. */
static void sign(struct ml_buf *out, uint32_t key, struct ml_span message)
{
    uint8_t hash[32];
    uint8_t nonce_point[65];
    bool ok = ml_sha256(message, hash);
    ML_ASSERT(ok);
    point(2, nonce_point);
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    const BIGNUM *order = EC_GROUP_get0_order(group);
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *r = BN_bin2bn(nonce_point + 1, 32, NULL);
    BIGNUM *s = BN_new();
    BIGNUM *z = BN_bin2bn(hash, 32, NULL);
    BIGNUM *k = BN_new();
    ok = ctx != NULL && BN_set_word(k, 2) == 1 && BN_nnmod(r, r, order, ctx) == 1 && BN_set_word(s, key) == 1 &&
         BN_mod_mul(s, s, r, order, ctx) == 1 && BN_mod_add(s, s, z, order, ctx) == 1 &&
         BN_mod_inverse(k, k, order, ctx) != NULL && BN_mod_mul(s, s, k, order, ctx) == 1;
    ML_ASSERT(ok);
    size_t at = der_open(out, SEQUENCE);
    integer(out, r);
    integer(out, s);
    der_close(out, at);
    BN_free(r);
    BN_free(s);
    BN_free(z);
    BN_free(k);
    BN_CTX_free(ctx);
    EC_GROUP_free(group);
}

static void public_key(struct ml_buf *out, uint32_t key)
{
    uint8_t bytes[66] = {0}; /* no unused bits, then the point */
    point(key, bytes + 1);
    size_t info = der_open(out, SEQUENCE);
    size_t at = der_open(out, SEQUENCE);
    der(out, OID, ml_span_text(OID_EC_KEY));
    der(out, OID, ml_span_text(OID_P256));
    der_close(out, at);
    der(out, BIT_STRING, ml_span_of(bytes, sizeof bytes));
    der_close(out, info);
}

static void alternative_names(struct ml_buf *out, const char *const *names)
{
    size_t ext = der_open(out, SEQUENCE);
    der(out, OID, ml_span_text(OID_ALTERNATIVE_NAMES));
    size_t octets = der_open(out, OCTET_STRING);
    size_t list = der_open(out, SEQUENCE);
    for (; *names != NULL; names++) {
        der(out, 0x82, ml_span_text(*names)); /* [2] dNSName */
    }
    der_close(out, list);
    der_close(out, octets);
    der_close(out, ext);
}

static void basic_constraints(struct ml_buf *out)
{
    size_t ext = der_open(out, SEQUENCE);
    der(out, OID, ml_span_text(OID_BASIC_CONSTRAINTS));
    der(out, 1, ml_span_of("\xff", 1));                            /* critical */
    der(out, OCTET_STRING, ml_span_of("\x30\x03\x01\x01\xff", 5)); /* an authority */
    der_close(out, ext);
}

static void extensions(struct ml_buf *out, const struct build_x509 *x509)
{
    if (x509->names == NULL && !x509->is_authority) {
        return;
    }
    size_t at = der_open(out, 0xa3);
    size_t list = der_open(out, SEQUENCE);
    if (x509->names != NULL) {
        alternative_names(out, x509->names);
    }
    if (x509->is_authority) {
        basic_constraints(out);
    }
    der_close(out, list);
    der_close(out, at);
}

static void to_be_signed(struct ml_buf *out, const struct build_x509 *x509)
{
    struct build_prng prng = {x509->seed};
    size_t certificate = der_open(out, SEQUENCE);
    der(out, 0xa0, ml_span_of("\x02\x01\x02", 3)); /* version 3 */
    size_t serial = der_open(out, INTEGER);
    build_be(out, 1, 0x4d); /* positive and not zero */
    build_random(out, &prng, 15);
    der_close(out, serial);
    algorithm(out);
    name(out, x509->issuer != NULL ? NULL : x509->organisation, x509->issuer != NULL ? x509->issuer : x509->subject);
    size_t validity = der_open(out, SEQUENCE);
    der(out, UTC_TIME, ml_span_text(x509->not_before));
    der(out, UTC_TIME, ml_span_text(x509->not_after));
    der_close(out, validity);
    name(out, x509->organisation, x509->subject);
    public_key(out, x509->key);
    extensions(out, x509);
    der_close(out, certificate);
}

void build_x509(struct ml_buf *out, const struct build_x509 *x509)
{
    struct ml_buf signed_part;
    struct ml_buf signature;
    ml_buf_init(&signed_part, MAX_DER);
    ml_buf_init(&signature, MAX_DER);
    to_be_signed(&signed_part, x509);
    build_be(&signature, 1, 0); /* no unused bits */
    sign(&signature, x509->issuer_key != 0 ? x509->issuer_key : x509->key, build_span(&signed_part));
    size_t at = der_open(out, SEQUENCE);
    ml_buf_add_span(out, build_span(&signed_part));
    algorithm(out);
    der(out, BIT_STRING, build_span(&signature));
    der_close(out, at);
    ml_buf_fini(&signed_part);
    ml_buf_fini(&signature);
}
