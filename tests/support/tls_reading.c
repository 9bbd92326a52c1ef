/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tls_reading.h"

#include "proto/tls/tls.h"
#include "support/cm.h"

void reading_init(struct reading *reading, const struct tls_live *live)
{
    memset(reading, 0, sizeof *reading);
    proto_rig_init(&reading->rig, ML_IP_TCP, 443);
    reading->secrets = ml_secrets_new();
    assert_non_null(reading->secrets);
    assert_int_equal(ml_secrets_source(reading->secrets, &reading->source), ML_OK);
    assert_int_equal(ml_secrets_add(reading->secrets, reading->source, ml_buf_span(&live->keylog)), ML_OK);
    reading->rig.env.secrets = reading->secrets;
    reading->rig.flow.saw_start = true;
    proto_rig_parser(&reading->rig, &ml_parser_tls);
}

void reading_fini(struct reading *reading)
{
    proto_rig_fini(&reading->rig);
    ml_secrets_free(reading->secrets);
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

void assert_read(struct reading *reading)
{
    assert_true(says(reading, REQUEST_FACT));
    assert_true(says(reading, RESPONSE_FACT));
    assert_int_equal(counted(reading, ML_COUNT_DECRYPTION_POSSIBLE), 1);
    assert_int_equal(counted(reading, ML_COUNT_DECRYPTION_DONE), 1);
    assert_int_equal(counted(reading, ML_COUNT_UNSEALED_BAD_TAG), 0);
    assert_int_equal(counted(reading, ML_COUNT_UNSEALED_GAP), 0);
}
