/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NetBIOS datagrams. Input: a settings byte (bit 0 the datagram was cut), then the datagram. Oracle: what the probe
 * takes becomes one fact, what it refuses none.
 */
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/nbds/nbds.h"

enum { MAX_TEXT = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_talk talk;
    struct ml_buf text;
    if (size == 0) {
        return 0;
    }
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, &ml_parser_nbds, ML_IP_UDP, 138);
    struct ml_chunk chunk = {
        .flow = &talk.flow,
        .is_datagram = true,
        .is_cut = (data[0] & 1) != 0,
        .bytes = ml_span_of(data + 1, size - 1),
        .n_layers = 1,
        .layers = {ML_LAYER_UDP},
    };
    chunk.seq = talk.seq = 1;
    bool is_taken = talk.parser->probe(&chunk) == ML_MATCH_YES;
    (void)talk.parser->feed(talk.self, &chunk);
    ML_ASSERT(talk.flow.n_facts == (is_taken ? 1 : 0));
    fuzz_talk_end(&talk, &text);
    ml_buf_fini(&text);
    return 0;
}
