/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tls_reading.h"

#include "proto/tls/tls.h"
#include "support/cm.h"

static void init(struct reading *reading, uint8_t ip_proto, uint16_t port, struct ml_span keylog)
{
    memset(reading, 0, sizeof *reading);
    proto_rig_init(&reading->rig, ip_proto, port);
    reading->secrets = ml_secrets_new();
    assert_non_null(reading->secrets);
    assert_int_equal(ml_secrets_source(reading->secrets, &reading->source), ML_OK);
    assert_int_equal(ml_secrets_add(reading->secrets, reading->source, keylog), ML_OK);
    reading->rig.env.secrets = reading->secrets;
}

void reading_init(struct reading *reading, const struct tls_live *live)
{
    init(reading, ML_IP_TCP, 443, ml_buf_span(&live->keylog));
    reading->rig.flow.saw_start = true;
    proto_rig_parser(&reading->rig, &ml_parser_tls);
}

void reading_init_datagrams(struct reading *reading, struct ml_span keylog)
{
    init(reading, ML_IP_UDP, 4433, keylog);
    proto_rig_parser(&reading->rig, &ml_parser_dtls);
}

void reading_fini(struct reading *reading)
{
    proto_rig_fini(&reading->rig);
    ml_secrets_free(reading->secrets);
}

void feed_changed(struct reading *reading, const struct tls_live *live, size_t i, struct ml_span bytes)
{
    proto_rig_feed(&reading->rig, live->flights[i].dir, bytes);
}

void feed_flight(struct reading *reading, const struct tls_live *live, size_t i)
{
    feed_changed(reading, live, i, tls_live_bytes(live, &live->flights[i]));
}

void lose_flight(struct reading *reading, const struct tls_live *live, size_t i)
{
    proto_rig_gap(&reading->rig, live->flights[i].dir, live->flights[i].len);
}

void read_live(struct reading *reading, const struct tls_live *live, size_t piece)
{
    for (size_t i = 0; i < live->n_flights; i++) {
        struct ml_span bytes = tls_live_bytes(live, &live->flights[i]);
        proto_rig_feed_split(&reading->rig, live->flights[i].dir, bytes, piece != 0 ? piece : bytes.len);
    }
    proto_rig_end(&reading->rig);
}

uint64_t counted(const struct reading *reading, enum ml_counter counter)
{
    return reading->rig.counters.n[counter];
}

bool says(struct reading *reading, const char *text)
{
    return strstr(proto_rig_facts(&reading->rig), text) != NULL;
}

void exchange(struct tls_live *live)
{
    tls_live_send(live, ML_UP, ml_span_text(TLS_READING_REQUEST));
    tls_live_send(live, ML_DOWN, ml_span_text(TLS_READING_RESPONSE));
}

void open_live(struct tls_live *live, const struct tls_live_config *config, unsigned n)
{
    tls_live_init(live, config);
    tls_live_handshake(live);
    for (unsigned i = 0; i < n; i++) {
        exchange(live);
    }
}

void close_live(struct reading *reading, struct tls_live *live)
{
    reading_fini(reading);
    tls_live_fini(live);
}

void assert_read(struct reading *reading)
{
    assert_true(says(reading, REQUEST_FACT));
    assert_true(says(reading, RESPONSE_FACT));
    assert_int_equal(counted(reading, ML_COUNT_DECRYPTION_POSSIBLE), 1);
    assert_int_equal(counted(reading, ML_COUNT_DECRYPTION_DONE), 1);
    assert_int_equal(counted(reading, ML_COUNT_UNSEALED_BAD_TAG), 0);
    assert_int_equal(counted(reading, ML_COUNT_UNSEALED_GAP), 0);
}
