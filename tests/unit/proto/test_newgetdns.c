/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/http/http.h"
#include "proto/wechat/newgetdns.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#include <stdio.h>
#include <zlib.h>

static const char request[] =
    "GET /cgi-bin/micromsg-bin/newgetdns?uin=1234567890&clientversion=671099703&scene=0&net=1&md5=0&devicetype=android"
    "%2D34&lan=en&sigver=2&networkid=00112233445566778899aabbccddeeff&mccmnc=00101 HTTP/1.0\r\n"
    "Host: dns.weixin.example:8080\r\n\r\n";
static const char request_facts[] =
    "wechat.newgetdns up http.host=dns.weixin.example wechat.client_version=8.0.43 wechat.uin=1234567890 "
    "wechat.device_type=android-34 wechat.network_id=00112233445566778899aabbccddeeff wechat.mcc_mnc=00101 "
    "wechat.language=en\n";

static const char list[] =
    "<dns version=\"1\"><clientip>192.0.2.99</clientip><domainlist>\n"
    "<domain name=\"Short.Weixin.Example\" timeout=\"1800\" gslb=\"0\"><ip property=\"0\">192.0.2.1</ip>"
    "<ip> 192.0.2.2 </ip><ipv6>2001:db8::1</ipv6></domain>"
    "<domain name='empty.example'/>"
    "<domain timeout=\"1\" name=\"long.weixin.example\"><ip>192.0.2.3</ip><ip>not an address</ip></domain>"
    "<domain name=\"open.example\"><ip>192.0.2.4</ip>" /* never closed */
    "<domain name=\"bad name\"><ip>192.0.2.5</ip></domain>"
    "<domain name=\"last.example\"><ip>192.0.2.6</ip></domain></domainlist>"
    "<builtiniplist><ip>192.0.2.7</ip></builtiniplist></dns>";
static const char list_facts[] =
    "wechat.newgetdns_reply down dns.name=short.weixin.example dns.addresses=192.0.2.1 dns.addresses=192.0.2.2 "
    "dns.addresses=2001:db8::1\n"
    "wechat.newgetdns_reply down dns.name=empty.example\n"
    "wechat.newgetdns_reply down dns.name=long.weixin.example dns.addresses=192.0.2.3\n"
    "wechat.newgetdns_reply down dns.name=open.example dns.addresses=192.0.2.4\n"
    "wechat.newgetdns_reply down dns.name=last.example dns.addresses=192.0.2.6\n";

/* A reply with `text`, deflated without the zlib frame. */
static struct ml_buf reply_with(const char *text)
{
    uint8_t packed[4096];
    z_stream stream = {0};
    struct ml_buf out;
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t len = sizeof packed - stream.avail_out;
    assert_int_equal(deflateEnd(&stream), Z_OK);
    ml_buf_init(&out, 8192);
    (void)ml_buf_printf(&out,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: deflate\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        len);
    assert_true(ml_buf_add(&out, packed, len));
    return out;
}

/* Facts of our own kinds, without those of HTTP around them. */
static void expect_ours(struct proto_rig *rig, const char *facts)
{
    struct ml_buf ours;
    ml_buf_init(&ours, 8192);
    proto_rig_end(rig);
    struct ml_reader rd = ml_rd_open(ml_span_text(proto_rig_facts(rig)));
    struct ml_span line;
    while (ml_rd_until(&rd, '\n', &line)) {
        if (!ml_span_starts(line, "http.")) {
            assert_true(ml_buf_add_span(&ours, line) && ml_buf_add_byte(&ours, '\n'));
        }
    }
    assert_span_text(ml_buf_span(&ours), facts);
    ml_buf_fini(&ours);
    proto_rig_fini(rig);
}

static void the_request_gives_away_account_version_and_network(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_feed(&rig, ML_UP, ml_span_text(request));
    proto_rig_end(&rig);
    const struct ml_fact *fact = proto_rig_fact(&rig, 1);
    assert_int_equal(ml_fact_attr(fact, ML_F_WECHAT_UIN)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(fact, ML_F_WECHAT_NETWORK_ID)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(fact->range_from, 0);
    assert_int_equal(fact->range_len, sizeof request - 1);
    expect_ours(&rig, request_facts);
}

static void other_requests_are_not_ours(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_feed(&rig, ML_UP, ml_span_text("GET /cgi-bin/micromsg-bin/newgetdns2?uin=1 HTTP/1.0\r\n\r\n"));
    expect_ours(&rig, "");
}

static void the_reply_gives_names_and_addresses_however_it_is_cut(void **state)
{
    (void)state;
    struct ml_buf reply = reply_with(list);
    for (size_t piece = 1; piece <= reply.len; piece += piece < 30 ? 1 : 50) {
        char want[4096];
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 8080);
        proto_rig_parser(&rig, &ml_parser_http);
        proto_rig_feed_split(&rig, ML_UP, ml_span_text(request), piece);
        proto_rig_feed_split(&rig, ML_DOWN, ml_buf_span(&reply), piece);
        (void)snprintf(want, sizeof want, "%s%s", request_facts, list_facts);
        expect_ours(&rig, want);
    }
    ml_buf_fini(&reply);
}

static void facts_of_the_reply_name_their_layers(void **state)
{
    (void)state;
    struct ml_buf reply = reply_with(list);
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_feed(&rig, ML_DOWN, ml_buf_span(&reply)); /* the request was not captured */
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->kind, ML_FACT_WECHAT_NEWGETDNS_REPLY);
    assert_int_equal(fact->n_layers, 3);
    assert_int_equal(fact->layers[1], ML_LAYER_HTTP_BODY);
    assert_int_equal(fact->layers[2], ML_LAYER_DEFLATE);
    struct ml_span element = ml_span_cut(ml_span_text(list), fact->range_from, fact->range_len);
    assert_true(ml_span_starts(element, "<domain name=\"Short"));
    assert_true(ml_span_equal(ml_span_cut(element, element.len - 9, 9), ml_span_text("</domain>")));
    expect_ours(&rig, list_facts);
    ml_buf_fini(&reply);
}

static void a_reply_without_a_list_says_nothing(void **state)
{
    (void)state;
    struct ml_buf reply = reply_with("<html><domain name=\"a.example\"><ip>192.0.2.1</ip></domain></html>");
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_feed(&rig, ML_DOWN, ml_buf_span(&reply));
    expect_ours(&rig, "");
    ml_buf_fini(&reply);
}

static void a_hole_ends_the_reading(void **state)
{
    (void)state;
    char text[1024];
    struct proto_rig rig;
    (void)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n%.*s",
                   190, list);
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_feed(&rig, ML_UP, ml_span_text(request));
    proto_rig_feed(&rig, ML_DOWN, ml_span_text(text));
    proto_rig_gap(&rig, ML_DOWN, 50);
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("<domain name=\"a.example\"><ip>192.0.2.1</ip></domain>"));
    expect_ours(&rig, request_facts);
}

static void versions_are_read_like_the_client_shows_them(void **state)
{
    (void)state;
    char out[ML_WECHAT_VERSION_TEXT];
    ml_wechat_version(0x28002b37, out);
    assert_string_equal(out, "8.0.43");
    ml_wechat_version(0x26031031, out);
    assert_string_equal(out, "6.3.16");
    ml_wechat_version(0x18002b37, out);
    assert_string_equal(out, "0x18002b37");
}

static void feed_reply(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_feed(&rig, ML_UP, ml_span_text(request));
    proto_rig_feed(&rig, ML_DOWN, bytes);
    proto_rig_end(&rig);
    *n += rig.flow.n_facts;
    proto_rig_fini(&rig);
}

static void broken_replies_are_survived(void **state)
{
    (void)state;
    unsigned n = 0;
    char text[512];
    (void)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n%.*s", 300, list);
    struct ml_buf reply = reply_with("<domainlist><domain name=\"a.example\"><ip>192.0.2.1</ip></domain>");
    sweep_truncations(ml_span_text(text), feed_reply, &n);
    sweep_bit_flips(ml_span_text(text), feed_reply, &n);
    sweep_truncations(ml_buf_span(&reply), feed_reply, &n);
    sweep_bit_flips(ml_buf_span(&reply), feed_reply, &n);
    assert_true(n > 0);
    ml_buf_fini(&reply);
}

static void reply_under_pressure(void *context)
{
    struct ml_buf *reply = context;
    struct proto_rig rig;
    memset(&rig, 0, sizeof rig);
    ml_fact_store_init(&rig.facts, &rig.counters);
    rig.env = (struct ml_proto_env){.facts = &rig.facts, .counters = &rig.counters};
    struct ml_http_exchange exchange = {0};
    void *self = ml_http_newgetdns.create(&rig.env, &exchange);
    struct ml_chunk chunk = {.flow = &rig.flow, .bytes = ml_buf_span(reply)};
    if (self != NULL) {
        ml_http_newgetdns.feed(self, &chunk);
        ml_http_newgetdns.destroy(self);
    }
    ml_proto_env_fini(&rig.env);
    ml_fact_store_fini(&rig.facts);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    struct ml_buf text;
    ml_buf_init(&text, 4096);
    assert_true(ml_buf_add_text(&text, list));
    assert_true(oom_sweep(reply_under_pressure, &text) > 3);
    ml_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_gives_away_account_version_and_network),
        cmocka_unit_test(other_requests_are_not_ours),
        cmocka_unit_test(the_reply_gives_names_and_addresses_however_it_is_cut),
        cmocka_unit_test(facts_of_the_reply_name_their_layers),
        cmocka_unit_test(a_reply_without_a_list_says_nothing),
        cmocka_unit_test(a_hole_ends_the_reading),
        cmocka_unit_test(versions_are_read_like_the_client_shows_them),
        cmocka_unit_test(broken_replies_are_survived),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/newgetdns", tests, NULL, NULL);
}
