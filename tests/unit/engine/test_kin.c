/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kin.h"
#include "support/cm.h"
#include "support/kit.h"

enum { SECOND = 1000000000, MOST_FLOWS = 8 };

static struct ml_apps *apps;

/* Flows of one capture with their facts, added in order. */
struct rig {
    struct ml_counters counters;
    struct ml_fact_store facts;
    struct ml_flow flows[MOST_FLOWS];
    size_t n;
    struct ml_kin kin;
};

static struct ml_ip address(uint8_t net, uint8_t last)
{
    const uint8_t bytes[] = {net == 192 ? 192 : 198, net == 192 ? 0 : 51, net == 192 ? 2 : 100, last};
    return ml_ip4(bytes);
}

static void rig_open(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    ml_fact_store_init(&rig->facts, &rig->counters);
    ml_kin_init(&rig->kin, apps);
}

static void rig_close(struct rig *rig)
{
    ml_kin_fini(&rig->kin);
    ml_fact_store_fini(&rig->facts);
}

/* From 192.0.2.1:`port` to 198.51.100.`server`:40000, for one second from `start_s` on. */
static struct ml_flow *flow(struct rig *rig, uint16_t port, uint8_t server, int64_t start_s)
{
    struct ml_flow *flow = &rig->flows[rig->n++];
    flow->ip_proto = ML_IP_UDP;
    flow->client = address(192, 1);
    flow->client_port = port;
    flow->server = address(198, server);
    flow->server_port = 40000;
    flow->first_ns = start_s * SECOND;
    flow->last_ns = flow->first_ns + SECOND;
    return flow;
}

static void fact(struct rig *rig, struct ml_flow *flow, enum ml_fact_kind kind, const char *user)
{
    struct ml_fact_draft draft;
    const struct ml_chunk chunk = {.flow = flow, .n_layers = 1, .layers = {ML_LAYER_UDP}};
    ml_fact_begin(&draft, kind, &chunk);
    if (user != NULL) {
        ml_fact_cstr(&draft, ML_F_STUN_METHOD, "binding");
        ml_fact_cstr(&draft, ML_F_STUN_USERNAME, user);
    }
    assert_non_null(ml_fact_emit(&rig->facts, &draft));
}

static void add_all(struct rig *rig)
{
    for (size_t i = 0; i < rig->n; i++) {
        assert_true(ml_kin_add(&rig->kin, &rig->flows[i], 0));
    }
}

/* The one signature of a flow's kin; "" without. */
static const char *kin_of(const struct rig *rig, size_t index)
{
    const char *out[ML_KIN_MAX_SIGNATURES];
    size_t n = ml_kin_signatures(&rig->kin, index, out);
    assert_true(n <= 1);
    return n == 0 ? "" : out[0];
}

static void flows_of_one_socket_are_kin(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_MESSAGE, NULL); /* before it is known whose socket that is */
    fact(&rig, flow(&rig, 50000, 2, 1), ML_FACT_STUN_SIGNAL, NULL);
    (void)flow(&rig, 50000, 3, 2);                                   /* nothing was read in it */
    fact(&rig, flow(&rig, 50001, 4, 3), ML_FACT_STUN_MESSAGE, NULL); /* another socket */
    add_all(&rig);
    assert_string_equal(kin_of(&rig, 0), "stun.signal");
    assert_string_equal(kin_of(&rig, 1), ""); /* it has its own */
    assert_string_equal(kin_of(&rig, 2), "stun.signal");
    assert_string_equal(kin_of(&rig, 3), "");
    rig_close(&rig);
}

static void a_peer_may_have_spoken_first(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_SIGNAL, NULL);
    struct ml_flow *turned = flow(&rig, 50000, 2, 1);
    struct ml_ip device = turned->client;
    turned->client = turned->server;
    turned->client_port = 40000;
    turned->server = device;
    turned->server_port = 50000;
    add_all(&rig);
    assert_string_equal(kin_of(&rig, 1), "stun.signal");
    rig_close(&rig);
}

static void a_socket_that_was_silent_too_long_may_be_somebody_elses(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_SIGNAL, NULL);
    fact(&rig, flow(&rig, 50000, 2, 61), ML_FACT_STUN_MESSAGE, NULL);  /* 60 s after its last packet */
    fact(&rig, flow(&rig, 50000, 3, 123), ML_FACT_STUN_MESSAGE, NULL); /* 61 s */
    add_all(&rig);
    assert_string_equal(kin_of(&rig, 1), "stun.signal");
    assert_string_equal(kin_of(&rig, 2), "");
    rig_close(&rig);
}

static void the_port_of_a_service_is_nobodys_socket(void **state)
{
    (void)state;
    static const uint16_t ports[] = {443, 3478, 19302};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        struct rig rig;
        rig_open(&rig);
        fact(&rig, flow(&rig, ports[i], 1, 0), ML_FACT_STUN_SIGNAL, NULL); /* the relay spoke first */
        fact(&rig, flow(&rig, ports[i], 2, 1), ML_FACT_STUN_MESSAGE, NULL);
        add_all(&rig);
        assert_string_equal(kin_of(&rig, 1), "");
        rig_close(&rig);
    }
}

/* The two sides write the names of a session the other way around (RFC 8445, section 7.2.2). */
static void flows_of_one_ice_session_are_kin(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_MESSAGE, "abcd:efgh");
    struct ml_flow *relay = flow(&rig, 50001, 2, 1);
    fact(&rig, relay, ML_FACT_STUN_TELEGRAM, NULL);
    fact(&rig, relay, ML_FACT_STUN_MESSAGE, "efgh:abcd");
    fact(&rig, flow(&rig, 50002, 3, 2), ML_FACT_STUN_MESSAGE, "abcd:other");
    fact(&rig, flow(&rig, 50000, 4, 3), ML_FACT_STUN_MESSAGE, NULL); /* kin of the first by its socket */
    add_all(&rig);
    assert_string_equal(kin_of(&rig, 0), "stun.telegram");
    assert_string_equal(kin_of(&rig, 2), "");
    assert_string_equal(kin_of(&rig, 3), "stun.telegram");
    rig_close(&rig);
}

static void names_that_are_not_of_ice_tie_nothing(void **state)
{
    (void)state;
    static const char *const users[] = {"anna", "abc:defg", "abcd:efg", "1700000000:anna:x", ":abcdefgh"};
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        struct rig rig;
        rig_open(&rig);
        struct ml_flow *first = flow(&rig, 50000, 1, 0);
        fact(&rig, first, ML_FACT_STUN_SIGNAL, NULL);
        fact(&rig, first, ML_FACT_STUN_MESSAGE, users[i]);
        fact(&rig, flow(&rig, 50001, 2, 1), ML_FACT_STUN_MESSAGE, users[i]);
        add_all(&rig);
        assert_string_equal(kin_of(&rig, 1), "");
        rig_close(&rig);
    }
}

static void captures_and_streams_are_kept_apart(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_SIGNAL, NULL);
    struct ml_flow *stream = flow(&rig, 50000, 2, 1);
    stream->ip_proto = ML_IP_TCP;
    (void)flow(&rig, 50000, 3, 1);
    assert_true(ml_kin_add(&rig.kin, &rig.flows[0], 0));
    assert_true(ml_kin_add(&rig.kin, &rig.flows[1], 0));
    assert_true(ml_kin_add(&rig.kin, &rig.flows[2], 1));
    assert_string_equal(kin_of(&rig, 1), "");
    assert_string_equal(kin_of(&rig, 2), "");
    rig_close(&rig);
}

static void two_apps_on_one_socket_are_both_told(void **state)
{
    (void)state;
    const char *out[ML_KIN_MAX_SIGNATURES];
    struct rig rig;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_SIGNAL, NULL);
    fact(&rig, flow(&rig, 50000, 2, 1), ML_FACT_STUN_VIBER, NULL);
    (void)flow(&rig, 50000, 3, 2);
    add_all(&rig);
    assert_int_equal(ml_kin_signatures(&rig.kin, 2, out), 2);
    assert_string_equal(out[0], "stun.signal");
    assert_string_equal(out[1], "stun.viber");
    rig_close(&rig);
}

static void certificate(struct rig *rig, struct ml_flow *flow, const char *subject)
{
    struct ml_fact_draft draft;
    const struct ml_chunk chunk = {.flow = flow, .n_layers = 1, .layers = {ML_LAYER_UDP}};
    fact(rig, flow, ML_FACT_STUN_MESSAGE, NULL);
    ml_fact_begin(&draft, ML_FACT_TLS_CERTIFICATE, &chunk);
    ml_fact_cstr(&draft, ML_F_TLS_CERT_SUBJECT, subject);
    assert_non_null(ml_fact_emit(&rig->facts, &draft));
}

static void a_certificate_that_says_whose_it_is_speaks_for_its_kin(void **state)
{
    (void)state;
    struct rig rig;
    size_t kin = 0;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_MESSAGE, NULL);
    certificate(&rig, flow(&rig, 50000, 2, 1), "CN=hangouts");
    fact(&rig, flow(&rig, 50000, 3, 2), ML_FACT_STUN_SIGNAL, NULL);
    certificate(&rig, flow(&rig, 50001, 4, 3), "CN=WebRTC"); /* of everybody */
    fact(&rig, flow(&rig, 50001, 5, 4), ML_FACT_STUN_MESSAGE, NULL);
    add_all(&rig);
    assert_true(ml_kin_subject(&rig.kin, 0, &kin));
    assert_int_equal(kin, 1);
    assert_false(ml_kin_subject(&rig.kin, 1, &kin)); /* it has its own */
    assert_false(ml_kin_subject(&rig.kin, 2, &kin)); /* it has a signature */
    assert_false(ml_kin_subject(&rig.kin, 3, &kin));
    assert_false(ml_kin_subject(&rig.kin, 4, &kin));
    assert_false(ml_kin_subject(&rig.kin, 5, &kin)); /* no such flow */
    rig_close(&rig);
}

static void starve(void *context)
{
    struct rig *rig = context;
    ml_kin_init(&rig->kin, apps);
    for (size_t i = 0; i < rig->n && ml_kin_add(&rig->kin, &rig->flows[i], 0); i++) {
    }
    ml_kin_fini(&rig->kin);
}

static void memory_that_runs_out_is_said(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    fact(&rig, flow(&rig, 50000, 1, 0), ML_FACT_STUN_SIGNAL, NULL);
    fact(&rig, flow(&rig, 50001, 2, 1), ML_FACT_STUN_MESSAGE, "abcd:efgh");
    assert_true(oom_sweep(starve, &rig) > 0);
    rig_close(&rig);
}

static int load(void **state)
{
    (void)state;
    struct ml_error error = {.text = ""};
    return ml_apps_load(MITLESER_RULES "/apps", &apps, &error) == ML_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    ml_apps_free(apps);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flows_of_one_socket_are_kin),
        cmocka_unit_test(a_peer_may_have_spoken_first),
        cmocka_unit_test(a_socket_that_was_silent_too_long_may_be_somebody_elses),
        cmocka_unit_test(the_port_of_a_service_is_nobodys_socket),
        cmocka_unit_test(flows_of_one_ice_session_are_kin),
        cmocka_unit_test(names_that_are_not_of_ice_tie_nothing),
        cmocka_unit_test(captures_and_streams_are_kept_apart),
        cmocka_unit_test(two_apps_on_one_socket_are_both_told),
        cmocka_unit_test(a_certificate_that_says_whose_it_is_speaks_for_its_kin),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    return cmocka_run_group_tests_name("engine/kin", tests, load, drop);
}
