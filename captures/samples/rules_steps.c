/* SPDX-License-Identifier: Apache-2.0 */
/* What happens around the steps of a test: captures/case.yaml says when each was. */
#include "captures/samples/scene.h"

enum {
    OPENED = 1775032200, /* 2026-04-01T08:30:00Z: start; 08:31 input */
    MINI_PROGRAM = OPENED + 10 * 60,
    BACKUP = OPENED + 30 * 60,
    IDENTITY_CHECK = OPENED + 60 * 60,
    CLOSED = OPENED + 120 * 60,
    BEFORE = 1772440200 /* 2026-03-02T08:30:00Z: no step yet */
};

/* Sends `n` bytes over TLS, of which the capture keeps the heads of the packets. */
static void upload(struct scene *scene, const char *server, const char *name, size_t n)
{
    struct tls_session session = {.client = {.sni = name, .is_13 = true}, .is_13 = true, .exchanges = {{100, 200}}};
    struct ml_buf record;
    ml_buf_init(&record, 1 << 20);
    session.client.seed = build_u64(&scene->prng);
    struct talk talk = scene_connect(scene, server, 443, 20, NULL);
    talk_tls(&talk, &session);
    talk.mss = 60000;
    scene->reel->snap = 96;
    for (size_t left = n; left != 0;) {
        size_t len = left < 16384 ? left : 16384;
        ml_buf_clear(&record);
        build_be(&record, 3, 0x170303);
        build_be(&record, 2, len);
        build_random(&record, &scene->prng, len);
        talk_send(&talk, TALK_CLIENT, build_span(&record));
        left -= len;
    }
    scene->reel->snap = 0;
    scene_close(scene, &talk, TALK_CLIENT);
    ml_buf_fini(&record);
}

static void contact(struct reel *reel, int64_t at, const char *server, const char *name)
{
    struct tls_session session = {.client = {.sni = name, .is_13 = true}, .is_13 = true, .exchanges = {{100, 200}}};
    struct scene scene;
    scene_init(&scene, reel, at, 61);
    scene.port = (uint16_t)(40100 + (at - OPENED) % 7919);
    scene_tls(&scene, server, 443, &session);
}

void sample_steps_positive(struct reel *reel)
{
    contact(reel, OPENED + 10, "203.0.113.71", "app-measurement.com");
    contact(reel, MINI_PROGRAM + 60, "203.0.113.184", "mdap.alipay.com");
    contact(reel, CLOSED + 120, "76.223.92.165", "chat.signal.org");
}

/* The same a little later, elsewhere, or earlier. */
void sample_steps_negative(struct reel *reel)
{
    contact(reel, OPENED + 70, "203.0.113.71", "app-measurement.com");
    contact(reel, MINI_PROGRAM + 60, "76.223.92.165", "chat.signal.org");
    contact(reel, CLOSED + 30, "76.223.92.165", "chat.signal.org");
}

static void send_away(struct reel *reel, int64_t at, const char *name, size_t n)
{
    struct scene scene;
    scene_init(&scene, reel, at, 62);
    scene.port = (uint16_t)(41100 + (at - BEFORE) % 7919);
    upload(&scene, "129.226.1.1", name, n);
}

void sample_backup_positive(struct reel *reel)
{
    send_away(reel, BEFORE, "p01.icloud-content.com", 1000000);
    send_away(reel, BACKUP + 60, "www.example.com", 1000000);
    send_away(reel, IDENTITY_CHECK + 60, "www.example.com", 60000);
}

void sample_backup_negative(struct reel *reel)
{
    send_away(reel, BEFORE, "p01.icloud-content.com", 900000);
    send_away(reel, BEFORE + 60, "www.example.com", 1000000);
    send_away(reel, BACKUP + 60, "www.example.com", 900000);
    send_away(reel, IDENTITY_CHECK + 60, "www.example.com", 40000);
}
