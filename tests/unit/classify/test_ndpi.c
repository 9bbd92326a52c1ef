/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter around nDPI, with packets built here; what they mean is told by the RFCs named beside the builders. */
#include "classify/ndpi.h"

#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

enum { ROOM = 1600 };

struct packet {
    uint8_t bytes[ROOM];
    size_t len;
};

static const uint8_t CLIENT[4] = {192, 0, 2, 10};
static const uint8_t SERVER[4] = {198, 51, 100, 20};
/* In the range that Telegram publishes, and therefore in nDPI's table of owners. */
static const uint8_t TELEGRAM[4] = {149, 154, 167, 51};

static void put(struct packet *packet, const void *bytes, size_t len)
{
    assert_true(packet->len + len <= ROOM);
    memcpy(packet->bytes + packet->len, bytes, len);
    packet->len += len;
}

static void put8(struct packet *packet, unsigned value)
{
    put(packet, &(uint8_t){(uint8_t)value}, 1);
}

static void put16(struct packet *packet, unsigned value)
{
    put8(packet, value >> 8);
    put8(packet, value & 0xff);
}

static void set16(struct packet *packet, size_t at, size_t value)
{
    packet->bytes[at] = (uint8_t)(value >> 8);
    packet->bytes[at + 1] = (uint8_t)value;
}

/* RFC 791, section 3.1; no options, checksum left out. The length is set by `finish`. */
static void begin_ip(struct packet *packet, unsigned protocol, const uint8_t src[4], const uint8_t dst[4])
{
    *packet = (struct packet){0};
    put16(packet, 0x4500);
    put16(packet, 0);
    put(packet, "\0\1\x40\0\x40", 5);
    put8(packet, protocol);
    put16(packet, 0);
    put(packet, src, 4);
    put(packet, dst, 4);
}

/* RFC 9293, section 3.1. */
static void begin_tcp(struct packet *packet, const uint8_t dst[4], unsigned port, unsigned flags, unsigned seq)
{
    begin_ip(packet, ML_IP_TCP, CLIENT, dst);
    put16(packet, 50000);
    put16(packet, port);
    put16(packet, 0);
    put16(packet, seq);
    put16(packet, 0);
    put16(packet, flags & ML_TCP_ACK ? 1 : 0);
    put8(packet, 0x50);
    put8(packet, flags);
    put16(packet, 65535);
    put16(packet, 0);
    put16(packet, 0);
}

/* RFC 768. */
static void begin_udp(struct packet *packet, unsigned port)
{
    begin_ip(packet, ML_IP_UDP, CLIENT, SERVER);
    put16(packet, 50000);
    put16(packet, port);
    put16(packet, 0);
    put16(packet, 0);
}

static void finish(struct packet *packet)
{
    set16(packet, 2, packet->len);
    if (packet->bytes[9] == ML_IP_UDP) {
        set16(packet, 24, packet->len - 20);
    }
}

/* ClientHello of RFC 5246, section 7.4.1.2, with a server name (RFC 6066, section 3) unless `sni` is NULL. */
static void put_client_hello(struct packet *packet, const char *sni)
{
    size_t record = packet->len;
    put(packet, "\x16\3\1\0\0\1\0\0\0\3\3", 11);
    for (unsigned i = 0; i < 32; i++) {
        put8(packet, 0x40 + i);
    }
    put(packet, "\0\0\4\xc0\x2f\xc0\x30\1\0", 9); /* no session, two suites, no compression */
    size_t extensions = packet->len;
    put16(packet, 0);
    if (sni != NULL) {
        size_t len = strlen(sni);
        put16(packet, 0);
        put16(packet, (unsigned)len + 5);
        put16(packet, (unsigned)len + 3);
        put8(packet, 0);
        put16(packet, (unsigned)len);
        put(packet, sni, len);
    }
    put(packet, "\0\x0a\0\4\0\2\0\x1d", 8); /* supported groups: x25519 */
    set16(packet, extensions, packet->len - extensions - 2);
    set16(packet, record + 3, packet->len - record - 5);
    set16(packet, record + 7, packet->len - record - 9);
}

/* RFC 1035, section 4.1. */
static void put_dns(struct packet *packet, bool is_answer)
{
    put16(packet, 0x1234);
    put16(packet, is_answer ? 0x8180 : 0x0100);
    put16(packet, 1);
    put16(packet, is_answer);
    put(packet, "\0\0\0\0\7example\3com\0\0\1\0\1", 21);
    if (is_answer) {
        put(packet, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x33\x64\x15", 16);
    }
}

static struct ml_segment segment_of(const struct packet *packet, size_t len)
{
    struct ml_segment segment = {.ip = ml_span_of(packet->bytes, len < packet->len ? len : packet->len),
                                 .ip_proto = packet->bytes[9],
                                 .src = ml_ip4(packet->bytes + 12),
                                 .dst = ml_ip4(packet->bytes + 16),
                                 .time_ns = INT64_C(1700000000000000000)};
    return segment;
}

static bool feed(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, struct packet *packet)
{
    finish(packet);
    struct ml_segment segment = segment_of(packet, ROOM);
    return ml_ndpi_feed(ndpi, flow, &segment, ML_UP);
}

/* SYN and ClientHello to `dst`, then the answer. */
static struct ml_ndpi_answer ask_tls(struct ml_ndpi *ndpi, const uint8_t dst[4], const char *sni)
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(ndpi);
    struct packet packet;
    begin_tcp(&packet, dst, 443, ML_TCP_SYN, 1);
    assert_true(feed(ndpi, flow, &packet));
    begin_tcp(&packet, dst, 443, ML_TCP_ACK | ML_TCP_PSH, 2);
    put_client_hello(&packet, sni);
    (void)feed(ndpi, flow, &packet); /* whether nDPI waits for the certificate is its own affair */
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(ndpi, flow, &answer);
    ml_ndpi_flow_free(ndpi, flow);
    return answer;
}

static void a_server_name_gives_master_and_app(void **state)
{
    struct ml_ndpi_answer answer = ask_tls(*state, SERVER, "web.whatsapp.com");
    assert_string_equal(answer.master, "TLS");
    assert_string_equal(answer.app, "WhatsApp");
    assert_string_equal(answer.confidence, "DPI");
    assert_false(answer.is_by_address);
}

static void a_name_of_nobody_gives_the_master_alone(void **state)
{
    struct ml_ndpi_answer answer = ask_tls(*state, SERVER, "www.example.com");
    assert_string_equal(answer.master, "TLS");
    assert_string_equal(answer.app, "");
    assert_false(answer.is_by_address);
}

static void the_owner_of_an_address_is_address_evidence_even_when_called_dpi(void **state)
{
    struct ml_ndpi_answer answer = ask_tls(*state, TELEGRAM, NULL);
    assert_string_equal(answer.master, "TLS");
    if (strncmp(ml_ndpi_version(), "4.2.", 4) == 0) {
        assert_string_equal(answer.app, "Telegram");
        assert_string_equal(answer.confidence, "DPI");
    }
    assert_true(answer.app[0] == '\0' || answer.is_by_address);
}

static void a_name_that_agrees_with_the_address_is_more_than_address_evidence(void **state)
{
    struct ml_ndpi_answer answer = ask_tls(*state, TELEGRAM, "web.telegram.org");
    assert_string_equal(answer.app, "Telegram");
    assert_false(answer.is_by_address);
}

static void a_query_and_its_answer_are_final_at_once(void **state)
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(*state);
    struct packet packet;
    begin_udp(&packet, 53);
    put_dns(&packet, false);
    assert_true(feed(*state, flow, &packet)); /* named, but nDPI waits for the answer */
    begin_ip(&packet, ML_IP_UDP, SERVER, CLIENT);
    put16(&packet, 53);
    put16(&packet, 50000);
    put(&packet, "\0\0\0\0", 4);
    put_dns(&packet, true);
    assert_false(feed(*state, flow, &packet));
    assert_false(feed(*state, flow, &packet)); /* stays final */
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(*state, flow, &answer);
    assert_string_equal(answer.master, "DNS");
    assert_string_equal(answer.app, "");
    assert_string_equal(answer.confidence, "DPI");
    assert_false(answer.is_by_address);
    ml_ndpi_flow_free(*state, flow);
}

static void a_port_alone_is_address_evidence(void **state)
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(*state);
    struct packet packet;
    begin_tcp(&packet, SERVER, 22, ML_TCP_SYN, 1);
    assert_true(feed(*state, flow, &packet));
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(*state, flow, &answer);
    assert_string_equal(answer.master, "SSH");
    assert_string_equal(answer.confidence, "Match by port");
    assert_true(answer.is_by_address);
    assert_false(feed(*state, flow, &packet)); /* a guess ends it */
    ml_ndpi_flow_free(*state, flow);
}

static void a_flow_without_packets_is_unknown(void **state)
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(*state);
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(*state, flow, &answer);
    assert_string_equal(answer.master, "");
    assert_string_equal(answer.app, "");
    assert_string_equal(answer.confidence, "Unknown");
    assert_false(answer.is_by_address);
    ml_ndpi_flow_free(*state, flow);
}

/* Bytes that mean nothing; how many packets does the adapter take before it says stop? */
static unsigned packets_until_stop(struct ml_ndpi *ndpi, bool is_tcp)
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(ndpi);
    unsigned n = 0;
    bool wants_more = true;
    while (wants_more && n < 200) {
        struct packet packet;
        if (is_tcp) {
            begin_tcp(&packet, SERVER, 50001, n == 0 ? ML_TCP_SYN : ML_TCP_ACK, n == 0 ? 1 : 2 + 12 * (n - 1));
        } else {
            begin_udp(&packet, 50001);
        }
        if (!is_tcp || n != 0) {
            put(&packet, "\xd7\xe2\x91\x5c\xb3\x8a\xf4\x6d\x99\xc1\xee\x87", 12);
        }
        wants_more = feed(ndpi, flow, &packet);
        n++;
    }
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(ndpi, flow, &answer);
    assert_string_equal(answer.master, "");
    ml_ndpi_flow_free(ndpi, flow);
    return n;
}

static void the_number_of_packets_shown_is_bounded(void **state)
{
    assert_int_equal(packets_until_stop(*state, true), ML_MAX_NDPI_TCP_PACKETS + 1);
    assert_int_equal(packets_until_stop(*state, false), ML_MAX_NDPI_UDP_PACKETS + 1);
}

static void a_state_used_again_remembers_nothing(void **state)
{
    (void)ask_tls(*state, SERVER, "web.whatsapp.com");
    struct ml_ndpi_answer answer = ask_tls(*state, SERVER, NULL);
    assert_string_equal(answer.app, "");
}

static void more_states_than_the_pool_holds_are_freed(void **state)
{
    static struct ml_ndpi_flow *flows[ML_MAX_NDPI_POOL + 2];
    for (size_t i = 0; i < ML_MAX_NDPI_POOL + 2; i++) {
        flows[i] = ml_ndpi_flow_new(*state);
        assert_non_null(flows[i]);
    }
    for (size_t i = 0; i < ML_MAX_NDPI_POOL + 2; i++) {
        ml_ndpi_flow_free(*state, flows[i]);
    }
}

/* What an earlier packet left behind the end of this one must not change the answer. */
static void an_answer_does_not_depend_on_bytes_behind_the_packet(void **state)
{
    struct packet hello;
    begin_tcp(&hello, SERVER, 443, ML_TCP_ACK | ML_TCP_PSH, 2);
    put_client_hello(&hello, "web.whatsapp.com");
    finish(&hello);
    for (size_t len = 0; len < hello.len; len++) {
        char answers[2][64];
        for (size_t dirty = 0; dirty < 2; dirty++) {
            struct ml_ndpi_flow *other = ml_ndpi_flow_new(*state);
            struct packet noise;
            begin_udp(&noise, 50001);
            while (noise.len < ROOM) {
                put8(&noise, dirty ? hello.bytes[noise.len % hello.len] : 0);
            }
            (void)feed(*state, other, &noise);
            ml_ndpi_flow_free(*state, other);

            struct ml_ndpi_flow *flow = ml_ndpi_flow_new(*state);
            struct ml_segment segment = segment_of(&hello, len);
            (void)ml_ndpi_feed(*state, flow, &segment, ML_UP);
            struct ml_ndpi_answer answer;
            ml_ndpi_answer(*state, flow, &answer);
            snprintf(answers[dirty], sizeof answers[dirty], "%s.%s %s", answer.master, answer.app, answer.confidence);
            ml_ndpi_flow_free(*state, flow);
        }
        assert_string_equal(answers[0], answers[1]);
    }
}

static void show(void *context, struct ml_span bytes)
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(context);
    struct ml_segment segment = {.ip = bytes, .ip_proto = ML_IP_TCP, .src = ml_ip4(CLIENT), .dst = ml_ip4(SERVER)};
    (void)ml_ndpi_feed(context, flow, &segment, ML_UP);
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(context, flow, &answer);
    assert_non_null(answer.master);
    assert_non_null(answer.app);
    assert_non_null(answer.confidence);
    ml_ndpi_flow_free(context, flow);
}

static void damaged_packets_are_survived(void **state)
{
    struct packet hello;
    begin_tcp(&hello, SERVER, 443, ML_TCP_ACK | ML_TCP_PSH, 2);
    put_client_hello(&hello, "www.example.com");
    finish(&hello);
    sweep_truncations(ml_span_of(hello.bytes, hello.len), show, *state);
    sweep_bit_flips(ml_span_of(hello.bytes, hello.len), show, *state);
}

/* A connection that begins with `bytes`, then the answer. */
static struct ml_ndpi_answer ask_bytes(struct ml_ndpi *ndpi, const void *bytes, size_t len)
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(ndpi);
    struct packet packet;
    begin_tcp(&packet, SERVER, 50002, ML_TCP_SYN, 1);
    assert_true(feed(ndpi, flow, &packet));
    begin_tcp(&packet, SERVER, 50002, ML_TCP_ACK | ML_TCP_PSH, 2);
    put(&packet, bytes, len);
    (void)feed(ndpi, flow, &packet);
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(ndpi, flow, &answer);
    ml_ndpi_flow_free(ndpi, flow);
    return answer;
}

/* nDPI remembers the ends of a BitTorrent connection (BEP 3, "handshake") and names by them what else they say. */
static void modules_that_share_do_not_remember_for_each_other(void **state)
{
    static const char handshake[] = "\x13"
                                    "BitTorrent protocol"
                                    "\0\0\0\0\0\0\0\0"
                                    "01234567890123456789"
                                    "-XX0001-012345678901";
    static const char noise[] = "\xa7\x01\x93\x5c\xee\x42\x10\x8b\xd5\x71";
    struct ml_ndpi *one = ml_ndpi_new(*state);
    struct ml_ndpi *other = ml_ndpi_new(one);
    struct ml_ndpi *third = ml_ndpi_new(*state);
    assert_non_null(one);
    assert_non_null(other);
    assert_non_null(third);
    assert_string_equal(ask_bytes(one, handshake, sizeof handshake - 1).master, "BitTorrent");
    assert_string_equal(ask_bytes(other, noise, sizeof noise - 1).master, "");
    assert_string_equal(ask_bytes(third, noise, sizeof noise - 1).master, "");
    assert_string_equal(ask_bytes(one, noise, sizeof noise - 1).master, "BitTorrent");
    ml_ndpi_free(one);
    assert_string_equal(ask_bytes(third, noise, sizeof noise - 1).master, "");
    assert_string_equal(ask_tls(third, SERVER, "web.whatsapp.com").app, "WhatsApp");
    ml_ndpi_free(third);
    assert_string_equal(ask_bytes(other, noise, sizeof noise - 1).master, "");
    ml_ndpi_free(other);
}

static void shared_tables_end_with_their_last_user(void **state)
{
    (void)state;
    struct ml_ndpi *first = ml_ndpi_new(NULL);
    struct ml_ndpi *second = ml_ndpi_new(first);
    assert_non_null(first);
    assert_non_null(second);
    assert_string_equal(ask_tls(first, SERVER, "web.whatsapp.com").app, "WhatsApp");
    ml_ndpi_free(first);
    assert_string_equal(ask_tls(second, SERVER, "web.whatsapp.com").app, "WhatsApp");
    ml_ndpi_free(second);
}

static void assert_same(const struct ml_ndpi_answer *named, const struct ml_ndpi_answer *shown)
{
    assert_string_equal(named->master, shown->master);
    assert_string_equal(named->app, shown->app);
    assert_string_equal(named->confidence, shown->confidence);
    assert_int_equal(named->is_by_address, shown->is_by_address);
}

/* A segment to `dst`; only its addresses and the port count. */
static struct ml_segment to(const uint8_t dst[4])
{
    return (struct ml_segment){.ip_proto = ML_IP_TCP, .src = ml_ip4(CLIENT), .dst = ml_ip4(dst), .dst_port = 443};
}

static bool is_measured(void)
{
    return strncmp(ml_ndpi_version(), "4.2.", 4) == 0;
}

static void a_name_alone_gives_the_answer_that_the_packets_give(void **state)
{
    static const char *const names[] = {"web.whatsapp.com", "web.telegram.org", "www.facebook.com",
                                        "api.snapchat.com", "signal.org",       "www.google.com",
                                        "wx.qq.com",        "discord.com",      "web_1.whatsapp.com"};
    const struct ml_segment segment = to(SERVER);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ml_ndpi_answer named;
        bool is_named = ml_ndpi_named(*state, ML_NDPI_TLS, ml_span_text(names[i]), &segment, &named) == ML_NDPI_TOLD;
        assert_int_equal(is_named, is_measured());
        if (is_named) {
            struct ml_ndpi_answer shown = ask_tls(*state, SERVER, names[i]);
            assert_same(&named, &shown);
        }
    }
}

/* A query of example.com to `dst` and no more. */
static struct ml_ndpi_answer ask_dns(struct ml_ndpi *ndpi, const uint8_t dst[4])
{
    struct ml_ndpi_flow *flow = ml_ndpi_flow_new(ndpi);
    struct packet packet;
    begin_udp(&packet, 53);
    memcpy(packet.bytes + 16, dst, 4);
    put_dns(&packet, false);
    (void)feed(ndpi, flow, &packet);
    struct ml_ndpi_answer answer;
    ml_ndpi_answer(ndpi, flow, &answer);
    ml_ndpi_flow_free(ndpi, flow);
    return answer;
}

static void a_query_for_a_name_of_nobody_is_judged_by_the_address(void **state)
{
    const uint8_t *ends[] = {SERVER, TELEGRAM};
    for (size_t i = 0; i < 2; i++) {
        const struct ml_segment segment = to(ends[i]);
        struct ml_ndpi_answer named;
        if (ml_ndpi_named(*state, ML_NDPI_DNS, ml_span_text("example.com"), &segment, &named) == ML_NDPI_TOLD) {
            struct ml_ndpi_answer shown = ask_dns(*state, ends[i]);
            assert_same(&named, &shown);
            assert_int_equal(named.is_by_address, i == 1);
        } else {
            assert_false(is_measured());
        }
    }
}

/* What nDPI says when it saw nothing but a ClientHello with a name of nobody's, or with none. */
static void a_server_of_nobody_is_judged_by_the_address_until_it_shows_more(void **state)
{
    static const char *const names[] = {"www.example.org", ""};
    const uint8_t *ends[] = {SERVER, TELEGRAM};
    for (size_t i = 0; i < 4; i++) {
        const char *name = names[i / 2];
        const struct ml_segment segment = to(ends[i % 2]);
        struct ml_ndpi_answer named;
        enum ml_ndpi_told told = ml_ndpi_named(*state, ML_NDPI_TLS, ml_span_text(name), &segment, &named);
        assert_int_equal(told, is_measured() ? ML_NDPI_UNLESS_MORE : ML_NDPI_MUST_SEE);
        if (told == ML_NDPI_UNLESS_MORE) {
            struct ml_ndpi_answer shown = ask_tls(*state, ends[i % 2], name[0] != '\0' ? name : NULL);
            assert_same(&named, &shown);
            assert_int_equal(named.is_by_address, i % 2 == 1);
        }
    }
}

static void assert_must_see(struct ml_ndpi *ndpi, enum ml_ndpi_master master, const char *name)
{
    const struct ml_segment segment = to(SERVER);
    struct ml_ndpi_answer named;
    assert_int_equal(ml_ndpi_named(ndpi, master, ml_span_text(name), &segment, &named), ML_NDPI_MUST_SEE);
}

static void what_a_name_alone_cannot_tell_is_left_to_the_packets(void **state)
{
    static const char longest[] =
        "a123456789.a123456789.a123456789.a123456789.a123456789.a123456789.a1234.facebook.com";
    assert_must_see(*state, ML_NDPI_DNS, "");
    assert_must_see(*state, ML_NDPI_TLS, "Web.WhatsApp.com");
    assert_must_see(*state, ML_NDPI_TLS, "web*1.whatsapp.com");
    assert_must_see(*state, ML_NDPI_TLS, longest);
    assert_must_see(*state, ML_NDPI_TLS, "www.k2x7qv4mzt.com"); /* as servers of Tor call themselves */
    /* nDPI notes the addresses of these servers and names other flows by them. */
    assert_must_see(*state, ML_NDPI_TLS, "us04web.zoom.us");
    assert_must_see(*state, ML_NDPI_DNS, "teams.microsoft.com");
    assert_must_see(*state, ML_NDPI_TLS, "teams.microsoft.com");
}

static void a_build_without_ndpi_answers_nothing(void **state)
{
    (void)state;
    assert_null(ml_ndpi_new(NULL));
    assert_null(ml_ndpi_flow_new(NULL));
    ml_ndpi_flow_free(NULL, NULL);
    ml_ndpi_free(NULL);
    struct ml_ndpi_answer answer;
    const struct ml_segment segment = {0};
    assert_int_equal(ml_ndpi_named(NULL, ML_NDPI_TLS, ml_span_text("web.whatsapp.com"), &segment, &answer),
                     ML_NDPI_MUST_SEE);
    ml_ndpi_answer(NULL, NULL, &answer);
    assert_string_equal(answer.master, "");
    assert_string_equal(answer.app, "");
    assert_false(ml_ndpi_feed(NULL, NULL, NULL, ML_UP));
}

static void nothing_given_is_nothing_freed(void **state)
{
    ml_ndpi_free(NULL);
    ml_ndpi_flow_free(*state, NULL);
    assert_null(ml_ndpi_flow_new(NULL));
}

static int open_module(void **state)
{
    *state = ml_ndpi_new(NULL);
    return *state == NULL;
}

static int close_module(void **state)
{
    ml_ndpi_free(*state);
    return 0;
}

int main(void)
{
    if (ml_ndpi_version() == NULL) {
        const struct CMUnitTest without[] = {cmocka_unit_test(a_build_without_ndpi_answers_nothing)};
        return cmocka_run_group_tests_name("classify/ndpi", without, NULL, NULL);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_name_gives_master_and_app),
        cmocka_unit_test(a_name_of_nobody_gives_the_master_alone),
        cmocka_unit_test(the_owner_of_an_address_is_address_evidence_even_when_called_dpi),
        cmocka_unit_test(a_name_that_agrees_with_the_address_is_more_than_address_evidence),
        cmocka_unit_test(a_query_and_its_answer_are_final_at_once),
        cmocka_unit_test(a_port_alone_is_address_evidence),
        cmocka_unit_test(a_flow_without_packets_is_unknown),
        cmocka_unit_test(the_number_of_packets_shown_is_bounded),
        cmocka_unit_test(a_state_used_again_remembers_nothing),
        cmocka_unit_test(more_states_than_the_pool_holds_are_freed),
        cmocka_unit_test(an_answer_does_not_depend_on_bytes_behind_the_packet),
        cmocka_unit_test(damaged_packets_are_survived),
        cmocka_unit_test(modules_that_share_do_not_remember_for_each_other),
        cmocka_unit_test(shared_tables_end_with_their_last_user),
        cmocka_unit_test(a_name_alone_gives_the_answer_that_the_packets_give),
        cmocka_unit_test(a_query_for_a_name_of_nobody_is_judged_by_the_address),
        cmocka_unit_test(a_server_of_nobody_is_judged_by_the_address_until_it_shows_more),
        cmocka_unit_test(what_a_name_alone_cannot_tell_is_left_to_the_packets),
        cmocka_unit_test(nothing_given_is_nothing_freed),
    };
    return cmocka_run_group_tests_name("classify/ndpi", tests, open_module, close_module);
}
