/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/search.h"

#include "core/mem.h"
#include "core/text.h"

#include <stdlib.h>

enum { FOUND_BYTES = ML_FORM_MAX_BYTES };

struct ml_search {
    const struct ml_patterns *patterns;
    struct ml_counters *counters;
    uint8_t *folded;                            /* owned; of the view at hand */
    struct ml_view views[ML_MAX_WRAPPINGS + 1]; /* by depth; the last for marks within numbers */
    size_t turn_from, turn_to;
    bool has_end; /* see struct ml_view */
    size_t open_from, open_to;
    const bool *joints; /* borrowed; NULL: none */
    /* the view at hand */
    const struct ml_view *view;
    const struct ml_view *keyed; /* of which it holds the differences (ML_WRAP_XOR); NULL: none */
    uint8_t n_wrappings;
    uint8_t wrappings[ML_MAX_WRAPPINGS];
    size_t n_hits;
    struct ml_leak_hit hits[ML_MAX_LEAK_HITS];
    uint8_t found[ML_MAX_LEAK_HITS][FOUND_BYTES];
};

struct ml_search *ml_search_new(const struct ml_patterns *patterns, struct ml_counters *counters)
{
    struct ml_search *search = ml_mem_array(1, sizeof *search);
    if (search == NULL) {
        return NULL;
    }
    search->patterns = patterns;
    search->counters = counters;
    search->folded = ml_mem_array(ML_MAX_LEAK_VIEW + ML_PATTERN_PADDING, 1);
    bool ok = search->folded != NULL;
    for (unsigned i = 0; ok && i < ML_MAX_WRAPPINGS + 1; i++) {
        ok = ml_view_init(&search->views[i]);
    }
    if (!ok) {
        ml_search_free(search);
        return NULL;
    }
    return search;
}

void ml_search_free(struct ml_search *search)
{
    if (search != NULL) {
        for (unsigned i = 0; i < ML_MAX_WRAPPINGS + 1; i++) {
            ml_view_fini(&search->views[i]);
        }
        if (search->folded != NULL) {
            ml_mem_wipe(search->folded, ML_MAX_LEAK_VIEW);
        }
        ml_mem_free(search->folded);
        ml_mem_wipe(search, sizeof *search);
        ml_mem_free(search);
    }
}

/* --- one place --- */

static bool forbids(enum ml_form_edge edge, uint8_t inner, uint8_t outer, bool is_front)
{
    switch (edge) {
    case ML_EDGE_DIGIT:
        return ml_is_digit(outer);
    case ML_EDGE_EMAIL:
        if (is_front && (outer == '.' || outer == '_' || outer == '-' || outer == '+')) {
            return true;
        }
        return ml_is_alnum(outer);
    case ML_EDGE_ALNUM: /* where the form ends in a mark anything may follow */
        return ml_is_alnum(inner) && ml_is_alnum(outer);
    case ML_EDGE_NONE:
        break;
    }
    return false;
}

/*
 * Is the letter or digit `inner` escaped, which needs no escape, but the byte beside it not? Whoever escapes all of a
 * text would have escaped that too: it is a length or the next field of a binary message.
 */
static bool is_set_apart(const struct ml_view *view, size_t inner, size_t outer)
{
    if (view->at == NULL || !ml_is_alnum(view->bytes[inner])) {
        return false;
    }
    uint8_t mark = view->window[ml_view_at(view, inner)];
    return (mark == '%' || mark == '\\' || mark == '&') && view->window[ml_view_at(view, outer)] == view->bytes[outer];
}

/* Part of a longer number or word? */
static bool is_part(const struct ml_search *search, const struct ml_pattern *pattern, size_t at)
{
    const struct ml_view *view = search->view;
    const bool *joints = view->at == NULL ? search->joints : NULL;
    size_t end = at + pattern->len;
    const uint8_t *bytes = view->bytes;
    enum ml_form_edge edge = (enum ml_form_edge)pattern->edge;
    bool is_number = pattern->half != ML_HALF_NONE; /* of degrees: 152.52 is not 52.52, nor is 1.52 behind a point */
    bool is_apart = (joints != NULL && joints[at]) || (at > 0 && is_set_apart(view, at, at - 1));
    if (at > 0 && !is_apart && (forbids(edge, bytes[at], bytes[at - 1], true) || (is_number && bytes[at - 1] == '.'))) {
        return true;
    }
    bool ends_apart = (joints != NULL && joints[end]) || (end < view->len && is_set_apart(view, end - 1, end));
    return end < view->len && !ends_apart && forbids(edge, bytes[end - 1], bytes[end], false);
}

/* No key is no wrapping, and that of 0x20 only makes capitals of small letters. */
static bool is_other(const struct ml_search *search, const struct ml_pattern *pattern, size_t at)
{
    const struct ml_view *keyed = search->keyed;
    return pattern->is_xor ? keyed == NULL || ((keyed->bytes[at] ^ pattern->first) & ~0x20) == 0 : keyed != NULL;
}

static void note(void *context, const struct ml_pattern *pattern, size_t at)
{
    struct ml_search *search = context;
    const struct ml_view *view = search->view;
    if (is_other(search, pattern, at)) {
        return;
    }
    size_t last =
        search->keyed != NULL ? ml_view_at(search->keyed, at + pattern->len) : ml_view_at(view, at + pattern->len - 1);
    bool is_plain = pattern->half == ML_HALF_NONE; /* halves wait for each other: their turn is that of the pair */
    if (is_part(search, pattern, at) || (is_plain && (last < search->turn_from || last >= search->turn_to))) {
        return;
    }
    if (search->n_hits == ML_MAX_LEAK_HITS) {
        ml_count(search->counters, ML_COUNT_LIMIT_LEAK_HITS);
        return;
    }
    struct ml_leak_hit *hit = &search->hits[search->n_hits];
    size_t len = pattern->len < FOUND_BYTES ? pattern->len : FOUND_BYTES;
    bool has_plus = at > 0 && view->bytes[at - 1] == '+' && pattern->edge == ML_EDGE_DIGIT &&
                    (pattern->identity->kind == ML_IDENTITY_PHONE || pattern->identity->kind == ML_IDENTITY_CONTACT);
    memcpy(search->found[search->n_hits], view->bytes + at, len);
    *hit = (struct ml_leak_hit){
        .pattern = pattern,
        .form = has_plus ? "e164" : pattern->form,
        .found = ml_span_of(search->found[search->n_hits], len),
        .from = ml_view_at(view, at),
        .last = last,
        .decimals = pattern->decimals,
        .n_wrappings = search->n_wrappings,
    };
    memcpy(hit->wrappings, search->wrappings, sizeof hit->wrappings);
    search->n_hits++;
}

static void match(struct ml_search *search, const struct ml_view *view)
{
    struct ml_span bytes = ml_span_of(view->bytes, view->len);
    search->view = view;
    ml_patterns_fold(bytes, search->folded);
    ml_patterns_match(search->patterns, bytes, search->folded, note, search);
}

/* --- wrappings --- */

/* Marks between the digits of a number are how it is written rather than a wrapping: below the last they go too. */
static void open_numbers(struct ml_search *search, const struct ml_view *in)
{
    struct ml_view *out = &search->views[ML_MAX_WRAPPINGS];
    if (ml_open(ML_WRAP_SEPARATORS, in, out)) {
        ml_count_add(search->counters, ML_COUNT_SEARCHED_OPENED, out->len);
        match(search, out);
    }
}

/* Below text codings, or as it stands: what is compressed behind a key has no such form. */
static bool may_be_keyed(const struct ml_search *search, uint8_t depth)
{
    return depth == 0 || search->wrappings[depth - 1] == ML_WRAP_BASE64 || search->wrappings[depth - 1] == ML_WRAP_HEX;
}

/* Wrappings below which no further one is opened. */
static uint8_t deepest(const struct ml_search *search)
{
    bool is_carried = search->wrappings[0] == ML_WRAP_URL || search->wrappings[0] == ML_WRAP_JSON;
    return is_carried ? ML_MAX_WRAPPINGS : ML_MAX_WRAPPINGS - 1;
}

/* Binary forms below hexadecimal digits are the text form itself, and hexadecimal below itself is rare. */
static void open_all(struct ml_search *search, const struct ml_view *in)
{
    unsigned hints = ml_open_hints(in);
    uint8_t depth = search->n_wrappings;
    struct ml_view *out = &search->views[depth];
    hints |= may_be_keyed(search, depth) ? 1U << ML_WRAP_XOR : 0;
    for (unsigned wrapping = 1; wrapping < ML_N_WRAPPINGS; wrapping++) {
        if ((hints >> wrapping & 1) == 0 || !ml_open((enum ml_wrapping)wrapping, in, out)) {
            continue;
        }
        search->n_wrappings = (uint8_t)(depth + 1);
        search->wrappings[depth] = (uint8_t)wrapping;
        ml_count_add(search->counters, ML_COUNT_SEARCHED_OPENED, out->len);
        ml_count_add(search->counters, ML_COUNT_LIMIT_LEAK_VIEW, out->is_cut ? 1 : 0);
        search->keyed = wrapping == ML_WRAP_XOR ? in : NULL;
        match(search, out);
        search->keyed = NULL;
        if (wrapping == ML_WRAP_XOR) {
            /* nothing is opened below: these are no bytes that were sent */
        } else if (depth + 1 < deepest(search)) {
            open_all(search, out); /* goes no deeper than ML_MAX_WRAPPINGS */
        } else {
            ml_count_add(search->counters, ML_COUNT_LIMIT_LEAK_DEPTH, ml_open_is_packed(out) ? 1 : 0);
            if (wrapping != ML_WRAP_SEPARATORS) {
                open_numbers(search, out);
            }
        }
        search->n_wrappings = depth;
        search->wrappings[depth] = ML_WRAP_NONE;
    }
}

/* --- what is told --- */

/* Better first: place, fewer wrappings, text before binary, longer. */
static int by_worth(const void *a, const void *b)
{
    const struct ml_leak_hit *x = a;
    const struct ml_leak_hit *y = b;
    if (x->n_wrappings != y->n_wrappings) {
        return x->n_wrappings < y->n_wrappings ? -1 : 1;
    }
    if (x->pattern->len != y->pattern->len) {
        return x->pattern->len > y->pattern->len ? -1 : 1;
    }
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return (x->pattern > y->pattern) - (x->pattern < y->pattern);
}

static int by_place(const void *a, const void *b)
{
    const struct ml_leak_hit *x = a;
    const struct ml_leak_hit *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return (x->pattern > y->pattern) - (x->pattern < y->pattern);
}

static bool overlaps(const struct ml_leak_hit *a, const struct ml_leak_hit *b)
{
    return a->pattern->identity == b->pattern->identity && a->pattern->half == b->pattern->half && a->from <= b->last &&
           b->from <= a->last;
}

static void drop_doubles(struct ml_search *search)
{
    size_t n = 0;
    qsort(search->hits, search->n_hits, sizeof search->hits[0], by_worth);
    for (size_t i = 0; i < search->n_hits; i++) {
        bool is_new = true;
        for (size_t k = 0; k < n && is_new; k++) {
            is_new = !overlaps(&search->hits[i], &search->hits[k]);
        }
        if (is_new) {
            search->hits[n++] = search->hits[i];
        }
    }
    search->n_hits = n;
}

static size_t distance(const struct ml_leak_hit *a, const struct ml_leak_hit *b)
{
    return a->from > b->last ? a->from - b->last : b->from > a->last ? b->from - a->last : 0;
}

/* The nearest other half. */
static const struct ml_leak_hit *partner(const struct ml_search *search, const struct ml_leak_hit *hit)
{
    const struct ml_leak_hit *best = NULL;
    for (size_t i = 0; i < search->n_hits; i++) {
        const struct ml_leak_hit *other = &search->hits[i];
        if (other->pattern->identity == hit->pattern->identity && other->pattern->half == ML_HALF_LONGITUDE &&
            distance(hit, other) <= ML_PAIR_REACH && (best == NULL || distance(hit, other) < distance(hit, best))) {
            best = other;
        }
    }
    return best;
}

/* A latitude with its longitude becomes one hit over both; halves on their own go. */
static void join_halves(struct ml_search *search)
{
    size_t n = 0;
    for (size_t i = 0; i < search->n_hits; i++) {
        struct ml_leak_hit *hit = &search->hits[i];
        if (hit->pattern->half != ML_HALF_LATITUDE) {
            continue;
        }
        const struct ml_leak_hit *other = partner(search, hit);
        if (other == NULL) {
            hit->decimals = UINT8_MAX; /* marks it as alone */
            continue;
        }
        hit->last = other->last > hit->last ? other->last : hit->last;
        hit->from = other->from < hit->from ? other->from : hit->from;
        hit->form = other->decimals < hit->decimals ? other->form : hit->form;
        hit->decimals = other->decimals < hit->decimals ? other->decimals : hit->decimals;
    }
    for (size_t i = 0; i < search->n_hits; i++) {
        const struct ml_leak_hit *hit = &search->hits[i];
        bool is_half = hit->pattern->half != ML_HALF_NONE;
        bool is_told = !is_half || (hit->pattern->half == ML_HALF_LATITUDE && hit->decimals != UINT8_MAX &&
                                    hit->last >= search->turn_from && hit->last < search->turn_to);
        if (is_told) {
            search->hits[n++] = *hit;
        }
    }
    search->n_hits = n;
}

void ml_search_joints(struct ml_search *search, const bool *joints)
{
    search->joints = joints;
}

void ml_search_leave_members(struct ml_search *search, size_t open_from, bool has_end, size_t open_to)
{
    search->open_from = open_from;
    search->has_end = has_end;
    search->open_to = open_to;
}

size_t ml_search_window(struct ml_search *search, struct ml_span window, size_t turn_from, size_t turn_to,
                        const struct ml_leak_hit **hits)
{
    const struct ml_view root = {.bytes = window.ptr,
                                 .len = window.len,
                                 .has_end = search->has_end,
                                 .open_from = search->open_from,
                                 .open_to = search->open_to};
    ml_search_leave_members(search, 0, false, 0);
    ML_ASSERT(window.len <= ML_MAX_LEAK_VIEW);
    search->turn_from = turn_from;
    search->turn_to = turn_to;
    search->n_hits = 0;
    search->n_wrappings = 0;
    match(search, &root);
    open_all(search, &root);
    search->joints = NULL;
    if (search->n_hits != 0) {
        drop_doubles(search);
        join_halves(search);
        qsort(search->hits, search->n_hits, sizeof search->hits[0], by_place);
    }
    *hits = search->hits;
    return search->n_hits;
}
