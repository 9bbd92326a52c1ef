/* SPDX-License-Identifier: Apache-2.0 */
/* demux_stream - the one parser of a stream: asked by its first bytes, which are kept and replayed. */
#include "core/mem.h"
#include "proto/demux_parts.h"

enum {
    MAX_HELD_CHUNKS = 64,  /* chunks kept before the choice; beyond it the conversation stays unnamed */
    FIRST_HELD_CHUNKS = 4, /* room at first: most conversations are named by then */
    MAX_HELD_BYTES = 16 * 1024
};

static bool hold(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    struct ml_demux_choice *choice = demux->choice;
    if (choice->n_held == MAX_HELD_CHUNKS || chunk->bytes.len > MAX_HELD_BYTES - choice->held_bytes) {
        return false;
    }
    struct ml_demux_held *list =
        ml_mem_grow(choice->held, choice->n_held, &choice->held_room, FIRST_HELD_CHUNKS, sizeof *list);
    choice->held = list != NULL ? list : choice->held;
    uint8_t *copy = list != NULL ? ml_mem_array(chunk->bytes.len, 1) : NULL;
    if (copy == NULL) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    if (chunk->bytes.len != 0) {
        memcpy(copy, chunk->bytes.ptr, chunk->bytes.len);
    }
    struct ml_demux_held *held = &list[choice->n_held++];
    *held = (struct ml_demux_held){.chunk = *chunk, .copy = copy};
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
    const struct ml_demux_choice *choice = demux->choice;
    struct answer answer = {.refused = choice != NULL ? choice->refused[chunk->dir] : 0};
    uint64_t refused_by_other = choice != NULL ? choice->refused[ml_dir_other(chunk->dir)] : 0;
    for (size_t i = 0; ml_parsers[i] != NULL; i++) {
        const struct ml_parser *parser = ml_parsers[i];
        uint64_t against = answer.refused | (parser->is_mutual ? refused_by_other : 0);
        if ((parser->over & ML_OVER_TCP) == 0 || (against >> i & 1) != 0) {
            continue;
        }
        switch (ml_demux_ask(demux, parser, chunk)) {
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
        whole->bytes = ml_span_cut(chunk->bytes, 0, ML_DEMUX_PREFIX); /* the first chunk is probed where it lies */
        return true;
    }
    if (!ml_buf_add_span(prefix, ml_span_cut(chunk->bytes, 0, ML_DEMUX_PREFIX - prefix->len))) {
        ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    whole->bytes = ml_buf_span(prefix);
    return true;
}

static bool replay(struct ml_demux *demux, const struct ml_parser *parser, const struct ml_chunk *chunk)
{
    struct ml_demux_active *active = ml_demux_activate(demux, parser);
    bool wants_more = active != NULL;
    for (size_t i = 0; wants_more && i < ml_demux_n_held(demux); i++) {
        wants_more = ml_demux_feed_active(active, &demux->choice->held[i].chunk);
    }
    if (parser->plain_of == ML_PLAIN_OF_STREAM) {
        ml_demux_show_held(demux);
    }
    ml_demux_drop_held(demux);
    return wants_more && ml_demux_feed_active(active, chunk);
}

/* Nothing fits this direction's bytes from the last hole on: start over behind a new one. */
static void restart_direction(struct ml_demux *demux, enum ml_dir dir)
{
    struct ml_demux_choice *choice = demux->choice;
    if (choice == NULL) {
        return;
    }
    ml_buf_clear(&choice->prefix[dir]);
    choice->refused[dir] = 0;
    choice->is_hopeless[dir] = false;
    size_t n = 0;
    for (size_t i = 0; i < choice->n_held; i++) {
        if (choice->held[i].chunk.dir == dir) {
            if (ml_demux_shows_bytes(demux)) {
                ml_demux_show(demux, &choice->held[i].chunk);
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
    ml_demux_show_held(demux);
    ml_demux_drop_held(demux);
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
    ml_demux_show_held(demux);
    ml_demux_drop_held(demux);
    struct ml_demux_active *active = ml_demux_activate(demux, parser);
    return active != NULL && ml_demux_feed_active(active, chunk);
}

static bool wait_unknown(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    const struct ml_parser *parser = find_within(chunk);
    if (parser != NULL) {
        return begin_within(demux, parser, chunk);
    }
    return ++demux->n_strangers < ML_DEMUX_STRANGERS;
}

bool ml_demux_choose(struct ml_demux *demux, const struct ml_chunk *chunk)
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
    const struct ml_parser *parser = ml_demux_n_held(demux) != 0 ? find_within(chunk) : NULL;
    if (parser != NULL) {
        return begin_within(demux, parser, chunk);
    }
    if (!ml_demux_begin_choice(demux)) {
        return false;
    }
    /* The other direction may still tell (server speaks first); so its bytes are kept, and these with them. */
    struct ml_demux_choice *choice = demux->choice;
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
