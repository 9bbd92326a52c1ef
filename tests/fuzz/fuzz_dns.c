/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS, multicast DNS, LLMNR and NetBIOS names. Input: a settings byte (bits 0-1 protocol, bit 2 stream, bit 3 the
 * datagram was cut), then a datagram or chunks. Oracle: facts lie within the bytes; a stream of well-formed messages
 * gives the same facts whole and byte by byte; the walk of our own reads a message as ldns does.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/dns/dns.h"
#include "proto/dns/message.h"
#include "proto/dns/rdata.h"
#include "support/dns_whole.h"

enum { STREAM = 4, CUT = 8, MAX_TEXT = 4 * 1024 * 1024 };

static const struct {
    const struct ml_parser *parser;
    uint16_t port;
} protocols[] = {{&ml_parser_dns, 53}, {&ml_parser_mdns, 5353}, {&ml_parser_llmnr, 5355}, {&ml_parser_nbns, 137}};

static uint64_t run_stream(uint8_t settings, struct ml_span input, size_t piece, struct ml_buf *text)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_reader rd = ml_rd_open(input);
    fuzz_talk_begin(&talk, protocols[settings & 3].parser, ML_IP_TCP, protocols[settings & 3].port);
    while (fuzz_chunk_next(&rd, &chunk)) {
        fuzz_talk_feed(&talk, chunk.direction != 0 ? ML_DOWN : ML_UP, chunk.bytes, piece);
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, text);
    return talk.counters.n[ML_COUNT_BAD_DNS];
}

static void run_both_ways(uint8_t settings, struct ml_span input)
{
    struct ml_buf whole;
    struct ml_buf split;
    ml_buf_init(&whole, MAX_TEXT);
    ml_buf_init(&split, MAX_TEXT);
    uint64_t n_bad = run_stream(settings, input, 0, &whole);
    (void)run_stream(settings, input, 1, &split);
    /* Behind bytes that are no message, where segments begin does matter. */
    ML_ASSERT(n_bad != 0 || ml_span_equal(ml_buf_span(&whole), ml_buf_span(&split)));
    ml_buf_fini(&whole);
    ml_buf_fini(&split);
}

static void run_datagram(uint8_t settings, struct ml_span input)
{
    struct fuzz_talk talk;
    struct ml_buf text;
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, protocols[settings & 3].parser, ML_IP_UDP, protocols[settings & 3].port);
    struct ml_chunk chunk = {.flow = &talk.flow, .is_datagram = true, .is_cut = (settings & CUT) != 0, .bytes = input};
    chunk.n_layers = 1;
    chunk.seq = talk.seq = 1;
    (void)talk.parser->probe(&chunk);
    (void)talk.parser->feed(talk.self, &chunk);
    fuzz_talk_end(&talk, &text);
    ml_buf_fini(&text);
}

static void targets_agree(const struct ml_dns_record *own, const struct ml_dns_record *theirs)
{
    struct ml_dns_name a;
    struct ml_dns_name b;
    if (ml_dns_rdata_target(own, &a)) {
        ML_ASSERT(ml_dns_rdata_target(theirs, &b) && ml_dns_name_equal(&a, &b));
    }
}

/* Where ldns reads a message, our own walk finds the same records. */
static void walks_agree(struct ml_span input)
{
    struct ml_dns_walk walk;
    struct ml_dns_record own;
    struct ml_dns_record theirs;
    struct ml_dns_name a;
    struct ml_dns_name b;
    struct dns_whole *whole = dns_whole_open(input);
    if (whole != NULL && ml_dns_walk_open(&walk, input, false)) {
        while (ml_dns_walk_next(&walk, &own) == ML_DNS_GOING_ON && own.section != ML_DNS_ADDITIONAL) {
            ML_ASSERT(dns_whole_next(whole, &theirs, &b) == ML_DNS_GOING_ON);
            ML_ASSERT(own.section == theirs.section && own.type == theirs.type && own.ttl == theirs.ttl);
            ml_dns_record_owner(&own, &a);
            ML_ASSERT(ml_dns_name_equal(&a, &b));
            targets_agree(&own, &theirs);
        }
    }
    dns_whole_close(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct ml_span input = ml_span_of(data + 1, size - 1);
    if ((data[0] & STREAM) != 0) {
        run_both_ways(data[0], input);
    } else {
        run_datagram(data[0], input);
        walks_agree(input);
    }
    return 0;
}
