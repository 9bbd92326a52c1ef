/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts - http.request and http.response from the head of a message.
 *
 * In:        a head, and a draft that was begun with its frames and range.
 * Out:       one fact. Whole queries, cookies and credentials are personal; their names and schemes are not.
 */
#ifndef MITLESER_PROTO_HTTP_FACTS_H
#define MITLESER_PROTO_HTTP_FACTS_H

#include "proto/http/head.h"

void ml_http_state_request(struct ml_fact_store *store, struct ml_fact_draft *draft, const struct ml_http_head *head,
                           uint64_t body_bytes);
void ml_http_state_response(struct ml_fact_store *store, struct ml_fact_draft *draft, const struct ml_http_head *head,
                            uint64_t body_bytes);

#endif
