/* SPDX-License-Identifier: Apache-2.0 */
/* safe - bytes from outside on their way to a terminal. */
#ifndef MITLESER_CORE_SAFE_H
#define MITLESER_CORE_SAFE_H

#include "core/buf.h"

/*
 * Appends at most `max` characters of `text`; controls, escapes and ill-formed UTF-8 become a dot each, so that nothing
 * drives the terminal.
 */
void ml_safe_add(struct ml_buf *out, struct ml_span text, size_t max);

#endif
