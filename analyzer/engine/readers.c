/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readers - who reads along and what they learn, worked out from the taxonomy and the findings. No cell is written by
 * hand: a leak names its observers and what they learn, a finding says that the leak was seen.
 */
#include "engine/join.h"

#include "core/mem.h"

enum { MAX_WHO = 400, MAX_NAMED = 4 };

/* Columns in the byte order of their names, which is the order of members in the report. */
static const enum ml_learns columns[] = {
    ML_LEARNS_APP_USE,  ML_LEARNS_CONTACTS, ML_LEARNS_CONTENT, ML_LEARNS_DEVICE_IDENTITY,
    ML_LEARNS_IDENTITY, ML_LEARNS_LOCATION, ML_LEARNS_PAYMENT, ML_LEARNS_TIMING,
};
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };
_Static_assert((int)N_COLUMNS == (int)ML_N_LEARNS, "every kind of knowledge has a column");
_Static_assert((int)N_COLUMNS <= (int)ML_MAX_LEARNS, "a row holds all columns");

static bool has_bit(uint32_t set, unsigned bit)
{
    return (set >> bit & 1) != 0;
}

/* --- cells --- */

static void note_finding(struct ml_reader_cell *cell, uint32_t index, enum ml_claim claim)
{
    enum ml_reader_state state = claim == ML_CLAIM_OBSERVATION ? ML_READ : ML_COULD_READ;
    cell->state = state < cell->state ? state : cell->state;
    if (cell->n_findings < ML_MAX_CELL_FINDINGS) {
        cell->findings[cell->n_findings++] = index;
    }
}

/* What the inputs of the audit would have to hold for the leak to be seen, and do not; NULL: they hold it. */
static const char *undecided(const struct ml_join *join, const struct ml_leak *leak)
{
    static const char not_planted[] = "no values were planted that could be looked for";
    const struct ml_report *report = join->report;
    const struct ml_case *declared = join->config->declared;
    switch (leak->needs) {
    case ML_NEEDS_ACTIVE:
        return "an active test would be needed";
    case ML_NEEDS_RUNS:
        return "a comparison of runs would be needed";
    case ML_NEEDS_ENDS:
        return "captures of several places at the same time would be needed";
    case ML_NEEDS_MODEL:
        return "a model or reference set made from labelled captures would be needed";
    case ML_NEEDS_STEPS:
        return declared != NULL && declared->n_steps != 0
                   ? NULL
                   : "the case file does not say what was done with the app, and when";
    case ML_NEEDS_DECLARED:
        return declared != NULL && declared->declared_domains != NULL ? NULL
                                                                      : "the case file does not say what was declared";
    case ML_NEEDS_PLANTED:
        return report->is_seeded ? NULL : not_planted;
    case ML_NEEDS_DECRYPTED:
        return report->reach.sealed != 0 ? "encrypted content was not searched"
               : report->is_seeded       ? NULL
                                         : not_planted;
    default:
        return NULL;
    }
}

/*
 * Leaks that show in content, to a test that interferes or over several runs keep a cell open; what a document, a log
 * of the test or a planted value would add to what was seen does not.
 */
static bool keeps_open(const struct ml_leak *leak)
{
    return leak->needs == ML_NEEDS_DECRYPTED || leak->needs == ML_NEEDS_ACTIVE || leak->needs == ML_NEEDS_RUNS;
}

/* `leaks` holds the leak of each rule. */
static void fill_cell(const struct ml_join *join, const struct ml_leak *const *leaks, enum ml_observer observer,
                      enum ml_learns learns, struct ml_reader_cell *cell)
{
    const struct ml_taxonomy *taxonomy = join->config->taxonomy;
    const struct ml_report *report = join->report;
    *cell = (struct ml_reader_cell){.what = ml_learns_text(learns), .state = ML_NOT_SEEN};
    for (uint32_t i = 0; i < report->findings.n; i++) {
        const struct ml_leak *leak = leaks[report->findings.items[i]->rule];
        if (leak != NULL && has_bit(leak->observers, observer) && has_bit(leak->learns, learns)) {
            note_finding(cell, i, ml_rules_get(report->rules, report->findings.items[i]->rule)->claim);
        }
    }
    if (cell->n_findings != 0) {
        return;
    }
    for (size_t i = 0; i < ml_taxonomy_count(taxonomy); i++) {
        const struct ml_leak *leak = ml_taxonomy_get(taxonomy, i);
        bool is_meant = has_bit(leak->observers, observer) && has_bit(leak->learns, learns);
        const char *reason = is_meant && keeps_open(leak) ? undecided(join, leak) : NULL;
        if (reason != NULL) {
            cell->state = ML_CANNOT_TELL;
            cell->reason = leak->needs == ML_NEEDS_ACTIVE && cell->reason != NULL ? cell->reason : reason;
        }
    }
}

static bool is_possible(const struct ml_taxonomy *taxonomy, enum ml_observer observer, enum ml_learns learns)
{
    for (size_t i = 0; i < ml_taxonomy_count(taxonomy); i++) {
        const struct ml_leak *leak = ml_taxonomy_get(taxonomy, i);
        if (has_bit(leak->observers, observer) && has_bit(leak->learns, learns)) {
            return true;
        }
    }
    return false;
}

/* --- who they are --- */

/* "label (a, b, ...)" of up to MAX_NAMED different texts. */
struct who {
    size_t n;
    const char *named[MAX_NAMED];
    bool has_more;
};

static void who_name(struct who *who, const char *name)
{
    if (name == NULL || name[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < who->n; i++) {
        if (strcmp(who->named[i], name) == 0) {
            return;
        }
    }
    if (who->n == MAX_NAMED) {
        who->has_more = true;
        return;
    }
    who->named[who->n++] = name;
}

static struct ml_span who_finish(struct ml_join *join, struct who *who, const char *label)
{
    struct ml_buf buf;
    ml_buf_init(&buf, MAX_WHO * 4);
    (void)ml_buf_add_text(&buf, label); /* failures show in the copy */
    for (size_t i = 0; i < who->n; i++) {
        (void)ml_buf_printf(&buf, "%s%.80s", i == 0 ? " (" : ", ", who->named[i]);
    }
    (void)ml_buf_add_text(&buf, who->n == 0 ? "" : who->has_more ? ", ...)" : ")");
    struct ml_span text = ml_arena_copy(&join->report->arena, ml_buf_span(&buf));
    join->out_of_memory |= text.ptr == NULL || buf.failed;
    ml_buf_fini(&buf);
    return text;
}

static bool has_role(const struct ml_report_endpoint *endpoint, const char *role)
{
    size_t n_name = endpoint->name_info != NULL ? endpoint->name_info->n_roles : 0;
    for (size_t i = 0; i < n_name; i++) {
        if (strcmp(endpoint->name_info->roles[i], role) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < endpoint->info->n_roles; i++) {
        if (strcmp(endpoint->info->roles[i], role) == 0) {
            return true;
        }
    }
    return false;
}

static const char *company_text(const struct ml_company *company)
{
    return company == NULL ? NULL : company->parent[0] != '\0' ? company->parent : company->name;
}

static void name_state(struct who *who, const struct ml_report_endpoint *endpoint)
{
    if (endpoint->info->status == ML_LOCATION_SPECIAL) {
        return;
    }
    who_name(who, endpoint->info->country);
    who_name(who, endpoint->company != NULL ? endpoint->company->parent_country : NULL);
}

static void name_endpoint(struct who *who, enum ml_observer observer, const struct ml_report_endpoint *endpoint)
{
    bool is_tracker = endpoint->name_info != NULL && endpoint->name_info->tracker_list != NULL;
    switch (observer) {
    case ML_OBS_HOSTING_PROVIDER:
        if (has_role(endpoint, "cloud") || has_role(endpoint, "cdn") || has_role(endpoint, "hosting")) {
            who_name(who, endpoint->info->as_name);
        }
        break;
    case ML_OBS_THIRD_PARTY:
        if (is_tracker) {
            who_name(who, endpoint->name_info->company_name != NULL ? endpoint->name_info->company_name
                                                                    : company_text(endpoint->company));
        }
        break;
    case ML_OBS_PUSH_PROVIDER:
        if (has_role(endpoint, "push")) {
            who_name(who, company_text(endpoint->company));
        }
        break;
    case ML_OBS_STATE_REACH:
        name_state(who, endpoint);
        break;
    default:
        break;
    }
}

static struct ml_span who_is(struct ml_join *join, enum ml_observer observer)
{
    static const char *const labels[ML_N_OBSERVERS] = {
        [ML_OBS_LOCAL_NETWORK] = "the local network",
        [ML_OBS_ACCESS_PROVIDER] = "the access provider",
        [ML_OBS_PATH] = "networks and states on the path",
        [ML_OBS_RESOLVER] = "name resolvers",
        [ML_OBS_ENDPOINT_OPERATOR] = "operators of the apps",
        [ML_OBS_HOSTING_PROVIDER] = "hosting and CDN companies",
        [ML_OBS_THIRD_PARTY] = "third parties",
        [ML_OBS_PUSH_PROVIDER] = "push providers",
        [ML_OBS_CALL_PEER] = "the other side of a call",
        [ML_OBS_STATE_REACH] = "states with legal reach",
    };
    const struct ml_report *report = join->report;
    struct who who = {.n = 0};
    for (size_t i = 0; observer == ML_OBS_ENDPOINT_OPERATOR && i < report->n_apps; i++) {
        who_name(&who, company_text(report->apps[i].company));
    }
    for (size_t i = 0; i < report->n_endpoints; i++) {
        name_endpoint(&who, observer, &report->endpoints[i]);
    }
    return who_finish(join, &who, labels[observer]);
}

/* --- rows --- */

/*
 * A state that can compel a company could read what that company reads: derived from the rows of companies, on top of
 * leaks that name states themselves.
 */
static void add_legal_reach(const struct ml_report *report, struct ml_reader_row *states)
{
    for (size_t i = 0; i < report->n_readers; i++) {
        const struct ml_reader_row *row = &report->readers[i];
        bool is_company = strcmp(row->id, "endpoint_operator") == 0 || strcmp(row->id, "hosting_provider") == 0 ||
                          strcmp(row->id, "third_party") == 0 || strcmp(row->id, "push_provider") == 0;
        for (size_t k = 0; is_company && k < row->n_cells; k++) {
            const struct ml_reader_cell *cell = &row->cells[k];
            size_t at = 0;
            while (at < states->n_cells && strcmp(states->cells[at].what, cell->what) < 0) {
                at++;
            }
            bool is_there = at < states->n_cells && strcmp(states->cells[at].what, cell->what) == 0;
            if (!is_there) {
                memmove(&states->cells[at + 1], &states->cells[at], (states->n_cells - at) * sizeof *cell);
                states->cells[at] = (struct ml_reader_cell){.what = cell->what, .state = ML_NOT_SEEN};
                states->n_cells++;
            }
            struct ml_reader_cell *own = &states->cells[at];
            bool is_read = cell->state == ML_READ || cell->state == ML_COULD_READ;
            if (is_read && own->state > ML_COULD_READ) {
                *own = *cell;
                own->state = ML_COULD_READ;
                own->reason = "by law over a company that reads it";
            } else if (cell->state == ML_CANNOT_TELL && own->state == ML_NOT_SEEN) {
                own->state = ML_CANNOT_TELL;
                own->reason = cell->reason;
            }
        }
    }
}

static void fill_row(struct ml_join *join, const struct ml_leak *const *leaks, enum ml_observer observer,
                     struct ml_reader_row *row)
{
    row->id = ml_observer_text(observer);
    row->who = who_is(join, observer);
    for (size_t i = 0; i < N_COLUMNS; i++) {
        if (is_possible(join->config->taxonomy, observer, columns[i])) {
            fill_cell(join, leaks, observer, columns[i], &row->cells[row->n_cells++]);
        }
    }
}

static bool has_finding_of(const struct ml_report *report, const char *leak)
{
    for (size_t i = 0; i < report->findings.n; i++) {
        if (strcmp(ml_rules_get(report->rules, report->findings.items[i]->rule)->taxonomy, leak) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_rule_for(const struct ml_report *report, const char *leak)
{
    for (size_t i = 0; i < ml_rules_count(report->rules); i++) {
        if (strcmp(ml_rules_get(report->rules, i)->taxonomy, leak) == 0) {
            return true;
        }
    }
    return false;
}

/* Leaks that this audit could not decide, each with the reason. */
static bool list_undecided(struct ml_join *join)
{
    struct ml_report *report = join->report;
    size_t n = ml_taxonomy_count(join->config->taxonomy);
    report->not_decided = ml_arena_get(&report->arena, (n + 1) * sizeof *report->not_decided);
    if (report->not_decided == NULL) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct ml_leak *leak = ml_taxonomy_get(join->config->taxonomy, i);
        const char *reason = undecided(join, leak);
        if (reason == NULL && !has_rule_for(report, leak->id)) {
            reason = "no rule of this rule set looks for it";
        }
        if (reason != NULL && !has_finding_of(report, leak->id)) {
            report->not_decided[report->n_not_decided++] =
                (struct ml_not_decided){.taxonomy = leak->id, .reason = reason};
        }
    }
    return true;
}

bool ml_join_readers(struct ml_join *join)
{
    struct ml_report *report = join->report;
    size_t n_rules = ml_rules_count(report->rules);
    const struct ml_leak **leaks = ml_mem_array(n_rules, sizeof *leaks);
    report->readers = ml_arena_get(&report->arena, ML_N_OBSERVERS * sizeof *report->readers);
    if (report->readers == NULL || leaks == NULL) {
        ml_mem_free(leaks);
        return false;
    }
    for (size_t i = 0; i < n_rules; i++) {
        leaks[i] = ml_taxonomy_find(join->config->taxonomy, ml_span_text(ml_rules_get(report->rules, i)->taxonomy));
    }
    for (unsigned i = 0; i < ML_N_OBSERVERS; i++) {
        struct ml_reader_row *row = &report->readers[report->n_readers];
        fill_row(join, leaks, (enum ml_observer)i, row);
        if (i == ML_OBS_STATE_REACH) {
            add_legal_reach(report, row);
        }
        report->n_readers += row->n_cells != 0 ? 1 : 0;
    }
    ml_mem_free(leaks);
    return list_undecided(join) && !join->out_of_memory;
}
