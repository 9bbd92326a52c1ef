/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suites that OpenSSL's TLS does not know any more, and secrets in front of the master secret. The answers were
 * reckoned from RFC 2246, sections 5, 6.3 and 6.3.1, RFC 5246, section 8.1, and RFC 7627, section 4, by another
 * program: master secret 0x11.., client random 0x22.., server random 0x33.., IVs of records 0x77...
 */
#include "proto/tls/decrypt_record.h"

#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdlib.h>

#define TEXT "GET / HTTP/1.1\r\n"

static uint8_t master[48], client_random[32], server_random[32];

static int fill(void **state)
{
    (void)state;
    memset(master, 0x11, sizeof master);
    memset(client_random, 0x22, sizeof client_random);
    memset(server_random, 0x33, sizeof server_random);
    return 0;
}

static struct ml_tls_masters masters_of(struct ml_span secret)
{
    return (struct ml_tls_masters){secret, client_random, server_random};
}

/* clang-format off */
static const struct answer {
    uint16_t suite, version;
    bool is_client;
    const char *key, *record; /* the first record of a direction: TEXT, of type 23 */
} answers[] = {
    {0x0003, 0x0301, true, "ccb37c2a804ac3d3d70235579597c277", "90cf27ab7ad0a23e9a7a1464d9d8b1b0d640789fb08b2a4c640fbd75123c570e"},
    {0x0006, 0x0301, true, "ccb37c2a804ac3d3d70235579597c277", "619f5a87892825001a936c04a4ea5ee84c13189552e781e82fe421e126bbb7686fbe441fe408bfb5"},
    {0x0008, 0x0301, true, "d817da94eb3eb424", "5c85c155eb9658788b7009b8624e8486450b5ecb24531e1f6438128bc0677a7653e6d0bb4be41d1f"},
    {0x0061, 0x0301, true, "7d144cb097204658c131a2fc96af069e", "1a9a310808ae4339ffa5bc27ced02cb14d1354e0c0fc95e6227eeacbfa47bffebc46f4e7f6f7b0ca"},
    {0x0062, 0x0301, true, "f803baf86a716e5f", "ee0694c99140213287ff9ff844407aef316214829ea3c723577e72ed99b0d1124aea110efd04e39e"},
    {0x0064, 0x0301, true, "1f55e1c423c1bff32fb4e4a7aa715815", "bb8b91eb5d8d4951dcca231c17786c6a2dfc62259e1bf76320425ca03bf22c844b8e8bc3"},
    {0x0009, 0x0301, true, "c4896b2be00ee3e0", "882de756c88a60e6e6269aed51ab85f5b53ad78aeac978ae154afe2903129a8cbc107ae752c138a1"},
    {0x0096, 0x0301, true, "c4896b2be00ee3e0e4ceaa35a03e8736", "77af43f3e52cf7cd38e4561c997cc03d540687d4d56f16afc842cd5aa483b5d9e5ec3ff2756c93a5c89b8f323c44a71f"},
    {0x0003, 0x0303, true, "5aaf0f8a382a39d9621aeba4c710b6db", "8d56917b077f29a8fe23ed56053f5e1f61af7afc494603cfd4931e48e9da0506"},
    {0x0006, 0x0303, true, "5aaf0f8a382a39d9621aeba4c710b6db", "7777777777777777fa8e4c43cf4b91a31532f6eebc2ea6d98db9a0e27d8c5d4966d0d962bc1f3458dc4d4f665eb2db1c"},
    {0x0008, 0x0303, true, "9bb946e5658fa606", "7777777777777777d95e87b51c16bd856d4890d5562e44ba9cb3edce36b02815ce90145c9c7d856c50e501fc3187e558"},
    {0x0061, 0x0303, true, "b1ca4e4d4d5dd5022aec3c26157f71f8", "7777777777777777270c4984751e1edafcdeac6a99c48d90e60d1105f7f873ee423a82d91515431bcd95b0668b99631c"},
    {0x0062, 0x0303, true, "3c95cefeb0b78718", "77777777777777778de13b9c435254ed9aa866847ba426138759e3daa46ef85e49d7e3bbd0fb6bbb0b969cf70103a87a"},
    {0x0064, 0x0303, true, "ef40ac89edf99d513c04cb02579cbff7", "be96cf4ce8623d39bb74a9bb431aeac1ca2ff070c60597ac7670551f7350af4dc34709b8"},
    {0x0009, 0x0303, true, "a48c4d9261063504", "777777777777777799acee21b627e00abe05a510347fc8659cb3d19074162d327f2d0c0da196ddd247b5cd8ce7ffa62a"},
    {0x0096, 0x0303, true, "a48c4d9261063504d963070786308b35", "777777777777777777777777777777778b82777b18e5e91f7bdaf180b4c0e16c11c52974c88a5df78e5f88bf4f4dee50d3ccdde6539b53f1d7d73f3ed99d6d37"},
    {0x0003, 0x0301, false, "699d8dc8e7f26643a1f12da99d65288a", "e669d0cb41b392ae784a240bc9744046b2e468135838032ba54d20a5a9eb5631"},
    {0x0006, 0x0301, false, "699d8dc8e7f26643a1f12da99d65288a", "2ae188b7f31256e9d66616eeda39c57d159099865977ae8682f236606d85f6efba05fb4450a4a58a"},
    {0x0008, 0x0301, false, "59b3ccb3a9c95d48", "006274aa4fae17e2006896eae36368a718e7b70071cee55a0928e5114de07b8daf4f8f7cf793fbdc"},
    {0x0061, 0x0301, false, "371a53e4649860e8df98a5b2b7e1ed2a", "088e7dab8d1050bdec4f140db2ecaf0aa5ce53810423eaf99d3a09a124a047bd98f8db5759cff263"},
    {0x0062, 0x0301, false, "08629c8d45db17ef", "d592a942f1e6260e138277fc084802271036b8381de7ecd90272cbfadbfcae04141eb95cef5e824d"},
    {0x0064, 0x0301, false, "d7fa380d64126933ed825fd945578b5d", "9be398abe722524495bd493dd00291d04353acd900913be0c48139c2d6148c002d9772b5"},
    {0x0009, 0x0301, false, "e4ceaa35a03e8736", "bb92e29db880f569f469a77f7679ca42b529dc04bd87000667dc6bb3a44bac37c8c00635557847a0"},
    {0x0096, 0x0301, false, "2a84cf02ded8d84c80c2836f0c6327ba", "d90c687f3ac785c4a6180295952f154a9b3601e7af567120f411518980ff50f693a5e032dfa2b7ae52c04f47b7e97db2"},
    {0x0003, 0x0303, false, "2dd5fd6894fda72ddfee4d4050ccd6f5", "d3988559742e41bd61ff23efe466a90260b9d90d693921927d77013584c245a5"},
    {0x0006, 0x0303, false, "2dd5fd6894fda72ddfee4d4050ccd6f5", "7777777777777777bb82e604c5475ba4d14b9ec11c7bbb59ef44c39f866f37baba7c05ec874b21d082e5dc5c036208af"},
    {0x0008, 0x0303, false, "8058055007be0bf6", "777777777777777703fc1a4aa45b93449b3997fe6438ce4431b3997fb2065b7777a19b462fe70b214802c8e044a2a364"},
    {0x0061, 0x0303, false, "09045e9984a5f11eb12d8a41433e0d7b", "7777777777777777afd366998311d468b8ccb2f5ce29dcc4614027065533ab20581588919a613654e037880ae7a989d1"},
    {0x0062, 0x0303, false, "789c0fa9d12fcb7f", "77777777777777777ce3ea9fec4d2f6e092d71f0b5babbb0c6196d72a91f76d0254f33d6d80bc2d236ab5be4f3f0d6f8"},
    {0x0064, 0x0303, false, "e3bf2c91c1624b6d3739955f8129aacf", "04fb7a9bd5e570dbf8a1a5eb4eef1580e3da677b254ece980ab14b55e08a2e751c354e99"},
    {0x0009, 0x0303, false, "d963070786308b35", "7777777777777777ede0e70f70b273e2092d91e4ede3888d492f819add45fab1416a541504de82b9f71f1d9875d4455a"},
    {0x0096, 0x0303, false, "8e7fea4965b43172051f742ef7987413", "7777777777777777777777777777777741f09398e18516d543a93be02c44a55e64361524344cef174b2b8baf18ffaa005829420f972cdd48dd23f49662ee4bfe"},
};
/* clang-format on */

static struct ml_tls_opener *opener_of(const struct answer *answer, struct ml_tls_keys *keys)
{
    struct ml_tls_opener_config config = {.version = answer->version};
    struct ml_tls_masters masters = masters_of(ml_span_of(master, sizeof master));
    assert_true(ml_tls_suite_of(answer->suite, &config.suite));
    assert_true(ml_tls_keys_of_master(&config.suite, answer->version, &masters, answer->is_client, keys));
    return ml_tls_opener_new(&config, keys);
}

static struct ml_span record_of(const struct answer *answer, uint8_t out[256])
{
    assert_true(ml_hex_read(ml_span_text(answer->record), out));
    return ml_span_of(out, strlen(answer->record) / 2);
}

static void keys_and_records_of_old_suites_are_those_of_their_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct answer *answer = &answers[i];
        struct ml_tls_keys keys;
        struct ml_tls_plain plain = {0};
        uint8_t key[32];
        uint8_t bytes[256];
        uint8_t room[256];
        struct ml_tls_opener *opener = opener_of(answer, &keys);
        assert_non_null(opener);
        assert_true(ml_hex_read(ml_span_text(answer->key), key));
        assert_memory_equal(keys.key, key, strlen(answer->key) / 2);
        const struct ml_tls_sealed sealed = {23, answer->version, record_of(answer, bytes)};
        if (!ml_tls_opener_open(opener, &sealed, room, &plain)) {
            fail_msg("suite %04x of version %04x does not open", answer->suite, answer->version);
        }
        assert_true(ml_span_equal(plain.bytes, ml_span_text(TEXT)));
        ml_tls_opener_free(opener);
    }
}

static void open_damaged(void *context, struct ml_span bytes)
{
    const struct answer *answer = context;
    struct ml_tls_keys keys;
    struct ml_tls_plain plain = {0};
    uint8_t room[256];
    struct ml_tls_opener *opener = opener_of(answer, &keys);
    const struct ml_tls_sealed sealed = {23, answer->version, bytes};
    assert_non_null(opener);
    assert_false(ml_tls_opener_open(opener, &sealed, room, &plain));
    ml_tls_opener_free(opener);
}

static void a_changed_or_cut_record_of_an_old_suite_never_opens(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) { /* RC4, RC2 and DES of TLS 1.0: one of each kind */
        struct answer answer = answers[i];
        uint8_t bytes[256];
        struct ml_span record = record_of(&answer, bytes);
        sweep_truncations(record, open_damaged, &answer);
        sweep_bit_flips(record, open_damaged, &answer);
    }
}

static void without_the_module_of_old_ciphers_there_is_no_opener(void **state)
{
    (void)state;
    struct ml_tls_keys keys;
    assert_int_equal(setenv("OPENSSL_MODULES", "/nonexistent", 1), 0);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct ml_tls_suite suite;
        assert_true(ml_tls_suite_of(answers[i].suite, &suite));
        struct ml_tls_opener *opener = opener_of(&answers[i], &keys);
        assert_int_equal(opener == NULL, suite.is_legacy);
        ml_tls_opener_free(opener);
    }
    assert_int_equal(unsetenv("OPENSSL_MODULES"), 0);
}

static void old_suites_are_told_from_their_names(void **state)
{
    (void)state;
    static const struct {
        uint16_t number;
        unsigned key_len, material_len;
        bool is_export, is_legacy;
    } rows[] = {
        {0x0003, 16, 5, true, false},  {0x0006, 16, 5, true, true},    {0x0008, 8, 5, true, true},
        {0x0026, 8, 5, true, true},    {0x0061, 16, 7, true, true},    {0x0063, 8, 8, true, true},
        {0x0065, 16, 7, true, false},  {0x0007, 16, 16, false, true},  {0x0009, 8, 8, false, true},
        {0x009a, 16, 16, false, true}, {0x0005, 16, 16, false, false}, {0x002f, 16, 16, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ml_tls_suite suite;
        assert_true(ml_tls_suite_of(rows[i].number, &suite));
        assert_int_equal(suite.key_len, rows[i].key_len);
        assert_int_equal(suite.material_len, rows[i].material_len);
        assert_int_equal(suite.is_export, rows[i].is_export);
        assert_int_equal(suite.is_legacy, rows[i].is_legacy);
    }
}

static void assert_made(bool is_extended, uint16_t version, size_t hash_len, const char *digits)
{
    uint8_t premaster[48];
    uint8_t hash[36];
    uint8_t made[48];
    uint8_t expected[48];
    struct ml_tls_suite suite;
    for (unsigned i = 0; i < sizeof premaster; i++) {
        premaster[i] = (uint8_t)(i + 1);
    }
    memset(hash, 0x44, sizeof hash);
    assert_true(ml_tls_suite_of(0x002f, &suite));
    struct ml_tls_masters masters = masters_of(ml_span_of(premaster, sizeof premaster));
    assert_true(is_extended ? ml_tls_extended_master(&suite, version, masters.master, ml_span_of(hash, hash_len), made)
                            : ml_tls_master_of_premaster(&suite, version, &masters, made));
    assert_true(ml_hex_read(ml_span_text(digits), expected));
    assert_memory_equal(made, expected, sizeof made);
}

static void a_premaster_secret_makes_the_master_secret(void **state)
{
    (void)state;
    assert_made(false, 0x0301, 0,
                "736043b4f3f18aa69fb33fb2334abe3ebd29fe1ce4d13933b508ed12c2120d886dc14a8c6d2ecab4f3a1a342b4df8e08");
    assert_made(false, 0x0303, 0,
                "f82970f4ed6185d98789d4a179efdc4cf0b5a23a28ee635bb1f7f2bf83354ed7a72d1dc23a3a35939b9808543b6f6bb9");
    assert_made(true, 0x0301, 36,
                "18b7a81cba1d214b842bf968ed40bbba2bd3bee4f5f9f4ba0825eb900149cc9c9888edaada5a5710d8bcc6317aacbeb3");
    assert_made(true, 0x0303, 32,
                "33f3ce0f4156e7271fd87c22ee39b95a4cf478c574c40c952b16d0fa2a629f20f7c5d1e1f5dfb3a6f604aedd810677b9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_suites_are_told_from_their_names),
        cmocka_unit_test(keys_and_records_of_old_suites_are_those_of_their_specification),
        cmocka_unit_test(a_changed_or_cut_record_of_an_old_suite_never_opens),
        cmocka_unit_test(without_the_module_of_old_ciphers_there_is_no_opener),
        cmocka_unit_test(a_premaster_secret_makes_the_master_secret),
    };
    return cmocka_run_group_tests_name("proto/tls_decrypt_old", tests, fill, NULL);
}
