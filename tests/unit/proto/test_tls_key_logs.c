/* SPDX-License-Identifier: Apache-2.0 */
/* Connections between two ends of OpenSSL, read with each kind of line a key log may have. */
#include "core/mem.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_reading.h"

#include <stdio.h>

enum { MAX_LINE = 1024 };

/* Leaves a key log that says the same in another way. */
static void replace_log(struct tls_live *live, const char *line)
{
    ml_buf_clear(&live->keylog);
    assert_true(ml_buf_add_text(&live->keylog, line));
}

/* What `openssl s_client` prints of a session, on one line. */
static void log_session(struct tls_live *live)
{
    char line[MAX_LINE];
    char id_text[2 * 32 + 1];
    char master_text[2 * 48 + 1];
    uint8_t master[48];
    unsigned id_len = 0;
    const SSL_SESSION *session = SSL_get_session(live->client);
    const uint8_t *id = SSL_SESSION_get_id(session, &id_len);
    assert_true(id_len != 0 && id_len <= 32);
    assert_int_equal(SSL_SESSION_get_master_key(session, master, sizeof master), sizeof master);
    ml_hex_write(ml_span_of(id, id_len), id_text);
    ml_hex_write(ml_span_of(master, sizeof master), master_text);
    (void)snprintf(line, sizeof line, "RSA Session-ID:%s Master-Key:%s\n", id_text, master_text);
    replace_log(live, line);
}

/* Keeps only the line with this label; gives its words. */
static void keep_label(struct tls_live *live, const char *label, char words[2][256])
{
    char line[MAX_LINE];
    char *text = ml_buf_take_text(&live->keylog);
    assert_non_null(text);
    const char *at = strstr(text, label);
    assert_non_null(at);
    assert_int_equal(sscanf(at + strlen(label), " %255s %255s", words[0], words[1]), 2);
    (void)snprintf(line, sizeof line, "%s %s %s\n", label, words[0], words[1]);
    ml_mem_free(text);
    replace_log(live, line);
}

static void read_all(struct tls_live *live, const char *what)
{
    struct reading reading;
    reading_init(&reading, live);
    read_live(&reading, live, 0);
    if (!says(&reading, REQUEST_FACT)) {
        fail_msg("%s: %x %s was not read", what, (unsigned)live->config.version, live->config.ciphers);
    }
    assert_read(&reading);
    assert_int_equal(ml_secrets_count(reading.secrets, reading.source).used, 1);
    reading_fini(&reading);
}

static void a_session_id_names_the_master_secret(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};
    for (size_t i = 0; i < 3; i++) {
        struct tls_live live;
        const struct tls_live_config config = {.version = versions[i], .ciphers = "AES128-SHA", .no_ticket = true};
        open_live(&live, &config, 1);
        log_session(&live);
        read_all(&live, "session id");
        tls_live_fini(&live);
    }
}

static void a_session_that_is_resumed_by_its_id_or_ticket_is_read_with_the_line_of_the_first(void **state)
{
    (void)state;
    for (int no_ticket = 0; no_ticket < 2; no_ticket++) {
        struct tls_live first;
        struct tls_live second;
        struct tls_live_config config = {
            .version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .no_ticket = no_ticket == 1};
        open_live(&first, &config, 1);
        log_session(&first);
        config.resume = SSL_get_session(first.client);
        config.server = first.server_ctx;
        open_live(&second, &config, 1);
        assert_true(SSL_session_reused(second.client));
        ml_buf_clear(&second.keylog);
        assert_true(ml_buf_add_span(&second.keylog, ml_buf_span(&first.keylog)));
        read_all(&second, "resumed");
        tls_live_fini(&second);
        tls_live_fini(&first);
    }
}

static void a_premaster_secret_is_named_by_its_encrypted_form_or_by_the_client_random(void **state)
{
    (void)state;
    static const struct tls_live_config configs[] = {
        {.version = TLS1_VERSION, .ciphers = "AES128-SHA"},
        {.version = TLS1_VERSION, .ciphers = "AES128-SHA", .no_extended_master = true},
        {.version = TLS1_1_VERSION, .ciphers = "AES256-SHA"},
        {.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"},
        {.version = TLS1_2_VERSION, .ciphers = "AES256-GCM-SHA384"},
        {.version = TLS1_2_VERSION, .ciphers = "AES256-GCM-SHA384", .no_extended_master = true},
        {.version = TLS1_2_VERSION, .ciphers = "AES128-SHA", .asks_client_certificate = true},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct tls_live live;
        char words[2][256];
        char random[2][256];
        char line[MAX_LINE];
        open_live(&live, &configs[i], 1);
        struct ml_buf whole;
        ml_buf_init(&whole, 64 * 1024);
        assert_true(ml_buf_add_span(&whole, ml_buf_span(&live.keylog)));
        keep_label(&live, "RSA", words);
        read_all(&live, "RSA");
        ml_buf_clear(&live.keylog);
        assert_true(ml_buf_add_span(&live.keylog, ml_buf_span(&whole)));
        keep_label(&live, "CLIENT_RANDOM", random);
        (void)snprintf(line, sizeof line, "PMS_CLIENT_RANDOM %s %s\n", random[0], words[1]);
        replace_log(&live, line);
        read_all(&live, "PMS_CLIENT_RANDOM");
        ml_buf_fini(&whole);
        tls_live_fini(&live);
    }
}

static void datagrams_are_read_with_premaster_secrets_and_session_ids(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct tls_live live;
        struct reading reading;
        char words[2][256];
        const struct tls_live_config config = {.version = DTLS1_2_VERSION,
                                               .ciphers = "AES128-GCM-SHA256",
                                               .no_ticket = true,
                                               .no_extended_master = kind == 1};
        open_live(&live, &config, 1);
        if (kind == 2) {
            log_session(&live);
        } else {
            keep_label(&live, "RSA", words);
        }
        reading_init_datagrams(&reading, ml_buf_span(&live.keylog));
        read_live(&reading, &live, 0);
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 1);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 0);
        assert_int_equal(ml_secrets_count(reading.secrets, reading.source).used, 1);
        close_live(&reading, &live);
    }
}

static void an_extended_master_secret_needs_the_whole_handshake(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    char words[2][256];
    const struct tls_live_config config = {.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"};
    open_live(&live, &config, 1);
    keep_label(&live, "RSA", words);
    reading_init(&reading, &live);
    for (size_t i = 0; i < live.n_flights; i++) {
        struct ml_span bytes = tls_live_bytes(&live, &live.flights[i]);
        if (i == 1) { /* the server's hello arrives, half of what follows is missing */
            proto_rig_feed(&reading.rig, ML_DOWN, ml_span_cut(bytes, 0, bytes.len / 2));
            proto_rig_gap(&reading.rig, ML_DOWN, bytes.len - bytes.len / 2);
        } else {
            proto_rig_feed(&reading.rig, live.flights[i].dir, bytes);
        }
    }
    proto_rig_end(&reading.rig);
    assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 0);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_NO_SECRET), 1);
    close_live(&reading, &live);
}

static void a_wrong_premaster_secret_opens_nothing(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    char words[2][256];
    char line[MAX_LINE];
    const struct tls_live_config config = {.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"};
    open_live(&live, &config, 1);
    keep_label(&live, "RSA", words);
    words[1][95] = words[1][95] == '0' ? '1' : '0';
    (void)snprintf(line, sizeof line, "RSA %s %s\n", words[0], words[1]);
    replace_log(&live, line);
    reading_init(&reading, &live);
    read_live(&reading, &live, 0);
    assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 0);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 1);
    assert_int_equal(ml_secrets_count(reading.secrets, reading.source).used, 0);
    close_live(&reading, &live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_id_names_the_master_secret),
        cmocka_unit_test(a_session_that_is_resumed_by_its_id_or_ticket_is_read_with_the_line_of_the_first),
        cmocka_unit_test(a_premaster_secret_is_named_by_its_encrypted_form_or_by_the_client_random),
        cmocka_unit_test(datagrams_are_read_with_premaster_secrets_and_session_ids),
        cmocka_unit_test(an_extended_master_secret_needs_the_whole_handshake),
        cmocka_unit_test(a_wrong_premaster_secret_opens_nothing),
    };
    return cmocka_run_group_tests_name("proto/tls_key_logs", tests, NULL, NULL);
}
