/* SPDX-License-Identifier: Apache-2.0 */
#include "support/quic_bed.h"

#include "proto/quic/quic.h"
#include "support/cm.h"
#include "support/tls_build.h"

const uint8_t quic_bed_client_id[QUIC_BED_CLIENT_ID] = {0xc1, 0xc2, 0xc3, 0xc4};
const uint8_t quic_bed_server_id[QUIC_BED_SERVER_ID] = {1, 2, 3, 4, 5, 6, 7, 8};

const char quic_bed_request[] = "01170000d1d7c15010636861742e6578616d706c652e636f6d";
const char quic_bed_response[] = "0103"
                                 "0000d9"
                                 "000568656c6c6f";

struct qs_keys quic_bed_keys(uint16_t suite)
{
    return (struct qs_keys){.suite = suite,
                            .random = QUIC_BED_RANDOM,
                            .early = QUIC_BED_EARLY,
                            .client_handshake = QUIC_BED_CLIENT_HANDSHAKE,
                            .server_handshake = QUIC_BED_SERVER_HANDSHAKE,
                            .client = QUIC_BED_CLIENT,
                            .server = QUIC_BED_SERVER};
}

void quic_bed_open(struct quic_bed *bed, uint16_t suite, uint32_t version, const struct qs_keys *keys)
{
    struct ml_buf log = tb_buf();
    *bed = (struct quic_bed){.suite = suite, .version = version, .alpn = "h3"};
    proto_rig_init(&bed->rig, ML_IP_UDP, 443);
    proto_rig_parser(&bed->rig, &ml_parser_quic);
    bed->secrets = ml_secrets_new();
    assert_non_null(bed->secrets);
    assert_int_equal(ml_secrets_source(bed->secrets, &bed->source), ML_OK);
    qs_keylog(&log, keys);
    assert_int_equal(ml_secrets_add(bed->secrets, bed->source, ml_buf_span(&log)), ML_OK);
    bed->rig.env.secrets = bed->secrets;
    ml_buf_fini(&log);
    const struct qs_packet packet = {.suite = suite, .version = version, .type = QS_SHORT, .number_len = 2};
    bed->packets[ML_UP] = bed->packets[ML_DOWN] = packet;
    bed->packets[ML_UP].secret = QUIC_BED_CLIENT;
    bed->packets[ML_UP].dcid = ml_span_of(quic_bed_server_id, sizeof quic_bed_server_id);
    bed->packets[ML_DOWN].secret = QUIC_BED_SERVER;
    bed->packets[ML_DOWN].dcid = ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id);
}

void quic_bed_close(struct quic_bed *bed)
{
    proto_rig_fini(&bed->rig);
    ml_secrets_free(bed->secrets);
}

bool quic_bed_says(struct quic_bed *bed, const char *text)
{
    return strstr(proto_rig_facts(&bed->rig), text) != NULL;
}

uint64_t quic_bed_counted(const struct quic_bed *bed, enum ml_counter counter)
{
    return bed->rig.counters.n[counter];
}

/* --- packets --- */

void quic_bed_add_initial(struct ml_buf *out, const struct quic_bed *bed, enum ml_dir dir, struct ml_span message)
{
    struct ml_buf frames = tb_buf();
    struct qb_initial initial = bed->version == QUIC_BED_VERSION_2 ? qb_version_2() : qb_version_1();
    qb_crypto(&frames, 0, message);
    initial.is_server = dir == ML_DOWN;
    initial.frames = ml_buf_span(&frames);
    if (dir == ML_UP) {
        initial.scid = ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id);
    } else {
        initial.dcid = ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id);
        initial.scid = ml_span_of(quic_bed_server_id, sizeof quic_bed_server_id);
        initial.padded = 0;
    }
    qb_initial(out, &initial);
    ml_buf_fini(&frames);
}

void quic_bed_add_client(struct ml_buf *out, const struct quic_bed *bed)
{
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    const struct tb_client_hello hello = {.random = QUIC_BED_RANDOM,
                                          .ciphers = "130113021303",
                                          .host = "chat.example.com",
                                          .alpn = bed->alpn,
                                          .versions = "0304"};
    tb_client_hello(&body, &hello);
    tb_message(&message, 1, ml_buf_span(&body));
    quic_bed_add_initial(out, bed, ML_UP, ml_buf_span(&message));
    ml_buf_fini(&body);
    ml_buf_fini(&message);
}

void quic_bed_add_server(struct ml_buf *out, const struct quic_bed *bed)
{
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    const struct tb_server_hello hello = {.suite = bed->suite, .extensions = "002b00020304"};
    tb_server_hello(&body, &hello);
    tb_message(&message, 2, ml_buf_span(&body));
    quic_bed_add_initial(out, bed, ML_DOWN, ml_buf_span(&message));
    ml_buf_fini(&body);
    ml_buf_fini(&message);
}

void quic_bed_feed(struct quic_bed *bed, enum ml_dir dir, struct ml_buf *out)
{
    proto_rig_feed(&bed->rig, dir, ml_buf_span(out));
    ml_buf_clear(out);
}

/* Both hellos, each a datagram. */
void quic_bed_greet(struct quic_bed *bed)
{
    struct ml_buf out = tb_buf();
    quic_bed_add_client(&out, bed);
    quic_bed_feed(bed, ML_UP, &out);
    quic_bed_add_server(&out, bed);
    quic_bed_feed(bed, ML_DOWN, &out);
    ml_buf_fini(&out);
}

/* The next packet of a direction with these frames. */
void quic_bed_add_packet(struct ml_buf *out, struct quic_bed *bed, enum ml_dir dir, struct ml_span frames)
{
    struct qs_packet *packet = &bed->packets[dir];
    packet->frames = frames;
    qs_packet(out, packet);
    packet->number++;
}

void quic_bed_send_frames(struct quic_bed *bed, enum ml_dir dir, struct ml_span frames)
{
    struct ml_buf out = tb_buf();
    quic_bed_add_packet(&out, bed, dir, frames);
    quic_bed_feed(bed, dir, &out);
    ml_buf_fini(&out);
}

void quic_bed_send_stream(struct quic_bed *bed, enum ml_dir dir, uint64_t stream, const char *digits, bool is_end)
{
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    tb_hex(&bytes, digits);
    qs_stream(&frames, stream, 0, ml_buf_span(&bytes), is_end);
    quic_bed_send_frames(bed, dir, ml_buf_span(&frames));
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
}

void quic_bed_exchange(struct quic_bed *bed, uint64_t stream)
{
    quic_bed_send_stream(bed, ML_UP, stream, quic_bed_request, true);
    quic_bed_send_stream(bed, ML_DOWN, stream, quic_bed_response, true);
}

/* A 0-RTT packet with the quic_bed_request, as it is sent in front of a Retry and again behind it. */
void quic_bed_add_early(struct ml_buf *out, const struct quic_bed *bed, uint64_t number)
{
    struct ml_buf frames = tb_buf();
    struct ml_buf bytes = tb_buf();
    struct qs_packet packet = bed->packets[ML_UP];
    tb_hex(&bytes, quic_bed_request);
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), true);
    packet.type = QS_ZERO_RTT;
    packet.secret = QUIC_BED_EARLY;
    packet.scid = ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id);
    packet.number = number;
    packet.frames = ml_buf_span(&frames);
    qs_packet(out, &packet);
    ml_buf_fini(&frames);
    ml_buf_fini(&bytes);
}
