/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/evidence.h"

#include <stdio.h>

static const enum ml_weight SOURCE_WEIGHTS[ML_N_NAME_SOURCES] = {
    [ML_NAME_SNI] = ML_WEIGHT_NAME_SNI,   [ML_NAME_HTTP] = ML_WEIGHT_NAME_HTTP,
    [ML_NAME_QUIC] = ML_WEIGHT_NAME_QUIC, [ML_NAME_CERT] = ML_WEIGHT_NAME_CERT,
    [ML_NAME_DNS] = ML_WEIGHT_NAME_DNS,   [ML_NAME_HTTP_DNS] = ML_WEIGHT_NAME_HTTP_DNS,
    [ML_NAME_FILE] = ML_WEIGHT_NAME_FILE, [ML_NAME_DNS_LATER] = ML_WEIGHT_NAME_DNS_LATER,
};

static const struct ml_claim *claim_of(const struct ml_apps *apps, const struct ml_map *map, struct ml_span key)
{
    const struct ml_map_entry *entry = key.len != 0 ? ml_map_find(map, key) : NULL;
    return entry != NULL ? &apps->claims[entry->value] : NULL;
}

static int percent(int points, int factor)
{
    return points * factor / 100;
}

/* Appends to the text of an evidence; what does not fit is left out. Text formatting would cost more than the votes. */
static void put(struct ml_piece *piece, struct ml_span text)
{
    size_t room = sizeof piece->text - 1 - piece->text_len;
    size_t len = text.len < room ? text.len : room;
    if (len != 0) {
        memcpy(piece->text + piece->text_len, text.ptr, len);
        piece->text_len += len;
    }
    piece->text[piece->text_len] = '\0';
}

static void put_text(struct ml_piece *piece, const char *text)
{
    put(piece, ml_span_text(text));
}

/* "what:text", the text cut at its front: the end of a host name tells more. */
static void describe(struct ml_piece *piece, const char *what, struct ml_span text)
{
    put_text(piece, what);
    put_text(piece, ":");
    size_t room = sizeof piece->text - 1 - piece->text_len;
    if (text.len > room) {
        put_text(piece, "...");
        text = ml_span_cut(text, text.len - (room - 3), room - 3);
    }
    put(piece, text);
}

/* Adds a piece of evidence that speaks for somebody. NULL: nothing was added. Borrowed until the next call. */
static struct ml_piece *add_piece(struct ml_sheet *sheet, const struct ml_claim *claim, enum ml_vote_class vote_class,
                                  enum ml_kind kind, enum ml_weight weight)
{
    if (claim == NULL || claim->n_apps == 0 || sheet->n == ML_MAX_PIECES) {
        return NULL;
    }
    struct ml_piece *piece = &sheet->pieces[sheet->n++];
    piece->claim = *claim;
    piece->vote_class = vote_class;
    piece->kind = kind;
    piece->text_len = 0;
    piece->points = sheet->apps->weights.points[weight];
    if (claim->n_apps > 1) {
        piece->points = percent(piece->points, sheet->apps->weights.factors[ML_FACTOR_SHARED]);
    }
    return piece;
}

/* --- names --- */

/* What the names of one source say together. */
struct named {
    struct ml_claim both;   /* apps that all names of ours allow */
    struct ml_claim either; /* apps that any of them allows */
    struct ml_span text;    /* the name shown: of the first in order that is ours */
    bool has_ours, has_foreign, has_several;
    bool has_nobodys; /* listed as belonging to nobody */
};

static void keep_common(struct ml_claim *both, const struct ml_claim *claim)
{
    size_t n = 0;
    for (size_t i = 0; i < both->n_apps; i++) {
        if (ml_claim_has(claim, both->apps[i])) {
            both->apps[n++] = both->apps[i];
        }
    }
    both->n_apps = (uint8_t)n;
    both->service = both->service == claim->service ? both->service : 0;
}

/* Union of both; of more than fit, the first ids stay, so that the order of names does not show. */
static void add_all(struct ml_claim *either, const struct ml_claim *claim)
{
    for (size_t i = 0; i < claim->n_apps; i++) {
        uint16_t app = claim->apps[i];
        bool is_full = either->n_apps == ML_MAX_ONE_OF;
        if (ml_claim_has(either, app) || (is_full && either->apps[ML_MAX_ONE_OF - 1] < app)) {
            continue;
        }
        size_t at = is_full ? ML_MAX_ONE_OF - 1 : either->n_apps++;
        for (; at > 0 && either->apps[at - 1] > app; at--) {
            either->apps[at] = either->apps[at - 1];
        }
        either->apps[at] = app;
    }
    either->service = either->service == claim->service ? either->service : 0;
}

static void add_named(struct named *named, const struct ml_claim *claim, const struct ml_flow_name *name)
{
    named->has_several = named->has_several || name->is_shared;
    if (claim == NULL || claim->n_apps == 0) {
        named->has_foreign = true;
        named->has_nobodys = named->has_nobodys || claim != NULL;
        return;
    }
    if (!named->has_ours) {
        named->both = *claim;
        named->either = *claim;
        named->text = name->name;
        named->has_ours = true;
        return;
    }
    keep_common(&named->both, claim);
    add_all(&named->either, claim);
    /* The order in which names were seen must not show. */
    if (ml_span_compare(name->name, named->text) < 0) {
        named->text = name->name;
    }
}

static struct named names_of(const struct ml_sheet *sheet, const struct ml_evidence *evidence,
                             enum ml_name_source source)
{
    struct named named = {0};
    for (size_t i = 0; i < evidence->n_names; i++) {
        const struct ml_flow_name *name = &evidence->names[i];
        if (name->source == source && name->name.len != 0) {
            uint32_t claim = 0;
            bool is_known = ml_names_find(&sheet->apps->names, name->name, &claim);
            add_named(&named, is_known ? &sheet->apps->claims[claim] : NULL, name);
        }
    }
    return named;
}

static void add_name_piece(struct ml_sheet *sheet, const struct named *named, enum ml_name_source source)
{
    const struct ml_claim *claim = named->both.n_apps != 0 ? &named->both : &named->either;
    struct ml_piece *piece = add_piece(sheet, claim, ML_VOTE_NAME, ML_KIND_NAME, SOURCE_WEIGHTS[source]);
    if (piece == NULL) {
        return;
    }
    if (named->has_several || named->has_foreign) {
        piece->points = percent(piece->points, sheet->apps->weights.factors[ML_FACTOR_SEVERAL_NAMES]);
    }
    describe(piece, ml_name_source_text(source), named->text);
}

/*
 * Sources from best to worst. A name that the connection itself gave and that is nobody's ends it: what certificates
 * and answers of resolvers say about the address is then about somebody else's use of it. The name in the clear of an
 * encrypted ClientHello is a front and says nothing at all.
 */
static void collect_names(struct ml_sheet *sheet, const struct ml_evidence *evidence)
{
    bool has_ours = false;
    unsigned sources = 0; /* bit set */
    for (size_t i = 0; i < evidence->n_names; i++) {
        sources |= 1u << evidence->names[i].source;
    }
    for (int i = ML_NAME_SNI; i < ML_N_NAME_SOURCES; i++) {
        enum ml_name_source source = (enum ml_name_source)i;
        if ((sources >> source & 1) == 0) {
            continue;
        }
        bool is_direct = source == ML_NAME_SNI || source == ML_NAME_HTTP || source == ML_NAME_QUIC;
        if ((evidence->is_ech_outer && (source == ML_NAME_SNI || source == ML_NAME_QUIC)) ||
            (!is_direct && sheet->is_foreign)) {
            continue;
        }
        struct named named = names_of(sheet, evidence, source);
        has_ours = has_ours || named.has_ours;
        sheet->has_nobodys = sheet->has_nobodys || named.has_nobodys;
        sheet->is_foreign = is_direct ? (sheet->is_foreign || named.has_foreign) && !has_ours : sheet->is_foreign;
        if (named.has_ours) {
            add_name_piece(sheet, &named, source);
        }
    }
}

/* Certificates that servers make for themselves carry no host name; some say in their subject whose they are. */
static void collect_certificate(struct ml_sheet *sheet, struct ml_span subject, enum ml_weight weight)
{
    const struct ml_claim *claim = claim_of(sheet->apps, &sheet->apps->subjects, subject);
    struct ml_piece *piece = add_piece(sheet, claim, ML_VOTE_NAME, ML_KIND_NAME, weight);
    if (piece != NULL) {
        describe(piece, weight == ML_WEIGHT_SIGNATURE_KIN ? "kin" : "cert", subject);
    }
}

/* --- everything else --- */

/* Is `label` the name of an app, or one of those in "WeChat / Weixin"? */
static bool is_label_of(const struct ml_app *app, struct ml_span label)
{
    struct ml_span rest = ml_span_text(app->name);
    while (rest.len != 0) {
        size_t len = ml_span_find(rest, ml_span_text("/"));
        if (ml_span_equal_nocase(ml_span_trim(ml_span_cut(rest, 0, len)), label)) {
            return true;
        }
        rest = ml_span_cut(rest, len + 1, rest.len);
    }
    return false;
}

/* A capture on the device gives the package, or only the name that the app shows: the claim of the one app it fits. */
static const struct ml_claim *claim_of_device(const struct ml_sheet *sheet, struct ml_span given,
                                              struct ml_claim *by_label)
{
    const struct ml_claim *claim = claim_of(sheet->apps, &sheet->apps->packages, given);
    if (claim != NULL || given.len == 0) {
        return claim;
    }
    *by_label = (struct ml_claim){.n_apps = 0};
    for (size_t i = 0; i < sheet->apps->n; i++) {
        if (is_label_of(&sheet->apps->apps[i], given)) {
            *by_label = (struct ml_claim){.apps = {(uint16_t)i}, .n_apps = 1};
            return by_label;
        }
    }
    return NULL;
}

static void collect_device(struct ml_sheet *sheet, const struct ml_evidence *evidence)
{
    struct ml_claim by_label;
    const struct ml_claim *claim = claim_of_device(sheet, evidence->package, &by_label);
    struct ml_piece *piece = add_piece(sheet, claim, ML_VOTE_UID, ML_KIND_UID, ML_WEIGHT_UID);
    if (piece != NULL) {
        describe(piece, "uid", evidence->package);
    }
    const struct ml_map_entry *entry =
        evidence->declared.len != 0 ? ml_map_find(&sheet->apps->ids, evidence->declared) : NULL;
    if (entry != NULL) {
        struct ml_claim declared = {.apps = {(uint16_t)entry->value}, .n_apps = 1};
        piece = add_piece(sheet, &declared, ML_VOTE_DECLARED, ML_KIND_DECLARED, ML_WEIGHT_DECLARED);
        if (piece != NULL) {
            describe(piece, "declared", evidence->declared);
        }
    }
}

static void collect_signatures(struct ml_sheet *sheet, const char *const *names, size_t n, enum ml_weight weight)
{
    for (size_t i = 0; i < n; i++) {
        struct ml_span name = ml_span_text(names[i]);
        const struct ml_claim *claim = claim_of(sheet->apps, &sheet->apps->signatures, name);
        struct ml_piece *piece = add_piece(sheet, claim, ML_VOTE_SIGNATURE, ML_KIND_SIGNATURE, weight);
        if (piece != NULL) {
            describe(piece, weight == ML_WEIGHT_SIGNATURE_KIN ? "kin" : "signature", name);
        }
    }
}

/* Addresses are worth less when the connection names somebody else. */
static void weaken_address(const struct ml_sheet *sheet, struct ml_piece *piece)
{
    if (sheet->is_foreign) {
        piece->points = percent(piece->points, sheet->apps->weights.factors[ML_FACTOR_FOREIGN_NAME]);
    }
}

static void collect_address(struct ml_sheet *sheet, const struct ml_evidence *evidence)
{
    const struct ml_prefix *prefix = ml_prefixes_find(&sheet->apps->prefixes, &evidence->server);
    if (prefix != NULL) {
        const struct ml_claim *claim = &sheet->apps->claims[prefix->value];
        enum ml_weight weight = claim->is_published ? ML_WEIGHT_PREFIX_PUBLISHED : ML_WEIGHT_PREFIX_SEEN;
        struct ml_piece *piece = add_piece(sheet, claim, ML_VOTE_PREFIX, ML_KIND_ADDRESS, weight);
        if (piece != NULL) {
            describe(piece, "prefix", ml_span_text(claim->prefix));
            weaken_address(sheet, piece);
        }
    }
    if (evidence->asn != 0) {
        uint8_t key[4];
        ml_asn_key(evidence->asn, key);
        const struct ml_claim *claim = claim_of(sheet->apps, &sheet->apps->asns, ml_span_of(key, sizeof key));
        struct ml_piece *piece = add_piece(sheet, claim, ML_VOTE_ASN, ML_KIND_ADDRESS, ML_WEIGHT_ASN);
        if (piece != NULL) {
            char text[16];
            int len = snprintf(text, sizeof text, "%u", (unsigned)evidence->asn);
            describe(piece, "asn", ml_span_of(text, (size_t)len));
            weaken_address(sheet, piece);
        }
    }
}

/* Do the flow's own names speak for somebody else, or for nobody in the catalogue? */
static bool names_say_otherwise(const struct ml_sheet *sheet, const struct ml_claim *claim)
{
    bool has_names = sheet->is_foreign || sheet->has_nobodys;
    for (size_t i = 0; i < sheet->n; i++) {
        const struct ml_piece *piece = &sheet->pieces[i];
        for (size_t k = 0; piece->vote_class == ML_VOTE_NAME && k < claim->n_apps; k++) {
            if (ml_claim_has(&piece->claim, claim->apps[k])) {
                return false;
            }
            has_names = true;
        }
    }
    return has_names;
}

/* The most specific name that the catalogue knows. Protocols (TLS, DNS ...) and networks (Google ...) are not in it. */
static void collect_ndpi(struct ml_sheet *sheet, const struct ml_ndpi_answer *answer)
{
    if (answer == NULL) {
        return;
    }
    const char *name = answer->app[0] != '\0' ? answer->app : answer->master;
    const struct ml_claim *claim = claim_of(sheet->apps, &sheet->apps->ndpi, ml_span_text(name));
    bool is_dpi = strcmp(answer->confidence, "DPI") == 0;
    enum ml_weight weight = answer->is_by_address ? ML_WEIGHT_NDPI_BY_ADDRESS
                            : is_dpi              ? ML_WEIGHT_NDPI_DPI
                                                  : ML_WEIGHT_NDPI_OTHER;
    bool is_stun = answer->app[0] != '\0' && strcmp(answer->master, "STUN") == 0;
    weight = is_stun && !answer->is_by_address ? ML_WEIGHT_NDPI_STUN : weight;
    enum ml_kind kind = answer->is_by_address ? ML_KIND_ADDRESS : ML_KIND_NDPI;
    bool is_coarser = !answer->is_by_address && claim != NULL && names_say_otherwise(sheet, claim);
    weight = is_coarser ? ML_WEIGHT_NDPI_AGAINST_NAMES : weight;
    struct ml_piece *piece = add_piece(sheet, claim, ML_VOTE_NDPI, kind, weight);
    if (piece == NULL) {
        return;
    }
    if (answer->is_by_address) {
        weaken_address(sheet, piece);
    }
    describe(piece, "ndpi", ml_span_text(name));
    put_text(piece, " (");
    put_text(piece, answer->confidence);
    put_text(piece, answer->is_by_address ? ", by address)" : is_coarser ? ", names say otherwise)" : ")");
}

void ml_sheet_fill(struct ml_sheet *sheet, const struct ml_apps *apps, const struct ml_evidence *evidence)
{
    sheet->apps = apps;
    sheet->n = 0;
    sheet->is_foreign = sheet->has_nobodys = false;
    collect_device(sheet, evidence);
    collect_names(sheet, evidence);
    collect_certificate(sheet, evidence->cert_subject, ML_WEIGHT_NAME_CERT);
    collect_certificate(sheet, evidence->kin_subject, ML_WEIGHT_SIGNATURE_KIN);
    collect_address(sheet, evidence);
    collect_ndpi(sheet, evidence->ndpi);
    /* Any number of them: last, so that they crowd out nothing else. */
    collect_signatures(sheet, evidence->kin, evidence->n_kin, ML_WEIGHT_SIGNATURE_KIN);
    collect_signatures(sheet, evidence->signatures, evidence->n_signatures, ML_WEIGHT_SIGNATURE);
}
