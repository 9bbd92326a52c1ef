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

/* One request and an answer of a few bytes, after which the server closes. */
static void exchange_http(struct scene *scene, const char *server, const struct ml_buf *request,
                          const char *const *answer)
{
    struct ml_buf response;
    ml_buf_init(&response, MAX_MESSAGE);
    build_http(&response, "HTTP/1.1 200 OK", answer, ml_span_text("fine\n"));
    struct talk talk = scene_connect(scene, server, 80, 20, NULL);
    scene_exchange(&talk, request, &response);
    scene_close(scene, &talk, TALK_SERVER);
    ml_buf_fini(&response);
}

void scene_request(struct scene *scene, const char *server, const char *start_line, const char *const *headers)
{
    static const char *const answer[] = {"Content-Type: text/plain", "Connection: close", NULL};
    struct ml_buf request;
    ml_buf_init(&request, MAX_MESSAGE);
    build_http(&request, start_line, headers, ml_span_of(NULL, 0));
    exchange_http(scene, server, &request, answer);
    ml_buf_fini(&request);
}

void scene_post(struct scene *scene, const struct scene_post *post)
{
    static const char *const answer[] = {"Connection: close", NULL};
    const char *const headers[] = {post->host, "User-Agent: example/1.0", post->type, NULL};
    struct ml_buf request;
    ml_buf_init(&request, MAX_MESSAGE + post->body.len);
    build_http(&request, post->line, headers, post->body);
    exchange_http(scene, post->server, &request, answer);
    ml_buf_fini(&request);
}

void scene_say(struct scene *scene, const char *server, uint16_t port, struct ml_span bytes)
{
    struct talk talk = scene_connect(scene, server, port, 20, NULL);
    talk_send(&talk, TALK_CLIENT, bytes);
    talk_send(&talk, TALK_SERVER, ml_span_text("\x01\x02\x03"));
    scene_close(scene, &talk, TALK_CLIENT);
}

void scene_tls(struct scene *scene, const char *server, uint16_t port, struct tls_session *session)
{
    session->client.seed = build_u64(&scene->prng);
    if (session->leaf.subject == NULL) {
        session->leaf = (struct build_x509){
            .subject = session->client.sni != NULL ? session->client.sni : "server", .key = 3, .issuer_key = 2};
        session->leaf.issuer = "Example Issuing CA";
    }
    if (session->leaf.not_before == NULL) {
        session->leaf.not_before = "251001000000Z";
        session->leaf.not_after = "261001235959Z";
    }
    struct talk talk = scene_connect(scene, server, port, 20, NULL);
    talk_tls(&talk, session);
    scene_close(scene, &talk, TALK_CLIENT);
}

static struct build_ends ends_of(const struct scene *scene, uint16_t port, const char *server, uint16_t server_port)
{
    bool is_v6 = build_address(server).family == 6;
    return build_ends(is_v6 ? scene->client6 : scene->client, port, server, server_port);
}

void scene_datagram(struct scene *scene, uint16_t port, const char *server, uint16_t server_port, struct ml_span bytes)
{
    struct build_ends ends = ends_of(scene, port, server, server_port);
    reel_udp(scene->reel, scene->now_ns, true, &ends, bytes);
    scene->now_ns += 20 * SCENE_MS;
}

void scene_datagram_back(struct scene *scene, uint16_t port, const char *server, uint16_t server_port,
                         struct ml_span bytes)
{
    struct build_ends ends = ends_of(scene, port, server, server_port);
    struct build_ends back = build_ends_back(&ends);
    reel_udp(scene->reel, scene->now_ns, false, &back, bytes);
    scene->now_ns += 20 * SCENE_MS;
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
