/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/ndpi.h"

#include "core/hash.h"
#include "core/mem.h"

#include <arpa/inet.h>
#include <stddef.h>

/* Shows the module's structure where nDPI's headers hold it: its caches are what modules that share must not share. */
#define NDPI_LIB_COMPILATION
#include <ndpi_api.h>

#define NDPI_VERSION (NDPI_MAJOR * 100 + NDPI_MINOR)

enum {
    /* nDPI takes lengths as 16 bit. */
    LARGEST_PACKET = UINT16_MAX,
    /* How far its dissectors have been seen to read past the end is a handful of bytes; this is plenty. */
    PADDING = 256
};

/* What nDPI remembers across flows. Made by nDPI when first used, so NULL at first. */
#if NDPI_VERSION == 402
enum { CAN_SHARE = 1 };
struct memory {
    struct ndpi_lru_cache *ookla, *bittorrent, *zoom, *stun, *tls_cert, *mining, *msteams;
    struct cache *tinc;
};
#else
enum { CAN_SHARE = 0 }; /* the structure is hidden from 4.4 on, or not known well enough */
struct memory {
    bool unused;
};
#endif

enum {
    HTTPS_PORT = 443,
    LARGEST_NAME = 80,   /* what a flow of nDPI has room for, zero byte included */
    N_REMEMBERED = 16384 /* names of a capture that comes from many devices; 82 bytes each, touched when used */
};

/* A name that was looked up in nDPI's table. */
struct remembered {
    uint8_t len; /* 0: nothing yet */
    char name[LARGEST_NAME - 1];
    uint16_t app; /* nDPI's id, 0: nobody's */
};

/* nDPI's tables and the room for a packet: shared by the modules of one thread. */
struct tables {
    struct remembered names[N_REMEMBERED];       /* by hash */
    struct ndpi_detection_module_struct *module; /* owned */
    struct ml_ndpi *user;                        /* whose memory is in the module now; NULL: nobody's */
    struct ml_ndpi_flow *pool;                   /* ended flows, owned */
    unsigned n_pool;
    unsigned n_users;
    uint8_t packet[LARGEST_PACKET + PADDING];
};

struct ml_ndpi {
    struct tables *tables; /* freed with its last user */
    struct memory memory;  /* while another is the user */
};

struct ml_ndpi_flow {
    struct ml_ndpi_flow *next; /* in the pool */
    uint32_t shown;            /* packets */
    bool is_final;
    bool is_tcp;
    uint16_t master, app; /* nDPI's ids, 0 unknown; they do not leave this file */
    struct ml_ip ends[2]; /* source and destination of the first packet */
    struct ndpi_flow_struct state;
};

/* --- what modules that share must not share --- */

#if NDPI_VERSION == 402
/* Swaps what the module remembers. */
static void swap_memory(struct ndpi_detection_module_struct *module, struct memory *memory)
{
    const struct memory was = {.ookla = module->ookla_cache,
                               .bittorrent = module->bittorrent_cache,
                               .zoom = module->zoom_cache,
                               .stun = module->stun_cache,
                               .tls_cert = module->tls_cert_cache,
                               .mining = module->mining_cache,
                               .msteams = module->msteams_cache,
                               .tinc = module->tinc_cache};
    module->ookla_cache = memory->ookla;
    module->bittorrent_cache = memory->bittorrent;
    module->zoom_cache = memory->zoom;
    module->stun_cache = memory->stun;
    module->tls_cert_cache = memory->tls_cert;
    module->mining_cache = memory->mining;
    module->msteams_cache = memory->msteams;
    module->tinc_cache = memory->tinc;
    /* What is left of another's packet must not be seen either. */
    memset(&module->packet, 0, sizeof module->packet);
    *memory = was;
}

/* Is the library built with the structure that the header shows? */
static bool can_share(void)
{
    return CAN_SHARE && ndpi_get_ndpi_detection_module_size() == sizeof(struct ndpi_detection_module_struct);
}

void cache_free(struct cache *cache); /* the library has it, its headers do not */

static void free_memory(struct memory *memory)
{
    struct ndpi_lru_cache *caches[] = {memory->ookla,    memory->bittorrent, memory->zoom,   memory->stun,
                                       memory->tls_cert, memory->mining,     memory->msteams};
    for (size_t i = 0; i < sizeof caches / sizeof *caches; i++) {
        if (caches[i] != NULL) {
            ndpi_lru_free_cache(caches[i]);
        }
    }
    if (memory->tinc != NULL) {
        cache_free(memory->tinc);
    }
}
#else
static void swap_memory(struct ndpi_detection_module_struct *module, struct memory *memory)
{
    (void)module;
    (void)memory;
}

static bool can_share(void)
{
    return CAN_SHARE;
}

static void free_memory(struct memory *memory)
{
    (void)memory;
}
#endif

/* The module, with nobody's memory in it but this one's. */
static struct ndpi_detection_module_struct *module_of(struct ml_ndpi *ndpi)
{
    struct tables *tables = ndpi->tables;
    if (tables->user != ndpi) {
        if (tables->user != NULL) {
            swap_memory(tables->module, &tables->user->memory);
        }
        swap_memory(tables->module, &ndpi->memory);
        tables->user = ndpi;
    }
    return tables->module;
}

/* --- what differs between nDPI's versions --- */

static struct ndpi_detection_module_struct *open_module(void)
{
#if NDPI_VERSION >= 410
    return ndpi_init_detection_module(NULL);
#else
    return ndpi_init_detection_module(ndpi_no_prefs);
#endif
}

/* All protocols are on from 5.0. */
static void enable_all(struct ndpi_detection_module_struct *module)
{
#if NDPI_VERSION < 500
    NDPI_PROTOCOL_BITMASK all;
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(module, &all);
#else
    (void)module;
#endif
}

static bool finish_module(struct ndpi_detection_module_struct *module)
{
#if NDPI_VERSION >= 410
    return ndpi_finalize_initialization(module) == 0;
#else
    ndpi_finalize_initialization(module);
    return true;
#endif
}

static void keep(struct ml_ndpi_flow *flow, ndpi_protocol found)
{
#if NDPI_VERSION >= 411
    flow->master = found.proto.master_protocol;
    flow->app = found.proto.app_protocol;
#else
    flow->master = found.master_protocol;
    flow->app = found.app_protocol;
#endif
}

static ndpi_protocol process(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, unsigned short len, uint64_t time_ms)
{
#if NDPI_VERSION >= 406
    return ndpi_detection_process_packet(module_of(ndpi), &flow->state, ndpi->tables->packet, len, time_ms, NULL);
#else
    return ndpi_detection_process_packet(module_of(ndpi), &flow->state, ndpi->tables->packet, len, time_ms);
#endif
}

/* Has nDPI named the flow, with nothing left that it still waits for (a certificate, an HTTP answer)? */
static bool is_complete(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, ndpi_protocol found)
{
#if NDPI_VERSION >= 500
    (void)ndpi;
    return (found.state == NDPI_STATE_CLASSIFIED || found.state == NDPI_STATE_MONITORING) &&
           flow->state.extra_packets_func == NULL;
#else
    (void)found;
    return flow->app != NDPI_PROTOCOL_UNKNOWN && !ndpi_extra_dissection_possible(module_of(ndpi), &flow->state);
#endif
}

static ndpi_protocol give_up(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow)
{
#if NDPI_VERSION >= 500
    return ndpi_detection_giveup(module_of(ndpi), &flow->state);
#elif NDPI_VERSION >= 410
    uint8_t was_guessed = 0;
    return ndpi_detection_giveup(module_of(ndpi), &flow->state, &was_guessed);
#else
    uint8_t was_guessed = 0;
    return ndpi_detection_giveup(module_of(ndpi), &flow->state, 1, &was_guessed);
#endif
}

#if NDPI_VERSION < 406
/* Whom nDPI's own address table gives the address to, 0 nobody. The table knows IPv4 only. */
static uint16_t owner_of(struct ml_ndpi *ndpi, const struct ml_ip *ip)
{
    if (ip->family != 4) {
        return NDPI_PROTOCOL_UNKNOWN;
    }
    struct in_addr address;
    memcpy(&address, ip->bytes, sizeof address);
    return ndpi_network_ptree_match(module_of(ndpi), &address);
}

static bool does_name_say(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow)
{
    char *host = (char *)flow->state.host_server_name;
    size_t len = strnlen(host, sizeof flow->state.host_server_name);
    ndpi_protocol_match_result match = {0};
    return len != 0 && ndpi_match_string_subprotocol(module_of(ndpi), host, (unsigned)len, &match) == flow->app;
}

/*
 * Up to 4.4 a generic protocol (TLS, STUN ...) with an address out of nDPI's table got the owner of the address as its
 * application, with confidence "DPI". STUN turns the owners Facebook and Google into their call services on the way.
 */
static bool is_owner_of_address(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow)
{
    if (flow->master == NDPI_PROTOCOL_UNKNOWN || flow->app == flow->master) {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        uint16_t owner = owner_of(ndpi, &flow->ends[i]);
        bool is_same = owner == flow->app ||
                       (owner == NDPI_PROTOCOL_FACEBOOK && flow->app == NDPI_PROTOCOL_FACEBOOK_VOIP) ||
                       (owner == NDPI_PROTOCOL_GOOGLE && flow->app == NDPI_PROTOCOL_HANGOUT_DUO);
        if (owner != NDPI_PROTOCOL_UNKNOWN && is_same) {
            return !does_name_say(ndpi, flow);
        }
    }
    return false;
}
#else
static bool is_owner_of_address(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow)
{
    (void)ndpi;
    (void)flow;
    return false;
}
#endif

/* --- the same for all --- */

static void tables_free(struct tables *tables)
{
    while (tables->pool != NULL) {
        struct ml_ndpi_flow *flow = tables->pool;
        tables->pool = flow->next;
        ml_mem_free(flow);
    }
    if (tables->module != NULL) {
        ndpi_exit_detection_module(tables->module);
    }
    ml_mem_free(tables);
}

static struct tables *tables_new(void)
{
    struct tables *tables = ml_mem_array(1, sizeof *tables);
    if (tables == NULL) {
        return NULL;
    }
    tables->module = open_module();
    if (tables->module != NULL) {
        enable_all(tables->module);
        if (finish_module(tables->module)) {
            return tables;
        }
    }
    tables_free(tables);
    return NULL;
}

struct ml_ndpi *ml_ndpi_new(struct ml_ndpi *peer)
{
    struct ml_ndpi *ndpi = ml_mem_array(1, sizeof *ndpi);
    if (ndpi == NULL) {
        return NULL;
    }
    ndpi->tables = peer != NULL && can_share() ? peer->tables : tables_new();
    if (ndpi->tables == NULL) {
        ml_mem_free(ndpi);
        return NULL;
    }
    ndpi->tables->n_users++;
    return ndpi;
}

void ml_ndpi_free(struct ml_ndpi *ndpi)
{
    if (ndpi == NULL) {
        return;
    }
    struct tables *tables = ndpi->tables;
    if (tables->user == ndpi && can_share()) {
        swap_memory(tables->module, &ndpi->memory); /* the module's own is empty, and ends with it */
        tables->user = NULL;
    }
    free_memory(&ndpi->memory);
    ml_mem_free(ndpi);
    if (--tables->n_users == 0) {
        tables_free(tables);
    }
}

const char *ml_ndpi_version(void)
{
    return ndpi_revision();
}

struct ml_ndpi_flow *ml_ndpi_flow_new(struct ml_ndpi *ndpi)
{
    if (ndpi == NULL) {
        return NULL;
    }
    struct ml_ndpi_flow *flow = ndpi->tables->pool;
    if (flow == NULL) {
        return ml_mem_array(1, sizeof *flow);
    }
    ndpi->tables->pool = flow->next;
    ndpi->tables->n_pool--;
    memset(flow, 0, sizeof *flow);
    return flow;
}

void ml_ndpi_flow_free(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow)
{
    if (flow == NULL) {
        return;
    }
    ndpi_free_flow_data(&flow->state);
    if (ndpi->tables->n_pool == ML_MAX_NDPI_POOL) {
        ml_mem_free(flow);
        return;
    }
    flow->next = ndpi->tables->pool;
    ndpi->tables->pool = flow;
    ndpi->tables->n_pool++;
}

static void copy_padded(struct ml_ndpi *ndpi, struct ml_span packet)
{
    memcpy(ndpi->tables->packet, packet.ptr, packet.len);
    memset(ndpi->tables->packet + packet.len, 0, PADDING);
}

bool ml_ndpi_feed(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, const struct ml_segment *segment, enum ml_dir dir)
{
    (void)dir;
    if (flow->is_final) {
        return false;
    }
    struct ml_span packet = ml_span_cut(segment->ip, 0, LARGEST_PACKET);
    if (packet.len == 0) {
        return true;
    }
    if (flow->shown == 0) {
        flow->ends[0] = segment->src;
        flow->ends[1] = segment->dst;
        flow->is_tcp = segment->ip_proto == ML_IP_TCP;
    }
    flow->shown++;
    copy_padded(ndpi, packet);
    uint64_t time_ms = segment->time_ns > 0 ? (uint64_t)segment->time_ns / 1000000 : 0;
    ndpi_protocol found = process(ndpi, flow, (unsigned short)packet.len, time_ms);
    keep(flow, found);
    uint32_t limit = flow->is_tcp ? ML_MAX_NDPI_TCP_PACKETS : ML_MAX_NDPI_UDP_PACKETS;
    flow->is_final = flow->shown > limit || is_complete(ndpi, flow, found);
    return !flow->is_final;
}

static const char *name_of(struct ml_ndpi *ndpi, uint16_t protocol)
{
    const char *name = protocol == NDPI_PROTOCOL_UNKNOWN ? NULL : ndpi_get_proto_name(ndpi->tables->module, protocol);
    return name == NULL ? "" : name;
}

/* --- answers by name --- */

#if NDPI_VERSION == 402
/* The id that nDPI's table of names gives to a name, 0 none. */
static uint16_t look_up(struct ml_ndpi *ndpi, struct ml_span name)
{
    struct remembered *seen = &ndpi->tables->names[ml_hash(name) % N_REMEMBERED];
    if (!ml_span_equal(ml_span_of(seen->name, seen->len), name)) {
        char text[LARGEST_NAME];
        ndpi_protocol_match_result match = {0};
        memcpy(text, name.ptr, name.len);
        text[name.len] = '\0';
        seen->app = (uint16_t)ndpi_match_string_subprotocol(module_of(ndpi), text, (unsigned)name.len, &match);
        seen->len = (uint8_t)name.len;
        memcpy(seen->name, name.ptr, name.len);
    }
    return seen->app;
}

/* Is the name one that nDPI takes as it is: short, of letters, digits, dots, hyphens and underscores? */
static bool is_plain(struct ml_span name)
{
    bool is_so = name.len < LARGEST_NAME;
    for (size_t i = 0; i < name.len && is_so; i++) {
        uint8_t c = name.ptr[i];
        is_so = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    }
    return is_so;
}

/* Does nDPI remember such a flow, to name others by it? */
static bool is_learned_from(uint16_t app)
{
    return app == NDPI_PROTOCOL_ZOOM || app == NDPI_PROTOCOL_SKYPE_TEAMS || app == NDPI_PROTOCOL_MSTEAMS ||
           app == NDPI_PROTOCOL_OOKLA;
}

/* Did a certificate tell nDPI whose the server of a connection is? It would say so of the server's next ones. */
static bool is_known_server(struct ml_ndpi *ndpi, const struct ml_segment *to_server)
{
    struct ndpi_lru_cache *cache = module_of(ndpi)->tls_cert_cache;
    if (cache == NULL || to_server->dst.family != 4) {
        return false;
    }
    uint32_t address;
    uint16_t app;
    memcpy(&address, to_server->dst.bytes, sizeof address);
    return ndpi_lru_find_cache(cache, address + htons(to_server->dst_port), &app, 0) != 0;
}

/* Mail over TLS is known by its ports, Tor by names made up in this form. */
static bool may_say_more(struct ml_ndpi *ndpi, struct ml_span name, const struct ml_segment *to_server)
{
    struct ml_span end = ml_span_cut(name, name.len < 4 ? 0 : name.len - 4, 4);
    bool may_be_tor = ml_span_starts(name, "www.") &&
                      (ml_span_equal(end, ml_span_text(".com")) || ml_span_equal(end, ml_span_text(".net")));
    return to_server->dst_port != HTTPS_PORT || may_be_tor || is_known_server(ndpi, to_server);
}

static uint16_t owner_of_either(struct ml_ndpi *ndpi, const struct ml_segment *segment)
{
    uint16_t owner = owner_of(ndpi, &segment->src);
    return owner != NDPI_PROTOCOL_UNKNOWN ? owner : owner_of(ndpi, &segment->dst);
}

enum ml_ndpi_told ml_ndpi_named(struct ml_ndpi *ndpi, enum ml_ndpi_master master, struct ml_span name,
                                const struct ml_segment *segment, struct ml_ndpi_answer *answer)
{
    static const uint16_t masters[] = {[ML_NDPI_DNS] = NDPI_PROTOCOL_DNS, [ML_NDPI_TLS] = NDPI_PROTOCOL_TLS};
    if (!is_plain(name) || (name.len == 0 && master != ML_NDPI_TLS)) {
        return ML_NDPI_MUST_SEE;
    }
    uint16_t app = name.len != 0 ? look_up(ndpi, name) : NDPI_PROTOCOL_UNKNOWN;
    bool is_nobodys = app == NDPI_PROTOCOL_UNKNOWN;
    if (is_nobodys && master == ML_NDPI_TLS && may_say_more(ndpi, name, segment)) {
        return ML_NDPI_MUST_SEE;
    }
    app = is_nobodys ? owner_of_either(ndpi, segment) : app;
    if (is_learned_from(app)) {
        return ML_NDPI_MUST_SEE;
    }
    *answer = (struct ml_ndpi_answer){.master = name_of(ndpi, masters[master]),
                                      .app = name_of(ndpi, app),
                                      .confidence = ndpi_confidence_get_name(NDPI_CONFIDENCE_DPI),
                                      .is_by_address = is_nobodys && app != NDPI_PROTOCOL_UNKNOWN};
    return is_nobodys && master == ML_NDPI_TLS ? ML_NDPI_UNLESS_MORE : ML_NDPI_TOLD;
}
#else
enum ml_ndpi_told ml_ndpi_named(struct ml_ndpi *ndpi, enum ml_ndpi_master master, struct ml_span name,
                                const struct ml_segment *segment, struct ml_ndpi_answer *answer)
{
    (void)ndpi;
    (void)master;
    (void)name;
    (void)segment;
    (void)answer;
    return ML_NDPI_MUST_SEE;
}
#endif

void ml_ndpi_answer(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, struct ml_ndpi_answer *answer)
{
    /* A final answer with a name stands as it is; asking to give up would only undo what nDPI put right in it. */
    if (flow->shown != 0 && (!flow->is_final || flow->app == NDPI_PROTOCOL_UNKNOWN)) {
        keep(flow, give_up(ndpi, flow));
        flow->is_final = true;
    }
    bool is_alone =
        flow->master == NDPI_PROTOCOL_UNKNOWN || flow->app == NDPI_PROTOCOL_UNKNOWN || flow->app == flow->master;
    answer->master = name_of(ndpi, flow->master != NDPI_PROTOCOL_UNKNOWN ? flow->master : flow->app);
    answer->app = is_alone ? "" : name_of(ndpi, flow->app);
    const char *confidence = ndpi_confidence_get_name(flow->state.confidence);
    answer->confidence = confidence == NULL ? "Unknown" : confidence;
    answer->is_by_address = flow->state.confidence == NDPI_CONFIDENCE_MATCH_BY_PORT ||
                            flow->state.confidence == NDPI_CONFIDENCE_MATCH_BY_IP || is_owner_of_address(ndpi, flow);
}
