/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/head.h"

#include "core/ip.h"
#include "core/text.h"

enum {
    MAX_METHOD = 24, /* the longest registered is UPDATEREDIRECTREF */
    LONG_LINE = 4000 /* bytes of a first line after which a known method suffices */
};

static const char version[] = "HTTP/1.";

/* Line ends in front of a message are to be ignored (RFC 9112, section 2.2). */
static struct ml_span without_line_ends(struct ml_span bytes)
{
    while (bytes.len != 0 && (bytes.ptr[0] == '\r' || bytes.ptr[0] == '\n')) {
        bytes = ml_span_cut(bytes, 1, bytes.len);
    }
    return bytes;
}

static bool is_method_byte(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_';
}

/* Bytes of the method in front of the blank; 0 when these are none. *is_open: the blank may still come. */
static size_t method_length(struct ml_span bytes, bool *is_open)
{
    size_t n = 0;
    while (n < bytes.len && n <= MAX_METHOD && is_method_byte(bytes.ptr[n])) {
        n++;
    }
    *is_open = n == bytes.len && n <= MAX_METHOD;
    return n != 0 && n < bytes.len && n <= MAX_METHOD && bytes.ptr[n] == ' ' ? n : 0;
}

bool ml_http_is_known_method(struct ml_span bytes)
{
    static const char *const known[] = {
        "GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH ", "PROPFIND ", "REPORT ",
    };
    bytes = without_line_ends(bytes);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (ml_span_starts(bytes, known[i])) {
            return true;
        }
    }
    return false;
}

static struct ml_span first_line(struct ml_span bytes, bool *is_whole)
{
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_span line;
    *is_whole = ml_rd_until(&rd, '\n', &line);
    if (!*is_whole) {
        return bytes;
    }
    line.len -= line.len != 0 && line.ptr[line.len - 1] == '\r';
    return line;
}

/* Blanks within a target are wrong, yet sent; controls are never part of a first line. */
static bool is_printable(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_control = text.ptr[i] < 0x20 || text.ptr[i] == 0x7f;
        if (is_control && text.ptr[i] != '\t' && !(text.ptr[i] == '\r' && i + 1 == text.len)) {
            return false;
        }
    }
    return true;
}

/* Where " HTTP/1.x" begins at the end of a request line, or 0. Devices also send such things as HTTP/1.0.8. */
static size_t version_at(struct ml_span line)
{
    size_t at = line.len;
    while (at != 0 && (ml_is_digit(line.ptr[at - 1]) || line.ptr[at - 1] == '.')) {
        at--;
    }
    size_t before = sizeof "HTTP/" - 1;
    if (at <= before || line.ptr[at - before - 1] != ' ') {
        return 0;
    }
    struct ml_span text = ml_span_cut(line, at - before, line.len);
    return text.len > sizeof version - 1 && ml_span_starts(text, version) ? at - before - 1 : 0;
}

enum ml_match ml_http_match_request(struct ml_span bytes)
{
    bool is_open = false;
    bool is_whole = false;
    bytes = without_line_ends(bytes);
    size_t method = method_length(bytes, &is_open);
    if (method == 0) {
        return is_open ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    struct ml_span line = first_line(bytes, &is_whole);
    if (!is_printable(line)) {
        return ML_MATCH_NO;
    }
    if (is_whole) {
        return version_at(line) >= method ? ML_MATCH_YES : ML_MATCH_NO;
    }
    return line.len >= LONG_LINE && ml_http_is_known_method(bytes) ? ML_MATCH_YES : ML_MATCH_MORE;
}

enum ml_match ml_http_match_response(struct ml_span bytes)
{
    /* "HTTP/1.1 200", then a blank or the end of the line */
    static const char form[] = "HTTP/1.d ddd";
    bytes = without_line_ends(bytes);
    for (size_t i = 0; i < sizeof form - 1 && i < bytes.len; i++) {
        bool fits = form[i] == 'd' ? ml_is_digit(bytes.ptr[i]) : bytes.ptr[i] == (uint8_t)form[i];
        if (!fits) {
            return ML_MATCH_NO;
        }
    }
    if (bytes.len < sizeof form) {
        return ML_MATCH_MORE;
    }
    uint8_t next = bytes.ptr[sizeof form - 1];
    return next == ' ' || next == '\r' || next == '\n' ? ML_MATCH_YES : ML_MATCH_NO;
}

static bool parse_request_line(struct ml_span line, struct ml_http_head *out)
{
    bool is_open = false;
    size_t method = method_length(line, &is_open);
    size_t end = version_at(line);
    if (method == 0 || end < method) {
        return false;
    }
    out->method = ml_span_cut(line, 0, method);
    out->target = ml_span_trim(ml_span_cut(line, method, end - method));
    return true;
}

static bool parse_status_line(struct ml_span line, struct ml_http_head *out)
{
    uint64_t status = 0;
    if (!ml_span_starts(line, version) || line.len < sizeof version + 4 ||
        !ml_decimal_read(ml_span_cut(line, sizeof version + 1, 3), &status)) {
        return false;
    }
    out->status = (uint16_t)status;
    return status >= 100;
}

bool ml_http_head_parse(struct ml_span bytes, bool is_request, struct ml_http_head *out)
{
    bool is_whole = false;
    struct ml_span line = first_line(bytes, &is_whole);
    *out = (struct ml_http_head){.is_request = is_request};
    if (!is_whole) {
        return false;
    }
    size_t skip = line.len + (bytes.ptr[line.len] == '\r' ? 2 : 1);
    out->fields = ml_span_cut(bytes, skip, bytes.len);
    return is_request ? parse_request_line(line, out) : parse_status_line(line, out);
}

struct ml_reader ml_http_fields(const struct ml_http_head *head)
{
    return ml_rd_open(head->fields);
}

/* A line that begins with a blank continues the one before (RFC 9112, section 5.2). */
static bool is_continued(const struct ml_reader *fields)
{
    struct ml_reader peek = *fields;
    uint8_t next = 0;
    return ml_rd_peek(&peek, &next) && (next == ' ' || next == '\t');
}

bool ml_http_field_next(struct ml_reader *fields, struct ml_span *name, struct ml_span *value)
{
    struct ml_span line;
    while (ml_rd_until(fields, '\n', &line)) {
        struct ml_span more;
        while (is_continued(fields) && ml_rd_until(fields, '\n', &more)) {
            line.len = (size_t)(more.ptr + more.len - line.ptr);
        }
        /* What is no field (no colon, no name) says nothing: the next one may. */
        if (ml_http_split(line, ':', name, value) && name->len != 0) {
            return true;
        }
    }
    *name = *value = ml_span_of(NULL, 0);
    return false;
}

struct ml_span ml_http_field(const struct ml_http_head *head, const char *name)
{
    struct ml_reader fields = ml_http_fields(head);
    struct ml_span have;
    struct ml_span value;
    while (ml_http_field_next(&fields, &have, &value)) {
        if (ml_span_equal_nocase(have, ml_span_text(name))) {
            return value;
        }
    }
    return ml_span_of(NULL, 0);
}

bool ml_http_split(struct ml_span text, uint8_t stop, struct ml_span *first, struct ml_span *rest)
{
    size_t at = ml_span_find(text, ml_span_of(&stop, 1));
    *first = ml_span_trim(ml_span_cut(text, 0, at));
    *rest = ml_span_trim(ml_span_cut(text, at + 1, text.len));
    return at < text.len;
}

/* What follows "scheme://", or everything. */
static struct ml_span without_scheme(struct ml_span url)
{
    size_t at = ml_span_find(url, ml_span_text("://"));
    size_t slash = ml_span_find(url, ml_span_text("/"));
    return at < url.len && at < slash ? ml_span_cut(url, at + 3, url.len) : url;
}

static bool is_absolute(struct ml_span target)
{
    return target.len != 0 && target.ptr[0] != '/' && without_scheme(target).ptr != target.ptr;
}

/* "/path?query" of the target, without fragment. */
static struct ml_span origin_form(const struct ml_http_head *head)
{
    struct ml_span target = head->target;
    if (is_absolute(target)) {
        target = without_scheme(target);
        size_t slash = ml_span_find(target, ml_span_text("/"));
        size_t mark = ml_span_find(target, ml_span_text("?"));
        target = ml_span_cut(target, slash < mark ? slash : mark, target.len);
    } else if (target.len == 0 || target.ptr[0] != '/') {
        return ml_span_of(NULL, 0);
    }
    return ml_span_cut(target, 0, ml_span_find(target, ml_span_text("#")));
}

struct ml_span ml_http_path(const struct ml_http_head *head)
{
    struct ml_span form = origin_form(head);
    return ml_span_cut(form, 0, ml_span_find(form, ml_span_text("?")));
}

struct ml_span ml_http_query(const struct ml_http_head *head)
{
    struct ml_span form = origin_form(head);
    return ml_span_cut(form, ml_span_find(form, ml_span_text("?")) + 1, form.len);
}

static size_t address_host(struct ml_span text, char *out)
{
    struct ml_ip ip;
    return ml_ip_parse(text, &ip) ? ml_ip_format(&ip, out) : 0;
}

size_t ml_http_authority_host(struct ml_span authority, char out[ML_HTTP_HOST_TEXT])
{
    struct ml_span host = ml_span_trim(authority);
    size_t at = ml_span_find(host, ml_span_text("@"));
    host = at < host.len ? ml_span_cut(host, at + 1, host.len) : host;
    if (ml_span_starts(host, "[")) {
        return address_host(ml_span_cut(host, 1, ml_span_find(host, ml_span_text("]")) - 1), out);
    }
    size_t n = address_host(host, out); /* an IPv6 address without its brackets */
    if (n == 0) {
        n = ml_host_normal(ml_span_cut(host, 0, ml_span_find(host, ml_span_text(":"))), out, ML_HTTP_HOST_TEXT);
    }
    return n;
}

size_t ml_http_url_host(struct ml_span url, char out[ML_HTTP_HOST_TEXT])
{
    if (!is_absolute(url)) {
        return 0;
    }
    struct ml_span rest = without_scheme(url);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#') {
        end++;
    }
    return ml_http_authority_host(ml_span_cut(rest, 0, end), out);
}

size_t ml_http_host(const struct ml_http_head *head, char out[ML_HTTP_HOST_TEXT])
{
    size_t n = ml_http_authority_host(ml_http_field(head, "Host"), out);
    if (n == 0) {
        n = ml_http_url_host(head->target, out);
    }
    if (n == 0 && ml_span_equal(head->method, ml_span_text("CONNECT"))) {
        n = ml_http_authority_host(head->target, out);
    }
    return n;
}
