/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/tls/tls.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/tls_build.h"

#include <stdio.h>

/* Facts of a ClientHello that offers one application protocol. */
static char *facts_of(const char *host, const char *alpn)
{
    const struct tb_client_hello hello = {.host = host, .alpn = alpn};
    struct proto_rig rig;
    struct ml_buf body = tb_buf();
    struct ml_buf out = tb_buf();
    tb_client_hello(&body, &hello);
    tb_handshake(&out, 1, ml_buf_span(&body));
    proto_rig_init(&rig, ML_IP_TCP, 5223);
    proto_rig_parser(&rig, &ml_parser_tls);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&out));
    proto_rig_end(&rig);
    const char *facts = proto_rig_facts(&rig);
    char *copy = ml_mem_text(facts, strlen(facts));
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
    ml_buf_fini(&out);
    assert_non_null(copy);
    return copy;
}

static void assert_push(const char *alpn, bool is_push)
{
    char expected[64];
    char *facts = facts_of("courier.push.apple.com", alpn);
    (void)snprintf(expected, sizeof expected, "apns up tls.alpn=%s\n", alpn);
    assert_int_equal(strstr(facts, expected) != NULL, is_push);
    assert_int_equal(strstr(facts, "apns up") != NULL, is_push);
    assert_non_null(strstr(facts, "tls.client_hello up"));
    ml_mem_free(facts);
}

static void the_protocols_of_the_push_service_tell_it(void **state)
{
    (void)state;
    assert_push("apns-security-v1", true);
    assert_push("apns-security-v2", true);
    assert_push("apns-security-v3", true);
    assert_push("apns-security-v12", true);
    assert_push("apns-pack-v1", true);
}

static void other_protocols_do_not(void **state)
{
    (void)state;
    assert_push("h2", false);
    assert_push("apns-security-v", false);
    assert_push("apns-security-vx", false);
    assert_push("apns-security-v123", false);
    assert_push("apns-security-w3", false);
    assert_push("apns-pack", false);
    assert_push("x-apns-pack-v1", false);
}

static void a_hello_that_asks_somebody_else_is_not_of_the_push_service(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool is_push;
    } cases[] = {
        {"courier.push.apple.com", true}, {NULL, true},          {"www.example.com", false},
        {"courier.pushapple.com", false}, {".apple.com", false}, {"courier.push.apple.com.example.net", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *facts = facts_of(cases[i].host, "apns-security-v3");
        assert_int_equal(strstr(facts, "apns up") != NULL, cases[i].is_push);
        ml_mem_free(facts);
    }
}

static void the_fact_names_the_bytes_of_the_hello(void **state)
{
    (void)state;
    const struct tb_client_hello hello = {.host = "1-courier.push.apple.com", .alpn = "apns-pack-v1"};
    struct proto_rig rig;
    struct ml_buf body = tb_buf();
    struct ml_buf out = tb_buf();
    tb_client_hello(&body, &hello);
    tb_handshake(&out, 1, ml_buf_span(&body));
    proto_rig_init(&rig, ML_IP_TCP, 443);
    proto_rig_parser(&rig, &ml_parser_tls);
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&out), 40);
    const struct ml_fact *tls = proto_rig_fact(&rig, 0);
    const struct ml_fact *push = proto_rig_fact(&rig, 1);
    assert_int_equal(push->kind, ML_FACT_APNS);
    assert_int_equal(push->first_seq, tls->first_seq);
    assert_int_equal(push->last_seq, tls->last_seq);
    assert_int_equal(push->range_from, tls->range_from);
    assert_int_equal(push->range_len, tls->range_len);
    assert_int_equal(push->n_attrs, 1);
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
    ml_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_protocols_of_the_push_service_tell_it),
        cmocka_unit_test(other_protocols_do_not),
        cmocka_unit_test(a_hello_that_asks_somebody_else_is_not_of_the_push_service),
        cmocka_unit_test(the_fact_names_the_bytes_of_the_hello),
    };
    return cmocka_run_group_tests_name("proto/apns", tests, NULL, NULL);
}
