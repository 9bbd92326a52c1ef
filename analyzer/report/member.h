/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member - short forms for writing object members. Whoever writes `body` adds members in the byte order of their
 * names: that is the canonical order of RFC 8785 for the ASCII names used here, and a test checks it.
 */
#ifndef MITLESER_REPORT_MEMBER_H
#define MITLESER_REPORT_MEMBER_H

#include "core/json.h"

static inline void ml_member_text(struct ml_json *json, const char *key, const char *text)
{
    ml_json_key(json, key);
    ml_json_text(json, text);
}

static inline void ml_member_span(struct ml_json *json, const char *key, struct ml_span text)
{
    ml_json_key(json, key);
    ml_json_span(json, text);
}

static inline void ml_member_uint(struct ml_json *json, const char *key, uint64_t value)
{
    ml_json_key(json, key);
    ml_json_uint(json, value);
}

static inline void ml_member_bool(struct ml_json *json, const char *key, bool value)
{
    ml_json_key(json, key);
    ml_json_bool(json, value);
}

static inline void ml_member_time(struct ml_json *json, const char *key, int64_t time_ns)
{
    ml_json_key(json, key);
    ml_json_time(json, time_ns);
}

/* Text, or null when it is NULL or empty. */
static inline void ml_member_or_null(struct ml_json *json, const char *key, const char *text)
{
    ml_json_key(json, key);
    if (text != NULL && text[0] != '\0') {
        ml_json_text(json, text);
    } else {
        ml_json_null(json);
    }
}

static inline void ml_member_object(struct ml_json *json, const char *key)
{
    ml_json_key(json, key);
    ml_json_object(json);
}

static inline void ml_member_array(struct ml_json *json, const char *key)
{
    ml_json_key(json, key);
    ml_json_array(json);
}

/* Array of the texts of a NULL-terminated list; NULL is an empty list. */
static inline void ml_member_list(struct ml_json *json, const char *key, const char *const *texts)
{
    ml_member_array(json, key);
    for (; texts != NULL && *texts != NULL; texts++) {
        ml_json_text(json, *texts);
    }
    ml_json_array_end(json);
}

#endif
