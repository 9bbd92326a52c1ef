/* SPDX-License-Identifier: Apache-2.0 */
/* What messengers show on transports of their own, and the nearest neighbours that show less. */
#include "captures/samples/scene.h"

#include "support/messenger_messages.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */, MAX_BYTES = 8192 };

/* A conversation in which the client says one thing and gets some random bytes back. */
static void say(struct scene *scene, const char *server, uint16_t port, const struct ml_buf *request)
{
    struct talk talk = scene_connect(scene, server, port, 20, NULL);
    struct ml_buf answer;
    ml_buf_init(&answer, MAX_BYTES);
    build_random(&answer, &scene->prng, 60);
    scene_exchange(&talk, request, &answer);
    scene_close(scene, &talk, TALK_CLIENT);
    ml_buf_fini(&answer);
}

static void say_text(struct scene *scene, const char *server, uint16_t port, const char *request, const char *answer)
{
    struct talk talk = scene_connect(scene, server, port, 20, NULL);
    talk_send(&talk, TALK_CLIENT, ml_span_text(request));
    talk_send(&talk, TALK_SERVER, ml_span_text(answer));
    scene_close(scene, &talk, TALK_CLIENT);
}

static void qq(struct scene *scene, const struct build_qq_sso *request)
{
    struct ml_buf bytes;
    ml_buf_init(&bytes, MAX_BYTES);
    build_qq_sso(&bytes, request);
    say(scene, "203.0.113.40", 8080, &bytes);
    ml_buf_fini(&bytes);
}

static void telegram(struct scene *scene, const char *server, uint64_t key_id, uint64_t seed)
{
    struct ml_buf bytes;
    ml_buf_init(&bytes, MAX_BYTES);
    build_mtproto_covered(&bytes, 2, key_id, seed);
    say(scene, server, 443, &bytes);
    ml_buf_fini(&bytes);
}

static void whatsapp(struct scene *scene, const char *phone)
{
    struct ml_buf bytes;
    ml_buf_init(&bytes, MAX_BYTES);
    build_funxmpp(&bytes, "Phone-2.12.2-5222", phone, 7);
    say(scene, "203.0.113.60", 5222, &bytes);
    ml_buf_fini(&bytes);
}

static void threema(struct scene *scene, uint64_t key_seed, uint64_t seed)
{
    struct build_threema messages;
    struct talk talk = scene_connect(scene, "203.0.113.70", 5222, 20, NULL);
    build_threema(&messages, key_seed, seed);
    scene_exchange(&talk, &messages.hello, &messages.answer);
    scene_exchange(&talk, &messages.login, &messages.ack);
    scene_close(scene, &talk, TALK_CLIENT);
    build_threema_fini(&messages);
}

static void kakao(struct scene *scene)
{
    struct ml_buf bytes;
    ml_buf_init(&bytes, MAX_BYTES);
    build_loco(&bytes, 12, 9);
    say(scene, "203.0.113.80", 8080, &bytes);
    ml_buf_fini(&bytes);
}

void sample_messenger_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 11);
    qq(&scene, &(struct build_qq_sso){.type = 10, .crypt = 2, .account = "1234567", .seed = 1});
    qq(&scene, &(struct build_qq_sso){.type = 12, .crypt = 1, .account = "1234567", .token_seed = 2, .seed = 3});
    telegram(&scene, "203.0.113.50", 0x0123456789abcdef, 4);
    telegram(&scene, "203.0.113.51", 0x0123456789abcdef, 5);
    whatsapp(&scene, "5550100200");
    threema(&scene, 20, 21);
    threema(&scene, 20, 22);
    kakao(&scene);
    say_text(&scene, "203.0.113.90", 6667,
             "PASS example\r\nNICK anna\r\nUSER anna 0 * :Anna\r\nPRIVMSG ben :hello there\r\n",
             ":irc.example.org 001 anna :Welcome\r\n:ben!ben@example.org PRIVMSG anna :hi\r\n");
}

/* The same apps: an account that is not logged in, keys used once, a session taken up again, no text and no secret. */
void sample_messenger_negative(struct reel *reel)
{
    struct ml_buf bytes;
    struct scene scene;
    scene_init(&scene, reel, START, 12);
    qq(&scene, &(struct build_qq_sso){.type = 11, .crypt = 1, .account = "0", .seed = 1});
    telegram(&scene, "203.0.113.50", 0x0123456789abcdef, 4);
    telegram(&scene, "203.0.113.51", 0x0123456789abcdee, 5);
    telegram(&scene, "203.0.113.51", 0, 6);
    whatsapp(&scene, NULL);
    threema(&scene, 20, 21);
    threema(&scene, 30, 22);
    ml_buf_init(&bytes, MAX_BYTES);
    build_whatsapp_hello(&bytes, 0x08090802, 8);
    say(&scene, "203.0.113.60", 443, &bytes);
    ml_buf_fini(&bytes);
    say_text(&scene, "203.0.113.90", 6667, "CAP LS 302\r\nJOIN #example\r\n", ":irc.example.org CAP * LS :sasl\r\n");
}
