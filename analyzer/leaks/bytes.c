/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/bytes.h"

enum { N = 0, T = ML_BYTE_TEXT, K = ML_BYTE_TOKEN, W = ML_BYTE_TEXT | ML_BYTE_TOKEN };

/* clang-format off */
const uint8_t ml_byte_classes[256] = {
    N, N, N, N, N, N, N, N, N, T, T, N, N, T, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    T, T, T, T, T, T, T, T, T, T, T, W, T, W, W, T,
    W, W, W, W, W, W, W, W, W, W, T, T, T, T, T, T,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, T, T, T, T, W,
    T, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, T, T, T, T, N,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    K, K, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, K, K, K, K, K, K, K, K, K, K, K,
};
/* clang-format on */
