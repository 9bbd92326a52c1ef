/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS connections between two ends of OpenSSL, read with their key logs. */
#include "core/mem.h"
#include "proto/tls/tls.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"
#include "support/tls_reading.h"

/* A DNS query for name.example: a datagram that is recognised. */
static const char query[] = "1234010000010000000000000"
                            "46e616d65076578616d706c650000010001";

#define QUERY_FACT "dns.query up "

static void talk(struct tls_live *live, const struct tls_live_config *config)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, query);
    open_live(live, config, 0);
    tls_live_send(live, ML_UP, ml_buf_span(&bytes));
    tls_live_send(live, ML_DOWN, ml_span_text("\x01what nobody knows"));
    tls_live_send(live, ML_UP, ml_buf_span(&bytes));
    ml_buf_fini(&bytes);
}

static void feed_all(struct reading *reading, const struct tls_live *live)
{
    for (size_t i = 0; i < live->n_flights; i++) {
        feed_flight(reading, live, i);
    }
    proto_rig_end(&reading->rig);
}

static void every_kind_of_suite_is_read(void **state)
{
    (void)state;
    static const struct tls_live_config configs[] = {
        {.version = DTLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"},
        {.version = DTLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES256-GCM-SHA384"},
        {.version = DTLS1_2_VERSION, .ciphers = "ECDHE-RSA-CHACHA20-POLY1305"},
        {.version = DTLS1_2_VERSION, .ciphers = "AES128-CCM"},
        {.version = DTLS1_2_VERSION, .ciphers = "AES256-CCM8"},
        {.version = DTLS1_2_VERSION, .ciphers = "AES128-SHA"},
        {.version = DTLS1_2_VERSION, .ciphers = "AES256-SHA256", .no_encrypt_then_mac = true},
        {.version = DTLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES256-SHA384"},
        {.version = DTLS1_2_VERSION, .ciphers = "NULL-SHA"},
        {.version = DTLS1_VERSION, .ciphers = "AES128-SHA"},
        {.version = DTLS1_VERSION, .ciphers = "AES256-SHA", .no_encrypt_then_mac = true},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct tls_live live;
        struct reading reading;
        talk(&live, &configs[i]);
        reading_init_datagrams(&reading, ml_buf_span(&live.keylog));
        feed_all(&reading, &live);
        const char *facts = proto_rig_facts(&reading.rig);
        if (strstr(facts, QUERY_FACT) == NULL || strstr(facts, "count=2") == NULL) {
            fail_msg("%s was not read:\n%s", configs[i].ciphers, facts);
        }
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_POSSIBLE), 1);
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 1);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 0);
        assert_int_equal(ml_secrets_count(reading.secrets, reading.source).used, 1);
        for (const struct ml_fact *fact = reading.rig.flow.facts; fact != NULL; fact = fact->next) {
            if (fact->kind == ML_FACT_DNS_QUERY) {
                assert_int_equal(fact->layers[1], ML_LAYER_DTLS);
            }
        }
        close_live(&reading, &live);
    }
}

static const struct tls_live_config usual = {.version = DTLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"};

static void records_that_are_missing_or_come_twice_change_nothing(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    talk(&live, &usual);
    reading_init_datagrams(&reading, ml_buf_span(&live.keylog));
    for (size_t i = 0; i + 3 < live.n_flights; i++) {
        feed_flight(&reading, &live, i);
    }
    feed_flight(&reading, &live, live.n_flights - 1); /* the last query first, and twice */
    feed_flight(&reading, &live, live.n_flights - 1);
    feed_flight(&reading, &live, live.n_flights - 3);
    proto_rig_end(&reading.rig);
    assert_non_null(strstr(proto_rig_facts(&reading.rig), "count=3"));
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG) + counted(&reading, ML_COUNT_UNSEALED_GAP), 0);
    close_live(&reading, &live);
}

static void a_reason_is_counted_for_what_stays_closed(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    talk(&live, &usual);
    reading_init_datagrams(&reading, ml_span_of(NULL, 0));
    feed_all(&reading, &live);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_NO_SECRET), 1);
    assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 0);
    reading_fini(&reading);

    reading_init_datagrams(&reading, ml_buf_span(&live.keylog)); /* from the middle */
    for (size_t i = live.n_flights - 3; i < live.n_flights; i++) {
        feed_flight(&reading, &live, i);
    }
    proto_rig_end(&reading.rig);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_NOT_FROM_START), 1);
    reading_fini(&reading);

    reading_init_datagrams(&reading, ml_buf_span(&live.keylog));
    live.wire.bytes[live.flights[live.n_flights - 1].from + live.flights[live.n_flights - 1].len - 1] ^= 1;
    feed_all(&reading, &live);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 1);
    assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 1);
    assert_non_null(strstr(proto_rig_facts(&reading.rig), QUERY_FACT));
    close_live(&reading, &live);
}

/* Which of the flights is the n-th that begins with a record of this epoch and direction. */
static size_t find_epoch(const struct tls_live *live, enum ml_dir dir, uint16_t epoch, unsigned n)
{
    for (size_t i = 0; i < live->n_flights; i++) {
        const uint8_t *bytes = tls_live_bytes(live, &live->flights[i]).ptr;
        if (live->flights[i].dir == dir && (bytes[3] << 8 | bytes[4]) == epoch && n-- == 0) {
            return i;
        }
    }
    fail_msg("no datagram of epoch %u", epoch);
    return 0;
}

static void send_query(struct tls_live *live, enum ml_dir dir)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, query);
    tls_live_send(live, dir, ml_buf_span(&bytes));
    ml_buf_fini(&bytes);
}

static void renegotiate(struct tls_live *live, const char *ciphers, unsigned n)
{
    const struct tls_live_config config = {.version = DTLS1_2_VERSION, .ciphers = ciphers};
    open_live(live, &config, 0);
    send_query(live, ML_UP);
    for (unsigned i = 0; i < n; i++) {
        tls_live_renegotiate(live);
        send_query(live, ML_UP);
    }
}

static void renegotiations_are_followed_from_epoch_to_epoch(void **state)
{
    (void)state;
    static const char *const suites[] = {"ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"};
    for (size_t i = 0; i < 2; i++) {
        struct tls_live live;
        struct reading reading;
        renegotiate(&live, suites[i], 3);
        (void)find_epoch(&live, ML_UP, 4, 0);
        reading_init_datagrams(&reading, ml_buf_span(&live.keylog));
        feed_all(&reading, &live);
        assert_non_null(strstr(proto_rig_facts(&reading.rig), "count=4"));
        assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 1);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 0);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_NO_SECRET), 0);
        assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_GAP), 0);
        assert_int_equal(ml_secrets_count(reading.secrets, reading.source).used, 4);
        unsigned n_hellos = 0;
        for (const struct ml_fact *fact = reading.rig.flow.facts; fact != NULL; fact = fact->next) {
            bool is_hello = fact->kind == ML_FACT_TLS_CLIENT_HELLO && fact->layers[1] == ML_LAYER_DTLS;
            n_hellos += is_hello ? fact->count : 0;
        }
        assert_int_equal(n_hellos, 3); /* those inside, and marked as such */
        close_live(&reading, &live);
    }
}

static void a_record_of_the_epoch_before_still_opens(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    renegotiate(&live, "ECDHE-RSA-AES128-GCM-SHA256", 1);
    /* Datagrams of epoch 1: the end of the first handshake comes in one with its beginning, then the query. */
    size_t late = find_epoch(&live, ML_UP, 1, 0);
    reading_init_datagrams(&reading, ml_buf_span(&live.keylog));
    for (size_t i = 0; i < live.n_flights; i++) {
        if (i != late) {
            feed_flight(&reading, &live, i);
        }
    }
    feed_flight(&reading, &live, late);
    feed_flight(&reading, &live, 0); /* and the first hello once more: no new connection */
    proto_rig_end(&reading.rig);
    assert_non_null(strstr(proto_rig_facts(&reading.rig), "count=2"));
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG) + counted(&reading, ML_COUNT_UNSEALED_GAP), 0);
    close_live(&reading, &live);
}

static void an_epoch_whose_handshake_is_missing_stays_closed_as_a_gap(void **state)
{
    (void)state;
    struct tls_live live;
    struct reading reading;
    renegotiate(&live, "ECDHE-RSA-AES128-GCM-SHA256", 1);
    size_t end = find_epoch(&live, ML_UP, 1, 1); /* the hello of the renegotiation */
    reading_init_datagrams(&reading, ml_buf_span(&live.keylog));
    for (size_t i = 0; i < end; i++) {
        feed_flight(&reading, &live, i);
    }
    feed_flight(&reading, &live, live.n_flights - 1);
    proto_rig_end(&reading.rig);
    assert_int_equal(counted(&reading, ML_COUNT_DECRYPTION_DONE), 1);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_GAP), 1);
    assert_int_equal(counted(&reading, ML_COUNT_UNSEALED_BAD_TAG), 0);
    close_live(&reading, &live);
}

struct damage {
    const struct tls_live *live;
};

static void run_damaged(void *context, struct ml_span bytes)
{
    const struct damage *damage = context;
    struct reading reading;
    reading_init_datagrams(&reading, ml_buf_span(&damage->live->keylog));
    for (size_t i = 0; i + 1 < damage->live->n_flights; i++) {
        feed_flight(&reading, damage->live, i);
    }
    proto_rig_feed(&reading.rig, ML_UP, bytes);
    proto_rig_end(&reading.rig);
    assert_null(strstr(proto_rig_facts(&reading.rig), "count=2"));
    reading_fini(&reading);
}

static void a_shorter_record_is_never_handed_on(void **state)
{
    (void)state;
    struct tls_live live;
    talk(&live, &usual);
    struct damage damage = {.live = &live};
    sweep_truncations(tls_live_bytes(&live, &live.flights[live.n_flights - 1]), run_damaged, &damage);
    tls_live_fini(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_suite_is_read),
        cmocka_unit_test(records_that_are_missing_or_come_twice_change_nothing),
        cmocka_unit_test(a_reason_is_counted_for_what_stays_closed),
        cmocka_unit_test(renegotiations_are_followed_from_epoch_to_epoch),
        cmocka_unit_test(a_record_of_the_epoch_before_still_opens),
        cmocka_unit_test(an_epoch_whose_handshake_is_missing_stays_closed_as_a_gap),
        cmocka_unit_test(a_shorter_record_is_never_handed_on),
    };
    return cmocka_run_group_tests_name("proto/tls_dtls_decrypt", tests, NULL, NULL);
}
