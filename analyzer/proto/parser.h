/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser - what every protocol implements, and the demultiplexer that chooses between them.
 *
 * Adding a protocol is one folder below proto/ and one line in proto/registry.c. A parser gets chunks, states
 * facts, and hands inner bytes (a TLS plaintext, an HTTP body, an upgraded connection) to a demultiplexer of its own.
 */
#ifndef MITLESER_PROTO_PARSER_H
#define MITLESER_PROTO_PARSER_H

#include "core/pool.h"
#include "proto/fact.h"
#include "proto/plain.h"

/* A conversation that another one announced: whom it will be with. */
struct ml_expected {
    struct ml_ip ip;
    uint16_t port; /* 0: none */
};

/* What is dear to make and serves many conversations. */
enum ml_proto_tool {
    ML_TOOL_QUIC,         /* OpenSSL's contexts for Initial packets */
    ML_TOOL_MTPROTO,      /* a cipher */
    ML_TOOL_CERTIFICATES, /* those that were read before */
    ML_TOOL_HELLOS,       /* those whose fingerprints were taken before */
    ML_TOOL_HTTP,         /* libhtp's settings */
    ML_N_PROTO_TOOLS
};

/* State that conversations have and give back. */
enum ml_proto_pool { ML_POOL_DEMUX, ML_POOL_CHOICE, ML_POOL_DNS, ML_POOL_TLS, ML_N_PROTO_POOLS };

struct ml_quic_paths; /* quic/paths.h */

/* What all parsers of a shard share; reached through every `new`. */
struct ml_proto_env {
    struct ml_fact_store *facts;
    struct ml_counters *counters;
    struct ml_secrets *secrets;                   /* key log of the run, shared and read-only here; NULL without one */
    const struct ml_plain_sink *plain;            /* gets readable bytes; NULL: nobody wants them */
    uint64_t n_demuxed;                           /* chunks given to demultiplexers, inner ones too */
    struct ml_expected expected[ML_MAX_EXPECTED]; /* the last ones, in a ring */
    unsigned n_expected;                          /* announced so far */
    struct ml_proto_env *peer; /* of another shard of the same thread, whose tools serve here; NULL: own ones */
    struct {
        void *tool;
        void (*end)(void *);
    } tools[ML_N_PROTO_TOOLS];
    struct ml_pool pools[ML_N_PROTO_POOLS];
    struct ml_quic_paths *quic_paths; /* owned; ids of connections whose keys are known; NULL until the first */
};

/*
 * The tool of the thread's shards, made by the first who asks; NULL when it cannot be had now. What a tool tells must
 * not depend on who used it before.
 */
void *ml_proto_tool(struct ml_proto_env *env, enum ml_proto_tool which, void *(*make)(void), void (*end)(void *));

/* Frees what was made for the shard; no demultiplexer is left, and no peer asks any more. */
void ml_proto_env_fini(struct ml_proto_env *env);

enum ml_match {
    ML_MATCH_NO,
    ML_MATCH_MORE, /* cannot tell yet: more bytes of this direction are needed */
    ML_MATCH_YES
};

enum { ML_OVER_TCP = 1, ML_OVER_UDP = 2 };

/* What somebody who looks for values can read of a conversation. Bytes that go on to an inner conversation count there.
 */
enum ml_plain_of {
    ML_PLAIN_OF_STREAM, /* its bytes as they are */
    ML_PLAIN_OF_PARTS,  /* what the parser hands to the plain sink, and the texts of its facts */
    ML_PLAIN_OF_FACTS,  /* the texts of its facts */
    ML_PLAIN_SEALED     /* the texts of its facts; all else is encrypted */
};

struct ml_parser {
    const char *name; /* as in the flow's `protocol`: "tls", "quic", "dns", "http" */
    unsigned over;    /* ML_OVER_TCP, ML_OVER_UDP: stream or datagrams */
    enum ml_plain_of plain_of;
    bool is_mutual; /* TCP: refused by one direction, refused for good (both tell only together) */
    bool is_sticky; /* UDP: once chosen, all datagrams of the flow are its own */
    /* Looks at the first bytes of a direction (stream) or at one datagram. Cheap, allocates nothing. */
    enum ml_match (*probe)(const struct ml_chunk *first);
    /* In its place where looking takes a tool of the shard, such as a cipher; `probe` is then NULL. */
    enum ml_match (*probe_with)(struct ml_proto_env *env, const struct ml_chunk *first);
    /*
     * TCP, optional: may the conversation of a stream that nobody knows turn into this one with these bytes, as it does
     * behind STARTTLS and its kin? Asked at the beginning of a segment in the middle of the stream, so it has to be
     * sure.
     */
    bool (*begins_within)(const struct ml_chunk *chunk);
    /*
     * UDP, optional: may this datagram be its own, seen from what it knows of the flow? Asked in place of `probe` once
     * the parser is at work.
     */
    bool (*claims)(const void *self, const struct ml_chunk *chunk);
    /*
     * UDP, optional: what one datagram shows is too little, so the parser is on trial until it has seen enough. While
     * this is false nobody hears its name, it states no facts, and others are shown the same datagrams.
     */
    bool (*is_certain)(const void *self);
    /* State for one flow, NULL when memory runs out. */
    void *(*create)(struct ml_proto_env *env, struct ml_flow *flow);
    /* Takes the next chunk. False: nothing more to learn here (the flow may settle). */
    bool (*feed)(void *self, const struct ml_chunk *chunk);
    /* No more bytes: states what is still held, then frees. */
    void (*destroy)(void *self);
};

/* All parsers, ended by NULL, most specific first. */
extern const struct ml_parser *const ml_parsers[];

/* Chooses a parser for one flow (or one inner layer of it) and feeds it. */
struct ml_demux;

struct ml_demux *ml_demux_new(struct ml_proto_env *env, struct ml_flow *flow, unsigned over) ML_MUST_USE;
void ml_demux_free(struct ml_demux *demux); /* lets parsers state what they hold */

/*
 * Feeds a chunk. Bytes that come before the choice are kept (up to a ceiling) and replayed to the chosen parser.
 * False: neither a parser nor the plain sink wants more of this flow.
 */
bool ml_demux_feed(struct ml_demux *demux, const struct ml_chunk *chunk);

/* Names of the parsers chosen so far, first first; n <= max. */
size_t ml_demux_names(const struct ml_demux *demux, const char *names[], size_t max);

/* What can be read of the conversation, by the parser that was chosen first. */
enum ml_plain_of ml_demux_plain_of(const struct ml_demux *demux);

/* Chunk of an inner layer: `layer` pushed, `bytes` at `offset`; frames and direction as in `outer`. */
struct ml_chunk ml_chunk_inner(const struct ml_chunk *outer, enum ml_layer layer, struct ml_span bytes,
                               uint64_t offset);

#endif
