/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "policy/regex.h"

enum { SHORTEST = 3 }; /* bytes; shorter literals rule out too little */

struct scan {
    struct ml_span pattern;
    size_t at;
    bool is_nocase;
    uint8_t *best; /* borrowed, the caller's */
    size_t best_len;
    uint8_t held[64];
    size_t n_held;
    size_t last; /* length of the last character held: a quantifier takes it back */
};

static void end_run(struct scan *s)
{
    if (s->n_held > s->best_len) {
        memcpy(s->best, s->held, s->n_held);
        s->best_len = s->n_held;
    }
    s->n_held = 0;
    s->last = 0;
}

/* One literal character of n bytes. */
static void hold(struct scan *s, const uint8_t *bytes, size_t n)
{
    /* Without case, PCRE2 takes U+212A for k, U+017F for s and folds beyond what we fold. */
    uint8_t lower = ml_ascii_lower(bytes[0]);
    if (s->is_nocase && (n > 1 || lower == 'k' || lower == 's')) {
        end_run(s);
        return;
    }
    if (s->n_held + n > sizeof s->held) {
        end_run(s);
    }
    memcpy(s->held + s->n_held, bytes, n);
    s->n_held += n;
    s->last = n;
}

static int peek(const struct scan *s, size_t ahead)
{
    return s->at + ahead < s->pattern.len ? s->pattern.ptr[s->at + ahead] : -1;
}

/* Skips "[...]". False: something that could hide the end of the class. */
static bool skip_class(struct scan *s)
{
    s->at++;
    s->at += peek(s, 0) == '^';
    for (bool is_first = true;; is_first = false) {
        int byte = peek(s, 0);
        if (byte < 0 || (byte == '[' && (peek(s, 1) == ':' || peek(s, 1) == '.' || peek(s, 1) == '='))) {
            return false;
        }
        if (byte == '\\') {
            if (peek(s, 1) < 0 || peek(s, 1) == 'Q' || peek(s, 1) == 'c') {
                return false;
            }
            s->at++;
        }
        s->at++;
        if (byte == ']' && !is_first) {
            return true;
        }
    }
}

/* Skips "(...)" with all groups inside. False: options, assertions and verbs, which change what is outside too. */
static bool skip_group(struct scan *s)
{
    size_t depth = 0;
    do {
        int byte = peek(s, 0);
        if (byte < 0) {
            return false;
        }
        if (byte == '[') {
            if (!skip_class(s)) {
                return false;
            }
            continue;
        }
        if (byte == '(') {
            bool is_special = peek(s, 1) == '*' || (peek(s, 1) == '?' && peek(s, 2) != ':');
            if (is_special) {
                return false;
            }
            depth++;
        } else if (byte == ')') {
            depth--;
        } else if (byte == '\\') {
            if (peek(s, 1) == 'Q' || peek(s, 1) == 'c') {
                return false;
            }
            s->at++;
        }
        s->at++;
    } while (depth != 0);
    return true;
}

static bool take_escape(struct scan *s)
{
    int byte = peek(s, 1);
    if (byte < 0 || byte >= 0x80) {
        return false;
    }
    s->at += 2;
    if (!ml_is_alnum((uint8_t)byte)) {
        uint8_t plain = (uint8_t)byte;
        hold(s, &plain, 1);
        return true;
    }
    end_run(s);
    /* Classes and anchors of one letter; all other escapes take parameters or change the mode. */
    return strchr("dDwWsShHvVbBAZzRnrtfea", byte) != NULL;
}

/* What follows the last item: "*", "+", "?", "{n,m}" and a lazy or possessive mark. */
static bool take_quantifier(struct scan *s)
{
    int byte = peek(s, 0);
    if (byte != '+') { /* may repeat zero times */
        s->n_held -= s->last;
    }
    if (byte == '{') {
        size_t n = 1;
        while (peek(s, n) == ',' || (peek(s, n) >= '0' && peek(s, n) <= '9')) {
            n++;
        }
        if (n == 1 || peek(s, n) != '}') {
            return false; /* a plain brace */
        }
        s->at += n;
    }
    s->at++;
    end_run(s);
    s->at += peek(s, 0) == '?' || peek(s, 0) == '+';
    return true;
}

/* One item of the pattern. False: no literal can be told at all. */
static bool step(struct scan *s)
{
    int byte = peek(s, 0);
    switch (byte) {
    case '|':
    case ')':
        return false;
    case '(':
        end_run(s);
        return skip_group(s);
    case '[':
        end_run(s);
        return skip_class(s);
    case '\\':
        return take_escape(s);
    case '*':
    case '+':
    case '?':
    case '{':
        return take_quantifier(s);
    case '.':
    case '^':
    case '$':
        end_run(s);
        s->at++;
        return true;
    default:
        break;
    }
    size_t n = ml_utf8_length(ml_span_cut(s->pattern, s->at, 4));
    if (n == 0) {
        return false;
    }
    hold(s, s->pattern.ptr + s->at, n);
    s->at += n;
    return true;
}

size_t ml_regex_literal(struct ml_span pattern, unsigned flags, uint8_t *out)
{
    struct scan s = {.pattern = pattern, .is_nocase = (flags & ML_REGEX_NOCASE) != 0, .best = out};
    while (s.at < pattern.len) {
        if (!step(&s)) {
            return 0;
        }
    }
    end_run(&s);
    return s.best_len >= SHORTEST ? s.best_len : 0;
}
