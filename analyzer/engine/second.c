/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/second.h"

#include "engine/shard.h"

enum {
    N_WAITING = 3,       /* a handshake of TCP */
    LARGEST_WAITING = 96 /* bytes of such a packet, options included; a longer one is shown at once */
};

/* Packets without payload, in order. */
struct ml_second_waiting {
    int64_t time_ns[N_WAITING];
    uint8_t n;
    uint8_t len[N_WAITING];
    uint8_t dir[N_WAITING]; /* enum ml_dir */
    uint8_t bytes[N_WAITING][LARGEST_WAITING];
};

/* --- packets that wait --- */

static bool put_aside(struct ml_second_env *env, struct ml_second *second, const struct ml_segment *segment,
                      enum ml_dir dir)
{
    if (segment->ip_proto != ML_IP_TCP || segment->payload_len != 0 || second->ndpi != NULL ||
        segment->ip.len > LARGEST_WAITING) {
        return false;
    }
    struct ml_second_waiting *waiting = second->waiting;
    if (waiting == NULL) {
        waiting = ml_pool_get(&env->waiting, sizeof *waiting);
        second->waiting = waiting;
    }
    if (waiting == NULL || waiting->n == N_WAITING) {
        return false;
    }
    waiting->time_ns[waiting->n] = segment->time_ns;
    waiting->len[waiting->n] = (uint8_t)segment->ip.len;
    waiting->dir[waiting->n] = (uint8_t)dir;
    memcpy(waiting->bytes[waiting->n], segment->ip.ptr, segment->ip.len);
    waiting->n++;
    return true;
}

static void drop_waiting(struct ml_second_env *env, struct ml_second *second)
{
    ml_pool_put(&env->waiting, second->waiting);
    second->waiting = NULL;
}

/* False: nDPI wants no more, or there is no memory to ask it. */
static bool show(struct ml_second_env *env, struct ml_second *second, const struct ml_segment *segment, enum ml_dir dir)
{
    if (second->ndpi == NULL) {
        second->ndpi = ml_ndpi_flow_new(env->ndpi);
    }
    return second->ndpi != NULL && ml_ndpi_feed(env->ndpi, second->ndpi, segment, dir);
}

static bool show_waiting(struct ml_second_env *env, struct ml_second *second, const struct ml_flow *flow)
{
    const struct ml_second_waiting *waiting = second->waiting;
    bool is_wanted = true;
    for (size_t i = 0; waiting != NULL && i < waiting->n && is_wanted; i++) {
        enum ml_dir dir = (enum ml_dir)waiting->dir[i];
        const struct ml_segment segment = {.time_ns = waiting->time_ns[i],
                                           .src = dir == ML_UP ? flow->client : flow->server,
                                           .dst = dir == ML_UP ? flow->server : flow->client,
                                           .ip_proto = flow->ip_proto,
                                           .ip = ml_span_of(waiting->bytes[i], waiting->len[i])};
        is_wanted = show(env, second, &segment, dir);
    }
    drop_waiting(env, second);
    return is_wanted;
}

/* --- answers by name --- */

/* Is this the first payload of the flow, whole, in a packet that says the truth on its length? */
static bool is_first_message(const struct ml_flow *flow, const struct ml_segment *segment)
{
    return flow->payload_bytes[ML_UP] + flow->payload_bytes[ML_DOWN] == segment->payload_len && !segment->is_cut &&
           segment->ip.len == segment->ip_len;
}

/* Does nDPI take the packet for a query of DNS, and of no kin of it? (RFC 1035, section 4.1.1: opcode 0.) */
static bool is_plain_query(const struct ml_flow *flow, const struct ml_segment *segment)
{
    enum { DNS_PORT = 53, MDNS_PORT = 5353, OPCODE_AT = 2, OPCODE = 0x78 };
    return flow->server_port == DNS_PORT && flow->client_port != MDNS_PORT && segment->payload.len > OPCODE_AT &&
           (segment->payload.ptr[OPCODE_AT] & OPCODE) == 0;
}

/* Does nDPI read the hello: in a record of TLS, not one of SSL 2.0? */
static bool begins_record(const struct ml_segment *segment)
{
    enum { HANDSHAKE = 22 };
    return segment->payload.len != 0 && segment->payload.ptr[0] == HANDSHAKE;
}

/*
 * Takes nDPI's answer from the name that our parsers read in the flow's first payload: what nDPI has not seen whole and
 * in its first look it may judge by other signs.
 */
static enum ml_ndpi_told try_name(struct ml_second_env *env, struct ml_flow *flow, const struct ml_segment *segment)
{
    const struct ml_fact *fact = flow->facts;
    bool is_query = fact->kind == ML_FACT_DNS_QUERY && fact->layers[0] == ML_LAYER_UDP && is_plain_query(flow, segment);
    bool is_hello = fact->kind == ML_FACT_TLS_CLIENT_HELLO && fact->n_layers == 2 && fact->layers[0] == ML_LAYER_TCP &&
                    begins_record(segment);
    if (!is_first_message(flow, segment) || (!is_query && !is_hello)) {
        return ML_NDPI_MUST_SEE;
    }
    struct ml_span name = ml_attr_text(ml_fact_attr(fact, is_query ? ML_F_DNS_NAME : ML_F_TLS_SNI));
    struct ml_flow_note *note = flow->verdict;
    return ml_ndpi_named(env->ndpi, is_query ? ML_NDPI_DNS : ML_NDPI_TLS, name, segment, &note->ndpi);
}

/* Does the server's first message show no certificate, as that of TLS 1.3 does not? */
static bool hides_certificate(const struct ml_flow *flow)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        if (fact->kind == ML_FACT_TLS_SERVER_HELLO) {
            return ml_span_equal(ml_attr_text(ml_fact_attr(fact, ML_F_TLS_VERSION)), ml_span_text("TLS 1.3"));
        }
    }
    return false;
}

/* --- what is asked --- */

/* What comes behind the client's hello may show a certificate, that of the client too; until then nothing is shown. */
static bool see_rest(struct ml_second_env *env, struct ml_second *second, struct ml_flow *flow,
                     const struct ml_segment *segment, enum ml_dir dir)
{
    if (second->ndpi == NULL && segment->payload_len == 0) {
        return false;
    }
    if (second->ndpi == NULL && dir == ML_DOWN && hides_certificate(flow)) {
        return true;
    }
    return !show(env, second, segment, dir);
}

bool ml_second_see(struct ml_second_env *env, struct ml_second *second, struct ml_flow *flow,
                   const struct ml_segment *segment, enum ml_dir dir)
{
    if (second->awaits_rest) {
        return see_rest(env, second, flow, segment, dir);
    }
    if (put_aside(env, second, segment, dir)) {
        return false;
    }
    if (flow->facts != NULL && !second->tried_name) {
        struct ml_flow_note *note = flow->verdict;
        second->tried_name = true;
        enum ml_ndpi_told told = try_name(env, flow, segment);
        note->has_ndpi = told != ML_NDPI_MUST_SEE;
        if (note->has_ndpi) {
            drop_waiting(env, second);
            ml_ndpi_flow_free(env->ndpi, second->ndpi);
            second->ndpi = NULL;
            second->awaits_rest = told == ML_NDPI_UNLESS_MORE;
            return !second->awaits_rest;
        }
    }
    return !show_waiting(env, second, flow) || !show(env, second, segment, dir);
}

void ml_second_end(struct ml_second_env *env, struct ml_second *second, struct ml_flow *flow)
{
    struct ml_flow_note *note = flow->verdict;
    if (second->waiting != NULL) {
        second->waiting->n = 1; /* without payload nDPI goes by ports and addresses: one packet has them */
    }
    (void)show_waiting(env, second, flow);
    if (second->ndpi != NULL) {
        struct ml_ndpi_answer answer;
        ml_ndpi_answer(env->ndpi, second->ndpi, &answer);
        bool has_named = answer.app[0] != '\0' && !answer.is_by_address;
        if (!second->awaits_rest || has_named) {
            note->ndpi = answer;
        }
        note->has_ndpi = true;
        ml_ndpi_flow_free(env->ndpi, second->ndpi);
        second->ndpi = NULL;
    }
}
