/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/http/http.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#include <stdio.h>

static void feed(struct proto_rig *rig, enum ml_dir dir, const char *text)
{
    proto_rig_feed(rig, dir, ml_span_text(text));
}

static void begin(struct proto_rig *rig)
{
    proto_rig_init(rig, ML_IP_TCP, 80);
}

/* Ends the conversation and asserts its facts. */
static void expect(struct proto_rig *rig, const char *facts)
{
    proto_rig_end(rig);
    assert_string_equal(proto_rig_facts(rig), facts);
    proto_rig_fini(rig);
}

/* --- one message --- */

static const char rich_request[] = "POST /a/b?uin=1&token&k=v%20w HTTP/1.1\r\nHost: Chat.Example.com:8080\r\n"
                                   "User-Agent: Messenger/1.0\r\nReferer: https://www.example.org/from?x\r\n"
                                   "Cookie: sid=abc; theme=dark; bare\r\nAuthorization: Bearer secret\r\n"
                                   "Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 4\r\n\r\nbody";

static void a_request_states_what_its_head_says(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP, rich_request);
    expect(&rig, "http.request up http.method=POST http.host=chat.example.com http.path=/a/b "
                 "http.query=uin=1&token&k=v%20w http.user_agent=Messenger/1.0 http.referer_host=www.example.org "
                 "http.cookie=sid=abc; theme=dark; bare http.authorization=Bearer secret http.auth_scheme=Bearer "
                 "http.content_type=application/json http.body_bytes=4 http.query_keys=uin http.query_keys=k "
                 "http.cookie_names=sid http.cookie_names=theme\n");
}

static void values_that_may_hold_secrets_are_personal(void **state)
{
    (void)state;
    static const struct {
        enum ml_field field;
        bool is_personal;
    } fields[] = {
        {ML_F_HTTP_PATH, true},          {ML_F_HTTP_QUERY, true},         {ML_F_HTTP_COOKIE, true},
        {ML_F_HTTP_AUTHORIZATION, true}, {ML_F_HTTP_HOST, false},         {ML_F_HTTP_METHOD, false},
        {ML_F_HTTP_QUERY_KEYS, false},   {ML_F_HTTP_COOKIE_NAMES, false}, {ML_F_HTTP_AUTH_SCHEME, false},
    };
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP, rich_request);
    proto_rig_end(&rig);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const struct ml_attr *attr = ml_fact_attr(proto_rig_fact(&rig, 0), fields[i].field);
        assert_non_null(attr);
        assert_int_equal(attr->sensitivity == ML_SENS_PERSONAL, fields[i].is_personal);
    }
    proto_rig_fini(&rig);
}

static void what_may_be_a_bare_value_is_not_told_as_a_name(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP,
         "GET /?alex@example.com&=x HTTP/1.1\r\nHost: a.example\r\nCookie: justasecret\r\n"
         "Authorization: justasecret\r\n\r\n");
    proto_rig_end(&rig);
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_null(ml_fact_attr(fact, ML_F_HTTP_QUERY_KEYS));
    assert_null(ml_fact_attr(fact, ML_F_HTTP_COOKIE_NAMES));
    assert_null(ml_fact_attr(fact, ML_F_HTTP_AUTH_SCHEME));
    proto_rig_fini(&rig);
}

static void a_response_states_its_cookies_and_which_are_insecure(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_DOWN,
         "HTTP/1.1 200 OK\r\nServer: x/1\r\nContent-Type: text/html\r\nSet-Cookie: a=1; Path=/; Secure\r\n"
         "Set-Cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly\r\nset-cookie: c=3;secure\r\n"
         "Content-Length: 2\r\n\r\nok");
    expect(&rig, "http.response down http.status=200 http.content_type=text/html http.server=x/1 http.body_bytes=2 "
                 "http.set_cookie_names=a http.set_cookie_names=b http.set_cookie_names=c "
                 "http.set_cookie_insecure=b\n");
}

static void more_names_than_fit_mark_the_fact_as_cut(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf head;
    ml_buf_init(&head, 4096);
    (void)ml_buf_add_text(&head, "GET /?");
    for (unsigned i = 0; i < 40; i++) {
        (void)ml_buf_printf(&head, "k%u=v&", i);
    }
    (void)ml_buf_add_text(&head, " HTTP/1.1\r\n\r\n");
    begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&head));
    proto_rig_end(&rig);
    assert_true(proto_rig_fact(&rig, 0)->is_cut);
    ml_buf_fini(&head);
    proto_rig_fini(&rig);
}

/* --- streams --- */

static const char talk_up[] =
    "GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\n"
    "HEAD /2 HTTP/1.1\r\nHost: b.example\r\n\r\n\r\n"
    "POST /3 HTTP/1.1\r\nHost: c.example\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n"
    "PUT /4 HTTP/1.1\r\nHost: d.example\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n12345"
    "GET /5 HTTP/1.0\nHost: e.example\n\n";
static const char talk_down[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
                                "HTTP/1.1 200 OK\r\nContent-Length: 300\r\nX-Answers: HEAD\r\n\r\n"
                                "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n"
                                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                                "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"
                                "HTTP/1.0 200 OK\nServer: last\n\nuntil the end";
static const char talk_facts[] = "http.request up http.method=GET http.host=a.example http.path=/1 http.body_bytes=0\n"
                                 "http.request up http.method=HEAD http.host=b.example http.path=/2 http.body_bytes=0\n"
                                 "http.request up http.method=POST http.host=c.example http.path=/3 http.body_bytes=7\n"
                                 "http.request up http.method=PUT http.host=d.example http.path=/4 http.body_bytes=5\n"
                                 "http.request up http.method=GET http.host=e.example http.path=/5 http.body_bytes=0\n"
                                 "http.response down http.status=200 http.body_bytes=3\n"
                                 "http.response down http.status=200 http.body_bytes=0\n"
                                 "http.response down http.status=201 http.body_bytes=5\n"
                                 "http.response down http.status=100 http.body_bytes=0\n"
                                 "http.response down http.status=103 http.body_bytes=0\n"
                                 "http.response down http.status=204 http.body_bytes=0\n"
                                 "http.response down http.status=200 http.server=last http.body_bytes=13\n";

static void a_conversation_gives_the_same_facts_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < sizeof talk_up; piece += piece < 40 ? 1 : 37) {
        struct proto_rig rig;
        begin(&rig);
        proto_rig_feed_split(&rig, ML_UP, ml_span_text(talk_up), piece);
        proto_rig_feed_split(&rig, ML_DOWN, ml_span_text(talk_down), piece);
        expect(&rig, talk_facts);
    }
}

static void facts_lead_to_the_bytes_and_packets_of_the_head(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    proto_rig_feed_split(&rig, ML_UP, ml_span_text(talk_up), 10);
    proto_rig_end(&rig);
    for (size_t i = 0; i < 5; i++) {
        const struct ml_fact *fact = proto_rig_fact(&rig, i);
        struct ml_span head = ml_span_cut(ml_span_text(talk_up), fact->range_from, fact->range_len);
        struct ml_span method = ml_attr_text(ml_fact_attr(fact, ML_F_HTTP_METHOD));
        assert_true(ml_span_equal(ml_span_cut(head, 0, method.len), method));
        assert_true(head.ptr[head.len - 1] == '\n' && head.ptr[head.len - 2] != ' ');
        assert_int_equal(fact->first_seq, fact->range_from / 10 + 1);
        assert_int_equal(fact->last_seq, (fact->range_from + fact->range_len - 1) / 10 + 1);
        assert_int_equal(fact->n_layers, 1);
    }
    proto_rig_fini(&rig);
}

static void one_direction_alone_is_enough(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    for (unsigned i = 0; i < 3 * ML_MAX_HTTP_PENDING; i++) {
        feed(&rig, ML_UP, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    }
    expect(&rig, "http.request up http.method=GET http.host=a.example http.path=/ http.body_bytes=0 count=96\n");
    begin(&rig);
    for (unsigned i = 0; i < 50; i++) {
        feed(&rig, ML_DOWN, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
    expect(&rig, "http.response down http.status=200 http.body_bytes=1 count=50\n");
}

static void a_capture_that_begins_in_the_middle_waits_for_a_first_line(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    rig.flow.saw_start = false;
    proto_rig_parser(&rig, &ml_parser_http);
    feed(&rig, ML_DOWN, "rest of a body\r\n\r\nHTTP/1.1 999 not where a segment begins\r\n\r\n");
    feed(&rig, ML_UP, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    feed(&rig, ML_DOWN, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    expect(&rig, "http.request up http.method=GET http.host=a.example http.path=/ http.body_bytes=0\n"
                 "http.response down http.status=404 http.body_bytes=0\n");
}

static void the_first_line_tells_who_is_the_server(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    rig.flow.saw_start = false; /* so "up" is a guess */
    feed(&rig, ML_UP, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    feed(&rig, ML_DOWN, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    expect(&rig, "http.response up http.status=200 http.body_bytes=0\n"
                 "http.request down http.method=GET http.host=a.example http.path=/ http.body_bytes=0\n");
}

static void a_hole_within_a_body_of_known_length_loses_nothing_else(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_DOWN, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
    proto_rig_gap(&rig, ML_DOWN, 5);
    feed(&rig, ML_DOWN, "xyzHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    expect(&rig, "http.response down http.status=200 http.body_bytes=10 cut\n"
                 "http.response down http.status=404 http.body_bytes=0\n");
}

static void behind_any_other_hole_the_next_segment_with_a_first_line_counts(void **state)
{
    (void)state;
    static const char *const before[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",                 /* between messages */
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na",                   /* over the end of a body */
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nsome", /* within a chunk */
        "HTTP/1.1 200 OK\r\nContent-Len",                                  /* within a head */
    };
    static const char *const facts[] = {
        "http.response down http.status=200 http.body_bytes=3\n",
        "http.response down http.status=200 http.body_bytes=1 cut\n",
        "http.response down http.status=200 http.body_bytes=4 cut\n",
        "http.response down http.status=200 http.body_bytes=0 cut\n",
    };
    for (size_t i = 0; i < 4; i++) {
        char want[256];
        struct proto_rig rig;
        begin(&rig);
        feed(&rig, ML_DOWN, before[i]);
        proto_rig_gap(&rig, ML_DOWN, 100);
        feed(&rig, ML_DOWN, "tail of something\r\n\r\n");
        feed(&rig, ML_DOWN, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        (void)snprintf(want, sizeof want, "%shttp.response down http.status=404 http.body_bytes=0\n", facts[i]);
        expect(&rig, want);
    }
}

static void bytes_that_are_no_http_put_a_side_out_of_step_and_are_counted(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    feed(&rig, ML_UP, "\x16\x03\x01 something else entirely, and long enough");
    feed(&rig, ML_UP, "GET /2 HTTP/1.1\r\nHost: b.example\r\n\r\n");
    proto_rig_end(&rig);
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_HTTP], 1);
    expect(&rig, "http.request up http.method=GET http.host=a.example http.path=/ http.body_bytes=0\n"
                 "http.request up http.method=GET http.host=b.example http.path=/2 http.body_bytes=0\n");
}

static void a_head_without_an_end_is_told_as_far_as_it_goes(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP, "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: cut off he");
    expect(&rig, "http.request up http.method=GET http.host=a.example http.path=/ http.body_bytes=0 cut\n");
}

static void a_head_beyond_the_ceiling_is_cut_and_counted(void **state)
{
    (void)state;
    struct proto_rig rig;
    static char junk[1025];
    memset(junk, 'j', sizeof junk - 1);
    begin(&rig);
    feed(&rig, ML_UP, "GET / HTTP/1.1\r\nHost: a.example\r\nX: ");
    for (unsigned i = 0; i < ML_MAX_HTTP_HEAD / 1024 + 2; i++) {
        feed(&rig, ML_UP, junk);
    }
    feed(&rig, ML_UP, "GET /2 HTTP/1.1\r\nHost: b.example\r\n\r\n");
    proto_rig_end(&rig);
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    expect(&rig, "http.request up http.method=GET http.host=a.example http.path=/ http.body_bytes=0 cut\n"
                 "http.request up http.method=GET http.host=b.example http.path=/2 http.body_bytes=0\n");
}

static void other_protocols_are_not_chosen(void **state)
{
    (void)state;
    static const char *const others[] = {"GET /index.html\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "SSH-2.0-x\r\n",
                                         "OPTIONS rtsp://a.example/ RTSP/1.0\r\n\r\n"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct ml_chunk chunk = {.bytes = ml_span_text(others[i])};
        assert_int_equal(ml_parser_http.probe(&chunk), ML_MATCH_NO);
    }
}

/* --- tunnels --- */

static void behind_an_accepted_connect_comes_another_conversation(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 90; piece += 11) {
        struct proto_rig rig;
        begin(&rig);
        proto_rig_feed_split(&rig, ML_UP, ml_span_text("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"),
                             piece);
        proto_rig_feed_split(&rig, ML_DOWN, ml_span_text("HTTP/1.1 200 Connection established\r\n\r\n"), piece);
        proto_rig_feed_split(&rig, ML_UP, ml_span_text("GET /in HTTP/1.1\r\nHost: b.example\r\n\r\n"), piece);
        proto_rig_feed_split(&rig, ML_DOWN, ml_span_text("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), piece);
        proto_rig_end(&rig);
        const struct ml_fact *inner = proto_rig_fact(&rig, 2);
        assert_int_equal(inner->n_layers, 2);
        assert_int_equal(inner->layers[1], ML_LAYER_PROXY);
        assert_int_equal(inner->range_from, 0);
        expect(&rig, "http.request up http.method=CONNECT http.host=a.example http.body_bytes=0\n"
                     "http.response down http.status=200 http.body_bytes=0\n"
                     "http.request up http.method=GET http.host=b.example http.path=/in http.body_bytes=0\n"
                     "http.response down http.status=404 http.body_bytes=0\n");
    }
}

static void bytes_in_the_same_segment_as_the_answer_belong_to_the_tunnel(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP, "CONNECT a.example:80 HTTP/1.1\r\n\r\nGET /early HTTP/1.1\r\nHost: b.example\r\n\r\n");
    feed(&rig, ML_DOWN, "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
    expect(&rig, "http.request up http.method=CONNECT http.host=a.example http.body_bytes=0\n"
                 "http.response down http.status=200 http.body_bytes=0\n"
                 "http.request up http.method=GET http.host=b.example http.path=/early http.body_bytes=0\n"
                 "http.response down http.status=204 http.body_bytes=0\n");
}

static void a_refused_connect_goes_on_with_requests(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP,
         "CONNECT a.example:443 HTTP/1.1\r\n\r\nCONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: Basic "
         "eA==\r\n\r\n");
    feed(&rig, ML_DOWN, "HTTP/1.1 407 Who\r\nContent-Length: 2\r\n\r\nno");
    feed(&rig, ML_DOWN, "HTTP/1.1 200 OK\r\n\r\n");
    feed(&rig, ML_UP, "GET /in HTTP/1.1\r\nHost: b.example\r\n\r\n");
    expect(&rig, "http.request up http.method=CONNECT http.host=a.example http.body_bytes=0\n"
                 "http.request up http.method=CONNECT http.host=a.example http.authorization=Basic eA== "
                 "http.auth_scheme=Basic http.body_bytes=0\n"
                 "http.response down http.status=407 http.body_bytes=2\n"
                 "http.response down http.status=200 http.body_bytes=0\n"
                 "http.request up http.method=GET http.host=b.example http.path=/in http.body_bytes=0\n");
}

static void a_tunnel_whose_answer_was_not_captured_is_looked_into(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    feed(&rig, ML_UP, "GET /in HTTP/1.1\r\nHost: b.example\r\n\r\n");
    expect(&rig, "http.request up http.method=CONNECT http.host=a.example http.body_bytes=0\n"
                 "http.request up http.method=GET http.host=b.example http.path=/in http.body_bytes=0\n");
}

static void behind_switching_protocols_comes_the_other_protocol(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed(&rig, ML_UP, "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n");
    feed(&rig, ML_DOWN, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n");
    feed(&rig, ML_UP, "GET /in HTTP/1.1\r\nHost: b.example\r\n\r\n"); /* stands for any protocol we know */
    expect(&rig,
           "http.request up http.method=GET http.host=a.example http.path=/ http.upgrade=other http.body_bytes=0\n"
           "http.response down http.status=101 http.upgrade=other http.body_bytes=0\n"
           "http.request up http.method=GET http.host=b.example http.path=/in http.body_bytes=0\n");
}

static void tunnels_within_tunnels_end(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    for (unsigned i = 0; i < 3 * ML_MAX_LAYERS; i++) {
        feed(&rig, ML_UP, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
        feed(&rig, ML_DOWN, "HTTP/1.1 200 OK\r\n\r\n");
    }
    proto_rig_end(&rig);
    for (const struct ml_fact *fact = rig.flow.facts; fact != NULL; fact = fact->next) {
        assert_true(fact->n_layers <= ML_MAX_LAYERS);
    }
    assert_true(rig.flow.n_facts > 1);
    proto_rig_fini(&rig);
}

/* --- sweeps --- */

static void feed_both_ways(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        struct proto_rig rig;
        begin(&rig);
        proto_rig_parser(&rig, &ml_parser_http);
        feed(&rig, ML_UP, "CONNECT a.example:1 HTTP/1.1\r\n\r\n");
        proto_rig_feed(&rig, (enum ml_dir)dir, bytes);
        proto_rig_feed_split(&rig, (enum ml_dir)dir, bytes, 7);
        proto_rig_end(&rig);
        *n += rig.flow.n_facts;
        proto_rig_fini(&rig);
    }
}

static void broken_conversations_are_survived(void **state)
{
    (void)state;
    unsigned n = 0;
    struct ml_span up = ml_span_cut(ml_span_text(talk_up), 60, 200);
    struct ml_span down = ml_span_cut(ml_span_text(talk_down), 40, 230);
    sweep_truncations(up, feed_both_ways, &n);
    sweep_truncations(down, feed_both_ways, &n);
    sweep_bit_flips(up, feed_both_ways, &n);
    sweep_bit_flips(down, feed_both_ways, &n);
    assert_true(n > 0);
}

static void talk_under_pressure(void *context)
{
    struct proto_rig *rig = context;
    memset(rig, 0, sizeof *rig);
    ml_fact_store_init(&rig->facts, &rig->counters);
    rig->env = (struct ml_proto_env){.facts = &rig->facts, .counters = &rig->counters};
    rig->flow.saw_start = true;
    void *self = ml_parser_http.create(&rig->env, &rig->flow);
    if (self != NULL) {
        static const char *const talk[] = {talk_up, talk_down,
                                           "CONNECT a.example:1 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"};
        for (unsigned i = 0; i < 3; i++) {
            struct ml_chunk chunk = {.flow = &rig->flow, .dir = i & 1, .bytes = ml_span_text(talk[i])};
            (void)ml_parser_http.feed(self, &chunk);
        }
        ml_parser_http.destroy(self);
    }
    ml_proto_env_fini(&rig->env);
    ml_fact_store_fini(&rig->facts);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    struct proto_rig rig;
    assert_true(oom_sweep(talk_under_pressure, &rig) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_states_what_its_head_says),
        cmocka_unit_test(values_that_may_hold_secrets_are_personal),
        cmocka_unit_test(what_may_be_a_bare_value_is_not_told_as_a_name),
        cmocka_unit_test(a_response_states_its_cookies_and_which_are_insecure),
        cmocka_unit_test(more_names_than_fit_mark_the_fact_as_cut),
        cmocka_unit_test(a_conversation_gives_the_same_facts_however_it_is_cut),
        cmocka_unit_test(facts_lead_to_the_bytes_and_packets_of_the_head),
        cmocka_unit_test(one_direction_alone_is_enough),
        cmocka_unit_test(a_capture_that_begins_in_the_middle_waits_for_a_first_line),
        cmocka_unit_test(the_first_line_tells_who_is_the_server),
        cmocka_unit_test(a_hole_within_a_body_of_known_length_loses_nothing_else),
        cmocka_unit_test(behind_any_other_hole_the_next_segment_with_a_first_line_counts),
        cmocka_unit_test(bytes_that_are_no_http_put_a_side_out_of_step_and_are_counted),
        cmocka_unit_test(a_head_without_an_end_is_told_as_far_as_it_goes),
        cmocka_unit_test(a_head_beyond_the_ceiling_is_cut_and_counted),
        cmocka_unit_test(other_protocols_are_not_chosen),
        cmocka_unit_test(behind_an_accepted_connect_comes_another_conversation),
        cmocka_unit_test(bytes_in_the_same_segment_as_the_answer_belong_to_the_tunnel),
        cmocka_unit_test(a_refused_connect_goes_on_with_requests),
        cmocka_unit_test(a_tunnel_whose_answer_was_not_captured_is_looked_into),
        cmocka_unit_test(behind_switching_protocols_comes_the_other_protocol),
        cmocka_unit_test(tunnels_within_tunnels_end),
        cmocka_unit_test(broken_conversations_are_survived),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/http", tests, NULL, NULL);
}
