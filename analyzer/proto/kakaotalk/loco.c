/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/kakaotalk/loco.h"

#include "core/mem.h"
#include "proto/inbox.h"

enum {
    HEAD = 12,
    KEY_BYTES = 256, /* of a wrapped key: RSA with 2,048 bits */
    MAX_WRAP = 255,  /* 5 in 2015, 12 and 14 since */
    AES_128_CFB = 2,
    MIN_FRAME = 17, /* bytes: an initial vector and something behind it */
    MAX_FRAME = 1 << 24
};

struct loco {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inboxes[2];
};

struct head {
    uint32_t wrap;
    uint32_t cipher;
};

/* The head, and where it is there the length of the frame behind the key. */
static enum ml_match read_head(struct ml_span bytes, struct head *out)
{
    struct ml_reader rd = ml_rd_open(bytes);
    uint32_t len = 0;
    uint32_t frame = MIN_FRAME;
    *out = (struct head){0};
    if (!ml_rd_le32(&rd, &len) || !ml_rd_le32(&rd, &out->wrap) || !ml_rd_le32(&rd, &out->cipher)) {
        static const uint8_t first[] = {0, 1, 0, 0}; /* as many of them as are there */
        size_t n = bytes.len < sizeof first ? bytes.len : sizeof first;
        return n == 0 || memcmp(bytes.ptr, first, n) == 0 ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    bool has_frame = ml_rd_skip(&rd, KEY_BYTES) && ml_rd_le32(&rd, &frame);
    bool fits = !has_frame || (frame >= MIN_FRAME && frame <= MAX_FRAME);
    return len == KEY_BYTES && out->wrap != 0 && out->wrap <= MAX_WRAP && out->cipher == AES_128_CFB && fits
               ? ML_MATCH_YES
               : ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct head head;
    return read_head(first->bytes, &head);
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct loco *loco = ml_mem_array(1, sizeof *loco);
    if (loco != NULL) {
        loco->env = env;
        ml_inbox_init(&loco->inboxes[ML_UP], HEAD);
        ml_inbox_init(&loco->inboxes[ML_DOWN], HEAD);
    }
    return loco;
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct loco *loco = context;
    struct ml_fact_draft draft;
    struct head head;
    switch (read_head(ml_inbox_span(inbox), &head)) {
    case ML_MATCH_MORE:
        return false;
    case ML_MATCH_NO:
        break;
    case ML_MATCH_YES:
        ml_inbox_begin(inbox, &draft, ML_FACT_KAKAO_LOCO, 0, HEAD);
        ml_fact_number(&draft, ML_F_KAKAO_KEY_WRAP, head.wrap);
        ml_fact_number(&draft, ML_F_KAKAO_CIPHER, head.cipher);
        (void)ml_fact_emit(loco->env->facts, &draft);
        break;
    }
    inbox->is_done = true;
    return false;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct loco *loco = self;
    ml_inbox_feed(&loco->inboxes[chunk->dir], chunk, loco->env->counters, step, loco);
    return ml_inbox_is_open(&loco->inboxes[ML_UP]) || ml_inbox_is_open(&loco->inboxes[ML_DOWN]);
}

static void destroy(void *self)
{
    struct loco *loco = self;
    ml_inbox_fini(&loco->inboxes[ML_UP]);
    ml_inbox_fini(&loco->inboxes[ML_DOWN]);
    ml_mem_free(loco);
}

const struct ml_parser ml_parser_kakao_loco = {
    .name = "kakao.loco",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
