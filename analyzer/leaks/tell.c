/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/parts.h"

enum { MAX_COOKIE_NAME = 64 };

/* --- where in a head --- */

static const char *place_in_target(struct ml_span head, size_t at)
{
    size_t query = ml_span_find(head, ml_span_text("?"));
    return at > query ? "query" : "path";
}

/* Which part of a head the byte at `at` belongs to. */
static const char *place_in_head(struct ml_span head, size_t at)
{
    static const struct {
        const char *field;
        const char *place;
    } known[] = {{"Cookie:", "cookie"},         {"Set-Cookie:", "set_cookie"}, {"Authorization:", "authorization"},
                 {"User-Agent:", "user_agent"}, {"Referer:", "referer"},       {"Host:", "host"}};
    size_t from = at < head.len ? at : 0;
    while (from > 0 && head.ptr[from - 1] != '\n') {
        from--;
    }
    if (from == 0) {
        return place_in_target(head, at);
    }
    struct ml_span line = ml_span_cut(head, from, head.len);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (ml_span_starts_nocase(line, known[i].field)) {
            return known[i].place;
        }
    }
    return "header";
}

/* --- facts --- */

static void begin(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_leak_place *place, size_t from,
                  size_t len)
{
    if (place->gather != NULL) {
        ml_fact_begin_gathered(draft, kind, place->chunk, place->gather, from, len);
        return;
    }
    ml_fact_begin(draft, kind, place->chunk);
    if (place->packed_len != 0) {
        draft->range_len = place->packed_len;
        return;
    }
    draft->range_from += from;
    draft->range_len = (uint32_t)len;
}

static void add_common(struct ml_fact_draft *draft, const struct ml_leak_place *place, enum ml_identity_kind kind,
                       size_t at)
{
    ml_fact_cstr(draft, ML_F_IDENTITY_KIND, ml_identity_name(kind));
    ml_fact_cstr(draft, ML_F_IDENTITY_PLACE, place->name != NULL ? place->name : place_in_head(place->head, at));
    if (place->message != NULL) {
        bool has_host = place->message->host_len != 0;
        ml_fact_text(draft, ML_F_HTTP_HOST,
                     has_host ? ml_span_of(place->message->host, place->message->host_len) : place->host);
        place->message->kinds |= UINT64_C(1) << kind;
    }
}

/* Outside of messages: who gets the bytes of a conversation gets all of them. Names that are looked up have no such
 * receiver in common. */
static void note_bytes(struct ml_leaks *leaks, const struct ml_leak_place *place, enum ml_identity_kind kind)
{
    struct ml_leaks_flow *flow = leaks->current != NULL ? *leaks->current : NULL;
    if (flow == NULL || place->chunk->dir != ML_UP || place->name == NULL || strncmp(place->name, "dns.", 4) == 0) {
        return;
    }
    struct ml_leak_raw *raw = ml_leak_raw_of(leaks, flow);
    if (raw == NULL) {
        return;
    }
    if (raw->planted == 0) {
        raw->first = *place->chunk;
        raw->first.bytes = ml_span_of(NULL, 0);
    }
    raw->planted |= UINT64_C(1) << kind;
}

void ml_leak_tell_hit(struct ml_leaks *leaks, const struct ml_leak_place *place, const struct ml_leak_hit *hit)
{
    struct ml_fact_draft draft;
    const struct ml_identity *identity = hit->pattern->identity;
    if (leaks->n_told < ML_LEAK_TOLD) {
        leaks->told[leaks->n_told++] = identity;
    }
    begin(&draft, ML_FACT_LEAK_IDENTITY, place, hit->from, hit->last - hit->from + 1);
    add_common(&draft, place, identity->kind, hit->from);
    if (place->message != NULL) {
        place->message->planted |= UINT64_C(1) << identity->kind;
    } else {
        note_bytes(leaks, place, identity->kind);
    }
    ml_fact_text(&draft, ML_F_IDENTITY_LABEL, identity->label);
    ml_fact_cstr(&draft, ML_F_IDENTITY_FORM, hit->form);
    ml_fact_cstr(&draft, ML_F_IDENTITY_DIGEST, ml_leak_digest_name((enum ml_leak_digest)hit->pattern->digest));
    for (unsigned i = 0; i < hit->n_wrappings; i++) {
        ml_fact_cstr(&draft, ML_F_IDENTITY_WRAPPINGS, ml_wrapping_name((enum ml_wrapping)hit->wrappings[i]));
    }
    ml_fact_cstr(&draft, ML_F_IDENTITY_PRECISION,
                 identity->kind == ML_IDENTITY_COORDINATES ? ml_detect_precision(hit->decimals) : "exact");
    ml_fact_text(&draft, ML_F_IDENTITY_VALUE, identity->value);
    (void)ml_fact_emit(leaks->facts, &draft); /* a ceiling is counted there */
}

static void add_entries(struct ml_fact_draft *draft, unsigned entries)
{
    static const char *const names[] = {"phone", "email", "md5", "sha1", "sha256"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((entries >> i & 1) != 0) {
            ml_fact_cstr(draft, ML_F_IDENTITY_ENTRIES, names[i]);
        }
    }
}

/* How much, how exactly, how long. */
static void add_measures(struct ml_fact_draft *draft, const struct ml_detected *detected)
{
    if (detected->count != 0) {
        ml_fact_number(draft, ML_F_IDENTITY_COUNT, detected->count);
    }
    if (detected->metres != 0) {
        ml_fact_number(draft, ML_F_IDENTITY_METRES, detected->metres);
    }
    if (detected->has_lifetime) {
        ml_fact_number(draft, ML_F_IDENTITY_LIFETIME, detected->lifetime);
    }
    if (detected->has_age) {
        ml_fact_number(draft, ML_F_IDENTITY_AGE, detected->age);
    }
    add_entries(draft, detected->entries);
    for (size_t i = 0; detected->token != NULL && i < detected->token->n; i++) {
        ml_fact_text(draft, ML_F_IDENTITY_CLAIMS, ml_span_of(detected->token->names[i], detected->token->name_len[i]));
    }
}

void ml_leak_tell_detected(struct ml_leaks *leaks, const struct ml_leak_place *place,
                           const struct ml_detected *detected)
{
    struct ml_fact_draft draft;
    begin(&draft, ML_FACT_LEAK_DETECTED, place, detected->from, detected->len);
    add_common(&draft, place, detected->kind, detected->from);
    ml_fact_cstr(&draft, ML_F_IDENTITY_FORM, detected->form);
    ml_fact_cstr(&draft, ML_F_IDENTITY_PRECISION, detected->precision);
    ml_fact_text(&draft, ML_F_IDENTITY_VALUE, detected->value);
    ml_fact_text(&draft, ML_F_IDENTITY_NAME, ml_span_cut(detected->name, 0, MAX_COOKIE_NAME));
    add_measures(&draft, detected);
    (void)ml_fact_emit(leaks->facts, &draft);
}

_Static_assert((int)ML_N_IDENTITY_KINDS <= 64, "a bit for each kind");

/* Do the kinds belong to more than one group? */
static bool bridges(uint64_t kinds)
{
    unsigned groups = 0;
    for (unsigned kind = 1; kind < ML_N_IDENTITY_KINDS; kind++) {
        enum ml_identity_group group = ml_identity_group_of((enum ml_identity_kind)kind);
        groups |= (kinds >> kind & 1) != 0 && group != ML_GROUP_OTHER ? 1U << group : 0;
    }
    return (groups & (groups - 1)) != 0;
}

static void tell_kinds(struct ml_fact_draft *draft, uint64_t kinds, uint64_t planted)
{
    for (unsigned kind = 1; kind < ML_N_IDENTITY_KINDS; kind++) {
        if ((kinds >> kind & 1) != 0) {
            ml_fact_cstr(draft, ML_F_IDENTITY_KINDS, ml_identity_name((enum ml_identity_kind)kind));
        }
    }
    ml_fact_truth(draft, ML_F_IDENTITY_PLANTED, bridges(planted));
}

void ml_leak_tell_joined(struct ml_leaks *leaks, const struct ml_leak_message *message)
{
    struct ml_fact_draft draft;
    if (!bridges(message->kinds)) {
        return;
    }
    ml_fact_begin(&draft, ML_FACT_LEAK_JOINED, &message->head);
    tell_kinds(&draft, message->kinds, message->planted);
    ml_fact_text(&draft, ML_F_HTTP_HOST, ml_span_of(message->host, message->host_len));
    (void)ml_fact_emit(leaks->facts, &draft);
}

void ml_leak_tell_joined_bytes(struct ml_leaks *leaks, const struct ml_leaks_flow *flow)
{
    struct ml_fact_draft draft;
    const struct ml_leak_raw *raw = flow->raw;
    if (raw == NULL || !bridges(raw->planted)) {
        return;
    }
    ml_fact_begin(&draft, ML_FACT_LEAK_JOINED, &raw->first);
    tell_kinds(&draft, raw->planted, raw->planted);
    (void)ml_fact_emit(leaks->facts, &draft);
}
