/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telegram. Input: a settings byte (0 plain, 1 covered, 2 covered by the target: the chunks are what stands under the
 * cover), then chunks as in fuzz/both_ways.h. Oracle: as there. Under a cover a fuzzer finds nothing by chance, so the
 * third way takes a start that is one and covers what the client says behind it.
 */
#include "core/mem.h"
#include "fuzz/both_ways.h"
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "proto/telegram/obfuscated2.h"
#include "proto/telegram/telegram.h"

enum { PLAIN, COVERED, COVER, MAX_OUT = 1 << 20 };

/* Counter mode is its own inverse: covering is deciphering. */
static const uint8_t start[ML_MTPROTO_START] = {
    0x0d, 0x2a, 0x47, 0x64, 0x81, 0x9e, 0xbb, 0xd8, 0xf5, 0x12, 0x2f, 0x4c, 0x69, 0x86, 0xa3, 0xc0,
    0xdd, 0xfa, 0x17, 0x34, 0x51, 0x6e, 0x8b, 0xa8, 0xc5, 0xe2, 0xff, 0x1c, 0x39, 0x56, 0x73, 0x90,
    0xad, 0xca, 0xe7, 0x04, 0x21, 0x3e, 0x5b, 0x78, 0x95, 0xb2, 0xcf, 0xec, 0x09, 0x26, 0x43, 0x60,
    0x7d, 0x9a, 0xb7, 0xd4, 0xf1, 0x0e, 0x2b, 0x48, 0x81, 0x8c, 0xb7, 0xef, 0x3a, 0xbd, 0x82, 0x6c,
};

static void cover_chunks(struct ml_mtproto_cipher *const ciphers[2], struct ml_span input, struct ml_buf *out)
{
    struct ml_reader rd = ml_rd_open(input);
    struct fuzz_chunk chunk;
    ml_buf_add_byte(out, sizeof start);
    ml_buf_add(out, start, sizeof start);
    while (fuzz_chunk_next(&rd, &chunk)) {
        uint8_t covered[128];
        ML_ASSERT(ml_mtproto_cipher_run(ciphers[chunk.direction], chunk.bytes, covered));
        ml_buf_add_byte(out, (uint8_t)(chunk.direction << 7 | chunk.bytes.len));
        ml_buf_add(out, covered, chunk.bytes.len);
        fuzz_chunk_free(&chunk);
    }
}

static void run_cover(struct ml_span input)
{
    struct ml_mtproto_cipher *ciphers[2] = {ml_mtproto_cipher_new(), ml_mtproto_cipher_new()};
    enum ml_mtproto_transport transport;
    char dc[ML_MTPROTO_DC_TEXT];
    struct ml_mtproto_keys keys;
    struct ml_buf out;
    ml_buf_init(&out, MAX_OUT);
    ml_mtproto_keys_of(start, true, &keys);
    ML_ASSERT(ciphers[0] != NULL && ciphers[1] != NULL);
    ML_ASSERT(ml_mtproto_start_read(ciphers[0], start, &transport, dc));
    ML_ASSERT(ml_mtproto_cipher_start(ciphers[1], keys.key, keys.iv));
    cover_chunks(ciphers, input, &out);
    fuzz_both_ways(&ml_parser_mtproto, 443, ml_buf_span(&out));
    ml_mtproto_cipher_free(ciphers[0]);
    ml_mtproto_cipher_free(ciphers[1]);
    ml_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct ml_span input = ml_span_of(data + 1, size - 1);
    switch (data[0] % 3) {
    case PLAIN:
        fuzz_both_ways(&ml_parser_mtproto_plain, 443, input);
        break;
    case COVERED:
        fuzz_both_ways(&ml_parser_mtproto, 443, input);
        break;
    default:
        run_cover(input);
        break;
    }
    return 0;
}
