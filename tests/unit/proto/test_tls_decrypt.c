/* SPDX-License-Identifier: Apache-2.0 */
/* Whole connections between two ends of OpenSSL, read with their key logs. */
#include "core/mem.h"
#include "proto/tls/tls.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_reading.h"

static void read_suite(const struct tls_live_config *config)
{
    struct tls_live live;
    struct reading reading;
    open_live(&live, config, 2);
    reading_init(&reading, &live);
    read_live(&reading, &live, 0);
    if (!says(&reading, REQUEST_FACT)) {
        fail_msg("%x %s was not read:\n%s", (unsigned)config->version, config->ciphers, proto_rig_facts(&reading.rig));
    }
    assert_read(&reading);
    assert_true(says(&reading, "http.body_bytes=5 count=2"));
    close_live(&reading, &live);
}

static void every_suite_of_tls_1_2_is_read(void **state)
{
    (void)state;
    static const char *const suites[] = {
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "AES128-CCM",
        "AES256-CCM",
        "AES128-CCM8",
        "AES256-CCM8",
        "ECDHE-ARIA128-GCM-SHA256",
        "ARIA256-GCM-SHA384",
        "AES128-SHA",
        "AES256-SHA",
        "AES128-SHA256",
        "AES256-SHA256",
        "ECDHE-RSA-AES256-SHA384",
        "CAMELLIA128-SHA",
        "CAMELLIA256-SHA256",
        "NULL-MD5",
        "NULL-SHA",
        "NULL-SHA256",
        "DHE-RSA-AES128-GCM-SHA256",
    };
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        const struct tls_live_config config = {.version = TLS1_2_VERSION, .ciphers = suites[i]};
        read_suite(&config);
    }
}

static void the_older_order_of_mac_and_encryption_is_read_too(void **state)
{
    (void)state;
    static const char *const suites[] = {"AES128-SHA", "AES256-SHA256", "ECDHE-RSA-AES256-SHA384"};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        const struct tls_live_config config = {
            .version = TLS1_2_VERSION, .ciphers = suites[i], .no_encrypt_then_mac = true};
        read_suite(&config);
    }
}

static void tls_1_0_and_1_1_are_read_with_either_kind_of_iv(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};
    for (size_t i = 0; i < 2; i++) {
        for (int order = 0; order < 2; order++) {
            const struct tls_live_config config = {
                .version = versions[i], .ciphers = "AES128-SHA", .no_encrypt_then_mac = order == 1};
            read_suite(&config);
        }
    }
}

static void every_suite_of_tls_1_3_is_read(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
                                         "TLS_AES_128_CCM_8_SHA256"};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        const struct tls_live_config config = {.version = TLS1_3_VERSION, .ciphers = suites[i]};
        read_suite(&config);
    }
}

static void the_handshake_of_tls_1_3_says_what_that_of_1_2_says_in_clear(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    const struct tls_live_config config = {
        .version = TLS1_3_VERSION, .alpn = "http/1.1", .is_ecdsa = true, .asks_client_certificate = true};
    open_live(&live, &config, 0);
    reading_init(&reading, &live);
    read_live(&reading, &live, 0);
    assert_true(says(&reading, "tls.encrypted_extensions down tls.alpn=http/1.1\n"));
    assert_true(says(&reading, "tls.certificate down tls.cert.subject=CN=chat.example.com"));
    assert_true(says(&reading, "tls.client_certificate up tls.client_cert.subject=CN=person.example.com"));
    bool has_certificate = false;
    for (const struct ml_fact *fact = reading.rig.flow.facts; fact != NULL; fact = fact->next) {
        bool is_inner = fact->n_layers == 3 && fact->layers[1] == ML_LAYER_TLS;
        assert_int_equal(is_inner, fact->kind == ML_FACT_TLS_CERTIFICATE ||
                                       fact->kind == ML_FACT_TLS_CLIENT_CERTIFICATE ||
                                       fact->kind == ML_FACT_TLS_ENCRYPTED_EXTENSIONS);
        has_certificate |= fact->kind == ML_FACT_TLS_CERTIFICATE;
    }
    assert_true(has_certificate);
    close_live(&reading, &live);
}

static void facts_from_inside_are_marked_as_encrypted(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    const struct tls_live_config config = {.version = TLS1_2_VERSION};
    open_live(&live, &config, 1);
    reading_init(&reading, &live);
    read_live(&reading, &live, 0);
    unsigned n = 0;
    for (const struct ml_fact *fact = reading.rig.flow.facts; fact != NULL; fact = fact->next) {
        if (fact->kind == ML_FACT_HTTP_REQUEST || fact->kind == ML_FACT_HTTP_RESPONSE) {
            assert_true(fact->n_layers >= 2 && ml_layers_are_encrypted(fact->layers + 1, 1));
            assert_true(fact->first_seq > 1); /* the packet that completed the record */
            n++;
        }
    }
    assert_int_equal(n, 2);
    close_live(&reading, &live);
}

static void the_result_does_not_depend_on_how_segments_are_cut(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 3; i++) {
        const struct tls_live_config config = {.version = versions[i], .alpn = "http/1.1"};
        struct tls_live live;
        struct reading whole;
        struct reading pieces;
        open_live(&live, &config, 1);
        reading_init(&whole, &live);
        reading_init(&pieces, &live);
        read_live(&whole, &live, 0);
        read_live(&pieces, &live, 1);
        char *expected = ml_mem_text(proto_rig_facts(&whole.rig), strlen(proto_rig_facts(&whole.rig)));
        assert_string_equal(proto_rig_facts(&pieces.rig), expected);
        assert_read(&pieces);
        ml_mem_free(expected);
        reading_fini(&whole);
        close_live(&pieces, &live);
    }
}

static void new_keys_in_the_middle_are_followed(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    const struct tls_live_config config = {.version = TLS1_3_VERSION};
    open_live(&live, &config, 1);
    for (int i = 0; i < 3; i++) {
        tls_live_update_keys(&live, ML_UP);
        exchange(&live);
        tls_live_update_keys(&live, ML_DOWN);
        exchange(&live);
    }
    reading_init(&reading, &live);
    read_live(&reading, &live, 0);
    assert_read(&reading);
    assert_true(says(&reading, "http.body_bytes=5 count=7\n"));
    close_live(&reading, &live);
}

static void a_renegotiation_is_followed(void **state)
{
    (void)state;
    static const struct tls_live_config configs[] = {
        {.version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"},
        {.version = TLS1_2_VERSION, .ciphers = "AES128-SHA"},
        {.version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-CHACHA20-POLY1305", .asks_client_certificate = true},
        {.version = TLS1_2_VERSION, .ciphers = "NULL-SHA", .no_ticket = true},
        {.version = TLS1_VERSION, .ciphers = "AES256-SHA"},
        {.version = TLS1_1_VERSION, .ciphers = "AES128-SHA", .no_encrypt_then_mac = true},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct tls_live live;
        struct reading reading;
        open_live(&live, &configs[i], 1);
        for (int n = 0; n < 2; n++) {
            tls_live_renegotiate(&live);
            exchange(&live);
        }
        reading_init(&reading, &live);
        read_live(&reading, &live, 0);
        assert_read(&reading);
        assert_true(says(&reading, "http.body_bytes=5 count=3\n"));
        close_live(&reading, &live);
    }
}

/* A first connection that leaves a ticket, and a second that uses it. */
static void resume(const struct tls_live_config *config, struct tls_live *first, struct tls_live *second)
{
    open_live(first, config, 1);
    assert_non_null(first->session);
    struct tls_live_config again = *config;
    again.resume = first->session;
    again.server = first->server_ctx;
    tls_live_init(second, &again);
}

static void a_resumed_connection_is_read(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        struct tls_live first;
        struct tls_live second;
        struct reading reading;
        const struct tls_live_config config = {.version = versions[i]};
        resume(&config, &first, &second);
        tls_live_handshake(&second);
        exchange(&second);
        reading_init(&reading, &second);
        read_live(&reading, &second, 0);
        assert_read(&reading);
        assert_true(says(&reading, "tls.resumed=true"));
        close_live(&reading, &second);
        tls_live_fini(&first);
    }
}

static void early_data_is_read_before_the_server_answers(void **state)
{
    (void)state;
    struct tls_live first;
    struct tls_live second;
    struct reading reading;
    const struct tls_live_config config = {.version = TLS1_3_VERSION, .has_early_data = true};
    resume(&config, &first, &second);
    tls_live_send_early(&second, ml_span_text(TLS_READING_REQUEST));
    tls_live_handshake(&second);
    tls_live_send(&second, ML_DOWN, ml_span_text(TLS_READING_RESPONSE));
    exchange(&second);
    reading_init(&reading, &second);
    read_live(&reading, &second, 0);
    assert_read(&reading);
    assert_true(says(&reading, "http.body_bytes=5 count=2\n"));
    const struct ml_secrets_count count = ml_secrets_count(reading.secrets, reading.source);
    assert_int_equal(count.secrets, 5);
    assert_int_equal(count.used, 5);
    close_live(&reading, &second);
    tls_live_fini(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_of_tls_1_2_is_read),
        cmocka_unit_test(the_older_order_of_mac_and_encryption_is_read_too),
        cmocka_unit_test(tls_1_0_and_1_1_are_read_with_either_kind_of_iv),
        cmocka_unit_test(every_suite_of_tls_1_3_is_read),
        cmocka_unit_test(the_handshake_of_tls_1_3_says_what_that_of_1_2_says_in_clear),
        cmocka_unit_test(facts_from_inside_are_marked_as_encrypted),
        cmocka_unit_test(the_result_does_not_depend_on_how_segments_are_cut),
        cmocka_unit_test(new_keys_in_the_middle_are_followed),
        cmocka_unit_test(a_renegotiation_is_followed),
        cmocka_unit_test(a_resumed_connection_is_read),
        cmocka_unit_test(early_data_is_read_before_the_server_answers),
    };
    return cmocka_run_group_tests_name("proto/tls_decrypt", tests, NULL, NULL);
}
