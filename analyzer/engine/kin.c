/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kin.h"

#include "core/hash.h"
#include "core/mem.h"

enum {
    MIN_ICE_NAME = 4, /* RFC 8839, section 5.4 */
    SOCKET_KEY = 4 + sizeof(struct ml_ip) + 2,
    SESSION_KEY = 4 + 2 * 8,
    FIRST_ROOM = 64
};

static bool has_kind(const struct ml_kin_kinds *kinds, unsigned kind)
{
    return (kinds->bits[kind / 64] >> kind % 64 & UINT64_C(1)) != 0;
}

static void add_kind(struct ml_kin_kinds *kinds, unsigned kind)
{
    kinds->bits[kind / 64] |= UINT64_C(1) << kind % 64;
}

void ml_kin_init(struct ml_kin *kin, const struct ml_apps *apps)
{
    memset(kin, 0, sizeof *kin);
    kin->apps = apps;
    ml_map_init(&kin->socket_index, UINT32_MAX - 1);
    ml_map_init(&kin->sessions, UINT32_MAX - 1);
    for (unsigned kind = ML_FACT_NONE + 1; kind < ML_N_FACT_KINDS; kind++) {
        if (ml_apps_has_signature(apps, ml_span_text(ml_fact_kind_name((enum ml_fact_kind)kind)))) {
            add_kind(&kin->known, kind);
        }
    }
}

bool ml_kin_is_signature(const struct ml_kin *kin, enum ml_fact_kind kind)
{
    return has_kind(&kin->known, kind);
}

void ml_kin_fini(struct ml_kin *kin)
{
    ml_map_fini(&kin->socket_index);
    ml_map_fini(&kin->sessions);
    ml_mem_free(kin->sockets);
    ml_mem_free(kin->flows);
    ml_mem_free(kin->sets);
    memset(kin, 0, sizeof *kin);
}

/* --- families --- */

static uint32_t speaker_of(struct ml_kin *kin, uint32_t flow)
{
    while (kin->flows[flow].parent != flow) {
        kin->flows[flow].parent = kin->flows[kin->flows[flow].parent].parent; /* shorter for the next who asks */
        flow = kin->flows[flow].parent;
    }
    return flow;
}

static void unite(struct ml_kin *kin, uint32_t a, uint32_t b)
{
    uint32_t first = speaker_of(kin, a);
    uint32_t second = speaker_of(kin, b);
    if (first == second) {
        return;
    }
    if (first > second) { /* the earliest flow speaks */
        uint32_t other = first;
        first = second;
        second = other;
    }
    struct ml_kin_flow *speaker = &kin->flows[first];
    struct ml_kin_flow *member = &kin->flows[second];
    member->parent = first;
    bool is_first_subject = speaker->subject == 0 || (member->subject != 0 && member->subject < speaker->subject);
    speaker->subject = is_first_subject ? member->subject : speaker->subject;
    if (speaker->set == 0) {
        speaker->set = member->set;
    } else if (member->set != 0) {
        for (unsigned i = 0; i < ML_KIN_WORDS; i++) {
            kin->sets[speaker->set - 1].bits[i] |= kin->sets[member->set - 1].bits[i];
        }
    }
}

/* --- what ties flows together --- */

/* Ports that many clients talk to are nobody's socket, whoever was seen to speak first. */
static bool is_service_port(uint16_t port)
{
    return port < 1024 || (port >= 3478 && port <= 3481) || (port >= 19302 && port <= 19309) || port == 5353;
}

static void socket_key(uint32_t input, const struct ml_ip *ip, uint16_t port, uint8_t key[SOCKET_KEY])
{
    memcpy(key, &input, 4);
    memcpy(key + 4, ip, sizeof *ip);
    memcpy(key + 4 + sizeof *ip, &port, 2);
}

/* Ties the flow to the last one of the socket, when that is still in use. */
static bool meet_socket(struct ml_kin *kin, uint32_t index, const struct ml_flow *flow, const uint8_t key[SOCKET_KEY],
                        bool is_new_allowed)
{
    struct ml_span text = ml_span_of(key, SOCKET_KEY);
    struct ml_map_entry *entry = ml_map_find(&kin->socket_index, text);
    if (entry == NULL && !is_new_allowed) {
        return true;
    }
    if (entry == NULL) {
        struct ml_kin_socket *sockets =
            ml_mem_grow(kin->sockets, kin->n_sockets, &kin->socket_room, FIRST_ROOM, sizeof *kin->sockets);
        if (sockets == NULL) {
            return false;
        }
        kin->sockets = sockets;
        kin->sockets[kin->n_sockets] = (struct ml_kin_socket){.flow = index, .last_ns = flow->last_ns};
        return ml_map_add(&kin->socket_index, text, (uint32_t)kin->n_sockets++, NULL) != NULL;
    }
    struct ml_kin_socket *socket = &kin->sockets[entry->value];
    if (flow->first_ns <= socket->last_ns + ML_FLOW_IDLE_OTHER_S * INT64_C(1000000000)) {
        unite(kin, index, socket->flow);
        socket->last_ns = flow->last_ns > socket->last_ns ? flow->last_ns : socket->last_ns;
    } else if (is_new_allowed) { /* the number went to somebody else */
        *socket = (struct ml_kin_socket){.flow = index, .last_ns = flow->last_ns};
    }
    return true;
}

/* The two names of a connectivity check, whoever sends it; false when the user name is none of ICE. */
static bool session_key(uint32_t input, struct ml_span user, uint8_t key[SESSION_KEY])
{
    size_t colon = ml_span_find(user, ml_span_text(":"));
    struct ml_span first = ml_span_cut(user, 0, colon);
    struct ml_span second = ml_span_cut(user, colon + 1, user.len);
    bool is_ice = first.len >= MIN_ICE_NAME && second.len >= MIN_ICE_NAME &&
                  ml_span_find(second, ml_span_text(":")) == second.len;
    if (!is_ice) {
        return false;
    }
    if (ml_span_compare(first, second) > 0) {
        struct ml_span other = first;
        first = second;
        second = other;
    }
    uint64_t hashes[2] = {ml_hash_seed(first, 1), ml_hash_seed(second, 2)};
    memcpy(key, &input, 4);
    memcpy(key + 4, hashes, sizeof hashes);
    return true;
}

static bool meet_session(struct ml_kin *kin, uint32_t index, const struct ml_fact *fact, uint32_t input)
{
    uint8_t key[SESSION_KEY];
    struct ml_span method = ml_attr_text(ml_fact_attr(fact, ML_F_STUN_METHOD));
    struct ml_span user = ml_attr_text(ml_fact_attr(fact, ML_F_STUN_USERNAME));
    if (!ml_span_equal(method, ml_span_text("binding")) || !session_key(input, user, key)) {
        return true;
    }
    bool is_new = false;
    struct ml_map_entry *entry = ml_map_add(&kin->sessions, ml_span_of(key, sizeof key), index, &is_new);
    if (entry == NULL) {
        return false;
    }
    if (!is_new) {
        unite(kin, index, entry->value);
    }
    return true;
}

/* --- adding --- */

struct ml_span ml_kin_own_subject(const struct ml_flow *flow)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        const struct ml_attr *attr =
            fact->kind == ML_FACT_TLS_CERTIFICATE ? ml_fact_attr(fact, ML_F_TLS_CERT_SUBJECT) : NULL;
        if (attr != NULL && attr->sensitivity < ML_SENS_PERSONAL) {
            return ml_attr_text(attr);
        }
    }
    return ml_span_of(NULL, 0);
}

static bool add_signature(struct ml_kin *kin, uint32_t index, unsigned kind)
{
    struct ml_kin_flow *flow = &kin->flows[index];
    if (flow->set == 0) {
        struct ml_kin_kinds *sets = ml_mem_grow(kin->sets, kin->n_sets, &kin->set_room, FIRST_ROOM, sizeof *kin->sets);
        if (sets == NULL) {
            return false;
        }
        kin->sets = sets;
        kin->sets[kin->n_sets] = (struct ml_kin_kinds){{0}};
        flow->set = (uint32_t)++kin->n_sets;
    }
    flow->has_own = true;
    add_kind(&kin->sets[flow->set - 1], kind);
    return true;
}

static bool add_facts(struct ml_kin *kin, uint32_t index, const struct ml_flow *flow, bool *is_call)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        bool is_signature = ml_kin_is_signature(kin, fact->kind);
        if (is_signature && !add_signature(kin, index, fact->kind)) {
            return false;
        }
        *is_call = *is_call || is_signature || fact->kind == ML_FACT_STUN_MESSAGE || fact->kind == ML_FACT_RTP_STREAM;
    }
    return true;
}

static bool add_sessions(struct ml_kin *kin, uint32_t index, const struct ml_flow *flow, uint32_t input)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        if (fact->kind == ML_FACT_STUN_MESSAGE && !meet_session(kin, index, fact, input)) {
            return false;
        }
    }
    return true;
}

bool ml_kin_add(struct ml_kin *kin, const struct ml_flow *flow, uint32_t input)
{
    struct ml_kin_flow *flows = ml_mem_grow(kin->flows, kin->n_flows, &kin->flow_room, FIRST_ROOM, sizeof *kin->flows);
    if (flows == NULL) {
        return false;
    }
    uint32_t index = (uint32_t)kin->n_flows++;
    uint8_t key[SOCKET_KEY];
    bool is_call = false;
    kin->flows = flows;
    kin->flows[index] = (struct ml_kin_flow){.parent = index};
    if (flow->ip_proto != ML_IP_UDP) {
        return true;
    }
    if (ml_apps_has_subject(kin->apps, ml_kin_own_subject(flow))) {
        kin->flows[index].has_subject = true;
        kin->flows[index].subject = index + 1;
    }
    if (!add_facts(kin, index, flow, &is_call) || !add_sessions(kin, index, flow, input)) {
        return false;
    }
    socket_key(input, &flow->client, flow->client_port, key);
    if (!meet_socket(kin, index, flow, key, is_call && !is_service_port(flow->client_port))) {
        return false;
    }
    socket_key(input, &flow->server, flow->server_port, key);
    return meet_socket(kin, index, flow, key, false);
}

static const struct ml_kin_flow *speaker_for(const struct ml_kin *kin, size_t index)
{
    uint32_t speaker = (uint32_t)index;
    while (kin->flows[speaker].parent != speaker) {
        speaker = kin->flows[speaker].parent;
    }
    return &kin->flows[speaker];
}

bool ml_kin_subject(const struct ml_kin *kin, size_t index, size_t *of)
{
    *of = 0;
    if (index >= kin->n_flows || kin->flows[index].has_own || kin->flows[index].has_subject) {
        return false;
    }
    uint32_t subject = speaker_for(kin, index)->subject;
    *of = subject != 0 ? subject - 1 : 0;
    return subject != 0;
}

size_t ml_kin_signatures(const struct ml_kin *kin, size_t index, const char *out[ML_KIN_MAX_SIGNATURES])
{
    size_t n = 0;
    if (index >= kin->n_flows || kin->flows[index].has_own) {
        return 0;
    }
    uint32_t set = speaker_for(kin, index)->set;
    for (unsigned kind = 0; set != 0 && kind < ML_N_FACT_KINDS && n < ML_KIN_MAX_SIGNATURES; kind++) {
        if (has_kind(&kin->sets[set - 1], kind)) {
            out[n++] = ml_fact_kind_name((enum ml_fact_kind)kind);
        }
    }
    return n;
}
