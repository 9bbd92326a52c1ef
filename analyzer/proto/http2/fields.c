/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http2/fields.h"

#include "core/text.h"

void ml_h2_fields_init(struct ml_h2_fields *fields)
{
    memset(fields, 0, sizeof *fields);
    ml_buf_init(&fields->method, ML_MAX_TEXT);
    ml_buf_init(&fields->path, ML_MAX_FIELD_LIST);
    ml_buf_init(&fields->authority, ML_MAX_TEXT);
    ml_buf_init(&fields->cookie, ML_MAX_FIELD_LIST);
    ml_buf_init(&fields->lines, 2 * ML_MAX_FIELD_LIST); /* authority and cookie become lines too */
}

void ml_h2_fields_fini(struct ml_h2_fields *fields)
{
    ml_buf_fini(&fields->method);
    ml_buf_fini(&fields->path);
    ml_buf_fini(&fields->authority);
    ml_buf_fini(&fields->cookie);
    ml_buf_fini(&fields->lines);
}

/* A liar could put lines of their own into a value. */
static void add_safe(struct ml_buf *out, struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        (void)ml_buf_add_byte(out, byte == '\r' || byte == '\n' || byte == '\0' ? ' ' : byte);
    }
}

static void add_line(struct ml_buf *out, struct ml_span name, struct ml_span value)
{
    add_safe(out, name);
    (void)ml_buf_add_text(out, ": ");
    add_safe(out, value);
    (void)ml_buf_add_text(out, "\r\n");
}

static void set_once(struct ml_buf *out, struct ml_span value)
{
    if (out->len == 0) {
        add_safe(out, value);
    }
}

static void add_pseudo(struct ml_h2_fields *fields, struct ml_span name, struct ml_span value)
{
    uint64_t status = 0;
    if (ml_span_equal(name, ml_span_text(":method"))) {
        set_once(&fields->method, value);
    } else if (ml_span_equal(name, ml_span_text(":path"))) {
        set_once(&fields->path, value);
    } else if (ml_span_equal(name, ml_span_text(":authority"))) {
        set_once(&fields->authority, value);
    } else if (ml_span_equal(name, ml_span_text(":status")) && ml_decimal_read(value, &status) && status >= 100 &&
               status <= 999) {
        fields->status = (uint16_t)status;
    }
}

void ml_h2_fields_add(struct ml_h2_fields *fields, struct ml_span name, struct ml_span value)
{
    size_t held = fields->lines.len + fields->cookie.len + fields->path.len;
    if (name.len + value.len > ML_MAX_FIELD_LIST - (held < ML_MAX_FIELD_LIST ? held : ML_MAX_FIELD_LIST)) {
        fields->is_cut = true;
        return;
    }
    if (name.len != 0 && name.ptr[0] == ':') {
        add_pseudo(fields, name, value);
    } else if (ml_span_equal(name, ml_span_text("cookie"))) {
        if (fields->cookie.len != 0) {
            (void)ml_buf_add_text(&fields->cookie, "; ");
        }
        add_safe(&fields->cookie, value);
    } else {
        add_line(&fields->lines, name, value);
    }
}

bool ml_h2_fields_head(struct ml_h2_fields *fields, struct ml_http_head *out)
{
    if (fields->authority.len != 0) {
        add_line(&fields->lines, ml_span_text("host"), ml_buf_span(&fields->authority));
    }
    if (fields->cookie.len != 0) {
        add_line(&fields->lines, ml_span_text("cookie"), ml_buf_span(&fields->cookie));
    }
    (void)ml_buf_add_text(&fields->lines, "\r\n");
    fields->is_cut |= fields->lines.failed || fields->path.failed || fields->cookie.failed;
    *out = (struct ml_http_head){
        .is_request = fields->status == 0,
        .method = ml_buf_span(&fields->method),
        .target = ml_buf_span(&fields->path),
        .status = fields->status,
        .fields = ml_buf_span(&fields->lines),
    };
    return fields->status != 0 || fields->method.len != 0;
}
