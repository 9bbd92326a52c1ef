/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/flow.h"
#include "support/cm.h"

struct known {
    uint8_t ip_proto;
    const char *client, *server;
    uint16_t client_port, server_port; /* ICMP: type and code */
    const char *id;
};

/*
 * The first two are vectors of the specification (baseline/baseline_deflt.json), those with private addresses; the
 * others were computed with an independent implementation of its pseudo code that reproduces the published vectors.
 */
static const struct known cases[] = {
    {ML_IP_SCTP, "192.168.170.8", "192.168.170.56", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
    {ML_IP_ICMP, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
    {ML_IP_TCP, "192.0.2.1", "198.51.100.2", 50000, 443, "1:uglEJY8PHgBOd0m7c2HWc5+NHsk="},
    {ML_IP_UDP, "198.51.100.2", "192.0.2.1", 53, 53, "1:zeTBLVuv6kkWZoLATsbuqgkxaO0="},
    {ML_IP_TCP, "2001:db8::1", "2001:db8::2", 1, 2, "1:oIcW+IHPKeZS9W98/OLFv2ivJKk="},
    {ML_IP_ICMP, "192.0.2.1", "198.51.100.2", 8, 0, "1:zFLKq9oekfjLhmre/zOf0XYYjVE="},
    {ML_IP_ICMP6, "2001:db8::9", "2001:db8::2", 128, 0, "1:e9hXp21cNAB4lrRtT9KS1keOau8="},
    {ML_IP_SCTP, "192.0.2.1", "192.0.2.1", 9, 7, "1:egkjVdMMzzRWhV+Sntf3BAlQGek="},
    {ML_IP_ICMP6, "2001:db8::9", "2001:db8::2", 134, 0, "1:O383oG8+ECvgn1d9IONkyyjHTVs="},
    {ML_IP_ICMP, "198.51.100.2", "192.0.2.1", 0, 0, "1:zFLKq9oekfjLhmre/zOf0XYYjVE="},
    {ML_IP_ICMP, "198.51.100.2", "192.0.2.1", 3, 1, "1:+QvxJ6fbf3rHTzgQjGoVVgH7bzc="},
    {ML_IP_ICMP6, "2001:db8::9", "2001:db8::2", 143, 0, "1:YnBduFl9MU6uPYIfKNX1Hq+dGnE="},
    {47, "192.0.2.1", "198.51.100.2", 0, 0, "1:47kxwwIY7XJ9+eeEbwekTIL2aqA="},
};

static bool is_icmp(const struct known *known)
{
    return known->ip_proto == ML_IP_ICMP || known->ip_proto == ML_IP_ICMP6;
}

static void ids_equal_those_of_the_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ml_flow flow = {.ip_proto = cases[i].ip_proto};
        if (is_icmp(&cases[i])) {
            flow.icmp_type = (uint8_t)cases[i].client_port;
            flow.icmp_code = (uint8_t)cases[i].server_port;
        } else {
            flow.client_port = cases[i].client_port;
            flow.server_port = cases[i].server_port;
        }
        assert_true(ml_ip_parse(ml_span_text(cases[i].client), &flow.client));
        assert_true(ml_ip_parse(ml_span_text(cases[i].server), &flow.server));
        char id[ML_COMMUNITY_ID_TEXT];
        assert_true(ml_flow_community_id(&flow, id));
        assert_string_equal(id, cases[i].id);
    }
}

static void both_directions_have_the_same_id(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (is_icmp(&cases[i])) {
            continue; /* the answer has another type, which the cases above hold */
        }
        struct ml_flow flow = {
            .ip_proto = cases[i].ip_proto, .client_port = cases[i].server_port, .server_port = cases[i].client_port};
        assert_true(ml_ip_parse(ml_span_text(cases[i].server), &flow.client));
        assert_true(ml_ip_parse(ml_span_text(cases[i].client), &flow.server));
        char id[ML_COMMUNITY_ID_TEXT];
        assert_true(ml_flow_community_id(&flow, id));
        assert_string_equal(id, cases[i].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_equal_those_of_the_specification),
        cmocka_unit_test(both_directions_have_the_same_id),
    };
    return cmocka_run_group_tests_name("flow/community", tests, NULL, NULL);
}
