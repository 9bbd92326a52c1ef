/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/whatsapp/whatsapp.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/inbox.h"
#include "proto/whatsapp/funxmpp.h"
#include "proto/whatsapp/noise.h"

#include <stdio.h>

enum {
    FRAME = 3,            /* bytes of the length of a frame */
    MAX_FRAME = 8 * 1024, /* bytes; first frames have some 300 */
    MAX_CLEAR = 8,        /* FunXMPP frames looked at */
    ENCRYPTED = 0x80,     /* first byte of a FunXMPP frame */
    MAX_CLIENT = 64,      /* bytes kept of the client's description */
    VERSION_TEXT = 8
};

enum phase { PROLOGUE, HELLO, FUNXMPP };

/* One direction. The flow's idea of who is the client may be a guess: the prologue tells. */
struct side {
    struct ml_proto_env *env; /* borrowed */
    enum phase phase;
    struct ml_inbox inbox;
    size_t prologue_len; /* bytes of it; at the front of the inbox until the first frame is whole */
    struct ml_place prologue;
    uint64_t prologue_last; /* packet of its last byte */
    char version[VERSION_TEXT];
    char routing[2 * ML_WHATSAPP_MAX_ROUTING + 1];
    char description[MAX_CLIENT + 1];
    uint8_t n_frames;
};

struct whatsapp {
    struct side sides[2];
};

/*
 * Behind a prologue of a known version comes a handshake message, or a list in the old protocol; behind a routing hint
 * nothing more is asked for.
 */
static enum ml_match match_frame(struct ml_span frame, const struct ml_whatsapp_prologue *prologue)
{
    static const uint8_t hello = 0x12;
    static const uint8_t list = 0xf8;
    struct ml_reader rd = ml_rd_open(frame);
    uint32_t len = 0;
    uint8_t first = 0;
    if (prologue->routing.len != 0) {
        return ML_MATCH_YES;
    }
    if (!ml_rd_u24(&rd, &len) || !ml_rd_u8(&rd, &first)) {
        return ML_MATCH_MORE;
    }
    bool fits = len >= 4 && len <= MAX_FRAME && first == (prologue->is_legacy ? list : hello);
    return fits ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_whatsapp_prologue prologue;
    enum ml_match match = ml_whatsapp_prologue_read(first->bytes, &prologue);
    return match == ML_MATCH_YES ? match_frame(ml_span_cut(first->bytes, prologue.len, SIZE_MAX), &prologue) : match;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct whatsapp *whatsapp = ml_mem_array(1, sizeof *whatsapp);
    for (int dir = ML_UP; whatsapp != NULL && dir <= ML_DOWN; dir++) {
        whatsapp->sides[dir].env = env;
        ml_inbox_init(&whatsapp->sides[dir].inbox, MAX_FRAME + ML_WHATSAPP_MAX_ROUTING + 32);
    }
    return whatsapp;
}

static void add_attrs(const struct side *side, struct ml_fact_draft *draft)
{
    ml_fact_cstr(draft, ML_F_WHATSAPP_VERSION, side->version);
    ml_fact_cstr(draft, ML_F_WHATSAPP_ROUTING, side->routing);
}

/* A fact of the prologue alone. */
static void begin_prologue(const struct side *side, struct ml_fact_draft *draft, enum ml_fact_kind kind)
{
    ml_fact_begin(draft, kind, &side->inbox.last);
    draft->first_seq = side->prologue.seq;
    draft->last_seq = side->prologue_last;
    draft->time_ns = side->prologue.time_ns;
    draft->range_from = side->prologue.offset;
    draft->range_len = (uint32_t)side->prologue_len;
    add_attrs(side, draft);
}

/* --- the beginning --- */

static bool take_prologue(struct side *side, struct ml_inbox *inbox)
{
    struct ml_whatsapp_prologue prologue;
    switch (ml_whatsapp_prologue_read(ml_inbox_span(inbox), &prologue)) {
    case ML_MATCH_MORE:
        return false;
    case ML_MATCH_NO:
        inbox->is_done = true;
        return false;
    case ML_MATCH_YES:
        break;
    }
    (void)snprintf(side->version, sizeof side->version, "%u.%u", prologue.version[0], prologue.version[1]);
    ml_hex_write(prologue.routing, side->routing);
    side->prologue = ml_inbox_place(inbox);
    side->prologue_last = ml_gather_mark_at(&inbox->gather, prologue.len - 1)->seq;
    side->prologue_len = prologue.len;
    side->phase = HELLO;
    if (prologue.is_legacy) {
        side->phase = FUNXMPP;
        ml_inbox_drop(inbox, prologue.len);
    }
    return true;
}

static void state_prologue(struct side *side)
{
    struct ml_fact_draft draft;
    begin_prologue(side, &draft, ML_FACT_WHATSAPP_NOISE);
    (void)ml_fact_emit(side->env->facts, &draft);
    side->inbox.is_done = true;
}

/* The prologue is still in front of the first frame, so that the fact covers both; `len` bytes in all. */
static void state_noise(struct side *side, struct ml_span body, size_t len)
{
    static const char *const patterns[] = {[ML_WHATSAPP_XX] = "XX", [ML_WHATSAPP_IK] = "IK"};
    enum ml_whatsapp_pattern pattern = ML_WHATSAPP_UNKNOWN;
    struct ml_fact_draft draft;
    if (!ml_whatsapp_hello_read(body, &pattern)) {
        ml_count(side->env->counters, ML_COUNT_BAD_OTHER);
        state_prologue(side);
        return;
    }
    ml_inbox_begin(&side->inbox, &draft, ML_FACT_WHATSAPP_NOISE, 0, len);
    add_attrs(side, &draft);
    ml_fact_cstr(&draft, ML_F_WHATSAPP_HANDSHAKE, patterns[pattern]);
    (void)ml_fact_emit(side->env->facts, &draft);
    side->inbox.is_done = true;
}

static bool take_hello(struct side *side, struct ml_inbox *inbox)
{
    struct ml_span held = ml_inbox_span(inbox);
    struct ml_reader rd = ml_rd_open(ml_span_cut(held, side->prologue_len, held.len));
    struct ml_span body;
    uint32_t len = 0;
    if (!ml_rd_u24(&rd, &len)) {
        return false;
    }
    if (len == 0 || len > MAX_FRAME) {
        state_prologue(side);
        return false;
    }
    if (ml_rd_span(&rd, len, &body)) {
        state_noise(side, body, side->prologue_len + FRAME + len);
    }
    return false;
}

/* --- FunXMPP --- */

/* `phone` stands in a frame of `len` bytes at the front of the inbox; empty: there is none, and nothing need be held.
 */
static void state_funxmpp(struct side *side, struct ml_span phone, size_t len)
{
    struct ml_fact_draft draft;
    if (phone.len != 0) {
        ml_inbox_begin(&side->inbox, &draft, ML_FACT_WHATSAPP_FUNXMPP, 0, len);
        add_attrs(side, &draft);
    } else {
        begin_prologue(side, &draft, ML_FACT_WHATSAPP_FUNXMPP);
    }
    ml_fact_cstr(&draft, ML_F_WHATSAPP_CLIENT, side->description);
    ml_fact_text(&draft, ML_F_WHATSAPP_PHONE, phone);
    (void)ml_fact_emit(side->env->facts, &draft);
    side->inbox.is_done = true;
}

static void read_texts(struct side *side, struct ml_span body)
{
    struct ml_span text;
    size_t at = 0;
    while (ml_funxmpp_text(body, &at, &text)) {
        if (side->description[0] == '\0' && text.len <= MAX_CLIENT && ml_funxmpp_is_client(text)) {
            memcpy(side->description, text.ptr, text.len);
            side->description[text.len] = '\0';
        } else if (ml_funxmpp_is_phone(text)) {
            state_funxmpp(side, text, FRAME + body.len);
            return;
        }
    }
}

static bool take_frame(struct side *side, struct ml_inbox *inbox)
{
    struct ml_reader rd = ml_rd_open(ml_inbox_span(inbox));
    struct ml_span body;
    uint32_t len = 0;
    if (!ml_rd_u24(&rd, &len)) {
        return false;
    }
    if (len >> 16 >= ENCRYPTED || len == 0 || len > MAX_FRAME || side->n_frames == MAX_CLEAR) {
        state_funxmpp(side, ml_span_of(NULL, 0), 0);
        return false;
    }
    if (!ml_rd_span(&rd, len, &body)) {
        return false;
    }
    side->n_frames++;
    read_texts(side, body);
    ml_inbox_drop(inbox, FRAME + len);
    return true;
}

/* --- the parser --- */

static bool step(void *context, struct ml_inbox *inbox)
{
    struct side *side = context;
    switch (side->phase) {
    case PROLOGUE:
        return take_prologue(side, inbox);
    case HELLO:
        return take_hello(side, inbox);
    case FUNXMPP:
        break;
    }
    return take_frame(side, inbox);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct whatsapp *whatsapp = self;
    struct side *side = &whatsapp->sides[chunk->dir];
    const struct side *other = &whatsapp->sides[ml_dir_other(chunk->dir)];
    ml_inbox_feed(&side->inbox, chunk, side->env->counters, step, side);
    bool is_told = !ml_inbox_is_open(&side->inbox) && side->phase != PROLOGUE;
    return !is_told && (ml_inbox_is_open(&side->inbox) || ml_inbox_is_open(&other->inbox));
}

/* What the prologue says stands, even when the rest did not come. */
static void end(struct side *side)
{
    if (!side->inbox.is_done && side->phase == HELLO) {
        state_prologue(side);
    } else if (!side->inbox.is_done && side->phase == FUNXMPP) {
        state_funxmpp(side, ml_span_of(NULL, 0), 0);
    }
    ml_inbox_fini(&side->inbox);
}

static void destroy(void *self)
{
    struct whatsapp *whatsapp = self;
    end(&whatsapp->sides[ML_UP]);
    end(&whatsapp->sides[ML_DOWN]);
    ml_mem_free(whatsapp);
}

const struct ml_parser ml_parser_whatsapp = {
    .name = "whatsapp",
    .over = ML_OVER_TCP,
    .plain_of = ML_PLAIN_SEALED,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
