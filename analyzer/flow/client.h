/* SPDX-License-Identifier: Apache-2.0 */
/* client - which end of a conversation asked, told from its first segment. */
#ifndef MITLESER_FLOW_CLIENT_H
#define MITLESER_FLOW_CLIENT_H

#include "decode/segment.h"

/* A port on which servers wait: below 1024, or registered and in common use. */
bool ml_is_service_port(uint16_t port);

/* Is the sender of a flow's first segment its client? */
bool ml_sender_is_client(const struct ml_segment *first);

#endif
