/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name - a domain name of a DNS message: read with compression undone, written as text from which nothing is lost.
 *
 * In:        a reader at the first byte of a name within a message, and that message, which pointers lead into (empty
 *            where there can be none).
 * Out:       uncompressed labels, at most 255 bytes, with the zero label that ends them.
 * Invariant: each pointer leads further to the front than the one before, so that no message makes a loop.
 * See:       RFC 1035, sections 3.1 and 4.1.4; RFC 4343, section 2.1; RFC 1001, section 14.1.
 */
#ifndef MITLESER_PROTO_DNS_NAME_H
#define MITLESER_PROTO_DNS_NAME_H

#include "core/reader.h"

enum {
    ML_DNS_NAME_WIRE = 255, /* bytes; RFC 1035, section 2.3.4 */
    ML_DNS_LABEL = 63,
    ML_DNS_NAME_TEXT = 4 * ML_DNS_NAME_WIRE + 1 /* every byte may become \DDD; with the zero byte */
};

struct ml_dns_name {
    uint8_t len; /* bytes of wire in use; 0: no name */
    uint8_t n_labels;
    uint8_t wire[ML_DNS_NAME_WIRE];
};

/* False on a cut, looping or too long name: then `rd` is latched and *out is empty. */
bool ml_dns_name_read(struct ml_reader *rd, struct ml_span message, struct ml_dns_name *out) ML_MUST_USE;

/* Goes behind the name as ml_dns_name_read does, with the same answer, and takes nothing down. */
bool ml_dns_name_skip(struct ml_reader *rd, struct ml_span message) ML_MUST_USE;

/*
 * Name as text without the final dot ("." for the root); returns its length. Controls and bytes that are no UTF-8
 * become \DDD, a dot or backslash within a label is preceded by a backslash. `fold` turns A-Z to lower case.
 */
size_t ml_dns_name_write(const struct ml_dns_name *name, bool fold, char out[ML_DNS_NAME_TEXT]);

/* As ml_dns_name_write, without the first `from` labels. */
size_t ml_dns_name_write_from(const struct ml_dns_name *name, unsigned from, bool fold, char out[ML_DNS_NAME_TEXT]);

/* The index-th label from the left; empty beyond the last. Borrowed from `name`. */
struct ml_span ml_dns_name_label(const struct ml_dns_name *name, unsigned index);

bool ml_dns_name_equal(const struct ml_dns_name *a, const struct ml_dns_name *b); /* ASCII case is ignored */

/* Does the name end in these labels ("local", "in-addr.arpa")? Case is ignored. */
bool ml_dns_name_ends(const struct ml_dns_name *name, const char *suffix);

/* A label of 32 letters A to P is a NetBIOS name in first-level encoding. */
bool ml_dns_name_is_netbios(const struct ml_dns_name *name);

/*
 * NetBIOS name as text: padding removed, the type byte as "<20>" behind it, a scope after a dot; case is kept because
 * it is part of the name. Returns the length; 0 when ml_dns_name_is_netbios is false.
 */
size_t ml_dns_name_write_netbios(const struct ml_dns_name *name, char out[ML_DNS_NAME_TEXT]);

/* The same from the 15 bytes and the type byte of a name that is not encoded (node status). */
size_t ml_dns_netbios_text(struct ml_span bytes, uint8_t type, char out[ML_DNS_NAME_TEXT]);

#endif
