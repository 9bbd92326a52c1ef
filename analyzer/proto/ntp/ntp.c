/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ntp/ntp.h"

#include "core/mem.h"
#include "core/reader.h"

enum {
    PORT = 123,
    MODE_ACTIVE = 1,
    MODE_CLIENT = 3,
    MODE_BROADCAST = 5,
    MAX_STRATUM = 16,
    NEAR_S =
        24 * 3600 /* seconds: a clock that far off the capture's is still a clock, noise hardly ever comes so near */
};

/* Seconds between 1900, where NTP counts from, and 1970. */
static const int64_t epoch_s = INT64_C(2208988800);

struct packet {
    uint8_t version;
    uint8_t mode;
    uint8_t stratum;
    struct ml_span reference; /* four bytes */
    uint64_t origin;
    uint64_t transmit;
};

struct ntp {
    struct ml_proto_env *env; /* borrowed */
};

static bool parse(struct ml_span bytes, struct packet *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint8_t head = 0;
    uint64_t receive = 0;
    /* leap, version, mode; stratum, poll, precision; delay, dispersion; id; four times */
    if (!ml_rd_u8(&rd, &head) || !ml_rd_u8(&rd, &out->stratum) || !ml_rd_skip(&rd, 2 + 8) ||
        !ml_rd_span(&rd, 4, &out->reference) || !ml_rd_skip(&rd, 8) || !ml_rd_u64(&rd, &out->origin) ||
        !ml_rd_u64(&rd, &receive) || !ml_rd_u64(&rd, &out->transmit)) {
        return false;
    }
    out->version = head >> 3 & 7;
    out->mode = head & 7;
    return out->version >= 1 && out->version <= 4 && out->mode >= MODE_ACTIVE && out->mode <= MODE_BROADCAST &&
           out->stratum <= MAX_STRATUM;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct packet packet;
    bool is_port = first->flow->server_port == PORT || first->flow->client_port == PORT;
    return is_port && parse(first->bytes, &packet) ? ML_MATCH_YES : ML_MATCH_NO;
}

/* Is the time within a day of when the packet was captured? */
static bool tells_clock(uint64_t ntp_time, int64_t time_ns)
{
    int64_t off_s = (int64_t)(ntp_time >> 32) - epoch_s - time_ns / 1000000000;
    return off_s > -NEAR_S && off_s < NEAR_S;
}

/* Four letters for a clock (stratum 1) or a reason to go away (0); an address says nothing more. */
static bool is_code(const struct packet *packet)
{
    for (size_t i = 0; i < packet->reference.len; i++) {
        uint8_t byte = packet->reference.ptr[i];
        if ((byte < 'A' || byte > 'Z') && !(byte == 0 && i >= 2)) {
            return false;
        }
    }
    return packet->stratum <= 1;
}

static void state(struct ntp *ntp, const struct ml_chunk *chunk, const struct packet *packet)
{
    struct ml_fact_draft draft;
    bool is_query = packet->mode == MODE_CLIENT || packet->mode == MODE_ACTIVE;
    ml_fact_begin(&draft, is_query ? ML_FACT_NTP_QUERY : ML_FACT_NTP_ANSWER, chunk);
    draft.is_cut = chunk->is_cut;
    ml_fact_number(&draft, ML_F_NTP_VERSION, packet->version);
    if (is_query) {
        ml_fact_truth(&draft, ML_F_NTP_CLOCK, tells_clock(packet->transmit, chunk->time_ns));
    } else {
        ml_fact_number(&draft, ML_F_NTP_STRATUM, packet->stratum);
        if (is_code(packet)) {
            struct ml_span code = packet->reference;
            while (code.len != 0 && code.ptr[code.len - 1] == 0) {
                code.len--;
            }
            ml_fact_text(&draft, ML_F_NTP_REFERENCE, code);
        }
    }
    (void)ml_fact_emit(ntp->env->facts, &draft);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct ntp *ntp = self;
    struct packet packet;
    if (parse(chunk->bytes, &packet)) {
        state(ntp, chunk, &packet);
    } else {
        ml_count(ntp->env->counters, ML_COUNT_BAD_OTHER);
    }
    return true;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct ntp *ntp = ml_mem_array(1, sizeof *ntp);
    (void)flow;
    if (ntp != NULL) {
        ntp->env = env;
    }
    return ntp;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_ntp = {
    .name = "ntp",
    .over = ML_OVER_UDP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
