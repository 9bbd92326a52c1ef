/* SPDX-License-Identifier: Apache-2.0 */
#include "support/flow_rig.h"

#include "core/limits.h"
#include "support/cm.h"

static bool on_opened(void *context, struct ml_flow *flow, void **state)
{
    struct flow_rig *rig = context;
    if (!ml_buf_printf(&rig->log, "+%u ", flow->index)) {
        return false;
    }
    rig->n_open++;
    *state = rig;
    return true;
}

static void on_segment(void *context, struct ml_flow *flow, void *state, const struct ml_segment *segment,
                       enum ml_dir dir)
{
    struct flow_rig *rig = context;
    assert_ptr_equal(state, rig);
    assert_int_equal(flow->last_seq, segment->seq);
    assert_true(flow->packets[dir] != 0);
    rig->n_segments++;
}

static void on_chunk(void *context, struct ml_flow *flow, void *state, const struct ml_chunk *chunk)
{
    struct flow_rig *rig = context;
    assert_ptr_equal(state, rig);
    assert_ptr_equal(chunk->flow, flow);
    assert_int_equal(chunk->n_layers, 1);
    assert_true(chunk->seq <= rig->seq && chunk->seq >= flow->first_seq);
    struct ml_buf *bytes = &rig->bytes[chunk->dir];
    ml_buf_printf(&rig->log, "%s@%llu", chunk->dir == ML_UP ? "up" : "down", (unsigned long long)chunk->offset);
    if (chunk->gap_len != 0) {
        assert_int_equal(chunk->bytes.len, 0);
        ml_buf_printf(&rig->log, "[%llu] ", (unsigned long long)chunk->gap_len);
        for (uint64_t i = 0; i < chunk->gap_len && i < 4096; i++) {
            ml_buf_add_byte(bytes, '?');
        }
        return;
    }
    assert_true(chunk->bytes.len != 0);
    ml_buf_printf(&rig->log, ":%.*s ", (int)chunk->bytes.len, (const char *)chunk->bytes.ptr);
    ml_buf_add_span(bytes, chunk->bytes);
    if (rig->settle_on != NULL &&
        ml_span_find(chunk->bytes, ml_span_text(rig->settle_on)) + strlen(rig->settle_on) <= chunk->bytes.len) {
        ml_flow_settle(flow);
    }
}

static void on_closed(void *context, struct ml_flow *flow, void *state)
{
    struct flow_rig *rig = context;
    assert_ptr_equal(state, rig);
    assert_true(rig->n_open != 0);
    rig->n_open--;
    ml_buf_printf(&rig->log, "-%u ", flow->index);
}

void flow_rig_init(struct flow_rig *rig)
{
    *rig = (struct flow_rig){.now_ns = INT64_C(1700000000000000000), .step_ns = 1000000, .isn = {1000, 5000}};
    rig->limits = (struct ml_flow_limits){.max_open = 1000,
                                          .max_waiting = ML_MAX_STREAM_WAITING,
                                          .max_segments = ML_MAX_STREAM_SEGMENTS,
                                          .max_shard_waiting = ML_MAX_SHARD_WAITING};
    ml_buf_init(&rig->log, 1 << 24);
    ml_buf_init(&rig->bytes[ML_UP], 1 << 24);
    ml_buf_init(&rig->bytes[ML_DOWN], 1 << 24);
}

void flow_rig_start(struct flow_rig *rig)
{
    const struct ml_flow_consumer consumer = {
        .context = rig, .opened = on_opened, .segment = on_segment, .chunk = on_chunk, .closed = on_closed};
    rig->table = ml_flow_table_new_limited(&consumer, &rig->counters, &rig->limits);
}

void flow_rig_fini(struct flow_rig *rig)
{
    ml_flow_table_free(rig->table);
    assert_int_equal(rig->n_open, 0);
    ml_buf_fini(&rig->log);
    ml_buf_fini(&rig->bytes[ML_UP]);
    ml_buf_fini(&rig->bytes[ML_DOWN]);
}

struct ml_segment flow_rig_segment(struct flow_rig *rig, enum ml_dir dir, uint8_t ip_proto, struct ml_span payload)
{
    (void)rig;
    const uint8_t client[4] = {192, 0, 2, 1};
    const uint8_t server[4] = {198, 51, 100, 2};
    struct ml_segment segment = {.ip_proto = ip_proto,
                                 .payload = payload,
                                 .payload_len = (uint32_t)payload.len,
                                 .ip_len = (uint32_t)payload.len + 40};
    segment.src = ml_ip4(dir == ML_UP ? client : server);
    segment.dst = ml_ip4(dir == ML_UP ? server : client);
    if (ip_proto == ML_IP_TCP || ip_proto == ML_IP_UDP) {
        segment.src_port = dir == ML_UP ? 50000 : 443;
        segment.dst_port = dir == ML_UP ? 443 : 50000;
    }
    return segment;
}

struct ml_segment flow_rig_tcp(struct flow_rig *rig, enum ml_dir dir, uint8_t flags, uint32_t at, uint32_t ack,
                               const char *text)
{
    struct ml_segment segment = flow_rig_segment(rig, dir, ML_IP_TCP, ml_span_text(text));
    segment.tcp_flags = flags;
    segment.tcp_seq = rig->isn[dir] + 1 + at - ((flags & ML_TCP_SYN) != 0 ? 1 : 0);
    segment.tcp_ack = (flags & ML_TCP_ACK) != 0 ? rig->isn[ml_dir_other(dir)] + 1 + ack : 0;
    return segment;
}

enum ml_status flow_rig_feed(struct flow_rig *rig, struct ml_segment *segment)
{
    segment->seq = ++rig->seq;
    segment->time_ns = rig->now_ns;
    rig->now_ns += rig->step_ns;
    return ml_flow_table_feed(rig->table, segment);
}

void flow_rig_send(struct flow_rig *rig, enum ml_dir dir, uint8_t flags, uint32_t at, uint32_t ack, const char *text)
{
    struct ml_segment segment = flow_rig_tcp(rig, dir, flags, at, ack, text);
    assert_int_equal(flow_rig_feed(rig, &segment), ML_OK);
}

void flow_rig_shake_hands(struct flow_rig *rig)
{
    flow_rig_send(rig, ML_UP, ML_TCP_SYN, 0, 0, "");
    flow_rig_send(rig, ML_DOWN, ML_TCP_SYN | ML_TCP_ACK, 0, 0, "");
    flow_rig_send(rig, ML_UP, ML_TCP_ACK, 0, 0, "");
}

const char *flow_rig_log(struct flow_rig *rig)
{
    assert_true(ml_buf_add_byte(&rig->log, 0));
    const char *text = (const char *)rig->log.bytes;
    ml_buf_clear(&rig->log); /* keeps the storage, so the text stays until the next event */
    return text;
}
