/* SPDX-License-Identifier: Apache-2.0 */
/* The texts in which detect.c finds pairs: bodies, streams, names, and the heads of messages by their parts. */
#include "core/text.h"
#include "leaks/check.h"
#include "leaks/detect_parts.h"

enum { MAX_FIRST_LINE = 1024 };

struct detecting {
    struct ml_detect_memory memory;
    struct ml_detect_many many;
    struct ml_detect_chat chat;
    struct ml_span text; /* of the part at hand; empty: messages are not looked for there */
    size_t base;         /* of the part at hand in the text */
    int64_t time_ns;
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
    struct ml_plain_name plain;
    struct ml_pair known = *pair;
    known.plain = &plain;
    ml_plain_name(pair->name, &plain);
    detecting->last = ML_IDENTITY_NONE;
    ml_detect_pair(&detecting->memory, &known, tell_at, detecting);
    ml_detect_many_add(&detecting->many, &known, detecting->last);
    if (detecting->text.len != 0) {
        ml_detect_chat(&detecting->chat, detecting->text, &known, tell_at, detecting);
    }
}

/* What many values of the part say together. */
static void end_part(struct detecting *detecting)
{
    ml_detect_many_end(&detecting->many, tell_at, detecting);
    ml_detect_many_init(&detecting->many);
}

/* Field by field: most of a detector is room for what many values say, and is not read before it is written. */
static void init(struct detecting *detecting, int64_t time_ns, ml_detected_fn take, void *context)
{
    detecting->memory = (struct ml_detect_memory){.is_stream = false};
    ml_detect_many_init(&detecting->many);
    detecting->chat = (struct ml_detect_chat){0};
    detecting->text = ml_span_of(NULL, 0);
    detecting->base = 0;
    detecting->time_ns = time_ns;
    detecting->last = ML_IDENTITY_NONE;
    detecting->has_told_tokens = false;
    detecting->take = take;
    detecting->context = context;
}

/* The version stands at one end of the first line, in capitals (RFC 3261, sections 7 and 7.1). */
static bool is_sip(struct ml_span text)
{
    struct ml_span front = ml_span_cut(text, 0, MAX_FIRST_LINE);
    struct ml_span line = ml_span_cut(front, 0, ml_span_find(front, ml_span_text("\n")));
    return ml_span_find(line, ml_span_text("SIP/2.0")) < line.len;
}

void ml_detect_text(struct ml_span text, bool is_stream, ml_detected_fn take, void *context)
{
    struct detecting detecting;
    init(&detecting, 0, take, context);
    detecting.memory.is_stream = is_stream;
    detecting.memory.is_sip = is_stream && is_sip(text);
    detecting.text = ml_span_cut(text, 0, detecting.memory.is_sip ? 0 : text.len);
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

/* A token that holds claims says so. */
static void detect_bearer(struct detecting *detecting, struct ml_span token, size_t from)
{
    const struct ml_pair pair = {.value = token, .from = from, .len = token.len};
    if (ml_jwt_is(token)) {
        ml_detect_tell_jwt(&pair, detecting->take, detecting->context);
    } else {
        tell(detecting, ML_IDENTITY_SESSION_TOKEN, "bearer", token, from);
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
        if (is_bearer && ml_detect_is_secret(token)) {
            detect_bearer(detecting, token, at + (size_t)(token.ptr - value.ptr));
        }
    } else if (ml_span_equal_nocase(name, ml_span_text("Cookie"))) {
        ml_detect_cookies(value, at, detecting->time_ns, detecting->take, detecting->context);
        detecting->has_told_tokens = true;
        ml_pairs_each(value, take_pair, detecting);
        detecting->has_told_tokens = false;
    } else if (!ml_span_equal_nocase(name, ml_span_text("Host")) &&
               !ml_span_equal_nocase(name, ml_span_text("Referer"))) {
        detecting->base = from;
        ml_pairs_each(line, take_pair, detecting);
    }
}

void ml_detect_head(struct ml_span head, int64_t time_ns, ml_detected_fn take, void *context)
{
    struct detecting detecting;
    init(&detecting, time_ns, take, context);
    bool is_first = true;
    for (size_t at = 0; at < head.len;) {
        struct ml_span rest = ml_span_cut(head, at, head.len);
        struct ml_span line = ml_span_cut(rest, 0, ml_span_find(rest, ml_span_text("\n")));
        if (is_first) {
            size_t query = ml_span_find(line, ml_span_text("?"));
            struct ml_span target = ml_span_cut(line, query + 1, line.len);
            detecting.base = at + query + 1;
            detecting.text = ml_span_cut(target, 0, ml_span_find(target, ml_span_text(" ")));
            ml_pairs_each(detecting.text, take_pair, &detecting);
            detecting.text = ml_span_of(NULL, 0);
            end_part(&detecting);
        } else {
            detecting.memory = (struct ml_detect_memory){.is_stream = false};
            detect_field(&detecting, line, at);
        }
        is_first = false;
        at += line.len + 1;
    }
    end_part(&detecting);
}

/* Value of a field whose name is `name`, with where it begins in `line`; empty: the line is another. */
static struct ml_span value_of(struct ml_span line, const char *name)
{
    size_t colon = ml_span_find(line, ml_span_text(":"));
    bool is_it = ml_span_equal_nocase(ml_span_cut(line, 0, colon), ml_span_text(name));
    return is_it ? ml_span_trim(ml_span_cut(line, colon + 1, line.len)) : ml_span_of(NULL, 0);
}

void ml_detect_response(struct ml_span head, int64_t time_ns, ml_detected_fn take, void *context)
{
    int64_t date_ns = time_ns;
    int64_t seconds = 0;
    for (int round = 0; round < 2; round++) { /* the date may stand behind the cookies */
        for (size_t at = 0; at < head.len;) {
            struct ml_span rest = ml_span_cut(head, at, head.len);
            struct ml_span line = ml_span_cut(rest, 0, ml_span_find(rest, ml_span_text("\n")));
            struct ml_span value = value_of(line, round == 0 ? "Date" : "Set-Cookie");
            if (value.len != 0 && round == 0 && ml_detect_date(value, &seconds)) {
                date_ns = seconds * INT64_C(1000000000);
            } else if (value.len != 0 && round == 1) {
                ml_detect_set_cookie(value, at + (size_t)(value.ptr - line.ptr), date_ns, take, context);
            }
            at += line.len + 1;
        }
    }
}

/* --- names that are looked up --- */

static bool is_hex(struct ml_span text)
{
    bool is_hex = text.len != 0;
    for (size_t i = 0; i < text.len; i++) {
        is_hex &= ml_hex_value(text.ptr[i]) >= 0;
    }
    return is_hex;
}

/*
 * "mnc001.mcc262" of an operator's gateways (3GPP TS 23.003, section 19.4.2.9) tells whose SIM card it is. The code is
 * told as in the name.
 */
static bool detect_operator(struct ml_span host, ml_detected_fn take, void *context)
{
    size_t at = ml_span_find(host, ml_span_text("mnc"));
    struct ml_span codes = ml_span_cut(host, at, 13);
    bool is_code = codes.len == 13 && ml_span_holds_nocase(host, ".3gppnetwork.org") &&
                   ml_check_digits(ml_span_cut(codes, 3, 3)) && ml_span_starts(ml_span_cut(codes, 6, 7), ".mcc") &&
                   ml_check_digits(ml_span_cut(codes, 10, 3)) && codes.ptr[10] >= '2' && codes.ptr[10] <= '7';
    if (is_code) {
        const struct ml_pair pair = {.value = codes, .from = at, .len = codes.len};
        ml_detect_tell(&pair, ML_IDENTITY_MCC_MNC, "shape", take, context);
    }
    return is_code;
}

/* "0a1b2c3d4e5f@name" of AirPlay speakers begins with their hardware address; host names have no '@'. */
static bool detect_raop(struct ml_span host, ml_detected_fn take, void *context)
{
    uint8_t mac[6];
    struct ml_span first = ml_span_cut(host, 0, 12);
    if (host.len < 14 || host.ptr[12] != '@' || !is_hex(first) || !ml_check_mac(first, mac)) {
        return false;
    }
    const struct ml_pair pair = {.value = first, .len = 12};
    ml_detect_tell(&pair, ML_IDENTITY_MAC, "shape", take, context);
    return true;
}

enum {
    MAX_LABEL_NAME = 16, /* bytes of a label that names another */
    MIN_LABEL_VALUE = 12 /* bytes of a value */
};

struct hosting {
    bool is_told; /* of the label at hand */
    ml_detected_fn take;
    void *context;
};

static void tell_once(void *context, const struct ml_detected *detected)
{
    struct hosting *hosting = context;
    if (!hosting->is_told) {
        hosting->is_told = true;
        hosting->take(hosting->context, detected);
    }
}

/* A value may stand beside a label that names it, in front or behind, or behind its name in one label: "imei-...". */
static void detect_label(struct ml_span host, size_t at, struct ml_span label, struct ml_span before,
                         struct hosting *hosting)
{
    if (label.len < MIN_LABEL_VALUE) {
        return;
    }
    struct ml_detect_memory memory = {.is_stream = true};
    struct ml_span after = ml_span_cut(host, at + label.len + 1, host.len);
    size_t mark = ml_span_find(label, ml_span_text("-"));
    mark = mark < label.len ? mark : ml_span_find(label, ml_span_text("_"));
    struct ml_pair pairs[] = {{.name = before, .value = label, .from = at, .len = label.len, .joint = '.'},
                              {.name = ml_span_cut(after, 0, ml_span_find(after, ml_span_text("."))),
                               .value = label,
                               .from = at,
                               .len = label.len,
                               .joint = '.'},
                              {.name = ml_span_cut(label, 0, mark),
                               .value = ml_span_cut(label, mark + 1, label.len),
                               .from = at + mark + 1,
                               .len = label.len - (mark < label.len ? mark + 1 : label.len),
                               .joint = '-'}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct ml_plain_name plain;
        pairs[i].plain = &plain;
        if (pairs[i].name.len <= MAX_LABEL_NAME && pairs[i].value.len >= MIN_LABEL_VALUE &&
            memchr(pairs[i].value.ptr, '@', pairs[i].value.len) == NULL) {
            ml_plain_name(pairs[i].name, &plain);
            ml_detect_pair(&memory, &pairs[i], tell_once, hosting);
        }
    }
}

void ml_detect_host(struct ml_span host, ml_detected_fn take, void *context)
{
    struct ml_span before = ml_span_of(NULL, 0);
    if (detect_operator(host, take, context) || detect_raop(host, take, context)) {
        return;
    }
    for (size_t at = 0; at < host.len;) {
        struct hosting hosting = {.take = take, .context = context};
        struct ml_span rest = ml_span_cut(host, at, host.len);
        struct ml_span label = ml_span_cut(rest, 0, ml_span_find(rest, ml_span_text(".")));
        detect_label(host, at, label, before, &hosting);
        before = label;
        at += label.len + 1;
    }
}
