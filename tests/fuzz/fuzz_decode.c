/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture of one link type: [link type, index into a table] and then packets as [seconds since the last][bytes
 * missing on the wire][length, two bytes][bytes].
 *
 * Each packet is counted once; spans lie inside the IP packet; a second decoder sees the same; and the IP packet of a
 * segment, decoded alone, gives the segment again.
 */
#include "core/mem.h"
#include "core/reader.h"
#include "decode/decode.h"
#include "fuzz/fuzz.h"

enum { RAW = 101 };

static const int link_types[] = {0,   1,   6,   7,   8,   9,   10,  12,  14,  50,  51,  100, 101, 104,
                                 105, 106, 107, 108, 113, 119, 123, 127, 129, 138, 149, 163, 166, 192,
                                 197, 204, 226, 228, 229, 239, 258, 276, 281, 282, 284, 285};

/* Two decoders fed alike and one for single IP packets. */
struct bench {
    struct ml_counters counters, other_counters, alone_counters;
    struct ml_decoder *decoder, *other, *alone;
};

static void everything_is_counted_once(const struct ml_counters *counters)
{
    uint64_t sum = counters->n[ML_COUNT_PACKETS_DECODED];
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        sum += strncmp(ml_counter_name((enum ml_counter)i), "undecoded.", 10) == 0 ? counters->n[i] : 0;
    }
    ML_ASSERT(sum == counters->n[ML_COUNT_PACKETS_READ]);
}

static void is_same(const struct ml_segment *a, const struct ml_segment *b)
{
    ML_ASSERT(ml_ip_equal(&a->src, &b->src) && ml_ip_equal(&a->dst, &b->dst));
    ML_ASSERT(a->src_port == b->src_port && a->dst_port == b->dst_port && a->ip_proto == b->ip_proto);
    ML_ASSERT(a->tcp_seq == b->tcp_seq && a->tcp_flags == b->tcp_flags && a->tcp_tsval == b->tcp_tsval);
    ML_ASSERT(ml_span_equal(a->payload, b->payload));
}

static void is_sound(const struct ml_segment *segment)
{
    ML_ASSERT(segment->src.family == segment->dst.family && segment->n_tunnels <= ML_MAX_TUNNEL_DEPTH);
    ML_ASSERT(segment->payload.len <= segment->payload_len);
    ML_ASSERT(segment->is_cut || segment->payload.len == segment->payload_len);
    ML_ASSERT(segment->payload.len == 0 ||
              (segment->payload.ptr > segment->ip.ptr &&
               segment->payload.ptr + segment->payload.len <= segment->ip.ptr + segment->ip.len));
    ML_ASSERT(ml_span_compare(segment->ip, segment->ip) == 0); /* a sanitizer sees a span that is too long */
}

static void stands_alone(struct bench *bench, const struct ml_segment *segment)
{
    struct ml_segment again;
    /* Of a datagram put together, ip_len is that of its fragments; the header tells what is missing. */
    size_t wire_len = segment->was_fragmented ? segment->ip.len : segment->ip_len;
    struct ml_packet packet = {.seq = 1, .link_type = RAW, .wire_len = (uint32_t)wire_len, .bytes = segment->ip};
    ML_ASSERT(ml_decode_packet(bench->alone, &packet, &again));
    is_same(segment, &again);
}

static void decode(struct bench *bench, const struct ml_packet *packet)
{
    struct ml_segment segment;
    struct ml_segment other;
    uint64_t kept = bench->counters.n[ML_COUNT_TUNNELS_KEPT_OUTER];
    bool ok = ml_decode_packet(bench->decoder, packet, &segment);
    everything_is_counted_once(&bench->counters);
    ML_ASSERT(ml_decode_packet(bench->other, packet, &other) == ok);
    if (!ok) {
        return;
    }
    is_sound(&segment);
    is_same(&segment, &other);
    /* A packet around a tunnel that came to nothing may have been so because of an earlier fragment. */
    if (kept == bench->counters.n[ML_COUNT_TUNNELS_KEPT_OUTER]) {
        stands_alone(bench, &segment);
    }
}

static bool next_packet(struct ml_reader *input, struct ml_packet *packet)
{
    uint8_t seconds = 0;
    uint8_t missing = 0;
    uint16_t len = 0;
    if (!ml_rd_u8(input, &seconds) || !ml_rd_u8(input, &missing) || !ml_rd_u16(input, &len)) {
        return false;
    }
    size_t left = ml_rd_left(input);
    size_t have = len < left ? len : left;
    uint8_t *copy = ml_mem_array(have != 0 ? have : 1, 1); /* exact, so that one byte too far is seen */
    ML_ASSERT(copy != NULL && ml_rd_copy(input, copy, have));
    packet->seq++;
    packet->time_ns += seconds * INT64_C(1000000000);
    packet->wire_len = (uint32_t)have + missing;
    packet->bytes = ml_span_of(copy, have);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_reader input = ml_rd_open(ml_span_of(data, size));
    uint8_t index = 0;
    if (!ml_rd_u8(&input, &index)) {
        return 0;
    }
    struct bench bench = {0};
    bench.decoder = ml_decoder_new(&bench.counters);
    bench.other = ml_decoder_new(&bench.other_counters);
    bench.alone = ml_decoder_new(&bench.alone_counters);
    ML_ASSERT(bench.decoder != NULL && bench.other != NULL && bench.alone != NULL);
    struct ml_packet packet = {.link_type = link_types[index % (sizeof link_types / sizeof link_types[0])]};
    while (next_packet(&input, &packet)) {
        decode(&bench, &packet);
        ml_mem_free((void *)(uintptr_t)packet.bytes.ptr);
    }
    ml_decoder_flush(bench.decoder);
    ml_decoder_free(bench.decoder);
    ml_decoder_free(bench.other);
    ml_decoder_free(bench.alone);
    return 0;
}
