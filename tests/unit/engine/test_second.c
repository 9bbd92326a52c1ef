/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is spared nDPI, its answer must be the one that it gives after all packets. */
#include "engine/shard.h"
#include "support/cm.h"
#include "support/decode_rig.h"
#include "support/dns_build.h"
#include "support/talk.h"
#include "support/tls_messages.h"

#define CLIENT "192.0.2.10"
#define SERVER "198.51.100.20"
/* In the range that Telegram publishes, and therefore in nDPI's table of owners. */
#define TELEGRAM "149.154.167.51"

enum { ROOM = 4096 };

/* --- conversations --- */

static void open_to(struct talk *talk, struct reel *reel, const char *server)
{
    *talk = (struct talk){
        .reel = reel, .ends = build_ends(CLIENT, 50000, server, 443), .now_ns = INT64_C(1700000000000000000)};
    talk_open(talk);
}

static void say_handshake(struct talk *talk, enum talk_side side, const struct ml_buf *messages)
{
    struct ml_buf record;
    ml_buf_init(&record, ROOM);
    build_record(&record, TLS_HANDSHAKE, TLS_12, build_span(messages));
    talk_send(talk, side, build_span(&record));
    ml_buf_fini(&record);
}

static void say_hello(struct talk *talk, const char *sni)
{
    struct ml_buf hello;
    ml_buf_init(&hello, ROOM);
    build_client_hello(&hello, &(struct build_hello){.seed = 1, .sni = sni, .is_13 = true});
    say_handshake(talk, TALK_CLIENT, &hello);
    ml_buf_fini(&hello);
}

static void answer_13(struct talk *talk)
{
    struct ml_buf hello;
    ml_buf_init(&hello, ROOM);
    build_server_hello(&hello, &(struct build_server_hello){.seed = 2, .suite = 0x1301, .is_13 = true});
    say_handshake(talk, TALK_SERVER, &hello);
    ml_buf_fini(&hello);
}

static void answer_12(struct talk *talk, const char *name)
{
    const char *const names[] = {name, NULL};
    struct ml_buf leaf;
    struct ml_buf hello;
    ml_buf_init(&leaf, ROOM);
    ml_buf_init(&hello, ROOM);
    build_x509(&leaf, &(struct build_x509){.seed = 3,
                                           .subject = name,
                                           .issuer = "Example Authority",
                                           .names = names,
                                           .not_before = "230101000000Z",
                                           .not_after = "240101000000Z",
                                           .key = 2,
                                           .issuer_key = 1});
    const struct ml_span chain = build_span(&leaf);
    build_server_hello(&hello, &(struct build_server_hello){.seed = 2, .suite = 0xc02f});
    build_certificate(&hello, &chain, 1);
    build_server_key_exchange(&hello, 4);
    build_server_hello_done(&hello);
    say_handshake(talk, TALK_SERVER, &hello);
    ml_buf_fini(&hello);
    ml_buf_fini(&leaf);
}

static void a_known_name(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, SERVER);
    say_hello(&talk, "web.whatsapp.com");
    answer_13(&talk);
    talk_close(&talk, TALK_CLIENT);
}

static void a_hello_without_an_answer(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, SERVER);
    say_hello(&talk, "www.example.org");
}

static void a_hello_to_a_known_address(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, TELEGRAM);
    say_hello(&talk, "www.example.org");
    answer_13(&talk);
}

static void a_hidden_certificate(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, SERVER);
    say_hello(&talk, "www.example.org");
    answer_13(&talk);
    talk_close(&talk, TALK_SERVER);
}

static void a_certificate_of_nobodys(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, SERVER);
    say_hello(&talk, "www.example.org");
    answer_12(&talk, "www.example.org");
}

static void a_certificate_with_a_known_name(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, SERVER);
    say_hello(&talk, NULL);
    answer_12(&talk, "mmg.whatsapp.net");
}

static void a_handshake_alone(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, TELEGRAM);
    talk_reset(&talk, TALK_CLIENT);
}

static void many_packets_without_payload(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, SERVER);
    talk_close(&talk, TALK_SERVER);
    talk_reset(&talk, TALK_CLIENT);
}

static void bytes_of_another_protocol(struct reel *reel)
{
    struct talk talk;
    open_to(&talk, reel, SERVER);
    talk_push(&talk, ml_span_text("SSH-2.0-Example_1.0\r\n"));
    talk_send(&talk, TALK_CLIENT, ml_span_text("SSH-2.0-Example_2.0\r\n"));
}

static void ask_dns(struct reel *reel, const char *server, const char *name, unsigned type)
{
    const struct build_ends ends = build_ends(CLIENT, 50000, server, 53);
    struct dns_build dns;
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 0);
    dns_question(&dns, name, type);
    reel_udp(reel, INT64_C(1700000000000000000), true, &ends, dns_span(&dns));
}

static void a_query_for_an_address(struct reel *reel)
{
    ask_dns(reel, SERVER, "mtalk.google.com", 1);
}

static void a_query_for_a_name_that_ndpi_learns_from_elsewhere(struct reel *reel)
{
    ask_dns(reel, SERVER, "us04web.zoom.us", 28);
}

static void ask_from(struct reel *reel, uint16_t client_port, unsigned flags)
{
    const struct build_ends ends = build_ends(CLIENT, client_port, SERVER, 53);
    struct dns_build dns;
    dns_begin(&dns, flags, 1, 0, 0, 0);
    dns_question(&dns, "host.local", 1);
    reel_udp(reel, INT64_C(1700000000000000000), true, &ends, dns_span(&dns));
}

static void a_query_from_the_port_of_mdns(struct reel *reel)
{
    ask_from(reel, 5353, DNS_QUERY);
}

static void a_message_that_is_no_query(struct reel *reel)
{
    enum { NOTIFY = 0x2000 };
    ask_from(reel, 50000, NOTIFY);
}

static void a_query_backwards(struct reel *reel)
{
    ask_dns(reel, SERVER, "20.100.51.198.in-addr.arpa", 12);
}

static void a_query_to_a_known_address(struct reel *reel)
{
    ask_dns(reel, TELEGRAM, "www.example.org", 65);
}

/* --- both ways --- */

typedef void (*conversation_fn)(struct reel *reel);

typedef void (*segment_fn)(void *context, const struct ml_segment *segment);

static void play(conversation_fn conversation, segment_fn take, void *context)
{
    struct reel reel;
    struct rig rig;
    reel_init(&reel);
    rig_init(&rig);
    conversation(&reel);
    reel_sort(&reel);
    for (size_t i = 0; i < reel.n; i++) {
        rig.time_ns = reel.packets[i].time_ns;
        assert_true(rig_decode(&rig, LINK_RAW, reel.packets[i].bytes, reel.packets[i].bytes.len));
        take(context, &rig.segment);
    }
    rig_fini(&rig);
    reel_fini(&reel);
}

struct direct {
    struct ml_ndpi *ndpi;
    struct ml_ndpi_flow *flow;
};

static void show_ndpi(void *context, const struct ml_segment *segment)
{
    struct direct *direct = context;
    (void)ml_ndpi_feed(direct->ndpi, direct->flow, segment, ML_UP); /* which ignores what it does not want */
}

static void feed_shard(void *context, const struct ml_segment *segment)
{
    ml_shard_feed(context, segment);
}

/* Asks nDPI directly, with all packets, and then a shard. */
static void assert_same_answer(conversation_fn conversation)
{
    pthread_mutex_t start = PTHREAD_MUTEX_INITIALIZER;
    struct direct direct = {.ndpi = ml_ndpi_new(NULL)};
    struct ml_shard shard;
    if (ml_ndpi_version() == NULL) {
        skip(); /* built without nDPI */
    }
    assert_non_null(direct.ndpi);
    assert_true(ml_shard_init(&shard, &(struct ml_shard_config){.with_ndpi = true, .ndpi_start = &start}));
    direct.flow = ml_ndpi_flow_new(direct.ndpi);
    assert_non_null(direct.flow);
    play(conversation, show_ndpi, &direct);
    struct ml_ndpi_answer shown;
    ml_ndpi_answer(direct.ndpi, direct.flow, &shown);

    play(conversation, feed_shard, &shard);
    ml_shard_flush(&shard);
    assert_int_equal(ml_flow_table_count(shard.flows), 1);
    const struct ml_flow_note *note = ml_flow_table_get(shard.flows, 0)->verdict;
    assert_true(note->has_ndpi);
    assert_string_equal(note->ndpi.master, shown.master);
    assert_string_equal(note->ndpi.app, shown.app);
    assert_string_equal(note->ndpi.confidence, shown.confidence);
    assert_int_equal(note->ndpi.is_by_address, shown.is_by_address);

    ml_shard_fini(&shard);
    ml_ndpi_flow_free(direct.ndpi, direct.flow);
    ml_ndpi_free(direct.ndpi);
}

/* A second opinion beside the shard's own, which sees the same at the same time. */
struct beside {
    struct ml_shard shard;
    struct ml_second second;
    size_t n_seen; /* segments */
    size_t n_over; /* segments up to the one with which it was over */
    bool was_shown;
};

static void see_beside(void *context, const struct ml_segment *segment)
{
    struct beside *beside = context;
    ml_shard_feed(&beside->shard, segment);
    struct ml_flow *flow = ml_flow_table_get(beside->shard.flows, 0);
    enum ml_dir dir = ml_ip_equal(&segment->src, &flow->client) ? ML_UP : ML_DOWN;
    beside->n_seen++;
    if (beside->n_over == 0 && ml_second_see(&beside->shard.second, &beside->second, flow, segment, dir)) {
        beside->n_over = beside->n_seen;
    }
    beside->was_shown |= beside->second.ndpi != NULL;
}

/* `n_over` segments tell the answer, 0: all that there are do not. */
static void assert_shown(conversation_fn conversation, bool was_shown, size_t n_over)
{
    pthread_mutex_t start = PTHREAD_MUTEX_INITIALIZER;
    struct beside beside = {.n_seen = 0};
    if (ml_ndpi_version() == NULL || strncmp(ml_ndpi_version(), "4.2.", 4) != 0) {
        skip(); /* every packet is shown to other versions */
    }
    assert_true(ml_shard_init(&beside.shard, &(struct ml_shard_config){.with_ndpi = true, .ndpi_start = &start}));
    play(conversation, see_beside, &beside);
    assert_int_equal(beside.was_shown, was_shown);
    assert_int_equal(beside.n_over, n_over);
    ml_second_end(&beside.shard.second, &beside.second, ml_flow_table_get(beside.shard.flows, 0));
    ml_shard_fini(&beside.shard);
}

/* Three segments of the handshake, the hello, its acknowledgement, what the server says. */
static void ndpi_is_spared_what_is_known_without_it(void **state)
{
    (void)state;
    enum { HELLO = 4, ANSWER = 6 };
    assert_shown(a_known_name, false, HELLO);
    assert_shown(a_hello_without_an_answer, false, 0);
    assert_shown(a_hidden_certificate, false, ANSWER);
    assert_shown(a_query_for_an_address, false, 1);
    assert_shown(a_certificate_of_nobodys, true, ANSWER); /* which nDPI finds final */
    assert_shown(bytes_of_another_protocol, true, 0);
}

static void names_of_servers_tell_as_much_as_all_packets(void **state)
{
    (void)state;
    assert_same_answer(a_known_name);
    assert_same_answer(a_hello_without_an_answer);
    assert_same_answer(a_hello_to_a_known_address);
    assert_same_answer(a_hidden_certificate);
}

static void certificates_in_clear_are_heard(void **state)
{
    (void)state;
    assert_same_answer(a_certificate_of_nobodys);
    assert_same_answer(a_certificate_with_a_known_name);
}

static void packets_without_payload_may_wait(void **state)
{
    (void)state;
    assert_same_answer(a_handshake_alone);
    assert_same_answer(many_packets_without_payload);
    assert_same_answer(bytes_of_another_protocol);
}

static void the_kin_of_dns_is_left_to_ndpi(void **state)
{
    (void)state;
    assert_same_answer(a_query_from_the_port_of_mdns);
    assert_same_answer(a_message_that_is_no_query);
}

static void queries_of_any_type_are_told_by_their_name(void **state)
{
    (void)state;
    assert_same_answer(a_query_for_an_address);
    assert_same_answer(a_query_for_a_name_that_ndpi_learns_from_elsewhere);
    assert_same_answer(a_query_backwards);
    assert_same_answer(a_query_to_a_known_address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ndpi_is_spared_what_is_known_without_it),
        cmocka_unit_test(names_of_servers_tell_as_much_as_all_packets),
        cmocka_unit_test(certificates_in_clear_are_heard),
        cmocka_unit_test(packets_without_payload_may_wait),
        cmocka_unit_test(the_kin_of_dns_is_left_to_ndpi),
        cmocka_unit_test(queries_of_any_type_are_told_by_their_name),
    };
    return cmocka_run_group_tests_name("engine/second", tests, NULL, NULL);
}
