/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rtp/sample.h"

enum {
    MAX_COUNTED = 4096, /* bytes in all */
    MAX_OF_PACKET = 64, /* bytes */
    LEFT_OUT = 14,      /* bytes at the end: tag of ten, key identifier of four */
    MIN_FOR_CLEAR = 1024,
    MIN_FOR_CIPHER = 2048,
    CLEAR_FROM = 600, /* 15 deviations above even */
    CIPHER_BELOW = 350
};

void ml_rtp_sample_add(struct ml_rtp_sample *sample, struct ml_span payload)
{
    size_t len = payload.len > LEFT_OUT ? payload.len - LEFT_OUT : 0;
    len = len < MAX_OF_PACKET ? len : MAX_OF_PACKET;
    for (size_t i = 0; i < len && sample->n < MAX_COUNTED; i++) {
        sample->seen[payload.ptr[i]]++;
        sample->n++;
    }
}

static uint64_t chi_square(const struct ml_rtp_sample *sample)
{
    uint64_t squares = 0;
    for (unsigned i = 0; i < 256; i++) {
        squares += (uint64_t)sample->seen[i] * sample->seen[i];
    }
    return 256 * squares / sample->n - sample->n;
}

enum ml_rtp_look ml_rtp_sample_look(const struct ml_rtp_sample *sample, uint8_t payload_type)
{
    if (sample->n < MIN_FOR_CLEAR) {
        return ML_RTP_UNTOLD;
    }
    uint64_t spread = chi_square(sample);
    if (spread > CLEAR_FROM) {
        return ML_RTP_CLEAR;
    }
    bool is_plain = payload_type == ML_RTP_PCMU || payload_type == ML_RTP_PCMA;
    return is_plain && sample->n >= MIN_FOR_CIPHER && spread < CIPHER_BELOW ? ML_RTP_CIPHER : ML_RTP_UNTOLD;
}
