/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP streams from hostile segments. Input: a settings byte, then steps of {flags and direction, sequence number (2,
 * scaled), length, bytes}. Oracle: the offsets of a direction ascend without overlap or unnamed hole, all bytes lie in
 * a segment that was fed, every flow that was opened is closed.
 */
#include "core/limits.h"
#include "core/mem.h"
#include "core/reader.h"
#include "flow/table.h"
#include "fuzz/fuzz.h"

struct watch {
    uint64_t next[2];    /* offset expected, by direction; of the flow that is open */
    uint64_t fed, given; /* payload bytes in and out */
    unsigned n_open;
    bool settles;
};

static bool on_opened(void *context, struct ml_flow *flow, void **state)
{
    (void)flow;
    struct watch *watch = context;
    ML_ASSERT(watch->n_open == 0); /* one key, so the old flow was closed first */
    watch->n_open++;
    watch->next[ML_UP] = 0;
    watch->next[ML_DOWN] = 0;
    *state = watch;
    return true;
}

static void on_chunk(void *context, struct ml_flow *flow, void *state, const struct ml_chunk *chunk)
{
    struct watch *watch = context;
    ML_ASSERT(state == context);
    ML_ASSERT(chunk->offset == watch->next[chunk->dir]);
    ML_ASSERT((chunk->bytes.len != 0) != (chunk->gap_len != 0));
    ML_ASSERT(chunk->seq >= flow->first_seq && chunk->seq <= flow->last_seq);
    watch->next[chunk->dir] += chunk->bytes.len + chunk->gap_len;
    watch->given += chunk->bytes.len;
    ML_ASSERT(watch->given <= watch->fed);
    if (watch->settles && chunk->bytes.len == 7) {
        ml_flow_settle(flow);
    }
}

static void on_closed(void *context, struct ml_flow *flow, void *state)
{
    (void)flow;
    struct watch *watch = context;
    ML_ASSERT(state == context && watch->n_open == 1);
    watch->n_open--;
}

/* False at the end of the input. */
static bool next_segment(struct ml_reader *rd, uint8_t settings, struct ml_segment *segment)
{
    uint8_t what = 0;
    uint16_t place = 0;
    uint16_t ack = 0;
    uint8_t len = 0;
    if (!ml_rd_u8(rd, &what) || !ml_rd_u16(rd, &place) || !ml_rd_u16(rd, &ack) || !ml_rd_u8(rd, &len)) {
        return false;
    }
    if (!ml_rd_span(rd, len < ml_rd_left(rd) ? len : ml_rd_left(rd), &segment->payload)) {
        return false;
    }
    const uint8_t a[4] = {192, 0, 2, 1};
    const uint8_t b[4] = {198, 51, 100, 2};
    bool is_up = (what & 0x80) != 0;
    uint32_t scale = (settings & 1) != 0 ? 65537 : 1; /* near places, or the whole circle */
    segment->src = ml_ip4(is_up ? a : b);
    segment->dst = ml_ip4(is_up ? b : a);
    segment->src_port = is_up ? 50000 : 443;
    segment->dst_port = is_up ? 443 : 50000;
    segment->ip_proto = ML_IP_TCP;
    segment->tcp_flags = what & 0x17; /* FIN, SYN, RST, ACK */
    segment->tcp_seq = place * scale + ((settings & 2) != 0 ? UINT32_MAX - 300 : 0);
    segment->tcp_ack = ack * scale + ((settings & 2) != 0 ? UINT32_MAX - 300 : 0);
    segment->is_cut = (what & 0x40) != 0;
    segment->payload_len = (uint32_t)segment->payload.len + (segment->is_cut ? 5 : 0);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_reader rd = ml_rd_open(ml_span_of(data, size));
    uint8_t settings = 0;
    if (!ml_rd_u8(&rd, &settings)) {
        return 0;
    }
    struct watch watch = {.settles = (settings & 4) != 0};
    const struct ml_flow_consumer consumer = {
        .context = &watch, .opened = on_opened, .chunk = on_chunk, .closed = on_closed};
    struct ml_counters counters = {{0}};
    const struct ml_flow_limits limits = {.max_open = 4,
                                          .max_waiting = (settings & 8) != 0 ? 64 : 4096,
                                          .max_segments = (settings & 16) != 0 ? 3 : 100,
                                          .max_shard_waiting = 2048,
                                          .sweep_every = 5};
    struct ml_flow_table *table = ml_flow_table_new_limited(&consumer, &counters, &limits);
    if (table == NULL) {
        return 0;
    }
    struct ml_segment segment = {.seq = 0};
    while (next_segment(&rd, settings, &segment)) {
        segment.seq++;
        segment.time_ns += (settings & 32) != 0 ? INT64_C(1000000000) * segment.payload_len : 1;
        watch.fed += segment.payload.len;
        uint8_t *exact = ml_mem_array(segment.payload.len, 1); /* reading past the payload is found out */
        if (exact == NULL) {
            break;
        }
        memcpy(exact, segment.payload.ptr != NULL ? segment.payload.ptr : data, segment.payload.len);
        segment.payload.ptr = exact;
        ML_ASSERT(ml_flow_table_feed(table, &segment) == ML_OK);
        ml_mem_free(exact);
    }
    ml_flow_table_free(table);
    ML_ASSERT(watch.n_open == 0);
    ML_ASSERT(counters.n[ML_COUNT_STREAM_BYTES] == watch.given);
    return 0;
}
