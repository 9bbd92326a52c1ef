/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/filter.h"

#include "support/cm.h"

/* An IPv4 UDP datagram from 192.0.2.1:50000 to 198.51.100.2:53, with and without an Ethernet header in front. */
static const uint8_t frame[] = {
    0x02, 0,    0, 0,  0,   1,  0x02, 0, 0,  0,  0, 2, 0x08, 0x00, /* Ethernet */
    0x45, 0,    0, 28, 0,   0,  0,    0, 64, 17, 0, 0,             /* IPv4, UDP */
    192,  0,    2, 1,  198, 51, 100,  2,                           /* addresses */
    0xc3, 0x50, 0, 53, 0,   8,  0,    0,                           /* ports */
};

static bool matches(const char *expression, int link_type)
{
    struct ml_filter *filter = NULL;
    struct ml_error error = {.status = ML_OK};
    enum ml_status status = ml_filter_compile(expression, &filter, &error);
    if (status != ML_OK) {
        fail_msg("%s: %s", expression, error.text);
    }
    size_t skip = link_type == 1 ? 0 : 14;
    struct ml_packet packet = {.link_type = link_type, .bytes = ml_span_of(frame + skip, sizeof frame - skip)};
    packet.wire_len = (uint32_t)packet.bytes.len;
    bool is_wanted = ml_filter_matches(filter, &packet);
    assert_int_equal(ml_filter_matches(filter, &packet), is_wanted); /* the second time from the table */
    ml_filter_free(filter);
    return is_wanted;
}

static void expressions_hold_for_every_link_type(void **state)
{
    (void)state;
    static const int links[] = {1, 101, 228};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        assert_true(matches("udp port 53", links[i]));
        assert_true(matches("host 192.0.2.1 and not tcp", links[i]));
        assert_true(matches("src net 192.0.2.0/24 and dst portrange 50-60", links[i]));
        assert_true(matches("", links[i]));
        assert_false(matches("tcp", links[i]));
        assert_false(matches("host 2001:db8::1", links[i]));
    }
}

static void an_expression_without_meaning_for_a_link_type_wants_nothing(void **state)
{
    (void)state;
    assert_true(matches("ether host 02:00:00:00:00:01", 1));
    assert_false(matches("ether host 02:00:00:00:00:01", 101));
    assert_false(matches("wlan type mgt", 1)); /* compiles for 802.11 only */
}

static void names_of_ports_and_protocols_are_no_host_names(void **state)
{
    (void)state;
    assert_true(matches("port domain or port https", 1));
    assert_true(matches("port (https or domain)", 1));
    assert_true(matches("ip proto \\udp", 1));
    assert_false(matches("tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", 1));
    assert_false(matches("icmp[icmptype] == icmp-echo", 1));
    assert_true(matches("ip[9] == 0x11 and len <= 60", 1));
}

static void host_names_are_refused_without_asking_anybody(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"host www.example.com", "www.example.com"},
        {"www.example.com", "www.example.com"},
        {"net example", "example"},
        {"port 53 and host chat.example.net", "chat.example.net"},
        {"host 192.0.2.1 or example", "example"},
        {"host 1.2.3.4.5", "1.2.3.4.5"},
        {"ether host gateway-1", "gateway-1"},
        {"src tcp-example", "tcp-example"},
        {"port http and not example", "example"},
        {"ifname wlan0 or example.org", "example.org"},
        {"host beef", "beef"},
        {"gateway r1.example", "r1.example"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ml_filter *filter = NULL;
        struct ml_error error = {.status = ML_OK};
        struct ml_span word;
        assert_true(ml_filter_has_host_name(cases[i][0], &word));
        assert_span_text(word, cases[i][1]);
        assert_int_equal(ml_filter_compile(cases[i][0], &filter, &error), ML_BAD_INPUT);
        assert_non_null(strstr(error.text, "names are not looked up"));
        assert_null(filter);
    }
}

static void a_wrong_expression_is_refused_with_the_reason(void **state)
{
    (void)state;
    struct ml_filter *filter = NULL;
    struct ml_error error = {.status = ML_OK};
    assert_int_equal(ml_filter_compile("udp and and", &filter, &error), ML_BAD_INPUT);
    assert_non_null(strstr(error.text, "filter: "));
    assert_int_equal(ml_filter_compile("host 999.0.2.1", &filter, &error), ML_BAD_INPUT);
    assert_null(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_hold_for_every_link_type),
        cmocka_unit_test(an_expression_without_meaning_for_a_link_type_wants_nothing),
        cmocka_unit_test(names_of_ports_and_protocols_are_no_host_names),
        cmocka_unit_test(host_names_are_refused_without_asking_anybody),
        cmocka_unit_test(a_wrong_expression_is_refused_with_the_reason),
    };
    return cmocka_run_group_tests_name("capture/filter", tests, NULL, NULL);
}
