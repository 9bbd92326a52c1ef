/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mumble/mumble.h"

#include "core/mem.h"
#include "core/reader.h"

#include <stdio.h>

enum {
    QUESTION_LEN = 12,
    ANSWER_LEN = 24,
    MAJOR = 1,      /* all releases up to the day this was written */
    MAX_DOUBTS = 16 /* datagrams without an answer before it gives up */
};

struct answer {
    uint16_t major;
    uint8_t minor, patch;
    uint64_t ident;
    uint32_t n_users, max_users;
};

struct mumble {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain;
    bool has_asked[2];
    uint64_t asked[2]; /* ident of the last question of a direction */
    unsigned n_doubts;
};

static bool read_question(struct ml_span bytes, uint64_t *ident)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint32_t type = 0;
    return bytes.len == QUESTION_LEN && ml_rd_u32(&rd, &type) && ml_rd_u64(&rd, ident) && type == 0 && *ident != 0;
}

static bool read_answer(struct ml_span bytes, struct answer *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    memset(out, 0, sizeof *out);
    return bytes.len == ANSWER_LEN && ml_rd_u16(&rd, &out->major) && ml_rd_u8(&rd, &out->minor) &&
           ml_rd_u8(&rd, &out->patch) && ml_rd_u64(&rd, &out->ident) && ml_rd_u32(&rd, &out->n_users) &&
           ml_rd_u32(&rd, &out->max_users) && out->major == MAJOR && out->n_users <= out->max_users;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    uint64_t ident = 0;
    struct answer answer;
    bool is_ours = read_question(chunk->bytes, &ident) || read_answer(chunk->bytes, &answer);
    return is_ours ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct mumble *mumble = ml_mem_array(1, sizeof *mumble);
    if (mumble != NULL) {
        mumble->env = env;
    }
    return mumble;
}

static void on_answer(struct mumble *mumble, const struct ml_chunk *chunk, const struct answer *answer)
{
    struct ml_fact_draft draft;
    char version[16];
    enum ml_dir other = ml_dir_other(chunk->dir);
    if (!mumble->has_asked[other] || mumble->asked[other] != answer->ident) {
        return;
    }
    mumble->is_certain = true;
    (void)snprintf(version, sizeof version, "%u.%u.%u", (unsigned)answer->major, (unsigned)answer->minor,
                   (unsigned)answer->patch);
    ml_fact_begin(&draft, ML_FACT_MUMBLE, chunk);
    ml_fact_cstr(&draft, ML_F_CALL_VERSION, version);
    (void)ml_fact_emit(mumble->env->facts, &draft); /* a ceiling is counted there */
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct mumble *mumble = self;
    struct answer answer;
    uint64_t ident = 0;
    if (read_question(chunk->bytes, &ident)) {
        mumble->has_asked[chunk->dir] = true;
        mumble->asked[chunk->dir] = ident;
    } else if (read_answer(chunk->bytes, &answer)) {
        on_answer(mumble, chunk, &answer);
    }
    mumble->n_doubts += mumble->is_certain ? 0 : 1;
    return mumble->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct mumble *mumble = self;
    return mumble->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_mumble = {
    .name = "mumble",
    .over = ML_OVER_UDP,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
