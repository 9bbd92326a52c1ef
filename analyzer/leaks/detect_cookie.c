/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cookies: which stand for a login, which know the browser again, how long they live and how old they are.
 *
 * See: RFC 6265, sections 4.1 (Set-Cookie), 5.1.1 (dates), 5.3 (Max-Age goes before Expires).
 */
#include "core/text.h"
#include "core/timefmt.h"
#include "leaks/detect_parts.h"

#define SECOND INT64_C(1000000000)

enum {
    DAY = 24 * 3600,
    MIN_VISITOR = 8,          /* bytes of a value that can tell browsers apart */
    OLDEST = 946684800,       /* 2000-01-01: before it nobody counted visitors */
    MAX_LIFETIME = 0x7fffffff /* seconds; what is longer is told as this */
};

static void tell(enum ml_identity_kind kind, const char *form, struct ml_detected *detected, ml_detected_fn take,
                 void *context)
{
    detected->kind = kind;
    detected->form = form;
    detected->precision = "exact";
    take(context, detected);
}

/* Its name says that it stands for a login. */
static bool is_session(struct ml_span name)
{
    static const char *const words[] = {"sess", "sid", "token", "auth", "login"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (ml_span_holds_nocase(name, words[i])) {
            return true;
        }
    }
    return false;
}

/* --- cookies of analytics, which hold the time of the first visit --- */

/* The part number `n` of a value whose parts end with `mark`. */
static struct ml_span part_of(struct ml_span value, const char *mark, unsigned n)
{
    struct ml_span part = value;
    for (unsigned i = 0; i <= n; i++) {
        size_t end = ml_span_find(value, ml_span_text(mark));
        part = ml_span_cut(value, 0, end);
        value = ml_span_cut(value, end + 1, value.len);
    }
    return part;
}

static bool read_time(struct ml_span text, size_t len, uint64_t *out)
{
    return text.len == len && ml_decimal_read(text, out);
}

/*
 * Seconds of 1970 at which the cookie was made. Google: _ga and _gid are GA1.2.<number>.<time>, __utma is
 * <domain>.<number>.<first>.<last>.<now>.<n>, __gads holds :T=<time>; Meta: _fbp is fb.1.<milliseconds>.<number>;
 * Yandex: _ym_uid is <time><number>.
 */
static bool made_at(struct ml_span name, struct ml_span value, uint64_t *out)
{
    bool is_ga = ml_span_starts(value, "GA1.") || ml_span_starts(value, "1.1.");
    if (ml_span_equal(name, ml_span_text("__utma"))) {
        return part_of(value, ".", 5).len != 0 && read_time(part_of(value, ".", 2), 10, out);
    }
    if (is_ga && (ml_span_equal(name, ml_span_text("_ga")) || ml_span_equal(name, ml_span_text("_gid")) ||
                  ml_span_equal(name, ml_span_text("_gcl_au")))) {
        return read_time(part_of(value, ".", 3), 10, out);
    }
    if (ml_span_equal(name, ml_span_text("_fbp")) && ml_span_starts(value, "fb.")) {
        bool ok = read_time(part_of(value, ".", 2), 13, out);
        *out /= 1000;
        return ok;
    }
    if (ml_span_equal(name, ml_span_text("__gads")) || ml_span_equal(name, ml_span_text("__gpi"))) {
        size_t at = ml_span_find(value, ml_span_text(":T="));
        return read_time(ml_span_cut(value, at + 3, 10), 10, out);
    }
    return ml_span_equal(name, ml_span_text("_ym_uid")) && value.len >= 15 &&
           read_time(ml_span_cut(value, 0, 10), 10, out);
}

void ml_detect_cookies(struct ml_span value, size_t from, int64_t time_ns, ml_detected_fn take, void *context)
{
    for (size_t at = 0; at < value.len;) {
        struct ml_span rest = ml_span_cut(value, at, value.len);
        struct ml_span cookie = ml_span_cut(rest, 0, ml_span_find(rest, ml_span_text(";")));
        size_t equals = ml_span_find(cookie, ml_span_text("="));
        uint64_t made = 0;
        uint64_t now = time_ns > 0 ? (uint64_t)(time_ns / SECOND) : 0;
        struct ml_detected detected = {.name = ml_span_trim(ml_span_cut(cookie, 0, equals)),
                                       .value = ml_span_cut(cookie, equals + 1, cookie.len),
                                       .from = from + at + equals + 1};
        detected.len = detected.value.len;
        if (made_at(detected.name, detected.value, &made) && made >= OLDEST && made < now + DAY) {
            detected.has_age = true;
            detected.age = made < now ? now - made : 0;
            tell(ML_IDENTITY_COOKIE, "visitor", &detected, take, context);
        } else if (is_session(detected.name) && ml_detect_is_secret(detected.value)) {
            tell(ML_IDENTITY_SESSION_TOKEN, "cookie", &detected, take, context);
        }
        at += cookie.len + 1;
    }
}

/* --- Set-Cookie --- */

/* Number of the month by its first three letters, 0 for none. */
static unsigned month_of(struct ml_span text)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (unsigned i = 0; text.len >= 3 && i < 12; i++) {
        if (ml_span_equal_nocase(ml_span_cut(text, 0, 3), ml_span_of(names + (size_t)3 * i, 3))) {
            return i + 1;
        }
    }
    return 0;
}

/* Two digits and a colon three times over, RFC 6265: "7:28:00" is allowed too. */
static bool read_clock(struct ml_span text, unsigned *out)
{
    uint64_t parts[3];
    for (unsigned i = 0; i < 3; i++) {
        struct ml_span part = part_of(text, ":", i);
        if (part.len > 2 || !ml_decimal_read(part, &parts[i]) || parts[i] > (i == 0 ? 23U : 59U)) {
            return false;
        }
    }
    *out = (unsigned)(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return true;
}

bool ml_detect_date(struct ml_span text, int64_t *seconds)
{
    unsigned clock = 0;
    unsigned month = 0;
    uint64_t day = 0;
    uint64_t year = 0;
    bool has_clock = false;
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && (ml_is_alnum(text.ptr[end]) || text.ptr[end] == ':')) {
            end++;
        }
        struct ml_span token = ml_span_cut(text, at, end - at);
        uint64_t number = 0;
        if (!has_clock && read_clock(token, &clock)) {
            has_clock = true;
        } else if (token.len <= 4 && ml_decimal_read(token, &number)) {
            bool is_day = day == 0 && token.len <= 2;
            day = is_day ? number : day;
            year = is_day ? year : number;
        } else if (month == 0) {
            month = month_of(token);
        }
        at = end + 1;
    }
    year += year >= 70 && year <= 99 ? 1900 : year < 70 ? 2000 : 0;
    if (!has_clock || month == 0 || day == 0 || day > 31 || year < 1970 || year > 9999) {
        return false;
    }
    *seconds = ml_days_of((int64_t)year, month, (unsigned)day) * DAY + clock;
    return true;
}

enum life { UNTIL_CLOSED, LASTING, TAKEN_BACK };

/* How long the cookie lives by its attributes; *out: seconds of a lasting one. */
static enum life life_of(struct ml_span attributes, int64_t date_ns, uint64_t *out)
{
    enum life life = UNTIL_CLOSED;
    while (attributes.len != 0) {
        size_t end = ml_span_find(attributes, ml_span_text(";"));
        struct ml_span one = ml_span_trim(ml_span_cut(attributes, 0, end));
        int64_t until = 0;
        attributes = ml_span_cut(attributes, end + 1, attributes.len);
        if (ml_span_starts_nocase(one, "Max-Age=")) {
            struct ml_span digits = ml_span_trim(ml_span_cut(one, 8, one.len));
            return ml_decimal_read(digits, out) && *out != 0 ? LASTING : TAKEN_BACK;
        }
        if (ml_span_starts_nocase(one, "Expires=") && ml_detect_date(ml_span_cut(one, 8, one.len), &until)) {
            life = until > date_ns / SECOND ? LASTING : TAKEN_BACK;
            *out = life == LASTING ? (uint64_t)(until - date_ns / SECOND) : 0;
        }
    }
    return life;
}

/* Can it tell browsers apart? A choice of language, "true", "1" cannot, and a list is something else. */
static bool is_visitor(struct ml_span value)
{
    size_t n_digits = 0;
    for (size_t i = 0; i < value.len; i++) {
        n_digits += ml_is_digit(value.ptr[i]);
        if (strchr(",\"&", value.ptr[i]) != NULL) {
            return false;
        }
    }
    return value.len >= MIN_VISITOR && n_digits >= MIN_VISITOR / 2;
}

void ml_detect_set_cookie(struct ml_span value, size_t from, int64_t date_ns, ml_detected_fn take, void *context)
{
    size_t end = ml_span_find(value, ml_span_text(";"));
    struct ml_span cookie = ml_span_cut(value, 0, end);
    size_t equals = ml_span_find(cookie, ml_span_text("="));
    struct ml_detected detected = {.name = ml_span_trim(ml_span_cut(cookie, 0, equals)),
                                   .value = ml_span_cut(cookie, equals + 1, cookie.len),
                                   .from = from + equals + 1};
    detected.len = detected.value.len;
    enum life life = life_of(ml_span_cut(value, end + 1, value.len), date_ns, &detected.lifetime);
    detected.has_lifetime = life == LASTING;
    detected.lifetime = detected.lifetime < MAX_LIFETIME ? detected.lifetime : MAX_LIFETIME;
    if (detected.name.len == 0 || life == TAKEN_BACK) {
        return;
    }
    if (is_session(detected.name) && ml_detect_is_secret(detected.value)) {
        tell(ML_IDENTITY_SESSION_TOKEN, "set-cookie", &detected, take, context);
    } else if (detected.has_lifetime && detected.lifetime >= DAY && is_visitor(detected.value)) {
        tell(ML_IDENTITY_COOKIE, "set-cookie", &detected, take, context);
    }
}
