/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside QUIC packets, hostile though their tags hold: the other end of a connection whose keys are known need
 * not be honest. Input: chunks; the low two bits of a chunk's first byte choose the packet (0 and 1 a short header, 2
 * Handshake, 3 0-RTT), bits 2 and 3 the generation of its keys, bit 4 another length of its id; the rest are its
 * frames. The first byte of the input chooses between HTTP/3 and what a demultiplexer makes of the streams. Oracle:
 * facts lie within the bytes, and no more than one connection is counted.
 */
#include "fuzz/chunks.h"
#include "fuzz/fuzz.h"
#include "fuzz/talk.h"
#include "proto/quic/quic.h"
#include "proto/secrets/secrets.h"
#include "support/quic_build.h"
#include "support/quic_sealed.h"

enum { MAX_TEXT = 16 * 1024 * 1024, RANDOM = 1, SUITE = 0x1301, N_SECRETS = 5 };

/* clang-format off */
static const uint8_t client_hello[] = {
    1, 0, 0, 52, 3, 3,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    0, 0, 2, 0x13, 0x01, 1, 0, 0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '3'};
static const uint8_t server_hello[] = {
    2, 0, 0, 46, 3, 3,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4};
/* clang-format on */

static const uint8_t ids[2][9] = {{1, 2, 3, 4, 5, 6, 7, 8, 9}, {9, 8, 7, 6, 5, 4, 3, 2, 1}};

static void feed(struct fuzz_talk *talk, enum ml_dir dir, struct ml_span bytes)
{
    struct ml_chunk chunk = {.flow = &talk->flow,
                             .dir = dir,
                             .is_datagram = true,
                             .bytes = bytes,
                             .seq = ++talk->seq,
                             .time_ns = (int64_t)talk->seq,
                             .n_layers = 1,
                             .layers = {ML_LAYER_UDP}};
    talk->wants_more = talk->wants_more && ml_parser_quic.feed(talk->self, &chunk);
}

static void greet(struct fuzz_talk *talk, enum ml_dir dir, struct ml_span message)
{
    struct qb_initial initial = qb_version_1();
    struct ml_buf frames;
    struct ml_buf out;
    ml_buf_init(&frames, UINT16_MAX);
    ml_buf_init(&out, UINT16_MAX);
    qb_crypto(&frames, 0, message);
    initial.is_server = dir == ML_DOWN;
    initial.scid = ml_span_of(ids[dir], 4);
    initial.padded = dir == ML_UP ? initial.padded : 0;
    initial.frames = ml_buf_span(&frames);
    qb_initial(&out, &initial);
    feed(talk, dir, ml_buf_span(&out));
    ml_buf_fini(&frames);
    ml_buf_fini(&out);
}

static void feed_packet(struct fuzz_talk *talk, const struct fuzz_chunk *chunk, uint64_t numbers[2])
{
    static const uint8_t secrets[2][4] = {{0xc3, 0xc3, 0xc1, 0xe0}, {0xd3, 0xd3, 0xd1, 0xe0}};
    static const enum qs_type types[] = {QS_SHORT, QS_SHORT, QS_HANDSHAKE, QS_ZERO_RTT};
    enum ml_dir dir = chunk->direction != 0 ? ML_DOWN : ML_UP;
    uint8_t settings = chunk->bytes.len != 0 ? chunk->bytes.ptr[0] : 0;
    struct qs_packet packet = {.suite = SUITE,
                               .version = 1,
                               .secret = secrets[dir][settings & 3],
                               .type = types[settings & 3],
                               .dcid = ml_span_of(ids[ml_dir_other(dir)], (settings & 16) != 0 ? 9 : 4),
                               .scid = ml_span_of(ids[dir], 4),
                               .number = numbers[dir]++,
                               .number_len = 4,
                               .frames = ml_span_cut(chunk->bytes, 1, chunk->bytes.len)};
    struct ml_buf out;
    packet.generation = packet.type == QS_SHORT ? settings >> 2 & 3 : 0;
    ml_buf_init(&out, UINT16_MAX);
    qs_packet(&out, &packet);
    feed(talk, dir, ml_buf_span(&out));
    ml_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct qs_keys keys = {.suite = SUITE,
                                        .random = RANDOM,
                                        .early = 0xe0,
                                        .client_handshake = 0xc1,
                                        .server_handshake = 0xd1,
                                        .client = 0xc3,
                                        .server = 0xd3};
    struct fuzz_talk talk;
    struct fuzz_chunk chunk;
    struct ml_buf text;
    struct ml_buf log;
    uint64_t numbers[2] = {0, 0};
    uint8_t hello[sizeof client_hello];
    uint8_t settings = 0;
    struct ml_reader rd = ml_rd_open(ml_span_of(data, size));
    if (!ml_rd_u8(&rd, &settings)) {
        settings = 0;
    }
    ml_buf_init(&text, MAX_TEXT);
    ml_buf_init(&log, UINT16_MAX);
    qs_keylog(&log, &keys);
    struct ml_secrets *secrets = fuzz_talk_secrets(ml_buf_span(&log), N_SECRETS, &(uint32_t){0});
    memcpy(hello, client_hello, sizeof hello);
    hello[sizeof hello - 2] = (settings & 1) != 0 ? 'x' : 'h';
    fuzz_talk_begin(&talk, &ml_parser_quic, ML_IP_UDP, 443);
    talk.env.secrets = secrets;
    greet(&talk, ML_UP, ml_span_of(hello, sizeof hello));
    greet(&talk, ML_DOWN, ml_span_of(server_hello, sizeof server_hello));
    while (fuzz_chunk_next(&rd, &chunk)) {
        feed_packet(&talk, &chunk, numbers);
        fuzz_chunk_free(&chunk);
    }
    fuzz_talk_end(&talk, &text);
    ML_ASSERT(talk.counters.n[ML_COUNT_DECRYPTION_POSSIBLE] <= 1);
    ml_buf_fini(&text);
    ml_buf_fini(&log);
    ml_secrets_free(secrets);
    return 0;
}
