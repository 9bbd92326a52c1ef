/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demux - chooses the parser of a conversation by its first bytes.
 *
 * Streams have one parser; what comes before the choice is kept and replayed, so that no parser sees less than the
 * wire carried. Datagrams of one conversation may belong to several protocols (RFC 7983: STUN, DTLS and RTP share a
 * port pair), so each is offered to the parsers already at work, then to all. A parser that one datagram cannot
 * convince is on trial: it sees what nobody else claims, until it is certain or gives up.
 */
#include "core/mem.h"
#include "proto/demux_parts.h"
#include "proto/quic/paths.h"

void ml_proto_env_fini(struct ml_proto_env *env)
{
    for (size_t i = 0; i < ML_N_PROTO_TOOLS; i++) {
        if (env->tools[i].tool != NULL) {
            env->tools[i].end(env->tools[i].tool);
            env->tools[i].tool = NULL;
        }
    }
    for (size_t i = 0; i < ML_N_PROTO_POOLS; i++) {
        ml_pool_fini(&env->pools[i]);
    }
    ml_quic_paths_free(env->quic_paths);
    env->quic_paths = NULL;
}

void *ml_proto_tool(struct ml_proto_env *env, enum ml_proto_tool which, void *(*make)(void), void (*end)(void *))
{
    struct ml_proto_env *owner = env->peer != NULL ? env->peer : env;
    if (owner->tools[which].tool == NULL) {
        owner->tools[which].tool = make();
        owner->tools[which].end = end;
    }
    return owner->tools[which].tool;
}

struct ml_demux *ml_demux_new(struct ml_proto_env *env, struct ml_flow *flow, unsigned over)
{
    struct ml_demux *demux = ml_pool_get(&env->pools[ML_POOL_DEMUX], sizeof *demux);
    if (demux != NULL) {
        demux->env = env;
        demux->flow = flow;
        demux->over = over;
    }
    return demux;
}

/* False, and counted, when memory runs out. */
bool ml_demux_begin_choice(struct ml_demux *demux)
{
    if (demux->choice != NULL) {
        return true;
    }
    demux->choice = ml_pool_get(&demux->env->pools[ML_POOL_CHOICE], sizeof *demux->choice);
    if (demux->choice == NULL) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    ml_buf_init(&demux->choice->prefix[ML_UP], ML_DEMUX_PREFIX);
    ml_buf_init(&demux->choice->prefix[ML_DOWN], ML_DEMUX_PREFIX);
    return true;
}

size_t ml_demux_n_held(const struct ml_demux *demux)
{
    return demux->choice != NULL ? demux->choice->n_held : 0;
}

void ml_demux_drop_held(struct ml_demux *demux)
{
    struct ml_demux_choice *choice = demux->choice;
    if (choice == NULL) {
        return;
    }
    for (size_t i = 0; i < choice->n_held; i++) {
        ml_mem_free(choice->held[i].copy);
    }
    ml_mem_free(choice->held);
    choice->held = NULL;
    choice->n_held = choice->held_room = choice->held_bytes = 0;
    ml_buf_fini(&choice->prefix[ML_UP]);
    ml_buf_fini(&choice->prefix[ML_DOWN]);
}

/* --- the plain sink --- */

bool ml_demux_shows_bytes(const struct ml_demux *demux)
{
    return ml_plain_wants_bytes(demux->env->plain);
}

void ml_demux_show(const struct ml_demux *demux, const struct ml_chunk *chunk)
{
    const struct ml_plain plain = {.part = ML_PLAIN_BYTES, .chunk = chunk};
    demux->env->plain->take(demux->env->plain->context, &plain);
}

/* What waited for a parser that does not come. */
void ml_demux_show_held(const struct ml_demux *demux)
{
    for (size_t i = 0; i < ml_demux_n_held(demux) && ml_demux_shows_bytes(demux); i++) {
        ml_demux_show(demux, &demux->choice->held[i].chunk);
    }
}

enum ml_plain_of ml_demux_plain_of(const struct ml_demux *demux)
{
    return demux->n_active != 0 ? demux->active[0].parser->plain_of : ML_PLAIN_OF_STREAM;
}

void ml_demux_free(struct ml_demux *demux)
{
    if (demux == NULL) {
        return;
    }
    for (unsigned i = 0; i < demux->n_active; i++) {
        if (demux->active[i].self != NULL) {
            demux->active[i].parser->destroy(demux->active[i].self);
        }
    }
    for (unsigned i = 0; demux->choice != NULL && i < ML_DEMUX_TRIALS; i++) {
        const struct ml_demux_active *active = &demux->choice->trials[i].active;
        if (active->self != NULL) {
            active->parser->destroy(active->self);
        }
    }
    ml_demux_show_held(demux);
    ml_demux_drop_held(demux);
    ml_pool_put(&demux->env->pools[ML_POOL_CHOICE], demux->choice);
    ml_pool_put(&demux->env->pools[ML_POOL_DEMUX], demux);
}

size_t ml_demux_names(const struct ml_demux *demux, const char *names[], size_t max)
{
    size_t n = 0;
    for (unsigned i = 0; i < demux->n_active && n < max; i++) {
        names[n++] = demux->active[i].parser->name;
    }
    return n;
}

struct ml_chunk ml_chunk_inner(const struct ml_chunk *outer, enum ml_layer layer, struct ml_span bytes, uint64_t offset)
{
    struct ml_chunk inner = *outer;
    inner.bytes = bytes;
    inner.offset = offset;
    inner.gap_len = 0;
    if (inner.n_layers < ML_MAX_LAYERS) {
        inner.layers[inner.n_layers++] = (uint8_t)layer;
    }
    return inner;
}

struct ml_demux_active *ml_demux_activate(struct ml_demux *demux, const struct ml_parser *parser)
{
    void *self = parser->create(demux->env, demux->flow);
    if (self == NULL) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return NULL;
    }
    struct ml_demux_active *active = &demux->active[demux->n_active++];
    *active = (struct ml_demux_active){.parser = parser, .self = self};
    return active;
}

/* False once the parser wants no more; it is ended then. */
bool ml_demux_feed_active(struct ml_demux_active *active, const struct ml_chunk *chunk)
{
    if (active->self == NULL) {
        return false;
    }
    if (active->parser->feed(active->self, chunk)) {
        return true;
    }
    active->parser->destroy(active->self);
    active->self = NULL;
    return false;
}

enum ml_match ml_demux_ask(const struct ml_demux *demux, const struct ml_parser *parser, const struct ml_chunk *chunk)
{
    return parser->probe != NULL ? parser->probe(chunk) : parser->probe_with(demux->env, chunk);
}

/* False: no parser wants more. */
static bool feed_parsers(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    if (demux->gave_up) {
        return false;
    }
    if (chunk->is_datagram) {
        return ml_demux_feed_datagram(demux, chunk);
    }
    return demux->n_active != 0 ? ml_demux_feed_active(&demux->active[0], chunk) : ml_demux_choose(demux, chunk);
}

bool ml_demux_feed(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    uint64_t turn = ++demux->env->n_demuxed;
    size_t n_before = ml_demux_n_held(demux);
    bool wants_more = feed_parsers(demux, chunk);
    bool is_kept = ml_demux_n_held(demux) > n_before; /* shown once it is known whose it is */
    if (!wants_more && !demux->gave_up) {
        demux->gave_up = true;
        ml_demux_show_held(demux);
        ml_demux_drop_held(demux);
        is_kept = false;
    }
    if (!ml_demux_shows_bytes(demux)) {
        return wants_more;
    }
    bool has_own =
        chunk->is_datagram && !demux->gave_up ? demux->is_open_to_all : ml_demux_plain_of(demux) == ML_PLAIN_OF_STREAM;
    bool went_inside = demux->env->n_demuxed != turn;
    if (has_own && !is_kept && !went_inside) {
        ml_demux_show(demux, chunk);
    }
    return wants_more || ml_demux_plain_of(demux) == ML_PLAIN_OF_STREAM;
}
