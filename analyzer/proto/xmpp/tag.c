/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/xmpp/tag.h"

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Place of the '>' that ends the tag: one within quotes does not. */
static size_t find_end(struct ml_span bytes)
{
    uint8_t quote = 0;
    for (size_t i = 1; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];
        if (quote != 0) {
            quote = byte == quote ? 0 : quote;
        } else if (byte == '"' || byte == '\'') {
            quote = byte;
        } else if (byte == '>') {
            return i;
        }
    }
    return bytes.len;
}

static void read_name(struct ml_span inside, struct ml_xml_tag *out)
{
    size_t n = 0;
    size_t colon = inside.len;
    while (n < inside.len && !is_blank(inside.ptr[n])) {
        colon = inside.ptr[n] == ':' && colon == inside.len ? n : colon;
        n++;
    }
    out->inside = ml_span_cut(inside, n, inside.len);
    out->name = ml_span_cut(inside, 0, n);
    if (colon < n) {
        out->prefix = ml_span_cut(inside, 0, colon);
        out->name = ml_span_cut(inside, colon + 1, n - colon - 1);
    }
}

bool ml_xml_tag_read(struct ml_span bytes, struct ml_xml_tag *out)
{
    size_t end = find_end(bytes);
    *out = (struct ml_xml_tag){.len = 0};
    if (end == bytes.len) {
        return false;
    }
    out->len = end + 1;
    struct ml_span inside = ml_span_cut(bytes, 1, end - 1);
    if (inside.len == 0 || inside.ptr[0] == '?' || inside.ptr[0] == '!') {
        return true;
    }
    out->is_close = inside.ptr[0] == '/';
    out->is_empty = inside.ptr[inside.len - 1] == '/' && !out->is_close;
    inside = ml_span_cut(inside, out->is_close ? 1 : 0, inside.len - (out->is_empty ? 1 : 0));
    read_name(inside, out);
    return true;
}

/* The next attribute off the front; false when there is none that is well formed. */
static bool next_attr(struct ml_span *rest, struct ml_span *name, struct ml_span *value)
{
    size_t at = 0;
    while (at < rest->len && is_blank(rest->ptr[at])) {
        at++;
    }
    size_t start = at;
    while (at < rest->len && rest->ptr[at] != '=' && !is_blank(rest->ptr[at])) {
        at++;
    }
    *name = ml_span_cut(*rest, start, at - start);
    while (at < rest->len && (is_blank(rest->ptr[at]) || rest->ptr[at] == '=')) {
        at++;
    }
    if (name->len == 0 || at >= rest->len || (rest->ptr[at] != '"' && rest->ptr[at] != '\'')) {
        return false;
    }
    struct ml_span quoted = ml_span_cut(*rest, at + 1, rest->len);
    const uint8_t *end = quoted.len != 0 ? memchr(quoted.ptr, rest->ptr[at], quoted.len) : NULL;
    if (end == NULL) {
        return false;
    }
    size_t n = (size_t)(end - quoted.ptr);
    *value = ml_span_cut(quoted, 0, n);
    *rest = ml_span_cut(quoted, n + 1, quoted.len);
    return true;
}

struct ml_span ml_xml_attr(const struct ml_xml_tag *tag, const char *name)
{
    struct ml_span rest = tag->inside;
    struct ml_span found;
    struct ml_span value;
    while (next_attr(&rest, &found, &value)) {
        if (ml_span_equal(found, ml_span_text(name))) {
            return value;
        }
    }
    return ml_span_of(NULL, 0);
}
