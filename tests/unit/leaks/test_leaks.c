/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes of a conversation through the parsers to facts: layers, places, frames, bodies, gaps, coverage. */
#include "rig.h"

#include "core/text.h"
#include "leaks/parts.h"
#include "support/cm.h"
#include "support/http_messages.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#define PHONE "phone: +4915123987406\n"
#define ADVERTISING "advertising_id: 38400000-8cf0-11bd-b23e-10b96e40000d\n"

struct bed {
    struct leak_rig ids;
    struct proto_rig proto;
    struct ml_leaks *leaks;
    struct ml_leaks_flow *state;
    uint64_t seen;
};

/* `rows` NULL: no values were planted. */
static void bed_init(struct bed *bed, const char *rows, uint8_t ip_proto, uint16_t port)
{
    memset(bed, 0, sizeof *bed);
    leak_rig_init(&bed->ids, rows != NULL ? rows : PHONE);
    proto_rig_init(&bed->proto, ip_proto, port);
    bed->leaks = ml_leaks_new(rows != NULL ? bed->ids.patterns : NULL, &bed->proto.facts);
    assert_non_null(bed->leaks);
    bed->proto.env.plain = ml_leaks_sink(bed->leaks);
    ml_leaks_enter(bed->leaks, &bed->proto.flow, &bed->state);
}

/* Leak facts as text. */
static const char *bed_end(struct bed *bed)
{
    proto_rig_end(&bed->proto);
    bed->seen = ml_leaks_seen(bed->state);
    ml_leaks_close(bed->leaks, &bed->state);
    assert_null(bed->state);
    const char *all = proto_rig_facts(&bed->proto);
    ml_buf_clear(&bed->ids.text);
    for (const char *line = all; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, "leak.", 5) == 0) {
            (void)ml_buf_add(&bed->ids.text, line, strcspn(line, "\n") + 1);
        }
    }
    (void)ml_buf_add_byte(&bed->ids.text, 0);
    return (const char *)bed->ids.text.bytes;
}

static void bed_fini(struct bed *bed)
{
    ml_leaks_free(bed->leaks);
    proto_rig_fini(&bed->proto);
    leak_rig_fini(&bed->ids);
}

#define FOUND_PHONE(place, form)                                                                                       \
    "leak.identity up identity.kind=phone identity.place=" place " identity.label=phone-1 identity.form=" form         \
    " identity.precision=exact identity.value=+4915123987406\n"

static void a_value_in_a_stream_without_a_parser_is_found_however_it_is_cut(void **state)
{
    (void)state;
    const struct ml_span bytes = ml_span_text("\x01\x02hello +4915123987406 bye");
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        struct bed bed;
        bed_init(&bed, PHONE, ML_IP_TCP, 5000);
        proto_rig_feed_split(&bed.proto, ML_UP, bytes, piece);
        assert_string_equal(bed_end(&bed), FOUND_PHONE("payload", "e164"));
        const struct ml_fact *fact = proto_rig_fact(&bed.proto, 0);
        assert_int_equal(fact->range_from, 9);
        assert_int_equal(fact->range_len, 13);
        assert_int_equal(fact->first_seq, 9 / piece + 1);
        assert_int_equal(fact->last_seq, 21 / piece + 1);
        assert_int_equal(bed.seen, bytes.len);
        bed_fini(&bed);
    }
}

static void a_value_far_down_a_long_stream_is_told_once_with_its_frames(void **state)
{
    (void)state;
    struct bed bed;
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 20);
    for (int i = 0; i < 6000; i++) {
        (void)ml_buf_add_text(&buf, "0123 ..");
    }
    (void)ml_buf_add_text(&buf, " +4915123987406 ");
    for (int i = 0; i < 6000; i++) {
        (void)ml_buf_add_text(&buf, "4567 ..");
    }
    for (size_t piece = 1000; piece < 1500; piece += 237) {
        bed_init(&bed, PHONE, ML_IP_TCP, 5000);
        proto_rig_feed_split(&bed.proto, ML_UP, ml_buf_span(&buf), piece);
        assert_string_equal(bed_end(&bed), FOUND_PHONE("payload", "e164"));
        const struct ml_fact *fact = proto_rig_fact(&bed.proto, 0);
        assert_int_equal(fact->range_from, 42002);
        assert_int_equal(fact->first_seq, 42002 / piece + 1);
        bed_fini(&bed);
    }
    ml_buf_fini(&buf);
}

static void bytes_that_may_not_wait_are_searched_to_their_end(void **state)
{
    (void)state;
    struct bed bed;
    struct ml_buf bytes;
    ml_buf_init(&bytes, SIZE_MAX);
    for (size_t i = 0; i < 3 * ML_LEAK_WINDOW; i++) {
        assert_true(ml_buf_add_byte(&bytes, '.'));
    }
    assert_true(ml_buf_add_text(&bytes, " +4915123987406 bye"));
    bed_init(&bed, PHONE, ML_IP_TCP, 5000);
    bed.leaks->held = ML_MAX_LEAK_HELD;
    proto_rig_feed(&bed.proto, ML_UP, ml_buf_span(&bytes));
    assert_string_equal(bed_end(&bed), FOUND_PHONE("payload", "e164"));
    assert_int_equal(proto_rig_fact(&bed.proto, 0)->range_from, 3 * ML_LEAK_WINDOW + 2);
    assert_int_equal(bed.seen, bytes.len);
    assert_int_equal(bed.leaks->held, ML_MAX_LEAK_HELD);
    assert_true(bed.proto.counters.n[ML_COUNT_LIMIT_LEAK_HELD] != 0);
    ml_buf_fini(&bytes);
    bed_fini(&bed);
}

static void a_hole_is_not_searched_across(void **state)
{
    (void)state;
    struct bed bed;
    bed_init(&bed, PHONE, ML_IP_TCP, 5000);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_text("....+4915123"));
    proto_rig_gap(&bed.proto, ML_UP, 5);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_text("987406....."));
    assert_string_equal(bed_end(&bed), "");
    bed_fini(&bed);
}

static void datagrams_are_searched_one_by_one(void **state)
{
    (void)state;
    struct bed bed;
    bed_init(&bed, PHONE, ML_IP_UDP, 5001);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_text("\x81..+4915123"));
    proto_rig_feed(&bed.proto, ML_UP, ml_span_text("987406....."));
    proto_rig_feed(&bed.proto, ML_UP, ml_span_text("\x81..4915123987406"));
    assert_string_equal(bed_end(&bed), FOUND_PHONE("payload", "digits"));
    bed_fini(&bed);
}

static void labels_of_a_name_are_put_together(void **state)
{
    (void)state;
    static const uint8_t query[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\x07"
                                   "4915123\x06"
                                   "987406\x07"
                                   "example\x03"
                                   "com\0\0\1\0\1";
    struct bed bed;
    bed_init(&bed, PHONE, ML_IP_UDP, 53);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_of(query, sizeof query - 1));
    assert_string_equal(bed_end(&bed), FOUND_PHONE("dns.name", "digits"));
    assert_int_equal(proto_rig_fact(&bed.proto, 1)->range_from, 12);
    bed_fini(&bed);
}

static void encrypted_conversations_are_not_searched(void **state)
{
    (void)state;
    struct bed bed;
    bed_init(&bed, PHONE, ML_IP_TCP, 443);
    /* A record of TLS whose content happens to read like the value. */
    proto_rig_feed(&bed.proto, ML_UP,
                   ml_span_of("\x16\x03\x01\x00\x04\x0e\0\0\0\x17\x03\x03\x00\x0f +4915123987406", 29));
    assert_string_equal(bed_end(&bed), "");
    assert_int_equal(bed.seen, 0);
    bed_fini(&bed);
}

/* --- HTTP --- */

static void exchange(struct bed *bed, const char *start, const char *const *headers, struct ml_span body, size_t piece)
{
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 16);
    build_http(&buf, start, headers, body);
    proto_rig_feed_split(&bed->proto, ML_UP, build_span(&buf), piece);
    ml_buf_fini(&buf);
}

#define HOST "Host: api.example.com"
#define IN_HTTP(place)                                                                                                 \
    "leak.identity up identity.kind=phone identity.place=" place                                                       \
    " http.host=api.example.com identity.label=phone-1 identity.form=digits identity.precision=exact "                 \
    "identity.value=+4915123987406\n"

static void a_head_tells_where_a_value_stood(void **state)
{
    (void)state;
    static const struct {
        const char *start;
        const char *field;
        const char *expected;
    } cases[] = {
        {"GET /4915123987406/x HTTP/1.1", "A: b", IN_HTTP("path")},
        {"GET /x?x=4915123987406 HTTP/1.1", "A: b", IN_HTTP("query")},
        {"GET /x HTTP/1.1", "Cookie: a=4915123987406", IN_HTTP("cookie")},
        {"GET /x HTTP/1.1", "Referer: http://a.test/4915123987406", IN_HTTP("referer")},
        {"GET /x HTTP/1.1", "X-Anything: 4915123987406", IN_HTTP("header")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bed bed;
        const char *const headers[] = {HOST, cases[i].field, NULL};
        bed_init(&bed, PHONE, ML_IP_TCP, 80);
        exchange(&bed, cases[i].start, headers, ml_span_of(NULL, 0), 9);
        assert_string_equal(bed_end(&bed), cases[i].expected);
        bed_fini(&bed);
    }
}

static void bodies_are_unpacked_and_searched(void **state)
{
    (void)state;
    static const struct {
        enum ml_wrapping wrapping;
        const char *coding;
    } cases[] = {{ML_WRAP_NONE, "Content-Encoding: identity"},
                 {ML_WRAP_GZIP, "Content-Encoding: gzip"},
                 {ML_WRAP_DEFLATE, "Content-Encoding: deflate"},
                 {ML_WRAP_BROTLI, "Content-Encoding: br"},
                 {ML_WRAP_ZSTD, "Content-Encoding: zstd"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t piece = 1; piece < 40; piece += 19) {
            struct bed bed;
            struct ml_buf body;
            const char *const headers[] = {HOST, cases[i].coding, NULL};
            bed_init(&bed, PHONE, ML_IP_TCP, 80);
            ml_buf_init(&body, 1 << 16);
            wrap(&body, cases[i].wrapping, ml_span_text("{\"x\":\"4915123987406\"}"));
            exchange(&bed, "POST /x HTTP/1.1", headers, build_span(&body), piece);
            assert_string_equal(bed_end(&bed), IN_HTTP("body"));
            ml_buf_fini(&body);
            bed_fini(&bed);
        }
    }
}

static void a_coding_that_cannot_be_undone_is_counted(void **state)
{
    (void)state;
    static const char *const unknown[] = {HOST, "Content-Encoding: aes128gcm", NULL};
    static const char *const broken[] = {HOST, "Content-Encoding: gzip", NULL};
    struct bed bed;
    bed_init(&bed, PHONE, ML_IP_TCP, 80);
    exchange(&bed, "POST /x HTTP/1.1", unknown, ml_span_text("4915123987406"), 5);
    exchange(&bed, "POST /x HTTP/1.1", broken, ml_span_text("no gzip at all, but long enough"), 5);
    assert_string_equal(bed_end(&bed), "");
    assert_int_equal(bed.proto.counters.n[ML_COUNT_NOT_SEARCHED_CODING], 13 + 28);
    bed_fini(&bed);
}

static void values_of_two_groups_in_one_message_are_told_as_joined(void **state)
{
    (void)state;
    static const char *const headers[] = {HOST, NULL};
    struct bed bed;
    const char *joined = "leak.joined up identity.kinds=phone identity.kinds=advertising_id identity.planted=true "
                         "http.host=api.example.com\n";
    bed_init(&bed, PHONE ADVERTISING, ML_IP_TCP, 80);
    exchange(&bed, "POST /x?p=4915123987406 HTTP/1.1", headers, ml_span_text("38400000-8cf0-11bd-b23e-10b96e40000d"),
             99);
    assert_non_null(strstr(bed_end(&bed), joined));
    bed_fini(&bed);
    bed_init(&bed, PHONE ADVERTISING, ML_IP_TCP, 80);
    exchange(&bed, "POST /x?p=4915123987406 HTTP/1.1", headers, ml_span_text("a=b"), 99);
    exchange(&bed, "POST /x HTTP/1.1", headers, ml_span_text("38400000-8cf0-11bd-b23e-10b96e40000d"), 99);
    assert_null(strstr(bed_end(&bed), joined));
    bed_fini(&bed);
}

static void planted_values_of_two_groups_in_a_conversation_without_messages_are_joined(void **state)
{
    (void)state;
    static const char joined[] =
        "leak.joined up identity.kinds=phone identity.kinds=advertising_id identity.planted=true\n";
    static const struct {
        enum ml_dir dir; /* of the second value */
        uint16_t port;
        bool is_joined;
    } cases[] = {{ML_UP, 5000, true}, {ML_DOWN, 5000, false}, {ML_UP, 53, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bed bed;
        bed_init(&bed, PHONE ADVERTISING, ML_IP_TCP, cases[i].port);
        proto_rig_feed(&bed.proto, ML_UP, ml_span_text("\x01\x02hello 4915123987406 bye"));
        proto_rig_feed(&bed.proto, cases[i].dir, ml_span_text("\x01\x02id=38400000-8cf0-11bd-b23e-10b96e40000d"));
        assert_int_equal(strstr(bed_end(&bed), joined) != NULL, cases[i].is_joined);
        bed_fini(&bed);
    }
}

static void without_planted_values_requests_are_read_for_shapes(void **state)
{
    (void)state;
    static const char *const headers[] = {HOST, "Content-Type: application/json", NULL};
    static const char *const media[] = {HOST, "Content-Type: image/jpeg", NULL};
    struct bed bed;
    bed_init(&bed, NULL, ML_IP_TCP, 80);
    exchange(&bed, "POST /x?mail=erika%40mail.example.com HTTP/1.1", headers,
             ml_span_text("{\"imei\":\"490154203237518\"}"), 7);
    assert_string_equal(
        bed_end(&bed),
        "leak.detected up identity.kind=email identity.place=query http.host=api.example.com identity.form=shape "
        "identity.precision=exact identity.value=erika@mail.example.com\n"
        "leak.detected up identity.kind=imei identity.place=body http.host=api.example.com identity.form=name "
        "identity.precision=exact identity.value=490154203237518\n"
        "leak.joined up identity.kinds=email identity.kinds=imei identity.planted=false http.host=api.example.com\n");
    const struct ml_fact *email = proto_rig_fact(&bed.proto, 0);
    assert_int_equal(email->range_from, 13);
    assert_int_equal(email->range_len, 24);
    bed_fini(&bed);
    bed_init(&bed, NULL, ML_IP_TCP, 80);
    exchange(&bed, "POST /x HTTP/1.1", media, ml_span_text("{\"imei\":\"490154203237518\"}"), 7);
    assert_string_equal(bed_end(&bed), "");
    bed_fini(&bed);
}

static void a_body_that_may_not_wait_is_not_read_for_shapes_and_counted(void **state)
{
    (void)state;
    static const char *const headers[] = {HOST, "Content-Type: application/json", NULL};
    struct bed bed;
    bed_init(&bed, NULL, ML_IP_TCP, 80);
    bed.leaks->held = ML_MAX_LEAK_HELD - 12; /* up to the middle of the value */
    exchange(&bed, "POST /x HTTP/1.1", headers, ml_span_text("{\"imei\":\"490154203237518\"}"), 6);
    assert_string_equal(bed_end(&bed), "");
    assert_int_equal(bed.proto.counters.n[ML_COUNT_LIMIT_LEAK_HELD], 1);
    assert_int_equal(bed.leaks->held, ML_MAX_LEAK_HELD - 12);
    bed_fini(&bed);
}

static void the_value_is_kept_in_the_vault_only(void **state)
{
    (void)state;
    struct bed bed;
    bed_init(&bed, PHONE, ML_IP_UDP, 5001);
    proto_rig_feed(&bed.proto, ML_UP, ml_span_text("\x81..4915123987406"));
    (void)bed_end(&bed);
    const struct ml_attr *value = ml_fact_attr(proto_rig_fact(&bed.proto, 0), ML_F_IDENTITY_VALUE);
    assert_int_equal(value->sensitivity, ML_SENS_PERSONAL);
    for (size_t i = 0; i < bed.proto.facts.texts.n; i++) {
        struct ml_span text = ml_map_key(bed.proto.facts.texts.entries[i]);
        assert_true(ml_span_find(text, ml_span_text("15123987406")) == text.len);
    }
    bed_fini(&bed);
}

static void run_out_of_memory(void *context)
{
    struct proto_rig proto;
    struct ml_leaks_flow *state = NULL;
    struct ml_buf buf;
    struct leak_rig *ids = context;
    static const char *const headers[] = {HOST, "Content-Encoding: gzip", NULL};
    ml_buf_init(&buf, 1 << 16);
    proto_rig_init(&proto, ML_IP_TCP, 80);
    struct ml_leaks *leaks = ml_leaks_new(ids->patterns, &proto.facts);
    struct ml_demux *demux = leaks != NULL ? ml_demux_new(&proto.env, &proto.flow, ML_OVER_TCP) : NULL;
    if (demux != NULL) {
        proto.env.plain = ml_leaks_sink(leaks);
        ml_leaks_enter(leaks, &proto.flow, &state);
        build_http(&buf, "POST /?t=4915123987406 HTTP/1.1", headers, ml_span_text("\x1f\x8b\x08"));
        const struct ml_chunk chunk = {
            .flow = &proto.flow, .bytes = ml_buf_span(&buf), .seq = 1, .n_layers = 1, .layers = {ML_LAYER_TCP}};
        (void)ml_demux_feed(demux, &chunk);
    }
    ml_demux_free(demux);
    if (leaks != NULL) {
        ml_leaks_close(leaks, &state);
    }
    ml_leaks_free(leaks);
    ml_buf_fini(&buf);
    proto_rig_fini(&proto);
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    struct leak_rig ids;
    leak_rig_init(&ids, PHONE);
    assert_true(oom_sweep(run_out_of_memory, &ids) > 10);
    leak_rig_fini(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_in_a_stream_without_a_parser_is_found_however_it_is_cut),
        cmocka_unit_test(a_value_far_down_a_long_stream_is_told_once_with_its_frames),
        cmocka_unit_test(bytes_that_may_not_wait_are_searched_to_their_end),
        cmocka_unit_test(a_hole_is_not_searched_across),
        cmocka_unit_test(datagrams_are_searched_one_by_one),
        cmocka_unit_test(labels_of_a_name_are_put_together),
        cmocka_unit_test(encrypted_conversations_are_not_searched),
        cmocka_unit_test(a_head_tells_where_a_value_stood),
        cmocka_unit_test(bodies_are_unpacked_and_searched),
        cmocka_unit_test(a_coding_that_cannot_be_undone_is_counted),
        cmocka_unit_test(values_of_two_groups_in_one_message_are_told_as_joined),
        cmocka_unit_test(planted_values_of_two_groups_in_a_conversation_without_messages_are_joined),
        cmocka_unit_test(without_planted_values_requests_are_read_for_shapes),
        cmocka_unit_test(a_body_that_may_not_wait_is_not_read_for_shapes_and_counted),
        cmocka_unit_test(the_value_is_kept_in_the_vault_only),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
