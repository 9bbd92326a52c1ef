/* SPDX-License-Identifier: Apache-2.0 */
/* Messages built from parts, read back by OpenSSL, ldns, zlib and the C library. */
#include "core/reader.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/dns_messages.h"
#include "support/http_messages.h"
#include "support/tls_session.h"
#include "support/wechat_messages.h"

#include <ldns/ldns.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <zlib.h>

static struct ml_buf out;

static int begin(void **state)
{
    (void)state;
    ml_buf_init(&out, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    ml_buf_fini(&out);
    return 0;
}

static void certificates_are_read_and_verified_by_openssl(void **state)
{
    (void)state;
    static const char *const names[] = {"example.com", "*.example.com", NULL};
    struct build_x509 root = {.subject = "Example Root",
                              .organisation = "Example",
                              .not_before = "200101000000Z",
                              .not_after = "300101000000Z",
                              .key = 7,
                              .is_authority = true};
    struct build_x509 leaf = {.seed = 1,
                              .subject = "example.com",
                              .issuer = "Example Root",
                              .names = names,
                              .not_before = "240101000000Z",
                              .not_after = "251231235959Z",
                              .key = 5,
                              .issuer_key = 7};
    build_x509(&out, &root);
    const uint8_t *at = out.bytes;
    X509 *authority = d2i_X509(NULL, &at, (long)out.len);
    assert_non_null(authority);
    assert_ptr_equal(at, out.bytes + out.len);
    assert_int_equal(X509_self_signed(authority, 1), 1);
    ml_buf_clear(&out);
    build_x509(&out, &leaf);
    at = out.bytes;
    X509 *certificate = d2i_X509(NULL, &at, (long)out.len);
    assert_non_null(certificate);
    assert_int_equal(X509_verify(certificate, X509_get0_pubkey(authority)), 1);
    assert_int_equal(X509_verify(certificate, X509_get0_pubkey(certificate)), 0);
    assert_int_equal(X509_check_host(certificate, "www.example.com", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "example.net", 0, 0, NULL), 0);
    assert_int_equal(X509_get_version(certificate), X509_VERSION_3);
    X509_free(certificate);
    X509_free(authority);
}

/* Reads the frame around a message: record, handshake header. */
static void open_handshake(uint8_t type, struct ml_reader *body)
{
    struct ml_reader rd = ml_rd_open(build_span(&out));
    uint8_t got = 0;
    assert_true(ml_rd_u8(&rd, &got) && ml_rd_vector(&rd, 3, body));
    assert_int_equal(got, type);
    assert_true(ml_rd_done(&rd));
}

static void a_client_hello_adds_up(void **state)
{
    (void)state;
    static const char *const alpn[] = {"h2", "http/1.1", NULL};
    struct build_hello hello = {.seed = 3,
                                .sni = "www.example.com",
                                .alpn = alpn,
                                .is_13 = true,
                                .has_ticket = true,
                                .psk = ml_span_text("ticket")};
    struct ml_reader body;
    struct ml_reader field;
    uint16_t type = 0;
    uint16_t last = 0;
    unsigned n = 0;
    build_client_hello(&out, &hello);
    open_handshake(1, &body);
    assert_true(ml_rd_skip(&body, 34));
    assert_true(ml_rd_vector(&body, 1, &field) && ml_rd_left(&field) == 32);
    assert_true(ml_rd_vector(&body, 2, &field) && ml_rd_left(&field) == 18);
    assert_true(ml_rd_vector(&body, 1, &field) && ml_rd_left(&field) == 1);
    struct ml_reader extensions;
    assert_true(ml_rd_vector(&body, 2, &extensions) && ml_rd_done(&body));
    while (ml_rd_left(&extensions) != 0) {
        assert_true(ml_rd_u16(&extensions, &type) && ml_rd_vector(&extensions, 2, &field));
        if (type == 0) {
            assert_true(ml_rd_skip(&field, 5));
            assert_span_text(ml_rd_rest(&field), "www.example.com");
        }
        last = type;
        n++;
    }
    assert_int_equal(n, 12);
    assert_int_equal(last, 41); /* RFC 8446, section 4.2.11: pre_shared_key is the last one */
    ml_buf_clear(&out);
    hello = (struct build_hello){.seed = 3};
    build_client_hello(&out, &hello);
    open_handshake(1, &body);
    assert_true(ml_rd_skip(&body, 34));
    assert_true(ml_rd_vector(&body, 1, &field) && ml_rd_left(&field) == 0);
    assert_true(ml_rd_vector(&body, 2, &field) && ml_rd_left(&field) == 12);
}

static void server_messages_add_up(void **state)
{
    (void)state;
    struct build_server_hello hello = {.suite = 0x1301, .is_13 = true, .session = ml_span_text("0123")};
    const struct ml_span certificates[] = {ml_span_text("leaf"), ml_span_text("issuer")};
    struct ml_reader body;
    struct ml_reader field;
    uint16_t suite = 0;
    build_server_hello(&out, &hello);
    open_handshake(2, &body);
    assert_true(ml_rd_skip(&body, 34) && ml_rd_vector(&body, 1, &field) && ml_rd_u16(&body, &suite));
    assert_int_equal(suite, 0x1301);
    assert_true(ml_rd_skip(&body, 1) && ml_rd_vector(&body, 2, &field) && ml_rd_done(&body));
    assert_int_equal(ml_rd_left(&field), 6 + 4 + 36);
    ml_buf_clear(&out);
    build_certificate(&out, certificates, 2);
    open_handshake(11, &body);
    assert_true(ml_rd_vector(&body, 3, &field) && ml_rd_done(&body));
    struct ml_reader der;
    assert_true(ml_rd_vector(&field, 3, &der) && ml_rd_left(&der) == 4);
    assert_true(ml_rd_vector(&field, 3, &der) && ml_rd_left(&der) == 6 && ml_rd_done(&field));
}

static void long_messages_become_several_records(void **state)
{
    (void)state;
    static uint8_t bytes[40000];
    struct ml_reader field;
    uint32_t head = 0;
    size_t total = 0;
    build_record(&out, TLS_HANDSHAKE, TLS_12, ml_span_of(bytes, sizeof bytes));
    struct ml_reader rd = ml_rd_open(build_span(&out));
    while (ml_rd_left(&rd) != 0) {
        assert_true(ml_rd_u24(&rd, &head) && ml_rd_vector(&rd, 2, &field));
        assert_int_equal(head, 0x160303);
        total += ml_rd_left(&field);
    }
    assert_int_equal(total, sizeof bytes);
    assert_int_equal(out.len, sizeof bytes + 3 * 5);
}

static void tls_sessions_are_conversations(void **state)
{
    (void)state;
    for (int variant = 0; variant < 3; variant++) {
        struct reel reel;
        reel_init(&reel);
        struct talk talk = {.reel = &reel, .ends = build_ends("10.0.0.2", 40000, "198.51.100.1", 443), .now_ns = 1};
        struct tls_session session = {
            .client = {.seed = 1, .sni = "example.com", .is_13 = true},
            .is_13 = variant == 1,
            .is_resumed = variant == 2,
            .leaf = {.subject = "example.com", .key = 3},
            .exchanges = {{100, 20000}, {50, 0}},
        };
        talk_open(&talk);
        talk_tls(&talk, &session);
        reel_sort(&reel);
        /* Server records from the first segment on: hello, and its session id is the client's only when echoed. */
        struct ml_span client = {0};
        struct ml_span server = {0};
        for (size_t i = 0; i < reel.n; i++) {
            struct ml_span payload = ml_span_cut(reel.packets[i].bytes, 40, 1500);
            struct ml_span *first = reel.packets[i].is_outbound ? &client : &server;
            if (first->len == 0 && i > 2) {
                *first = payload;
            }
        }
        assert_int_equal(client.ptr[5], 1);
        assert_int_equal(server.ptr[5], 2);
        bool is_same = memcmp(client.ptr + 44, server.ptr + 44, 32) == 0;
        assert_int_equal(is_same, variant != 0);
        reel_fini(&reel);
    }
}

static void dns_answers_are_read_by_ldns(void **state)
{
    (void)state;
    const struct build_dns_record records[] = {
        {.type = DNS_CNAME, .ttl = 60, .text = "edge.example.net"},
        {.name = "edge.example.net", .ttl = 30, .text = "192.0.2.7"},
        {.name = "edge.example.net", .ttl = 30, .text = "2001:db8::7"},
    };
    ldns_pkt *packet = NULL;
    build_dns_answer(&out, 0x1234, "www.example.com", DNS_A, 0, records, 3);
    assert_int_equal(ldns_wire2pkt(&packet, out.bytes, out.len), LDNS_STATUS_OK);
    assert_int_equal(ldns_pkt_id(packet), 0x1234);
    assert_true(ldns_pkt_qr(packet));
    char *text = ldns_rr_list2str(ldns_pkt_answer(packet));
    assert_string_equal(text, "www.example.com.\t60\tIN\tCNAME\tedge.example.net.\n"
                              "edge.example.net.\t30\tIN\tA\t192.0.2.7\n"
                              "edge.example.net.\t30\tIN\tAAAA\t2001:db8::7\n");
    LDNS_FREE(text);
    ldns_pkt_free(packet);
    ml_buf_clear(&out);
    build_dns_query(&out, 7, "example.org", DNS_AAAA, "192.0.2.0", 24);
    assert_int_equal(ldns_wire2pkt(&packet, out.bytes, out.len), LDNS_STATUS_OK);
    assert_int_equal(ldns_pkt_edns_udp_size(packet), 1232);
    text = ldns_rdf2str(ldns_pkt_edns_data(packet));
    assert_string_equal(text, "\\# 11 0008000700011800c00002");
    LDNS_FREE(text);
    ldns_pkt_free(packet);
}

static void inflated(struct ml_span packed, struct ml_span want)
{
    static uint8_t plain[1 << 16];
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)packed.ptr,
                       .avail_in = (unsigned)packed.len,
                       .next_out = plain,
                       .avail_out = sizeof plain};
    assert_int_equal(inflateInit2(&stream, -15), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    assert_true(ml_span_equal(ml_span_of(plain, stream.total_out), want));
    assert_int_equal(inflateEnd(&stream), Z_OK);
}

static void deflate_is_read_by_zlib(void **state)
{
    (void)state;
    uint8_t all[256];
    for (unsigned i = 0; i < sizeof all; i++) {
        all[i] = (uint8_t)i;
    }
    for (size_t len = 0; len <= sizeof all; len += 17) {
        ml_buf_clear(&out);
        build_deflate(&out, ml_span_of(all + sizeof all - len, len));
        inflated(build_span(&out), ml_span_of(all + sizeof all - len, len));
    }
}

static void http_has_its_length(void **state)
{
    (void)state;
    static const char *const headers[] = {"Host: example.com", NULL};
    build_http(&out, "POST / HTTP/1.1", headers, ml_span_text("abc"));
    assert_span_text(build_span(&out), "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc");
    ml_buf_clear(&out);
    build_http(&out, "GET / HTTP/1.1", NULL, ml_span_of(NULL, 0));
    assert_span_text(build_span(&out), "GET / HTTP/1.1\r\n\r\n");
    ml_buf_clear(&out);
    build_http_chunked(&out, "HTTP/1.1 200 OK", NULL, ml_span_text("abcdefghijkl"), 10);
    assert_span_text(build_span(&out),
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabcdefghij\r\n2\r\nkl\r\n0\r\n\r\n");
}

/* Lengths measured on real sessions. */
static void mmtls_hellos_have_the_lengths_seen_on_the_wire(void **state)
{
    (void)state;
    static const struct {
        struct build_mmtls_hello hello;
        size_t len;
    } cases[] = {
        {{.type = MMTLS_HANDSHAKE_0RTT, .ticket_index = 1}, 161},
        {{.ticket_index = 1}, 161},
        {{.ticket_index = 2, .has_key_shares = true}, 366},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ml_buf_clear(&out);
        build_mmtls_client_hello(&out, &cases[i].hello);
        assert_int_equal(out.len, cases[i].len + 5);
        assert_int_equal(out.bytes[3] << 8 | out.bytes[4], cases[i].len);
        assert_int_equal(out.bytes[7] << 8 | out.bytes[8], cases[i].len - 4);
    }
    ml_buf_clear(&out);
    build_mmtls_server_hello(&out, 1, MMTLS_F104, false);
    assert_int_equal(out.len, 46 + 5);
    ml_buf_clear(&out);
    build_mmtls_server_hello(&out, 1, MMTLS_F104, true);
    assert_int_equal(out.len, 137 + 5);
}

static void the_path_is_the_first_random_number_of_the_second(void **state)
{
    (void)state;
    static const uint32_t seeds[] = {0, 1, 2, 42, 1700000000, 1701734400, 0x7fffffff, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        srandom(seeds[i]);
        assert_int_equal(build_first_random(seeds[i]), random());
    }
    char path[16];
    build_mmtls_path(1, path);
    assert_string_equal(path, "/mmtls/6b8b4567"); /* 1804289383, the best known random number there is */
}

static void the_host_list_is_xml_behind_raw_deflate(void **state)
{
    (void)state;
    const struct build_newgetdns_host hosts[] = {{"short.example.com", {"192.0.2.1", "192.0.2.2"}}};
    struct ml_span body;
    uint8_t plain[4096];
    build_newgetdns_reply(&out, hosts, 1, "203.0.113.5", 1);
    struct ml_span all = build_span(&out);
    size_t at = ml_span_find(all, ml_span_text("\r\n\r\n"));
    assert_true(at < all.len);
    assert_int_equal(ml_span_find(all, ml_span_text("203.0.113.5")), all.len); /* not readable as it is */
    body = ml_span_cut(all, at + 4, all.len);
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)body.ptr,
                       .avail_in = (unsigned)body.len,
                       .next_out = plain,
                       .avail_out = sizeof plain};
    assert_int_equal(inflateInit2(&stream, -15), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    struct ml_span xml = ml_span_of(plain, stream.total_out);
    assert_int_equal(inflateEnd(&stream), Z_OK);
    assert_true(ml_span_find(xml, ml_span_text("<domain name=\"short.example.com\" timeout=\"1800\"")) < xml.len);
    assert_true(ml_span_find(xml, ml_span_text(">192.0.2.2</ip>")) < xml.len);
    assert_true(ml_span_find(xml, ml_span_text("<clientip>203.0.113.5</clientip>")) < xml.len);
}

static void the_host_list_is_asked_for_in_the_clear(void **state)
{
    (void)state;
    struct build_newgetdns request = {.uin = "1000000001",
                                      .client_version = "671094583",
                                      .device_type = "android-34",
                                      .language = "en",
                                      .network_id = "00112233445566778899aabbccddeeff",
                                      .mcc_mnc = "00101"};
    build_newgetdns_request(&out, &request);
    struct ml_span all = build_span(&out);
    assert_true(ml_span_starts(all, "GET /cgi-bin/micromsg-bin/newgetdns?uin=1000000001&clientversion=671094583&"));
    assert_true(ml_span_find(all, ml_span_text("&mccmnc=00101 HTTP/1.0\r\nHost: dns.weixin.qq.com\r\n")) < all.len);
    assert_int_equal(ml_span_find(all, ml_span_text("=&")), all.len); /* no value is missing or ends in padding */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(certificates_are_read_and_verified_by_openssl, begin, end),
        cmocka_unit_test_setup_teardown(a_client_hello_adds_up, begin, end),
        cmocka_unit_test_setup_teardown(server_messages_add_up, begin, end),
        cmocka_unit_test_setup_teardown(long_messages_become_several_records, begin, end),
        cmocka_unit_test_setup_teardown(tls_sessions_are_conversations, begin, end),
        cmocka_unit_test_setup_teardown(dns_answers_are_read_by_ldns, begin, end),
        cmocka_unit_test_setup_teardown(deflate_is_read_by_zlib, begin, end),
        cmocka_unit_test_setup_teardown(http_has_its_length, begin, end),
        cmocka_unit_test_setup_teardown(mmtls_hellos_have_the_lengths_seen_on_the_wire, begin, end),
        cmocka_unit_test_setup_teardown(the_path_is_the_first_random_number_of_the_second, begin, end),
        cmocka_unit_test_setup_teardown(the_host_list_is_xml_behind_raw_deflate, begin, end),
        cmocka_unit_test_setup_teardown(the_host_list_is_asked_for_in_the_clear, begin, end),
    };
    return cmocka_run_group_tests_name("support/messages", tests, NULL, NULL);
}
