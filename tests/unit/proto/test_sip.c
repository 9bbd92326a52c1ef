/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/sip/message.h"
#include "proto/sip/sdp.h"
#include "proto/sip/sip.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"

/* --- heads --- */

static enum ml_rd_state first_line(const char *text)
{
    struct ml_sip sip;
    return ml_sip_first_line(ml_span_text(text), &sip);
}

/* RFC 3261, sections 7.1 and 7.2 */
static void the_first_line_is_of_version_2(void **state)
{
    (void)state;
    assert_int_equal(first_line("INVITE sip:bob@biloxi.com SIP/2.0\r\n"), ML_RD_OK);
    assert_int_equal(first_line("REGISTER sips:ss2.biloxi.example.com SIP/2.0\n"), ML_RD_OK);
    assert_int_equal(first_line("SIP/2.0 200 OK\r\n"), ML_RD_OK);
    assert_int_equal(first_line("SIP/2.0 486\r\n"), ML_RD_OK);
    static const char *const short_of[] = {"",           "I",     "INVITE",  "INVITE ",      "INVITE sip:bob@b",
                                           "S",          "SIP/2", "SIP/2.0", "SIP/2.0 200 ", "INVITE sip:b SIP/2.0",
                                           "SUBSCRIBE s"};
    for (size_t i = 0; i < sizeof short_of / sizeof short_of[0]; i++) {
        assert_int_equal(first_line(short_of[i]), ML_RD_SHORT);
    }
    static const char *const lies[] = {
        "\r\n",
        "INVITE sip:bob@biloxi.com SIP/3.0\r\n",
        "INVITE sip:bob@biloxi.com HTTP/1.1\r\n",
        "INVITE sip:bob@biloxi.com\r\n",
        "GET / HTTP/1.1\r\n",
        "NOTIFY * HTTP/1.1\r\n",
        "invite sip:bob@biloxi.com SIP/2.0\r\n",
        "INVITE  SIP/2.0\r\n",
        "IN sip:bob@biloxi.com SIP/2.0\r\n",
        "INVITE sip:bob\001@biloxi.com SIP/2.0\r\n",
        "INVITEINVITEINVITEINVITE sip:b SIP/2.0\r\n",
        "SIP/2.0 099 x\r\n",
        "SIP/2.0 700 x\r\n",
        "SIP/2.0 2000\r\n",
        "SIP/2.0 20\r\n",
        "SIP/1.0 200 OK\r\n",
        "\x80\x60",
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        assert_int_equal(first_line(lies[i]), ML_RD_BAD);
    }
}

/* RFC 3261, sections 7.3.1 (folding), 7.3.3 (compact names) and 20 */
static void fields_have_long_and_short_names(void **state)
{
    (void)state;
    struct ml_sip sip;
    struct ml_span text =
        ml_span_text("MESSAGE sip:b@example.com SIP/2.0\r\nv: SIP/2.0/TCP a.example.com\r\n"
                     "F : \"A. Bell\"\r\n <sip:agb@bell-telephone.com>;tag=a48s\r\nt:sip:b@example.com\r\n"
                     "i: 7@a\r\nTo: sip:second@example.com\r\nm: *\r\nc: text/plain\r\nl: 5\r\n\r\nhello");
    assert_int_equal(ml_sip_head(text, false, &sip), ML_RD_OK);
    assert_span_text(ml_sip_uri(sip.from), "sip:agb@bell-telephone.com");
    assert_span_text(sip.to, "sip:b@example.com");
    assert_span_text(sip.call_id, "7@a");
    assert_span_text(sip.type, "text/plain");
    assert_int_equal(ml_sip_uri(sip.contact).len, 0);
    assert_true(sip.has_body_len);
    assert_int_equal(sip.body_len, 5);
    assert_int_equal(text.len - sip.len, 5);
    assert_int_equal(ml_sip_head(ml_span_cut(text, 0, text.len - 8), false, &sip), ML_RD_SHORT);
    assert_int_equal(ml_sip_head(ml_span_cut(text, 0, text.len - 8), true, &sip), ML_RD_OK);
}

/* RFC 3261, section 19.1.3 and 20.10 */
static void an_address_is_without_name_and_parameters(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>;q=0.7; expires=3600",
         "sip:watson@worcester.bell-telephone.com"},
        {"sip:+1-212-555-1212:1234@gateway.com;user=phone", "sip:+1-212-555-1212:1234@gateway.com"},
        {"<sips:alice@atlanta.com?subject=project%20x>", "sips:alice@atlanta.com"},
        {"tel:+358-555-1234567", "tel:+358-555-1234567"},
        {"*", ""},
        {"", ""},
        {"<", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_span_text(ml_sip_uri(ml_span_text(cases[i][0])), cases[i][1]);
    }
}

static bool has_ip(const char *uri, const char *expected)
{
    struct ml_ip ip;
    char text[ML_IP_TEXT];
    bool has_ip = ml_sip_uri_ip(ml_span_text(uri), &ip);
    (void)ml_ip_format(&ip, text);
    return has_ip && strcmp(text, expected) == 0;
}

static void hosts_that_are_numbers_are_read(void **state)
{
    (void)state;
    assert_true(has_ip("sip:alice@192.168.0.7:5062", "192.168.0.7"));
    assert_true(has_ip("sip:192.0.2.4", "192.0.2.4"));
    assert_true(has_ip("sip:alice@[2001:db8::9]:5060", "2001:db8::9"));
    assert_false(has_ip("sip:alice@example.com", ""));
    assert_false(has_ip("sip:alice@192.168.0.7.example.com", ""));
    assert_false(has_ip("sip:alice@[2001:db8::9", ""));
    assert_false(has_ip("", ""));
    struct ml_ip sent_by;
    struct ml_ip received;
    ml_sip_via(ml_span_text("SIP/2.0/UDP 192.168.0.7:5060;branch=z9hG4bK77asjd;received=192.0.2.207"), &sent_by,
               &received);
    assert_true(ml_sip_is_private(&sent_by));
    assert_int_equal(received.bytes[3], 207);
    ml_sip_via(ml_span_text("SIP / 2.0 / UDP first.example.com: 4000;ttl=16"), &sent_by, &received);
    assert_int_equal(received.family, 0);
    ml_sip_via(ml_span_text(""), &sent_by, &received);
    assert_int_equal(sent_by.family, 0);
}

static void only_addresses_of_a_house_are_private(void **state)
{
    (void)state;
    static const struct {
        const char *ip;
        bool is_private;
    } cases[] = {
        {"10.0.0.1", true},    {"172.16.0.1", true},   {"172.31.255.1", true}, {"192.168.1.1", true},
        {"169.254.3.4", true}, {"fd00::1", true},      {"fe80::1", true},      {"172.32.0.1", false},
        {"172.15.0.1", false}, {"192.169.1.1", false}, {"192.0.2.1", false},   {"2001:db8::1", false},
        {"fec0::1", false},    {"11.0.0.1", false},
    };
    struct ml_ip ip = {.family = 0};
    assert_false(ml_sip_is_private(&ip));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(ml_ip_parse(ml_span_text(cases[i].ip), &ip));
        assert_int_equal(ml_sip_is_private(&ip), cases[i].is_private);
    }
}

/* --- calls --- */

#define INVITE                                                                                                         \
    "INVITE sip:bob@biloxi.com SIP/2.0\r\n"                                                                            \
    "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8\r\nMax-Forwards: 70\r\n"                                  \
    "To: Bob <sip:bob@biloxi.com>\r\nFrom: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"                           \
    "Call-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\nContact: <sip:alice@pc33.atlanta.com>\r\n"                      \
    "Content-Type: application/sdp\r\n"

/* RFC 3261, section 24.2 (F1 and F11); the session is that of RFC 8866, section 5, shorter */
static void a_call_is_begun(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP(INVITE "Content-Length: 181\r\n\r\n"
                  "v=0\r\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\ns=Call to John Smith\r\n"
                  "c=IN IP4 192.168.0.7\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\n"
                  "m=video 53002 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"),
        DOWN("SIP/2.0 200 OK\r\n"
             "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8;received=192.0.2.1\r\n"
             "To: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\nFrom: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
             "Call-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\nContact: <sip:bob@192.0.2.4>\r\n"
             "Server: Example 1.0\r\nContent-Length: 0\r\n\r\n"),
    };
    static const char facts[] =
        "sip.request up sip.method=INVITE sip.uri=sip:bob@biloxi.com sip.from=sip:alice@atlanta.com "
        "sip.to=sip:bob@biloxi.com sip.contact=sip:alice@pc33.atlanta.com sip.call_id=a84b4c76e66710\n"
        "sip.media up sdp.media=audio 49170 RTP/AVP sdp.media=video 53002 RTP/AVP sdp.addresses=198.51.100.1 "
        "sdp.addresses=192.168.0.7 call.local_address=192.168.0.7\n"
        "sip.response down sip.status=200 sip.from=sip:alice@atlanta.com sip.to=sip:bob@biloxi.com "
        "sip.contact=sip:bob@192.0.2.4 sip.call_id=a84b4c76e66710 sip.agent=Example 1.0 "
        "call.public_address=192.0.2.1\n";
    const struct script datagrams = {&ml_parser_sip, ML_IP_UDP, 5060, lines, 2};
    const struct script stream = {&ml_parser_sip, ML_IP_TCP, 5060, lines, 2};
    script_assert(&datagrams, facts);
    script_assert(&stream, facts);
}

/* RFC 3261, section 22.4; RFC 7254, section 4.1; RFC 7315, section 5.4 */
static void a_phone_tells_account_device_and_cell(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("\r\n\r\nREGISTER sip:ims.example.com SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.5:5060;rport\r\n"
           "From: <sip:alex@ims.example.com>\r\nTo: <sip:alex@ims.example.com>\r\nCall-ID: x\r\n"
           "Contact: <sip:alex@10.0.0.5:5060>;+sip.instance=\"<urn:gsma:imei:90420156-025763-0>\"\r\n"
           "P-Access-Network-Info: 3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=0010100010000190\r\n"
           "Authorization: Digest username=\"bob@biloxi.com\", realm=\"biloxi.com\", response=\"42ce3cef\"\r\n"
           "User-Agent: Phone/1.0\r\nContent-Length: 0\r\n\r\n"),
        DOWN("SIP/2.0 401 Unauthorized\r\nCall-ID: x\r\nContent-Length: 0\r\n\r\n"),
    };
    const struct script script = {&ml_parser_sip, ML_IP_TCP, 5060, lines, 2};
    script_assert(&script,
                  "sip.request up sip.method=REGISTER sip.uri=sip:ims.example.com sip.from=sip:alex@ims.example.com "
                  "sip.to=sip:alex@ims.example.com sip.contact=sip:alex@10.0.0.5:5060 "
                  "sip.instance=<urn:gsma:imei:90420156-025763-0> sip.call_id=x sip.agent=Phone/1.0 "
                  "sip.access_network=3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=0010100010000190 login.method=Digest "
                  "login.user=bob@biloxi.com login.has_secret=false call.local_address=10.0.0.5\n"
                  "sip.response down sip.status=401 sip.call_id=x\n");
}

/* RFC 3428, section 10 */
static void a_text_message_is_counted_not_kept(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("MESSAGE sip:user2@domain.com SIP/2.0\r\nFrom: sip:user1@domain.com;tag=49583\r\nTo: "
           "sip:user2@domain.com\r\n"
           "Content-Type: text/plain\r\nContent-Length: 18\r\n\r\nWatson, come here."
           "OPTIONS sip:user2@domain.com SIP/2.0\r\nContent-Length: 0\r\n\r\n"),
        DOWN("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    };
    const struct script script = {&ml_parser_sip, ML_IP_TCP, 5060, lines, 2};
    script_assert(&script,
                  "sip.request up sip.method=MESSAGE sip.uri=sip:user2@domain.com sip.from=sip:user1@domain.com "
                  "sip.to=sip:user2@domain.com\n"
                  "sip.message up message.from=sip:user1@domain.com message.to=sip:user2@domain.com "
                  "message.bytes=18\n"
                  "sip.request up sip.method=OPTIONS sip.uri=sip:user2@domain.com\n"
                  "sip.response down sip.status=200\n");
}

/* --- descriptions --- */

static void assert_sdp(const char *sdp, const char *facts)
{
    struct proto_rig rig;
    struct ml_buf message;
    ml_buf_init(&message, 1 << 16);
    (void)ml_buf_printf(&message, "ACK sip:a@b.test SIP/2.0\r\n\r\n%s", sdp);
    proto_rig_init(&rig, ML_IP_UDP, 5060);
    proto_rig_parser(&rig, &ml_parser_sip);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&message));
    const char *all = proto_rig_facts(&rig);
    const char *second = strchr(all, '\n');
    assert_non_null(second);
    assert_string_equal(second + 1, facts);
    proto_rig_fini(&rig);
    ml_buf_fini(&message);
}

/* RFC 8839, section 4.1 and 5.1; RFC 3605; RFC 4568, section 9.1; RFC 8866, section 5.7 */
static void candidates_keys_and_groups_are_read(void **state)
{
    (void)state;
    assert_sdp("v=0\no=jdoe 2890844526 2890842807 IN IP6 2001:db8::9\nc=IN IP4 233.252.0.1/127\n"
               "m=audio 45664/2 RTP/SAVP 0\na=rtcp:53020 IN IP4 192.0.2.9\n"
               "a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host\n"
               "a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998\n"
               "a=candidate:3 1 UDP 1694498815 6d4c.local 45664 typ host\n"
               "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:32\n",
               "sip.media up sdp.media=audio 45664/2 RTP/SAVP sdp.addresses=2001:db8::9 sdp.addresses=233.252.0.1 "
               "sdp.addresses=192.0.2.9 sdp.addresses=10.0.1.1 sdp.addresses=192.0.2.3 "
               "call.local_address=10.0.1.1 sdp.has_keys=true\n");
    assert_sdp("--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nm=\r\nm=audio\r\nk=clear:abc\r\n--x--\r\n",
               "sip.media up sdp.media=audio sdp.has_keys=true\n");
}

static void addresses_that_tell_nothing_are_left_out(void **state)
{
    (void)state;
    assert_sdp("v=0\no=- 1 1 IN IP4 127.0.0.1\nc=IN IP4 0.0.0.0\nc=IN IP6 ::\nc=IN IP6 ::1\no=- 1 1 IN IP4 host.test\n"
               "a=candidate:\nm=audio 9 RTP/AVP 0\n",
               "sip.media up sdp.media=audio 9 RTP/AVP\n");
    assert_sdp("v=1\nc=IN IP4 192.0.2.1\n", "");
    assert_sdp("just a text\n", "");
}

static void lists_have_a_ceiling(void **state)
{
    (void)state;
    struct ml_buf sdp;
    ml_buf_init(&sdp, 1 << 16);
    ml_buf_add_text(&sdp, "ACK sip:a@b.test SIP/2.0\r\n\r\nv=0\n");
    for (unsigned i = 1; i < 200; i++) {
        (void)ml_buf_printf(&sdp, "c=IN IP4 10.0.0.%u\nm=audio %u RTP/AVP 0\n", i, i);
    }
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 5060);
    proto_rig_parser(&rig, &ml_parser_sip);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&sdp));
    assert_in_range(proto_rig_fact(&rig, 1)->n_attrs, 12 + 12 + 16, 40);
    assert_true(proto_rig_fact(&rig, 1)->is_cut);
    proto_rig_fini(&rig);
    ml_buf_fini(&sdp);
}

/* --- streams and datagrams --- */

static enum ml_match probe(const char *text, bool is_datagram)
{
    struct ml_flow flow = {.server_port = 5060};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_text(text), .is_datagram = is_datagram};
    return ml_parser_sip.probe(&chunk);
}

static void a_datagram_is_a_message_from_its_first_line_on(void **state)
{
    (void)state;
    assert_int_equal(probe("OPTIONS sip:a@b.test SIP/2.0\r\n", true), ML_MATCH_YES);
    assert_int_equal(probe("\r\n\r\n", true), ML_MATCH_NO);
    assert_int_equal(probe("\r\n\r\n", false), ML_MATCH_MORE);
    assert_int_equal(probe("OPTIONS sip:a@b.test", true), ML_MATCH_NO);
    assert_int_equal(probe("OPTIONS sip:a@b.test", false), ML_MATCH_MORE);
    assert_int_equal(probe("OPTIONS * RTSP/1.0\r\n", false), ML_MATCH_NO);
    assert_int_equal(probe("options", false), ML_MATCH_NO);
}

static void behind_what_is_no_message_the_next_one_is_found(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 5060);
    proto_rig_parser(&rig, &ml_parser_sip);
    proto_rig_feed(&rig, ML_UP,
                   ml_span_text("OPTIONS sip:a@b.test SIP/2.0\r\nCall-ID: 1\r\n\r\nno length\r\n"
                                "OPTIONS sip:a@b.test SIP/2.0\r\nCall-"));
    proto_rig_gap(&rig, ML_UP, 100);
    proto_rig_feed(&rig, ML_UP,
                   ml_span_text("tail\r\n\r\nOPTIONS sip:a@b.test SIP/2.0\r\nCall-ID: 3\r\n"
                                "Content-Length: 100000\r\n\r\n"));
    for (int i = 0; i < 1000; i++) { /* longer than is looked at */
        char body[101];
        memset(body, 'x', 100);
        body[100] = '\0';
        proto_rig_feed(&rig, ML_UP, ml_span_text(body));
    }
    proto_rig_feed(&rig, ML_UP, ml_span_text("OPTIONS sip:a@b.test SIP/2.0\r\nCall-ID: 4\r\n\r\n"));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "sip.request up sip.method=OPTIONS sip.uri=sip:a@b.test sip.call_id=1\n"
                        "sip.request up sip.method=OPTIONS sip.uri=sip:a@b.test sip.call_id=3\n"
                        "sip.request up sip.method=OPTIONS sip.uri=sip:a@b.test sip.call_id=4\n");
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    proto_rig_fini(&rig);
}

static void names_and_numbers_are_personal(void **state)
{
    (void)state;
    static const enum ml_field fields[] = {ML_F_SIP_FROM,          ML_F_SIP_TO,      ML_F_SIP_URI,
                                           ML_F_SIP_CONTACT,       ML_F_SIP_CALL_ID, ML_F_SIP_INSTANCE,
                                           ML_F_SIP_ACCESS_NETWORK};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        assert_int_equal(ml_field_info(fields[i])->sensitivity, ML_SENS_PERSONAL);
    }
    assert_int_equal(ml_field_info(ML_F_SDP_ADDRESSES)->sensitivity, ML_SENS_NETWORK);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("\r\nINVITE sip:b@c.de SIP/2.0\r\nv: SIP/2.0/UDP 10.0.0.1:5060;received=192.0.2.1\r\n"
           "m: <sip:a@10.0.0.2>;+sip.instance=\"x\"\r\nAuthorization: Digest username=\"u\"\r\nf: <sip:a@b>\r\n"
           "l: 63\r\n\r\nv=0\r\no=- 1 1 IN IP4 10.0.0.3\r\nm=audio 1 RTP/AVP 0\r\n"
           "a=crypto:1\r\n"),
        DOWN("SIP/2.0 200 OK\r\nl: 0\r\n\r\nMESSAGE sip:a@b SIP/2.0\r\nc: text/x\r\nl: 2\r\n\r\nhi"),
    };
    const struct script stream = {&ml_parser_sip, ML_IP_TCP, 5060, lines, 2};
    const struct script datagrams = {&ml_parser_sip, ML_IP_UDP, 5060, lines, 2};
    assert_true(script_sweep(&stream) > 100);
    assert_true(script_sweep(&datagrams) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_is_of_version_2),
        cmocka_unit_test(fields_have_long_and_short_names),
        cmocka_unit_test(an_address_is_without_name_and_parameters),
        cmocka_unit_test(hosts_that_are_numbers_are_read),
        cmocka_unit_test(only_addresses_of_a_house_are_private),
        cmocka_unit_test(a_call_is_begun),
        cmocka_unit_test(a_phone_tells_account_device_and_cell),
        cmocka_unit_test(a_text_message_is_counted_not_kept),
        cmocka_unit_test(candidates_keys_and_groups_are_read),
        cmocka_unit_test(addresses_that_tell_nothing_are_left_out),
        cmocka_unit_test(lists_have_a_ceiling),
        cmocka_unit_test(a_datagram_is_a_message_from_its_first_line_on),
        cmocka_unit_test(behind_what_is_no_message_the_next_one_is_found),
        cmocka_unit_test(names_and_numbers_are_personal),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/sip", tests, NULL, NULL);
}
