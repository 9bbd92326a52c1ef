/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/socks/socks.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#define BYTES(text) ml_span_of((text), sizeof(text) - 1)

static const char inner_request[] = "GET /in HTTP/1.1\r\nHost: b.example\r\n\r\n";
static const char inner_fact[] =
    "http.request up http.method=GET http.host=b.example http.path=/in http.body_bytes=0\n";

static struct ml_span text_of(const char *a, const char *b, char out[256])
{
    size_t len = strlen(a);
    memcpy(out, a, len);
    memcpy(out + len, b, strlen(b) + 1);
    return ml_span_of(out, len + strlen(b));
}

static void version_5_leads_to_a_name_and_what_runs_through(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= 24; piece++) {
        char want[256];
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 1080);
        proto_rig_feed_split(&rig, ML_UP, BYTES("\5\2\0\2"), piece);
        proto_rig_feed_split(&rig, ML_DOWN, BYTES("\5\0"), piece);
        proto_rig_feed_split(&rig, ML_UP,
                             BYTES("\5\1\0\3\x0c"
                                   "Chat.Example"
                                   "\x01\xbb"),
                             piece);
        proto_rig_feed_split(&rig, ML_DOWN, BYTES("\5\0\0\1\xc0\0\2\1\x04\x38"), piece);
        proto_rig_feed_split(&rig, ML_UP, ml_span_text(inner_request), piece);
        proto_rig_end(&rig);
        (void)text_of("socks.request up socks.version=5 socks.host=chat.example socks.port=443\n", inner_fact, want);
        assert_string_equal(proto_rig_facts(&rig), want);
        assert_int_equal(proto_rig_fact(&rig, 1)->layers[1], ML_LAYER_SOCKS);
        assert_int_equal(proto_rig_fact(&rig, 1)->range_from, 0);
        proto_rig_fini(&rig);
    }
}

static void a_login_is_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1080);
    proto_rig_feed(&rig, ML_UP, BYTES("\5\1\2"));
    proto_rig_feed(&rig, ML_DOWN, BYTES("\5\2"));
    proto_rig_feed(&rig, ML_UP, BYTES("\1\4alex\6secret"));
    proto_rig_feed(&rig, ML_DOWN, BYTES("\1\0"));
    proto_rig_feed(&rig, ML_UP, BYTES("\5\1\0\4\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\x50"));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "socks.request up socks.version=5 socks.host=2001:db8::1 socks.port=80 "
                                               "socks.user=alex socks.password=secret\n");
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(ml_fact_attr(fact, ML_F_SOCKS_USER)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(fact, ML_F_SOCKS_PASSWORD)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

static void versions_4_and_4a_are_one_message_each_way(void **state)
{
    (void)state;
    static const struct {
        struct ml_span request;
        const char *fact;
    } cases[] = {
        {{(const uint8_t *)"\4\1\0\x50\xc0\0\2\1"
                           "alex\0",
          13},
         "socks.request up socks.version=4 socks.host=192.0.2.1 socks.port=80 socks.user=alex\n"},
        {{(const uint8_t *)"\4\1\1\xbb\0\0\0\1\0"
                           "a.example\0",
          19},
         "socks.request up socks.version=4a socks.host=a.example socks.port=443\n"},
    };
    for (size_t i = 0; i < 2; i++) {
        char want[256];
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 1080);
        proto_rig_feed(&rig, ML_UP, cases[i].request);
        proto_rig_feed(&rig, ML_DOWN, BYTES("\0\x5a\0\0\0\0\0\0"));
        proto_rig_feed(&rig, ML_UP, ml_span_text(inner_request));
        proto_rig_end(&rig);
        (void)text_of(cases[i].fact, inner_fact, want);
        assert_string_equal(proto_rig_facts(&rig), want);
        proto_rig_fini(&rig);
    }
}

static void an_impatient_client_sends_everything_at_once(void **state)
{
    (void)state;
    char bytes[256];
    char want[256];
    struct proto_rig rig;
    memcpy(bytes, "\5\1\0\5\1\0\1\xc0\0\2\1\0\x50", 13);
    memcpy(bytes + 13, inner_request, sizeof inner_request - 1);
    proto_rig_init(&rig, ML_IP_TCP, 1080);
    proto_rig_feed(&rig, ML_UP, ml_span_of(bytes, 13 + sizeof inner_request - 1));
    proto_rig_end(&rig);
    (void)text_of("socks.request up socks.version=5 socks.host=192.0.2.1 socks.port=80\n", inner_fact, want);
    assert_string_equal(proto_rig_facts(&rig), want);
    proto_rig_fini(&rig);
}

static void bind_and_udp_are_stated_and_not_looked_into(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1080);
    proto_rig_feed(&rig, ML_UP, BYTES("\5\1\0"));
    proto_rig_feed(&rig, ML_DOWN, BYTES("\5\0"));
    proto_rig_feed(&rig, ML_UP, BYTES("\5\3\0\1\0\0\0\0\0\0"));
    proto_rig_feed(&rig, ML_UP, ml_span_text(inner_request));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "socks.request up socks.version=5 socks.host=0.0.0.0 socks.port=0\n");
    proto_rig_fini(&rig);
}

static void other_first_bytes_are_refused(void **state)
{
    (void)state;
    static const struct ml_span others[] = {
        {(const uint8_t *)"\5\0", 2},                        /* no method */
        {(const uint8_t *)"\5\1\x20", 3},                    /* a method nobody assigned */
        {(const uint8_t *)"\5\2\0\0", 4},                    /* the same twice */
        {(const uint8_t *)"\5\x11", 2},                      /* more methods than there are */
        {(const uint8_t *)"\5\0\x0b\3\x10\0\0\0", 8},        /* DCE/RPC bind */
        {(const uint8_t *)"\5\1\0GET ", 7},                  /* something else behind */
        {(const uint8_t *)"\4\1\0\0\xc0\0\2\1\0", 9},        /* port 0 */
        {(const uint8_t *)"\4\3\0\x50\xc0\0\2\1\0", 9},      /* no such command */
        {(const uint8_t *)"\4\1\0\x50\xc0\0\2\1\x01\0", 10}, /* a control in the user */
        {(const uint8_t *)"\4\1\0\x50\0\0\0\1\0\0", 10},     /* 4a without a name */
        {(const uint8_t *)"\x16\3\1", 3},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct ml_chunk chunk = {.bytes = others[i]};
        assert_int_equal(ml_parser_socks.probe(&chunk), ML_MATCH_NO);
    }
}

static void a_server_that_refuses_ends_it(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1080);
    proto_rig_feed(&rig, ML_UP, BYTES("\5\1\0"));
    proto_rig_feed(&rig, ML_DOWN, BYTES("\5\xff"));
    assert_false(rig.wants_more);
    proto_rig_fini(&rig);
}

static void feed_broken(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1080);
    proto_rig_parser(&rig, &ml_parser_socks);
    proto_rig_feed(&rig, ML_UP, bytes);
    proto_rig_feed(&rig, ML_DOWN, bytes);
    proto_rig_end(&rig);
    *n += rig.flow.n_facts;
    proto_rig_fini(&rig);
}

static void broken_handshakes_are_survived(void **state)
{
    (void)state;
    unsigned n = 0;
    struct ml_span v5 = BYTES("\5\1\2\1\4alex\6secret\5\1\0\3\x09"
                              "a.example\0\x50");
    struct ml_span v4 = BYTES("\4\1\1\xbb\0\0\0\1alex\0a.example\0rest");
    sweep_truncations(v5, feed_broken, &n);
    sweep_bit_flips(v5, feed_broken, &n);
    sweep_truncations(v4, feed_broken, &n);
    sweep_bit_flips(v4, feed_broken, &n);
    assert_true(n > 0);
}

static void talk_under_pressure(void *context)
{
    struct proto_rig *rig = context;
    memset(rig, 0, sizeof *rig);
    ml_fact_store_init(&rig->facts, &rig->counters);
    rig->env = (struct ml_proto_env){.facts = &rig->facts, .counters = &rig->counters};
    void *self = ml_parser_socks.create(&rig->env, &rig->flow);
    struct ml_chunk chunk = {.flow = &rig->flow,
                             .bytes = BYTES("\5\1\2\1\4alex\6secret\5\1\0\1\xc0\0\2\1\0\x50GET / HTTP/1.1\r\n\r\n")};
    if (self != NULL) {
        (void)ml_parser_socks.feed(self, &chunk);
        ml_parser_socks.destroy(self);
    }
    ml_proto_env_fini(&rig->env);
    ml_fact_store_fini(&rig->facts);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    struct proto_rig rig;
    assert_true(oom_sweep(talk_under_pressure, &rig) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_5_leads_to_a_name_and_what_runs_through),
        cmocka_unit_test(a_login_is_personal),
        cmocka_unit_test(versions_4_and_4a_are_one_message_each_way),
        cmocka_unit_test(an_impatient_client_sends_everything_at_once),
        cmocka_unit_test(bind_and_udp_are_stated_and_not_looked_into),
        cmocka_unit_test(other_first_bytes_are_refused),
        cmocka_unit_test(a_server_that_refuses_ends_it),
        cmocka_unit_test(broken_handshakes_are_survived),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/socks", tests, NULL, NULL);
}
