/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/teamspeak/teamspeak.h"

#include "core/mem.h"
#include "core/reader.h"
#include "core/timefmt.h"

enum {
    PACKET_ID = 0x0065, /* of all packets that start a connection */
    PACKET_TYPE = 0x88,
    MAX_STEP = 4,
    EPOCH = 1356998400, /* 2013-01-01, from which the days of builds count */
    MAX_DOUBTS = 16     /* datagrams without certainty before it gives up */
};

/* Start of a connection. Clients send an id of their own and their build; servers do not. */
struct start {
    bool is_client;
    uint32_t build;
};

/* Announcement: what the list sent, and the server repeats. */
struct announcement {
    uint8_t step; /* 1 or 2 */
    size_t len;
    uint16_t seq;
    uint32_t number;
};

struct teamspeak {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain;
    bool has_number[2]; /* the last one of a direction */
    uint32_t number[2];
    unsigned n_doubts;
};

static bool read_start(struct ml_span bytes, struct start *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint16_t id = 0;
    uint16_t client = 0;
    uint8_t type = 0;
    uint8_t step = 0;
    memset(out, 0, sizeof *out);
    if (!ml_span_starts(bytes, "TS3INIT1") || !ml_rd_skip(&rd, 8) || !ml_rd_u16(&rd, &id) || id != PACKET_ID) {
        return false;
    }
    struct ml_reader server = rd;
    if (ml_rd_u16(&rd, &client) && ml_rd_u8(&rd, &type) && type == PACKET_TYPE && ml_rd_u32(&rd, &out->build) &&
        ml_rd_u8(&rd, &step) && step <= MAX_STEP) {
        out->is_client = true;
        return true;
    }
    return ml_rd_u8(&server, &type) && type == PACKET_TYPE && ml_rd_u8(&server, &step);
}

/*
 * 01, a number that counts up (little endian), a step: the server asks (4 bytes), the list answers with a number (8),
 * the server repeats it and tells its port (16), the list is content (5).
 */
static bool read_announcement(struct ml_span bytes, struct announcement *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint8_t first = 0;
    memset(out, 0, sizeof *out);
    out->len = bytes.len;
    if (!ml_rd_u8(&rd, &first) || first != 1 || !ml_rd_le16(&rd, &out->seq) || !ml_rd_u8(&rd, &out->step)) {
        return false;
    }
    switch (bytes.len) {
    case 4:
        return out->step == 1;
    case 5:
        return out->step == 2;
    case 8:
        return out->step == 1 && ml_rd_u32(&rd, &out->number);
    case 16:
        return out->step == 2 && ml_rd_u32(&rd, &out->number);
    default:
        return false;
    }
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    struct start start;
    struct announcement announcement;
    bool is_ours = read_start(chunk->bytes, &start) || read_announcement(chunk->bytes, &announcement);
    return is_ours ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct teamspeak *teamspeak = ml_mem_array(1, sizeof *teamspeak);
    if (teamspeak != NULL) {
        teamspeak->env = env;
    }
    return teamspeak;
}

static void on_start(struct teamspeak *teamspeak, const struct ml_chunk *chunk, const struct start *start)
{
    struct ml_fact_draft draft;
    char time[ML_TIME_TEXT];
    teamspeak->is_certain = true;
    ml_fact_begin(&draft, ML_FACT_TEAMSPEAK, chunk);
    if (start->is_client) {
        (void)ml_date_format(((int64_t)start->build + EPOCH) * INT64_C(1000000000), time);
        ml_fact_cstr(&draft, ML_F_CALL_VERSION, time);
    }
    (void)ml_fact_emit(teamspeak->env->facts, &draft); /* a ceiling is counted there */
}

static void on_announcement(struct teamspeak *teamspeak, const struct ml_chunk *chunk,
                            const struct announcement *announcement)
{
    struct ml_fact_draft draft;
    enum ml_dir other = ml_dir_other(chunk->dir);
    if (announcement->len == 8) {
        teamspeak->has_number[chunk->dir] = true;
        teamspeak->number[chunk->dir] = announcement->number;
    } else if (announcement->len == 16 && teamspeak->has_number[other] &&
               teamspeak->number[other] == announcement->number) {
        teamspeak->is_certain = true;
        ml_fact_begin(&draft, ML_FACT_TEAMSPEAK, chunk);
        (void)ml_fact_emit(teamspeak->env->facts, &draft);
    }
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct teamspeak *teamspeak = self;
    struct start start;
    struct announcement announcement;
    if (read_start(chunk->bytes, &start)) {
        on_start(teamspeak, chunk, &start);
    } else if (read_announcement(chunk->bytes, &announcement)) {
        on_announcement(teamspeak, chunk, &announcement);
    }
    teamspeak->n_doubts += teamspeak->is_certain ? 0 : 1;
    return teamspeak->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct teamspeak *teamspeak = self;
    return teamspeak->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_teamspeak = {
    .name = "teamspeak",
    .over = ML_OVER_UDP,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
