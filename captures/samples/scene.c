/* SPDX-License-Identifier: Apache-2.0 */
#include "captures/samples/scene.h"

enum { MAX_MESSAGE = 4096, MAX_ADDRESSES = 8, FIRST_PORT = 40100, DNS_PORT = 53 };

void scene_init(struct scene *scene, struct reel *reel, int64_t seconds, uint64_t seed)
{
    *scene = (struct scene){
        .reel = reel,
        .client = "10.0.0.23",
        .client6 = "2001:db8:0:1::23",
        .resolver = "10.0.0.1",
        .now_ns = seconds * SCENE_SECOND,
        .port = FIRST_PORT,
        .prng = {seed},
    };
}

void scene_look_up(struct scene *scene, const char *name, const char *const *ips)
{
    struct build_dns_record records[MAX_ADDRESSES] = {{0}};
    size_t n = 0;
    for (; ips[n] != NULL; n++) {
        ML_ASSERT(n < MAX_ADDRESSES);
        records[n] = (struct build_dns_record){.ttl = 120, .text = ips[n]};
    }
    uint16_t type = n != 0 && build_address(ips[0]).family == 6 ? DNS_AAAA : DNS_A;
    struct build_ends ends = build_ends(scene->client, scene->port++, scene->resolver, DNS_PORT);
    struct build_ends back = build_ends_back(&ends);
    uint16_t id = (uint16_t)build_u64(&scene->prng);
    struct ml_buf message;
    ml_buf_init(&message, MAX_MESSAGE);
    build_dns_query(&message, id, name, type, NULL, 0);
    reel_udp(scene->reel, scene->now_ns, true, &ends, build_span(&message));
    scene->now_ns += 12 * SCENE_MS;
    ml_buf_clear(&message);
    build_dns_answer(&message, id, name, type, 0, records, n);
    reel_udp(scene->reel, scene->now_ns, false, &back, build_span(&message));
    scene->now_ns += 2 * SCENE_MS;
    ml_buf_fini(&message);
}

struct talk scene_connect(struct scene *scene, const char *server, uint16_t port, int64_t rtt_ms, const char *comment)
{
    bool is_v6 = build_address(server).family == 6;
    struct talk talk = {
        .reel = scene->reel,
        .ends = build_ends(is_v6 ? scene->client6 : scene->client, scene->port++, server, port),
        .now_ns = scene->now_ns,
        .rtt_ns = rtt_ms * SCENE_MS,
        .mss = is_v6 ? 1380 : 1400,
    };
    scene->reel->comment = comment;
    talk_open(&talk);
    scene->now_ns = talk.now_ns;
    return talk;
}

void scene_exchange(struct talk *talk, const struct ml_buf *request, const struct ml_buf *response)
{
    talk_send(talk, TALK_CLIENT, build_span(request));
    talk_send(talk, TALK_SERVER, build_span(response));
}

void scene_close(struct scene *scene, struct talk *talk, enum talk_side side)
{
    talk_close(talk, side);
    scene_leave(scene, talk);
}

void scene_leave(struct scene *scene, const struct talk *talk)
{
    scene->now_ns = talk->now_ns > scene->now_ns ? talk->now_ns : scene->now_ns;
    scene->now_ns += 5 * SCENE_MS;
}
