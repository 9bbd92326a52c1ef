/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in the clear that rules fire on, and their nearest neighbours that they must not fire on. */
#include "captures/samples/scene.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };

#define SERVER "198.51.100.80"
#define PLAIN_AGENT "User-Agent: example/1.0"
#define PHONE_AGENT "User-Agent: example/1.0 (Linux; Android 14; Pixel 8 Build/AP2A.240805.005)"

static void request(struct scene *scene, const char *line, const char *host, const char *agent)
{
    const char *const headers[] = {host, agent, "Connection: close", NULL};
    scene_request(scene, SERVER, line, headers);
}

void sample_http_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 1);
    request(&scene, "GET /page?access_token=exampleexample HTTP/1.1", "Host: www.example.test", PHONE_AGENT);
    request(&scene, "GET /files/plugin-1.2.apk HTTP/1.1", "Host: files.example.test", PLAIN_AGENT);
    request(&scene, "GET /d?dn=chat.example.test HTTP/1.1", "Host: 198.51.100.80", PLAIN_AGENT);
    request(&scene, "GET /authority.crl HTTP/1.1", "Host: crl.example.test", PLAIN_AGENT);
    request(&scene, "GET /collect?v=1 HTTP/1.1", "Host: app-measurement.com", PLAIN_AGENT);
}

/* Nothing but that it is in the clear. */
void sample_http_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 2);
    request(&scene, "GET /page?lang=en HTTP/1.1", "Host: www.example.test", PLAIN_AGENT);
    request(&scene, "GET /files/list.html HTTP/1.1", "Host: files.example.test", PLAIN_AGENT);
    request(&scene, "GET /d/list?dn=chat HTTP/1.1", "Host: www.example.test", PLAIN_AGENT);
}

/* In the clear, but it never leaves the device. */
void sample_http_loopback_negative(struct reel *reel)
{
    static const char *const headers[] = {"Host: localhost", PLAIN_AGENT, NULL};
    struct scene scene;
    scene_init(&scene, reel, START, 3);
    scene.client = "127.0.0.1";
    scene_request(&scene, "127.0.0.1", "GET /status HTTP/1.1", headers);
}
