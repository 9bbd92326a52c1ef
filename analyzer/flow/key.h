/* SPDX-License-Identifier: Apache-2.0 */
/* key - which flow a segment belongs to: addresses, ports and protocol, the same for both directions. */
#ifndef MITLESER_FLOW_KEY_H
#define MITLESER_FLOW_KEY_H

#include "flow/flow.h"

/* Hash of the key; the same for a segment and its answer. */
uint32_t ml_flow_hash(const struct ml_segment *segment);

/* Does the segment go from one of the ends of this flow to the other, and which way? *dir is undefined otherwise. */
bool ml_flow_match(const struct ml_flow *flow, const struct ml_segment *segment, enum ml_dir *dir);

#endif
