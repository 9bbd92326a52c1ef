/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/rc4.h"

static void swap(uint8_t *a, uint8_t *b)
{
    uint8_t t = *a;
    *a = *b;
    *b = t;
}

void ml_rc4_init(struct ml_rc4 *rc4, struct ml_span key)
{
    uint8_t j = 0;
    rc4->i = rc4->j = 0;
    for (unsigned i = 0; i < 256; i++) {
        rc4->state[i] = (uint8_t)i;
    }
    for (unsigned i = 0; i < 256; i++) {
        j = (uint8_t)(j + rc4->state[i] + key.ptr[i % key.len]);
        swap(&rc4->state[i], &rc4->state[j]);
    }
}

void ml_rc4_apply(struct ml_rc4 *rc4, uint8_t *bytes, size_t len)
{
    for (size_t n = 0; n < len; n++) {
        rc4->i++;
        rc4->j = (uint8_t)(rc4->j + rc4->state[rc4->i]);
        swap(&rc4->state[rc4->i], &rc4->state[rc4->j]);
        bytes[n] ^= rc4->state[(uint8_t)(rc4->state[rc4->i] + rc4->state[rc4->j])];
    }
}
