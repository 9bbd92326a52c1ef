/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts - what the files of the stage's face share; internal to leaks.
 *
 * leaks.c: conversations, messages and facts as they come; stream.c: windows over streams; texts.c: text of streams for
 * the detectors; tell.c: facts.
 */
#ifndef MITLESER_LEAKS_PARTS_H
#define MITLESER_LEAKS_PARTS_H

#include "core/pool.h"
#include "leaks/detect.h"
#include "leaks/frames.h"
#include "leaks/leaks.h"
#include "leaks/search.h"
#include "leaks/unpack.h"

enum { ML_LEAK_HOST = 260, ML_LEAK_CODINGS = 2, ML_LEAK_TOLD = 8 };

/* Bytes of one layer and direction, gathered until a window is full. */
struct ml_leak_stream {
    struct ml_gather gather;
    size_t turn;           /* bytes at the front whose hits were told */
    uint64_t next;         /* offset of the next byte, where the last chunk ended */
    struct ml_chunk chunk; /* the last one: layers, direction, flow; without its bytes */
    bool is_used;
    unsigned depth;          /* runs it is in */
    struct ml_leak_run *run; /* owned; a packed member that goes on, NULL: none */
    size_t open_from;        /* bytes at the front of the window that runs took */
};

/* Text of one direction that waits for the detectors. */
struct ml_leak_text {
    struct ml_gather gather;
    uint64_t next;         /* offset of the next byte */
    struct ml_chunk chunk; /* the last one, without its bytes */
    bool is_used;
};

/* A message on its way. */
struct ml_leak_message {
    struct ml_leak_message *next; /* of the same conversation */
    enum ml_dir dir;
    uint64_t number; /* of those that a direction sends at a time */
    bool is_request;
    bool is_text;   /* its body is worth looking for identifiers */
    bool is_done;   /* its body cannot be read any further ... */
    bool is_beyond; /* ... because it became too long, not because its coding is unknown or broken */
    size_t host_len;
    char host[ML_LEAK_HOST];
    uint64_t kinds;       /* bit a kind found */
    uint64_t planted;     /* those of them that were planted */
    struct ml_chunk head; /* where it began; without its bytes */
    size_t n_codings;
    struct ml_unpack *unpack[ML_LEAK_CODINGS]; /* owned; outermost first */
    enum ml_layer layers[ML_LEAK_CODINGS];
    uint64_t unpacked; /* bytes that came out */
    struct ml_leak_stream stream;
    struct ml_gather text; /* up to ML_MAX_DETECT_BYTES of it */
    struct ml_leak_frames frames;
};

/* Bytes of a conversation that are no messages, where some of them have to wait or hold planted values. */
struct ml_leak_raw {
    struct ml_leak_stream streams[2]; /* by direction, as the texts */
    struct ml_leak_text texts[2];
    uint64_t planted;      /* bit a kind that was found, planted, in what the client says */
    struct ml_chunk first; /* where the first of them was; without its bytes */
};

/* All open conversations with readable bytes have one, so it is small. */
struct ml_leaks_flow {
    struct ml_leaks_flow *before, *behind; /* of all that are open */
    const struct ml_flow *flow;
    struct ml_leak_raw *raw;          /* owned; NULL: none yet */
    struct ml_leak_message *messages; /* owned; those that are open, the newest first */
    const char *place;                /* of its bytes: "payload" or "dns.name" */
    size_t n_text, n_binary;          /* bytes without messages shown to the detectors, by what they are */
    bool is_read;                     /* they want no more of them */
    uint64_t seen;
    uint64_t decrypted; /* of them */
    uint64_t unpacked;  /* bytes that came out of packed ones */
};

struct ml_leaks {
    struct ml_plain_sink sink;
    struct ml_search *search; /* owned; NULL: no values were planted */
    struct ml_fact_store *facts;
    struct ml_counters *counters;
    struct ml_view view;                          /* of percent escapes, for detectors */
    uint8_t *text;                                /* owned; ML_MAX_DETECT_BYTES for text of a stream */
    struct ml_leaks_flow **current;               /* borrowed */
    const struct ml_flow *current_flow;           /* whose that is */
    struct ml_leaks_flow *open;                   /* states of conversations, the newest first; not owned */
    size_t n_told;                                /* hits in the bytes at hand */
    const struct ml_identity *told[ML_LEAK_TOLD]; /* the first of them */
    size_t held;                                  /* bytes waiting in all conversations */
    struct ml_pool flows, raws;                   /* of their states */
};

/* --- homes.c --- */

/* The state of the conversation at hand, made when there is none; NULL: nobody was entered, or memory ran out. */
struct ml_leaks_flow *ml_leak_current(struct ml_leaks *leaks);

/* Where its bytes wait, made when there is none; NULL: memory ran out. */
struct ml_leak_raw *ml_leak_raw_of(struct ml_leaks *leaks, struct ml_leaks_flow *flow);

/* It is closed. */
void ml_leak_take_out(struct ml_leaks *leaks, struct ml_leaks_flow *flow);

/* Where a message lives: in the conversation `flow` at hand, but for connections that went on in another one. */
struct ml_leaks_flow *ml_leak_home_of(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_plain *plain);

/* --- leaks.c --- */

enum ml_leak_text_of { ML_LEAK_OF_REQUEST, ML_LEAK_OF_RESPONSE, ML_LEAK_OF_BODY, ML_LEAK_OF_STREAM, ML_LEAK_OF_NAME };

struct ml_leak_place;

/* Identifiers by their shape in a text of the place. */
void ml_leak_detect(struct ml_leaks *leaks, const struct ml_leak_place *place, struct ml_span text,
                    enum ml_leak_text_of what);

/* Content of a body that can be searched as it stands. */
void ml_leak_content(struct ml_leaks *leaks, struct ml_leak_message *message, const struct ml_chunk *chunk);

/* --- tell.c --- */

/* Where something was found. */
struct ml_leak_place {
    const struct ml_chunk *chunk;
    const struct ml_gather *gather;  /* the frames; NULL: all in that of the chunk */
    const char *name;                /* "body", "query", "dns.name" ...; NULL: from the head's own lines */
    struct ml_span head;             /* then: the head */
    struct ml_span host;             /* the message's, where it has none: that of the request it answers; or empty */
    uint32_t packed_len;             /* of a head that was sent in another form: its range is that; else 0 */
    struct ml_leak_message *message; /* NULL: none */
};

void ml_leak_tell_hit(struct ml_leaks *leaks, const struct ml_leak_place *place, const struct ml_leak_hit *hit);
void ml_leak_tell_detected(struct ml_leaks *leaks, const struct ml_leak_place *place,
                           const struct ml_detected *detected);

/* leak.joined where values of several groups were in one message. */
void ml_leak_tell_joined(struct ml_leaks *leaks, const struct ml_leak_message *message);

/* The same for all that a client said in a conversation that has no messages; planted values alone. */
void ml_leak_tell_joined_bytes(struct ml_leaks *leaks, const struct ml_leaks_flow *flow);

/* --- labels.c --- */

/* Names of DNS messages whose labels cut a value: they are searched with the labels put together. */
void ml_leak_search_labels(struct ml_leaks *leaks, const struct ml_chunk *chunk);

/* The same of one name, written out, of a message of `len_sent` bytes that begins with the chunk. */
void ml_leak_search_name(struct ml_leaks *leaks, const struct ml_chunk *chunk, uint32_t len_sent, struct ml_span name);

/* Identifiers by their shape in names that are asked for, and in all of multicast DNS. */
void ml_leak_detect_labels(struct ml_leaks *leaks, const struct ml_chunk *chunk);

/* --- texts.c --- */

/* Shows bytes without messages to the detectors. False: they are no text. */
bool ml_leak_text_feed(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_chunk *chunk);
/* Reads what waits. */
void ml_leak_text_end(struct ml_leaks *leaks, struct ml_leak_text *text);

/* --- leaks.c --- */

enum { ML_LEAK_MDNS_PORT = 5353 };

/* DNS, multicast DNS and DNS over TLS by their ports: names there are cut into labels. */
bool ml_leak_is_dns(const struct ml_flow *flow);

/* --- texts_of_facts.c --- */

/* Called for each new fact; `context` is the struct ml_leaks. */
void ml_leak_take_fact(void *context, struct ml_flow *flow, const struct ml_fact *fact);

/* --- stream.c --- */

/* Takes a chunk; one that does not go on where the last ended begins a new window. */
void ml_leak_stream_feed(struct ml_leaks *leaks, struct ml_leak_stream *stream, const struct ml_chunk *chunk,
                         const char *place, struct ml_leak_message *message);
/* Searches what waits and empties the stream. */
void ml_leak_stream_end(struct ml_leaks *leaks, struct ml_leak_stream *stream, const char *place,
                        struct ml_leak_message *message);
/* A whole piece at once. */
void ml_leak_search(struct ml_leaks *leaks, const struct ml_leak_place *place, struct ml_span bytes);

#endif
