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
#include "proto/parser.h"
#include "proto/quic/paths.h"

enum {
    MAX_HELD_CHUNKS = 64,  /* chunks kept before the choice; beyond it the conversation stays unnamed */
    FIRST_HELD_CHUNKS = 4, /* room at first: most conversations are named by then */
    MAX_HELD_BYTES = 16 * 1024,
    MAX_PREFIX = 4096, /* bytes of a direction a probe may look at */
    MAX_ACTIVE = 4,    /* protocols on one port pair */
    MAX_TRIALS = 4,    /* parsers that are not certain yet */
    MAX_STRANGERS = 32 /* datagrams or segments nobody wanted before the conversation is left alone */
};

struct held {
    struct ml_chunk chunk; /* bytes point into copy */
    uint8_t *copy;         /* owned */
};

struct active {
    const struct ml_parser *parser;
    void *self; /* NULL once the parser wants no more */
};

/* A place without a parser is free. */
struct trial {
    struct active active;
    uint8_t number; /* of the parser in ml_parsers */
};

/* What is kept while it is not known whose the bytes are: most conversations are known at once and never have it. */
struct choice {
    /* datagrams only */
    struct trial trials[MAX_TRIALS];
    uint64_t given_up; /* bit i: parser i has given up a trial */
    /* streams only */
    struct ml_buf prefix[2];
    uint64_t refused[2]; /* bit i: parser i said no to this direction */
    bool is_hopeless[2]; /* all said no */
    struct held *held;   /* owned */
    size_t n_held, held_room, held_bytes;
};

struct ml_demux {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    struct choice *choice;    /* owned; NULL until something has to be kept */
    unsigned over;
    uint16_t n_strangers;
    uint8_t n_active;
    bool gave_up;
    bool is_open_to_all; /* datagrams: nobody took the one at hand, so its bytes are anybody's */
    bool is_unknown;     /* streams: nobody knows it; it may turn into something known */
    struct active active[MAX_ACTIVE];
};

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
static bool begin_choice(struct ml_demux *demux)
{
    if (demux->choice != NULL) {
        return true;
    }
    demux->choice = ml_pool_get(&demux->env->pools[ML_POOL_CHOICE], sizeof *demux->choice);
    if (demux->choice == NULL) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    ml_buf_init(&demux->choice->prefix[ML_UP], MAX_PREFIX);
    ml_buf_init(&demux->choice->prefix[ML_DOWN], MAX_PREFIX);
    return true;
}

static size_t n_held(const struct ml_demux *demux)
{
    return demux->choice != NULL ? demux->choice->n_held : 0;
}

static void drop_held(struct ml_demux *demux)
{
    struct choice *choice = demux->choice;
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

static bool shows_bytes(const struct ml_demux *demux)
{
    return ml_plain_wants_bytes(demux->env->plain);
}

static void show(const struct ml_demux *demux, const struct ml_chunk *chunk)
{
    const struct ml_plain plain = {.part = ML_PLAIN_BYTES, .chunk = chunk};
    demux->env->plain->take(demux->env->plain->context, &plain);
}

/* What waited for a parser that does not come. */
static void show_held(const struct ml_demux *demux)
{
    for (size_t i = 0; i < n_held(demux) && shows_bytes(demux); i++) {
        show(demux, &demux->choice->held[i].chunk);
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
    for (unsigned i = 0; demux->choice != NULL && i < MAX_TRIALS; i++) {
        const struct active *active = &demux->choice->trials[i].active;
        if (active->self != NULL) {
            active->parser->destroy(active->self);
        }
    }
    show_held(demux);
    drop_held(demux);
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

static struct active *activate(struct ml_demux *demux, const struct ml_parser *parser)
{
    void *self = parser->create(demux->env, demux->flow);
    if (self == NULL) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return NULL;
    }
    struct active *active = &demux->active[demux->n_active++];
    *active = (struct active){.parser = parser, .self = self};
    return active;
}

/* False once the parser wants no more; it is ended then. */
static bool feed(struct active *active, const struct ml_chunk *chunk)
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

static enum ml_match ask(const struct ml_demux *demux, const struct ml_parser *parser, const struct ml_chunk *chunk)
{
    return parser->probe != NULL ? parser->probe(chunk) : parser->probe_with(demux->env, chunk);
}

/* --- datagrams --- */

static bool claims(const struct ml_demux *demux, const struct active *active, const struct ml_chunk *chunk)
{
    if (active->self == NULL) {
        return false;
    }
    return active->parser->claims != NULL ? active->parser->claims(active->self, chunk)
                                          : ask(demux, active->parser, chunk) == ML_MATCH_YES;
}

/* Is the parser at work, on trial, or done with this conversation? */
static bool is_taken(const struct ml_demux *demux, const struct ml_parser *parser, size_t number)
{
    for (unsigned i = 0; i < demux->n_active; i++) {
        if (demux->active[i].parser == parser && parser->is_certain != NULL) {
            return true;
        }
    }
    const struct choice *choice = demux->choice;
    for (unsigned i = 0; choice != NULL && i < MAX_TRIALS; i++) {
        if (choice->trials[i].active.parser == parser) {
            return true;
        }
    }
    return choice != NULL && (choice->given_up >> number & UINT64_C(1)) != 0;
}

/* Shows a datagram to a parser on trial; true when it is certain now, and at work. */
static bool try_out(struct ml_demux *demux, struct trial *trial, const struct ml_chunk *chunk)
{
    if (!feed(&trial->active, chunk)) {
        demux->choice->given_up |= UINT64_C(1) << trial->number;
        *trial = (struct trial){.number = 0};
        return false;
    }
    if (demux->n_active == MAX_ACTIVE || !trial->active.parser->is_certain(trial->active.self)) {
        return false;
    }
    demux->active[demux->n_active++] = trial->active;
    *trial = (struct trial){.number = 0};
    return true;
}

static bool begin_trial(struct ml_demux *demux, size_t number, const struct ml_chunk *chunk)
{
    const struct ml_parser *parser = ml_parsers[number];
    if (!begin_choice(demux)) {
        return false;
    }
    for (unsigned i = 0; i < MAX_TRIALS; i++) {
        struct trial *trial = &demux->choice->trials[i];
        if (trial->active.parser != NULL) {
            continue;
        }
        void *self = parser->create(demux->env, demux->flow);
        if (self == NULL) {
            ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
            return false;
        }
        *trial = (struct trial){.active = {.parser = parser, .self = self}, .number = (uint8_t)number};
        return try_out(demux, trial, chunk);
    }
    return false;
}

/* Shows a datagram that nobody claims to all that are not certain; true when one of them is now. */
static bool feed_trials(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    bool is_certain = false;
    bool was_on_trial[MAX_TRIALS];
    for (unsigned i = 0; i < MAX_TRIALS; i++) {
        was_on_trial[i] = demux->choice != NULL && demux->choice->trials[i].active.parser != NULL;
    }
    for (size_t i = 0; ml_parsers[i] != NULL; i++) {
        const struct ml_parser *parser = ml_parsers[i];
        bool may_be = (parser->over & ML_OVER_UDP) != 0 && parser->is_certain != NULL && !is_taken(demux, parser, i);
        if (may_be && ask(demux, parser, chunk) == ML_MATCH_YES) {
            is_certain = begin_trial(demux, i, chunk) || is_certain;
        }
    }
    for (unsigned i = 0; i < MAX_TRIALS; i++) {
        if (was_on_trial[i] && claims(demux, &demux->choice->trials[i].active, chunk)) {
            is_certain = try_out(demux, &demux->choice->trials[i], chunk) || is_certain;
        }
    }
    return is_certain;
}

static bool feed_datagram(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    demux->is_open_to_all = true;
    for (unsigned i = 0; i < demux->n_active; i++) {
        struct active *active = &demux->active[i];
        if (active->parser->is_sticky) {
            demux->is_open_to_all = active->parser->plain_of == ML_PLAIN_OF_STREAM;
            return feed(active, chunk);
        }
        if (claims(demux, active, chunk)) {
            demux->is_open_to_all = active->parser->plain_of == ML_PLAIN_OF_STREAM;
            (void)feed(active, chunk); /* others on this port pair may want the next datagram */
            return true;
        }
    }
    if (demux->n_active == MAX_ACTIVE || demux->n_strangers >= MAX_STRANGERS) {
        return demux->n_active != 0;
    }
    for (size_t i = 0; ml_parsers[i] != NULL; i++) {
        const struct ml_parser *parser = ml_parsers[i];
        if ((parser->over & ML_OVER_UDP) != 0 && parser->is_certain == NULL &&
            ask(demux, parser, chunk) == ML_MATCH_YES) {
            struct active *active = activate(demux, parser);
            demux->is_open_to_all = parser->plain_of == ML_PLAIN_OF_STREAM;
            return active != NULL && (feed(active, chunk) || !parser->is_sticky);
        }
    }
    if (!feed_trials(demux, chunk)) {
        demux->n_strangers++;
    }
    return true;
}

/* --- streams --- */

static bool hold(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    struct choice *choice = demux->choice;
    if (choice->n_held == MAX_HELD_CHUNKS || chunk->bytes.len > MAX_HELD_BYTES - choice->held_bytes) {
        return false;
    }
    struct held *list = ml_mem_grow(choice->held, choice->n_held, &choice->held_room, FIRST_HELD_CHUNKS, sizeof *list);
    choice->held = list != NULL ? list : choice->held;
    uint8_t *copy = list != NULL ? ml_mem_array(chunk->bytes.len, 1) : NULL;
    if (copy == NULL) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    if (chunk->bytes.len != 0) {
        memcpy(copy, chunk->bytes.ptr, chunk->bytes.len);
    }
    struct held *held = &list[choice->n_held++];
    *held = (struct held){.chunk = *chunk, .copy = copy};
    held->chunk.bytes.ptr = copy;
    choice->held_bytes += chunk->bytes.len;
    return true;
}

/* What the parsers say to the bytes of one direction. */
struct answer {
    const struct ml_parser *parser; /* says yes; NULL when none does */
    uint64_t refused;               /* who says no */
    bool may_come;                  /* more bytes could still change that */
};

static struct answer probe_stream(const struct ml_demux *demux, const struct ml_chunk *chunk)
{
    const struct choice *choice = demux->choice;
    struct answer answer = {.refused = choice != NULL ? choice->refused[chunk->dir] : 0};
    uint64_t refused_by_other = choice != NULL ? choice->refused[ml_dir_other(chunk->dir)] : 0;
    for (size_t i = 0; ml_parsers[i] != NULL; i++) {
        const struct ml_parser *parser = ml_parsers[i];
        uint64_t against = answer.refused | (parser->is_mutual ? refused_by_other : 0);
        if ((parser->over & ML_OVER_TCP) == 0 || (against >> i & 1) != 0) {
            continue;
        }
        switch (ask(demux, parser, chunk)) {
        case ML_MATCH_YES:
            answer.parser = parser;
            return answer;
        case ML_MATCH_MORE:
            answer.may_come = true;
            break;
        case ML_MATCH_NO:
            answer.refused |= UINT64_C(1) << i;
            break;
        }
    }
    return answer;
}

/* Chunk whose bytes are all of this direction so far, as far as probes look: the held ones and the new one. */
static bool with_prefix(struct ml_demux *demux, const struct ml_chunk *chunk, struct ml_chunk *whole)
{
    struct ml_buf *prefix = demux->choice != NULL ? &demux->choice->prefix[chunk->dir] : NULL;
    *whole = *chunk;
    if (prefix == NULL || prefix->len == 0) {
        whole->bytes = ml_span_cut(chunk->bytes, 0, MAX_PREFIX); /* the first chunk is probed where it lies */
        return true;
    }
    if (!ml_buf_add_span(prefix, ml_span_cut(chunk->bytes, 0, MAX_PREFIX - prefix->len))) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    whole->bytes = ml_buf_span(prefix);
    return true;
}

static bool replay(struct ml_demux *demux, const struct ml_parser *parser, const struct ml_chunk *chunk)
{
    struct active *active = activate(demux, parser);
    bool wants_more = active != NULL;
    for (size_t i = 0; wants_more && i < n_held(demux); i++) {
        wants_more = feed(active, &demux->choice->held[i].chunk);
    }
    if (parser->plain_of == ML_PLAIN_OF_STREAM) {
        show_held(demux);
    }
    drop_held(demux);
    return wants_more && feed(active, chunk);
}

/* Nothing fits this direction's bytes from the last hole on: start over behind a new one. */
static void restart_direction(struct ml_demux *demux, enum ml_dir dir)
{
    struct choice *choice = demux->choice;
    if (choice == NULL) {
        return;
    }
    ml_buf_clear(&choice->prefix[dir]);
    choice->refused[dir] = 0;
    choice->is_hopeless[dir] = false;
    size_t n = 0;
    for (size_t i = 0; i < choice->n_held; i++) {
        if (choice->held[i].chunk.dir == dir) {
            if (shows_bytes(demux)) {
                show(demux, &choice->held[i].chunk);
            }
            choice->held_bytes -= choice->held[i].chunk.bytes.len;
            ml_mem_free(choice->held[i].copy);
        } else {
            choice->held[n++] = choice->held[i];
        }
    }
    choice->n_held = n;
}

/* What came so far belongs to nobody and is done with; a parser that begins within a stream may still come. */
static bool leave_unknown(struct ml_demux *demux)
{
    demux->is_unknown = true;
    show_held(demux);
    drop_held(demux);
    return true;
}

/* The parser whose conversation begins with this segment, behind others that nobody knew; NULL without one. */
static const struct ml_parser *find_within(const struct ml_chunk *chunk)
{
    for (size_t i = 0; chunk->gap_len == 0 && ml_parsers[i] != NULL; i++) {
        if (ml_parsers[i]->begins_within != NULL && ml_parsers[i]->begins_within(chunk)) {
            return ml_parsers[i];
        }
    }
    return NULL;
}

static bool begin_within(struct ml_demux *demux, const struct ml_parser *parser, const struct ml_chunk *chunk)
{
    demux->is_unknown = false;
    show_held(demux);
    drop_held(demux);
    struct active *active = activate(demux, parser);
    return active != NULL && feed(active, chunk);
}

static bool wait_unknown(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    const struct ml_parser *parser = find_within(chunk);
    if (parser != NULL) {
        return begin_within(demux, parser, chunk);
    }
    return ++demux->n_strangers < MAX_STRANGERS;
}

static bool choose(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    if (demux->is_unknown) {
        return wait_unknown(demux, chunk);
    }
    if (chunk->gap_len != 0) {
        restart_direction(demux, chunk->dir);
        return true;
    }
    struct ml_chunk whole;
    if (!with_prefix(demux, chunk, &whole)) {
        return false;
    }
    const struct answer answer = probe_stream(demux, &whole);
    if (answer.parser != NULL) {
        return replay(demux, answer.parser, chunk);
    }
    const struct ml_parser *parser = n_held(demux) != 0 ? find_within(chunk) : NULL;
    if (parser != NULL) {
        return begin_within(demux, parser, chunk);
    }
    if (!begin_choice(demux)) {
        return false;
    }
    /* The other direction may still tell (server speaks first); so its bytes are kept, and these with them. */
    struct choice *choice = demux->choice;
    choice->refused[chunk->dir] = answer.refused;
    choice->is_hopeless[chunk->dir] = !answer.may_come;
    if (choice->is_hopeless[ML_UP] && choice->is_hopeless[ML_DOWN]) {
        return leave_unknown(demux);
    }
    struct ml_buf *prefix = &choice->prefix[chunk->dir];
    if (prefix->len == 0 && !ml_buf_add_span(prefix, whole.bytes)) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    return hold(demux, chunk) || leave_unknown(demux);
}

/* False: no parser wants more. */
static bool feed_parsers(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    if (demux->gave_up) {
        return false;
    }
    if (chunk->is_datagram) {
        return feed_datagram(demux, chunk);
    }
    return demux->n_active != 0 ? feed(&demux->active[0], chunk) : choose(demux, chunk);
}

bool ml_demux_feed(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    uint64_t turn = ++demux->env->n_demuxed;
    size_t n_before = n_held(demux);
    bool wants_more = feed_parsers(demux, chunk);
    bool is_kept = n_held(demux) > n_before; /* shown once it is known whose it is */
    if (!wants_more && !demux->gave_up) {
        demux->gave_up = true;
        show_held(demux);
        drop_held(demux);
        is_kept = false;
    }
    if (!shows_bytes(demux)) {
        return wants_more;
    }
    bool has_own =
        chunk->is_datagram && !demux->gave_up ? demux->is_open_to_all : ml_demux_plain_of(demux) == ML_PLAIN_OF_STREAM;
    bool went_inside = demux->env->n_demuxed != turn;
    if (has_own && !is_kept && !went_inside) {
        show(demux, chunk);
    }
    return wants_more || ml_demux_plain_of(demux) == ML_PLAIN_OF_STREAM;
}
