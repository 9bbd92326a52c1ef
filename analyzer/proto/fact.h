/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fact - something a parser read off the wire, with the frames and bytes that prove it: the fourth border.
 *
 * Facts state, they do not judge. Equal facts of a flow (same kind, direction, attributes) collapse into one with
 * first and last packet and a count. Personal values live in the vault arena and are only rendered masked.
 * Lifetime: to the end of the run; they never move.
 */
#ifndef MITLESER_PROTO_FACT_H
#define MITLESER_PROTO_FACT_H

#include "core/arena.h"
#include "core/counters.h"
#include "core/field.h"
#include "core/ip.h"
#include "core/map.h"
#include "flow/flow.h"
#include "flow/gather.h"

enum ml_fact_kind {
    ML_FACT_NONE,
#define ML_FACT(id, name) ML_FACT_##id,
#include "proto/fact_kind.def"
#undef ML_FACT
    ML_N_FACT_KINDS
};

const char *ml_fact_kind_name(enum ml_fact_kind kind);

/* One value. A list is several attributes with the same field, in order. */
struct ml_attr {
    uint16_t field;      /* enum ml_field */
    uint8_t type;        /* enum ml_type */
    uint8_t sensitivity; /* enum ml_sensitivity; at least that of the field */
    uint32_t len;        /* of the text, before a cut at ML_MAX_TEXT it may have been longer: then is_cut of the fact */
    union {
        const uint8_t *text; /* zero-terminated too */
        uint64_t number;     /* also TRUTH: 0 or 1 */
        const struct ml_ip *ip;
    } value;
};

struct ml_fact {
    struct ml_fact *next;         /* of the same flow */
    uint64_t first_seq, last_seq; /* packets; of one message: first and last that carried it */
    int64_t time_ns;              /* of the first */
    uint64_t hash;                /* of the attributes; 0 until one of its kind came again */
    uint64_t range_from;          /* byte range within the innermost layer's direction (datagram: within it) */
    uint32_t range_len;
    uint32_t count; /* how often it was seen */
    uint16_t kind;  /* enum ml_fact_kind */
    uint8_t dir;    /* enum ml_dir */
    uint8_t n_attrs;
    uint8_t n_layers;
    uint8_t layers[ML_MAX_LAYERS];
    bool is_cut; /* a value or the message was cut */
    struct ml_attr attrs[];
};

/* Attribute of a fact by field, or NULL. */
const struct ml_attr *ml_fact_attr(const struct ml_fact *fact, enum ml_field field);
struct ml_span ml_attr_text(const struct ml_attr *attr); /* empty for NULL or other types */

/* Where facts go: one per shard. */
struct ml_fact_store {
    struct ml_arena arena;
    struct ml_arena vault;        /* personal values, wiped at the end */
    struct ml_map texts;          /* all other texts, each kept once */
    struct ml_counters *counters; /* borrowed */
    /* Told of each new fact (not of one counted up); may be NULL. It may emit facts itself. */
    void (*on_fact)(void *context, struct ml_flow *flow, const struct ml_fact *fact);
    void *on_fact_context;
};

void ml_fact_store_init(struct ml_fact_store *store, struct ml_counters *counters);
void ml_fact_store_fini(struct ml_fact_store *store);

/*
 * Builds one fact; lives on the parser's stack, holds borrowed spans until ml_fact_emit copies them.
 *
 *     struct ml_fact_draft draft;
 *     ml_fact_begin(&draft, ML_FACT_TLS_CLIENT_HELLO, chunk);
 *     ml_fact_text(&draft, ML_F_TLS_SNI, sni);
 *     ml_fact_emit(store, &draft);
 */
struct ml_fact_draft {
    enum ml_fact_kind kind;
    struct ml_flow *flow;
    enum ml_dir dir;
    uint64_t first_seq, last_seq;
    int64_t time_ns;
    uint64_t range_from;
    uint32_t range_len;
    uint8_t n_layers;
    uint8_t layers[ML_MAX_LAYERS];
    bool is_cut;
    uint8_t n_attrs;
    struct ml_attr attrs[ML_MAX_ATTRS_PER_FACT];
    bool is_static[ML_MAX_ATTRS_PER_FACT]; /* the text outlives the run: not copied */
    struct ml_ip ips[32];                  /* values of ADDRESS attributes */
    uint8_t n_ips;
};

/* Frames, time, layers, direction and range of the whole chunk; change them after for a part of it. */
void ml_fact_begin(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_chunk *chunk);

/* Range and frames of `len` gathered bytes from position `from`; layers and direction are those of `chunk`. */
void ml_fact_begin_gathered(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_chunk *chunk,
                            const struct ml_gather *gather, size_t from, size_t len);

/* Values beyond ML_MAX_ATTRS_PER_FACT are dropped and mark the fact as cut; empty texts are not added. */
void ml_fact_text(struct ml_fact_draft *draft, enum ml_field field, struct ml_span text);
void ml_fact_cstr(struct ml_fact_draft *draft, enum ml_field field, const char *text);   /* borrowed until emit */
void ml_fact_static(struct ml_fact_draft *draft, enum ml_field field, const char *text); /* of a table or literal */
void ml_fact_number(struct ml_fact_draft *draft, enum ml_field field, uint64_t value);
void ml_fact_truth(struct ml_fact_draft *draft, enum ml_field field, bool value);
void ml_fact_ip(struct ml_fact_draft *draft, enum ml_field field, const struct ml_ip *ip);

/* Raises the sensitivity of the attribute added last. */
void ml_fact_mark(struct ml_fact_draft *draft, enum ml_sensitivity sensitivity);

/*
 * Copies the draft into the store and hangs it on its flow, or counts an equal fact up. Returns the fact, or NULL
 * when the flow's ceiling or memory is reached (counted).
 */
const struct ml_fact *ml_fact_emit(struct ml_fact_store *store, const struct ml_fact_draft *draft);

#endif
