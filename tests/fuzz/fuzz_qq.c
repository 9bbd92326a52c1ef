/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QQ. Input: a settings byte (bit 0: a datagram follows, bit 1: it was cut), then a datagram, or chunks as in
 * fuzz/both_ways.h. Oracle: as there; a datagram's facts come only with a yes of the probe.
 */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/qq/oicq.h"
#include "proto/qq/sso.h"

enum { DATAGRAM = 1, CUT = 2, MAX_TEXT = 1 << 20 };

static void run_datagram(uint8_t settings, struct ml_span input)
{
    struct fuzz_talk talk;
    struct ml_buf text;
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, &ml_parser_qq_oicq, ML_IP_UDP, 8000);
    struct ml_chunk chunk = {.flow = &talk.flow, .is_datagram = true, .is_cut = (settings & CUT) != 0, .bytes = input};
    chunk.n_layers = 1;
    chunk.seq = talk.seq = 1;
    bool is_ours = talk.parser->probe(&chunk) == ML_MATCH_YES;
    (void)talk.parser->feed(talk.self, &chunk);
    ML_ASSERT(is_ours == (talk.flow.facts != NULL));
    fuzz_talk_end(&talk, &text);
    ml_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct ml_span input = ml_span_of(data + 1, size - 1);
    if ((data[0] & DATAGRAM) != 0) {
        run_datagram(data[0], input);
    } else {
        fuzz_both_ways(&ml_parser_qq_sso, 8080, input);
    }
    return 0;
}
