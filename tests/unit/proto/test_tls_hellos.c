/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "core/mem.h"
#include "proto/tls/hellos.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"

#include <stdio.h>

static void assert_prints(struct ml_proto_env *env, const struct tb_client_hello *parts, char transport)
{
    struct ml_buf buf = tb_buf();
    struct ml_tls_prints prints;
    char ja3[ML_MD5_HEX];
    char ja4[ML_TLS_JA4_TEXT];
    struct ml_tls_client_hello hello = tb_client_hello_read(&buf, parts);
    assert_true(ml_tls_ja3(&hello, ja3));
    assert_true(ml_tls_ja4(&hello, transport, ja4));
    ml_tls_prints_of(env, &hello, transport, &prints);
    assert_string_equal(prints.ja3, ja3);
    assert_string_equal(prints.ja4, ja4);
    ml_buf_fini(&buf);
}

static void what_was_seen_before_does_not_change_an_answer(void **state)
{
    (void)state;
    /* Each differs from the first in one thing that a fingerprint tells. */
    static const struct tb_client_hello hellos[] = {
        {.groups = "001d", .versions = "0304", .alpn = "h2", .more = "000b 0002 0100 000d 0004 0002 0403"},
        {.version = 0x0302,
         .groups = "001d",
         .versions = "0304",
         .alpn = "h2",
         .more = "000b00020100 000d000400020403"},
        {.ciphers = "1301",
         .groups = "001d",
         .versions = "0304",
         .alpn = "h2",
         .more = "000b00020100 000d000400020403"},
        {.groups = "0017", .versions = "0304", .alpn = "h2", .more = "000b 0002 0100 000d 0004 0002 0403"},
        {.groups = "001d", .versions = "0303", .alpn = "h2", .more = "000b 0002 0100 000d 0004 0002 0403"},
        {.groups = "001d", .versions = "0304", .alpn = "h3", .more = "000b 0002 0100 000d 0004 0002 0403"},
        {.groups = "001d", .versions = "0304", .alpn = "h2", .more = "000b 0002 0101 000d 0004 0002 0403"},
        {.groups = "001d", .versions = "0304", .alpn = "h2", .more = "000b 0002 0100 000d 0004 0002 0503"},
        {.groups = "001d", .versions = "0304", .alpn = "h2", .more = "000d 0004 0002 0403 000b 0002 0100"},
        {.groups = "001d", .versions = "0304", .alpn = "h2", .more = "000b 0002 0100 000d 0004 0002 0403 0017 0000"},
        {.groups = "001d", .versions = "0304", .host = "example.com", .more = "000b00020100 000d000400020403"},
    };
    struct ml_counters counters = {0};
    struct ml_proto_env env = {.counters = &counters};
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < sizeof hellos / sizeof hellos[0]; i++) {
            assert_prints(&env, &hellos[i], 't');
            assert_prints(&env, &hellos[i], 'q');
        }
    }
    ml_proto_env_fini(&env);
}

static void a_hello_is_known_again_whatever_its_grease(void **state)
{
    (void)state;
    static const struct tb_client_hello hellos[] = {
        {.ciphers = "0a0a 1301", .groups = "1a1a 001d", .versions = "2a2a 0304", .more = "3a3a 0000 000b 0002 0100"},
        {.ciphers = "1301 fafa", .groups = "001d", .versions = "dada 0304", .more = "000b 0002 0100 4a4a 0000"},
    };
    struct ml_counters counters = {0};
    struct ml_proto_env env = {.counters = &counters};
    struct ml_buf buf = tb_buf();
    struct ml_tls_prints prints;
    assert_prints(&env, &hellos[0], 't');
    struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &hellos[1]);
    ml_mem_fail_at(1); /* fingerprints need memory, but for those that are remembered */
    ml_tls_prints_of(&env, &hello, 't', &prints);
    ml_mem_fail_at(0);
    assert_int_not_equal(prints.ja3[0], '\0');
    assert_int_not_equal(prints.ja4[0], '\0');
    ml_buf_fini(&buf);
    ml_proto_env_fini(&env);
}

static void more_hellos_than_places_are_all_told_apart(void **state)
{
    (void)state;
    struct ml_counters counters = {0};
    struct ml_proto_env env = {.counters = &counters};
    for (unsigned i = 0; i < 2 * ML_TLS_HELLO_PLACES; i++) {
        char ciphers[5];
        (void)snprintf(ciphers, sizeof ciphers, "%04x", 0xc000 + i);
        assert_prints(&env, &(struct tb_client_hello){.ciphers = ciphers}, 't');
    }
    ml_proto_env_fini(&env);
}

static void a_hello_too_long_to_remember_has_its_fingerprints(void **state)
{
    (void)state;
    struct ml_counters counters = {0};
    struct ml_proto_env env = {.counters = &counters};
    char ciphers[2 * ML_TLS_HELLO_BYTES + 5];
    for (size_t i = 0; i < ML_TLS_HELLO_BYTES / 2 + 1; i++) {
        (void)snprintf(ciphers + 4 * i, 5, "%04zx", 0xc000 + i);
    }
    for (unsigned pass = 0; pass < 2; pass++) {
        assert_prints(&env, &(struct tb_client_hello){.ciphers = ciphers}, 't');
    }
    ml_proto_env_fini(&env);
}

static void a_cut_hello_has_no_fingerprints_though_a_whole_one_had(void **state)
{
    (void)state;
    struct ml_counters counters = {0};
    struct ml_proto_env env = {.counters = &counters};
    struct ml_buf buf = tb_buf();
    struct ml_tls_prints prints;
    struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &(struct tb_client_hello){.alpn = "h2"});
    ml_tls_prints_of(&env, &hello, 't', &prints);
    assert_string_not_equal(prints.ja3, "");
    hello.is_cut = true;
    ml_tls_prints_of(&env, &hello, 't', &prints);
    assert_string_equal(prints.ja3, "");
    assert_string_equal(prints.ja4, "");
    ml_buf_fini(&buf);
    ml_proto_env_fini(&env);
}

static void take_under_pressure(void *context)
{
    struct ml_counters counters = {0};
    struct ml_proto_env env = {.counters = &counters};
    struct ml_tls_prints prints;
    for (unsigned pass = 0; pass < 3; pass++) { /* whatever failed, each answer is right or there is none */
        ml_tls_prints_of(&env, context, 't', &prints);
        assert_true(prints.ja3[0] == '\0' || strlen(prints.ja3) == ML_MD5_HEX - 1);
        assert_true(prints.ja4[0] == '\0' || strlen(prints.ja4) == ML_TLS_JA4_TEXT - 1);
    }
    assert_int_not_equal(prints.ja3[0], '\0'); /* memory is there again, and nothing stands in the way */
    assert_int_not_equal(prints.ja4[0], '\0');
    ml_proto_env_fini(&env);
}

static void without_memory_nothing_false_is_remembered(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &(struct tb_client_hello){.alpn = "h2"});
    assert_true(oom_sweep(take_under_pressure, &hello) > 2);
    ml_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_seen_before_does_not_change_an_answer),
        cmocka_unit_test(a_hello_is_known_again_whatever_its_grease),
        cmocka_unit_test(more_hellos_than_places_are_all_told_apart),
        cmocka_unit_test(a_hello_too_long_to_remember_has_its_fingerprints),
        cmocka_unit_test(a_cut_hello_has_no_fingerprints_though_a_whole_one_had),
        cmocka_unit_test(without_memory_nothing_false_is_remembered),
    };
    return cmocka_run_group_tests_name("proto/tls_hellos", tests, NULL, NULL);
}
