/* SPDX-License-Identifier: Apache-2.0 */
/* Chat, calls, set-up of the network and mmtls: what rules fire on, and the nearest neighbour that they must not. */
#include "captures/samples/scene.h"

#include "support/wechat_messages.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };

#define SERVER "203.0.113.66"

/* --- IRC (RFC 2812): logging in with and without a password, with and without a message --- */

static void chat(struct reel *reel, const char *login, const char *said)
{
    struct ml_buf up;
    struct ml_buf down;
    struct scene scene;
    ml_buf_init(&up, 4096);
    ml_buf_init(&down, 4096);
    scene_init(&scene, reel, START, 1);
    struct talk talk = scene_connect(&scene, SERVER, 6667, 20, NULL);
    (void)ml_buf_printf(&up, "%sNICK alex\r\nUSER alex 0 * :Alex Example\r\n", login); /* build_span checks */
    (void)ml_buf_add_text(&down, ":irc.example.test 001 alex :Welcome\r\n");
    scene_exchange(&talk, &up, &down);
    ml_buf_clear(&up);
    ml_buf_clear(&down);
    (void)ml_buf_add_text(&up, said);
    (void)ml_buf_add_text(&down, ":irc.example.test PONG irc.example.test :1\r\n");
    scene_exchange(&talk, &up, &down);
    scene_close(&scene, &talk, TALK_CLIENT);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

void sample_login_positive(struct reel *reel)
{
    chat(reel, "PASS example-password\r\n", "PING 1\r\n");
}

void sample_message_positive(struct reel *reel)
{
    chat(reel, "", "PRIVMSG sam :see you at the station\r\n");
}

void sample_chat_negative(struct reel *reel)
{
    chat(reel, "", "PING 1\r\n");
}

/* --- DHCP (RFC 2131) --- */

static void discover(struct reel *reel, const char *options, size_t len)
{
    struct ml_buf message;
    struct scene scene;
    ml_buf_init(&message, 1024);
    scene_init(&scene, reel, START, 2);
    scene.client = "0.0.0.0";
    build_be(&message, 4, 0x01010600); /* request, Ethernet, six bytes of address */
    build_be(&message, 4, 0x12345678); /* transaction */
    for (size_t i = 0; i < 20; i++) {  /* seconds, flags, four addresses */
        build_be(&message, 1, 0);
    }
    build_be(&message, 6, 0x020000000002);
    while (message.len < 236) { /* rest of the address, server, file */
        build_be(&message, 1, 0);
    }
    build_be(&message, 4, 0x63825363);
    build_be(&message, 3, 0x350101); /* discover */
    (void)ml_buf_add(&message, options, len);
    build_be(&message, 1, 0xff);
    scene_datagram(&scene, 68, "255.255.255.255", 67, build_span(&message));
    ml_buf_fini(&message);
}

void sample_dhcp_positive(struct reel *reel)
{
    static const char options[] = "\x0c\x0b"
                                  "alexs-phone"
                                  "\x3d\x07\x01\x02\x00\x00\x00\x00\x02"
                                  "\x37\x03\x01\x03\x06";
    discover(reel, options, sizeof options - 1);
}

void sample_dhcp_negative(struct reel *reel)
{
    static const char options[] = "\x37\x03\x01\x03\x06";
    discover(reel, options, sizeof options - 1);
}

/* --- STUN and TURN (RFC 8489, RFC 8656) --- */

enum { BINDING = 0x0001, BINDING_SUCCESS = 0x0101, CREATE_PERMISSION = 0x0008, COOKIE = 0x2112a442 };
enum { USERNAME = 0x0006, XOR_PEER = 0x0012, XOR_MAPPED = 0x0020, SOFTWARE = 0x8022 };

static void stun_head(struct ml_buf *out, uint16_t type)
{
    ml_buf_clear(out);
    build_be(out, 2, type);
    build_be(out, 2, 0); /* length, set at the end */
    build_be(out, 4, COOKIE);
    build_be(out, 8, UINT64_C(0x1122334455667788));
    build_be(out, 4, 0x99aabbcc);
}

static void stun_text(struct ml_buf *out, uint16_t type, const char *text)
{
    build_be(out, 2, type);
    build_be(out, 2, strlen(text));
    (void)ml_buf_add_text(out, text);
    while (out->len % 4 != 0) {
        build_be(out, 1, 0);
    }
}

/* Port 40100 of an IPv4 address, both covered by the cookie. */
static void stun_address(struct ml_buf *out, uint16_t type, uint32_t address)
{
    build_be(out, 2, type);
    build_be(out, 2, 8);
    build_be(out, 2, 1);
    build_be(out, 2, 40100 ^ (COOKIE >> 16));
    build_be(out, 4, address ^ COOKIE);
}

static struct ml_span stun_end(struct ml_buf *out)
{
    struct ml_span message = build_span(out);
    out->bytes[2] = (uint8_t)((message.len - 20) >> 8);
    out->bytes[3] = (uint8_t)(message.len - 20);
    return message;
}

void sample_stun_positive(struct reel *reel)
{
    struct ml_buf out;
    struct scene scene;
    ml_buf_init(&out, 1024);
    scene_init(&scene, reel, START, 3);
    stun_head(&out, BINDING);
    stun_text(&out, USERNAME, "alex:sam");
    stun_text(&out, SOFTWARE, "example 1.0");
    scene_datagram(&scene, 40100, SERVER, 3478, stun_end(&out));
    stun_head(&out, CREATE_PERMISSION);
    stun_address(&out, XOR_PEER, 0xc6336407); /* 198.51.100.7 */
    scene_datagram(&scene, 40100, SERVER, 3478, stun_end(&out));
    ml_buf_fini(&out);
}

/* Only what one's own address is. */
void sample_stun_negative(struct reel *reel)
{
    struct ml_buf out;
    struct scene scene;
    ml_buf_init(&out, 1024);
    scene_init(&scene, reel, START, 4);
    stun_head(&out, BINDING);
    scene_datagram(&scene, 40100, SERVER, 3478, stun_end(&out));
    stun_head(&out, BINDING_SUCCESS);
    stun_address(&out, XOR_MAPPED, 0xc000024d); /* 192.0.2.77 */
    scene_datagram_back(&scene, 40100, SERVER, 3478, stun_end(&out));
    ml_buf_fini(&out);
}

/* --- RTP (RFC 3550) --- */

/* Sound in packets of 20 ms; `marker` is the first byte, 0x80 where it is RTP. */
static void sound(struct reel *reel, uint8_t marker)
{
    struct ml_buf out;
    struct scene scene;
    ml_buf_init(&out, 1024);
    scene_init(&scene, reel, START, 5);
    for (uint32_t i = 0; i < 24; i++) {
        ml_buf_clear(&out);
        build_be(&out, 1, marker);
        build_be(&out, 1, 0); /* PCMU */
        build_be(&out, 2, 1000 + i);
        build_be(&out, 4, 50000 + 160 * i);
        build_be(&out, 4, 0x5eed5eed);
        build_random(&out, &scene.prng, 160);
        scene_datagram(&scene, 40200, SERVER, 40300, build_span(&out));
    }
    ml_buf_fini(&out);
}

void sample_rtp_positive(struct reel *reel)
{
    sound(reel, 0x80);
}

void sample_rtp_negative(struct reel *reel)
{
    sound(reel, 0x40); /* version 1: no RTP */
}

/* --- mmtls --- */

/* A long link. Without a hello the capture began too late for it. */
static void long_link(struct scene *scene, const struct build_mmtls_hello *hello)
{
    struct ml_buf up;
    struct ml_buf down;
    ml_buf_init(&up, 1 << 16);
    ml_buf_init(&down, 1 << 16);
    if (hello != NULL) {
        build_mmtls_client_hello(&up, hello);
        build_mmtls_server_hello(&down, build_u64(&scene->prng), MMTLS_F104, false);
        build_mmtls_sealed(&down, MMTLS_HANDSHAKE, MMTLS_F104, &scene->prng, 55);
    }
    build_mmtls_sealed(&up, MMTLS_DATA, MMTLS_F104, &scene->prng, 96);
    build_mmtls_sealed(&up, MMTLS_DATA, MMTLS_F104, &scene->prng, 96);
    build_mmtls_sealed(&down, MMTLS_DATA, MMTLS_F104, &scene->prng, 96);
    struct talk talk = scene_connect(scene, "101.32.104.41", 8080, 172, NULL);
    scene_exchange(&talk, &up, &down);
    scene_close(scene, &talk, TALK_SERVER);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

/* Two connections with the ticket of each seed. */
static void tickets(struct reel *reel, uint64_t first, uint64_t second)
{
    const uint64_t seeds[] = {first, second};
    struct scene scene;
    scene_init(&scene, reel, START, 6);
    for (size_t i = 0; i < 2; i++) {
        const struct build_mmtls_hello hello = {.seed = build_u64(&scene.prng),
                                                .time = (uint32_t)(scene.now_ns / SCENE_SECOND),
                                                .ticket_index = 1,
                                                .ticket_seed = seeds[i]};
        long_link(&scene, &hello);
    }
}

void sample_mmtls_positive(struct reel *reel)
{
    tickets(reel, 7, 7);
}

void sample_mmtls_ticket_negative(struct reel *reel)
{
    tickets(reel, 7, 8);
}

void sample_mmtls_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 7);
    long_link(&scene, NULL);
}
