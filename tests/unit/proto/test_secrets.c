/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/secrets/secrets.h"

#include "core/limits.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

#define RANDOM_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RANDOM_B "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define BYTES_16 "11223344556677889900aabbccddeeff"
#define BYTES_32 BYTES_16 BYTES_16
#define BYTES_48 BYTES_32 BYTES_16
#define BYTES_64 BYTES_32 BYTES_32

static const char all_labels[] = "# a comment\n"
                                 "\n"
                                 "CLIENT_RANDOM " RANDOM_A " " BYTES_48 "\n"
                                 "CLIENT_EARLY_TRAFFIC_SECRET " RANDOM_B " " BYTES_32 "\r\n"
                                 "CLIENT_HANDSHAKE_TRAFFIC_SECRET " RANDOM_B " " BYTES_48 "\n"
                                 "SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM_B " " BYTES_64 "\n"
                                 "EXPORTER_SECRET " RANDOM_B " " BYTES_32 "\n"
                                 "CLIENT_TRAFFIC_SECRET_0 " RANDOM_B " " BYTES_32 "\n"
                                 "SERVER_TRAFFIC_SECRET_0 " RANDOM_B " " BYTES_32;

static struct ml_secrets *read_text(const char *text, uint32_t *source)
{
    struct ml_secrets *secrets = ml_secrets_new();
    assert_non_null(secrets);
    assert_int_equal(ml_secrets_source(secrets, source), ML_OK);
    assert_int_equal(ml_secrets_add(secrets, *source, ml_span_text(text)), ML_OK);
    return secrets;
}

struct bytes {
    uint8_t ptr[ML_SECRET_MAX_BYTES];
    size_t len;
};

static struct bytes from_hex(const char *digits)
{
    struct bytes bytes = {.len = strlen(digits) / 2};
    assert_true(bytes.len <= sizeof bytes.ptr && ml_hex_read(ml_span_text(digits), bytes.ptr));
    return bytes;
}

static void assert_secret(const struct ml_secrets *secrets, enum ml_secret_label label, const char *random,
                          const char *bytes)
{
    struct bytes key = from_hex(random);
    struct bytes expected = from_hex(bytes);
    struct ml_span found = ml_secrets_find(secrets, label, key.ptr);
    assert_int_equal(found.len, expected.len);
    assert_true(ml_span_equal(found, ml_span_of(expected.ptr, expected.len)));
}

static void secrets_of_all_labels_are_found_by_client_random(void **state)
{
    (void)state;
    uint32_t source = 0;
    struct ml_secrets *secrets = read_text(all_labels, &source);
    assert_secret(secrets, ML_SECRET_MASTER, RANDOM_A, BYTES_48);
    assert_secret(secrets, ML_SECRET_CLIENT_EARLY, RANDOM_B, BYTES_32);
    assert_secret(secrets, ML_SECRET_CLIENT_HANDSHAKE, RANDOM_B, BYTES_48);
    assert_secret(secrets, ML_SECRET_SERVER_HANDSHAKE, RANDOM_B, BYTES_64);
    assert_secret(secrets, ML_SECRET_CLIENT_TRAFFIC, RANDOM_B, BYTES_32);
    assert_secret(secrets, ML_SECRET_SERVER_TRAFFIC, RANDOM_B, BYTES_32);
    assert_secret(secrets, ML_SECRET_MASTER, RANDOM_B, "");
    struct ml_secrets_count count = ml_secrets_count(secrets, source);
    assert_int_equal(count.secrets, 6);
    assert_int_equal(count.ignored, 1);
    assert_int_equal(count.refused, 0);
    assert_int_equal(count.used, 0);
    ml_secrets_free(secrets);
}

static void a_session_id_or_a_premaster_secret_has_lines_of_its_own(void **state)
{
    (void)state;
    static const char text[] = "RSA Session-ID:0102 Master-Key:" BYTES_48 "\n"
                               "RSA Session-ID:" RANDOM_B " Master-Key:" BYTES_48 "\n"
                               "RSA 0102030405060708 " BYTES_48 "\n"
                               "PMS_CLIENT_RANDOM " RANDOM_B " " BYTES_64 BYTES_64 "\n";
    uint32_t source = 0;
    struct ml_secrets *secrets = read_text(text, &source);
    uint8_t short_id[ML_SECRET_RANDOM] = {1, 2};
    uint8_t rsa_id[ML_SECRET_RANDOM] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct bytes b = from_hex(RANDOM_B);
    assert_int_equal(ml_secrets_find(secrets, ML_SECRET_SESSION_MASTER, short_id).len, 48);
    assert_secret(secrets, ML_SECRET_SESSION_MASTER, RANDOM_B, BYTES_48);
    assert_int_equal(ml_secrets_find(secrets, ML_SECRET_RSA_PREMASTER, rsa_id).len, 48);
    assert_int_equal(ml_secrets_find(secrets, ML_SECRET_PREMASTER, b.ptr).len, 128);
    assert_int_equal(ml_secrets_find(secrets, ML_SECRET_MASTER, b.ptr).len, 0);
    assert_true(ml_secrets_has_label(secrets, ML_SECRET_RSA_PREMASTER));
    assert_false(ml_secrets_has_label(secrets, ML_SECRET_MASTER));
    assert_false(ml_secrets_has_label(NULL, ML_SECRET_RSA_PREMASTER));
    assert_int_equal(ml_secrets_count(secrets, source).secrets, 4);
    assert_int_equal(ml_secrets_count(secrets, source).refused, 0);
    ml_secrets_free(secrets);
}

static void a_connection_without_secrets_is_not_known(void **state)
{
    (void)state;
    uint32_t source = 0;
    struct ml_secrets *secrets = read_text("CLIENT_RANDOM " RANDOM_A " " BYTES_48, &source);
    struct bytes known = from_hex(RANDOM_A);
    struct bytes other = from_hex(RANDOM_B);
    assert_true(ml_secrets_knows(secrets, known.ptr));
    assert_false(ml_secrets_knows(secrets, other.ptr));
    assert_false(ml_secrets_knows(NULL, known.ptr));
    assert_int_equal(ml_secrets_find(NULL, ML_SECRET_MASTER, known.ptr).len, 0);
    ml_secrets_free(secrets);
}

static void lines_that_are_no_key_log_are_refused_and_counted(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "CLIENT_RANDOM",
        "CLIENT_RANDOM " RANDOM_A,
        "CLIENT_RANDOM " RANDOM_A " ",
        "CLIENT_RANDOM " RANDOM_A " " BYTES_32,
        "CLIENT_RANDOM " RANDOM_A " " BYTES_64,
        "CLIENT_RANDOM " RANDOM_A " " BYTES_48 "0",
        "CLIENT_RANDOM " RANDOM_A " " BYTES_48 " more",
        "CLIENT_RANDOM " RANDOM_A "00 " BYTES_48,
        "CLIENT_RANDOM zz" RANDOM_A " " BYTES_48,
        "CLIENT_TRAFFIC_SECRET_0 " RANDOM_A " " BYTES_16,
        "CLIENT_TRAFFIC_SECRET_1 " RANDOM_A " " BYTES_32,
        "client_random " RANDOM_A " " BYTES_48,
        "RSA",
        "RSA Session-ID: Master-Key:" BYTES_48,
        "RSA Session-ID:01 Master-Key:" BYTES_32,
        "RSA Session-ID:01 " BYTES_48,
        "RSA Session-ID:1 Master-Key:" BYTES_48,
        "RSA Session-ID:" RANDOM_A "00 Master-Key:" BYTES_48,
        "RSA 01020304050607 " BYTES_48,
        "RSA 0102030405060708 " BYTES_32,
        "RSA 0102030405060708 Master-Key:" BYTES_48,
        "PMS_CLIENT_RANDOM " RANDOM_A,
        "CLIENT_RANDOM Session-ID:" RANDOM_A " Master-Key:" BYTES_48,
        "GET / HTTP/1.1",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        uint32_t source = 0;
        struct ml_secrets *secrets = read_text(lines[i], &source);
        struct ml_secrets_count count = ml_secrets_count(secrets, source);
        assert_int_equal(count.refused, 1);
        assert_int_equal(count.secrets, 0);
        ml_secrets_free(secrets);
    }
}

static void of_two_secrets_the_first_stays_and_a_repetition_is_no_fault(void **state)
{
    (void)state;
    uint32_t source = 0;
    struct ml_secrets *secrets = read_text("CLIENT_TRAFFIC_SECRET_0 " RANDOM_A " " BYTES_32 "\n"
                                           "CLIENT_TRAFFIC_SECRET_0 " RANDOM_A " " BYTES_32 "\n"
                                           "CLIENT_TRAFFIC_SECRET_0 " RANDOM_A " " RANDOM_A "\n",
                                           &source);
    struct ml_secrets_count count = ml_secrets_count(secrets, source);
    assert_int_equal(count.secrets, 1);
    assert_int_equal(count.refused, 1);
    assert_secret(secrets, ML_SECRET_CLIENT_TRAFFIC, RANDOM_A, BYTES_32);
    ml_secrets_free(secrets);
}

static void use_is_counted_once_and_for_its_source(void **state)
{
    (void)state;
    uint32_t file = 0;
    uint32_t capture = 0;
    struct ml_secrets *secrets = read_text("CLIENT_RANDOM " RANDOM_A " " BYTES_48, &file);
    assert_int_equal(ml_secrets_source(secrets, &capture), ML_OK);
    assert_int_equal(ml_secrets_add(secrets, capture, ml_span_text(all_labels)), ML_OK);
    struct bytes a = from_hex(RANDOM_A);
    struct bytes b = from_hex(RANDOM_B);
    ml_secrets_use(secrets, ML_SECRET_MASTER, a.ptr);
    ml_secrets_use(secrets, ML_SECRET_MASTER, a.ptr);
    ml_secrets_use(secrets, ML_SECRET_CLIENT_EARLY, b.ptr);
    ml_secrets_use(secrets, ML_SECRET_CLIENT_TRAFFIC, b.ptr);
    assert_int_equal(ml_secrets_count(secrets, file).used, 1);
    assert_int_equal(ml_secrets_count(secrets, capture).used, 2);
    assert_int_equal(ml_secrets_count(secrets, capture).secrets, 5); /* the sixth came with the file */
    ml_secrets_free(secrets);
}

static void a_set_holds_no_more_connections_than_its_ceiling(void **state)
{
    (void)state;
    uint32_t source = 0;
    char line[256];
    struct ml_secrets *secrets = read_text("", &source);
    enum ml_status status = ML_OK;
    unsigned n = 0;
    while (status == ML_OK && n <= ML_MAX_SECRETS) {
        (void)snprintf(line, sizeof line, "CLIENT_RANDOM %08x%s %s\n", n, RANDOM_A + 8, BYTES_48);
        status = ml_secrets_add(secrets, source, ml_span_text(line));
        n += status == ML_OK ? 1 : 0;
    }
    assert_int_equal(status, ML_LIMIT);
    assert_int_equal(n, ML_MAX_SECRETS);
    /* What is known can still be added to. */
    (void)snprintf(line, sizeof line, "CLIENT_TRAFFIC_SECRET_0 %08x%s %s\n", 7, RANDOM_A + 8, BYTES_32);
    assert_int_equal(ml_secrets_add(secrets, source, ml_span_text(line)), ML_OK);
    assert_int_equal(ml_secrets_count(secrets, source).secrets, ML_MAX_SECRETS + 1);
    ml_secrets_free(secrets);
}

static void run_text(void *context, struct ml_span bytes)
{
    uint32_t source = 0;
    struct ml_secrets *secrets = ml_secrets_new();
    assert_non_null(secrets);
    assert_int_equal(ml_secrets_source(secrets, &source), ML_OK);
    assert_int_equal(ml_secrets_add(secrets, source, bytes), ML_OK);
    struct ml_secrets_count count = ml_secrets_count(secrets, source);
    assert_true(count.secrets + count.ignored + count.refused <= *(const uint64_t *)context);
    ml_secrets_free(secrets);
}

static void cut_and_changed_texts_never_yield_more_lines(void **state)
{
    (void)state;
    uint64_t most = 7;
    sweep_truncations(ml_span_text(all_labels), run_text, &most);
    most = 8; /* a flipped bit may make a line end */
    sweep_bit_flips(ml_span_text(all_labels), run_text, &most);
}

static void run_out_of_memory(void *context)
{
    (void)context;
    uint32_t source = 0;
    struct ml_secrets *secrets = ml_secrets_new();
    if (secrets != NULL && ml_secrets_source(secrets, &source) == ML_OK) {
        enum ml_status status = ml_secrets_add(secrets, source, ml_span_text(all_labels));
        assert_true(status == ML_OK || status == ML_NO_MEMORY);
    }
    ml_secrets_free(secrets);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    assert_true(oom_sweep(run_out_of_memory, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_of_all_labels_are_found_by_client_random),
        cmocka_unit_test(a_session_id_or_a_premaster_secret_has_lines_of_its_own),
        cmocka_unit_test(a_connection_without_secrets_is_not_known),
        cmocka_unit_test(lines_that_are_no_key_log_are_refused_and_counted),
        cmocka_unit_test(of_two_secrets_the_first_stays_and_a_repetition_is_no_fault),
        cmocka_unit_test(use_is_counted_once_and_for_its_source),
        cmocka_unit_test(a_set_holds_no_more_connections_than_its_ceiling),
        cmocka_unit_test(cut_and_changed_texts_never_yield_more_lines),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("proto/secrets", tests, NULL, NULL);
}
