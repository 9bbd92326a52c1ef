/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/names.h"

#include <stdio.h>

struct name {
    uint16_t value;
    const char *text;
};

static const struct name versions[] = {
    {ML_TLS_SSL2, "SSL 2.0"},
    {ML_DTLS_1_0_OPENSSL, "DTLS 1.0 (OpenSSL pre 0.9.8f)"},
    {ML_TLS_SSL3, "SSL 3.0"},
    {ML_TLS_1_0, "TLS 1.0"},
    {0x0302, "TLS 1.1"},
    {ML_TLS_1_2, "TLS 1.2"},
    {ML_TLS_1_3, "TLS 1.3"},
    {0x7f0e, "TLS 1.3 (draft 14)"},
    {0x7f0f, "TLS 1.3 (draft 15)"},
    {0x7f10, "TLS 1.3 (draft 16)"},
    {0x7f11, "TLS 1.3 (draft 17)"},
    {0x7f12, "TLS 1.3 (draft 18)"},
    {0x7f13, "TLS 1.3 (draft 19)"},
    {0x7f14, "TLS 1.3 (draft 20)"},
    {0x7f15, "TLS 1.3 (draft 21)"},
    {0x7f16, "TLS 1.3 (draft 22)"},
    {0x7f17, "TLS 1.3 (draft 23)"},
    {0x7f18, "TLS 1.3 (draft 24)"},
    {0x7f19, "TLS 1.3 (draft 25)"},
    {0x7f1a, "TLS 1.3 (draft 26)"},
    {0x7f1b, "TLS 1.3 (draft 27)"},
    {0x7f1c, "TLS 1.3 (draft 28)"},
    {0xfb17, "TLS 1.3 (Facebook draft 23)"},
    {0xfb1a, "TLS 1.3 (Facebook draft 26)"},
    {ML_DTLS_1_3, "DTLS 1.3"},
    {ML_DTLS_1_2, "DTLS 1.2"},
    {ML_DTLS_1_0, "DTLS 1.0"},
};

/* The upper bytes of suites that have names; a hello asks for dozens of them, so each has its place. */
#define SUITE_PAGE(value)                                                                                              \
    ((value) >> 8 == 0x00   ? 0                                                                                        \
     : (value) >> 8 == 0xc0 ? 1                                                                                        \
     : (value) >> 8 == 0x13 ? 2                                                                                        \
     : (value) >> 8 == 0xcc ? 3                                                                                        \
     : (value) >> 8 == 0xc1 ? 4                                                                                        \
     : (value) >> 8 == 0x56 ? 5                                                                                        \
     : (value) >> 8 == 0xd0 ? 6                                                                                        \
     : (value) >> 8 == 0xe4 ? 7                                                                                        \
     : (value) >> 8 == 0xfe ? 8                                                                                        \
     : (value) >> 8 == 0xff ? 9                                                                                        \
                            : N_SUITE_PAGES)
enum { N_SUITE_PAGES = 10 };

static const char *const suites[N_SUITE_PAGES][256] = {
#define ML_TLS_SUITE(value, name) [SUITE_PAGE(value)][(value)&0xff] = (name),
#include "proto/tls/suites.def"
#undef ML_TLS_SUITE
};

/* The SSL 2.0 draft (Hickman, 1995), appendix C.4. */
static const struct {
    uint32_t value;
    const char *text;
} ssl2_suites[] = {
    {0x010080, "SSL_CK_RC4_128_WITH_MD5"},          {0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"},
    {0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5"},      {0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"},
    {0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5"},     {0x060040, "SSL_CK_DES_64_CBC_WITH_MD5"},
    {0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"}, {0x080080, "SSL_CK_RC4_64_WITH_MD5"},
};

enum { N_CLASSIC_GROUPS = 41 }; /* numbered from 1 without a gap: found by their number */

static const struct group {
    uint16_t value;
    bool is_post_quantum;
    const char *text;
} groups[] = {
    {1, false, "sect163k1"},
    {2, false, "sect163r1"},
    {3, false, "sect163r2"},
    {4, false, "sect193r1"},
    {5, false, "sect193r2"},
    {6, false, "sect233k1"},
    {7, false, "sect233r1"},
    {8, false, "sect239k1"},
    {9, false, "sect283k1"},
    {10, false, "sect283r1"},
    {11, false, "sect409k1"},
    {12, false, "sect409r1"},
    {13, false, "sect571k1"},
    {14, false, "sect571r1"},
    {15, false, "secp160k1"},
    {16, false, "secp160r1"},
    {17, false, "secp160r2"},
    {18, false, "secp192k1"},
    {19, false, "secp192r1"},
    {20, false, "secp224k1"},
    {21, false, "secp224r1"},
    {22, false, "secp256k1"},
    {23, false, "secp256r1"},
    {24, false, "secp384r1"},
    {25, false, "secp521r1"},
    {26, false, "brainpoolP256r1"},
    {27, false, "brainpoolP384r1"},
    {28, false, "brainpoolP512r1"},
    {29, false, "x25519"},
    {30, false, "x448"},
    {31, false, "brainpoolP256r1tls13"},
    {32, false, "brainpoolP384r1tls13"},
    {33, false, "brainpoolP512r1tls13"},
    {34, false, "GC256A"},
    {35, false, "GC256B"},
    {36, false, "GC256C"},
    {37, false, "GC256D"},
    {38, false, "GC512A"},
    {39, false, "GC512B"},
    {40, false, "GC512C"},
    {41, false, "curveSM2"},
    {256, false, "ffdhe2048"},
    {257, false, "ffdhe3072"},
    {258, false, "ffdhe4096"},
    {259, false, "ffdhe6144"},
    {260, false, "ffdhe8192"},
    {512, true, "MLKEM512"},
    {513, true, "MLKEM768"},
    {514, true, "MLKEM1024"},
    {4587, true, "SecP256r1MLKEM768"},
    {4588, true, "X25519MLKEM768"},
    {4589, true, "SecP384r1MLKEM1024"},
    {4590, true, "curveSM2MLKEM768"},
    {16696, true, "CECPQ2"},
    {25497, true, "X25519Kyber768Draft00"},
    {25498, true, "SecP256r1Kyber768Draft00"},
    {0xfe30, true, "X25519Kyber512Draft00"},
    {0xfe31, true, "X25519Kyber768Draft00Old"},
    {0xff01, false, "arbitrary_explicit_prime_curves"},
    {0xff02, false, "arbitrary_explicit_char2_curves"},
};

static const struct name alerts[] = {
    {0, "close_notify"},
    {1, "end_of_early_data"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {52, "too_many_cids_requested"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {117, "general_error"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
};

static const char *find(const struct name *names, size_t n, uint16_t value)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i].value == value) {
            return names[i].text;
        }
    }
    return NULL;
}

const char *ml_tls_version_name(uint16_t version)
{
    return find(versions, sizeof versions / sizeof versions[0], version);
}

const char *ml_tls_suite_name(uint16_t suite)
{
    unsigned page = SUITE_PAGE(suite);
    return page < N_SUITE_PAGES ? suites[page][suite & 0xff] : NULL;
}

const char *ml_tls_ssl2_suite_name(uint32_t suite)
{
    for (size_t i = 0; i < sizeof ssl2_suites / sizeof ssl2_suites[0]; i++) {
        if (ssl2_suites[i].value == suite) {
            return ssl2_suites[i].text;
        }
    }
    return NULL;
}

static const struct group *find_group(uint16_t value)
{
    if (value != 0 && value <= N_CLASSIC_GROUPS) {
        return &groups[value - 1];
    }
    for (size_t i = N_CLASSIC_GROUPS; i < sizeof groups / sizeof groups[0]; i++) {
        if (groups[i].value == value) {
            return &groups[i];
        }
    }
    return NULL;
}

const char *ml_tls_group_name(uint16_t group)
{
    const struct group *known = find_group(group);
    return known != NULL ? known->text : NULL;
}

const char *ml_tls_alert_name(uint8_t description)
{
    return find(alerts, sizeof alerts / sizeof alerts[0], description);
}

const char *ml_tls_name_or_number(const char *name, uint16_t value, char spare[ML_TLS_UNKNOWN_TEXT])
{
    if (name != NULL) {
        return name;
    }
    (void)snprintf(spare, ML_TLS_UNKNOWN_TEXT, "0x%04x", value); /* fits: six digits */
    return spare;
}

bool ml_tls_is_13(uint16_t version)
{
    return version == ML_TLS_1_3 || version == ML_DTLS_1_3 || version >> 8 == 0x7f || version >> 8 == 0xfb;
}

bool ml_tls_group_is_post_quantum(uint16_t group)
{
    const struct group *known = find_group(group);
    return known != NULL && known->is_post_quantum;
}

enum ml_tls_secrecy ml_tls_suite_secrecy(uint16_t suite)
{
    /* Ephemeral Diffie-Hellman by its name in the registry; anonymous ones are ephemeral too. */
    static const char *const forward[] = {"TLS_DHE_", "TLS_ECDHE_", "TLS_DH_anon_", "TLS_ECDH_anon_", "TLS_ECCPWD_"};
    static const char *const none[] = {"TLS_RSA_",  "TLS_DH_",  "TLS_ECDH_", "TLS_PSK_",
                                       "TLS_KRB5_", "SSL_RSA_", "TLS_NULL_"};
    const char *name = ml_tls_suite_name(suite);
    struct ml_span text = ml_span_text(name != NULL ? name : "");
    for (size_t i = 0; i < sizeof forward / sizeof forward[0]; i++) {
        if (ml_span_starts(text, forward[i])) {
            return ML_TLS_SECRECY_FORWARD;
        }
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (ml_span_starts(text, none[i])) {
            return ML_TLS_SECRECY_NONE;
        }
    }
    return ML_TLS_SECRECY_UNKNOWN;
}
