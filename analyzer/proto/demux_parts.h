/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demux_parts - a demultiplexer from within: what demux.c, demux_datagram.c and demux_stream.c share.
 */
#ifndef MITLESER_PROTO_DEMUX_PARTS_H
#define MITLESER_PROTO_DEMUX_PARTS_H

#include "proto/parser.h"

enum {
    ML_DEMUX_PREFIX = 4096, /* bytes of a direction a probe may look at */
    ML_DEMUX_ACTIVE = 4,    /* protocols on one port pair */
    ML_DEMUX_TRIALS = 4,    /* parsers that are not certain yet */
    ML_DEMUX_STRANGERS = 32 /* datagrams or segments nobody wanted before the conversation is left alone */
};

struct ml_demux_held {
    struct ml_chunk chunk; /* bytes point into copy */
    uint8_t *copy;         /* owned */
};

struct ml_demux_active {
    const struct ml_parser *parser;
    void *self; /* NULL once the parser wants no more */
};

/* A place without a parser is free. */
struct ml_demux_trial {
    struct ml_demux_active active;
    uint8_t number; /* of the parser in ml_parsers */
};

/* What is kept while it is not known whose the bytes are: most conversations are known at once and never have it. */
struct ml_demux_choice {
    /* datagrams only */
    struct ml_demux_trial trials[ML_DEMUX_TRIALS];
    uint64_t given_up; /* bit i: parser i has given up a trial */
    /* streams only */
    struct ml_buf prefix[2];
    uint64_t refused[2];        /* bit i: parser i said no to this direction */
    bool is_hopeless[2];        /* all said no */
    struct ml_demux_held *held; /* owned */
    size_t n_held, held_room, held_bytes;
};

struct ml_demux {
    struct ml_proto_env *env;       /* borrowed */
    struct ml_flow *flow;           /* borrowed */
    struct ml_demux_choice *choice; /* owned; NULL until something has to be kept */
    unsigned over;
    uint16_t n_strangers;
    uint8_t n_active;
    bool gave_up;
    bool is_open_to_all; /* datagrams: nobody took the one at hand, so its bytes are anybody's */
    bool is_unknown;     /* streams: nobody knows it; it may turn into something known */
    struct ml_demux_active active[ML_DEMUX_ACTIVE];
};

/* Makes room for what has to be kept. False, and counted, when memory runs out. */
bool ml_demux_begin_choice(struct ml_demux *demux) ML_MUST_USE;

/* Chunks that wait for a parser, how many; shown to who reads plaintext; given up. */
size_t ml_demux_n_held(const struct ml_demux *demux);
void ml_demux_show_held(const struct ml_demux *demux);
void ml_demux_drop_held(struct ml_demux *demux);

/* Does anybody read plaintext, and here it is. */
bool ml_demux_shows_bytes(const struct ml_demux *demux);
void ml_demux_show(const struct ml_demux *demux, const struct ml_chunk *chunk);

/* Puts a parser to work; NULL, and counted, when memory runs out. */
struct ml_demux_active *ml_demux_activate(struct ml_demux *demux, const struct ml_parser *parser);

/* False once the parser wants no more; it is ended then. */
bool ml_demux_feed_active(struct ml_demux_active *active, const struct ml_chunk *chunk);

/* What the parser says to a first chunk. */
enum ml_match ml_demux_ask(const struct ml_demux *demux, const struct ml_parser *parser, const struct ml_chunk *chunk);

/* A datagram; a chunk of a stream that has no parser yet. False: no parser wants more. */
bool ml_demux_feed_datagram(struct ml_demux *demux, const struct ml_chunk *chunk);
bool ml_demux_choose(struct ml_demux *demux, const struct ml_chunk *chunk);

#endif
