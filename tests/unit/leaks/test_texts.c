/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers by their shape outside of requests: streams, datagrams, names, responses. No values are planted. */
#include "leaks/leaks.h"
#include "leaks/parts.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

struct bed {
    struct proto_rig proto;
    struct ml_leaks *leaks;
    struct ml_leaks_flow *state;
    struct ml_buf text;
};

static void open_bed(struct bed *bed, uint8_t ip_proto, uint16_t port)
{
    memset(bed, 0, sizeof *bed);
    ml_buf_init(&bed->text, 1 << 16);
    proto_rig_init(&bed->proto, ip_proto, port);
    bed->leaks = ml_leaks_new(NULL, &bed->proto.facts);
    assert_non_null(bed->leaks);
    bed->proto.env.plain = ml_leaks_sink(bed->leaks);
    ml_leaks_enter(bed->leaks, &bed->proto.flow, &bed->state);
}

static void feed(struct bed *bed, enum ml_dir dir, const char *text)
{
    proto_rig_feed(&bed->proto, dir, ml_span_text(text));
}

static void end_bed(struct bed *bed)
{
    proto_rig_end(&bed->proto);
    ml_leaks_close(bed->leaks, &bed->state);
}

/* The facts of leaks must be these; frees all. */
static void assert_facts(struct bed *bed, const char *expected)
{
    const char *all = proto_rig_facts(&bed->proto);
    for (const char *line = all; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, "leak.", 5) == 0) {
            (void)ml_buf_add(&bed->text, line, strcspn(line, "\n") + 1);
        }
    }
    assert_span_text(ml_buf_span(&bed->text), expected);
    assert_int_equal(bed->leaks->held, 0);
    ml_leaks_free(bed->leaks);
    proto_rig_fini(&bed->proto);
    ml_buf_fini(&bed->text);
}

static void assert_told(struct bed *bed, const char *expected)
{
    end_bed(bed);
    assert_facts(bed, expected);
}

#define IMEI(dir, place)                                                                                               \
    "leak.detected " dir " identity.kind=imei identity.place=" place                                                   \
    " identity.form=name identity.precision=exact identity.value=490154203237518\n"
#define JSON "{\"imei\":\"490154203237518\"}"

static void text_of_a_stream_is_read_however_it_is_cut(void **state)
{
    (void)state;
    const struct ml_span bytes = ml_span_text("hello device, " JSON " bye");
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        struct bed bed;
        open_bed(&bed, ML_IP_TCP, 5000);
        proto_rig_feed_split(&bed.proto, ML_UP, bytes, piece);
        end_bed(&bed);
        const struct ml_fact *fact = proto_rig_fact(&bed.proto, 0);
        assert_int_equal(fact->range_from, 23);
        assert_int_equal(fact->range_len, 15);
        assert_int_equal(fact->first_seq, 23 / piece + 1);
        assert_int_equal(fact->last_seq, 37 / piece + 1);
        assert_facts(&bed, IMEI("up", "payload"));
    }
}

static void a_turn_of_the_other_side_and_a_hole_end_a_text(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed, ML_IP_TCP, 5000);
    feed(&bed, ML_UP, "here it comes: {\"imei\":");
    feed(&bed, ML_DOWN, "go on, I listen to you\n");
    feed(&bed, ML_UP, "\"490154203237518\" }");
    assert_told(&bed, "");
    open_bed(&bed, ML_IP_TCP, 5000);
    feed(&bed, ML_UP, "here it comes: {\"imei\":");
    proto_rig_gap(&bed.proto, ML_UP, 7);
    feed(&bed, ML_UP, "\"490154203237518\" }");
    assert_told(&bed, "");
    open_bed(&bed, ML_IP_TCP, 5000);
    feed(&bed, ML_UP, "here it comes: {\"imei\":");
    feed(&bed, ML_UP, "\"490154203237518\" }");
    feed(&bed, ML_DOWN, "and mine is " JSON "\n");
    assert_told(&bed, IMEI("up", "payload") IMEI("down", "payload"));
}

static void text_between_bytes_that_are_none_is_read_in_runs(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed, ML_IP_UDP, 5001);
    feed(&bed, ML_UP, "\x81\x01\x02" JSON "\x03\x04\xff\xfe");
    assert_told(&bed, IMEI("up", "payload"));
    open_bed(&bed, ML_IP_UDP, 5001); /* the name and its value are apart */
    feed(&bed, ML_UP, "\x81\x01\x02the device imei:\x03 490154203237518");
    assert_told(&bed, "");
    open_bed(&bed, ML_IP_UDP, 5001); /* too short a run */
    feed(&bed, ML_UP, "\x81\x01\x02to:a@b.cc\x03\x04\x05\x06\x07\x01");
    assert_told(&bed, "");
}

static void a_conversation_without_text_is_left_alone(void **state)
{
    (void)state;
    uint8_t noise[1024];
    struct bed bed;
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (uint8_t)(0x80 | (i * 37));
    }
    open_bed(&bed, ML_IP_TCP, 5000);
    for (size_t i = 0; i < 3; i++) {
        proto_rig_feed(&bed.proto, ML_UP, ml_span_of(noise, sizeof noise));
        proto_rig_feed(&bed.proto, ML_DOWN, ml_span_of(noise, sizeof noise));
    }
    assert_false(bed.leaks->sink.wants_bytes(bed.leaks->sink.context));
    assert_int_equal(ml_leaks_seen(bed.state), 0);
    feed(&bed, ML_UP, "and now: " JSON);
    assert_told(&bed, "");
}

static void much_text_is_read_up_to_a_ceiling_that_is_counted(void **state)
{
    (void)state;
    struct bed bed;
    static char line[32 * 1024];
    memset(line, 'x', sizeof line - 1);
    open_bed(&bed, ML_IP_TCP, 5000);
    for (size_t n = 0; n <= ML_MAX_DETECT_STREAM; n += sizeof line - 1) {
        feed(&bed, ML_UP, line);
    }
    assert_int_equal(bed.proto.counters.n[ML_COUNT_LIMIT_DETECT_STREAM], 1);
    feed(&bed, ML_UP, JSON);
    assert_told(&bed, "");
}

static void a_message_of_mqtt_is_read(void **state)
{
    (void)state;
    static const uint8_t connect[] = "\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01"
                                     "a";
    static const uint8_t publish[] = "\x30\x1f\x00\x04"
                                     "home" JSON;
    struct bed bed;
    open_bed(&bed, ML_IP_TCP, 1883);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_of(connect, sizeof connect - 1));
    proto_rig_feed(&bed.proto, ML_DOWN, ml_span_of("\x20\x02\x00\x00", 4));
    proto_rig_feed(&bed.proto, ML_UP, ml_span_of(publish, sizeof publish - 1));
    assert_told(&bed, IMEI("up", "payload"));
}

static void a_message_of_websocket_is_read_without_its_mask(void **state)
{
    (void)state;
    static const char text[] = JSON;
    uint8_t frame[6 + sizeof text - 1] = {0x81, 0x80 | (sizeof text - 1), 1, 2, 3, 4};
    for (size_t i = 0; i < sizeof text - 1; i++) {
        frame[6 + i] = (uint8_t)(text[i] ^ (i % 4 + 1));
    }
    for (size_t piece = 1; piece <= sizeof frame; piece += 7) {
        struct bed bed;
        open_bed(&bed, ML_IP_TCP, 80);
        feed(&bed, ML_UP, "GET /ws HTTP/1.1\r\nHost: chat.example.com\r\nUpgrade: websocket\r\n\r\n");
        feed(&bed, ML_DOWN, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
        proto_rig_feed_split(&bed.proto, ML_UP, ml_span_of(frame, sizeof frame), piece);
        assert_told(&bed, IMEI("up", "payload"));
    }
}

static void envelopes_and_content_of_mail_are_read(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed, ML_IP_TCP, 25);
    feed(&bed, ML_DOWN, "220 mail.example.com ESMTP\r\n");
    feed(&bed, ML_UP, "EHLO client.example.com\r\n");
    feed(&bed, ML_DOWN, "250 mail.example.com\r\n");
    feed(&bed, ML_UP, "MAIL FROM:<a@example.com>\r\n");
    feed(&bed, ML_DOWN, "250 ok, go on with it\r\n");
    feed(&bed, ML_UP, "DATA\r\nMessage-ID: <1@mail.example.com>\r\n\r\nmy imei: 490154203237518\r\n.\r\n");
    assert_told(&bed, "leak.detected up identity.kind=email identity.place=payload identity.form=shape "
                      "identity.precision=exact identity.value=a@example.com\n" IMEI("up", "payload"));
}

/* --- DNS --- */

#define HEADER "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define ANSWER "\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00"
#define QUESTION                                                                                                       \
    "\x04imei\x0f"                                                                                                     \
    "490154203237518\x07"                                                                                              \
    "example\x03"                                                                                                      \
    "com\x00\x00\x01\x00\x01"

static void names_that_are_asked_for_are_read_and_answers_are_not(void **state)
{
    (void)state;
    static const uint8_t query[] = HEADER QUESTION;
    static const uint8_t answer[] = ANSWER QUESTION;
    struct bed bed;
    open_bed(&bed, ML_IP_UDP, 53);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_of(query, sizeof query - 1));
    proto_rig_feed(&bed.proto, ML_DOWN, ml_span_of(answer, sizeof answer - 1));
    const struct ml_fact *fact = bed.proto.flow.facts;
    while (fact->kind != ML_FACT_LEAK_DETECTED) {
        fact = fact->next;
    }
    assert_int_equal(fact->range_from, 12);
    assert_int_equal(fact->range_len, 33);
    assert_told(&bed, IMEI("up", "dns.name"));
}

static void what_a_device_announces_around_is_read_with_its_texts(void **state)
{
    (void)state;
    static const uint8_t text[] = "\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00"
                                  "\x14"
                                  "061A9B3C7D5E@Kitchen"
                                  "\xc0\x0c\x00\x10\x80\x01\x00\x00\x11\x94\x00\x1b"
                                  "\x1a"
                                  "deviceid=06:1A:9B:3C:7D:5F";
    struct bed bed;
    open_bed(&bed, ML_IP_UDP, 5353);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_of(text, sizeof text - 1));
    assert_told(&bed, "leak.detected up identity.kind=mac identity.place=dns.name identity.form=shape "
                      "identity.precision=exact identity.value=061A9B3C7D5E\n"
                      "leak.detected up identity.kind=mac identity.place=payload identity.form=name "
                      "identity.precision=exact identity.value=06:1A:9B:3C:7D:5F\n");
}

/* --- responses --- */

static void a_cookie_that_is_set_belongs_to_the_host_that_was_asked(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed, ML_IP_TCP, 80);
    feed(&bed, ML_UP, "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
    feed(&bed, ML_DOWN,
         "HTTP/1.1 200 OK\r\nContent-Length: 26\r\nSet-Cookie: uid=12345678; Max-Age=86400\r\n\r\n" JSON);
    assert_told(&bed, "leak.detected down identity.kind=cookie identity.place=set_cookie http.host=www.example.com "
                      "identity.form=set-cookie identity.precision=exact identity.value=12345678 identity.name=uid "
                      "identity.lifetime=86400\n");
}

static void run_out_of_memory(void *context)
{
    struct proto_rig proto;
    struct ml_leaks_flow *state = NULL;
    (void)context;
    proto_rig_init(&proto, ML_IP_TCP, 5000);
    struct ml_leaks *leaks = ml_leaks_new(NULL, &proto.facts);
    struct ml_demux *demux = leaks != NULL ? ml_demux_new(&proto.env, &proto.flow, ML_OVER_TCP) : NULL;
    if (demux != NULL) {
        proto.env.plain = ml_leaks_sink(leaks);
        ml_leaks_enter(leaks, &proto.flow, &state);
        const struct ml_chunk chunk = {.flow = &proto.flow,
                                       .bytes = ml_span_text("hello device, " JSON),
                                       .seq = 1,
                                       .n_layers = 1,
                                       .layers = {ML_LAYER_TCP}};
        (void)ml_demux_feed(demux, &chunk);
    }
    ml_demux_free(demux);
    if (leaks != NULL) {
        ml_leaks_close(leaks, &state);
    }
    ml_leaks_free(leaks);
    proto_rig_fini(&proto);
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    assert_true(oom_sweep(run_out_of_memory, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_a_stream_is_read_however_it_is_cut),
        cmocka_unit_test(a_turn_of_the_other_side_and_a_hole_end_a_text),
        cmocka_unit_test(text_between_bytes_that_are_none_is_read_in_runs),
        cmocka_unit_test(a_conversation_without_text_is_left_alone),
        cmocka_unit_test(much_text_is_read_up_to_a_ceiling_that_is_counted),
        cmocka_unit_test(a_message_of_mqtt_is_read),
        cmocka_unit_test(a_message_of_websocket_is_read_without_its_mask),
        cmocka_unit_test(envelopes_and_content_of_mail_are_read),
        cmocka_unit_test(names_that_are_asked_for_are_read_and_answers_are_not),
        cmocka_unit_test(what_a_device_announces_around_is_read_with_its_texts),
        cmocka_unit_test(a_cookie_that_is_set_belongs_to_the_host_that_was_asked),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
