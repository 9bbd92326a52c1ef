/* SPDX-License-Identifier: Apache-2.0 */
/* What calls show to everybody on the path, and their nearest neighbours that show nothing of it. */
#include "captures/samples/scene.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };
enum { PORT = 50000, STUN_PORT = 3478, PCMU = 0, PAYLOAD = 160 };

#define RELAY "203.0.113.50"
#define PEER "198.51.100.99"

/* --- STUN --- */

static void begin_stun(struct ml_buf *out, uint16_t type)
{
    build_be(out, 2, type);
    build_be(out, 2, 0); /* filled in at the end */
    build_be(out, 4, 0x2112a442);
    for (unsigned i = 0; i < 12; i++) {
        build_be(out, 1, i);
    }
}

static void stun_text(struct ml_buf *out, uint16_t type, const char *text)
{
    struct ml_span value = ml_span_text(text);
    build_be(out, 2, type);
    build_be(out, 2, value.len);
    (void)ml_buf_add_span(out, value);
    while (out->len % 4 != 0) {
        build_be(out, 1, 0);
    }
}

/* RFC 8489, section 14.2: port and IPv4 address, each covered by the cookie. */
static void stun_address(struct ml_buf *out, uint16_t type, uint32_t address)
{
    build_be(out, 2, type);
    build_be(out, 2, 8);
    build_be(out, 2, 1);
    build_be(out, 2, 40000 ^ 0x2112);
    build_be(out, 4, address ^ 0x2112a442);
}

static void end_stun(struct ml_buf *out)
{
    size_t len = out->len - 20;
    out->bytes[2] = (uint8_t)(len >> 8);
    out->bytes[3] = (uint8_t)len;
}

static void send_stun(struct scene *scene, struct ml_buf *out, bool is_back)
{
    end_stun(out);
    if (is_back) {
        scene_datagram_back(scene, PORT, RELAY, STUN_PORT, build_span(out));
    } else {
        scene_datagram(scene, PORT, RELAY, STUN_PORT, build_span(out));
    }
    ml_buf_clear(out);
}

void sample_relay_positive(struct reel *reel)
{
    struct scene scene;
    struct ml_buf out;
    ml_buf_init(&out, 512);
    scene_init(&scene, reel, START, 1);
    begin_stun(&out, 0x0003);
    stun_text(&out, 0x0006, "alex:1772440200");
    stun_text(&out, 0x0014, "relay.example.test");
    stun_text(&out, 0x8022, "Example Caller 4.2");
    send_stun(&scene, &out, false);
    begin_stun(&out, 0x0103);
    stun_address(&out, 0x0016, UINT32_C(0xcb007132)); /* 203.0.113.50 */
    stun_address(&out, 0x0020, UINT32_C(0xc6336417)); /* 198.51.100.23 */
    send_stun(&scene, &out, true);
    begin_stun(&out, 0x0008);
    stun_address(&out, 0x0012, UINT32_C(0xc6336463)); /* 198.51.100.99 */
    stun_address(&out, 0x0012, UINT32_C(0xc0a80011)); /* 192.168.0.17 */
    send_stun(&scene, &out, false);
    ml_buf_fini(&out);
}

/* The barest question, which nobody answers. */
void sample_relay_negative(struct reel *reel)
{
    struct scene scene;
    struct ml_buf out;
    ml_buf_init(&out, 64);
    scene_init(&scene, reel, START, 2);
    begin_stun(&out, 0x0001);
    send_stun(&scene, &out, false);
    ml_buf_fini(&out);
}

/* --- calls of apps --- */

static void zeros(struct ml_buf *out, size_t n)
{
    while (n-- != 0) {
        build_be(out, 1, 0);
    }
}

/* Discord asks for its own address, and is told. */
static void discovery(struct scene *scene, bool is_answered)
{
    static const char address[] = "198.51.100.23";
    struct ml_buf out;
    ml_buf_init(&out, 128);
    build_be(&out, 8, UINT64_C(0x000100460000ace3));
    zeros(&out, 66);
    scene_datagram(scene, PORT, "203.0.113.60", 50004, build_span(&out));
    if (is_answered) {
        ml_buf_clear(&out);
        build_be(&out, 8, UINT64_C(0x000200460000ace3));
        (void)ml_buf_add_text(&out, address);
        zeros(&out, 64 - (sizeof address - 1));
        build_be(&out, 2, PORT);
        scene_datagram_back(scene, PORT, "203.0.113.60", 50004, build_span(&out));
    }
    ml_buf_fini(&out);
}

/* Zoom looks for the other device: an address and an identifier as text. */
static void probe(struct scene *scene)
{
    static const char identifier[] = "01234567-89ab-4cde-8f01-23456789abcd";
    struct ml_buf out;
    ml_buf_init(&out, 128);
    build_be(&out, 3, 0x1f0201);
    zeros(&out, 21);
    build_be(&out, 4, strlen("192.168.0.17"));
    (void)ml_buf_add_text(&out, "192.168.0.17");
    build_be(&out, 4, sizeof identifier - 1);
    (void)ml_buf_add_text(&out, identifier);
    zeros(&out, 4);
    scene_datagram(scene, PORT + 1, PEER, 41000, build_span(&out));
    ml_buf_fini(&out);
}

void sample_call_addresses_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 3);
    discovery(&scene, true);
    probe(&scene);
}

void sample_call_addresses_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 4);
    discovery(&scene, false);
}

/* --- media --- */

/* A second of something: what PCMU makes of a quiet room, or what a cipher leaves of it. */
static void speak(struct scene *scene, unsigned n, bool is_encrypted)
{
    struct ml_buf out;
    ml_buf_init(&out, 256);
    for (unsigned i = 0; i < n; i++) {
        build_be(&out, 2, 0x8000 | PCMU);
        build_be(&out, 2, 1000 + i);
        build_be(&out, 4, 160 * i);
        build_be(&out, 4, 0x1badcafe);
        for (unsigned k = 0; k < PAYLOAD; k++) {
            uint64_t random = build_u64(&scene->prng);
            build_be(&out, 1, is_encrypted ? random & 0xff : 0x7e + (random & 0x81));
        }
        scene_datagram(scene, PORT, PEER, 40000, build_span(&out));
        ml_buf_clear(&out);
    }
    ml_buf_fini(&out);
}

static void sdes_item(struct ml_buf *out, uint8_t item, const char *text)
{
    build_be(out, 1, item);
    build_be(out, 1, strlen(text));
    (void)ml_buf_add_text(out, text);
}

/* A report and a description of the one who speaks (RFC 3550, section 6.5). */
static void describe(struct scene *scene)
{
    struct ml_buf out;
    ml_buf_init(&out, 256);
    build_be(&out, 8, UINT64_C(0x80c900011badcafe));
    size_t start = out.len;
    build_be(&out, 4, 0x81ca0000);
    build_be(&out, 4, 0x1badcafe);
    sdes_item(&out, 1, "alex@198.51.100.23");
    sdes_item(&out, 2, "Alex Example");
    sdes_item(&out, 4, "+1 555 0123");
    do {
        build_be(&out, 1, 0);
    } while (out.len % 4 != 0);
    out.bytes[start + 3] = (uint8_t)((out.len - start) / 4 - 1);
    scene_datagram(scene, PORT + 1, PEER, 40001, build_span(&out));
    ml_buf_fini(&out);
}

void sample_media_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 5);
    speak(&scene, 50, false);
    describe(&scene);
}

/* The same, encrypted, and nobody described. */
void sample_media_encrypted_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 6);
    speak(&scene, 50, true);
}

/* Four packets are too few to be sure that this is media at all. */
void sample_media_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 7);
    speak(&scene, 4, false);
}

/* Sound of 20 ms on a clock of 48 kHz, sealed; a codec of variable rate, or one of a steady one. */
static void talk_sealed(struct reel *reel, bool is_steady)
{
    struct scene scene;
    struct ml_buf out;
    scene_init(&scene, reel, START, 8);
    ml_buf_init(&out, 256);
    for (unsigned i = 0; i < 60; i++) {
        ml_buf_clear(&out);
        build_be(&out, 2, 0x806f); /* a type that SDP names */
        build_be(&out, 2, 2000 + i);
        build_be(&out, 4, 960 * i);
        build_be(&out, 4, 0x2badcafe);
        build_random(&out, &scene.prng, is_steady ? 90 : 60 + build_u64(&scene.prng) % 40);
        scene_datagram(&scene, PORT, PEER, 40000, build_span(&out));
    }
    ml_buf_fini(&out);
}

void sample_speech_positive(struct reel *reel)
{
    talk_sealed(reel, false);
}

void sample_speech_negative(struct reel *reel)
{
    talk_sealed(reel, true);
}
