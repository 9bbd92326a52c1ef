/* SPDX-License-Identifier: Apache-2.0 */
/* What apps do that rules fire on, and the nearest neighbour that they must not fire on. */
#include "captures/samples/scene.h"

#include <stdio.h>

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };

#define CALL_IP "203.0.113.90"
#define CALL_NAME "sfu.voip.signal.org"

static void connect_to(struct scene *scene, const char *server, const char *name)
{
    struct tls_session session = {.client = {.sni = name, .is_13 = true}, .is_13 = true, .exchanges = {{100, 200}}};
    scene_tls(scene, server, 443, &session);
}

/* Three apps as the device itself saw them; what they say on the wire tells of none of them. */
void sample_on_device(struct reel *reel)
{
    static const struct reel_app apps[] = {{10101, "Signal"}, {10102, "Weixin"}, {10103, "Files"}};
    static const char *const servers[] = {"203.0.113.61", "203.0.113.62", "203.0.113.63"};
    struct scene scene;
    scene_init(&scene, reel, START, 4);
    for (size_t i = 0; i < 3; i++) {
        reel->app = &apps[i];
        connect_to(&scene, servers[i], NULL);
    }
    reel->app = NULL;
}

/* An app, as the device itself saw it, with a host of another company, or of its own. */
static void from_app(struct reel *reel, const char *name)
{
    static const struct reel_app app = {10101, "Signal"};
    struct scene scene;
    scene_init(&scene, reel, START, 8);
    reel->app = &app;
    connect_to(&scene, "203.0.113.64", name);
    reel->app = NULL;
}

void sample_other_company_positive(struct reel *reel)
{
    from_app(reel, "app-measurement.com");
}

void sample_other_company_negative(struct reel *reel)
{
    from_app(reel, "chat.signal.org");
}

/* Paying, visible by a name; a name of the same app that says nothing of what is done. */
void sample_activity_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 1);
    connect_to(&scene, "203.0.113.184", "mobilegw.alipay.com");
}

void sample_activity_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 2);
    connect_to(&scene, "203.0.113.184", "mdap.alipay.com");
}

/* A connection that stays open and shows when its user is there. */
static void stay(struct reel *reel, size_t n)
{
    struct tls_session session = {
        .client = {.sni = "chat.signal.org", .is_13 = true}, .is_13 = true, .pause_ns = 140 * SCENE_SECOND};
    for (size_t i = 0; i < n; i++) {
        session.exchanges[i][0] = 64;
        session.exchanges[i][1] = 64;
    }
    struct scene scene;
    scene_init(&scene, reel, START, 3);
    scene_tls(&scene, "203.0.113.91", 443, &session);
}

void sample_presence_positive(struct reel *reel)
{
    stay(reel, 6); /* 5 pauses: 700 s */
}

void sample_presence_negative(struct reel *reel)
{
    stay(reel, 5); /* 4 pauses: 560 s */
}

/* Datagrams of a call, in both directions; they show nothing but that they are there. */
static void call(struct reel *reel, unsigned n)
{
    static const char *const ips[] = {CALL_IP, NULL};
    struct scene scene;
    struct ml_buf sound;
    scene_init(&scene, reel, START, 4);
    scene_look_up(&scene, CALL_NAME, ips);
    ml_buf_init(&sound, 64);
    for (unsigned i = 0; i < n; i++) {
        ml_buf_clear(&sound);
        build_random(&sound, &scene.prng, 24);
        scene_datagram(&scene, 40500, CALL_IP, 10000, build_span(&sound));
        if (i % 10 == 0) {
            scene_datagram_back(&scene, 40500, CALL_IP, 10000, build_span(&sound));
        }
        scene.now_ns += 100 * SCENE_MS;
    }
    ml_buf_fini(&sound);
}

void sample_call_positive(struct reel *reel)
{
    call(reel, 100);
}

void sample_call_negative(struct reel *reel)
{
    call(reel, 99);
}

/* An app that talks to devices of the house: to so many that it is looking around, or to some, or to none. */
static void look_around(struct reel *reel, unsigned n)
{
    struct scene scene;
    scene_init(&scene, reel, START, 5);
    for (unsigned i = 0; i < n; i++) {
        char ip[32];
        (void)snprintf(ip, sizeof ip, "10.0.0.%u", 50 + i);
        connect_to(&scene, ip, "localhost.weixin.qq.com");
    }
}

void sample_house_positive(struct reel *reel)
{
    look_around(reel, 5);
}

void sample_house_negative(struct reel *reel)
{
    look_around(reel, 4);
}

/* Servers in the EEA, in the USA and in a third country, of operators in China and the USA. */
void sample_transfer_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 6);
    connect_to(&scene, "49.51.67.253", "short.weixin.qq.com");
    connect_to(&scene, "20.236.21.158", "cdsi.signal.org");
    connect_to(&scene, "101.32.104.4", "sgshort.wechat.com");
}

/* A server in Switzerland, of an operator there. */
void sample_transfer_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 7);
    connect_to(&scene, "185.88.236.10", "g-04.0.threema.ch");
}
