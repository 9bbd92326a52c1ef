/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protocols of the local network in single datagrams: SSDP, DHCP, DHCPv6, NTP. Input: a settings byte (bits 0-1
 * protocol, bit 2 the datagram was cut), then the datagram. Oracle: what the probe takes becomes a fact.
 */
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/dhcp/dhcp.h"
#include "proto/ntp/ntp.h"
#include "proto/ssdp/ssdp.h"

enum { CUT = 4, MAX_TEXT = 1024 * 1024 };

static const struct {
    const struct ml_parser *parser;
    uint16_t port;
} protocols[] = {{&ml_parser_ssdp, 1900}, {&ml_parser_dhcp, 67}, {&ml_parser_dhcp6, 547}, {&ml_parser_ntp, 123}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct fuzz_talk talk;
    struct ml_buf text;
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, protocols[data[0] & 3].parser, ML_IP_UDP, protocols[data[0] & 3].port);
    struct ml_chunk chunk = {
        .flow = &talk.flow,
        .is_datagram = true,
        .is_cut = (data[0] & CUT) != 0,
        .bytes = ml_span_of(data + 1, size - 1),
        .n_layers = 1,
        .layers = {ML_LAYER_UDP},
    };
    chunk.seq = talk.seq = 1;
    bool is_taken = talk.parser->probe(&chunk) == ML_MATCH_YES;
    (void)talk.parser->feed(talk.self, &chunk);
    ML_ASSERT(!is_taken || talk.flow.n_facts == 1);
    fuzz_talk_end(&talk, &text);
    ml_buf_fini(&text);
    return 0;
}
