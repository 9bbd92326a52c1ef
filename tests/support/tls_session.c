/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tls_session.h"

enum { MAX_FLIGHT = 1 << 20 };
enum { TAG_LEN = 16, NONCE_LEN = 8, TYPE_LEN = 1 };
enum { CERTIFICATE_REQUEST = 13, FIRST_ECDHE_SUITE = 0xc001 };

struct side {
    struct talk *talk;
    struct build_prng prng;
    struct ml_buf messages; /* handshake messages of the next record */
    struct ml_buf flight;   /* records to send */
};

/* Handshake messages so far become one record. */
static void seal_messages(struct side *side, uint16_t version)
{
    build_record(&side->flight, TLS_HANDSHAKE, version, build_span(&side->messages));
    ml_buf_clear(&side->messages);
}

static void send_flight(struct side *side, enum talk_side who)
{
    talk_send(side->talk, who, build_span(&side->flight));
    ml_buf_clear(&side->flight);
}

static void change_cipher_spec(struct side *side)
{
    build_record(&side->flight, TLS_CHANGE_CIPHER_SPEC, TLS_12, ml_span_of("\x01", 1));
}

static void certificates(struct side *side, const struct tls_session *session)
{
    struct ml_buf leaf;
    struct ml_buf issuer;
    ml_buf_init(&leaf, MAX_FLIGHT);
    ml_buf_init(&issuer, MAX_FLIGHT);
    struct build_x509 x509 = session->leaf;
    if (x509.not_before == NULL) {
        x509.not_before = "240101000000Z";
        x509.not_after = "251231235959Z";
    }
    build_x509(&leaf, &x509);
    if (session->issuer != NULL) {
        build_x509(&issuer, session->issuer);
    }
    const struct ml_span chain[] = {build_span(&leaf), build_span(&issuer)};
    build_certificate(&side->messages, chain, session->issuer != NULL ? 2 : 1);
    ml_buf_fini(&leaf);
    ml_buf_fini(&issuer);
}

/* TLS 1.3 and a resumed session echo the session id of the client, which stands behind its random. */
static void session_id(struct side *side, const struct tls_session *session, struct ml_buf *id)
{
    struct build_prng client = {session->client.seed};
    bool is_echo = session->is_13 || session->is_resumed;
    build_random(id, is_echo ? &client : &side->prng, 32);
    if (is_echo) {
        ml_buf_clear(id);
        build_random(id, &client, session->client.is_13 ? 32 : 0);
    }
}

static void server_hello(struct side *side, const struct tls_session *session)
{
    uint16_t suite = session->is_13 ? 0x1301 : 0xc02b;
    struct ml_buf id;
    ml_buf_init(&id, 32);
    session_id(side, session, &id);
    struct build_server_hello hello = {
        .seed = build_u64(&side->prng),
        .version = session->version,
        .suite = session->suite != 0 ? session->suite : suite,
        .is_13 = session->is_13,
        .alpn = session->alpn,
        .session = build_span(&id),
    };
    build_server_hello(&side->messages, &hello);
    ml_buf_fini(&id);
}

/* RFC 8446, section 2: after the hellos everything is sealed. */
static void handshake_13(struct side *side, const struct tls_session *session)
{
    server_hello(side, session);
    seal_messages(side, TLS_12);
    change_cipher_spec(side);
    build_sealed_record(&side->flight, TLS_APPLICATION_DATA, &side->prng, 59);   /* EncryptedExtensions */
    build_sealed_record(&side->flight, TLS_APPLICATION_DATA, &side->prng, 2380); /* Certificate */
    build_sealed_record(&side->flight, TLS_APPLICATION_DATA, &side->prng, 97);   /* CertificateVerify */
    build_sealed_record(&side->flight, TLS_APPLICATION_DATA, &side->prng, 53);   /* Finished */
    send_flight(side, TALK_SERVER);
    change_cipher_spec(side);
    build_sealed_record(&side->flight, TLS_APPLICATION_DATA, &side->prng, 53);
    send_flight(side, TALK_CLIENT);
}

static void finished_12(struct side *side)
{
    change_cipher_spec(side);
    build_sealed_record(&side->flight, TLS_HANDSHAKE, &side->prng, 40);
}

static void client_certificate(struct side *side, const struct tls_session *session)
{
    struct ml_buf leaf;
    if (session->client_leaf != NULL) {
        ml_buf_init(&leaf, MAX_FLIGHT);
        build_x509(&leaf, session->client_leaf);
        const struct ml_span chain[] = {build_span(&leaf)};
        build_certificate(&side->messages, chain, 1);
        ml_buf_fini(&leaf);
    }
}

static void handshake_12(struct side *side, const struct tls_session *session)
{
    server_hello(side, session);
    if (session->is_resumed) {
        seal_messages(side, TLS_12);
        finished_12(side);
        send_flight(side, TALK_SERVER);
        finished_12(side);
        send_flight(side, TALK_CLIENT);
        return;
    }
    certificates(side, session);
    if (session->suite == 0 || session->suite >= FIRST_ECDHE_SUITE) {
        build_server_key_exchange(&side->messages, build_u64(&side->prng));
    }
    if (session->client_leaf != NULL) {
        /* RFC 5246, section 7.4.4: ecdsa_sign; ecdsa_secp256r1_sha256; no names of authorities */
        build_handshake(&side->messages, CERTIFICATE_REQUEST, ml_span_of("\x01\x40\x00\x02\x04\x03\x00\x00", 8));
    }
    build_server_hello_done(&side->messages);
    seal_messages(side, TLS_12);
    send_flight(side, TALK_SERVER);
    client_certificate(side, session);
    build_client_key_exchange(&side->messages, build_u64(&side->prng));
    seal_messages(side, TLS_12);
    finished_12(side);
    send_flight(side, TALK_CLIENT);
    finished_12(side);
    send_flight(side, TALK_SERVER);
}

/* Plaintext of n bytes as sealed records. */
static void sealed(struct side *side, bool is_13, size_t n)
{
    size_t extra = is_13 ? TAG_LEN + TYPE_LEN : TAG_LEN + NONCE_LEN;
    while (n != 0) {
        size_t part = n < 16000 ? n : 16000;
        build_sealed_record(&side->flight, TLS_APPLICATION_DATA, &side->prng, part + extra);
        n -= part;
    }
}

void talk_tls(struct talk *talk, const struct tls_session *session)
{
    struct side side = {.talk = talk, .prng = {session->client.seed ^ UINT64_C(0x5e5510)}};
    ml_buf_init(&side.messages, MAX_FLIGHT);
    ml_buf_init(&side.flight, MAX_FLIGHT);
    build_client_hello(&side.messages, &session->client);
    seal_messages(&side, TLS_10);
    send_flight(&side, TALK_CLIENT);
    if (session->is_13) {
        handshake_13(&side, session);
    } else {
        handshake_12(&side, session);
    }
    for (size_t i = 0; i < 8 && (session->exchanges[i][0] != 0 || session->exchanges[i][1] != 0); i++) {
        if (i != 0) {
            talk_wait(talk, session->pause_ns != 0 ? session->pause_ns : 50 * 1000 * 1000);
        }
        if (session->exchanges[i][0] != 0) {
            sealed(&side, session->is_13, session->exchanges[i][0]);
            send_flight(&side, TALK_CLIENT);
        }
        if (session->exchanges[i][1] != 0) {
            sealed(&side, session->is_13, session->exchanges[i][1]);
            send_flight(&side, TALK_SERVER);
        }
    }
    ml_buf_fini(&side.messages);
    ml_buf_fini(&side.flight);
}
