/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - writes JSON text as it goes; the one place where bytes from outside become JSON strings.
 *
 * Keys are constants of the program. Ill-formed UTF-8 in values becomes U+FFFD, a byte each. The text is that of
 * RFC 8785 (no blanks, shortest escapes, integers only); whoever wants canonical objects adds members in key order.
 */
#ifndef MITLESER_CORE_JSON_H
#define MITLESER_CORE_JSON_H

#include "core/buf.h"
#include "core/field.h"
#include "core/ip.h"

struct ml_json {
    struct ml_buf *out; /* borrowed; a full buffer latches there */
    bool wants_comma;
};

void ml_json_init(struct ml_json *json, struct ml_buf *out);

void ml_json_object(struct ml_json *json);
void ml_json_object_end(struct ml_json *json);
void ml_json_array(struct ml_json *json);
void ml_json_array_end(struct ml_json *json);

/* Member name; a value, object or array must follow. */
void ml_json_key_span(struct ml_json *json, struct ml_span key); /* not empty */
void ml_json_field(struct ml_json *json, const struct ml_field_info *info);

/* Inline, so that the lengths of constants are constants. */
static inline void ml_json_key(struct ml_json *json, const char *key)
{
    ml_json_key_span(json, ml_span_text(key));
}

void ml_json_span(struct ml_json *json, struct ml_span text);
static inline void ml_json_text(struct ml_json *json, const char *text)
{
    ml_json_span(json, ml_span_text(text));
}

/* Integers of 2^53 and more are written as strings, so that no reader loses digits (RFC 8259, section 6). */
void ml_json_uint(struct ml_json *json, uint64_t value);
void ml_json_int(struct ml_json *json, int64_t value);
void ml_json_bool(struct ml_json *json, bool value);
void ml_json_null(struct ml_json *json);
void ml_json_ip(struct ml_json *json, const struct ml_ip *ip);
void ml_json_time(struct ml_json *json, int64_t time_ns);

/* Appends `text` to `out` as a JSON string with its quotes. */
void ml_json_escape(struct ml_buf *out, struct ml_span text);

#endif
