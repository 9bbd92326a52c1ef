/* SPDX-License-Identifier: Apache-2.0 */
/* TLS and QUIC handshakes that rules fire on, and their nearest neighbours that they must not fire on. */
#include "captures/samples/scene.h"

#include "support/quic_build.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };
enum { ECH = 0xfe0d, RSA_3DES = 0x000a, ECDHE_ECDSA = 0xc02b, X25519 = 29, X25519MLKEM768 = 4588 };

#define SERVER "203.0.113.44"
#define NAME "www.example.test"

static void ticket(struct ml_buf *out, uint64_t seed)
{
    struct build_prng prng = {seed};
    ml_buf_init(out, 4096);
    build_random(out, &prng, 96);
}

/* TLS 1.0 with a cipher and a key exchange of its time. */
void sample_tls_old_positive(struct reel *reel)
{
    static const uint16_t suites[] = {RSA_3DES};
    struct tls_session session = {
        .client = {.version = TLS_10, .sni = NAME, .suites = suites, .n_suites = 1},
        .version = TLS_10,
        .suite = RSA_3DES,
        .exchanges = {{100, 200}},
    };
    struct scene scene;
    scene_init(&scene, reel, START, 1);
    scene_tls(&scene, SERVER, 443, &session);
}

/* TLS 1.2 as it should be. */
void sample_tls_old_negative(struct reel *reel)
{
    struct tls_session session = {.client = {.sni = NAME}, .suite = ECDHE_ECDSA, .exchanges = {{100, 200}}};
    struct scene scene;
    scene_init(&scene, reel, START, 2);
    scene_tls(&scene, SERVER, 443, &session);
}

/* encrypted_client_hello, outer (RFC 9849): HKDF-SHA256, AES-128-GCM, a key and 144 sealed bytes. */
static void encrypted_hello(struct ml_buf *out, uint64_t seed)
{
    struct build_prng prng = {seed};
    struct ml_buf body;
    ml_buf_init(&body, 4096);
    ml_buf_init(out, 4096);
    build_be(&body, 1, 0);
    build_be(&body, 2, 1);
    build_be(&body, 2, 1);
    build_be(&body, 1, 42);
    size_t key = build_open(&body, 2);
    build_random(&body, &prng, 32);
    build_close(&body, 2, key);
    size_t sealed = build_open(&body, 2);
    build_random(&body, &prng, 144);
    build_close(&body, 2, sealed);
    build_extension(out, ECH, build_span(&body));
    ml_buf_fini(&body);
}

/* TLS 1.3, the name encrypted, keys against quantum computers: nothing to complain about. */
void sample_tls_negative(struct reel *reel)
{
    static const uint16_t groups[] = {X25519, X25519MLKEM768};
    struct ml_buf ech;
    encrypted_hello(&ech, 3);
    struct tls_session session = {
        .client = {.sni = "public.example.test",
                   .is_13 = true,
                   .groups = groups,
                   .n_groups = 2,
                   .extensions = build_span(&ech)},
        .is_13 = true,
        .exchanges = {{100, 200}},
    };
    struct scene scene;
    scene_init(&scene, reel, START, 3);
    scene_tls(&scene, SERVER, 443, &session);
    ml_buf_fini(&ech);
}

/* The client shows a certificate that names a person. */
void sample_tls_client_certificate_positive(struct reel *reel)
{
    const struct build_x509 client = {.subject = "alex@example.test",
                                      .issuer = "Example Issuing CA",
                                      .not_before = "251001000000Z",
                                      .not_after = "261001235959Z",
                                      .key = 6,
                                      .issuer_key = 2};
    struct tls_session session = {.client = {.sni = NAME}, .client_leaf = &client, .exchanges = {{100, 200}}};
    struct scene scene;
    scene_init(&scene, reel, START, 4);
    scene_tls(&scene, SERVER, 443, &session);
}

/* The same ticket from two addresses, with data before the handshake. */
void sample_tls_ticket_positive(struct reel *reel)
{
    struct ml_buf shown;
    ticket(&shown, 5);
    struct tls_session session = {
        .client = {.sni = NAME, .is_13 = true, .psk = build_span(&shown), .has_early_data = true},
        .is_13 = true,
        .exchanges = {{100, 200}},
    };
    struct scene scene;
    scene_init(&scene, reel, START, 5);
    scene_tls(&scene, SERVER, 443, &session);
    scene.client = "192.0.2.77";
    scene_tls(&scene, SERVER, 443, &session);
    ml_buf_fini(&shown);
}

/* Two tickets from two addresses: each is shown once, and no data comes before the handshake. */
void sample_tls_ticket_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 6);
    for (uint64_t i = 0; i < 2; i++) {
        struct ml_buf shown;
        ticket(&shown, 60 + i);
        struct tls_session session = {
            .client = {.sni = NAME, .is_13 = true, .psk = build_span(&shown)},
            .is_13 = true,
            .exchanges = {{100, 200}},
        };
        scene.client = i == 0 ? "10.0.0.23" : "192.0.2.77";
        scene_tls(&scene, SERVER, 443, &session);
        ml_buf_fini(&shown);
    }
}

/* The first packet of a QUIC connection (RFC 9001): keys of the observer, then the hello. */
static void initial(struct reel *reel, const struct build_hello *hello)
{
    struct qb_initial packet = qb_version_1();
    struct ml_buf message;
    struct ml_buf frames;
    struct ml_buf out;
    struct scene scene;
    ml_buf_init(&message, 1 << 16);
    ml_buf_init(&frames, 1 << 16);
    ml_buf_init(&out, 1 << 16);
    build_client_hello(&message, hello);
    qb_crypto(&frames, 0, build_span(&message));
    packet.frames = build_span(&frames);
    qb_initial(&out, &packet);
    scene_init(&scene, reel, START, 7);
    scene_datagram(&scene, 40100, SERVER, 443, build_span(&out));
    ml_buf_fini(&message);
    ml_buf_fini(&frames);
    ml_buf_fini(&out);
}

static const char *const alpn_h3[] = {"h3", NULL};

void sample_quic_positive(struct reel *reel)
{
    const struct build_hello hello = {.seed = 8, .sni = NAME, .alpn = alpn_h3, .is_13 = true};
    initial(reel, &hello);
}

void sample_quic_negative(struct reel *reel)
{
    struct ml_buf ech;
    encrypted_hello(&ech, 9);
    const struct build_hello hello = {
        .seed = 9, .sni = "public.example.test", .alpn = alpn_h3, .is_13 = true, .extensions = build_span(&ech)};
    initial(reel, &hello);
    ml_buf_fini(&ech);
}

/* --- a client that goes on from another network --- */

static const uint8_t server_chose[] = {0xf0, 0x67, 0xa5, 0x50, 0x2a, 0x42, 0x62, 0xb5};
static const uint8_t server_offered[] = {0x11, 0x9c, 0x03, 0xe7, 0x58, 0xd2, 0x40, 0x6a};

/* Hello and answer; the answer carries the id that the server chose. */
static void begin_connection(struct scene *scene)
{
    const struct build_hello hello = {.seed = 8, .sni = NAME, .alpn = alpn_h3, .is_13 = true};
    struct qb_initial packet = qb_version_1();
    struct ml_buf bufs[3];
    for (size_t i = 0; i < 3; i++) {
        ml_buf_init(&bufs[i], 1 << 16);
    }
    build_client_hello(&bufs[0], &hello);
    qb_crypto(&bufs[1], 0, build_span(&bufs[0]));
    packet.frames = build_span(&bufs[1]);
    qb_initial(&bufs[2], &packet);
    scene_datagram(scene, 40100, SERVER, 443, build_span(&bufs[2]));
    ml_buf_clear(&bufs[2]);
    packet.is_server = true;
    packet.dcid = ml_span_of(NULL, 0);
    packet.scid = ml_span_of(server_chose, sizeof server_chose);
    packet.number = 1;
    packet.frames = ml_span_of("\1", 1); /* PING */
    qb_initial(&bufs[2], &packet);
    scene_datagram_back(scene, 40100, SERVER, 443, build_span(&bufs[2]));
    for (size_t i = 0; i < 3; i++) {
        ml_buf_fini(&bufs[i]);
    }
}

/* Packets with a short header (RFC 9000, section 17.3.1): the id, and what is encrypted. */
static void go_on(struct scene *scene, const uint8_t id[8])
{
    for (unsigned i = 0; i < 4; i++) {
        struct ml_buf out;
        ml_buf_init(&out, 256);
        build_be(&out, 1, 0x40 + 7 * i);
        (void)ml_buf_add(&out, id, 8);
        build_random(&out, &scene->prng, 60);
        scene_datagram(scene, 40100, SERVER, 443, build_span(&out));
        ml_buf_fini(&out);
    }
}

void sample_quic_moved_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 10);
    begin_connection(&scene);
    go_on(&scene, server_chose);
    scene.client = "192.0.2.77";
    go_on(&scene, server_chose);
}

void sample_quic_moved_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 11);
    begin_connection(&scene);
    go_on(&scene, server_chose);
    scene.client = "192.0.2.77";
    go_on(&scene, server_offered);
}
