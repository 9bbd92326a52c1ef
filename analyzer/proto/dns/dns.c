/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns.h"

#include "core/mem.h"
#include "proto/dns/plausible.h"

enum {
    PORT_DNS = 53,
    PORT_NBNS = 137,
    PORT_DOT = 853,
    PORT_MDNS = 5353,
    PORT_LLMNR = 5355,
    LENGTH = 2,           /* bytes in front of a message on a stream */
    MIN_MESSAGE = 12 + 5, /* header and the shortest question */
    MAX_PROBED = 4000     /* bytes; on unknown ports a message must be whole before it counts */
};

/* One direction of a stream. */
struct stream {
    struct ml_gather gather;
    struct ml_chunk last; /* for what is still held when the bytes end */
    bool is_lost;         /* behind a hole: where the next message begins is not known */
};

struct dns {
    struct ml_proto_env *env; /* borrowed */
    enum ml_dns_kind kind;
    struct stream *streams; /* owned, of both directions; NULL where there are only datagrams */
};

static bool uses_port(const struct ml_flow *flow, uint16_t port)
{
    return flow->server_port == port || flow->client_port == port;
}

static bool is_known_port(const struct ml_flow *flow, enum ml_dns_kind kind)
{
    switch (kind) {
    case ML_DNS_PLAIN:
        return uses_port(flow, PORT_DNS) || uses_port(flow, PORT_DOT);
    case ML_DNS_MULTICAST:
        return uses_port(flow, PORT_MDNS);
    case ML_DNS_LINK_LOCAL:
        return uses_port(flow, PORT_LLMNR);
    case ML_DNS_NETBIOS:
        return uses_port(flow, PORT_NBNS);
    }
    return false;
}

/* A port of none of the four; on streams two of them have none. */
static bool is_strange_port(const struct ml_chunk *chunk)
{
    const struct ml_flow *flow = chunk->flow;
    bool is_plain = is_known_port(flow, ML_DNS_PLAIN) || is_known_port(flow, ML_DNS_LINK_LOCAL);
    bool is_other = is_known_port(flow, ML_DNS_MULTICAST) || is_known_port(flow, ML_DNS_NETBIOS);
    return !is_plain && (!chunk->is_datagram || !is_other);
}

/* --- probes --- */

static enum ml_match probe_datagram(const struct ml_chunk *chunk, enum ml_dns_kind kind)
{
    if (is_known_port(chunk->flow, kind)) {
        return ml_dns_plausible(chunk->bytes, chunk->is_cut, kind) == ML_MATCH_YES ? ML_MATCH_YES : ML_MATCH_NO;
    }
    bool may_be = kind == ML_DNS_PLAIN && !chunk->is_cut && is_strange_port(chunk);
    return may_be && ml_dns_is_exact(chunk->bytes) ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe_stream(const struct ml_chunk *chunk, enum ml_dns_kind kind)
{
    struct ml_reader rd = ml_rd_open(chunk->bytes);
    uint16_t len = 0;
    bool is_known = is_known_port(chunk->flow, kind);
    if (!is_known && (kind != ML_DNS_PLAIN || !is_strange_port(chunk))) {
        return ML_MATCH_NO;
    }
    if (!ml_rd_u16(&rd, &len)) {
        return ML_MATCH_MORE;
    }
    if (len < MIN_MESSAGE || (!is_known && len > MAX_PROBED)) {
        return ML_MATCH_NO;
    }
    bool is_whole = ml_rd_left(&rd) >= len;
    struct ml_span message = ml_span_cut(ml_rd_rest(&rd), 0, len);
    enum ml_match match = ml_dns_plausible(message, !is_whole, kind);
    if (is_known || match == ML_MATCH_NO) {
        return match;
    }
    if (!is_whole) {
        return ML_MATCH_MORE;
    }
    return ml_dns_is_exact(message) ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *chunk, enum ml_dns_kind kind)
{
    return chunk->is_datagram ? probe_datagram(chunk, kind) : probe_stream(chunk, kind);
}

/* --- facts --- */

static const char *transport_of(enum ml_dns_kind kind, const struct ml_chunk *chunk)
{
    switch (kind) {
    case ML_DNS_PLAIN:
        return chunk->is_datagram ? "udp" : ml_layers_are_encrypted(chunk->layers, chunk->n_layers) ? "dot" : "tcp";
    case ML_DNS_MULTICAST:
        return "mdns";
    case ML_DNS_LINK_LOCAL:
        return "llmnr";
    case ML_DNS_NETBIOS:
        return "nbns";
    }
    return "udp";
}

static void state(struct dns *dns, const struct ml_chunk *chunk, struct ml_fact_draft *draft, struct ml_span message,
                  bool is_cut)
{
    const struct ml_dns_source source = {
        .store = dns->env->facts,
        .kind = dns->kind,
        .transport = transport_of(dns->kind, chunk),
        .is_cut = is_cut,
    };
    if (!ml_dns_state(&source, draft, message)) {
        ml_count(dns->env->counters, ML_COUNT_BAD_DNS);
    }
}

static void feed_datagram(struct dns *dns, const struct ml_chunk *chunk)
{
    struct ml_fact_draft draft;
    ml_fact_begin(&draft, ML_FACT_DNS_QUERY, chunk);
    state(dns, chunk, &draft, chunk->bytes, chunk->is_cut);
}

/* --- streams --- */

static void state_gathered(struct dns *dns, struct stream *stream, size_t len, bool is_cut)
{
    struct ml_fact_draft draft;
    struct ml_span message = ml_span_cut(ml_gather_span(&stream->gather), LENGTH, len);
    ml_fact_begin_gathered(&draft, ML_FACT_DNS_QUERY, &stream->last, &stream->gather, LENGTH, message.len);
    state(dns, &stream->last, &draft, message, is_cut);
}

static void lose(struct stream *stream)
{
    ml_gather_clear(&stream->gather);
    stream->is_lost = true;
}

/* The bytes end within a message: what is there still counts. */
static void state_rest(struct dns *dns, struct stream *stream)
{
    struct ml_span held = ml_gather_span(&stream->gather);
    struct ml_span message = ml_span_cut(held, LENGTH, held.len);
    if (!stream->is_lost && ml_dns_plausible(message, true, dns->kind) == ML_MATCH_YES) {
        state_gathered(dns, stream, message.len, true);
    }
}

/*
 * One message off the front; false when there is none yet. Behind a hole a segment that begins with a message puts the
 * stream in step again; any other is let go.
 */
static bool take_message(struct dns *dns, struct stream *stream)
{
    struct ml_reader rd = ml_rd_open(ml_gather_span(&stream->gather));
    uint16_t len = 0;
    if (!ml_rd_u16(&rd, &len)) {
        return false;
    }
    bool is_whole = ml_rd_left(&rd) >= len;
    enum ml_match match = ml_dns_plausible(ml_span_cut(ml_rd_rest(&rd), 0, len), !is_whole, dns->kind);
    if (match == ML_MATCH_NO) {
        ml_count(dns->env->counters, ML_COUNT_BAD_DNS);
        lose(stream);
        return false;
    }
    if (!is_whole) {
        return false;
    }
    stream->is_lost = false;
    state_gathered(dns, stream, len, false);
    ml_gather_drop(&stream->gather, LENGTH + (size_t)len);
    return true;
}

static bool begin_streams(struct dns *dns)
{
    dns->streams = ml_mem_array(2, sizeof *dns->streams);
    if (dns->streams == NULL) {
        ml_count(dns->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    ml_gather_init(&dns->streams[ML_UP].gather, ML_MAX_MESSAGE);
    ml_gather_init(&dns->streams[ML_DOWN].gather, ML_MAX_MESSAGE);
    return true;
}

/* False when memory runs out. */
static bool feed_stream(struct dns *dns, const struct ml_chunk *chunk)
{
    if (dns->streams == NULL && !begin_streams(dns)) {
        return false;
    }
    struct stream *stream = &dns->streams[chunk->dir];
    if (chunk->gap_len != 0) {
        state_rest(dns, stream);
        lose(stream);
        return true;
    }
    stream->last = *chunk;
    stream->last.bytes = ml_span_of(NULL, 0);
    if (!ml_gather_add(&stream->gather, chunk)) {
        ml_count(dns->env->counters, ML_COUNT_LIMIT_MESSAGE);
        lose(stream);
        return true;
    }
    while (take_message(dns, stream)) {
    }
    return true;
}

/* --- the parsers --- */

static void *create(struct ml_proto_env *env, enum ml_dns_kind kind)
{
    struct dns *dns = ml_pool_get(&env->pools[ML_POOL_DNS], sizeof *dns);
    if (dns != NULL) {
        dns->env = env;
        dns->kind = kind;
    }
    return dns;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    if (!chunk->is_datagram) {
        return feed_stream(self, chunk);
    }
    feed_datagram(self, chunk);
    return true;
}

static void destroy(void *self)
{
    struct dns *dns = self;
    for (int dir = ML_UP; dns->streams != NULL && dir <= ML_DOWN; dir++) {
        state_rest(dns, &dns->streams[dir]);
        ml_gather_fini(&dns->streams[dir].gather);
    }
    ml_mem_free(dns->streams);
    ml_pool_put(&dns->env->pools[ML_POOL_DNS], dns);
}

static enum ml_match probe_dns(const struct ml_chunk *first)
{
    return probe(first, ML_DNS_PLAIN);
}

static enum ml_match probe_mdns(const struct ml_chunk *first)
{
    return probe(first, ML_DNS_MULTICAST);
}

static enum ml_match probe_llmnr(const struct ml_chunk *first)
{
    return probe(first, ML_DNS_LINK_LOCAL);
}

static enum ml_match probe_nbns(const struct ml_chunk *first)
{
    return probe(first, ML_DNS_NETBIOS);
}

static void *create_dns(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    return create(env, ML_DNS_PLAIN);
}

static void *create_mdns(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    return create(env, ML_DNS_MULTICAST);
}

static void *create_llmnr(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    return create(env, ML_DNS_LINK_LOCAL);
}

static void *create_nbns(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    return create(env, ML_DNS_NETBIOS);
}

const struct ml_parser ml_parser_dns = {
    .name = "dns",
    .over = ML_OVER_TCP | ML_OVER_UDP,
    .probe = probe_dns,
    .create = create_dns,
    .feed = feed,
    .destroy = destroy,
};

const struct ml_parser ml_parser_mdns = {
    .name = "mdns",
    .over = ML_OVER_UDP,
    .probe = probe_mdns,
    .create = create_mdns,
    .feed = feed,
    .destroy = destroy,
};

const struct ml_parser ml_parser_llmnr = {
    .name = "llmnr",
    .over = ML_OVER_TCP | ML_OVER_UDP,
    .probe = probe_llmnr,
    .create = create_llmnr,
    .feed = feed,
    .destroy = destroy,
};

const struct ml_parser ml_parser_nbns = {
    .name = "nbns",
    .over = ML_OVER_UDP,
    .probe = probe_nbns,
    .create = create_nbns,
    .feed = feed,
    .destroy = destroy,
};
