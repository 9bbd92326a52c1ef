/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leaks - reads along for personal values: planted ones (search.h) and identifiers by their shape (detect.h).
 *
 * In:        readable bytes and messages from the plain sink of the parsers, texts of new facts.
 * Out:       leak.identity, leak.detected, and leak.joined for a message that holds values of several groups; each with
 *            frames and byte range. A value itself is kept in the vault only.
 * Identifiers by their shape are looked for in requests, in cookies that responses set, and in what can be read of
 * conversations without messages (mail, chats, WebSocket, MQTT, unknown ones) and of names that are looked up.
 * Memory:    at most ML_MAX_LEAK_HELD bytes wait in all conversations of a shard.
 */
#ifndef MITLESER_LEAKS_LEAKS_H
#define MITLESER_LEAKS_LEAKS_H

#include "leaks/patterns.h"
#include "proto/fact.h"
#include "proto/plain.h"

struct ml_leaks;      /* one per shard */
struct ml_leaks_flow; /* what waits of one conversation */

/*
 * Gives it, NULL when memory runs out, and asks the store for new facts. `patterns` may be NULL: no values were
 * planted. All are borrowed.
 */
struct ml_leaks *ml_leaks_new(const struct ml_patterns *patterns, struct ml_fact_store *facts) ML_MUST_USE;
void ml_leaks_free(struct ml_leaks *leaks);

/* Where parsers put what can be read; lives as long as `leaks`. */
const struct ml_plain_sink *ml_leaks_sink(const struct ml_leaks *leaks);

/* What comes from now on belongs to the conversation `flow` whose state is *state (NULL at first); NULL: to none. */
void ml_leaks_enter(struct ml_leaks *leaks, const struct ml_flow *flow, struct ml_leaks_flow **state);

/* No more bytes: searches what waits and frees the state. */
void ml_leaks_close(struct ml_leaks *leaks, struct ml_leaks_flow **state);

/* Payload bytes of the conversation that were searched or read as part of a message. */
uint64_t ml_leaks_seen(const struct ml_leaks_flow *state);

/* Those of them that were encrypted on the wire. */
uint64_t ml_leaks_decrypted(const struct ml_leaks_flow *state);

#endif
