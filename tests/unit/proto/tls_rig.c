/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_rig.h"

#include "proto/tls/tls.h"

const struct tb_client_hello tls_simple_hello = {.host = "Chat.example.com", .alpn = "h2"};

struct ml_buf tls_client_flight(const struct tb_client_hello *hello)
{
    struct ml_buf body = tb_buf();
    struct ml_buf out = tb_buf();
    tb_client_hello(&body, hello);
    tb_handshake(&out, CLIENT_HELLO, ml_buf_span(&body));
    ml_buf_fini(&body);
    return out;
}

void tls_add_message(struct ml_buf *out, uint8_t type, const char *digits)
{
    struct ml_buf body = tb_buf();
    tb_hex(&body, digits);
    tb_message(out, type, ml_buf_span(&body));
    ml_buf_fini(&body);
}

void tls_add_server_hello(struct ml_buf *out, const struct tb_server_hello *hello)
{
    struct ml_buf body = tb_buf();
    tb_server_hello(&body, hello);
    tb_message(out, SERVER_HELLO, ml_buf_span(&body));
    ml_buf_fini(&body);
}

void tls_add_certificate(struct ml_buf *out, const struct tb_certificate *certificate)
{
    struct ml_buf der = tb_buf();
    struct ml_buf body = tb_buf();
    tb_certificate(&der, certificate);
    tb_chain(&body, ml_buf_span(&der));
    tb_message(out, CERTIFICATE, ml_buf_span(&body));
    ml_buf_fini(&body);
    ml_buf_fini(&der);
}

struct ml_buf tls_server_flight(const char *session_id)
{
    struct ml_buf out = tb_buf();
    tls_add_server_hello(&out, &(struct tb_server_hello){
                                   .session_id = session_id, .suite = 0xc02f, .extensions = "0010 0005 0003 02 6832"});
    tls_add_certificate(&out, &(struct tb_certificate){.subject = "chat.example.com",
                                                       .issuer = "Example CA",
                                                       .names = "DNS:chat.example.com",
                                                       .not_before_s = 1600000000,
                                                       .not_after_s = 1699999999});
    tls_add_message(&out, KEY_EXCHANGE, "03 001d 02 aabb");
    tls_add_message(&out, REQUEST, "01 01 0000 0000");
    tls_add_message(&out, DONE, "");
    return out;
}

void tls_feed_records(struct proto_rig *rig, enum ml_dir dir, uint8_t type, struct ml_span payload, size_t piece)
{
    struct ml_buf out = tb_buf();
    tb_records(&out, type, payload, piece);
    proto_rig_feed(rig, dir, ml_buf_span(&out));
    ml_buf_fini(&out);
}

void tls_feed_hex(struct proto_rig *rig, enum ml_dir dir, const char *digits)
{
    struct ml_buf out = tb_buf();
    tb_hex(&out, digits);
    proto_rig_feed(rig, dir, ml_buf_span(&out));
    ml_buf_fini(&out);
}

void tls_begin(struct proto_rig *rig)
{
    proto_rig_init(rig, ML_IP_TCP, 443);
    proto_rig_parser(rig, &ml_parser_tls);
}

bool tls_has_fact(struct proto_rig *rig, const char *part)
{
    return strstr(proto_rig_facts(rig), part) != NULL;
}
