/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS from hostile datagrams. Input: a settings byte (bit 0: datagrams were cut), then chunks, each a datagram.
 * Oracle: facts lie within the bytes.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/tls/tls.h"

enum { CUT = 1, MAX_TEXT = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_buf text;
    struct ml_reader rd = ml_rd_open(ml_span_of(data, size));
    uint8_t settings = 0;
    if (!ml_rd_u8(&rd, &settings)) {
        return 0;
    }
    ml_buf_init(&text, MAX_TEXT);
    fuzz_talk_begin(&talk, &ml_parser_dtls, ML_IP_UDP, 3478);
    while (fuzz_chunk_next(&rd, &chunk)) {
        const struct ml_chunk datagram = {.flow = &talk.flow,
                                          .dir = chunk.direction != 0 ? ML_DOWN : ML_UP,
                                          .is_datagram = true,
                                          .is_cut = (settings & CUT) != 0,
                                          .bytes = chunk.bytes,
                                          .seq = ++talk.seq,
                                          .time_ns = (int64_t)talk.seq,
                                          .n_layers = 1,
                                          .layers = {ML_LAYER_UDP}};
        (void)ml_parser_dtls.probe(&datagram);
        ML_ASSERT(ml_parser_dtls.feed(talk.self, &datagram)); /* never sated: a new handshake may come */
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, &text);
    ml_buf_fini(&text);
    return 0;
}
