/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mqtt/mqtt.h"
#include "proto/mqtt/packet.h"
#include "support/cm.h"
#include "support/proto_rig.h"
#include "support/script.h"

static void assert_talk(const struct script_line *lines, size_t n, const char *facts)
{
    const struct script script = {&ml_parser_mqtt, ML_IP_TCP, 1883, lines, n};
    script_assert(&script, facts);
}

/* --- packets --- */

/* 3.1.1, table 2.4 */
static void a_length_has_one_to_four_bytes(void **state)
{
    (void)state;
    static const struct {
        struct ml_span bytes;
        size_t len, rest;
    } cases[] = {
        {BYTES("\x30\x00"), 2, 0},
        {BYTES("\x30\x7f"), 2, 127},
        {BYTES("\x30\x80\x01"), 3, 128},
        {BYTES("\x30\xff\x7f"), 3, 16383},
        {BYTES("\x30\x80\x80\x01"), 4, 16384},
        {BYTES("\x30\x80\x80\x80\x01"), 5, 2097152},
        {BYTES("\x30\xff\xff\xff\x7f"), 5, 268435455},
    };
    struct ml_mqtt_head head;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ml_mqtt_head(cases[i].bytes, &head), ML_RD_OK);
        assert_int_equal(head.type, ML_MQTT_PUBLISH);
        assert_int_equal(head.len, cases[i].len);
        assert_int_equal(head.rest, cases[i].rest);
    }
    assert_int_equal(ml_mqtt_head(ml_span_text("\x30\x80"), &head), ML_RD_SHORT);
    assert_int_equal(ml_mqtt_head(ml_span_text(""), &head), ML_RD_SHORT);
    assert_int_equal(ml_mqtt_head(ml_span_text("\x30\xff\xff\xff\x80"), &head), ML_RD_BAD);
}

/* 3.1.1, tables 2.1 and 2.2; 3.3.1.2 */
static void flags_that_no_packet_has_are_refused(void **state)
{
    (void)state;
    static const char *const good[] = {"\x10\x01", "\x32\x01", "\x3d\x01", "\x62\x01",
                                       "\x82\x01", "\xa2\x01", "\xf0\x01"};
    static const char *const bad[] = {"\x01\x01", "\x11\x01", "\x36\x01", "\x3f\x01", "\x60\x01",
                                      "\x80\x01", "\x22\x01", "\xc1\x01", "\xf2\x01"};
    struct ml_mqtt_head head;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(ml_mqtt_head(ml_span_text(good[i]), &head), ML_RD_OK);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ml_mqtt_head(ml_span_text(bad[i]), &head), ML_RD_BAD);
    }
}

static bool is_connect(const void *bytes, size_t len)
{
    struct ml_mqtt_connect connect;
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, len));
    return ml_mqtt_connect(&rd, &connect);
}

/* 3.1.1, section 3.1.2 */
static void a_connect_names_its_protocol_and_sets_flags_that_fit(void **state)
{
    (void)state;
    assert_true(is_connect("\0\4MQTT\4\2\0\x0a", 10));
    assert_true(is_connect("\0\4MQTT\5\2\0\x0a\0", 11));
    assert_true(is_connect("\0\6MQIsdp\3\2\0\x0a", 12));
    assert_true(is_connect("\0\6MQIsdp\x83\2\0\x0a", 12)); /* a bridge */
    assert_true(is_connect("\0\6MQTToT\3\xc3\0\x3c", 12)); /* its flags mean other things */
    assert_true(is_connect("\0\4MQTT\5\x40\0\x0a\0", 11)); /* version 5 allows a password alone */
    assert_false(is_connect("\0\4MQTT\3\2\0\x0a", 10));
    assert_false(is_connect("\0\4MQTT\6\2\0\x0a", 10));
    assert_false(is_connect("\0\6MQIsdp\4\2\0\x0a", 12));
    assert_false(is_connect("\0\4MQTU\4\2\0\x0a", 10));
    assert_false(is_connect("\0\4MQTT\4\3\0\x0a", 10));   /* reserved */
    assert_false(is_connect("\0\4MQTT\4\x42\0\x0a", 10)); /* a password alone */
    assert_false(is_connect("\0\4MQTT\4\x0a\0\x0a", 10)); /* quality of a will that is not there */
    assert_false(is_connect("\0\4MQTT\4\x22\0\x0a", 10)); /* its retaining */
    assert_false(is_connect("\0\4MQTT\4\x1e\0\x0a", 10)); /* quality 3 */
    assert_false(is_connect("\0\4MQTT\4", 7));
}

/* 3.1.1, section 1.5.3 */
static void a_text_is_utf8_without_zeros(void **state)
{
    (void)state;
    struct ml_span text;
    struct ml_reader rd = ml_rd_open(ml_span_of("\0\5A\xf0\xaa\x9b\x94", 7)); /* figure 1.2 */
    assert_true(ml_mqtt_text(&rd, &text));
    assert_int_equal(text.len, 5);
    rd = ml_rd_open(ml_span_of("\0\1\0", 3));
    assert_false(ml_mqtt_text(&rd, &text));
    rd = ml_rd_open(ml_span_of("\0\1\xff", 3));
    assert_false(ml_mqtt_text(&rd, &text));
    rd = ml_rd_open(ml_span_of("\0\3\xed\xa0\x80", 5)); /* half a pair */
    assert_false(ml_mqtt_text(&rd, &text));
}

/* --- conversations --- */

/* 3.1.1: 3.1.2 (figure 3.6), 3.2, 3.3 (figure 3.11), 3.8 (figure 3.23) */
static void a_client_connects_publishes_and_subscribes(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("\x10\x29\0\4MQTT\4\xce\0\x0a\0\5phone\0\6will/x\0\3bye\0\4alex\0\3abc"),
        DOWN("\x20\2\0\0"),
        UP("\x82\x0e\0\x0a\0\3a/b\1\0\3c/d\2"),
        DOWN("\x90\4\0\x0a\1\2"),
        UP("\x32\x0c\0\3a/b\0\x0ahello"),
        DOWN("\x40\2\0\x0a\x30\7\0\3a/bxy"),
        UP("\x30\6\0\3c/dz\x30\6\0\3c/dy\xc0\0"),
        DOWN("\xd0\0"),
        UP("\xa2\7\0\x0b\0\3a/b\xe0\0"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "mqtt.connect up mqtt.protocol=MQTT mqtt.version=4 mqtt.keep_alive=10 mqtt.client_id=phone "
                "mqtt.topic=will/x login.user=alex login.has_secret=true\n"
                "mqtt.answer down mqtt.reason=0\n"
                "mqtt.subscribe up mqtt.topic=a/b\n"
                "mqtt.subscribe up mqtt.topic=c/d\n"
                "mqtt.publish up mqtt.topic=a/b\n"
                "mqtt.publish down mqtt.topic=a/b\n"
                "mqtt.publish up mqtt.topic=c/d count=2\n");
}

/* 5.0: 3.1.2.11, 3.2.2.3, 3.3.2.3, 3.8.2.1 */
static void version_5_has_properties(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("\x10\x36\0\4MQTT\5\xc6\0\x3c"
           "\x17\x11\0\0\0\x0a\x15\0\5OTHER\x26\0\1k\0\1v\x0b\x80\1"
           "\0\0"             /* no name: the server gives one */
           "\2\1\1\0\1w\0\1x" /* will */
           "\0\4alex\0\1p"),
        DOWN("\x20\x0c\0\0\x09\x12\0\6auto-7"),
        UP("\x82\x0b\0\1\2\x0b\7\0\3#/+\0"
           "\x30\x0a\0\3a/b\3\x23\0\1x"
           "\x30\7\0\0\3\x23\0\1x"), /* by number only */
    };
    assert_talk(lines, 3,
                "mqtt.connect up mqtt.protocol=MQTT mqtt.version=5 mqtt.keep_alive=60 mqtt.topic=w login.method=OTHER "
                "login.user=alex login.has_secret=true\n"
                "mqtt.answer down mqtt.reason=0 mqtt.client_id=auto-7\n"
                "mqtt.subscribe up mqtt.topic=#/+\n"
                "mqtt.publish up mqtt.topic=a/b\n");
}

static void older_and_other_names_are_known(void **state)
{
    (void)state;
    static const struct script_line old[] = {UP("\x10\x12\0\6MQIsdp\3\2\0\x3c\0\4test"), DOWN("\x20\2\0\5")};
    assert_talk(old, 2,
                "mqtt.connect up mqtt.protocol=MQIsdp mqtt.version=3 mqtt.keep_alive=60 mqtt.client_id=test "
                "login.has_secret=false\n"
                "mqtt.answer down mqtt.reason=5\n");
    static const struct script_line facebook[] = {UP("\x10\x12\0\6MQTToT\3\xc2\0\x3c\x78\xda\x01\x02\x03\x04"),
                                                  DOWN("\x20\2\0\0")};
    assert_talk(facebook, 2,
                "mqtt.connect up mqtt.protocol=MQTToT mqtt.version=3 mqtt.keep_alive=60 login.has_secret=false\n"
                "mqtt.answer down mqtt.reason=0\n");
}

static void without_its_beginning_the_port_and_a_packet_that_fits_tell(void **state)
{
    (void)state;
    static const struct script_line lines[] = {UP("\x30\6\0\3c/dz"), DOWN("\x30\6\0\3c/dz")};
    assert_talk(lines, 2, "mqtt.publish up mqtt.topic=c/d\nmqtt.publish down mqtt.topic=c/d\n");
    const struct script elsewhere = {&ml_parser_mqtt, ML_IP_TCP, 8080, lines, 2};
    script_assert_refused(&elsewhere);
}

static void what_is_long_is_read_as_far_as_it_tells(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    ml_buf_add(&up, "\x10\xb0\xea\1\0\4MQTT\4\4\0\x3c\0\4test\0\1w\xea\0",
               23); /* 30,000 bytes, most of them the will */
    for (int i = 0; i < 30004 - 23; i++) {
        ml_buf_add_byte(&up, 'x');
    }
    ml_buf_add(&up, "\x30\xb0\xea\1\0\1t", 7);
    for (int i = 0; i < 30004 - 7; i++) {
        ml_buf_add_byte(&up, 'y');
    }
    ml_buf_add(&up, "\x30\4\0\1u.", 6);
    proto_rig_init(&rig, ML_IP_TCP, 1883);
    proto_rig_parser(&rig, &ml_parser_mqtt);
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&up), 1000);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "mqtt.connect up mqtt.protocol=MQTT mqtt.version=4 mqtt.keep_alive=60 mqtt.client_id=test "
                        "mqtt.topic=w login.has_secret=false\n"
                        "mqtt.publish up mqtt.topic=t\nmqtt.publish up mqtt.topic=u\n");
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1); /* the CONNECT; of a PUBLISH nothing is missed */
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void filters_have_a_ceiling(void **state)
{
    (void)state;
    for (size_t n = 256; n <= 257; n++) {
        struct ml_buf up;
        ml_buf_init(&up, 1 << 16);
        size_t rest = 2 + 4 * n;
        ml_buf_add_byte(&up, 0x82);
        ml_buf_add_byte(&up, (uint8_t)(rest & 0x7f) | 0x80);
        ml_buf_add_byte(&up, (uint8_t)(rest >> 7));
        ml_buf_add(&up, "\0\1", 2);
        for (size_t i = 0; i < n; i++) {
            ml_buf_add(&up, "\0\1a\0", 4);
        }
        const struct script_line lines[] = {{ML_UP, ml_buf_span(&up)}};
        const struct script script = {&ml_parser_mqtt, ML_IP_TCP, 1883, lines, 1};
        assert_talk(lines, 1, "mqtt.subscribe up mqtt.topic=a count=256\n");
        assert_int_equal(script_count(&script, ML_COUNT_LIMIT_MESSAGE), n - 256);
        ml_buf_fini(&up);
    }
}

static void a_hole_or_a_lie_ends_a_direction(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1883);
    proto_rig_parser(&rig, &ml_parser_mqtt);
    proto_rig_feed(&rig, ML_UP, ml_span_of("\x30\x20\0\1a...", 8));
    proto_rig_gap(&rig, ML_UP, 10); /* within the message */
    proto_rig_feed(&rig, ML_UP, ml_span_of("................\x30\3\0\1b", 21));
    proto_rig_feed(&rig, ML_UP, ml_span_of("\x30\3", 2));
    proto_rig_gap(&rig, ML_UP, 3);
    proto_rig_feed(&rig, ML_UP, ml_span_of("\x30\3\0\1c", 5));
    assert_true(rig.wants_more);
    proto_rig_feed(&rig, ML_DOWN, ml_span_of("\x30\3\0\1d\0\0", 7));
    assert_false(rig.wants_more);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "mqtt.publish up mqtt.topic=a\nmqtt.publish up mqtt.topic=b\n"
                                               "mqtt.publish down mqtt.topic=d\n");
    proto_rig_fini(&rig);
}

static void names_and_topics_are_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1883);
    proto_rig_parser(&rig, &ml_parser_mqtt);
    proto_rig_feed(&rig, ML_UP, ml_span_of("\x10\x18\0\4MQTT\4\xc2\0\x0a\0\2me\0\1u\0\5abcde\x30\7\0\1tsecr", 35));
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_MQTT_CLIENT_ID)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 1), ML_F_MQTT_TOPIC)->sensitivity, ML_SENS_PERSONAL);
    assert_null(strstr(proto_rig_facts(&rig), "abcde"));
    assert_null(strstr(proto_rig_facts(&rig), "secr "));
    proto_rig_fini(&rig);
}

static enum ml_match probe(const char *bytes, size_t len, uint16_t port)
{
    struct ml_flow flow = {.server_port = port};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_of(bytes, len)};
    return ml_parser_mqtt.probe(&chunk);
}

static void the_first_packet_tells(void **state)
{
    (void)state;
    assert_int_equal(probe("", 0, 1), ML_MATCH_MORE);
    assert_int_equal(probe("\x10", 1, 1), ML_MATCH_MORE);
    assert_int_equal(probe("\x10\x12\0\4MQ", 6, 1), ML_MATCH_MORE);
    assert_int_equal(probe("\x10\x12\0\4MQTT\4\2\0\x0a", 12, 1), ML_MATCH_YES);
    assert_int_equal(probe("\x10\x12\0\5MQ", 6, 1), ML_MATCH_NO);
    assert_int_equal(probe("\x10\4\0\4MQ", 6, 1), ML_MATCH_NO); /* shorter than its name */
    assert_int_equal(probe("\x10\x12\0\4MQTT\4\3\0\x0a", 12, 1), ML_MATCH_NO);
    assert_int_equal(probe("\x30\3\0\1b", 5, 1883), ML_MATCH_YES);
    assert_int_equal(probe("\x30\3\0", 3, 1883), ML_MATCH_MORE);
    assert_int_equal(probe("\x82\x09\0\1\0\2ab\0", 9, 1883), ML_MATCH_MORE);
    assert_int_equal(probe("\x30\3\0\1b", 5, 80), ML_MATCH_NO);
    assert_int_equal(probe("\x30\3\0\0b", 5, 1883), ML_MATCH_NO); /* no topic */
    assert_int_equal(probe("\x20\2\0\0", 4, 1883), ML_MATCH_YES);
    assert_int_equal(probe("\xc0\0", 2, 1883), ML_MATCH_YES);
    assert_int_equal(probe("\xc0\1x", 3, 1883), ML_MATCH_NO);
    assert_int_equal(probe("\x82\7\0\1\0\2ab\0", 9, 1883), ML_MATCH_YES);
    assert_int_equal(probe("\x82\2\0\1", 4, 1883), ML_MATCH_NO);
    assert_int_equal(probe("\x16\3\1\0\5", 5, 8883), ML_MATCH_NO);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("\x10\x22\0\4MQTT\5\xc6\0\x3c\x08\x15\0\1O\x26\0\0\0\0\0\1c\2\1\1\0\1w\0\1x\0\1u\0\1p"),
        DOWN("\x20\x06\0\0\3\x12\0\0\x30\3\0\1d"),
        UP("\x82\x0a\0\1\2\x0b\7\0\1a\0\x30\6\0\3c/dz\xe0\0"),
    };
    const struct script script = {&ml_parser_mqtt, ML_IP_TCP, 1883, lines, 3};
    assert_true(script_sweep(&script) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_has_one_to_four_bytes),
        cmocka_unit_test(flags_that_no_packet_has_are_refused),
        cmocka_unit_test(a_connect_names_its_protocol_and_sets_flags_that_fit),
        cmocka_unit_test(a_text_is_utf8_without_zeros),
        cmocka_unit_test(a_client_connects_publishes_and_subscribes),
        cmocka_unit_test(version_5_has_properties),
        cmocka_unit_test(older_and_other_names_are_known),
        cmocka_unit_test(without_its_beginning_the_port_and_a_packet_that_fits_tell),
        cmocka_unit_test(what_is_long_is_read_as_far_as_it_tells),
        cmocka_unit_test(filters_have_a_ceiling),
        cmocka_unit_test(a_hole_or_a_lie_ends_a_direction),
        cmocka_unit_test(names_and_topics_are_personal),
        cmocka_unit_test(the_first_packet_tells),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/mqtt", tests, NULL, NULL);
}
