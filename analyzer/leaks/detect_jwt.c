/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/detect_jwt.h"

#include "core/text.h"

bool ml_jwt_is(struct ml_span text)
{
    static const char *const heads[] = {"eyJhbGciOi", "eyJ0eXAiOi", "eyJraWQiOi", "eyJlbmMiOi", "eyJjdHkiOi"};
    bool has_head = false;
    if (text.len < 16 || text.ptr[0] != 'e') {
        return false;
    }
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        has_head |= ml_span_starts(text, heads[i]);
    }
    size_t first = ml_span_find(text, ml_span_text("."));
    struct ml_span rest = ml_span_cut(text, first + 1, text.len);
    size_t second = ml_span_find(rest, ml_span_text("."));
    return has_head && first >= 16 && second < rest.len && second >= 8;
}

/* --- the claims: the members of one object --- */

/* Position of the quote that ends the string which begins at `at`; text.len when there is none. */
static size_t end_of_string(struct ml_span text, size_t at)
{
    while (at < text.len && text.ptr[at] != '"') {
        at += text.ptr[at] == '\\' ? 2 : 1;
    }
    return at < text.len ? at : text.len;
}

/* "sub", "phone_number", "https://example.com/roles": a name, not a value put in its place. */
static bool is_name(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ml_is_alnum(text.ptr[i]) && strchr("_-.:/", text.ptr[i]) == NULL) {
            return false;
        }
    }
    return text.len != 0 && text.len <= ML_JWT_NAME && ml_is_alpha(text.ptr[0]);
}

static void add_claim(struct ml_jwt *jwt, struct ml_span name)
{
    if (jwt->n < ML_JWT_CLAIMS && is_name(name)) {
        memcpy(jwt->names[jwt->n], name.ptr, name.len);
        jwt->name_len[jwt->n++] = name.len;
    }
}

/* The number at the front, 0 when there is none. */
static uint64_t number_at(struct ml_span text)
{
    size_t n = 0;
    uint64_t number = 0;
    text = ml_span_trim(text);
    while (n < text.len && n < 12 && ml_is_digit(text.ptr[n])) {
        number = number * 10 + (uint64_t)(text.ptr[n++] - '0');
    }
    return number;
}

/* A member of the outermost object: its name, and where its colon would be. */
static void take_member(struct ml_jwt *jwt, struct ml_span name, struct ml_span rest, uint64_t times[2])
{
    add_claim(jwt, name);
    if (ml_span_equal(name, ml_span_text("iat"))) {
        times[0] = number_at(ml_span_cut(rest, 1, rest.len));
    } else if (ml_span_equal(name, ml_span_text("exp"))) {
        times[1] = number_at(ml_span_cut(rest, 1, rest.len));
    }
}

void ml_jwt_read(struct ml_span token, struct ml_jwt *out)
{
    uint8_t bytes[ML_JWT_BYTES];
    uint64_t times[2] = {0}; /* iat, exp */
    unsigned depth = 0;
    bool is_value = false;
    *out = (struct ml_jwt){.n = 0};
    struct ml_span middle = ml_span_cut(token, ml_span_find(token, ml_span_text(".")) + 1, token.len);
    middle = ml_span_cut(middle, 0, ml_span_find(middle, ml_span_text(".")));
    struct ml_span text = ml_span_of(bytes, ml_base64url_read(middle, bytes, sizeof bytes));
    if (text.len == 0 || text.ptr[0] != '{') {
        return;
    }
    for (size_t at = 0; at < text.len; at++) {
        uint8_t byte = text.ptr[at];
        if (byte == '"') {
            size_t end = end_of_string(text, at + 1);
            if (depth == 1 && !is_value && end < text.len) {
                take_member(out, ml_span_cut(text, at + 1, end - at - 1), ml_span_cut(text, end + 1, text.len), times);
            }
            at = end;
            continue;
        }
        depth += byte == '{' || byte == '[';
        depth -= depth != 0 && (byte == '}' || byte == ']');
        is_value = byte == ':' || (is_value && !(depth == 1 && byte == ','));
    }
    out->has_lifetime = times[0] != 0 && times[1] > times[0];
    out->lifetime = out->has_lifetime ? times[1] - times[0] : 0;
}
