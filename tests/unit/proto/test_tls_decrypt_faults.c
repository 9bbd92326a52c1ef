/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that cannot be read, or not wholly: no secrets, wrong ones, holes, changed bytes, nesting. */
#include "core/mem.h"
#include "proto/tls/tls.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_reading.h"

static void without_the_secret_nothing_is_read_and_the_reason_counted(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        struct tls_live live;
        struct reading reading;
        const struct tls_live_config config = {.version = versions[i]};
        open_live(&live, &config, 1);
        ml_buf_clear(&live.keylog);
        reading_init(&reading, &live);
        read_live(&reading, &live, 0);
        assert_false(says(&reading, "http."));
        assert_false(reading.rig.wants_more);
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_POSSIBLE), 1);
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 0);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_NO_SECRET), 1);
        close_live(&reading, &live);
    }
}

/* A key log whose secrets are those of another connection under this one's client random. */
static void wrong_secrets_open_nothing(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 3; i++) {
        struct tls_live live;
        struct reading reading;
        const struct tls_live_config config = {.version = versions[i]};
        open_live(&live, &config, 20);
        for (size_t at = 1; at < live.keylog.len; at++) {
            bool is_last_digit = live.keylog.bytes[at] == '\n';
            live.keylog.bytes[at - 1] =
                is_last_digit ? (live.keylog.bytes[at - 1] == '0' ? '1' : '0') : live.keylog.bytes[at - 1];
        }
        reading_init(&reading, &live);
        read_live(&reading, &live, 0);
        assert_false(says(&reading, "http."));
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 0);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 1);
        assert_int_equal(ml_secrets_count(reading.secrets, reading.source).used, 0);
        close_live(&reading, &live);
    }
}

static void a_connection_without_its_beginning_is_named_so(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    const struct tls_live_config config = {.version = TLS1_2_VERSION};
    open_live(&live, &config, 0);
    size_t n = live.n_flights;
    exchange(&live);
    reading_init(&reading, &live);
    reading.rig.flow.saw_start = false;
    for (size_t i = n; i < live.n_flights; i++) {
        feed_flight(&reading, &live, i);
    }
    proto_rig_end(&reading.rig);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_NOT_FROM_START), 1);
    close_live(&reading, &live);
}

/* Flights of an exchange are lost: those behind it are read all the same where records carry their number. */
static void behind_a_hole_records_are_found_again(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 3; i++) {
        struct tls_live live;
        struct reading reading;
        const struct tls_live_config config = {.version = versions[i]};
        open_live(&live, &config, 1);
        size_t from = live.n_flights;
        exchange(&live);
        exchange(&live);
        size_t to = live.n_flights;
        exchange(&live);
        reading_init(&reading, &live);
        for (size_t k = 0; k < live.n_flights; k++) {
            if (k >= from && k < to) {
                lose_flight(&reading, &live, k);
            } else {
                feed_flight(&reading, &live, k);
            }
        }
        proto_rig_end(&reading.rig);
        assert_true(says(&reading, "http.body_bytes=5 count=2\n"));
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 1);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_GAP), 1);
        close_live(&reading, &live);
    }
}

/* A hole within a record: it is lost, the next one is not. */
static void a_hole_within_a_record_costs_that_record(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        for (size_t to_end = 0; to_end < 2; to_end++) {
            struct tls_live live;
            struct reading reading;
            const struct tls_live_config config = {.version = versions[i]};
            open_live(&live, &config, 1);
            size_t hit = live.n_flights;
            exchange(&live);
            exchange(&live);
            reading_init(&reading, &live);
            for (size_t k = 0; k < live.n_flights; k++) {
                struct ml_span bytes = tls_live_bytes(&live, &live.flights[k]);
                if (k != hit) {
                    feed_flight(&reading, &live, k);
                    continue;
                }
                feed_changed(&reading, &live, k, ml_span_cut(bytes, 0, 20));
                proto_rig_gap(&reading.rig, live.flights[k].dir, to_end != 0 ? bytes.len - 20 : 10);
                if (to_end == 0) {
                    feed_changed(&reading, &live, k, ml_span_cut(bytes, 30, bytes.len));
                }
            }
            proto_rig_end(&reading.rig);
            assert_true(says(&reading, REQUEST_FACT "http.body_bytes=0 http.query_keys=user count=2\n"));
            assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_GAP), 1);
            assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 0);
            close_live(&reading, &live);
        }
    }
}

struct sweep {
    struct tls_live live;
    size_t hit; /* flight that is changed */
};

static void run_sweep(void *context, struct ml_span bytes)
{
    const struct sweep *sweep = context;
    struct reading reading;
    reading_init(&reading, &sweep->live);
    for (size_t i = 0; i < sweep->live.n_flights; i++) {
        if (i == sweep->hit) {
            feed_changed(&reading, &sweep->live, i, bytes);
        } else {
            feed_flight(&reading, &sweep->live, i);
        }
    }
    proto_rig_end(&reading.rig);
    assert_true(counted(&reading, ML_COUNT_DECRYPTION_POSSIBLE) <= 1);
    reading_fini(&reading);
}

static void cut_and_changed_flights_are_survived(void **state)
{
    (void)state;
    struct sweep sweep;
    const struct tls_live_config config = {.version = TLS1_3_VERSION, .is_ecdsa = true};
    open_live(&sweep.live, &config, 0);
    tls_live_send(&sweep.live, ML_UP, ml_span_text("GET / HTTP/1.1\r\n\r\n"));
    sweep.hit = sweep.live.n_flights - 1;
    struct ml_span bytes = tls_live_bytes(&sweep.live, &sweep.live.flights[sweep.hit]);
    sweep_truncations(bytes, run_sweep, &sweep);
    sweep_bit_flips(bytes, run_sweep, &sweep);
    sweep.hit = 1; /* the server's handshake */
    bytes = tls_live_bytes(&sweep.live, &sweep.live.flights[sweep.hit]);
    sweep_truncations(bytes, run_sweep, &sweep);
    tls_live_fini(&sweep.live);
}

static void run_out_of_memory(void *context)
{
    const struct tls_live *live = context;
    struct ml_counters counters = {0};
    struct ml_fact_store facts;
    struct ml_secrets *secrets = ml_secrets_new();
    uint32_t source = 0;
    struct ml_flow flow = {.saw_start = true};
    ml_fact_store_init(&facts, &counters);
    struct ml_proto_env env = {.facts = &facts, .counters = &counters, .secrets = secrets};
    void *self = secrets != NULL && ml_secrets_source(secrets, &source) == ML_OK &&
                         ml_secrets_add(secrets, source, ml_buf_span(&live->keylog)) == ML_OK
                     ? ml_parser_tls.create(&env, &flow)
                     : NULL;
    uint64_t offset[2] = {0};
    for (size_t i = 0; self != NULL && i < live->n_flights; i++) {
        enum ml_dir dir = live->flights[i].dir;
        const struct ml_chunk chunk = {.flow = &flow,
                                       .dir = dir,
                                       .bytes = tls_live_bytes(live, &live->flights[i]),
                                       .offset = offset[dir],
                                       .seq = i + 1,
                                       .n_layers = 1,
                                       .layers = {ML_LAYER_TCP}};
        offset[dir] += chunk.bytes.len;
        (void)ml_parser_tls.feed(self, &chunk);
    }
    if (self != NULL) {
        ml_parser_tls.destroy(self);
    }
    ml_proto_env_fini(&env);
    ml_fact_store_fini(&facts);
    ml_secrets_free(secrets);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    struct tls_live live;
    const struct tls_live_config config = {.version = TLS1_3_VERSION, .is_ecdsa = true};
    open_live(&live, &config, 1);
    assert_true(oom_sweep(run_out_of_memory, &live) >= 10);
    tls_live_fini(&live);
}

/* TLS inside TLS inside TLS ...: the nesting ends where the list of layers does. */
static void connections_nest_no_deeper_than_layers(void **state)
{
    (void)state;
    enum { DEPTH = ML_MAX_LAYERS + 2 };
    static struct tls_live levels[DEPTH]; /* outermost last */
    struct reading reading;
    const struct tls_live_config config = {.version = TLS1_3_VERSION, .is_ecdsa = true};
    struct ml_buf keylog;
    ml_buf_init(&keylog, 64 * 1024);
    for (size_t level = 0; level < DEPTH; level++) {
        open_live(&levels[level], &config, 0);
        for (size_t i = 0; level != 0 && i < levels[level - 1].n_flights; i++) {
            const struct tls_live_flight *inner = &levels[level - 1].flights[i];
            tls_live_send(&levels[level], inner->dir, tls_live_bytes(&levels[level - 1], inner));
        }
        if (level == 0) {
            exchange(&levels[level]);
        }
        assert_true(ml_buf_add_span(&keylog, ml_buf_span(&levels[level].keylog)));
    }
    reading_init(&reading, &levels[DEPTH - 1]);
    assert_int_equal(ml_secrets_add(reading.secrets, reading.source, ml_buf_span(&keylog)), ML_OK);
    read_live(&reading, &levels[DEPTH - 1], 0);
    assert_false(says(&reading, "http."));
    assert_in_range(counted(&reading, ML_COUNT_DECRYPTION_POSSIBLE), 2, ML_MAX_LAYERS);
    reading_fini(&reading);
    for (size_t level = 0; level < DEPTH; level++) {
        tls_live_fini(&levels[level]);
    }
    ml_buf_fini(&keylog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_secret_nothing_is_read_and_the_reason_counted),
        cmocka_unit_test(wrong_secrets_open_nothing),
        cmocka_unit_test(a_connection_without_its_beginning_is_named_so),
        cmocka_unit_test(behind_a_hole_records_are_found_again),
        cmocka_unit_test(a_hole_within_a_record_costs_that_record),
        cmocka_unit_test(cut_and_changed_flights_are_survived),
        cmocka_unit_test(running_out_of_memory_is_survived),
        cmocka_unit_test(connections_nest_no_deeper_than_layers),
    };
    return cmocka_run_group_tests_name("proto/tls_decrypt_faults", tests, NULL, NULL);
}
