/* SPDX-License-Identifier: Apache-2.0 */
/* demux_datagram - each datagram to the parser that claims it; those that are not certain are on trial. */
#include "core/limits.h"
#include "proto/demux_parts.h"

static bool claims(const struct ml_demux *demux, const struct ml_demux_active *active, const struct ml_chunk *chunk)
{
    if (active->self == NULL) {
        return false;
    }
    return active->parser->claims != NULL ? active->parser->claims(active->self, chunk)
                                          : ml_demux_ask(demux, active->parser, chunk) == ML_MATCH_YES;
}

/* Is the parser at work, on trial, or done with this conversation? */
static bool is_taken(const struct ml_demux *demux, const struct ml_parser *parser, size_t number)
{
    for (unsigned i = 0; i < demux->n_active; i++) {
        if (demux->active[i].parser == parser && parser->is_certain != NULL) {
            return true;
        }
    }
    const struct ml_demux_choice *choice = demux->choice;
    for (unsigned i = 0; choice != NULL && i < ML_DEMUX_TRIALS; i++) {
        if (choice->trials[i].active.parser == parser) {
            return true;
        }
    }
    return choice != NULL && (choice->given_up >> number & UINT64_C(1)) != 0;
}

/* Shows a datagram to a parser on trial; true when it is certain now, and at work. */
static bool try_out(struct ml_demux *demux, struct ml_demux_trial *trial, const struct ml_chunk *chunk)
{
    if (!ml_demux_feed_active(&trial->active, chunk)) {
        demux->choice->given_up |= UINT64_C(1) << trial->number;
        *trial = (struct ml_demux_trial){.number = 0};
        return false;
    }
    if (demux->n_active == ML_DEMUX_ACTIVE || !trial->active.parser->is_certain(trial->active.self)) {
        return false;
    }
    demux->active[demux->n_active++] = trial->active;
    *trial = (struct ml_demux_trial){.number = 0};
    return true;
}

static bool begin_trial(struct ml_demux *demux, size_t number, const struct ml_chunk *chunk)
{
    const struct ml_parser *parser = ml_parsers[number];
    if (!ml_demux_begin_choice(demux)) {
        return false;
    }
    for (unsigned i = 0; i < ML_DEMUX_TRIALS; i++) {
        struct ml_demux_trial *trial = &demux->choice->trials[i];
        if (trial->active.parser != NULL) {
            continue;
        }
        void *self = parser->create(demux->env, demux->flow);
        if (self == NULL) {
            ml_count(demux->env->counters, ML_COUNT_LIMIT_MEMORY);
            return false;
        }
        *trial = (struct ml_demux_trial){.active = {.parser = parser, .self = self}, .number = (uint8_t)number};
        return try_out(demux, trial, chunk);
    }
    return false;
}

/* Shows a datagram that nobody claims to all that are not certain; true when one of them is now. */
static bool feed_trials(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    bool is_certain = false;
    bool was_on_trial[ML_DEMUX_TRIALS];
    for (unsigned i = 0; i < ML_DEMUX_TRIALS; i++) {
        was_on_trial[i] = demux->choice != NULL && demux->choice->trials[i].active.parser != NULL;
    }
    for (size_t i = 0; ml_parsers[i] != NULL; i++) {
        const struct ml_parser *parser = ml_parsers[i];
        bool may_be = (parser->over & ML_OVER_UDP) != 0 && parser->is_certain != NULL && !is_taken(demux, parser, i);
        if (may_be && ml_demux_ask(demux, parser, chunk) == ML_MATCH_YES) {
            is_certain = begin_trial(demux, i, chunk) || is_certain;
        }
    }
    for (unsigned i = 0; i < ML_DEMUX_TRIALS; i++) {
        if (was_on_trial[i] && claims(demux, &demux->choice->trials[i].active, chunk)) {
            is_certain = try_out(demux, &demux->choice->trials[i], chunk) || is_certain;
        }
    }
    return is_certain;
}

bool ml_demux_feed_datagram(struct ml_demux *demux, const struct ml_chunk *chunk)
{
    demux->is_open_to_all = true;
    for (unsigned i = 0; i < demux->n_active; i++) {
        struct ml_demux_active *active = &demux->active[i];
        if (active->parser->is_sticky) {
            demux->is_open_to_all = active->parser->plain_of == ML_PLAIN_OF_STREAM;
            return ml_demux_feed_active(active, chunk);
        }
        if (claims(demux, active, chunk)) {
            demux->is_open_to_all = active->parser->plain_of == ML_PLAIN_OF_STREAM;
            (void)ml_demux_feed_active(active, chunk); /* others on this port pair may want the next datagram */
            return true;
        }
    }
    if (demux->n_active == ML_DEMUX_ACTIVE || demux->n_strangers >= ML_DEMUX_STRANGERS) {
        return demux->n_active != 0;
    }
    for (size_t i = 0; ml_parsers[i] != NULL; i++) {
        const struct ml_parser *parser = ml_parsers[i];
        if ((parser->over & ML_OVER_UDP) != 0 && parser->is_certain == NULL &&
            ml_demux_ask(demux, parser, chunk) == ML_MATCH_YES) {
            struct ml_demux_active *active = ml_demux_activate(demux, parser);
            demux->is_open_to_all = parser->plain_of == ML_PLAIN_OF_STREAM;
            return active != NULL && (ml_demux_feed_active(active, chunk) || !parser->is_sticky);
        }
    }
    if (!feed_trials(demux, chunk)) {
        demux->n_strangers++;
    }
    return true;
}
