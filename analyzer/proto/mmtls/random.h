/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random - the first value of a C library's random() behind srandom(seed), computed anew.
 *
 * The generator is the additive-feedback one of 4.2BSD in its default size: 31 words, x^31 + x^3 + 1, the first 310
 * sums thrown away, the lowest bit dropped. Clients of WeChat name a request by it, seeded with the second they live
 * in, so that the name tells the client's clock and a genuine client.
 * See: random(3); the recurrence r[i] = r[i-3] + r[i-31] over a seed table of the multiplicative generator
 *      16807 * r mod 2^31 - 1.
 */
#ifndef MITLESER_PROTO_MMTLS_RANDOM_H
#define MITLESER_PROTO_MMTLS_RANDOM_H

#include <stdint.h>

uint32_t ml_mmtls_first_random(uint32_t seed);

#endif
