/* SPDX-License-Identifier: Apache-2.0 */
/* Suites, keys and records by the vectors of their specifications, and by OpenSSL as the other end. */
#include "proto/tls/decrypt_record.h"
#include "proto/tls/rc4.h"

#include "core/mem.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define assert_hex(bytes, len, digits)                                                                                 \
    do {                                                                                                               \
        char text_[2 * 512 + 1];                                                                                       \
        ml_hex_write(ml_span_of(bytes, len), text_);                                                                   \
        assert_string_equal(text_, digits);                                                                            \
    } while (0)

static void from_hex(const char *digits, uint8_t *out)
{
    assert_true(ml_hex_read(ml_span_text(digits), out));
}

/* --- suites --- */

static void a_suite_is_read_off_its_name(void **state)
{
    (void)state;
    static const struct {
        uint16_t number;
        enum ml_tls_mode mode;
        const char *cipher, *mac, *hash;
        unsigned key_len, iv_len, explicit_len, tag_len;
    } rows[] = {
        {0x1301, ML_TLS_MODE_AEAD, "AES-128-GCM", NULL, "SHA256", 16, 4, 8, 16},
        {0x1302, ML_TLS_MODE_AEAD, "AES-256-GCM", NULL, "SHA384", 32, 4, 8, 16},
        {0x1303, ML_TLS_MODE_AEAD, "ChaCha20-Poly1305", NULL, "SHA256", 32, 12, 0, 16},
        {0x1304, ML_TLS_MODE_CCM, "AES-128-CCM", NULL, "SHA256", 16, 4, 8, 16},
        {0x1305, ML_TLS_MODE_CCM, "AES-128-CCM", NULL, "SHA256", 16, 4, 8, 8},
        {0xc030, ML_TLS_MODE_AEAD, "AES-256-GCM", NULL, "SHA384", 32, 4, 8, 16},
        {0xcca8, ML_TLS_MODE_AEAD, "ChaCha20-Poly1305", NULL, "SHA256", 32, 12, 0, 16},
        {0xc09c, ML_TLS_MODE_CCM, "AES-128-CCM", NULL, "SHA256", 16, 4, 8, 16},
        {0xc0a1, ML_TLS_MODE_CCM, "AES-256-CCM", NULL, "SHA256", 32, 4, 8, 8},
        {0x002f, ML_TLS_MODE_CBC, "AES-128-CBC", "SHA1", "SHA256", 16, 16, 0, 0},
        {0xc028, ML_TLS_MODE_CBC, "AES-256-CBC", "SHA384", "SHA384", 32, 16, 0, 0},
        {0x000a, ML_TLS_MODE_CBC, "DES-EDE3-CBC", "SHA1", "SHA256", 24, 8, 0, 0},
        {0x0005, ML_TLS_MODE_RC4, NULL, "SHA1", "SHA256", 16, 0, 0, 0},
        {0x0004, ML_TLS_MODE_RC4, NULL, "MD5", "SHA256", 16, 0, 0, 0},
        {0x003b, ML_TLS_MODE_NULL, NULL, "SHA256", "SHA256", 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ml_tls_suite suite;
        assert_true(ml_tls_suite_of(rows[i].number, &suite));
        assert_int_equal(suite.mode, rows[i].mode);
        assert_int_equal(suite.key_len, rows[i].key_len);
        assert_int_equal(suite.iv_len, rows[i].iv_len);
        assert_int_equal(suite.explicit_len, rows[i].explicit_len);
        assert_int_equal(suite.tag_len, rows[i].tag_len);
        assert_string_equal(suite.hash, rows[i].hash);
        assert_string_equal(suite.cipher != NULL ? suite.cipher : "", rows[i].cipher != NULL ? rows[i].cipher : "");
        assert_string_equal(suite.mac != NULL ? suite.mac : "", rows[i].mac != NULL ? rows[i].mac : "");
    }
}

static void suites_that_cannot_be_opened_are_refused(void **state)
{
    (void)state;
    static const uint16_t numbers[] = {
        0x001d, /* FORTEZZA */
        0x00c6, /* SM4 */
        0xc07a, /* Camellia in GCM: not in OpenSSL */
        0xcc13, /* a draft of ChaCha20-Poly1305 */
        0x00ff, /* a signal, no suite */
        0x0a0a, /* GREASE */
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct ml_tls_suite suite;
        assert_false(ml_tls_suite_of(numbers[i], &suite));
        assert_int_equal(suite.key_len, 0);
    }
}

/* --- keys --- */

/* RFC 8448, section 3: "derive write traffic keys for handshake data", server. */
static void traffic_keys_are_those_of_rfc_8448(void **state)
{
    (void)state;
    uint8_t secret[32];
    struct ml_tls_suite suite;
    struct ml_tls_keys keys;
    from_hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38", secret);
    assert_true(ml_tls_suite_of(0x1301, &suite));
    assert_true(ml_tls_keys_of_traffic(&suite, ml_span_of(secret, sizeof secret), &keys));
    assert_hex(keys.key, 16, "3fce516009c21727d0f2e4e86ee403bc");
    assert_hex(keys.iv, 12, "5d313eb2671276ee13000b30");
}

/* OpenSSL's own TLS13-KDF says what a label expands to. */
static void a_later_secret_is_what_openssl_makes_it(void **state)
{
    (void)state;
    uint8_t secret[48];
    uint8_t mine[48];
    uint8_t theirs[48];
    struct ml_tls_suite suite;
    char digest[] = "SHA384";
    char prefix[] = "tls13 ";
    char label[] = "traffic upd";
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    memset(secret, 0x3c, sizeof secret);
    assert_true(ml_tls_suite_of(0x1302, &suite));
    assert_true(ml_tls_next_traffic(&suite, ml_span_of(secret, sizeof secret), mine));
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, sizeof secret),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, prefix, 6),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, label, 11),
        OSSL_PARAM_construct_end(),
    };
    assert_int_equal(EVP_KDF_derive(ctx, theirs, sizeof theirs, parameters), 1);
    assert_memory_equal(mine, theirs, sizeof mine);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* Both halves of the key block, of each kind of PRF, as OpenSSL's TLS1-PRF makes it. */
static void a_key_block_is_what_openssl_makes_it(void **state)
{
    (void)state;
    static const struct {
        uint16_t version, suite;
        const char *digest;
    } rows[] = {{0x0301, 0x0035, "MD5-SHA1"},
                {0x0302, 0x000a, "MD5-SHA1"},
                {0x0303, 0x003d, "SHA256"},
                {0x0303, 0xc028, "SHA384"},
                {0x0303, 0xc02f, "SHA256"}};
    uint8_t master[48];
    uint8_t client_random[32];
    uint8_t server_random[32];
    memset(master, 0x11, sizeof master);
    memset(client_random, 0x22, sizeof client_random);
    memset(server_random, 0x33, sizeof server_random);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ml_tls_suite suite;
        struct ml_tls_keys client;
        struct ml_tls_keys server;
        uint8_t block[256];
        char digest[16];
        char label[] = "key expansion";
        const struct ml_tls_masters masters = {ml_span_of(master, sizeof master), client_random, server_random};
        assert_true(ml_tls_suite_of(rows[i].suite, &suite));
        assert_true(ml_tls_keys_of_master(&suite, rows[i].version, &masters, true, &client));
        assert_true(ml_tls_keys_of_master(&suite, rows[i].version, &masters, false, &server));
        size_t mac = suite.mac_len;
        size_t key = suite.key_len;
        size_t iv = suite.iv_len;
        (void)snprintf(digest, sizeof digest, "%s", rows[i].digest);
        EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
        EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
        OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master, sizeof master),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, label, 13),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, server_random, 32),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, client_random, 32),
            OSSL_PARAM_construct_end(),
        };
        assert_int_equal(EVP_KDF_derive(ctx, block, 2 * (mac + key + iv), parameters), 1);
        assert_memory_equal(client.mac, block, mac);
        assert_memory_equal(server.mac, block + mac, mac);
        assert_memory_equal(client.key, block + 2 * mac, key);
        assert_memory_equal(server.key, block + 2 * mac + key, key);
        assert_memory_equal(client.iv, block + 2 * (mac + key), iv);
        assert_memory_equal(server.iv, block + 2 * (mac + key) + iv, iv);
        EVP_KDF_CTX_free(ctx);
        EVP_KDF_free(kdf);
    }
}

/* --- RC4 --- */

/* RFC 6229, section 2: the key streams of 0x01.. at offsets 0 and 240. */
static void rc4_gives_the_key_streams_of_rfc_6229(void **state)
{
    (void)state;
    static const struct {
        size_t key_len;
        const char *at_0, *at_240;
    } rows[] = {
        {5, "b2396305f03dc027ccc3524a0a1118a8", "28cb1132c96ce286421dcaadb8b69eae"},
        {16, "9ac7cc9a609d1ef7b2932899cde41b97", "065902e4b620f6cc36c8589f66432f2b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ml_rc4 rc4;
        uint8_t key[16];
        uint8_t stream[256] = {0};
        for (unsigned k = 0; k < sizeof key; k++) {
            key[k] = (uint8_t)(k + 1);
        }
        ml_rc4_init(&rc4, ml_span_of(key, rows[i].key_len));
        ml_rc4_apply(&rc4, stream, 100); /* in two steps, as records come */
        ml_rc4_apply(&rc4, stream + 100, sizeof stream - 100);
        assert_hex(stream, 16, rows[i].at_0);
        assert_hex(stream + 240, 16, rows[i].at_240);
    }
}

/* --- records of suites that OpenSSL's TLS does not offer any more --- */

struct sealer {
    struct ml_tls_suite suite;
    struct ml_tls_keys keys;
    struct ml_rc4 rc4;
    uint64_t seq;
    uint16_t version;
};

/* MAC then encrypt, by RFC 5246, sections 6.2.3.1 and 6.2.3.2. */
static size_t seal(struct sealer *sealer, uint8_t type, const char *text, uint8_t *out)
{
    const struct ml_tls_suite *suite = &sealer->suite;
    size_t len = strlen(text);
    uint8_t plain[512] = {0};
    unsigned n = 0;
    for (unsigned i = 0; i < 8; i++) {
        plain[i] = (uint8_t)(sealer->seq >> (56 - 8 * i));
    }
    plain[8] = type;
    plain[9] = (uint8_t)(sealer->version >> 8);
    plain[10] = (uint8_t)sealer->version;
    plain[12] = (uint8_t)len;
    memcpy(plain + 13, text, len);
    assert_non_null(HMAC(EVP_get_digestbyname(suite->mac), sealer->keys.mac, suite->mac_len, plain, 13 + len,
                         plain + 13 + len, &n));
    len += n;
    sealer->seq++;
    if (suite->mode != ML_TLS_MODE_CBC) {
        memcpy(out, plain + 13, len);
        if (suite->mode == ML_TLS_MODE_RC4) {
            ml_rc4_apply(&sealer->rc4, out, len);
        }
        return len;
    }
    size_t pad = suite->iv_len - len % suite->iv_len;
    memset(plain + 13 + len, (int)pad - 1, pad);
    len += pad;
    uint8_t iv[16];
    memset(iv, 0x77, sizeof iv);
    memcpy(out, iv, suite->iv_len);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, suite->cipher, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int written = 0;
    assert_int_equal(EVP_EncryptInit_ex(ctx, cipher, NULL, sealer->keys.key, iv), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, out + suite->iv_len, &written, plain + 13, (int)len), 1);
    assert_int_equal(written, len);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    return suite->iv_len + len;
}

static void sealer_init(struct sealer *sealer, uint16_t suite)
{
    memset(sealer, 0, sizeof *sealer);
    assert_true(ml_tls_suite_of(suite, &sealer->suite));
    memset(sealer->keys.mac, 0x44, sizeof sealer->keys.mac);
    memset(sealer->keys.key, 0x55, sizeof sealer->keys.key);
    if (sealer->suite.mode == ML_TLS_MODE_RC4) {
        ml_rc4_init(&sealer->rc4, ml_span_of(sealer->keys.key, sealer->suite.key_len));
    }
    sealer->version = 0x0303;
}

static struct ml_tls_opener *opener_for(const struct sealer *sealer)
{
    const struct ml_tls_opener_config config = {.suite = sealer->suite, .version = sealer->version};
    struct ml_tls_opener *opener = ml_tls_opener_new(&config, &sealer->keys);
    assert_non_null(opener);
    return opener;
}

static void records_with_a_mac_open_in_order(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x0004, 0x0005, 0x000a, 0x002f, 0x003b, 0x003c};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        static const char *const texts[] = {"GET / HTTP/1.1\r\n", "", "more"};
        struct sealer sealer;
        sealer_init(&sealer, suites[i]);
        struct ml_tls_opener *opener = opener_for(&sealer);
        for (size_t k = 0; k < 3; k++) {
            uint8_t sealed[512];
            uint8_t room[512];
            struct ml_tls_plain plain = {0};
            size_t len = seal(&sealer, 23, texts[k], sealed);
            const struct ml_tls_sealed record = {23, 0x0303, ml_span_of(sealed, len)};
            assert_true(ml_tls_opener_open(opener, &record, room, &plain));
            assert_int_equal(plain.type, 23);
            assert_int_equal(plain.bytes.len, strlen(texts[k]));
            assert_true(ml_span_equal(plain.bytes, ml_span_text(texts[k])));
        }
        assert_int_equal(ml_tls_opener_seq(opener), 3);
        ml_tls_opener_free(opener);
    }
}

struct flipped {
    struct sealer sealer;
    unsigned n_opened;
};

static void open_flipped(void *context, struct ml_span bytes)
{
    struct flipped *flipped = context;
    struct ml_tls_opener *opener = opener_for(&flipped->sealer);
    uint8_t room[512];
    struct ml_tls_plain plain = {0};
    const struct ml_tls_sealed record = {23, 0x0303, bytes};
    flipped->n_opened += ml_tls_opener_open(opener, &record, room, &plain) ? 1 : 0;
    assert_int_equal(plain.bytes.len, 0);
    assert_int_equal(ml_tls_opener_seq(opener), 0);
    ml_tls_opener_free(opener);
}

static void a_changed_or_cut_record_never_opens(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x0005, 0x000a, 0x002f, 0x003b};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        struct flipped flipped = {.n_opened = 0};
        uint8_t sealed[512];
        sealer_init(&flipped.sealer, suites[i]);
        struct sealer once = flipped.sealer;
        size_t len = seal(&once, 23, "chat", sealed);
        sweep_truncations(ml_span_of(sealed, len), open_flipped, &flipped);
        sweep_bit_flips(ml_span_of(sealed, len), open_flipped, &flipped);
        assert_int_equal(flipped.n_opened, 0);
    }
}

static void a_record_of_another_number_or_type_does_not_open(void **state)
{
    (void)state;
    struct sealer sealer;
    uint8_t sealed[512];
    uint8_t room[512];
    struct ml_tls_plain plain = {0};
    sealer_init(&sealer, 0x002f);
    struct ml_tls_opener *opener = opener_for(&sealer);
    size_t len = seal(&sealer, 23, "chat", sealed);
    const struct ml_tls_sealed other_type = {22, 0x0303, ml_span_of(sealed, len)};
    const struct ml_tls_sealed record = {23, 0x0303, ml_span_of(sealed, len)};
    assert_false(ml_tls_opener_open(opener, &other_type, room, &plain));
    ml_tls_opener_set_seq(opener, 1);
    assert_false(ml_tls_opener_open(opener, &record, room, &plain));
    ml_tls_opener_set_seq(opener, 0);
    assert_true(ml_tls_opener_open(opener, &record, room, &plain));
    ml_tls_opener_free(opener);
}

static void make_and_free(void *context)
{
    const struct sealer *sealer = context;
    const struct ml_tls_opener_config config = {.suite = sealer->suite, .version = 0x0303};
    ml_tls_opener_free(ml_tls_opener_new(&config, &sealer->keys));
}

static void an_opener_copes_with_running_out_of_memory(void **state)
{
    (void)state;
    struct sealer sealer;
    sealer_init(&sealer, 0x002f);
    assert_true(oom_sweep(make_and_free, &sealer) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_is_read_off_its_name),
        cmocka_unit_test(suites_that_cannot_be_opened_are_refused),
        cmocka_unit_test(traffic_keys_are_those_of_rfc_8448),
        cmocka_unit_test(a_later_secret_is_what_openssl_makes_it),
        cmocka_unit_test(a_key_block_is_what_openssl_makes_it),
        cmocka_unit_test(rc4_gives_the_key_streams_of_rfc_6229),
        cmocka_unit_test(records_with_a_mac_open_in_order),
        cmocka_unit_test(a_changed_or_cut_record_never_opens),
        cmocka_unit_test(a_record_of_another_number_or_type_does_not_open),
        cmocka_unit_test(an_opener_copes_with_running_out_of_memory),
    };
    return cmocka_run_group_tests_name("proto/tls_decrypt_keys", tests, NULL, NULL);
}
