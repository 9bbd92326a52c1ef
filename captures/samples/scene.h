/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scene - the usual things that happen in a sample capture, in a line or two each.
 *
 * A scene has a clock that moves on by itself, a client, a resolver and ports that count up. Times, numbers and
 * random bytes depend on the seed only.
 */
#ifndef MITLESER_CAPTURES_SCENE_H
#define MITLESER_CAPTURES_SCENE_H

#include "support/dns_messages.h"
#include "support/http_messages.h"
#include "support/tls_session.h"

#define SCENE_MS INT64_C(1000000)
#define SCENE_SECOND (1000 * SCENE_MS)

struct scene {
    struct reel *reel;    /* borrowed */
    const char *client;   /* IPv4 address of the device */
    const char *client6;  /* NULL: the device has no IPv6 */
    const char *resolver; /* IPv4 */
    int64_t now_ns;
    uint16_t port;          /* next client port */
    struct build_prng prng; /* seed of the scene */
};

/* Client, resolver and ports of a home network; the clock starts at `seconds` since 1970. */
void scene_init(struct scene *scene, struct reel *reel, int64_t seconds, uint64_t seed);

/* Asks the resolver for addresses of the family of the first one; `ips` is ended by NULL. */
void scene_look_up(struct scene *scene, const char *name, const char *const *ips);

/* Opens a TCP conversation; the scene's clock goes on from its handshake. `comment` (or NULL) marks the first packet.
 */
struct talk scene_connect(struct scene *scene, const char *server, uint16_t port, int64_t rtt_ms, const char *comment);

/* Client says, server answers. */
void scene_exchange(struct talk *talk, const struct ml_buf *request, const struct ml_buf *response);

/* A conversation of its own with one HTTP request without a body; the server answers 200 with a few bytes. */
void scene_request(struct scene *scene, const char *server, const char *start_line, const char *const *headers);

/* A conversation of its own with one POST over HTTP; lines without their end. The server answers as above. */
struct scene_post {
    const char *server, *line, *host, *type;
    struct ml_span body;
};
void scene_post(struct scene *scene, const struct scene_post *post);

/* A conversation of its own in a protocol that nobody knows: the client says `bytes`, and three come back. */
void scene_say(struct scene *scene, const char *server, uint16_t port, struct ml_span bytes);

/* A TLS connection of its own. What the session leaves open gets a certificate of "Example Issuing CA". */
void scene_tls(struct scene *scene, const char *server, uint16_t port, struct tls_session *session);

/* A datagram of the device, and one that comes back. Ports of the device as given. */
void scene_datagram(struct scene *scene, uint16_t port, const char *server, uint16_t server_port, struct ml_span bytes);
void scene_datagram_back(struct scene *scene, uint16_t port, const char *server, uint16_t server_port,
                         struct ml_span bytes);

/* Ends the conversation and moves the scene's clock behind it. */
void scene_close(struct scene *scene, struct talk *talk, enum talk_side side);

/* Leaves it open: only the clock moves. */
void scene_leave(struct scene *scene, const struct talk *talk);

/* Every sample of the table. */
#define SAMPLE(function, file, shows) void function(struct reel *reel);
#include "captures/samples/sample.def"
#undef SAMPLE

#endif
