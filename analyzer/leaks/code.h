/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code - writes bytes the way programs write them before they hash them.
 *
 * In:        bytes.
 * Out:       appended to a buffer; a failure stays in it.
 * See:       RFC 4648 (base64 with padding, hexadecimal digits in lower case); RFC 3986, section 2.3.
 */
#ifndef MITLESER_LEAKS_CODE_H
#define MITLESER_LEAKS_CODE_H

#include "core/buf.h"
#include "core/limits.h"

enum { ML_MAX_CODE_BYTES = 4 * ML_MAX_IDENTITY_BYTES };

void ml_code_base64(struct ml_span bytes, struct ml_buf *out);
void ml_code_hex(struct ml_span bytes, struct ml_buf *out);
/* Everything but unreserved characters as %41, in upper case. */
void ml_code_url(struct ml_span bytes, struct ml_buf *out);
/* UTF-8 as UTF-16, its units with the more significant byte first or last; what is no UTF-8 writes nothing. */
void ml_code_utf16(struct ml_span bytes, bool is_big, struct ml_buf *out);

/* Code point of the character at `at` and its length; 0: it is no UTF-8. */
size_t ml_code_point(struct ml_span text, size_t at, uint32_t *point);

#endif
