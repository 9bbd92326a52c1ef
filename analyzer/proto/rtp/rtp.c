/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rtp/rtp.h"

#include "core/mem.h"
#include "proto/rtp/rtcp.h"
#include "proto/rtp/stream.h"

enum {
    MIN_REPORTS = 3,     /* reports of one source that make RTCP without media certain */
    MIN_ENCRYPTED = 6,   /* the same where only their first eight bytes can be read */
    MAX_INDEX_STEP = 16, /* SRTCP packets lost between two */
    ZRTP_COOKIE = 0x5a525450,
    MAX_DOUBTS = 64 /* datagrams without belief before it gives up */
};

struct report_side {
    uint32_t ssrc;
    uint32_t n;             /* compounds in clear of that source */
    uint32_t last_index[2]; /* of SRTCP, for both places it can stand */
    uint32_t index_ssrc;    /* whose index that is */
    uint32_t n_index;       /* reports of that source whose rest is encrypted */
};

struct rtp {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    struct ml_rtp_stream streams[ML_MAX_RTP_STREAMS];
    unsigned n_streams;
    struct report_side reports[2];
    bool is_certain;
    bool has_srtcp;
    bool has_zrtp; /* keys are agreed on while media is flowing already */
    unsigned n_doubts;
};

static bool is_control(struct ml_span datagram)
{
    struct ml_rtcp_packet first;
    return ml_rtcp_begins(datagram, &first);
}

/* RFC 6189, section 5: four bits of version, then a cookie where RTP has its timestamp. */
static bool is_zrtp(struct ml_span datagram)
{
    struct ml_reader rd = ml_rd_open_framed(datagram);
    uint32_t word = 0;
    return ml_rd_u32(&rd, &word) && word >> 28 == 1 && ml_rd_u32(&rd, &word) && word == ZRTP_COOKIE;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    struct ml_rtp_packet packet;
    bool is_ours = is_control(chunk->bytes) || is_zrtp(chunk->bytes) || ml_rtp_read(chunk->bytes, &packet);
    return is_ours ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct rtp *rtp = ml_mem_array(1, sizeof *rtp);
    if (rtp != NULL) {
        rtp->env = env;
        rtp->flow = flow;
    }
    return rtp;
}

/* --- media --- */

static struct ml_rtp_stream *find_stream(struct rtp *rtp, enum ml_dir dir, uint32_t ssrc)
{
    for (unsigned i = 0; i < rtp->n_streams; i++) {
        if (rtp->streams[i].dir == dir && rtp->streams[i].ssrc == ssrc) {
            return &rtp->streams[i];
        }
    }
    return NULL;
}

/* Room for a new stream: a free place, or that of one nobody believes. */
static struct ml_rtp_stream *new_stream(struct rtp *rtp)
{
    if (rtp->n_streams < ML_MAX_RTP_STREAMS) {
        return &rtp->streams[rtp->n_streams++];
    }
    for (unsigned i = 0; i < ML_MAX_RTP_STREAMS; i++) {
        if (!ml_rtp_stream_is_believed(&rtp->streams[i])) {
            memmove(&rtp->streams[i], &rtp->streams[i + 1], (ML_MAX_RTP_STREAMS - 1 - i) * sizeof rtp->streams[0]);
            return &rtp->streams[ML_MAX_RTP_STREAMS - 1]; /* in the order of their first packets */
        }
    }
    return NULL;
}

static void on_media(struct rtp *rtp, const struct ml_chunk *chunk, const struct ml_rtp_packet *packet)
{
    struct ml_rtp_stream *stream = find_stream(rtp, chunk->dir, packet->ssrc);
    if (stream != NULL) {
        ml_rtp_stream_add(stream, chunk, packet);
        rtp->is_certain = rtp->is_certain || ml_rtp_stream_is_believed(stream);
        return;
    }
    stream = new_stream(rtp);
    if (stream != NULL) {
        ml_rtp_stream_begin(stream, chunk, packet);
    }
}

/* --- control --- */

static enum ml_field field_of(uint8_t item)
{
    switch (item) {
    case ML_RTCP_CNAME:
        return ML_F_RTP_CNAME;
    case ML_RTCP_NAME:
        return ML_F_RTP_NAME;
    case ML_RTCP_EMAIL:
        return ML_F_RTP_EMAIL;
    case ML_RTCP_PHONE:
        return ML_F_RTP_PHONE;
    case ML_RTCP_LOC:
        return ML_F_RTP_LOCATION;
    case ML_RTCP_TOOL:
        return ML_F_RTP_TOOL;
    default:
        return ML_FIELD_NONE;
    }
}

static void end_description(struct rtp *rtp, const struct ml_fact_draft *draft)
{
    if (draft->n_attrs > 1) { /* more than the source's number */
        (void)ml_fact_emit(rtp->env->facts, draft);
    }
}

/* One fact for each source of a description. */
static void state_description(struct rtp *rtp, const struct ml_chunk *chunk, const struct ml_rtcp_packet *packet)
{
    struct ml_rtcp_walk walk;
    struct ml_fact_draft draft;
    struct ml_span text = {0};
    uint8_t item = 0;
    unsigned source = 0; /* sources left when the draft was begun */
    ml_rtcp_walk_init(&walk, packet);
    source = walk.n_left + 1;
    draft.n_attrs = 0;
    while (ml_rtcp_walk_next(&walk, &item, &text)) {
        if (walk.n_left != source) {
            end_description(rtp, &draft);
            source = walk.n_left;
            ml_fact_begin(&draft, ML_FACT_RTCP_SDES, chunk);
            ml_fact_number(&draft, ML_F_RTP_SSRC, walk.ssrc);
        }
        if (field_of(item) != ML_FIELD_NONE) {
            ml_fact_text(&draft, field_of(item), text);
        }
    }
    end_description(rtp, &draft);
}

static bool has_cname(const struct ml_rtcp_packet *packet)
{
    struct ml_rtcp_walk walk;
    struct ml_span text = {0};
    uint8_t item = 0;
    ml_rtcp_walk_init(&walk, packet);
    while (ml_rtcp_walk_next(&walk, &item, &text)) {
        if (item == ML_RTCP_CNAME && text.len != 0) {
            return true;
        }
    }
    return false;
}

/* RFC 3550, section 6.1: a report first, then a description with a canonical name. */
static bool is_proper(struct ml_span datagram)
{
    struct ml_reader rd = ml_rd_open_framed(datagram);
    struct ml_rtcp_packet packet;
    bool begins_with_report = ml_rtcp_next(&rd, &packet) && packet.type <= ML_RTCP_RR;
    while (begins_with_report && ml_rtcp_next(&rd, &packet)) {
        if (packet.type == ML_RTCP_SDES && has_cname(&packet)) {
            return true;
        }
    }
    return false;
}

static void on_compound(struct rtp *rtp, const struct ml_chunk *chunk, uint32_t ssrc)
{
    struct report_side *side = &rtp->reports[chunk->dir];
    struct ml_reader rd = ml_rd_open_framed(chunk->bytes);
    struct ml_rtcp_packet packet;
    side->n = side->ssrc == ssrc ? side->n + 1 : 1;
    side->ssrc = ssrc;
    rtp->is_certain = rtp->is_certain || side->n >= MIN_REPORTS || is_proper(chunk->bytes);
    while (rtp->is_certain && ml_rtcp_next(&rd, &packet)) {
        if (packet.type == ML_RTCP_SDES) {
            state_description(rtp, chunk, &packet);
        }
    }
}

/* An index with the bit "encrypted" that counts up: SRTCP, and so the media is SRTP. */
static void on_encrypted(struct rtp *rtp, const struct ml_chunk *chunk, const struct ml_rtcp_packet *first)
{
    struct report_side *side = &rtp->reports[chunk->dir];
    bool is_same = side->index_ssrc == first->ssrc;
    side->index_ssrc = first->ssrc;
    side->n_index = (is_same ? side->n_index : 0) + (ml_rtcp_is_report(first) ? 1 : 0);
    for (unsigned place = 0; place < 2; place++) {
        uint32_t index = ml_srtcp_index(chunk->bytes, place != 0);
        uint32_t step = index - side->last_index[place];
        bool counts = is_same && index != 0 && side->last_index[place] != 0 && step >= 1 && step <= MAX_INDEX_STEP;
        rtp->has_srtcp = rtp->has_srtcp || counts;
        side->last_index[place] = index;
    }
    rtp->is_certain = rtp->is_certain || rtp->has_srtcp || side->n_index >= MIN_ENCRYPTED;
}

static void on_control(struct rtp *rtp, const struct ml_chunk *chunk, const struct ml_rtcp_packet *first)
{
    if (chunk->is_cut) {
        return;
    }
    if (ml_rtcp_is_compound(chunk->bytes)) {
        on_compound(rtp, chunk, first->ssrc);
    } else {
        on_encrypted(rtp, chunk, first);
    }
}

/* --- the parser --- */

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct rtp *rtp = self;
    struct ml_rtcp_packet first;
    struct ml_rtp_packet packet;
    if (ml_rtcp_begins(chunk->bytes, &first)) {
        on_control(rtp, chunk, &first);
    } else if (ml_rtp_read(chunk->bytes, &packet)) {
        on_media(rtp, chunk, &packet);
    } else {
        rtp->has_zrtp = rtp->has_zrtp || is_zrtp(chunk->bytes);
    }
    rtp->n_doubts += rtp->is_certain ? 0 : 1;
    return rtp->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct rtp *rtp = self;
    return rtp->is_certain;
}

/* DTLS on the same ports agrees on keys for SRTP (RFC 5764); the hello of QUIC does not. */
static bool has_dtls(const struct ml_flow *flow)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        bool is_hello = fact->kind == ML_FACT_TLS_CLIENT_HELLO || fact->kind == ML_FACT_TLS_SERVER_HELLO;
        bool is_quic = false;
        for (unsigned i = 0; i < fact->n_layers; i++) {
            is_quic = is_quic || fact->layers[i] == ML_LAYER_QUIC_CRYPTO;
        }
        if (is_hello && !is_quic) {
            return true;
        }
    }
    return false;
}

/*
 * What was measured comes before what was agreed on. Not with ZRTP: the media that was measured is from before the
 * keys, and what came after is not told apart.
 */
static void add_protection(const struct rtp *rtp, const struct ml_rtp_stream *stream, uint8_t type,
                           struct ml_fact_draft *draft)
{
    enum ml_rtp_look look = rtp->has_zrtp ? ML_RTP_UNTOLD : ml_rtp_sample_look(&stream->sample, type);
    const char *by = look == ML_RTP_CLEAR    ? "payload statistics"
                     : has_dtls(rtp->flow)   ? "dtls"
                     : rtp->has_srtcp        ? "srtcp"
                     : look == ML_RTP_CIPHER ? "payload statistics"
                                             : NULL;
    if (by != NULL) {
        ml_fact_truth(draft, ML_F_RTP_ENCRYPTED, look != ML_RTP_CLEAR);
        ml_fact_cstr(draft, ML_F_RTP_ENCRYPTED_BY, by);
    }
}

static void state_stream(const struct rtp *rtp, const struct ml_rtp_stream *stream)
{
    struct ml_fact_draft draft;
    uint8_t type = ml_rtp_stream_type(stream);
    const char *codec = ml_rtp_codec(type);
    ml_fact_begin(&draft, ML_FACT_RTP_STREAM, &stream->first);
    draft.range_len = stream->first_len;
    draft.last_seq = stream->last_packet;
    ml_fact_number(&draft, ML_F_RTP_PAYLOAD_TYPE, type);
    if (codec != NULL) {
        ml_fact_cstr(&draft, ML_F_RTP_CODEC, codec);
    }
    ml_fact_number(&draft, ML_F_RTP_SSRC, stream->ssrc);
    add_protection(rtp, stream, type, &draft);
    if (ml_rtp_stream_lengths(stream) != 0) {
        ml_fact_number(&draft, ML_F_RTP_LENGTHS, ml_rtp_stream_lengths(stream));
    }
    (void)ml_fact_emit(rtp->env->facts, &draft); /* a ceiling is counted there */
}

static void destroy(void *self)
{
    struct rtp *rtp = self;
    for (unsigned i = 0; rtp->is_certain && i < rtp->n_streams; i++) {
        if (ml_rtp_stream_is_believed(&rtp->streams[i])) {
            state_stream(rtp, &rtp->streams[i]);
        }
    }
    ml_mem_free(rtp);
}

const struct ml_parser ml_parser_rtp = {
    .name = "rtp",
    .over = ML_OVER_UDP,
    .plain_of = ML_PLAIN_OF_FACTS,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
