/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - the messages inside the body of gRPC, each with a length in front and maybe compressed for itself; and
 * bodies that are one protobuf message.
 *
 * In:        content of a body without its codings.
 * Out:       content of the messages, to be searched; the numbers in them as text (protobuf.h).
 * Invariant: at most ML_MAX_LEAK_VIEW bytes of a message are held for its numbers; out of a compressed one come at most
 *            ML_MAX_LEAK_BODY, and no more than ml_leak_may_unpack allows.
 * See:       gRPC over HTTP2, section "Length-Prefixed-Message".
 */
#ifndef MITLESER_LEAKS_FRAMES_H
#define MITLESER_LEAKS_FRAMES_H

#include "flow/gather.h"
#include "leaks/view.h"

enum ml_leak_framing {
    ML_LEAK_UNFRAMED,
    ML_LEAK_GRPC,     /* messages with a prefix */
    ML_LEAK_PROTOBUF, /* the body is one */
    ML_LEAK_MAYBE     /* the body may be one: its type says nothing */
};

/* By the type of the body. */
enum ml_leak_framing ml_leak_framing_of(struct ml_span type);

enum { ML_LEAK_PREFIX = 5 };

struct ml_leaks;

/*
 * A whole message of an unknown kind, whose bytes were searched: the numbers in it, if it is one of protobuf. It begins
 * `skip` bytes behind the beginning of the chunk.
 */
void ml_leak_search_record(struct ml_leaks *leaks, const struct ml_chunk *chunk, const struct ml_gather *gather,
                           size_t skip, const char *place);

struct ml_leak_frames {
    enum ml_leak_framing framing;
    enum ml_wrapping coding; /* of compressed messages; ML_WRAP_NONE: unknown */
    enum ml_layer layer;     /* of the coding */
    uint8_t prefix[ML_LEAK_PREFIX];
    uint8_t n_prefix;
    uint32_t left; /* bytes of the message at hand that have not come */
    bool is_packed;
    bool is_beyond; /* the message is too long to be held */
    struct ml_gather message;
    struct ml_unpack *unpack; /* owned; of the message at hand */
    uint64_t unpacked;        /* bytes of it that came out */
    bool is_full;             /* no more of it may come out */
};

struct ml_unpack;
struct ml_leak_message;

/* Takes content; gives what of it can be searched as it stands to ml_leak_content. */
void ml_leak_frames_feed(struct ml_leaks *leaks, struct ml_leak_message *message, const struct ml_chunk *chunk);

/* No more of the body. */
void ml_leak_frames_end(struct ml_leaks *leaks, struct ml_leak_message *message);

/* Bytes are missing: where the next message begins is not known. */
void ml_leak_frames_lose(struct ml_leaks *leaks, struct ml_leak_message *message);

#endif
