/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag - one tag of a stream of XML, as far as XMPP needs it: name, attributes, open or closed.
 *
 * In:        bytes that begin with '<'.
 * Out:       the tag; all spans are borrowed from the bytes. Entities are not resolved.
 * See:       XML 1.0, sections 2.3 and 3.1; RFC 6120, section 11 (no comments, no instructions but the declaration).
 */
#ifndef MITLESER_PROTO_XMPP_TAG_H
#define MITLESER_PROTO_XMPP_TAG_H

#include "core/span.h"
#include "core/status.h"

struct ml_xml_tag {
    size_t len;            /* of the whole tag */
    struct ml_span name;   /* without a prefix; empty for declarations and comments */
    struct ml_span prefix; /* of the name; empty: none */
    struct ml_span inside; /* attributes */
    bool is_close;         /* </name> */
    bool is_empty;         /* <name/> */
};

/* False when its end has not come. `bytes` begins with '<'. */
bool ml_xml_tag_read(struct ml_span bytes, struct ml_xml_tag *out) ML_MUST_USE;

/* Value of an attribute by its whole name ("xmlns:stream"); empty when there is none. */
struct ml_span ml_xml_attr(const struct ml_xml_tag *tag, const char *name);

#endif
