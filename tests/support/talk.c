/* SPDX-License-Identifier: Apache-2.0 */
#include "support/talk.h"

#include "core/mem.h"
#include "support/capfile.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

enum {
    ANSWER_NS = 40 * 1000,  /* the client's own delay before an acknowledgement */
    SERIAL_NS = 120 * 1000, /* between segments of one burst */
    MAX_PACKET = 1 << 17
};

void reel_init(struct reel *reel)
{
    *reel = (struct reel){0};
    ml_arena_init(&reel->arena, false);
}

void reel_fini(struct reel *reel)
{
    ml_arena_fini(&reel->arena);
    ml_mem_free(reel->packets);
    *reel = (struct reel){0};
}

void reel_add(struct reel *reel, int64_t time_ns, bool is_outbound, struct ml_span packet)
{
    if (reel->n == reel->size) {
        size_t size = reel->size != 0 ? 2 * reel->size : 64;
        reel->packets = ml_mem_resize(reel->packets, size, sizeof *reel->packets);
        ML_ASSERT(reel->packets != NULL);
        reel->size = size;
    }
    struct ml_span kept = reel->snap != 0 ? ml_span_cut(packet, 0, reel->snap) : packet;
    struct ml_span copy = ml_arena_copy(&reel->arena, kept);
    ML_ASSERT(copy.ptr != NULL);
    reel->packets[reel->n++] =
        (struct reel_packet){time_ns, copy, reel->comment, is_outbound, reel->app, packet.len - kept.len};
    reel->comment = NULL;
}

void reel_udp(struct reel *reel, int64_t time_ns, bool is_outbound, const struct build_ends *ends,
              struct ml_span payload)
{
    struct ml_buf packet;
    ml_buf_init(&packet, MAX_PACKET);
    build_datagram(&packet, ends, payload);
    reel_add(reel, time_ns, is_outbound, build_span(&packet));
    ml_buf_fini(&packet);
}

/* Insertion: stable, and conversations come almost in order. */
void reel_sort(struct reel *reel)
{
    for (size_t i = 1; i < reel->n; i++) {
        struct reel_packet packet = reel->packets[i];
        size_t at = i;
        for (; at > 0 && reel->packets[at - 1].time_ns > packet.time_ns; at--) {
            reel->packets[at] = reel->packets[at - 1];
        }
        reel->packets[at] = packet;
    }
}

/* PCAPdroid (captures of classic pcap over Ethernet): no addresses, and behind the packet who it belongs to. */
static void add_app(struct ml_buf *frame, const struct reel_app *app)
{
    enum { ADDRESSES = 12, LABEL = 20 };
    uint8_t label[LABEL + 4] = {0}; /* then a check sum that nobody reads */
    memset(frame->bytes, 0, ADDRESSES);
    while (frame->len % 4 != 0) {
        build_be(frame, 1, 0);
    }
    memcpy(label, app->label, strnlen(app->label, LABEL - 1));
    build_be(frame, 4, 0x01072021);
    build_be(frame, 4, app->uid);
    ml_buf_add(frame, label, sizeof label);
}

static struct ml_span frame_of(struct ml_buf *frame, enum build_link link, const struct reel_packet *packet)
{
    ml_buf_clear(frame);
    build_frame(frame, link, packet->is_outbound, packet->bytes);
    if (packet->app != NULL) {
        ML_ASSERT(link == BUILD_LINK_ETHERNET);
        add_app(frame, packet->app);
    }
    return build_span(frame);
}

void reel_write_pcap(const struct reel *reel, enum build_link link, struct ml_buf *out)
{
    struct capfile file;
    struct ml_buf frame;
    ml_buf_init(&frame, MAX_PACKET);
    capfile_pcap(&file, out, false, false, link, 262144);
    for (size_t i = 0; i < reel->n; i++) {
        const struct reel_packet *packet = &reel->packets[i];
        struct ml_span bytes = frame_of(&frame, link, packet);
        capfile_record(&file, packet->time_ns, bytes, packet->n_cut != 0 ? (uint32_t)(bytes.len + packet->n_cut) : 0);
    }
    ml_buf_fini(&frame);
}

void reel_write_pcapng(const struct reel *reel, enum build_link link, const char *application, struct ml_buf *out)
{
    struct capfile file;
    struct ml_buf frame;
    ml_buf_init(&frame, MAX_PACKET);
    capfile_section(&file, out, false, application);
    capfile_interface(&file, link, 262144, 9, NULL);
    for (size_t i = 0; i < reel->n; i++) {
        const struct reel_packet *packet = &reel->packets[i];
        struct ml_span bytes = frame_of(&frame, link, packet);
        capfile_packet(&file, 0, packet->time_ns, bytes, packet->n_cut != 0 ? (uint32_t)(bytes.len + packet->n_cut) : 0,
                       packet->comment, packet->is_outbound ? 2 : 1);
    }
    ml_buf_fini(&frame);
}

static enum talk_side other(enum talk_side side)
{
    return side == TALK_CLIENT ? TALK_SERVER : TALK_CLIENT;
}

/* One segment at now_ns; moves the sequence number on. */
static void say(struct talk *talk, enum talk_side side, uint8_t flags, struct ml_span options, struct ml_span payload)
{
    struct build_ends ends = side == TALK_CLIENT ? talk->ends : build_ends_back(&talk->ends);
    struct build_tcp tcp = {
        .seq = talk->seq[side],
        .ack = (flags & ACK) != 0 ? talk->seq[other(side)] : 0,
        .flags = flags,
        .options = options,
    };
    struct build_ip ip = {.src = ends.src, .dst = ends.dst, .proto = 6, .ttl = talk->ttl[side], .id = talk->id[side]++};
    struct ml_buf segment;
    struct ml_buf packet;
    ml_buf_init(&segment, MAX_PACKET);
    ml_buf_init(&packet, MAX_PACKET);
    build_tcp(&segment, &ends, &tcp, payload);
    build_ip(&packet, &ip, build_span(&segment));
    reel_add(talk->reel, talk->now_ns, side == TALK_CLIENT, build_span(&packet));
    ml_buf_fini(&segment);
    ml_buf_fini(&packet);
    talk->seq[side] += (uint32_t)payload.len + ((flags & (SYN | FIN)) != 0 ? 1U : 0U);
}

static void quiet(struct talk *talk, enum talk_side side, uint8_t flags)
{
    say(talk, side, flags, ml_span_of(NULL, 0), ml_span_of(NULL, 0));
}

static void defaults(struct talk *talk)
{
    struct build_prng prng = {(uint64_t)talk->ends.src_port << 16 | talk->ends.dst_port};
    talk->rtt_ns = talk->rtt_ns != 0 ? talk->rtt_ns : 20 * 1000 * 1000;
    talk->mss = talk->mss != 0 ? talk->mss : 1400;
    talk->ttl[TALK_CLIENT] = talk->ttl[TALK_CLIENT] != 0 ? talk->ttl[TALK_CLIENT] : 64;
    talk->ttl[TALK_SERVER] = talk->ttl[TALK_SERVER] != 0 ? talk->ttl[TALK_SERVER] : 52;
    for (int side = 0; side < 2; side++) {
        talk->seq[side] = talk->seq[side] != 0 ? talk->seq[side] : (uint32_t)build_u64(&prng);
        talk->id[side] = talk->id[side] != 0 ? talk->id[side] : (uint32_t)build_u64(&prng) & 0xffff;
    }
}

void talk_open(struct talk *talk)
{
    defaults(talk);
    /* Maximum segment size, SACK permitted, window scale 7 with a NOP in front. */
    uint8_t options[] = {2, 4, (uint8_t)(talk->mss >> 8), (uint8_t)talk->mss, 4, 2, 1, 3, 3, 7};
    struct ml_span span = ml_span_of(options, sizeof options);
    say(talk, TALK_CLIENT, SYN, span, ml_span_of(NULL, 0));
    talk->now_ns += talk->rtt_ns;
    say(talk, TALK_SERVER, SYN | ACK, span, ml_span_of(NULL, 0));
    talk->now_ns += ANSWER_NS;
    quiet(talk, TALK_CLIENT, ACK);
    talk->now_ns += ANSWER_NS;
}

static void burst(struct talk *talk, enum talk_side side, struct ml_span bytes)
{
    for (size_t at = 0; at < bytes.len; at += talk->mss) {
        struct ml_span part = ml_span_cut(bytes, at, talk->mss);
        bool is_last = at + part.len == bytes.len;
        say(talk, side, is_last ? ACK | PSH : ACK, ml_span_of(NULL, 0), part);
        talk->now_ns += is_last ? 0 : SERIAL_NS;
    }
}

void talk_send(struct talk *talk, enum talk_side side, struct ml_span bytes)
{
    if (side == TALK_SERVER) {
        talk->now_ns += talk->rtt_ns;
        talk_push(talk, bytes);
        return;
    }
    burst(talk, TALK_CLIENT, bytes);
    int64_t sent_ns = talk->now_ns;
    talk->now_ns += talk->rtt_ns - ANSWER_NS;
    quiet(talk, TALK_SERVER, ACK);
    /* The answer to this may follow at sent_ns + rtt_ns: time goes on from the sending. */
    talk->now_ns = sent_ns + ANSWER_NS;
}

void talk_push(struct talk *talk, struct ml_span bytes)
{
    burst(talk, TALK_SERVER, bytes);
    talk->now_ns += ANSWER_NS;
    quiet(talk, TALK_CLIENT, ACK);
    talk->now_ns += ANSWER_NS;
}

void talk_wait(struct talk *talk, int64_t ns)
{
    talk->now_ns += ns;
}

void talk_close(struct talk *talk, enum talk_side side)
{
    quiet(talk, side, FIN | ACK);
    talk->now_ns += side == TALK_CLIENT ? talk->rtt_ns : ANSWER_NS;
    quiet(talk, other(side), FIN | ACK);
    talk->now_ns += side == TALK_CLIENT ? ANSWER_NS : talk->rtt_ns;
    quiet(talk, side, ACK);
    talk->now_ns += ANSWER_NS;
}

void talk_reset(struct talk *talk, enum talk_side side)
{
    quiet(talk, side, RST | ACK);
    talk->now_ns += ANSWER_NS;
}
