/* SPDX-License-Identifier: Apache-2.0 */
#include "support/proto_rig.h"

#include "core/mem.h"
#include "support/cm.h"

#include <inttypes.h>

void proto_rig_init(struct proto_rig *rig, uint8_t ip_proto, uint16_t server_port)
{
    static const uint8_t client[] = {192, 0, 2, 10};
    static const uint8_t server[] = {198, 51, 100, 20};
    memset(rig, 0, sizeof *rig);
    ml_fact_store_init(&rig->facts, &rig->counters);
    rig->env = (struct ml_proto_env){.facts = &rig->facts, .counters = &rig->counters};
    rig->flow.client = ml_ip4(client);
    rig->flow.server = ml_ip4(server);
    rig->flow.client_port = 50000;
    rig->flow.server_port = server_port;
    rig->flow.ip_proto = ip_proto;
    rig->flow.saw_start = true;
    rig->wants_more = true;
}

void proto_rig_parser(struct proto_rig *rig, const struct ml_parser *parser)
{
    rig->parser = parser;
    rig->self = parser->create(&rig->env, &rig->flow);
    assert_non_null(rig->self);
}

static void feed(struct proto_rig *rig, const struct ml_chunk *chunk)
{
    if (!rig->wants_more) {
        return;
    }
    if (rig->parser != NULL) {
        rig->wants_more = rig->parser->feed(rig->self, chunk);
        return;
    }
    if (rig->demux == NULL) {
        rig->demux = ml_demux_new(&rig->env, &rig->flow, chunk->is_datagram ? ML_OVER_UDP : ML_OVER_TCP);
        assert_non_null(rig->demux);
    }
    rig->wants_more = ml_demux_feed(rig->demux, chunk);
}

static struct ml_chunk chunk_of(struct proto_rig *rig, enum ml_dir dir)
{
    bool is_datagram = rig->flow.ip_proto != ML_IP_TCP;
    rig->seq++;
    return (struct ml_chunk){
        .flow = &rig->flow,
        .dir = dir,
        .is_datagram = is_datagram,
        .offset = is_datagram ? 0 : rig->offset[dir],
        .seq = rig->seq,
        .time_ns = INT64_C(1700000000000000000) + (int64_t)rig->seq * 1000000,
        .n_layers = 1,
        .layers = {is_datagram ? ML_LAYER_UDP : ML_LAYER_TCP},
    };
}

void proto_rig_feed(struct proto_rig *rig, enum ml_dir dir, struct ml_span bytes)
{
    struct ml_chunk chunk = chunk_of(rig, dir);
    chunk.bytes = bytes;
    rig->offset[dir] += bytes.len;
    rig->flow.payload_bytes[dir] += bytes.len;
    feed(rig, &chunk);
}

void proto_rig_feed_split(struct proto_rig *rig, enum ml_dir dir, struct ml_span bytes, size_t piece)
{
    for (size_t at = 0; at < bytes.len; at += piece) {
        proto_rig_feed(rig, dir, ml_span_cut(bytes, at, piece));
    }
}

void proto_rig_gap(struct proto_rig *rig, enum ml_dir dir, uint64_t len)
{
    struct ml_chunk chunk = chunk_of(rig, dir);
    chunk.gap_len = len;
    rig->offset[dir] += len;
    feed(rig, &chunk);
}

void proto_rig_end(struct proto_rig *rig)
{
    if (rig->self != NULL) {
        rig->parser->destroy(rig->self);
        rig->self = NULL;
    }
    ml_demux_free(rig->demux);
    rig->demux = NULL;
}

void proto_rig_fini(struct proto_rig *rig)
{
    proto_rig_end(rig);
    ml_proto_env_fini(&rig->env);
    ml_fact_store_fini(&rig->facts);
    ml_mem_free(rig->text);
}

static void add_value(struct ml_buf *out, const struct ml_attr *attr)
{
    char ip[ML_IP_TEXT];
    (void)ml_buf_printf(out, " %s=", ml_field_info(attr->field)->name);
    switch ((enum ml_type)attr->type) {
    case ML_TYPE_TEXT:
        (void)ml_buf_add(out, attr->value.text, attr->len);
        break;
    case ML_TYPE_NUMBER:
        (void)ml_buf_printf(out, "%" PRIu64, attr->value.number);
        break;
    case ML_TYPE_TRUTH:
        (void)ml_buf_add_text(out, attr->value.number != 0 ? "true" : "false");
        break;
    case ML_TYPE_ADDRESS:
        (void)ml_ip_format(attr->value.ip, ip);
        (void)ml_buf_add_text(out, ip);
        break;
    }
}

const char *proto_rig_facts(struct proto_rig *rig)
{
    struct ml_buf out;
    ml_buf_init(&out, 16 * 1024 * 1024);
    for (const struct ml_fact *fact = rig->flow.facts; fact != NULL; fact = fact->next) {
        (void)ml_buf_printf(&out, "%s %s", ml_fact_kind_name(fact->kind), fact->dir == ML_UP ? "up" : "down");
        for (unsigned i = 0; i < fact->n_attrs; i++) {
            add_value(&out, &fact->attrs[i]);
        }
        if (fact->count > 1) {
            (void)ml_buf_printf(&out, " count=%" PRIu32, fact->count);
        }
        (void)ml_buf_add_text(&out, fact->is_cut ? " cut\n" : "\n");
    }
    ml_mem_free(rig->text);
    rig->text = ml_buf_take_text(&out);
    ml_buf_fini(&out);
    assert_non_null(rig->text);
    return rig->text;
}

const struct ml_fact *proto_rig_fact(const struct proto_rig *rig, size_t index)
{
    const struct ml_fact *fact = rig->flow.facts;
    while (fact != NULL && index-- > 0) {
        fact = fact->next;
    }
    assert_non_null(fact);
    return fact;
}
