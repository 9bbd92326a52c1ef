/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz - what every fuzz target declares. ML_ASSERT states what must hold; a failure stops the process. */
#ifndef MITLESER_TESTS_FUZZ_H
#define MITLESER_TESTS_FUZZ_H

#include "core/span.h"
#include "core/status.h"

/* Runs one input; always 0. The bytes are borrowed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
