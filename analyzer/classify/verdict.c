/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/catalogue.h"

#include "core/text.h"

#include <stdio.h>

enum {
    MOST_ITEMS = 32,     /* pieces of evidence looked at; what comes after is beyond reason */
    MOST_CANDIDATES = 64 /* apps that any of them names */
};

/* Evidence that says the same thing twice counts once: within a kind only the strongest piece is added up. */
enum kind { KIND_DECLARED, KIND_UID, KIND_SIGNATURE, KIND_NAME, KIND_ADDRESS, KIND_NDPI, N_KINDS };

/* One piece of evidence. */
struct item {
    struct ml_claim claim;
    enum ml_vote_class vote_class;
    enum kind kind;
    int points;
    char text[ML_VOTE_EVIDENCE];
};

struct sheet {
    const struct ml_apps *apps;
    struct item items[MOST_ITEMS];
    size_t n;
    bool is_foreign; /* the connection itself names a host of nobody in the catalogue */
};

struct result {
    uint16_t app;
    int points;
};

static const char *const SOURCE_TEXTS[ML_N_NAME_SOURCES] = {
    [ML_NAME_NONE] = "",     [ML_NAME_SNI] = "sni",           [ML_NAME_HTTP] = "http", [ML_NAME_QUIC] = "quic_sni",
    [ML_NAME_CERT] = "cert", [ML_NAME_HTTP_DNS] = "http_dns", [ML_NAME_DNS] = "dns",   [ML_NAME_FILE] = "file",
};

static const enum ml_weight SOURCE_WEIGHTS[ML_N_NAME_SOURCES] = {
    [ML_NAME_SNI] = ML_WEIGHT_NAME_SNI,   [ML_NAME_HTTP] = ML_WEIGHT_NAME_HTTP,
    [ML_NAME_QUIC] = ML_WEIGHT_NAME_QUIC, [ML_NAME_CERT] = ML_WEIGHT_NAME_CERT,
    [ML_NAME_DNS] = ML_WEIGHT_NAME_DNS,   [ML_NAME_HTTP_DNS] = ML_WEIGHT_NAME_HTTP_DNS,
    [ML_NAME_FILE] = ML_WEIGHT_NAME_FILE,
};

const char *ml_name_source_text(enum ml_name_source source)
{
    return source < ML_N_NAME_SOURCES ? SOURCE_TEXTS[source] : "";
}

const char *ml_grade_text(enum ml_grade grade)
{
    static const char *const TEXTS[] = {"none", "low", "moderate", "high"};
    return grade <= ML_GRADE_HIGH ? TEXTS[grade] : "none";
}

const char *ml_vote_class_text(enum ml_vote_class vote_class)
{
    static const char *const TEXTS[ML_N_VOTE_CLASSES] = {"declared", "uid", "signature", "name",
                                                         "prefix",   "asn", "ndpi"};
    return vote_class < ML_N_VOTE_CLASSES ? TEXTS[vote_class] : "";
}

/* --- claims of one piece of evidence --- */

static bool has_app(const struct ml_claim *claim, uint16_t app)
{
    for (size_t i = 0; i < claim->n_apps; i++) {
        if (claim->apps[i] == app) {
            return true;
        }
    }
    return false;
}

static const struct ml_claim *claim_of(const struct ml_apps *apps, const struct ml_map *map, struct ml_span key)
{
    const struct ml_map_entry *entry = key.len != 0 ? ml_map_find(map, key) : NULL;
    return entry != NULL ? &apps->claims[entry->value] : NULL;
}

static int percent(int points, int factor)
{
    return points * factor / 100;
}

/* "what:text", the text cut at its front: the end of a host name tells more. */
static void describe(char out[ML_VOTE_EVIDENCE], const char *what, struct ml_span text)
{
    size_t head = strlen(what) + 1;
    size_t room = ML_VOTE_EVIDENCE - 1 - head;
    bool is_cut = text.len > room;
    struct ml_span tail = is_cut ? ml_span_cut(text, text.len - (room - 3), room - 3) : text;
    (void)snprintf(out, ML_VOTE_EVIDENCE, "%s:%s%.*s", what, is_cut ? "..." : "", (int)tail.len,
                   (const char *)tail.ptr); /* fits: cut before */
}

/* Adds a piece of evidence that speaks for somebody. NULL: nothing was added. Borrowed until the next call. */
static struct item *add_item(struct sheet *sheet, const struct ml_claim *claim, enum ml_vote_class vote_class,
                             enum kind kind, enum ml_weight weight)
{
    if (claim == NULL || claim->n_apps == 0 || sheet->n == MOST_ITEMS) {
        return NULL;
    }
    struct item *item = &sheet->items[sheet->n++];
    item->claim = *claim;
    item->vote_class = vote_class;
    item->kind = kind;
    item->points = sheet->apps->weights.points[weight];
    if (claim->n_apps > 1) {
        item->points = percent(item->points, sheet->apps->weights.factors[ML_FACTOR_SHARED]);
    }
    return item;
}

/* --- names --- */

/* What the names of one source say together. */
struct named {
    struct ml_claim both;   /* apps that all names of ours allow */
    struct ml_claim either; /* apps that any of them allows */
    struct ml_span text;    /* the name shown: of the first in order that is ours */
    bool has_ours, has_foreign, has_several;
};

static void keep_common(struct ml_claim *both, const struct ml_claim *claim)
{
    size_t n = 0;
    for (size_t i = 0; i < both->n_apps; i++) {
        if (has_app(claim, both->apps[i])) {
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
        if (has_app(either, app) || (is_full && either->apps[ML_MAX_ONE_OF - 1] < app)) {
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

static struct named names_of(const struct sheet *sheet, const struct ml_evidence *evidence, enum ml_name_source source)
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

static void add_name_item(struct sheet *sheet, const struct named *named, enum ml_name_source source)
{
    const struct ml_claim *claim = named->both.n_apps != 0 ? &named->both : &named->either;
    struct item *item = add_item(sheet, claim, ML_VOTE_NAME, KIND_NAME, SOURCE_WEIGHTS[source]);
    if (item == NULL) {
        return;
    }
    if (named->has_several || named->has_foreign) {
        item->points = percent(item->points, sheet->apps->weights.factors[ML_FACTOR_SEVERAL_NAMES]);
    }
    describe(item->text, SOURCE_TEXTS[source], named->text);
}

/*
 * Sources from best to worst. A name that the connection itself gave and that is nobody's ends it: what certificates
 * and answers of resolvers say about the address is then about somebody else's use of it. The name in the clear of an
 * encrypted ClientHello is a front and says nothing at all.
 */
static void collect_names(struct sheet *sheet, const struct ml_evidence *evidence)
{
    bool has_ours = false;
    for (int i = ML_NAME_SNI; i < ML_N_NAME_SOURCES; i++) {
        enum ml_name_source source = (enum ml_name_source)i;
        bool is_direct = source == ML_NAME_SNI || source == ML_NAME_HTTP || source == ML_NAME_QUIC;
        if ((evidence->is_ech_outer && (source == ML_NAME_SNI || source == ML_NAME_QUIC)) ||
            (!is_direct && sheet->is_foreign)) {
            continue;
        }
        struct named named = names_of(sheet, evidence, source);
        has_ours = has_ours || named.has_ours;
        sheet->is_foreign = is_direct ? (sheet->is_foreign || named.has_foreign) && !has_ours : sheet->is_foreign;
        if (named.has_ours) {
            add_name_item(sheet, &named, source);
        }
    }
}

/* --- everything else --- */

static void collect_device(struct sheet *sheet, const struct ml_evidence *evidence)
{
    const struct ml_claim *claim = claim_of(sheet->apps, &sheet->apps->packages, evidence->package);
    struct item *item = add_item(sheet, claim, ML_VOTE_UID, KIND_UID, ML_WEIGHT_UID);
    if (item != NULL) {
        describe(item->text, "uid", evidence->package);
    }
    const struct ml_map_entry *entry =
        evidence->declared.len != 0 ? ml_map_find(&sheet->apps->ids, evidence->declared) : NULL;
    if (entry != NULL) {
        struct ml_claim declared = {.apps = {(uint16_t)entry->value}, .n_apps = 1};
        item = add_item(sheet, &declared, ML_VOTE_DECLARED, KIND_DECLARED, ML_WEIGHT_DECLARED);
        if (item != NULL) {
            describe(item->text, "declared", evidence->declared);
        }
    }
}

static void collect_signatures(struct sheet *sheet, const struct ml_evidence *evidence)
{
    for (size_t i = 0; i < evidence->n_signatures; i++) {
        struct ml_span name = ml_span_text(evidence->signatures[i]);
        const struct ml_claim *claim = claim_of(sheet->apps, &sheet->apps->signatures, name);
        struct item *item = add_item(sheet, claim, ML_VOTE_SIGNATURE, KIND_SIGNATURE, ML_WEIGHT_SIGNATURE);
        if (item != NULL) {
            describe(item->text, "signature", name);
        }
    }
}

/* Addresses are worth less when the connection names somebody else. */
static void weaken_address(const struct sheet *sheet, struct item *item)
{
    if (sheet->is_foreign) {
        item->points = percent(item->points, sheet->apps->weights.factors[ML_FACTOR_FOREIGN_NAME]);
    }
}

static void collect_address(struct sheet *sheet, const struct ml_evidence *evidence)
{
    const struct ml_prefix *prefix = ml_prefixes_find(&sheet->apps->prefixes, &evidence->server);
    if (prefix != NULL) {
        const struct ml_claim *claim = &sheet->apps->claims[prefix->value];
        enum ml_weight weight = claim->is_published ? ML_WEIGHT_PREFIX_PUBLISHED : ML_WEIGHT_PREFIX_SEEN;
        struct item *item = add_item(sheet, claim, ML_VOTE_PREFIX, KIND_ADDRESS, weight);
        if (item != NULL) {
            char text[ML_IP_TEXT];
            ml_ip_format(&prefix->ip, text);
            (void)snprintf(item->text, sizeof item->text, "prefix:%s/%u", text, prefix->bits); /* far below the room */
            weaken_address(sheet, item);
        }
    }
    if (evidence->asn != 0) {
        char text[16];
        int len = snprintf(text, sizeof text, "%u", (unsigned)evidence->asn);
        struct ml_span number = ml_span_of(text, (size_t)len);
        struct item *item = add_item(sheet, claim_of(sheet->apps, &sheet->apps->asns, number), ML_VOTE_ASN,
                                     KIND_ADDRESS, ML_WEIGHT_ASN);
        if (item != NULL) {
            describe(item->text, "asn", number);
            weaken_address(sheet, item);
        }
    }
}

/* The most specific name that the catalogue knows. Protocols (TLS, DNS ...) and networks (Google ...) are not in it. */
static void collect_ndpi(struct sheet *sheet, const struct ml_ndpi_answer *answer)
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
    enum kind kind = answer->is_by_address ? KIND_ADDRESS : KIND_NDPI;
    struct item *item = add_item(sheet, claim, ML_VOTE_NDPI, kind, weight);
    if (item == NULL) {
        return;
    }
    if (answer->is_by_address) {
        weaken_address(sheet, item);
    }
    (void)snprintf(item->text, sizeof item->text, "ndpi:%.48s (%.24s%s)", name, answer->confidence,
                   answer->is_by_address ? ", by address" : ""); /* fits by its widths */
}

/* --- adding up --- */

/* Points of an app; only of evidence that leaves out every app of `without` (may be NULL). */
static int points_of(const struct sheet *sheet, uint16_t app, const struct ml_claim *without)
{
    int best[N_KINDS] = {0};
    for (size_t i = 0; i < sheet->n; i++) {
        const struct item *item = &sheet->items[i];
        bool is_counted = has_app(&item->claim, app);
        for (size_t j = 0; is_counted && without != NULL && j < without->n_apps; j++) {
            is_counted = !has_app(&item->claim, without->apps[j]);
        }
        if (is_counted && item->points > best[item->kind]) {
            best[item->kind] = item->points;
        }
    }
    int sum = 0;
    for (size_t i = 0; i < N_KINDS; i++) {
        sum += best[i];
    }
    return sum;
}

/* All apps that any evidence names, in the order of their ids. */
static size_t candidates_of(const struct sheet *sheet, struct result out[MOST_CANDIDATES])
{
    size_t n = 0;
    for (size_t i = 0; i < sheet->n; i++) {
        for (size_t j = 0; j < sheet->items[i].claim.n_apps; j++) {
            uint16_t app = sheet->items[i].claim.apps[j];
            size_t at = 0;
            while (at < n && out[at].app < app) {
                at++;
            }
            if ((at < n && out[at].app == app) || n == MOST_CANDIDATES) {
                continue;
            }
            memmove(&out[at + 1], &out[at], (n - at) * sizeof *out);
            out[at] = (struct result){.app = app, .points = points_of(sheet, app, NULL)};
            n++;
        }
    }
    return n;
}

/* Do these apps share one piece of evidence, so that it cannot tell them apart? */
static bool is_shared_by_all(const struct sheet *sheet, const struct ml_claim *group)
{
    for (size_t i = 0; i < sheet->n; i++) {
        bool is_all = true;
        for (size_t j = 0; is_all && j < group->n_apps; j++) {
            is_all = has_app(&sheet->items[i].claim, group->apps[j]);
        }
        if (is_all) {
            return true;
        }
    }
    return false;
}

/* The winner: one app, or the apps that the evidence cannot tell apart. Equal points otherwise: the first id. */
static struct ml_claim winners_of(const struct sheet *sheet, const struct result *results, size_t n, int *points)
{
    struct ml_claim group = {0};
    *points = 0;
    for (size_t i = 0; i < n; i++) {
        if (results[i].points > *points) {
            *points = results[i].points;
            group.n_apps = 0;
        }
        if (results[i].points == *points && group.n_apps < ML_MAX_ONE_OF) {
            group.apps[group.n_apps++] = results[i].app;
        }
    }
    if (group.n_apps > 1 && !is_shared_by_all(sheet, &group)) {
        group.n_apps = 1;
    }
    return group;
}

/* Points of the strongest other app, by evidence that does not fit the winner too. */
static int against(const struct sheet *sheet, const struct result *results, size_t n, const struct ml_claim *winners)
{
    int most = 0;
    for (size_t i = 0; i < n; i++) {
        if (!has_app(winners, results[i].app)) {
            int points = points_of(sheet, results[i].app, winners);
            most = points > most ? points : most;
        }
    }
    return most;
}

static enum ml_grade grade_of(const struct ml_weights *weights, int points, int contra)
{
    if (points < weights->grades[ML_GRADE_LOW]) {
        return ML_GRADE_NONE;
    }
    int left = points - contra;
    enum ml_grade grade = left >= weights->grades[ML_GRADE_HIGH]       ? ML_GRADE_HIGH
                          : left >= weights->grades[ML_GRADE_MODERATE] ? ML_GRADE_MODERATE
                                                                       : ML_GRADE_LOW;
    /* Evidence that would carry a verdict of its own caps the grade, whatever is left. */
    bool is_strong = contra >= weights->grades[ML_GRADE_LOW];
    return is_strong && grade > weights->conflict_ceiling ? weights->conflict_ceiling : grade;
}

/* Service of the strongest evidence for all of the winners that tells one; 0 when the strongest disagree. */
static uint16_t service_of(const struct sheet *sheet, const struct ml_claim *winners)
{
    const struct item *best = NULL;
    for (size_t i = 0; i < sheet->n; i++) {
        const struct item *item = &sheet->items[i];
        if (item->claim.service == 0 || !has_app(&item->claim, winners->apps[0])) {
            continue;
        }
        bool is_better = best == NULL || item->points > best->points ||
                         (item->points == best->points && item->vote_class < best->vote_class);
        best = is_better ? item : best;
    }
    return best != NULL ? best->claim.service : 0;
}

/* --- the verdict --- */

struct ballot {
    const struct item *item;
    uint16_t app;
    bool is_for;
};

/* For the winner first, then by points, kind of evidence, app and text. */
static bool is_before(const struct ballot *a, const struct ballot *b)
{
    if (a->is_for != b->is_for) {
        return a->is_for;
    }
    if (a->item->points != b->item->points) {
        return a->item->points > b->item->points;
    }
    if (a->item->vote_class != b->item->vote_class) {
        return a->item->vote_class < b->item->vote_class;
    }
    return a->app != b->app ? a->app < b->app : strcmp(a->item->text, b->item->text) < 0;
}

/* The best ML_MAX_VOTES votes, in order. */
static void write_votes(const struct sheet *sheet, const struct ml_claim *winners, struct ml_verdict *verdict)
{
    struct ballot ballots[ML_MAX_VOTES];
    size_t n = 0;
    for (size_t i = 0; i < sheet->n; i++) {
        const struct item *item = &sheet->items[i];
        for (size_t j = 0; j < item->claim.n_apps; j++) {
            uint16_t app = item->claim.apps[j];
            struct ballot ballot = {.item = item, .app = app, .is_for = has_app(winners, app)};
            size_t at = n;
            while (at > 0 && is_before(&ballot, &ballots[at - 1])) {
                at--;
            }
            if (at == ML_MAX_VOTES) {
                continue;
            }
            n += n < ML_MAX_VOTES;
            memmove(&ballots[at + 1], &ballots[at], (n - 1 - at) * sizeof *ballots);
            ballots[at] = ballot;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct ml_vote *vote = &verdict->votes[i];
        vote->app = ballots[i].app;
        vote->service = ballots[i].item->claim.service;
        vote->vote_class = ballots[i].item->vote_class;
        vote->weight = ballots[i].item->points;
        vote->is_shared = ballots[i].item->claim.n_apps > 1;
        memcpy(vote->evidence, ballots[i].item->text, sizeof vote->evidence);
    }
    verdict->n_votes = n;
}

static void write_winners(const struct sheet *sheet, const struct ml_claim *winners, struct ml_verdict *verdict)
{
    const struct ml_app *apps = sheet->apps->apps;
    if (winners->n_apps == 1) {
        verdict->app = apps[winners->apps[0]].id;
        verdict->app_name = apps[winners->apps[0]].name;
    } else {
        for (size_t i = 0; i < winners->n_apps; i++) {
            verdict->one_of[i] = apps[winners->apps[i]].id;
        }
        verdict->n_one_of = winners->n_apps;
    }
    uint16_t service = service_of(sheet, winners);
    verdict->service = service != 0 ? ml_service_id(service) : NULL;
}

void ml_classify(const struct ml_apps *apps, const struct ml_evidence *evidence, struct ml_verdict *verdict)
{
    struct sheet sheet;
    sheet.apps = apps;
    sheet.n = 0;
    sheet.is_foreign = false;
    collect_device(&sheet, evidence);
    collect_names(&sheet, evidence);
    collect_address(&sheet, evidence);
    collect_ndpi(&sheet, evidence->ndpi);
    collect_signatures(&sheet, evidence); /* any number of them: last, so that they crowd out nothing else */

    memset(verdict, 0, offsetof(struct ml_verdict, votes));
    struct result results[MOST_CANDIDATES];
    size_t n = candidates_of(&sheet, results);
    int points = 0;
    struct ml_claim winners = winners_of(&sheet, results, n, &points);
    int contra = against(&sheet, results, n, &winners);
    verdict->grade = grade_of(&apps->weights, points, contra);
    verdict->has_conflict = contra > 0;
    if (verdict->grade == ML_GRADE_NONE) {
        winners.n_apps = 0;
    }
    if (winners.n_apps != 0) {
        write_winners(&sheet, &winners, verdict);
    }
    write_votes(&sheet, &winners, verdict);
}
