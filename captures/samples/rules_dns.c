/* SPDX-License-Identifier: Apache-2.0 */
/* Name look-ups that rules fire on, and their nearest neighbours that they must not fire on. */
#include "captures/samples/scene.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };

#define IDENTIFIER "0123456789abcdef0123456789abcdef"

static void ask(struct scene *scene, const char *resolver, const char *name)
{
    static const char *const ips[] = {"198.51.100.80", NULL};
    scene->resolver = resolver;
    scene_look_up(scene, name, ips);
}

/* A resolver of the internet learns names of the house and a label that names a device. */
void sample_dns_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 1);
    ask(&scene, "8.8.8.8", "printer.corp");
    ask(&scene, "8.8.8.8", "x." IDENTIFIER ".example.com");
}

/* The resolver of the house; the label is too short to name a device. */
void sample_dns_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 2);
    ask(&scene, "10.0.0.1", "printer.corp");
    ask(&scene, "10.0.0.1", "x.deadbeef.example.com");
}

/* Names of addresses only: no host is asked for. */
void sample_dns_reverse_negative(struct reel *reel)
{
    struct ml_buf query;
    struct scene scene;
    ml_buf_init(&query, 4096);
    scene_init(&scene, reel, START, 3);
    build_dns_query(&query, 7, "80.100.51.198.in-addr.arpa", 12, NULL, 0);
    scene_datagram(&scene, 40100, "10.0.0.1", 53, build_span(&query));
    ml_buf_fini(&query);
}

static void resolve_over_tls(struct reel *reel, const char *server, const char *name)
{
    struct tls_session session = {.client = {.sni = name, .is_13 = true}, .is_13 = true, .exchanges = {{64, 120}}};
    struct scene scene;
    scene_init(&scene, reel, START, 4);
    scene_tls(&scene, server, 853, &session);
}

/* DNS over TLS: one resolver of a company in the USA, one of a foundation in Switzerland. */
void sample_resolver_positive(struct reel *reel)
{
    resolve_over_tls(reel, "8.8.8.8", "dns.google");
}

/* One likely in a country without an adequacy decision by the made data sets, and one of which they disagree. */
void sample_resolver_place_positive(struct reel *reel)
{
    resolve_over_tls(reel, "101.32.7.7", "dns.example.com");
}

void sample_resolver_place_negative(struct reel *reel)
{
    resolve_over_tls(reel, "129.226.7.7", "dns.example.com");
}

void sample_resolver_negative(struct reel *reel)
{
    resolve_over_tls(reel, "9.9.9.9", "dns.quad9.net");
}
