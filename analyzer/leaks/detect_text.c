/* SPDX-License-Identifier: Apache-2.0 */
/* The texts in which detect.c finds pairs: bodies, and the head of a request by its parts. */
#include "core/text.h"
#include "leaks/check.h"
#include "leaks/detect.h"

enum { MIN_TOKEN = 16 };

struct detecting {
    struct ml_detect_memory memory;
    struct ml_detect_many many;
    size_t base;                /* of the part at hand in the text */
    enum ml_identity_kind last; /* what the pair at hand was told to be */
    bool has_told_tokens;
    ml_detected_fn take;
    void *context;
};

static void tell_at(void *context, const struct ml_detected *detected)
{
    struct detecting *detecting = context;
    struct ml_detected moved = *detected;
    detecting->last = detected->kind;
    bool is_token =
        moved.kind == ML_IDENTITY_SESSION_TOKEN || moved.kind == ML_IDENTITY_SSID; /* a cookie's SSID is one */
    if (detecting->has_told_tokens && is_token && strcmp(moved.form, "name") == 0) {
        return;
    }
    moved.from += detecting->base;
    detecting->take(detecting->context, &moved);
}

static void take_pair(void *context, const struct ml_pair *pair)
{
    struct detecting *detecting = context;
    detecting->last = ML_IDENTITY_NONE;
    ml_detect_pair(&detecting->memory, pair, tell_at, detecting);
    ml_detect_many_add(&detecting->many, pair, detecting->last);
}

/* What many values of the part say together. */
static void end_part(struct detecting *detecting)
{
    ml_detect_many_end(&detecting->many, tell_at, detecting);
    detecting->many = (struct ml_detect_many){.sorts = {{0}}};
}

void ml_detect_text(struct ml_span text, ml_detected_fn take, void *context)
{
    struct detecting detecting = {.take = take, .context = context};
    ml_pairs_each(text, take_pair, &detecting);
    end_part(&detecting);
}

/* --- heads --- */

static void tell(struct detecting *detecting, enum ml_identity_kind kind, const char *form, struct ml_span value,
                 size_t from)
{
    const struct ml_detected detected = {
        .kind = kind, .precision = "exact", .form = form, .value = value, .from = from, .len = value.len};
    detecting->take(detecting->context, &detected);
}

/* "(Linux; Android 14; SM-X123 Build/..." or "iPhone15,2": the part that names the model. */
static void detect_user_agent(struct detecting *detecting, struct ml_span value, size_t from)
{
    const struct ml_span android = ml_span_text("Android ");
    size_t at = ml_span_find(value, android);
    if (at < value.len) {
        struct ml_span rest = ml_span_cut(value, at, value.len);
        size_t semicolon = ml_span_find(rest, ml_span_text("; "));
        struct ml_span model = ml_span_cut(rest, semicolon + 2, rest.len);
        size_t end = ml_span_find(model, ml_span_text(" Build/"));
        if (semicolon < rest.len && end < model.len && end >= 2 && end <= 48) {
            tell(detecting, ML_IDENTITY_DEVICE_MODEL, "user-agent", ml_span_cut(model, 0, end),
                 from + at + semicolon + 2);
        }
        return;
    }
    static const char *const families[] = {"iPhone", "iPad"};
    for (size_t i = 0; i < 2; i++) {
        at = ml_span_find(value, ml_span_text(families[i]));
        size_t digit = at + strlen(families[i]);
        size_t end = digit;
        while (end < value.len && (ml_is_digit(value.ptr[end]) || value.ptr[end] == ',')) {
            end++;
        }
        if (at < value.len && end > digit + 2 && value.ptr[digit] != ',') {
            tell(detecting, ML_IDENTITY_DEVICE_MODEL, "user-agent", ml_span_cut(value, at, end - at), from + at);
            return;
        }
    }
}

static bool is_secret(struct ml_span value)
{
    bool has_digit = false;
    bool has_letter = false;
    for (size_t i = 0; i < value.len; i++) {
        has_digit |= ml_is_digit(value.ptr[i]);
        has_letter |= ml_is_alpha(value.ptr[i]);
        if (value.ptr[i] <= ' ') {
            return false;
        }
    }
    return value.len >= MIN_TOKEN && has_digit && has_letter;
}

/* Cookies whose names say that they stand for a login. */
static void detect_cookies(struct detecting *detecting, struct ml_span value, size_t from)
{
    static const char *const words[] = {"sess", "sid", "token", "auth", "login"};
    for (size_t at = 0; at < value.len;) {
        struct ml_span rest = ml_span_cut(value, at, value.len);
        struct ml_span cookie = ml_span_cut(rest, 0, ml_span_find(rest, ml_span_text(";")));
        size_t equals = ml_span_find(cookie, ml_span_text("="));
        struct ml_span name = ml_span_cut(cookie, 0, equals);
        struct ml_span secret = ml_span_cut(cookie, equals + 1, cookie.len);
        bool is_session = false;
        for (size_t i = 0; i < name.len; i++) {
            for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
                is_session |= ml_span_starts_nocase(ml_span_cut(name, i, name.len), words[k]);
            }
        }
        if (is_session && is_secret(secret)) {
            tell(detecting, ML_IDENTITY_SESSION_TOKEN, "cookie", secret, from + at + equals + 1);
        }
        at += cookie.len + 1;
    }
}

static void detect_field(struct detecting *detecting, struct ml_span line, size_t from)
{
    size_t colon = ml_span_find(line, ml_span_text(":"));
    struct ml_span name = ml_span_cut(line, 0, colon);
    struct ml_span value = ml_span_trim(ml_span_cut(line, colon + 1, line.len));
    if (value.len == 0) {
        return;
    }
    size_t at = from + (size_t)(value.ptr - line.ptr);
    detecting->base = at;
    if (ml_span_equal_nocase(name, ml_span_text("User-Agent"))) {
        detect_user_agent(detecting, value, at);
    } else if (ml_span_equal_nocase(name, ml_span_text("Authorization"))) {
        struct ml_span token = ml_span_trim(ml_span_cut(value, ml_span_find(value, ml_span_text(" ")), value.len));
        bool is_bearer = ml_span_starts_nocase(value, "Bearer ") || ml_span_starts_nocase(value, "Token ");
        if (is_bearer && is_secret(token)) {
            tell(detecting, ML_IDENTITY_SESSION_TOKEN, "bearer", token, at + (size_t)(token.ptr - value.ptr));
        }
    } else if (ml_span_equal_nocase(name, ml_span_text("Cookie"))) {
        detect_cookies(detecting, value, at);
        detecting->has_told_tokens = true;
        ml_pairs_each(value, take_pair, detecting);
        detecting->has_told_tokens = false;
    } else if (!ml_span_equal_nocase(name, ml_span_text("Host")) &&
               !ml_span_equal_nocase(name, ml_span_text("Referer"))) {
        detecting->base = from;
        ml_pairs_each(line, take_pair, detecting);
    }
}

void ml_detect_head(struct ml_span head, ml_detected_fn take, void *context)
{
    struct detecting detecting = {.take = take, .context = context};
    bool is_first = true;
    for (size_t at = 0; at < head.len;) {
        struct ml_span rest = ml_span_cut(head, at, head.len);
        struct ml_span line = ml_span_cut(rest, 0, ml_span_find(rest, ml_span_text("\n")));
        if (is_first) {
            size_t query = ml_span_find(line, ml_span_text("?"));
            struct ml_span target = ml_span_cut(line, query + 1, line.len);
            detecting.base = at + query + 1;
            ml_pairs_each(ml_span_cut(target, 0, ml_span_find(target, ml_span_text(" "))), take_pair, &detecting);
            end_part(&detecting);
        } else {
            detecting.memory = (struct ml_detect_memory){.half = {0}};
            detect_field(&detecting, line, at);
        }
        is_first = false;
        at += line.len + 1;
    }
}
