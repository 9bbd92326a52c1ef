/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inbox - bytes of one direction of a stream on the way to its parser: gathered until a message is whole, let go
 * where nobody wants them.
 *
 * In:        chunks and holes, in order, cut in whatever way.
 * Out:       calls of `step` for as long as it takes messages off the front.
 * Invariant: what `step` sees does not depend on how the bytes were cut; no more than `max` bytes are held.
 */
#ifndef MITLESER_PROTO_INBOX_H
#define MITLESER_PROTO_INBOX_H

#include "core/reader.h"
#include "proto/fact.h"

struct ml_inbox {
    struct ml_gather gather;
    struct ml_chunk last; /* layers, direction and packet of what came last, without its bytes */
    uint64_t skip;        /* bytes still to come that nobody wants */
    uint64_t end;         /* place in the stream behind the last byte that was held or skipped */
    bool is_lost;         /* behind a hole, a broken message or the ceiling: where the next one begins is not known */
    bool is_done;         /* set by the parser: nothing of this direction is wanted any more */
};

/* `max`: the longest message, in bytes. */
void ml_inbox_init(struct ml_inbox *inbox, size_t max);
void ml_inbox_fini(struct ml_inbox *inbox);

/*
 * Takes the next message off the front of what is held (ml_inbox_drop) and returns true; false when more bytes are
 * needed. May set is_lost or is_done.
 */
typedef bool (*ml_inbox_step)(void *context, struct ml_inbox *inbox);

/* Takes a chunk or a hole. Ceilings reached are counted. */
void ml_inbox_feed(struct ml_inbox *inbox, const struct ml_chunk *chunk, struct ml_counters *counters,
                   ml_inbox_step step, void *context);

/* All bytes held; borrowed until the next change. */
struct ml_span ml_inbox_span(const struct ml_inbox *inbox);

/* Drops n bytes; those that have not come yet are skipped when they do. */
void ml_inbox_drop(struct ml_inbox *inbox, uint64_t n);

/*
 * The line at the front, without its line end; `len` counts that too. False when its end has not come. Borrowed as
 * ml_inbox_span.
 */
bool ml_inbox_line(const struct ml_inbox *inbox, struct ml_span *line, size_t *len) ML_MUST_USE;

/* What of the chunk just fed was neither dropped nor skipped: what follows where the parser has set is_done. */
struct ml_span ml_inbox_rest(const struct ml_inbox *inbox, const struct ml_chunk *chunk);

/* Starts over with the next byte to come. */
void ml_inbox_restart(struct ml_inbox *inbox);

/* Neither lost nor done. */
static inline bool ml_inbox_is_open(const struct ml_inbox *inbox)
{
    return !inbox->is_lost && !inbox->is_done;
}

/* A fact of `len` held bytes from position `from`. */
void ml_inbox_begin(const struct ml_inbox *inbox, struct ml_fact_draft *draft, enum ml_fact_kind kind, size_t from,
                    size_t len);

/* Where the first held byte came from, to begin a fact there later. Something must be held. */
struct ml_place {
    uint64_t seq;
    int64_t time_ns;
    uint64_t offset;
};

struct ml_place ml_inbox_place(const struct ml_inbox *inbox);

/* A fact from `start` to the `len`-th held byte. */
void ml_inbox_begin_at(const struct ml_inbox *inbox, struct ml_fact_draft *draft, enum ml_fact_kind kind,
                       const struct ml_place *start, size_t len);

#endif
