/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_whole - a DNS message as ldns reads it, record by record: the second reader that ours is checked against.
 *
 * ldns gives all or nothing, writes record data without compression and puts OPT last. It also lets a name within
 * record data run beyond the length of the data, and then takes the next record to begin where the name ended: such
 * readings, which find other records than the lengths say, are not given.
 */
#ifndef MITLESER_TESTS_SUPPORT_DNS_WHOLE_H
#define MITLESER_TESTS_SUPPORT_DNS_WHOLE_H

#include "proto/dns/message.h"

struct dns_whole;

/* Gives a reading, NULL when ldns refuses or memory ends. */
struct dns_whole *dns_whole_open(struct ml_span bytes);
void dns_whole_close(struct dns_whole *whole); /* NULL is fine */

/* The record borrows from the reading until the next call; its owner is not asked of the record. */
enum ml_dns_end dns_whole_next(struct dns_whole *whole, struct ml_dns_record *record, struct ml_dns_name *owner);

#endif
