/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canonical - the one text of a JSON value, after RFC 8785 (JSON Canonicalization Scheme).
 *
 * In:        a tree of jansson. Its strings are well-formed UTF-8 and its member names distinct: the loader saw to it.
 * Out:       the canonical bytes. Members in the order of their names' UTF-16 code units (section 3.2.3), strings with
 *            the shortest escapes (3.2.2.2), numbers as ECMAScript prints a double (3.2.2.3).
 *            Integers of 2^53 and more are refused (RFC 7493): doubles would make different ones look equal.
 * Invariant: equal values give equal bytes, whatever text they were read from.
 */
#ifndef MITLESER_REPORT_CANONICAL_H
#define MITLESER_REPORT_CANONICAL_H

#include "core/buf.h"

#include <jansson.h>

/*
 * Appends to `out`. ML_LIMIT: nested deeper than ML_MAX_JSON_DEPTH. ML_BAD_INPUT: an integer that is too large.
 * ML_NO_MEMORY: that, or the ceiling of `out`.
 */
enum ml_status ml_canonical_add(const json_t *value, struct ml_buf *out) ML_MUST_USE;

/* <0, 0, >0 by UTF-16 code units; both are UTF-8. */
int ml_canonical_compare(struct ml_span a, struct ml_span b);

#endif
