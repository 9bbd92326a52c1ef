/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A phone with WeChat, about a minute. Names and server addresses are those the service was seen with; the account,
 * the network, the tickets and everything sealed are made up, client addresses are reserved ones.
 */
#include "captures/samples/scene.h"

#include "support/wechat_messages.h"

#include <stdio.h>

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };
enum { TICKET_OF_A_WEEK = 1, TICKET_OF_A_MONTH = 2 };

#define RESOLVER_IP "43.130.30.240"
#define SHORT_IP "101.32.104.4"
#define OTHER_SHORT_IP "101.32.118.25"
#define LONG_IP "101.32.104.41"
#define WEB_IP "203.205.147.171"
#define RES_IP "203.205.151.162"
#define RES_IP6 "2402:4e00::1"
#define AVATAR_IP "150.109.3.9"
#define TELEMETRY_IP "129.226.1.1"
#define ANALYTICS_IP "142.250.185.110"
#define PUSH_IP "142.251.1.1"

static void look_up(struct scene *scene, const char *name, const char *ip, const char *second)
{
    const char *const ips[] = {ip, second, NULL};
    scene_look_up(scene, name, ips);
}

/* The list of hosts, asked for in the clear with the number of the account. */
static void host_list(struct scene *scene)
{
    static const struct build_newgetdns_host hosts[] = {
        {"sgshort.wechat.com", {SHORT_IP, OTHER_SHORT_IP}},
        {"sgextshort.wechat.com", {"101.32.104.56"}},
        {"sgminorshort.wechat.com", {"101.32.133.16"}},
        {"sglong.wechat.com", {LONG_IP, "101.32.133.53"}},
        {"short.weixin.qq.com", {"43.130.30.185"}},
        {"extshort.weixin.qq.com", {"43.130.30.247"}},
        {"hkextshort.weixin.qq.com", {"43.130.30.107"}},
        {"long.weixin.qq.com", {"43.130.30.176"}},
        {"quic.weixin.qq.com", {"101.227.131.254", "101.227.131.171"}},
        {"szquic.weixin.qq.com", {"183.47.124.112"}},
        {"sgquic.wechat.com", {"129.226.107.244"}},
        {"mmsns.hk.wechat.com", {AVATAR_IP}},
        {"wx.qlogo.cn", {AVATAR_IP}},
        {"weixinc2c.tc.qq.com", {"122.188.37.119"}},
        {"sgshort.pay.wechat.com", {"101.32.133.16"}},
        {"short.pay.weixin.qq.com", {"203.205.254.184"}},
    };
    struct build_newgetdns ask = {
        .uin = "1234567890",
        .client_version = "671094583", /* 8.0.43 */
        .device_type = "android-34",
        .language = "en",
        .network_id = "00112233445566778899aabbccddeeff",
        .mcc_mnc = "00101", /* a test network */
        .seed = 11,
    };
    struct ml_buf request;
    struct ml_buf reply;
    ml_buf_init(&request, 1 << 16);
    ml_buf_init(&reply, 1 << 16);
    look_up(scene, "dns.weixin.qq.com", RESOLVER_IP, "43.130.30.237");
    build_newgetdns_request(&request, &ask);
    build_newgetdns_reply(&reply, hosts, sizeof hosts / sizeof hosts[0], "203.0.113.77", 12);
    struct talk talk = scene_connect(scene, RESOLVER_IP, 8080, 154, "newgetdns: the account number in the clear");
    scene_exchange(&talk, &request, &reply);
    scene_close(scene, &talk, TALK_SERVER);
    ml_buf_fini(&request);
    ml_buf_fini(&reply);
}

static void short_link_request(struct ml_buf *out, const char *host, uint32_t time, struct ml_span body)
{
    char line[64];
    char name[64];
    char path[16];
    build_mmtls_path(time, path);
    (void)snprintf(line, sizeof line, "POST %s HTTP/1.1", path);
    (void)snprintf(name, sizeof name, "Host: %s", host);
    const char *const headers[] = {"Accept: */*",
                                   "Cache-Control: no-cache",
                                   "Connection: Keep-Alive",
                                   "Content-Type: application/octet-stream",
                                   name,
                                   "Upgrade: mmtls",
                                   "User-Agent: MicroMessenger Client",
                                   NULL};
    build_http(out, line, headers, body);
}

/* What a client sends and gets in its first, full handshake: 366 bytes of hello, the certificate sealed. */
static void full_bodies(struct scene *scene, uint32_t time, struct ml_buf *up, struct ml_buf *down)
{
    struct build_mmtls_hello hello = {
        .seed = build_u64(&scene->prng),
        .time = time,
        .ticket_index = TICKET_OF_A_MONTH,
        .ticket_seed = 30,
        .has_key_shares = true,
    };
    build_mmtls_client_hello(up, &hello);
    build_mmtls_server_hello(down, build_u64(&scene->prng), MMTLS_F104, true);
    build_mmtls_sealed(down, MMTLS_HANDSHAKE, MMTLS_F104, &scene->prng, 94);
    build_mmtls_sealed(down, MMTLS_HANDSHAKE, MMTLS_F104, &scene->prng, 293);
    build_mmtls_sealed(down, MMTLS_HANDSHAKE, MMTLS_F104, &scene->prng, 55);
}

/* Data with the first flight, under the ticket that every later connection shows again. */
static void early_bodies(struct scene *scene, uint32_t time, size_t sent, size_t got, struct ml_buf *up,
                         struct ml_buf *down)
{
    struct build_mmtls_hello hello = {
        .seed = build_u64(&scene->prng),
        .type = MMTLS_HANDSHAKE_0RTT,
        .time = time,
        .ticket_index = TICKET_OF_A_WEEK,
        .ticket_seed = 7,
    };
    build_mmtls_client_hello(up, &hello);
    build_mmtls_sealed(up, MMTLS_HANDSHAKE_0RTT, MMTLS_F104, &scene->prng, 36);
    build_mmtls_sealed(up, MMTLS_DATA, MMTLS_F104, &scene->prng, sent + 16);
    build_mmtls_sealed(up, MMTLS_ALERT, MMTLS_F104, &scene->prng, 23);
    build_mmtls_server_hello(down, build_u64(&scene->prng), MMTLS_F104, false);
    build_mmtls_sealed(down, MMTLS_HANDSHAKE, MMTLS_F104, &scene->prng, 55);
    build_mmtls_sealed(down, MMTLS_DATA, MMTLS_F104, &scene->prng, got + 16);
    build_mmtls_sealed(down, MMTLS_ALERT, MMTLS_F104, &scene->prng, 23);
}

/* One connection a request; `sent` 0 is the full handshake. */
static void short_link(struct scene *scene, const char *ip, uint16_t port, size_t sent, size_t got, const char *comment)
{
    static const char *const headers[] = {"Content-Type: application/octet-stream", "Connection: close", NULL};
    uint32_t time = (uint32_t)(scene->now_ns / SCENE_SECOND);
    struct ml_buf up;
    struct ml_buf down;
    struct ml_buf request;
    struct ml_buf response;
    ml_buf_init(&up, 1 << 16);
    ml_buf_init(&down, 1 << 16);
    ml_buf_init(&request, 1 << 16);
    ml_buf_init(&response, 1 << 16);
    if (sent == 0) {
        full_bodies(scene, time, &up, &down);
    } else {
        early_bodies(scene, time, sent, got, &up, &down);
    }
    short_link_request(&request, "sgshort.wechat.com", time, build_span(&up));
    build_http(&response, "HTTP/1.1 200 OK", headers, build_span(&down));
    struct talk talk = scene_connect(scene, ip, port, 171, comment);
    scene_exchange(&talk, &request, &response);
    scene_close(scene, &talk, TALK_SERVER);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
    ml_buf_fini(&request);
    ml_buf_fini(&response);
}

/* A hello that the server does not like: it answers with an alert in the clear. */
static void refused_long_link(struct scene *scene)
{
    struct build_mmtls_hello hello = {
        .seed = build_u64(&scene->prng),
        .time = (uint32_t)(scene->now_ns / SCENE_SECOND),
        .ticket_index = TICKET_OF_A_WEEK,
        .ticket_seed = 6,
    };
    struct ml_buf up;
    struct ml_buf down;
    ml_buf_init(&up, 1 << 16);
    ml_buf_init(&down, 1 << 16);
    build_mmtls_client_hello(&up, &hello);
    build_mmtls_record(&down, MMTLS_ALERT, MMTLS_F104, ml_span_of("\0\0\0\x03\0\x73\x02", 7));
    struct talk talk = scene_connect(scene, LONG_IP, 80, 172, "mmtls long link: an old ticket is refused");
    scene_exchange(&talk, &up, &down);
    scene_close(scene, &talk, TALK_SERVER);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

static void sealed_exchange(struct scene *scene, struct talk *talk, size_t sent, size_t got)
{
    struct ml_buf up;
    struct ml_buf down;
    ml_buf_init(&up, 1 << 16);
    ml_buf_init(&down, 1 << 16);
    build_mmtls_sealed(&up, MMTLS_DATA, MMTLS_F104, &scene->prng, sent + 16);
    build_mmtls_sealed(&down, MMTLS_DATA, MMTLS_F104, &scene->prng, got + 16);
    scene_exchange(talk, &up, &down);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

/* Stays open until the end: messages and a sign of life now and then. */
static void long_link(struct scene *scene)
{
    struct build_mmtls_hello hello = {
        .seed = build_u64(&scene->prng),
        .time = (uint32_t)(scene->now_ns / SCENE_SECOND),
        .ticket_index = TICKET_OF_A_WEEK,
        .ticket_seed = 7,
    };
    struct ml_buf up;
    struct ml_buf down;
    ml_buf_init(&up, 1 << 16);
    ml_buf_init(&down, 1 << 16);
    build_mmtls_client_hello(&up, &hello);
    build_mmtls_sealed(&up, MMTLS_HANDSHAKE, MMTLS_F104, &scene->prng, 55);
    build_mmtls_server_hello(&down, build_u64(&scene->prng), MMTLS_F104, false);
    build_mmtls_sealed(&down, MMTLS_HANDSHAKE, MMTLS_F104, &scene->prng, 55);
    struct talk talk = scene_connect(scene, LONG_IP, 8080, 172, "mmtls long link");
    scene_exchange(&talk, &up, &down);
    scene_leave(scene, &talk);
    sealed_exchange(scene, &talk, 412, 380);
    talk_wait(&talk, 9 * SCENE_SECOND);
    sealed_exchange(scene, &talk, 96, 1840);
    talk_wait(&talk, 14 * SCENE_SECOND);
    sealed_exchange(scene, &talk, 1220, 72);
    talk_wait(&talk, 25 * SCENE_SECOND);
    sealed_exchange(scene, &talk, 16, 16);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

static void tls(struct scene *scene, const char *ip, uint16_t port, int64_t rtt_ms, struct tls_session *session,
                const char *comment)
{
    session->client.seed = build_u64(&scene->prng);
    session->leaf.not_before = "251001000000Z";
    session->leaf.not_after = "261001235959Z";
    struct talk talk = scene_connect(scene, ip, port, rtt_ms, comment);
    talk_tls(&talk, session);
    scene_close(scene, &talk, TALK_CLIENT);
}

static void web_client(struct scene *scene)
{
    static const char *const alpn[] = {"h2", "http/1.1", NULL};
    static const char *const names[] = {"web.wechat.com", "*.web.wechat.com", NULL};
    static const char *const res_names[] = {"res.wx.qq.com", NULL};
    struct tls_session session = {
        .client = {.sni = "web.wechat.com", .alpn = alpn, .is_13 = true},
        .alpn = "h2",
        .leaf =
            {.subject = "web.wechat.com", .issuer = "Example Issuing CA", .names = names, .key = 3, .issuer_key = 2},
        .exchanges = {{520, 3100}, {340, 18200}, {610, 900}},
    };
    struct tls_session resources = {
        .client = {.sni = "res.wx.qq.com", .alpn = alpn, .is_13 = true},
        .alpn = "http/1.1",
        .leaf =
            {.subject = "res.wx.qq.com", .issuer = "Example Issuing CA", .names = res_names, .key = 4, .issuer_key = 2},
        .exchanges = {{430, 26000}},
    };
    look_up(scene, "web.wechat.com", WEB_IP, NULL);
    tls(scene, WEB_IP, 443, 196, &session, "web client, TLS 1.2");
    look_up(scene, "res.wx.qq.com", RES_IP, NULL);
    tls(scene, RES_IP, 443, 198, &resources, NULL);
    resources.is_13 = true;
    look_up(scene, "res.wx.qq.com", RES_IP6, NULL);
    tls(scene, RES_IP6, 443, 205, &resources, "the same over IPv6, TLS 1.3");
}

/* A picture that anybody on the way can see, with a name that stays the same. */
static void avatar(struct scene *scene)
{
    static const char *const ask[] = {"Host: wx.qlogo.cn",
                                      "User-Agent: MicroMessenger Client",
                                      "Referer: http://weixin.qq.com/",
                                      "Accept: image/*",
                                      "Connection: close",
                                      NULL};
    static const char *const answer[] = {"Content-Type: image/jpeg", "Cache-Control: max-age=2592000",
                                         "Connection: close", NULL};
    struct ml_buf request;
    struct ml_buf response;
    struct ml_buf picture;
    ml_buf_init(&request, 1 << 16);
    ml_buf_init(&response, 1 << 16);
    ml_buf_init(&picture, 1 << 16);
    build_be(&picture, 4, 0xffd8ffe0);
    build_random(&picture, &scene->prng, 4200);
    build_http(&request, "GET /mmhead/ver_1/ExampleExampleExampleExample0001/132 HTTP/1.1", ask, ml_span_of(NULL, 0));
    build_http(&response, "HTTP/1.1 200 OK", answer, build_span(&picture));
    look_up(scene, "wx.qlogo.cn", AVATAR_IP, NULL);
    struct talk talk = scene_connect(scene, AVATAR_IP, 80, 189, "avatar over HTTP");
    scene_exchange(&talk, &request, &response);
    scene_close(scene, &talk, TALK_SERVER);
    ml_buf_fini(&request);
    ml_buf_fini(&response);
    ml_buf_fini(&picture);
}

/* Who else is told: crash reports, usage statistics, the push service of the operating system. */
static void others(struct scene *scene)
{
    static const char *const alpn[] = {"h2", "http/1.1", NULL};
    static const char *const names[] = {"*.bugly.qq.com", NULL};
    struct tls_session reports = {
        .client = {.sni = "android.bugly.qq.com", .alpn = alpn},
        .leaf =
            {.subject = "*.bugly.qq.com", .issuer = "Example Issuing CA", .names = names, .key = 5, .issuer_key = 2},
        .exchanges = {{2300, 260}},
    };
    struct tls_session statistics = {
        .client = {.sni = "app-measurement.com", .alpn = alpn, .is_13 = true},
        .is_13 = true,
        .exchanges = {{1640, 310}},
    };
    struct tls_session push = {
        .client = {.sni = "mtalk.google.com", .is_13 = true},
        .is_13 = true,
        .exchanges = {{380, 520}, {24, 0}, {0, 24}},
        .pause_ns = 20 * SCENE_SECOND,
    };
    look_up(scene, "android.bugly.qq.com", TELEMETRY_IP, NULL);
    tls(scene, TELEMETRY_IP, 443, 183, &reports, "crash reports of an SDK");
    look_up(scene, "app-measurement.com", ANALYTICS_IP, NULL);
    tls(scene, ANALYTICS_IP, 443, 9, &statistics, "usage statistics of an SDK");
    look_up(scene, "mtalk.google.com", PUSH_IP, NULL);
    push.client.seed = build_u64(&scene->prng);
    struct talk talk = scene_connect(scene, PUSH_IP, 5228, 24, "push connection, stays open");
    scene_leave(scene, &talk);
    talk_tls(&talk, &push);
}

void sample_wechat_session(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 20260302);
    others(&scene);
    scene.now_ns = START * SCENE_SECOND + SCENE_SECOND;
    host_list(&scene);
    look_up(&scene, "sgshort.wechat.com", SHORT_IP, OTHER_SHORT_IP);
    look_up(&scene, "sglong.wechat.com", LONG_IP, "101.32.133.53");
    short_link(&scene, SHORT_IP, 80, 0, 0, "mmtls short link, full handshake");
    refused_long_link(&scene);
    long_link(&scene);
    short_link(&scene, SHORT_IP, 80, 745, 1290, "mmtls short link, data with the first flight");
    short_link(&scene, OTHER_SHORT_IP, 8080, 391, 228, "the same ticket, another server");
    short_link(&scene, SHORT_IP, 80, 1180, 6400, NULL);
    avatar(&scene);
    look_up(&scene, "apd-pcdnwxlogin.teg.tencent-cloud.net", "43.130.1.1", NULL);
    web_client(&scene);
    short_link(&scene, SHORT_IP, 80, 260, 180, NULL);
}
