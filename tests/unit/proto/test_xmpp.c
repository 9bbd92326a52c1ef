/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/xmpp/tag.h"
#include "proto/xmpp/xmpp.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"
#include "support/tls_build.h"

/* RFC 6120, section 9.1 */
#define STREAM                                                                                                         \
    "<?xml version='1.0'?><stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' "              \
    "xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
#define STREAM_BACK                                                                                                    \
    "<?xml version='1.0'?><stream:stream from='im.example.com' id='t7AMCin9zjMNwQKDnplntZPIDEI=' version='1.0' "       \
    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:features><starttls "                \
    "xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"

#define UP_STREAM "xmpp.stream up xmpp.domain=im.example.com\n"
#define DOWN_STREAM "xmpp.stream down xmpp.domain=im.example.com\n"

static void assert_talk(const char *up, const char *down, const char *facts)
{
    const struct script_line lines[] = {{ML_UP, ml_span_text(up)}, {ML_DOWN, ml_span_text(down)}};
    const struct script script = {&ml_parser_xmpp, ML_IP_TCP, 5222, lines, 2};
    script_assert(&script, facts);
}

/* --- tags --- */

static void a_tag_is_name_attributes_and_form(void **state)
{
    (void)state;
    struct ml_xml_tag tag;
    assert_true(ml_xml_tag_read(ml_span_text("<stream:stream to='a>b' xmlns:stream=\"x\" >more"), &tag));
    assert_int_equal(tag.len, 42);
    assert_span_text(tag.prefix, "stream");
    assert_span_text(tag.name, "stream");
    assert_span_text(ml_xml_attr(&tag, "to"), "a>b");
    assert_span_text(ml_xml_attr(&tag, "xmlns:stream"), "x");
    assert_int_equal(ml_xml_attr(&tag, "xmlns").len, 0);
    assert_true(ml_xml_tag_read(ml_span_text("<body/>"), &tag));
    assert_span_text(tag.name, "body");
    assert_true(tag.is_empty && !tag.is_close);
    assert_true(ml_xml_tag_read(ml_span_text("</a:body >"), &tag));
    assert_span_text(tag.name, "body");
    assert_true(tag.is_close && !tag.is_empty);
    assert_true(ml_xml_tag_read(ml_span_text("<?xml version='1.0'?>"), &tag));
    assert_int_equal(tag.name.len, 0);
    assert_true(ml_xml_tag_read(ml_span_text("<>"), &tag));
    assert_int_equal(tag.name.len, 0);
    assert_true(ml_xml_tag_read(ml_span_text("</>"), &tag));
    assert_int_equal(tag.name.len, 0);
    assert_false(ml_xml_tag_read(ml_span_text("<body to='>"), &tag));
    assert_false(ml_xml_tag_read(ml_span_text("<body"), &tag));
}

static void attributes_that_are_not_well_formed_end_the_list(void **state)
{
    (void)state;
    struct ml_xml_tag tag;
    assert_true(ml_xml_tag_read(ml_span_text("<m a = 'b' c=d e='f'>"), &tag));
    assert_span_text(ml_xml_attr(&tag, "a"), "b");
    assert_int_equal(ml_xml_attr(&tag, "c").len, 0);
    assert_int_equal(ml_xml_attr(&tag, "e").len, 0);
}

/* --- conversations --- */

static void a_stream_names_its_domain(void **state)
{
    (void)state;
    assert_talk(STREAM, STREAM_BACK, UP_STREAM DOWN_STREAM);
}

/* RFC 6120, section 9.1 (PLAIN with juliet and r0m30myr0m30 of RFC 4616, section 4, by their names) */
static void a_plain_login_tells_account_and_secret(void **state)
{
    (void)state;
    assert_talk(STREAM "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
                       "AGp1bGlldAByMG0zMG15cjBtMzA=</auth>",
                "", UP_STREAM "xmpp.login up login.method=PLAIN login.user=juliet login.has_secret=true\n");
    assert_talk(STREAM "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>"
                       "biwsbj1qdWxpZXQscj1vTXNUQUF3QUFBQU1BQUFBTlAwVEFBQUFBQUJQVTBBQQ==</auth>",
                "", UP_STREAM "xmpp.login up login.method=SCRAM-SHA-1 login.has_secret=false\n");
    assert_talk(STREAM "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'/>", "",
                UP_STREAM "xmpp.login up login.method=EXTERNAL login.has_secret=false\n");
    assert_talk(STREAM
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-OAUTH2'>AGp1bGlldAB0b2tlbg==</auth>",
                "", UP_STREAM "xmpp.login up login.method=X-OAUTH2 login.user=juliet login.has_secret=true\n");
}

/* XEP-0078, section 3.1 */
static void the_old_login_is_read_too(void **state)
{
    (void)state;
    assert_talk(STREAM "<iq type='set' id='auth2'><query xmlns='jabber:iq:auth'><username>bill</username>"
                       "<password>Calli0pe</password><resource>globe</resource></query></iq>",
                "", UP_STREAM "xmpp.login up login.method=jabber:iq:auth login.user=bill login.has_secret=true\n");
    assert_talk(STREAM "<iq type='set' id='auth2'><query xmlns='jabber:iq:auth'><username>bill</username>"
                       "<digest>48fc78be9ec8f86d8ce1c39c320c97c21d62334d</digest></query></iq>",
                "", UP_STREAM "xmpp.login up login.method=jabber:iq:auth login.user=bill login.has_secret=false\n");
}

/* XEP-0045, section 7.2.5: the password of a room; XEP-0077: an account is made. */
static void a_password_outside_a_login_is_none(void **state)
{
    (void)state;
    assert_talk(STREAM "<presence to='room@muc.example.com/x'><x xmlns='http://jabber.org/protocol/muc'>"
                       "<password>cauldronburn</password></x></presence><password>y</password>"
                       "<iq><query xmlns='jabber:iq:roster'><username>a</username><password>b</password></query></iq>",
                "", UP_STREAM);
    assert_talk(STREAM "<iq type='set'><query xmlns='jabber:iq:register'><username>bill</username>"
                       "<password>Calli0pe</password></query></iq>",
                "", UP_STREAM "xmpp.login up login.method=jabber:iq:register login.user=bill login.has_secret=true\n");
}

/* RFC 6121, section 5.2.2 */
static void messages_tell_who_to_whom_and_how_much(void **state)
{
    (void)state;
    assert_talk(STREAM "<message from='juliet@im.example.com/balcony' to='romeo@example.net' type='chat'>"
                       "<body>Wherefore art thou, Romeo?</body></message>"
                       "<message to='romeo@example.net' type='chat'><composing xmlns='x'/></message>",
                STREAM_BACK
                "<message from='romeo@example.net/orchard' to='juliet@im.example.com'><body>By a name</body>"
                "<body xml:lang='cs'>Ze</body></message>",
                UP_STREAM "xmpp.message up message.from=juliet@im.example.com message.to=romeo@example.net "
                          "message.bytes=26\n" DOWN_STREAM
                          "xmpp.message down message.from=romeo@example.net message.to=juliet@im.example.com "
                          "message.bytes=11\n");
}

/* XEP-0384, XEP-0027, XEP-0364: what stands in the body is not what was said. */
static void messages_encrypted_between_clients_are_not_readable(void **state)
{
    (void)state;
    assert_talk(STREAM
                "<message to='romeo@example.net'><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/>"
                "</encrypted><body>I sent you an encrypted message</body></message>"
                "<message to='romeo@example.net'><body>This message is encrypted.</body>"
                "<x xmlns='jabber:x:encrypted'>qANQR1DBwU4D</x></message>"
                "<message to='romeo@example.net'><body>?OTRv23?</body></message>",
                "", UP_STREAM);
}

static void a_long_body_is_counted_and_not_held(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    ml_buf_add_text(&up, STREAM "<message to='romeo@example.net'><body>");
    for (int i = 0; i < 100000; i++) {
        ml_buf_add_byte(&up, 'x');
    }
    ml_buf_add_text(&up, "</body></message>");
    proto_rig_init(&rig, ML_IP_TCP, 5222);
    proto_rig_parser(&rig, &ml_parser_xmpp);
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&up), 1400);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        UP_STREAM "xmpp.message up message.to=romeo@example.net message.bytes=100000\n");
    assert_int_equal(proto_rig_fact(&rig, 1)->first_seq, 1);
    assert_int_equal(proto_rig_fact(&rig, 1)->last_seq, rig.seq);
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void texts_are_never_kept_and_names_are_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 5222);
    proto_rig_parser(&rig, &ml_parser_xmpp);
    proto_rig_feed(&rig, ML_UP,
                   ml_span_text(STREAM "<auth mechanism='PLAIN'>AGp1bGlldAByMG0zMG15cjBtMzA=</auth>"
                                       "<message to='romeo@example.net'><body>Wherefore</body></message>"));
    assert_null(strstr(proto_rig_facts(&rig), "r0m30"));
    assert_null(strstr(proto_rig_facts(&rig), "Wherefore"));
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 1), ML_F_LOGIN_USER)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 2), ML_F_MESSAGE_TO)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

/* --- STARTTLS and compression --- */

static void tls_behind_starttls_is_read(void **state)
{
    (void)state;
    const struct tb_client_hello hello = {.host = "im.example.com"};
    struct ml_buf body = tb_buf();
    struct ml_buf out = tb_buf();
    tb_client_hello(&body, &hello);
    tb_handshake(&out, 1, ml_buf_span(&body));
    const struct script_line lines[] = {
        {ML_UP, ml_span_text(STREAM "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")},
        {ML_DOWN, ml_span_text(STREAM_BACK "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")},
        {ML_UP, ml_buf_span(&out)},
    };
    const struct script script = {&ml_parser_xmpp, ML_IP_TCP, 5222, lines, 3};
    for (size_t piece = 0; piece < 3; piece++) {
        char *facts = script_facts(&script, piece);
        assert_non_null(strstr(facts, "tls.client_hello up tls.sni=im.example.com"));
        ml_mem_free(facts);
    }
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 5222);
    proto_rig_parser(&rig, &ml_parser_xmpp);
    for (size_t i = 0; i < 3; i++) {
        proto_rig_feed(&rig, lines[i].dir, lines[i].bytes);
    }
    const struct ml_fact *fact = proto_rig_fact(&rig, 2);
    assert_int_equal(fact->kind, ML_FACT_TLS_CLIENT_HELLO);
    assert_int_equal(fact->layers[1], ML_LAYER_XMPP);
    assert_int_equal(fact->range_from, 0); /* within what follows STARTTLS */
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
    ml_buf_fini(&out);
}

static void behind_compression_nothing_is_read(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 5222);
    proto_rig_parser(&rig, &ml_parser_xmpp);
    proto_rig_feed(&rig, ML_UP, ml_span_text(STREAM "<compress><method>zlib</method></compress>"));
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("<compressed xmlns='http://jabber.org/protocol/compress'/>xyz"));
    assert_false(rig.wants_more);
    proto_rig_fini(&rig);
}

/* --- the first bytes --- */

static enum ml_match probe(const char *text)
{
    struct ml_chunk chunk = {.bytes = ml_span_text(text)};
    return ml_parser_xmpp.probe(&chunk);
}

static void the_first_tags_tell(void **state)
{
    (void)state;
    char many[3000];
    assert_int_equal(probe(""), ML_MATCH_MORE);
    assert_int_equal(probe("<?xml version='1.0'?>"), ML_MATCH_MORE);
    assert_int_equal(probe("<stream:stream to='x'"), ML_MATCH_MORE);
    assert_int_equal(probe(STREAM), ML_MATCH_YES);
    assert_int_equal(probe("\n <stream:stream xmlns:stream='http://etherx.jabber.org/streams'>"), ML_MATCH_YES);
    assert_int_equal(probe("<stream:stream xmlns:stream='http://example.org/'>"), ML_MATCH_NO);
    assert_int_equal(probe("<?xml version='1.0'?><soap:Envelope>"), ML_MATCH_NO);
    assert_int_equal(probe("<?xml version='1.0'?>text"), ML_MATCH_NO);
    assert_int_equal(probe("<?xml version='1.0'?><?xml version='1.0'?>"), ML_MATCH_NO);
    assert_int_equal(probe("<policy-file-request/>"), ML_MATCH_NO);
    assert_int_equal(probe("GET /"), ML_MATCH_NO);
    memset(many, ' ', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    memcpy(many, "<stream:stream ", 15);
    assert_int_equal(probe(many), ML_MATCH_NO);
}

static void a_hole_or_a_tag_too_long_costs_only_itself(void **state)
{
    (void)state;
    static const char message[] = "<message to='romeo@example.net'><body>hello</body></message>";
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    ml_buf_add_text(&up, STREAM "<x a='");
    for (int i = 0; i < 40000; i++) {
        ml_buf_add_byte(&up, 'y');
    }
    ml_buf_add_text(&up, "'/>");
    ml_buf_add_text(&up, message);
    for (size_t piece = 1; piece < 3000; piece = piece * 7 + 100) {
        proto_rig_init(&rig, ML_IP_TCP, 5222);
        proto_rig_parser(&rig, &ml_parser_xmpp);
        proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&up), piece);
        proto_rig_feed(&rig, ML_UP, ml_span_text("<message to='romeo@example.net'><bo"));
        proto_rig_gap(&rig, ML_UP, 9);
        proto_rig_feed(&rig, ML_UP, ml_span_text("lost</body></message>"));
        proto_rig_feed(&rig, ML_UP, ml_span_text(message));
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig),
                            UP_STREAM "xmpp.message up message.to=romeo@example.net message.bytes=5 count=2\n");
        proto_rig_fini(&rig);
    }
    ml_buf_fini(&up);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    const struct script_line lines[] = {
        {ML_UP,
         ml_span_text("<stream:stream to='a.example' xmlns:stream='http://etherx.jabber.org/streams'>"
                      "<auth mechanism='PLAIN'>AGEAYg==</auth><message to='b@a.example'><body>hi</body></message>")},
        {ML_DOWN, ml_span_text("<message from='b@a.example'><body>ho</body></message><proceed/>x")},
    };
    const struct script script = {&ml_parser_xmpp, ML_IP_TCP, 5222, lines, 2};
    assert_true(script_sweep(&script) > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_is_name_attributes_and_form),
        cmocka_unit_test(attributes_that_are_not_well_formed_end_the_list),
        cmocka_unit_test(a_stream_names_its_domain),
        cmocka_unit_test(a_plain_login_tells_account_and_secret),
        cmocka_unit_test(the_old_login_is_read_too),
        cmocka_unit_test(a_password_outside_a_login_is_none),
        cmocka_unit_test(messages_tell_who_to_whom_and_how_much),
        cmocka_unit_test(messages_encrypted_between_clients_are_not_readable),
        cmocka_unit_test(a_long_body_is_counted_and_not_held),
        cmocka_unit_test(texts_are_never_kept_and_names_are_personal),
        cmocka_unit_test(tls_behind_starttls_is_read),
        cmocka_unit_test(behind_compression_nothing_is_read),
        cmocka_unit_test(the_first_tags_tell),
        cmocka_unit_test(a_hole_or_a_tag_too_long_costs_only_itself),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/xmpp", tests, NULL, NULL);
}
