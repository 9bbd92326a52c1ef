/* SPDX-License-Identifier: Apache-2.0 */
/* Google's versions of QUIC: a CHLO in clear or in an Initial packet, TLS in frames of its own numbering. */
#include "core/mem.h"
#include "proto/quic/quic.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/quic_build.h"
#include "support/tls_build.h"

static void free_span(struct ml_span bytes)
{
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void begin(struct proto_rig *rig)
{
    proto_rig_init(rig, ML_IP_UDP, 443);
    proto_rig_parser(rig, &ml_parser_quic);
}

static bool has_fact(struct proto_rig *rig, const char *part)
{
    return strstr(proto_rig_facts(rig), part) != NULL;
}

static void feed_initial(struct proto_rig *rig, enum ml_dir dir, const struct qb_initial *initial)
{
    struct ml_buf out = tb_buf();
    qb_initial(&out, initial);
    proto_rig_feed(rig, dir, ml_buf_span(&out));
    ml_buf_fini(&out);
}

static void feed_hex(struct proto_rig *rig, enum ml_dir dir, const char *digits)
{
    struct ml_buf out = tb_buf();
    tb_hex(&out, digits);
    proto_rig_feed(rig, dir, ml_buf_span(&out));
    ml_buf_fini(&out);
}

/* The hello of the appendix as CRYPTO data, without the frame's header. */
static struct ml_span hello_of(struct ml_span frames)
{
    return ml_span_cut(frames, 4, frames.len);
}

#define CHLO                                                                                                           \
    "43484c4f 0300 0000 50414400 02000000 534e4900 12000000 55414944 16000000 2d2d"                                    \
    "636861742e6578616d706c652e636f6d 74657374"

static void a_chlo_in_clear_is_told(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 443);
    feed_hex(&rig, ML_UP, "09 1122334455667788 51303433 01 000102030405060708090a0b a0 01 0036" CHLO);
    assert_string_equal(proto_rig_facts(&rig), "quic.initial up quic.version=Q043 quic.sni=chat.example.com "
                                               "quic.user_agent=test quic.dcid=1122334455667788\n");
    proto_rig_fini(&rig);
}

static void a_chlo_in_an_initial_packet_is_told(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span frames = unhex("08 00 4036" CHLO);
    struct qb_initial initial = qb_version_1();
    initial.version = 0x51303530;
    initial.salt = "504574efd066fe2f9d945cfcdbd3a7f0d3b56b45";
    initial.frames = frames;
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    assert_string_equal(proto_rig_facts(&rig), "quic.initial up quic.version=Q050 quic.sni=chat.example.com "
                                               "quic.user_agent=test quic.dcid=8394c8f03e515708\n");
    proto_rig_fini(&rig);
    free_span(frames);
}

static void google_s_versions_with_tls_number_frames_their_own_way(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span frames = qb_rfc_client_frames();
    struct ml_buf own = tb_buf();
    struct qb_initial initial = qb_version_1();
    tb_hex(&own, "08 00 40f1");
    assert_true(ml_buf_add_span(&own, hello_of(frames)));
    initial.version = 0x54303531;
    initial.salt = "7a4edef4e7ccee5fa4506c19124fc8ccda6e033d";
    initial.frames = ml_buf_span(&own);
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    assert_true(has_fact(&rig, "quic.version=T051 quic.sni=example.com"));
    proto_rig_fini(&rig);
    ml_buf_fini(&own);
    free_span(frames);
}

static void the_user_agent_of_transport_parameters_is_told(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    struct ml_buf frames = tb_buf();
    struct qb_initial initial = qb_version_1();
    tb_client_hello(
        &body, &(struct tb_client_hello){.host = "chat.example.com", .more = "0039 000a 01 00 7129 05 6167656e74 00"});
    body.bytes[body.len - 1] = 0; /* one byte behind the parameter: not well formed, and without effect */
    tb_message(&message, 1, ml_buf_span(&body));
    qb_crypto(&frames, 0, ml_buf_span(&message));
    initial.frames = ml_buf_span(&frames);
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    assert_true(has_fact(&rig, "quic.sni=chat.example.com quic.user_agent=agent quic.dcid="));
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
    ml_buf_fini(&message);
    ml_buf_fini(&frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chlo_in_clear_is_told),
        cmocka_unit_test(a_chlo_in_an_initial_packet_is_told),
        cmocka_unit_test(google_s_versions_with_tls_number_frames_their_own_way),
        cmocka_unit_test(the_user_agent_of_transport_parameters_is_told),
    };
    return cmocka_run_group_tests_name("proto/quic_google", tests, NULL, NULL);
}
