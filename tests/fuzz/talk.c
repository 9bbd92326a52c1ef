/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/talk.h"

#include "core/mem.h"
#include "proto/secrets/secrets.h"

#include <inttypes.h>

struct ml_secrets *fuzz_talk_secrets(struct ml_span key_log, size_t n, uint32_t *source)
{
    struct ml_secrets *secrets = ml_secrets_new();
    ML_ASSERT(secrets != NULL && ml_secrets_source(secrets, source) == ML_OK);
    ML_ASSERT(ml_secrets_add(secrets, *source, key_log) == ML_OK);
    ML_ASSERT(ml_secrets_count(secrets, *source).secrets == n);
    return secrets;
}

void fuzz_talk_begin(struct fuzz_talk *talk, const struct ml_parser *parser, uint8_t ip_proto, uint16_t server_port)
{
    memset(talk, 0, sizeof *talk);
    ml_fact_store_init(&talk->facts, &talk->counters);
    talk->env = (struct ml_proto_env){.facts = &talk->facts, .counters = &talk->counters};
    talk->flow.ip_proto = ip_proto;
    talk->flow.client_port = 50000;
    talk->flow.server_port = server_port;
    talk->flow.saw_start = true;
    talk->parser = parser;
    talk->self = parser->create(&talk->env, &talk->flow);
    talk->wants_more = true;
    ML_ASSERT(talk->self != NULL);
}

static struct ml_chunk chunk_of(struct fuzz_talk *talk, enum ml_dir dir)
{
    bool is_datagram = talk->flow.ip_proto != ML_IP_TCP;
    talk->seq++;
    return (struct ml_chunk){
        .flow = &talk->flow,
        .dir = dir,
        .is_datagram = is_datagram,
        .offset = is_datagram ? 0 : talk->offset[dir],
        .seq = talk->seq,
        .time_ns = (int64_t)talk->seq,
        .n_layers = 1,
        .layers = {is_datagram ? ML_LAYER_UDP : ML_LAYER_TCP},
    };
}

/* Bytes in an allocation of their own, so that a sanitizer sees one byte too far. */
static void feed_copy(struct fuzz_talk *talk, enum ml_dir dir, struct ml_span bytes)
{
    struct ml_chunk chunk = chunk_of(talk, dir);
    uint8_t *copy = ml_mem_array(bytes.len, 1);
    ML_ASSERT(copy != NULL);
    if (bytes.len != 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    chunk.bytes = ml_span_of(copy, bytes.len);
    talk->offset[dir] += bytes.len;
    talk->wants_more = talk->wants_more && talk->parser->feed(talk->self, &chunk);
    ml_mem_free(copy);
}

void fuzz_talk_feed(struct fuzz_talk *talk, enum ml_dir dir, struct ml_span bytes, size_t piece)
{
    piece = piece != 0 ? piece : bytes.len;
    for (size_t at = 0; at < bytes.len; at += piece) {
        feed_copy(talk, dir, ml_span_cut(bytes, at, piece));
    }
}

void fuzz_talk_gap(struct fuzz_talk *talk, enum ml_dir dir, uint64_t len)
{
    struct ml_chunk chunk = chunk_of(talk, dir);
    chunk.gap_len = len;
    talk->offset[dir] += len;
    talk->wants_more = talk->wants_more && talk->parser->feed(talk->self, &chunk);
}

static void add_value(struct ml_buf *text, const struct ml_attr *attr)
{
    char ip[ML_IP_TEXT];
    (void)ml_buf_printf(text, " %s=", ml_field_info(attr->field)->name);
    if (attr->type == ML_TYPE_TEXT) {
        (void)ml_buf_add(text, attr->value.text, attr->len);
    } else if (attr->type == ML_TYPE_ADDRESS) {
        (void)ml_ip_format(attr->value.ip, ip);
        (void)ml_buf_add_text(text, ip);
    } else {
        (void)ml_buf_printf(text, "%" PRIu64, attr->value.number);
    }
}

static void add_fact(const struct fuzz_talk *talk, const struct ml_fact *fact, struct ml_buf *text)
{
    bool is_outer = fact->n_layers == 1 && fact->layers[0] == ML_LAYER_TCP;
    ML_ASSERT(fact->n_layers >= 1 && fact->n_layers <= ML_MAX_LAYERS);
    ML_ASSERT(!is_outer || fact->range_from + fact->range_len <= talk->offset[fact->dir]);
    ML_ASSERT(fact->first_seq >= 1 && fact->first_seq <= fact->last_seq && fact->last_seq <= talk->seq);
    (void)ml_buf_printf(text, "%s %d %d %u+%" PRIu64 "*%u", ml_fact_kind_name(fact->kind), fact->dir, fact->is_cut,
                        (unsigned)fact->range_len, fact->range_from, (unsigned)fact->count);
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        add_value(text, &fact->attrs[i]);
    }
    (void)ml_buf_add_byte(text, '\n');
}

void fuzz_talk_end(struct fuzz_talk *talk, struct ml_buf *text)
{
    talk->parser->destroy(talk->self);
    for (const struct ml_fact *fact = talk->flow.facts; fact != NULL; fact = fact->next) {
        add_fact(talk, fact, text);
    }
    /* What parsers share, made on first use: by those inside a tunnel too. */
    ml_proto_env_fini(&talk->env);
    ml_fact_store_fini(&talk->facts);
}
