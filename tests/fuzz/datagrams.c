/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/datagrams.h"

#include "core/buf.h"
#include "core/mem.h"
#include "core/reader.h"
#include "fuzz/talk.h"

enum { MAX_TEXT = 8 * 1024 * 1024 };

struct datagram {
    enum ml_dir dir;
    struct ml_span bytes; /* owned, an allocation of exactly its length */
};

static bool next(struct ml_reader *rd, struct datagram *out)
{
    uint8_t head = 0;
    uint8_t low = 0;
    struct ml_span bytes = {0};
    if (ml_rd_left(rd) < 2 || !ml_rd_u8(rd, &head) || !ml_rd_u8(rd, &low)) {
        return false;
    }
    size_t len = (size_t)(head & 7) << 8 | low;
    len = len < ml_rd_left(rd) ? len : ml_rd_left(rd);
    uint8_t *copy = ml_mem_array(len, 1);
    ML_ASSERT(copy != NULL);
    if (len != 0 && ml_rd_span(rd, len, &bytes)) {
        memcpy(copy, bytes.ptr, len);
    }
    *out = (struct datagram){.dir = head >> 7 != 0 ? ML_DOWN : ML_UP, .bytes = ml_span_of(copy, len)};
    return true;
}

static struct ml_chunk chunk_of(struct ml_flow *flow, const struct datagram *datagram)
{
    return (struct ml_chunk){.flow = flow,
                             .dir = datagram->dir,
                             .is_datagram = true,
                             .bytes = datagram->bytes,
                             .seq = 1,
                             .n_layers = 1,
                             .layers = {ML_LAYER_UDP}};
}

static void through_parser(const struct ml_parser *parser, uint16_t server_port, struct ml_span input,
                           struct ml_buf *text)
{
    struct fuzz_talk talk;
    struct datagram datagram;
    struct ml_reader rd = ml_rd_open(input);
    fuzz_talk_begin(&talk, parser, ML_IP_UDP, server_port);
    while (next(&rd, &datagram)) {
        struct ml_chunk chunk = chunk_of(&talk.flow, &datagram);
        (void)parser->probe(&chunk);
        if (parser->claims != NULL) {
            (void)parser->claims(talk.self, &chunk);
        }
        fuzz_talk_feed(&talk, datagram.dir, datagram.bytes, 0);
        ML_ASSERT(parser->is_certain == NULL || parser->is_certain(talk.self) || talk.flow.n_facts == 0);
        ml_mem_free((void *)(uintptr_t)datagram.bytes.ptr);
    }
    fuzz_talk_end(&talk, text);
}

static void through_demux(uint16_t server_port, struct ml_span input)
{
    struct ml_counters counters = {0};
    struct ml_fact_store facts;
    struct ml_flow flow = {.ip_proto = ML_IP_UDP, .client_port = 50000, .server_port = server_port};
    struct datagram datagram;
    struct ml_reader rd = ml_rd_open(input);
    ml_fact_store_init(&facts, &counters);
    struct ml_proto_env env = {.facts = &facts, .counters = &counters};
    struct ml_demux *demux = ml_demux_new(&env, &flow, ML_OVER_UDP);
    ML_ASSERT(demux != NULL);
    while (next(&rd, &datagram)) {
        struct ml_chunk chunk = chunk_of(&flow, &datagram);
        (void)ml_demux_feed(demux, &chunk);
        ml_mem_free((void *)(uintptr_t)datagram.bytes.ptr);
    }
    ml_demux_free(demux);
    ml_proto_env_fini(&env);
    ml_fact_store_fini(&facts);
}

void fuzz_datagrams(const struct ml_parser *parser, uint16_t server_port, struct ml_span input)
{
    struct ml_buf first;
    struct ml_buf again;
    ml_buf_init(&first, MAX_TEXT);
    ml_buf_init(&again, MAX_TEXT);
    through_parser(parser, server_port, input, &first);
    through_parser(parser, server_port, input, &again);
    ML_ASSERT(ml_span_equal(ml_buf_span(&first), ml_buf_span(&again)));
    through_demux(server_port, input);
    ml_buf_fini(&first);
    ml_buf_fini(&again);
}
