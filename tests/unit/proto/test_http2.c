/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http2/http2.h"

#include "core/mem.h"
#include "proto/http2/fields.h"
#include "proto/http2/frames.h"
#include "proto/http2/hpack.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/tls_build.h"
#include "support/tls_reading.h"

/* The requests of RFC 7541, appendix C.4: Huffman coded, later ones use the table of those before. */
static const char *const requests[] = {"828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
                                       "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"};
/* The first two responses of appendix C.6, behind the announcement of their table of 256 bytes (section 6.3). */
static const char *const responses[] = {"3fe101488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e"
                                        "919d29ad171863c78f0b97c8e9ae82ae43d3",
                                        "4883640effc1c0bf"};

enum { DATA = 0, HEADERS = 1, RST = 3, SETTINGS = 4, CONTINUATION = 9 };

static void frame(struct ml_buf *out, unsigned type, unsigned flags, uint32_t stream, const char *payload)
{
    tb_uint(out, 3, strlen(payload) / 2);
    tb_uint(out, 1, type);
    tb_uint(out, 1, flags);
    tb_uint(out, 4, stream);
    tb_hex(out, payload);
}

static void preface(struct ml_buf *up)
{
    (void)ml_buf_add_text(up, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(up, SETTINGS, 0, 0, "000100000100"); /* a table of 256 bytes */
}

/* Three requests and two responses, one with a body of five bytes. */
static void conversation(struct ml_buf *up, struct ml_buf *down)
{
    *up = tb_buf();
    *down = tb_buf();
    preface(up);
    frame(down, SETTINGS, 0, 0, "");
    frame(down, SETTINGS, 1, 0, "");
    for (size_t i = 0; i < 3; i++) {
        frame(up, HEADERS, 0x05, (uint32_t)(2 * i + 1), requests[i]);
    }
    frame(down, HEADERS, 0x04, 1, responses[0]);
    frame(down, DATA, 0x01, 1, "68656c6c6f");
    frame(down, HEADERS, 0x05, 3, responses[1]);
}

static const char conversation_facts[] =
    "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=0 count=2\n"
    "http.request up http.method=GET http.host=www.example.com http.path=/index.html http.body_bytes=0\n"
    "http.response down http.status=302 http.body_bytes=5\n"
    "http.response down http.status=307 http.body_bytes=0\n";

static void rig_open(struct proto_rig *rig)
{
    proto_rig_init(rig, ML_IP_TCP, 80);
}

static void the_examples_of_rfc_7541_become_facts(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    struct ml_buf down;
    conversation(&up, &down);
    rig_open(&rig); /* the demultiplexer chooses */
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    proto_rig_feed(&rig, ML_DOWN, ml_buf_span(&down));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), conversation_facts);
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->n_layers, 2);
    assert_int_equal(fact->layers[1], ML_LAYER_HTTP2);
    assert_int_equal(fact->range_from, 24 + 9 + 6);
    assert_int_equal(fact->range_len, 9 + 17);
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

static void feeding_byte_by_byte_says_the_same(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    struct ml_buf down;
    conversation(&up, &down);
    rig_open(&rig);
    proto_rig_parser(&rig, &ml_parser_http2);
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&up), 1);
    proto_rig_feed_split(&rig, ML_DOWN, ml_buf_span(&down), 1);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), conversation_facts);
    assert_true(proto_rig_fact(&rig, 0)->last_seq > proto_rig_fact(&rig, 0)->first_seq);
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

static void padding_priority_and_continuations_are_no_part_of_the_block(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up = tb_buf();
    preface(&up);
    frame(&up, HEADERS, 0x29, 1,
          "03"           /* padding */
          "0000000010"   /* priority */
          "828684418cf1" /* the block begins */
          "000000");
    frame(&up, CONTINUATION, 0x00, 1, "e3c2e5");
    frame(&up, CONTINUATION, 0x04, 1, "f23a6ba0ab90f4ff");
    frame(&up, HEADERS, 0x04, 3, requests[1]);
    frame(&up, DATA, 0x09, 3, "02616263640000"); /* four bytes between padding */
    rig_open(&rig);
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&up), 3);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=0\n"
                        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=4\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

/* RFC 9113, section 8.2.3: a client may send the pairs of a cookie apart. */
static void crumbs_make_one_cookie(void **state)
{
    (void)state;
    struct ml_h2_fields fields;
    struct ml_http_head head;
    ml_h2_fields_init(&fields);
    ml_h2_fields_add(&fields, ml_span_text(":method"), ml_span_text("POST"));
    ml_h2_fields_add(&fields, ml_span_text(":authority"), ml_span_text("chat.example.com:8443"));
    ml_h2_fields_add(&fields, ml_span_text(":path"), ml_span_text("/a?b=1"));
    ml_h2_fields_add(&fields, ml_span_text("cookie"), ml_span_text("sid=1"));
    ml_h2_fields_add(&fields, ml_span_text("cookie"), ml_span_text("theme=2"));
    ml_h2_fields_add(&fields, ml_span_text("x-note"), ml_span_text("one\r\nauthorization: Basic eA=="));
    assert_true(ml_h2_fields_head(&fields, &head));
    assert_true(head.is_request);
    assert_true(ml_span_equal(ml_http_field(&head, "Cookie"), ml_span_text("sid=1; theme=2")));
    assert_true(ml_span_equal(ml_http_field(&head, "Host"), ml_span_text("chat.example.com:8443")));
    assert_true(ml_span_equal(ml_http_path(&head), ml_span_text("/a")));
    assert_true(ml_span_equal(ml_http_query(&head), ml_span_text("b=1")));
    assert_int_equal(ml_http_field(&head, "Authorization").len, 0); /* no value can make a line */
    ml_h2_fields_fini(&fields);
}

static void a_list_keeps_no_more_than_its_ceiling(void **state)
{
    (void)state;
    struct ml_h2_fields fields;
    struct ml_http_head head;
    char value[1024];
    memset(value, 'v', sizeof value);
    ml_h2_fields_init(&fields);
    ml_h2_fields_add(&fields, ml_span_text(":status"), ml_span_text("200"));
    for (int i = 0; i < 1000; i++) {
        ml_h2_fields_add(&fields, ml_span_text("x-long"), ml_span_of(value, sizeof value));
        ml_h2_fields_add(&fields, ml_span_text("cookie"), ml_span_of(value, sizeof value));
    }
    assert_true(fields.is_cut);
    assert_true(ml_h2_fields_head(&fields, &head));
    assert_int_equal(head.status, 200);
    assert_true(head.fields.len <= 2 * ML_MAX_FIELD_LIST);
    ml_h2_fields_fini(&fields);
}

/* One byte a field: a table entry of 4000 bytes, named again and again. */
static void a_header_bomb_is_left_unread(void **state)
{
    (void)state;
    struct ml_hpack *hpack = ml_hpack_new();
    struct ml_h2_fields fields;
    struct ml_buf block = tb_buf();
    tb_hex(&block, "4001787f"); /* x: of 127 + 3873 bytes */
    tb_hex(&block, "a11e");
    for (int i = 0; i < 4000; i++) {
        tb_uint(&block, 1, 'v');
    }
    for (int i = 0; i < 1000; i++) {
        tb_uint(&block, 1, 0xbe);
    }
    ml_h2_fields_init(&fields);
    assert_false(ml_hpack_block(hpack, ml_buf_span(&block), &fields));
    assert_true(fields.lines.len <= 2 * ML_MAX_FIELD_LIST);
    ml_h2_fields_fini(&fields);
    ml_h2_fields_init(&fields);
    assert_false(ml_hpack_block(hpack, ml_span_text("\x82"), &fields)); /* nor anything behind it */
    ml_h2_fields_fini(&fields);
    ml_hpack_free(hpack);
    ml_buf_fini(&block);
}

static void behind_a_hole_no_field_is_believed(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up = tb_buf();
    preface(&up);
    rig_open(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    ml_buf_clear(&up);
    frame(&up, HEADERS, 0x05, 1, requests[0]);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    proto_rig_gap(&rig, ML_UP, 100);
    ml_buf_clear(&up);
    frame(&up, HEADERS, 0x05, 5, requests[1]);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=0\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void a_hole_within_content_costs_only_content(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up = tb_buf();
    preface(&up);
    frame(&up, HEADERS, 0x04, 1, requests[0]);
    tb_hex(&up, "00000a000100000001616263"); /* ten bytes of content begin */
    rig_open(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    proto_rig_gap(&rig, ML_UP, 5);
    ml_buf_clear(&up);
    tb_hex(&up, "6465");
    frame(&up, HEADERS, 0x05, 3, requests[1]);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=10 cut\n"
                        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=0\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void a_stream_that_is_reset_states_what_there_was(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up = tb_buf();
    preface(&up);
    frame(&up, HEADERS, 0x04, 1, requests[0]);
    frame(&up, DATA, 0x00, 1, "616263");
    frame(&up, RST, 0x00, 1, "00000008");
    rig_open(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    assert_string_equal(
        proto_rig_facts(&rig),
        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=3 cut\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void more_streams_than_the_ceiling_end_the_oldest(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up = tb_buf();
    preface(&up);
    frame(&up, HEADERS, 0x04, 1, requests[0]);
    for (uint32_t i = 1; i <= ML_MAX_HTTP2_STREAMS; i++) {
        frame(&up, HEADERS, 0x04, 2 * i + 1, "82be84"); /* GET, host of the first, / */
    }
    rig_open(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    assert_string_equal(
        proto_rig_facts(&rig),
        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=0 cut\n");
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    proto_rig_end(&rig);
    assert_int_equal(proto_rig_fact(&rig, 0)->count, ML_MAX_HTTP2_STREAMS + 1);
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void trailers_and_interim_responses_state_nothing(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up = tb_buf();
    struct ml_buf down = tb_buf();
    preface(&up);
    frame(&up, HEADERS, 0x05, 1, requests[0]);
    frame(&down, HEADERS, 0x04, 1, "4803313033"); /* :status 103 */
    frame(&down, HEADERS, 0x04, 1, "88");         /* :status 200 */
    frame(&down, DATA, 0x00, 1, "6869");
    frame(&down, HEADERS, 0x05, 1, "000178017a"); /* x: z */
    rig_open(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    proto_rig_feed(&rig, ML_DOWN, ml_buf_span(&down));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "http.request up http.method=GET http.host=www.example.com http.path=/ http.body_bytes=0\n"
                        "http.response down http.status=200 http.body_bytes=2\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

static void requests_inside_tls_are_read_with_the_key_log(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    struct ml_buf up;
    struct ml_buf down;
    const struct tls_live_config config = {.version = TLS1_3_VERSION, .alpn = "h2", .is_ecdsa = true};
    conversation(&up, &down);
    tls_live_init(&live, &config);
    tls_live_handshake(&live);
    tls_live_send(&live, ML_DOWN, ml_span_cut(ml_buf_span(&down), 0, 9)); /* the server's settings may come first */
    tls_live_send(&live, ML_UP, ml_buf_span(&up));
    tls_live_send(&live, ML_DOWN, ml_span_cut(ml_buf_span(&down), 9, down.len));
    reading_init(&reading, &live);
    read_live(&reading, &live, 0);
    assert_true(says(&reading, conversation_facts));
    reading_fini(&reading);
    tls_live_fini(&live);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

struct sweep {
    struct ml_buf up, down;
    bool changes_up;
};

static void run_sweep(void *context, struct ml_span bytes)
{
    const struct sweep *sweep = context;
    struct proto_rig rig;
    rig_open(&rig);
    proto_rig_parser(&rig, &ml_parser_http2);
    proto_rig_feed(&rig, ML_UP, sweep->changes_up ? bytes : ml_buf_span(&sweep->up));
    proto_rig_feed(&rig, ML_DOWN, sweep->changes_up ? ml_buf_span(&sweep->down) : bytes);
    proto_rig_fini(&rig);
}

static void cut_and_changed_bytes_are_survived(void **state)
{
    (void)state;
    struct sweep sweep = {.changes_up = true};
    conversation(&sweep.up, &sweep.down);
    sweep_truncations(ml_buf_span(&sweep.up), run_sweep, &sweep);
    sweep_bit_flips(ml_buf_span(&sweep.up), run_sweep, &sweep);
    sweep.changes_up = false;
    sweep_truncations(ml_buf_span(&sweep.down), run_sweep, &sweep);
    sweep_bit_flips(ml_buf_span(&sweep.down), run_sweep, &sweep);
    ml_buf_fini(&sweep.up);
    ml_buf_fini(&sweep.down);
}

static void run_out_of_memory(void *context)
{
    const struct sweep *sweep = context;
    struct ml_counters counters = {0};
    struct ml_fact_store facts;
    struct ml_flow flow = {0};
    ml_fact_store_init(&facts, &counters);
    struct ml_proto_env env = {.facts = &facts, .counters = &counters};
    void *self = ml_parser_http2.create(&env, &flow);
    if (self != NULL) {
        struct ml_chunk chunk = {.flow = &flow, .bytes = ml_buf_span(&sweep->up), .seq = 1, .n_layers = 1};
        (void)ml_parser_http2.feed(self, &chunk);
        chunk.dir = ML_DOWN;
        chunk.bytes = ml_buf_span(&sweep->down);
        (void)ml_parser_http2.feed(self, &chunk);
        ml_parser_http2.destroy(self);
    }
    ml_proto_env_fini(&env);
    ml_fact_store_fini(&facts);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    struct sweep sweep = {.changes_up = true};
    conversation(&sweep.up, &sweep.down);
    assert_true(oom_sweep(run_out_of_memory, &sweep) >= 10);
    ml_buf_fini(&sweep.up);
    ml_buf_fini(&sweep.down);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_rfc_7541_become_facts),
        cmocka_unit_test(feeding_byte_by_byte_says_the_same),
        cmocka_unit_test(padding_priority_and_continuations_are_no_part_of_the_block),
        cmocka_unit_test(crumbs_make_one_cookie),
        cmocka_unit_test(a_list_keeps_no_more_than_its_ceiling),
        cmocka_unit_test(a_header_bomb_is_left_unread),
        cmocka_unit_test(behind_a_hole_no_field_is_believed),
        cmocka_unit_test(a_hole_within_content_costs_only_content),
        cmocka_unit_test(a_stream_that_is_reset_states_what_there_was),
        cmocka_unit_test(more_streams_than_the_ceiling_end_the_oldest),
        cmocka_unit_test(trailers_and_interim_responses_state_nothing),
        cmocka_unit_test(requests_inside_tls_are_read_with_the_key_log),
        cmocka_unit_test(cut_and_changed_bytes_are_survived),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/http2", tests, NULL, NULL);
}
