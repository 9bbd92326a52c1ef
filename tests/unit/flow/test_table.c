/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "core/mem.h"
#include "flow/client.h"
#include "support/cm.h"
#include "support/flow_rig.h"
#include "support/kit.h"

#include <stdio.h>

enum { ACK = ML_TCP_ACK, SYN = ML_TCP_SYN, FIN = ML_TCP_FIN | ML_TCP_ACK, RST = ML_TCP_RST };

#define SECONDS INT64_C(1000000000)

static int setup(void **state)
{
    static struct flow_rig rig;
    flow_rig_init(&rig);
    flow_rig_start(&rig);
    *state = &rig;
    return rig.table == NULL;
}

static int teardown(void **state)
{
    flow_rig_fini(*state);
    return 0;
}

/* A datagram between two ports of the rig's hosts. */
static struct ml_segment udp(struct flow_rig *rig, uint16_t client_port, uint16_t server_port, const char *text)
{
    struct ml_segment segment = flow_rig_segment(rig, ML_UP, ML_IP_UDP, ml_span_text(text));
    segment.src_port = client_port;
    segment.dst_port = server_port;
    return segment;
}

static void feed(struct flow_rig *rig, struct ml_segment segment)
{
    assert_int_equal(flow_rig_feed(rig, &segment), ML_OK);
}

static void swap_ends(struct ml_segment *segment)
{
    struct ml_ip ip = segment->src;
    uint16_t port = segment->src_port;
    segment->src = segment->dst;
    segment->src_port = segment->dst_port;
    segment->dst = ip;
    segment->dst_port = port;
}

static const struct ml_flow *get(const struct flow_rig *rig, size_t index)
{
    return ml_flow_table_get(rig->table, index);
}

/* --- what is counted --- */

static void a_flow_keeps_numbers_of_both_directions(void **state)
{
    struct flow_rig *rig = *state;
    struct ml_segment segment = flow_rig_segment(rig, ML_UP, ML_IP_UDP, ml_span_text("question"));
    segment.n_tunnels = 1;
    segment.tunnels[0] = ML_TUNNEL_GRE;
    segment.has_mac = true;
    memcpy(segment.src_mac, "\x02\x00\x00\x00\x00\x01", 6);
    int64_t start = rig->now_ns;
    feed(rig, segment);
    segment = flow_rig_segment(rig, ML_DOWN, ML_IP_UDP, ml_span_text("answer"));
    segment.process = 7;
    feed(rig, segment);
    const struct ml_flow *flow = get(rig, 0);
    assert_int_equal(ml_flow_table_count(rig->table), 1);
    assert_int_equal(flow->client_port, 50000);
    assert_int_equal(flow->server_port, 443);
    assert_int_equal(flow->packets[ML_UP], 1);
    assert_int_equal(flow->packets[ML_DOWN], 1);
    assert_int_equal(flow->bytes[ML_UP], 48);
    assert_int_equal(flow->bytes[ML_DOWN], 46);
    assert_int_equal(flow->payload_bytes[ML_UP], 8);
    assert_int_equal(flow->payload_bytes[ML_DOWN], 6);
    assert_int_equal(flow->first_seq, 1);
    assert_int_equal(flow->last_seq, 2);
    assert_int_equal(flow->first_ns, start);
    assert_int_equal(flow->last_ns, start + rig->step_ns);
    assert_int_equal(flow->process, 7);
    assert_int_equal(flow->n_tunnels, 1);
    assert_int_equal(flow->tunnels[0], ML_TUNNEL_GRE);
    assert_true(flow->is_established);
    assert_true(flow->has_client_mac);
    assert_memory_equal(flow->client_mac, "\x02\x00\x00\x00\x00\x01", 6);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:question down@0:answer ");
}

static void protocols_and_ports_keep_flows_apart(void **state)
{
    struct flow_rig *rig = *state;
    feed(rig, udp(rig, 50000, 443, "a"));
    feed(rig, udp(rig, 50001, 443, "b"));
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    feed(rig, flow_rig_segment(rig, ML_UP, ML_IP_ICMP, ml_span_text("\x08\x01ping")));
    feed(rig, flow_rig_segment(rig, ML_DOWN, ML_IP_ICMP, ml_span_text("pong")));
    feed(rig, flow_rig_segment(rig, ML_UP, ML_IP_SCTP, ml_span_text("unread")));
    assert_string_equal(flow_rig_log(rig), "+0 up@0:a +1 up@0:b +2 +3 up@0:\x08\x01ping down@0:pong +4 ");
    assert_int_equal(rig->counters.n[ML_COUNT_FLOWS_OPENED], 5);
    assert_int_equal(get(rig, 3)->icmp_type, 8);
    assert_int_equal(get(rig, 3)->icmp_code, 1);
}

static void a_flow_to_oneself_is_one_flow(void **state)
{
    struct flow_rig *rig = *state;
    struct ml_segment segment = udp(rig, 50000, 53, "a");
    segment.dst = segment.src;
    feed(rig, segment);
    swap_ends(&segment);
    feed(rig, segment);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:a down@0:a ");
}

/* --- who asked --- */

static void the_sender_of_the_syn_is_the_client(void **state)
{
    struct flow_rig *rig = *state;
    struct ml_segment segment = flow_rig_tcp(rig, ML_UP, SYN, 0, 0, "");
    swap_ends(&segment); /* from port 443 to 50000 */
    feed(rig, segment);
    assert_int_equal(get(rig, 0)->client_port, 443);
    assert_true(get(rig, 0)->saw_start);
}

static void a_syn_ack_first_means_that_its_receiver_asked(void **state)
{
    struct flow_rig *rig = *state;
    struct ml_segment segment = flow_rig_tcp(rig, ML_DOWN, SYN | ACK, 0, 0, "");
    segment.src_port = 50001; /* no help from the ports */
    feed(rig, segment);
    assert_int_equal(get(rig, 0)->client_port, 50000);
}

static void ports_decide_only_when_exactly_the_sender_has_a_service(void **state)
{
    struct flow_rig *rig = *state;
    static const struct {
        uint16_t from, to, client;
    } cases[] = {{53, 50000, 50000}, {50000, 53, 50000},   {123, 123, 123},     {40000, 50000, 40000},
                 {53, 443, 53},      {5222, 40001, 40001}, {50002, 5353, 50002}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        feed(rig, udp(rig, cases[i].from, cases[i].to, ""));
        assert_int_equal(get(rig, i)->client_port, cases[i].client);
    }
}

static void the_table_of_service_ports_is_searched_whole(void **state)
{
    (void)state;
    static const uint16_t services[] = {1, 53, 1023, 1080, 3478, 5222, 8080, 8443, 51820};
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        assert_true(ml_is_service_port(services[i]));
    }
    unsigned n = 0;
    for (uint32_t port = 1024; port < 65536; port++) {
        n += ml_is_service_port((uint16_t)port);
    }
    assert_int_equal(n, 62); /* each entry is found, so the table is in order */
    assert_false(ml_is_service_port(0));
    assert_false(ml_is_service_port(50000));
}

/* --- where a flow ends --- */

static void a_gap_longer_than_the_time_out_ends_a_flow(void **state)
{
    struct flow_rig *rig = *state;
    static const uint8_t protocols[] = {ML_IP_UDP, ML_IP_TCP, ML_IP_ICMP};
    rig->step_ns = 0;
    for (size_t i = 0; i < 3; i++) {
        int64_t idle = (protocols[i] == ML_IP_TCP ? ML_FLOW_IDLE_TCP_S : ML_FLOW_IDLE_OTHER_S) * SECONDS;
        size_t before = ml_flow_table_count(rig->table);
        feed(rig, flow_rig_segment(rig, ML_UP, protocols[i], ml_span_text("")));
        rig->now_ns += idle;
        feed(rig, flow_rig_segment(rig, ML_DOWN, protocols[i], ml_span_text("")));
        assert_int_equal(ml_flow_table_count(rig->table), before + 1);
        rig->now_ns += idle + 1;
        feed(rig, flow_rig_segment(rig, ML_UP, protocols[i], ml_span_text("")));
        assert_int_equal(ml_flow_table_count(rig->table), before + 2);
    }
    assert_string_equal(flow_rig_log(rig), "+0 -0 +1 +2 -2 +3 +4 -4 +5 ");
}

static void time_that_runs_back_is_no_gap(void **state)
{
    struct flow_rig *rig = *state;
    int64_t start = rig->now_ns;
    rig->step_ns = 0;
    feed(rig, udp(rig, 50000, 443, "a"));
    rig->now_ns = start - 3600 * SECONDS;
    feed(rig, udp(rig, 50000, 443, "b"));
    rig->now_ns = INT64_MIN;
    feed(rig, udp(rig, 50000, 443, "c"));
    assert_int_equal(ml_flow_table_count(rig->table), 1);
    assert_int_equal(get(rig, 0)->first_ns, INT64_MIN);
    assert_int_equal(get(rig, 0)->last_ns, start);
    rig->now_ns = INT64_MAX; /* the difference of these times does not fit into 63 bits */
    feed(rig, udp(rig, 50000, 443, "d"));
    assert_int_equal(ml_flow_table_count(rig->table), 2);
}

static void a_syn_after_the_end_opens_a_new_flow(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    flow_rig_send(rig, ML_UP, FIN, 0, 0, "");
    flow_rig_send(rig, ML_DOWN, FIN, 0, 1, "");
    flow_rig_send(rig, ML_UP, ACK, 1, 1, "");
    assert_int_equal(ml_flow_table_count(rig->table), 1);
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    flow_rig_send(rig, ML_DOWN, RST | ACK, 0, 0, "");
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    assert_string_equal(flow_rig_log(rig), "+0 -0 +1 -1 +2 ");
}

static void a_syn_that_cannot_belong_opens_a_new_flow(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    flow_rig_send(rig, ML_UP, ACK, 0, 0, "old");
    flow_rig_send(rig, ML_UP, SYN, 0, 0, ""); /* sent again: the same number */
    assert_int_equal(ml_flow_table_count(rig->table), 1);
    rig->isn[ML_UP] += 100000; /* the port is used again, its end was not captured */
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    flow_rig_send(rig, ML_UP, ACK, 0, 0, "new");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:old -0 +1 up@0:new ");
}

static void a_syn_into_a_flow_that_began_in_the_middle_opens_a_new_flow(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_send(rig, ML_DOWN, ACK, 77, 0, "rest");
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    assert_string_equal(flow_rig_log(rig), "+0 down@0:rest -0 +1 ");
}

static void a_syn_overtaken_by_its_first_bytes_belongs(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_send(rig, ML_UP, ACK, 0, 0, "abc");
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc ");
}

static void both_ends_may_open_at_once(void **state)
{
    struct flow_rig *rig = *state; /* RFC 9293, figure 7 */
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    flow_rig_send(rig, ML_DOWN, SYN, 0, 0, "");
    flow_rig_send(rig, ML_UP, SYN | ACK, 0, 0, "");
    flow_rig_send(rig, ML_DOWN, SYN | ACK, 0, 0, "");
    assert_string_equal(flow_rig_log(rig), "+0 ");
    assert_true(get(rig, 0)->is_established);
}

/* --- the handshake --- */

static void the_round_trip_is_from_syn_to_its_answer(void **state)
{
    struct flow_rig *rig = *state;
    rig->step_ns = 12345678;
    flow_rig_shake_hands(rig);
    flow_rig_send(rig, ML_DOWN, SYN | ACK, 0, 0, "");
    assert_int_equal(get(rig, 0)->rtt_us, 12345);
    assert_true(get(rig, 0)->is_established);
}

static void a_syn_sent_twice_gives_no_round_trip(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    flow_rig_shake_hands(rig);
    flow_rig_send(rig, ML_DOWN, SYN | ACK, 0, 0, "");
    assert_int_equal(get(rig, 0)->rtt_us, 0);
}

static void an_answer_to_another_syn_or_before_it_gives_no_round_trip(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "");
    flow_rig_send(rig, ML_DOWN, SYN | ACK, 0, 5, "");
    assert_int_equal(get(rig, 0)->rtt_us, 0);
    ml_flow_table_flush(rig->table);
    rig->step_ns = -1000000;
    flow_rig_shake_hands(rig);
    assert_int_equal(get(rig, 1)->rtt_us, 0);
    ml_flow_table_flush(rig->table);
    rig->step_ns = 1;
    flow_rig_shake_hands(rig);
    assert_int_equal(get(rig, 2)->rtt_us, 1); /* 0 would mean unknown */
}

/* --- housekeeping --- */

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Some traffic of 40 conversations over four hours; times run back by up to a second. */
static void random_traffic(struct flow_rig *rig)
{
    uint32_t random = 362436069U;
    rig->step_ns = 0;
    int64_t start = rig->now_ns;
    for (int i = 0; i < 4000; i++) {
        start += next_random(&random) % 8 * SECONDS;
        rig->now_ns = start - next_random(&random) % 1000 * (SECONDS / 1000);
        uint32_t who = next_random(&random) % 40;
        enum ml_dir dir = next_random(&random) % 2 == 0 ? ML_UP : ML_DOWN;
        struct ml_segment segment = flow_rig_tcp(rig, dir, ACK, next_random(&random) % 64, 0, "abc");
        segment.ip_proto = who % 2 == 0 ? ML_IP_TCP : ML_IP_UDP;
        (dir == ML_UP ? &segment.src : &segment.dst)->bytes[3] = (uint8_t)who;
        feed(rig, segment);
    }
}

/* All that is kept of the flows, as text. */
static void describe(const struct flow_rig *rig, struct ml_buf *out)
{
    for (size_t i = 0; i < ml_flow_table_count(rig->table); i++) {
        const struct ml_flow *flow = get(rig, i);
        ml_buf_printf(out, "%u %u %lld %lld %llu %llu %u\n", flow->index, flow->client.bytes[3],
                      (long long)flow->first_seq, (long long)flow->last_ns, (unsigned long long)flow->bytes[0],
                      (unsigned long long)flow->bytes[1], flow->n_gaps);
    }
}

static void sweeping_changes_nothing_but_memory(void **state)
{
    struct flow_rig *rig = *state;
    struct ml_buf want;
    struct ml_buf got;
    ml_buf_init(&want, 1 << 24);
    ml_buf_init(&got, 1 << 24);
    static const size_t intervals[] = {0, 10, 100, 1000};
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        flow_rig_fini(rig);
        flow_rig_init(rig);
        rig->limits.sweep_every = intervals[i];
        flow_rig_start(rig);
        random_traffic(rig);
        unsigned n_open = rig->n_open;
        ml_flow_table_flush(rig->table);
        struct ml_buf *out = i == 0 ? &want : &got;
        ml_buf_clear(out);
        describe(rig, out);
        assert_false(out->failed);
        assert_true(ml_flow_table_count(rig->table) > 200);
        assert_true(i == 1 ? n_open < 40 : n_open <= 40);
        if (i != 0) {
            assert_true(ml_span_equal(ml_buf_span(&want), ml_buf_span(&got)));
        }
    }
    ml_buf_fini(&want);
    ml_buf_fini(&got);
}

static void a_sweep_closes_idle_flows_in_index_order(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_fini(rig);
    flow_rig_init(rig);
    rig->limits.sweep_every = 3;
    flow_rig_start(rig);
    feed(rig, udp(rig, 1, 1, ""));
    feed(rig, udp(rig, 2, 2, ""));
    rig->now_ns += 61 * SECONDS;
    feed(rig, udp(rig, 3, 3, "")); /* the interval began before: nothing goes yet */
    assert_string_equal(flow_rig_log(rig), "+0 +1 +2 ");
    feed(rig, udp(rig, 3, 3, ""));
    feed(rig, udp(rig, 3, 3, ""));
    feed(rig, udp(rig, 3, 3, ""));
    assert_string_equal(flow_rig_log(rig), "-0 -1 ");
}

static void at_the_ceiling_the_oldest_flows_go(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_fini(rig);
    flow_rig_init(rig);
    rig->limits.max_open = 32; /* a sixteenth is two */
    flow_rig_start(rig);
    for (uint16_t i = 0; i < 32; i++) {
        feed(rig, udp(rig, (uint16_t)(2000 + i), 443, ""));
    }
    feed(rig, udp(rig, 2000, 443, "")); /* flow 0 is the youngest now */
    feed(rig, udp(rig, 2002, 443, ""));
    (void)flow_rig_log(rig);
    feed(rig, udp(rig, 3000, 443, ""));
    assert_string_equal(flow_rig_log(rig), "-1 -3 +32 ");
    assert_int_equal(rig->counters.n[ML_COUNT_LIMIT_OPEN_FLOWS], 2);
    feed(rig, udp(rig, 2001, 443, "")); /* one that went comes back as a new flow */
    assert_string_equal(flow_rig_log(rig), "+33 ");
    feed(rig, udp(rig, 3001, 443, ""));
    assert_string_equal(flow_rig_log(rig), "-4 -5 +34 ");
}

static void many_flows_are_found_again_and_never_move(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_fini(rig);
    flow_rig_init(rig);
    rig->limits.max_open = 100000;
    flow_rig_start(rig);
    feed(rig, udp(rig, 0, 443, ""));
    const struct ml_flow *first = get(rig, 0);
    rig->step_ns = 0;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 20000; i++) {
            feed(rig, udp(rig, (uint16_t)i, 443, ""));
        }
    }
    assert_int_equal(ml_flow_table_count(rig->table), 20000);
    assert_ptr_equal(get(rig, 0), first);
    for (uint32_t i = 0; i < 20000; i++) {
        assert_int_equal(get(rig, i)->index, i);
        assert_int_equal(get(rig, i)->packets[ML_UP] + get(rig, i)->packets[ML_DOWN], i == 0 ? 3 : 2);
    }
}

static void shards_are_the_same_both_ways_and_all_used(void **state)
{
    (void)state;
    unsigned used[ML_N_SHARDS] = {0};
    for (unsigned i = 0; i < 4096; i++) {
        const uint8_t a[4] = {192, 0, 2, (uint8_t)i};
        const uint8_t b[4] = {198, 51, 100, (uint8_t)(i >> 4)};
        struct ml_ip left = ml_ip4(a);
        struct ml_ip right = ml_ip4(b);
        unsigned shard = ml_shard_of(&left, &right);
        assert_int_equal(shard, ml_shard_of(&right, &left));
        assert_true(shard < ML_N_SHARDS);
        used[shard]++;
    }
    for (unsigned i = 0; i < ML_N_SHARDS; i++) {
        assert_in_range(used[i], 150, 370);
    }
    /* A fixed value: shards are the same on every machine and in every version. */
    struct ml_ip a = ml_ip4((const uint8_t[]){192, 0, 2, 1});
    struct ml_ip b = ml_ip4((const uint8_t[]){198, 51, 100, 2});
    assert_int_equal(ml_shard_of(&a, &b), 1);
}

static unsigned shard_of(uint8_t proto, const char *from, uint16_t from_port, const char *to, uint16_t to_port)
{
    struct ml_segment segment = {.ip_proto = proto, .src_port = from_port, .dst_port = to_port};
    assert_true(ml_ip_parse(ml_span_text(from), &segment.src) && ml_ip_parse(ml_span_text(to), &segment.dst));
    return ml_shard_of_segment(&segment);
}

static void clients_that_may_move_share_a_shard_by_their_server(void **state)
{
    (void)state;
    static const char *const clients[] = {"192.0.2.1", "192.0.2.77", "203.0.113.9", "2001:db8::7"};
    static const char server[] = "198.51.100.2";
    struct ml_ip a = ml_ip4((const uint8_t[]){192, 0, 2, 1});
    struct ml_ip b = ml_ip4((const uint8_t[]){198, 51, 100, 2});
    unsigned shard = shard_of(ML_IP_UDP, clients[0], 50000, server, 443);
    for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
        assert_int_equal(shard_of(ML_IP_UDP, clients[i], 50001, server, 443), shard);
        assert_int_equal(shard_of(ML_IP_UDP, server, 443, clients[i], 50001), shard);
    }
    /* All else goes by both addresses. */
    assert_int_equal(shard_of(ML_IP_TCP, "192.0.2.1", 50000, server, 443), ml_shard_of(&a, &b));
    assert_int_equal(shard_of(ML_IP_UDP, "192.0.2.1", 443, server, 443), ml_shard_of(&a, &b));
    assert_int_equal(shard_of(ML_IP_UDP, "192.0.2.1", 50000, server, 3478), ml_shard_of(&a, &b));
}

static void layers_have_names(void **state)
{
    (void)state;
    assert_string_equal(ml_layer_name(ML_LAYER_NONE), "none");
    assert_string_equal(ml_layer_name(ML_LAYER_TLS_HANDSHAKE), "tls.handshake");
    assert_true(ml_layers_are_encrypted((const uint8_t[]){ML_LAYER_QUIC}, 1));
    assert_false(ml_layers_are_encrypted((const uint8_t[]){ML_LAYER_TCP}, 1));
    for (int i = 0; i < ML_N_LAYERS; i++) {
        assert_non_null(ml_layer_name((enum ml_layer)i));
    }
}

static void a_closed_flow_is_small(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct ml_flow), 192);
}

static void run_without_memory(void *context)
{
    struct flow_rig *rig = context;
    flow_rig_init(rig);
    rig->limits.max_open = 4;
    flow_rig_start(rig);
    if (rig->table != NULL) {
        for (uint32_t i = 0; i < 300; i++) {
            struct ml_segment segment = udp(rig, (uint16_t)(1000 + i), 443, "");
            size_t before = ml_flow_table_count(rig->table);
            enum ml_status status = flow_rig_feed(rig, &segment);
            assert_true(status == ML_OK || status == ML_NO_MEMORY);
            assert_int_equal(ml_flow_table_count(rig->table), before + (status == ML_OK));
        }
    }
    flow_rig_fini(rig);
}

static void running_out_of_memory_refuses_the_new_flow(void **state)
{
    (void)state;
    struct flow_rig rig;
    assert_true(oom_sweep(run_without_memory, &rig) >= 300);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_flow_keeps_numbers_of_both_directions),
        TEST(protocols_and_ports_keep_flows_apart),
        TEST(a_flow_to_oneself_is_one_flow),
        TEST(the_sender_of_the_syn_is_the_client),
        TEST(a_syn_ack_first_means_that_its_receiver_asked),
        TEST(ports_decide_only_when_exactly_the_sender_has_a_service),
        TEST(the_table_of_service_ports_is_searched_whole),
        TEST(a_gap_longer_than_the_time_out_ends_a_flow),
        TEST(time_that_runs_back_is_no_gap),
        TEST(a_syn_after_the_end_opens_a_new_flow),
        TEST(a_syn_that_cannot_belong_opens_a_new_flow),
        TEST(a_syn_into_a_flow_that_began_in_the_middle_opens_a_new_flow),
        TEST(a_syn_overtaken_by_its_first_bytes_belongs),
        TEST(both_ends_may_open_at_once),
        TEST(the_round_trip_is_from_syn_to_its_answer),
        TEST(a_syn_sent_twice_gives_no_round_trip),
        TEST(an_answer_to_another_syn_or_before_it_gives_no_round_trip),
        TEST(sweeping_changes_nothing_but_memory),
        TEST(a_sweep_closes_idle_flows_in_index_order),
        TEST(at_the_ceiling_the_oldest_flows_go),
        TEST(many_flows_are_found_again_and_never_move),
        cmocka_unit_test(shards_are_the_same_both_ways_and_all_used),
        cmocka_unit_test(clients_that_may_move_share_a_shard_by_their_server),
        cmocka_unit_test(layers_have_names),
        cmocka_unit_test(a_closed_flow_is_small),
        cmocka_unit_test(running_out_of_memory_refuses_the_new_flow),
    };
    return cmocka_run_group_tests_name("flow/table", tests, NULL, NULL);
}
