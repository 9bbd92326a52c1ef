/* SPDX-License-Identifier: Apache-2.0 */
/* mask - how a personal value appears in a report: its kind and length, never itself. */
#ifndef MITLESER_REPORT_MASK_H
#define MITLESER_REPORT_MASK_H

#include "core/buf.h"
#include "core/field.h"

/*
 * Appends the mask of a value, for example "<masked:12>" (12 bytes long). With sensitivity NONE the value itself; with
 * NETWORK the value itself in the authority tier, the mask in the public tier.
 */
void ml_mask_add(struct ml_buf *out, struct ml_span value, enum ml_sensitivity sensitivity);

#endif
