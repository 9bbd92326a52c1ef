/* SPDX-License-Identifier: Apache-2.0 */
/* cm - cmocka with everything it needs in front of it; tests include only this. */
#ifndef MITLESER_TESTS_CM_H
#define MITLESER_TESTS_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/span.h"

/* Span and text hold the same bytes. */
#define assert_span_text(span, text) assert_span_text_at((span), (text), __FILE__, __LINE__)
void assert_span_text_at(struct ml_span span, const char *text, const char *file, int line);

#endif
