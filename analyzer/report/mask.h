/* SPDX-License-Identifier: Apache-2.0 */
/* mask - how a personal value appears in a report: its kind and length, never itself. */
#ifndef MITLESER_REPORT_MASK_H
#define MITLESER_REPORT_MASK_H

#include "core/json.h"

/* The value as a JSON string; of a PERSONAL one the mask, for example "<masked:12>" (12 bytes long). */
void ml_mask_json(struct ml_json *json, struct ml_span value, enum ml_sensitivity sensitivity);

#endif
