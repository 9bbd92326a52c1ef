/* SPDX-License-Identifier: Apache-2.0 */
/* operators_read - YAML to the tables of operators.h; parents are tied together when all files are read. */
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "intel/operators.h"

#include <stdlib.h>

/* A company while files are still being read: its parent may come later. */
struct draft {
    struct ml_company company;
    const char *parent_id;
    char country[3];
    char control[3]; /* who controls it, where that is not the parent's country */
    struct draft *parent;
    char path[256]; /* where the row stands, for errors found later */
    unsigned line;
    struct draft *next;
};

struct draft_prefix {
    struct ml_prefix prefix;
    struct draft_prefix *next;
};

struct reader {
    struct ml_operators *out;
    struct draft *drafts;
    struct draft **drafts_tail;
    struct draft_prefix *prefixes;
};

static enum ml_status no_memory(struct ml_error *error)
{
    return ml_error_set(error, ML_NO_MEMORY, "out of memory");
}

/* key -> value in `map`, refused when the key is there already. */
static enum ml_status add_once(const struct ml_yaml_file *file, const struct ml_yaml *node, struct ml_map *map,
                               struct ml_span key, size_t value, const char *what, struct ml_error *error)
{
    bool is_new = false;
    if (ml_map_add(map, key, (uint32_t)value, &is_new) == NULL) {
        return no_memory(error);
    }
    return is_new ? ML_OK : ml_yaml_refuse(file, node, error, "this %s stands in another row as well", what);
}

static enum ml_status read_network(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *row,
                                   const struct ml_company *company, struct ml_error *error)
{
    static const char *const keys[] = {"asn", "country", "roles", NULL};
    struct ml_network *network = ml_arena_get(&r->out->arena, sizeof *network);
    if (network == NULL) {
        return no_memory(error);
    }
    network->company = company;
    int64_t asn = 0;
    enum ml_status status = ml_folder_keys(file, row, keys, error);
    if (status == ML_OK && (!ml_yaml_number(ml_yaml_get(row, "asn"), &asn) || asn <= 0 || asn > UINT32_MAX)) {
        status = ml_yaml_refuse(file, row, error, "\"asn\" must be an AS number");
    }
    if (status == ML_OK) {
        status = ml_folder_country(file, row, "country", false, network->country, error);
    }
    if (status == ML_OK) {
        status = ml_folder_words(file, row, "roles", ml_network_roles, network->roles, ML_MAX_ROLES, &network->n_roles,
                                 error);
    }
    if (status != ML_OK) {
        return status;
    }
    network->asn = (uint32_t)asn;
    struct ml_operators *out = r->out;
    struct ml_network **networks = ml_mem_resize(out->networks, out->n_networks + 1, sizeof *networks);
    if (networks == NULL) {
        return no_memory(error);
    }
    out->networks = networks;
    networks[out->n_networks] = network;
    return add_once(file, row, &out->networks_by_asn, ml_span_of(&network->asn, sizeof network->asn), out->n_networks++,
                    "AS number", error);
}

/* `country` with a source, or `unreliable: true` with a reason. */
static enum ml_status read_place(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *row,
                                 struct ml_prefix *prefix, struct ml_error *error)
{
    enum ml_status status = ml_folder_country(file, row, "country", false, prefix->country, error);
    const struct ml_yaml *mark = ml_yaml_get(row, "unreliable");
    bool is_unreliable = false;
    if (status == ML_OK && mark != NULL && !ml_yaml_truth(mark, &is_unreliable)) {
        status = ml_yaml_refuse(file, mark, error, "\"unreliable\" must be true or false");
    }
    if (status != ML_OK) {
        return status;
    }
    if (is_unreliable && prefix->country[0] != '\0') {
        return ml_yaml_refuse(file, mark, error, "a prefix with a country is not unreliable");
    }
    if (is_unreliable) {
        prefix->place = ML_PLACE_UNRELIABLE;
        return ml_folder_text(file, row, "why", true, &r->out->arena, &prefix->source, error);
    }
    if (prefix->country[0] == '\0') {
        return ML_OK;
    }
    prefix->place = ML_PLACE_COUNTRY;
    const char *checked_on = NULL;
    return ml_folder_source(file, row, &r->out->arena, &prefix->source, &checked_on, error);
}

static enum ml_status read_prefix(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *row,
                                  const struct ml_company *company, struct ml_error *error)
{
    static const char *const keys[] = {"prefix", "roles", "country", "unreliable", "why", "source", "checked_on", NULL};
    struct draft_prefix *draft = ml_arena_get(&r->out->arena, sizeof *draft);
    if (draft == NULL) {
        return no_memory(error);
    }
    struct ml_prefix *prefix = &draft->prefix;
    prefix->company = company;
    prefix->source = "";
    enum ml_status status = ml_folder_keys(file, row, keys, error);
    if (status == ML_OK && !ml_ip_prefix_parse(ml_yaml_text(row, "prefix", ""), &prefix->ip, &prefix->bits)) {
        status = ml_yaml_refuse(file, row, error, "\"prefix\" must be an address prefix without host bits");
    }
    if (status == ML_OK) {
        status =
            ml_folder_words(file, row, "roles", ml_network_roles, prefix->roles, ML_MAX_ROLES, &prefix->n_roles, error);
    }
    if (status == ML_OK) {
        status = read_place(r, file, row, prefix, error);
    }
    if (status == ML_OK) {
        draft->next = r->prefixes;
        r->prefixes = draft;
        r->out->n_prefixes++;
    }
    return status;
}

static enum ml_status read_host(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *item,
                                size_t place, struct ml_error *error)
{
    char host[256];
    size_t len = item->kind == ML_YAML_SCALAR ? ml_host_normal(item->text, host, sizeof host) : 0;
    if (len == 0 || !ml_span_equal(item->text, ml_span_of(host, len))) {
        return ml_yaml_refuse(file, item, error, "a host name in lower case is wanted");
    }
    return add_once(file, item, &r->out->hosts, item->text, place, "host", error);
}

/* Calls for each item of the three lists of a company. */
static enum ml_status read_lists(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *row,
                                 const struct ml_company *company, size_t place, struct ml_error *error)
{
    static const char *const lists[] = {"hosts", "networks", "prefixes"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct ml_yaml *list = ml_yaml_get(row, lists[i]);
        if (list != NULL && list->kind != ML_YAML_LIST) {
            return ml_yaml_refuse(file, list, error, "\"%s\" must be a list", lists[i]);
        }
        for (const struct ml_yaml *item = list != NULL ? list->first : NULL; item != NULL; item = item->next) {
            enum ml_status status = i == 0   ? read_host(r, file, item, place, error)
                                    : i == 1 ? read_network(r, file, item, company, error)
                                             : read_prefix(r, file, item, company, error);
            if (status != ML_OK) {
                return status;
            }
        }
    }
    return ML_OK;
}

static enum ml_status read_texts(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *row,
                                 struct draft *draft, struct ml_error *error)
{
    struct ml_arena *arena = &r->out->arena;
    struct ml_company *company = &draft->company;
    enum ml_status status = ml_folder_text(file, row, "id", true, arena, &company->id, error);
    if (status == ML_OK) {
        status = ml_folder_text(file, row, "name", true, arena, &company->name, error);
    }
    if (status == ML_OK) {
        status = ml_folder_text(file, row, "parent", false, arena, &draft->parent_id, error);
    }
    if (status == ML_OK) {
        status = ml_folder_country(file, row, "country", false, draft->country, error);
    }
    if (status == ML_OK) {
        status = ml_folder_country(file, row, "control", false, draft->control, error);
    }
    if (status == ML_OK) {
        status = ml_folder_source(file, row, arena, &company->source, &company->checked_on, error);
    }
    company->country = draft->country;
    company->parent = "";
    company->parent_country = "";
    company->grade =
        company->checked_on != NULL && company->checked_on[0] != '\0' ? ML_SOURCE_CHECKED : ML_SOURCE_UNVERIFIED;
    return status;
}

static enum ml_status read_company(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *row,
                                   struct ml_error *error)
{
    static const char *const keys[] = {"id",         "name",  "country",  "parent",   "control", "source", "checked_on",
                                       "unverified", "hosts", "networks", "prefixes", "note",    NULL};
    struct ml_operators *out = r->out;
    struct draft *draft = ml_arena_get(&out->arena, sizeof *draft);
    if (draft == NULL) {
        return no_memory(error);
    }
    enum ml_status status = ml_folder_keys(file, row, keys, error);
    if (status == ML_OK) {
        status = read_texts(r, file, row, draft, error);
    }
    if (status == ML_OK) {
        status = add_once(file, row, &out->ids, ml_span_text(draft->company.id), out->n_companies, "company", error);
    }
    if (status != ML_OK) {
        return status;
    }
    size_t path_len = strlen(file->path);
    size_t cut = path_len < sizeof draft->path ? 0 : path_len - sizeof draft->path + 1;
    memcpy(draft->path, file->path + cut, path_len - cut);
    draft->line = row->line;
    *r->drafts_tail = draft;
    r->drafts_tail = &draft->next;
    return read_lists(r, file, row, &draft->company, out->n_companies++, error);
}

static enum ml_status read_root(void *context, const struct ml_yaml_file *file, const struct ml_yaml *root,
                                struct ml_error *error)
{
    static const char *const keys[] = {"as_of", "companies", NULL};
    enum ml_status status = ml_folder_keys(file, root, keys, error);
    const struct ml_yaml *companies = ml_yaml_get(root, "companies");
    if (status == ML_OK && (companies == NULL || companies->kind != ML_YAML_LIST)) {
        status = ml_yaml_refuse(file, root, error, "\"companies\" must be a list");
    }
    for (const struct ml_yaml *row = status == ML_OK ? companies->first : NULL; row != NULL && status == ML_OK;
         row = row->next) {
        status = read_company(context, file, row, error);
    }
    return status;
}

static enum ml_status refuse_draft(const struct draft *draft, struct ml_error *error, const char *what)
{
    enum ml_status status = ml_error_set(error, ML_BAD_INPUT, "%s \"%s\"", what, draft->parent_id);
    ml_error_at(error, draft->path, draft->line, 0);
    return status;
}

/* Lays companies out by their number and finds the draft of each parent. */
static enum ml_status tie_parents(struct reader *r, struct draft **by_place, struct ml_error *error)
{
    struct ml_operators *out = r->out;
    size_t place = 0;
    for (struct draft *draft = r->drafts; draft != NULL; draft = draft->next) {
        by_place[place] = draft;
        out->companies[place++] = &draft->company;
    }
    for (struct draft *draft = r->drafts; draft != NULL; draft = draft->next) {
        if (draft->parent_id[0] == '\0') {
            continue;
        }
        const struct ml_map_entry *entry = ml_map_find(&out->ids, ml_span_text(draft->parent_id));
        if (entry == NULL) {
            return refuse_draft(draft, error, "there is no row for the parent");
        }
        draft->parent = by_place[entry->value];
    }
    return ML_OK;
}

/* The ultimate parent and the nearest statement on who controls the company. */
static enum ml_status resolve(struct draft *draft, struct ml_error *error)
{
    const struct draft *top = draft;
    const char *control = draft->control;
    for (unsigned depth = 0; top->parent != NULL; depth++) {
        if (depth == ML_MAX_OWNERS) {
            return refuse_draft(draft, error, "owners form a ring or too long a chain from");
        }
        top = top->parent;
        control = control[0] != '\0' ? control : top->control;
        if (top->company.grade < draft->company.grade) {
            draft->company.grade = top->company.grade; /* a chain is as good as its weakest link */
        }
    }
    draft->company.parent = top != draft ? top->company.name : "";
    draft->company.parent_country = control[0] != '\0' ? control : top->country;
    return ML_OK;
}

static int by_run(const void *a, const void *b)
{
    const struct ml_prefix *left = a;
    const struct ml_prefix *right = b;
    if (left->ip.family != right->ip.family) {
        return left->ip.family < right->ip.family ? -1 : 1;
    }
    if (left->bits != right->bits) {
        return left->bits > right->bits ? -1 : 1;
    }
    return ml_ip_compare(&left->ip, &right->ip);
}

static void find_runs(struct ml_operators *out)
{
    for (size_t i = 0; i < out->n_prefixes; i++) {
        const struct ml_prefix *prefix = &out->prefixes[i];
        struct ml_prefix_run *run = out->n_runs != 0 ? &out->runs[out->n_runs - 1] : NULL;
        if (run == NULL || out->prefixes[run->from].ip.family != prefix->ip.family ||
            out->prefixes[run->from].bits != prefix->bits) {
            run = &out->runs[out->n_runs++];
            run->from = i;
        }
        run->to = i + 1;
    }
}

static enum ml_status lay_out_prefixes(struct reader *r, struct ml_error *error)
{
    struct ml_operators *out = r->out;
    size_t n = 0;
    for (const struct draft_prefix *draft = r->prefixes; draft != NULL; draft = draft->next) {
        out->prefixes[n++] = draft->prefix;
    }
    qsort(out->prefixes, n, sizeof *out->prefixes, by_run);
    for (size_t i = 1; i < n; i++) {
        if (by_run(&out->prefixes[i - 1], &out->prefixes[i]) == 0) {
            char text[ML_IP_TEXT];
            (void)ml_ip_format(&out->prefixes[i].ip, text);
            return ml_error_set(error, ML_BAD_INPUT, "the prefix %s/%u stands in two rows", text,
                                out->prefixes[i].bits);
        }
    }
    find_runs(out);
    return ML_OK;
}

static enum ml_status finish(struct reader *r, struct ml_error *error)
{
    struct ml_operators *out = r->out;
    struct draft **by_place = ml_mem_array(out->n_companies + 1, sizeof *by_place);
    out->companies = ml_mem_array(out->n_companies + 1, sizeof *out->companies);
    out->prefixes = ml_mem_array(out->n_prefixes + 1, sizeof *out->prefixes);
    out->runs = ml_mem_array(out->n_prefixes + 1, sizeof *out->runs);
    enum ml_status status = ML_OK;
    if (by_place == NULL || out->companies == NULL || out->prefixes == NULL || out->runs == NULL) {
        status = no_memory(error);
    }
    if (status == ML_OK) {
        status = tie_parents(r, by_place, error);
    }
    for (struct draft *draft = r->drafts; status == ML_OK && draft != NULL; draft = draft->next) {
        status = resolve(draft, error);
    }
    if (status == ML_OK) {
        status = lay_out_prefixes(r, error);
    }
    ml_mem_free(by_place);
    return status;
}

enum ml_status ml_operators_read(const char *folder, struct ml_operators *out, struct ml_error *error)
{
    *out = (struct ml_operators){0};
    ml_arena_init(&out->arena, false);
    ml_map_init(&out->ids, ML_MAX_OPERATOR_ROWS);
    ml_map_init(&out->hosts, ML_MAX_OPERATOR_ROWS);
    ml_map_init(&out->networks_by_asn, ML_MAX_OPERATOR_ROWS);
    struct reader r = {.out = out};
    r.drafts_tail = &r.drafts;
    enum ml_status status = ml_folder_read(folder, read_root, &r, &out->info, error);
    if (status == ML_OK) {
        status = finish(&r, error);
    }
    if (status != ML_OK) {
        ml_operators_fini(out);
    }
    return status;
}
