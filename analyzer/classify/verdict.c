/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/evidence.h"

enum { MOST_CANDIDATES = 64 }; /* apps that any evidence names */

struct result {
    uint16_t app;
    int points;
};

static const char *const SOURCE_TEXTS[ML_N_NAME_SOURCES] = {
    [ML_NAME_NONE] = "",         [ML_NAME_SNI] = "sni",   [ML_NAME_HTTP] = "http",
    [ML_NAME_QUIC] = "quic_sni", [ML_NAME_CERT] = "cert", [ML_NAME_HTTP_DNS] = "http_dns",
    [ML_NAME_DNS] = "dns",       [ML_NAME_FILE] = "file", [ML_NAME_DNS_LATER] = "dns_later",
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

/* --- adding up --- */

/* Points of an app; only of evidence that leaves out every app of `without` (may be NULL). */
static int points_of(const struct ml_sheet *sheet, uint16_t app, const struct ml_claim *without)
{
    int best[ML_N_KINDS] = {0};
    for (size_t i = 0; i < sheet->n; i++) {
        const struct ml_piece *piece = &sheet->pieces[i];
        bool is_counted = ml_claim_has(&piece->claim, app);
        for (size_t j = 0; is_counted && without != NULL && j < without->n_apps; j++) {
            is_counted = !ml_claim_has(&piece->claim, without->apps[j]);
        }
        if (is_counted && piece->points > best[piece->kind]) {
            best[piece->kind] = piece->points;
        }
    }
    int sum = 0;
    for (size_t i = 0; i < ML_N_KINDS; i++) {
        sum += best[i];
    }
    return sum;
}

/* All apps that any evidence names, in the order of their ids. */
static size_t candidates_of(const struct ml_sheet *sheet, struct result out[MOST_CANDIDATES])
{
    size_t n = 0;
    for (size_t i = 0; i < sheet->n; i++) {
        for (size_t j = 0; j < sheet->pieces[i].claim.n_apps; j++) {
            uint16_t app = sheet->pieces[i].claim.apps[j];
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
static bool is_shared_by_all(const struct ml_sheet *sheet, const struct ml_claim *group)
{
    for (size_t i = 0; i < sheet->n; i++) {
        bool is_all = true;
        for (size_t j = 0; is_all && j < group->n_apps; j++) {
            is_all = ml_claim_has(&sheet->pieces[i].claim, group->apps[j]);
        }
        if (is_all) {
            return true;
        }
    }
    return false;
}

/* The winner: one app, or the apps that the evidence cannot tell apart. Equal points otherwise: the first id. */
static struct ml_claim winners_of(const struct ml_sheet *sheet, const struct result *results, size_t n, int *points)
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
static int against(const struct ml_sheet *sheet, const struct result *results, size_t n, const struct ml_claim *winners)
{
    int most = 0;
    for (size_t i = 0; i < n; i++) {
        if (!ml_claim_has(winners, results[i].app)) {
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
static uint16_t service_of(const struct ml_sheet *sheet, const struct ml_claim *winners)
{
    const struct ml_piece *best = NULL;
    for (size_t i = 0; i < sheet->n; i++) {
        const struct ml_piece *piece = &sheet->pieces[i];
        if (piece->claim.service == 0 || !ml_claim_has(&piece->claim, winners->apps[0])) {
            continue;
        }
        bool is_better = best == NULL || piece->points > best->points ||
                         (piece->points == best->points && piece->vote_class < best->vote_class);
        best = is_better ? piece : best;
    }
    return best != NULL ? best->claim.service : 0;
}

/*
 * Region of the winner by the best source that names one. Names of one source that disagree say nothing of this flow.
 */
static const struct ml_region *region_of(const struct ml_apps *apps, const struct ml_evidence *evidence,
                                         const struct ml_claim *winners)
{
    for (int source = ML_NAME_SNI; source < ML_N_NAME_SOURCES; source++) {
        const struct ml_region *found = NULL;
        bool is_split = false;
        for (size_t i = 0; i < evidence->n_names; i++) {
            const struct ml_flow_name *name = &evidence->names[i];
            const struct ml_region *region =
                name->source == (enum ml_name_source)source ? ml_apps_region(apps, name->name) : NULL;
            if (region == NULL || !ml_claim_has(winners, region->app)) {
                continue;
            }
            is_split = is_split || (found != NULL && found != region);
            found = region;
        }
        if (found != NULL) {
            return is_split ? NULL : found;
        }
    }
    return NULL;
}

/* --- the verdict --- */

struct ballot {
    const struct ml_piece *piece;
    uint16_t app;
    bool is_for;
};

/* For the winner first, then by points, kind of evidence, app and text. */
static bool is_before(const struct ballot *a, const struct ballot *b)
{
    if (a->is_for != b->is_for) {
        return a->is_for;
    }
    if (a->piece->points != b->piece->points) {
        return a->piece->points > b->piece->points;
    }
    if (a->piece->vote_class != b->piece->vote_class) {
        return a->piece->vote_class < b->piece->vote_class;
    }
    return a->app != b->app ? a->app < b->app : strcmp(a->piece->text, b->piece->text) < 0;
}

/* The best ML_MAX_VOTES votes, in order. */
static void write_votes(const struct ml_sheet *sheet, const struct ml_claim *winners, struct ml_verdict *verdict)
{
    struct ballot ballots[ML_MAX_VOTES];
    size_t n = 0;
    for (size_t i = 0; i < sheet->n; i++) {
        const struct ml_piece *piece = &sheet->pieces[i];
        for (size_t j = 0; j < piece->claim.n_apps; j++) {
            uint16_t app = piece->claim.apps[j];
            struct ballot ballot = {.piece = piece, .app = app, .is_for = ml_claim_has(winners, app)};
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
        vote->service = ballots[i].piece->claim.service;
        vote->vote_class = ballots[i].piece->vote_class;
        vote->weight = ballots[i].piece->points;
        vote->is_shared = ballots[i].piece->claim.n_apps > 1;
        memcpy(vote->evidence, ballots[i].piece->text, ballots[i].piece->text_len + 1);
    }
    verdict->n_votes = n;
}

static void write_winners(const struct ml_sheet *sheet, const struct ml_claim *winners, struct ml_verdict *verdict)
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
    struct ml_sheet sheet;
    ml_sheet_fill(&sheet, apps, evidence);
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
        verdict->region = evidence->is_ech_outer ? NULL : region_of(apps, evidence, &winners);
    }
    write_votes(&sheet, &winners, verdict);
}
