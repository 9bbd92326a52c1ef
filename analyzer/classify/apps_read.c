/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of one app file. Every entry becomes a claim; whatever is not understood is refused with its place. */
#include "classify/catalogue.h"

#include "core/text.h"

#include <stdio.h>

enum { MAX_KEYS = 16, MAX_QUOTED = 80 };

struct section;

struct reader {
    struct ml_apps *apps;
    const struct ml_yaml_file *file;
    const struct ml_yaml *sources; /* map of the file */
    uint16_t app;
    struct ml_error *error;
};

/* Adds the value of an entry to its table. */
typedef enum ml_status add_fn(struct reader *rd, const struct ml_yaml *value, uint32_t claim);

struct section {
    const char *list;
    const char *value; /* key that holds what the entry is about */
    add_fn *add;
    bool has_service;
    bool has_published;
    bool is_nobody; /* the entry belongs to no app */
};

/* --- refusing --- */

static enum ml_status no_memory(const struct reader *rd)
{
    return ml_error_set(rd->error, ML_NO_MEMORY, "out of memory");
}

/* The value, cut to what fits a message. */
static enum ml_status refuse(const struct reader *rd, const struct ml_yaml *node, const char *what)
{
    int len = (int)(node->text.len < MAX_QUOTED ? node->text.len : MAX_QUOTED);
    return ml_yaml_refuse(rd->file, node, rd->error, "%s: \"%.*s\"", what, len, (const char *)node->text.ptr);
}

static bool is_text(const struct ml_yaml *node)
{
    return node != NULL && node->kind == ML_YAML_SCALAR && node->text.len != 0 && !ml_yaml_is_null(node);
}

static bool is_one_of(struct ml_span key, const char *const *keys)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (ml_span_equal(key, ml_span_text(keys[i]))) {
            return true;
        }
    }
    return false;
}

static enum ml_status check_keys(const struct reader *rd, const struct ml_yaml *map, const char *const *keys)
{
    for (const struct ml_yaml *child = map->first; child != NULL; child = child->next) {
        if (!is_one_of(child->key, keys)) {
            int len = (int)(child->key.len < MAX_QUOTED ? child->key.len : MAX_QUOTED);
            ml_error_at(rd->error, rd->file->path, child->key_line, child->key_column);
            return ml_error_set(rd->error, ML_BAD_INPUT, "unknown key: \"%.*s\"", len, (const char *)child->key.ptr);
        }
    }
    return ML_OK;
}

/* --- tables --- */

static enum ml_status add_once(struct reader *rd, struct ml_map *map, struct ml_span key, const struct ml_yaml *value,
                               uint32_t claim)
{
    bool is_new = false;
    if (ml_map_add(map, key, claim, &is_new) == NULL) {
        return no_memory(rd);
    }
    return is_new ? ML_OK : refuse(rd, value, "given twice");
}

static enum ml_status add_pattern(struct reader *rd, struct ml_names *names, const struct ml_yaml *value,
                                  uint32_t number)
{
    switch (ml_names_add(names, value->text, number)) {
    case ML_OK:
        return ML_OK;
    case ML_BAD_INPUT:
        return refuse(rd, value, "no host name pattern");
    case ML_LIMIT:
        return refuse(rd, value, "given twice");
    default:
        return no_memory(rd);
    }
}

static enum ml_status add_name(struct reader *rd, const struct ml_yaml *value, uint32_t claim)
{
    return add_pattern(rd, &rd->apps->names, value, claim);
}

static enum ml_status add_prefix(struct reader *rd, const struct ml_yaml *value, uint32_t claim)
{
    struct ml_ip ip;
    unsigned bits = 0;
    if (!ml_ip_prefix_parse(value->text, &ip, &bits) || bits == 0) {
        return refuse(rd, value, "no address block");
    }
    char text[ML_IP_TEXT + 4];
    size_t len = ml_ip_format(&ip, text);
    len += (size_t)snprintf(text + len, sizeof text - len, "/%u", bits);
    enum ml_status status = add_once(rd, &rd->apps->prefix_texts, ml_span_of(text, len), value, claim);
    if (status != ML_OK) {
        return status;
    }
    struct ml_span kept = ml_arena_copy(&rd->apps->arena, ml_span_of(text, len));
    rd->apps->claims[claim].prefix = (const char *)kept.ptr;
    return kept.ptr != NULL && ml_prefixes_add(&rd->apps->prefixes, &ip, bits, claim) == ML_OK ? ML_OK : no_memory(rd);
}

static enum ml_status add_asn(struct reader *rd, const struct ml_yaml *value, uint32_t claim)
{
    int64_t number = 0;
    if (!ml_yaml_number(value, &number) || number < 1 || number > UINT32_MAX) {
        return refuse(rd, value, "no AS number");
    }
    uint8_t key[4];
    ml_asn_key((uint32_t)number, key);
    return add_once(rd, &rd->apps->asns, ml_span_of(key, sizeof key), value, claim);
}

static enum ml_status add_ndpi(struct reader *rd, const struct ml_yaml *value, uint32_t claim)
{
    return add_once(rd, &rd->apps->ndpi, value->text, value, claim);
}

static enum ml_status add_signature(struct reader *rd, const struct ml_yaml *value, uint32_t claim)
{
    return add_once(rd, &rd->apps->signatures, value->text, value, claim);
}

static enum ml_status add_subject(struct reader *rd, const struct ml_yaml *value, uint32_t claim)
{
    return add_once(rd, &rd->apps->subjects, value->text, value, claim);
}

static enum ml_status add_package(struct reader *rd, const struct ml_yaml *value, uint32_t claim)
{
    return add_once(rd, &rd->apps->packages, value->text, value, claim);
}

static const struct section SECTIONS[] = {
    {.list = "uids", .value = "package", .add = add_package},
    {.list = "names", .value = "name", .add = add_name, .has_service = true},
    {.list = "not_ours", .value = "name", .add = add_name, .is_nobody = true},
    {.list = "prefixes", .value = "prefix", .add = add_prefix, .has_service = true, .has_published = true},
    {.list = "asns", .value = "asn", .add = add_asn, .has_service = true},
    {.list = "ndpi", .value = "name", .add = add_ndpi, .has_service = true},
    {.list = "signatures", .value = "name", .add = add_signature, .has_service = true},
    {.list = "certificates", .value = "subject", .add = add_subject, .has_service = true},
};
enum { N_SECTIONS = sizeof SECTIONS / sizeof SECTIONS[0] };

/* --- claims --- */

static void insert_app(struct ml_claim *claim, uint16_t app)
{
    size_t at = claim->n_apps;
    while (at > 0 && claim->apps[at - 1] > app) {
        claim->apps[at] = claim->apps[at - 1];
        at--;
    }
    claim->apps[at] = app;
    claim->n_apps++;
}

static bool has_app(const struct ml_claim *claim, uint16_t app)
{
    for (size_t i = 0; i < claim->n_apps; i++) {
        if (claim->apps[i] == app) {
            return true;
        }
    }
    return false;
}

/* one_of: [ids], this app among them. */
static enum ml_status read_one_of(struct reader *rd, const struct ml_yaml *list, struct ml_claim *claim)
{
    if (list->kind != ML_YAML_LIST || list->n < 2 || list->n > ML_MAX_ONE_OF) {
        return ml_yaml_refuse(rd->file, list, rd->error, "one_of must list 2 to %d apps", ML_MAX_ONE_OF);
    }
    for (const struct ml_yaml *item = list->first; item != NULL; item = item->next) {
        const struct ml_map_entry *entry = is_text(item) ? ml_map_find(&rd->apps->ids, item->text) : NULL;
        if (entry == NULL) {
            return refuse(rd, item, "no app of the catalogue");
        }
        if (has_app(claim, (uint16_t)entry->value)) {
            return refuse(rd, item, "given twice");
        }
        insert_app(claim, (uint16_t)entry->value);
    }
    return has_app(claim, rd->app) ? ML_OK
                                   : ml_yaml_refuse(rd->file, list, rd->error, "one_of must hold the app itself");
}

static enum ml_status read_truth(struct reader *rd, const struct ml_yaml *entry, const char *key, bool *out)
{
    const struct ml_yaml *node = ml_yaml_get(entry, key);
    *out = false;
    if (node != NULL && !ml_yaml_truth(node, out)) {
        return ml_yaml_refuse(rd->file, node, rd->error, "\"%s\" must be true or false", key);
    }
    return ML_OK;
}

static enum ml_status read_apps_of(struct reader *rd, const struct ml_yaml *entry, const struct section *section,
                                   struct ml_claim *claim)
{
    if (section->is_nobody) {
        return ML_OK;
    }
    bool is_shared = false;
    enum ml_status status = read_truth(rd, entry, "shared", &is_shared);
    const struct ml_yaml *one_of = ml_yaml_get(entry, "one_of");
    if (status == ML_OK && is_shared != (one_of != NULL)) {
        status = ml_yaml_refuse(rd->file, entry, rd->error, "shared: true and one_of belong together");
    }
    if (status != ML_OK) {
        return status;
    }
    if (one_of != NULL) {
        return read_one_of(rd, one_of, claim);
    }
    insert_app(claim, rd->app);
    return ML_OK;
}

static enum ml_status read_service(struct reader *rd, const struct ml_yaml *entry, struct ml_claim *claim)
{
    const struct ml_yaml *node = ml_yaml_get(entry, "service");
    if (node == NULL) {
        return ML_OK;
    }
    claim->service = is_text(node) ? ml_service_find(node->text) : 0;
    return claim->service != 0 ? ML_OK : refuse(rd, node, "no service");
}

static enum ml_status check_source(struct reader *rd, const struct ml_yaml *entry)
{
    const struct ml_yaml *node = ml_yaml_get(entry, "source");
    if (!is_text(node)) {
        return ml_yaml_refuse(rd->file, entry, rd->error, "the entry has no source");
    }
    for (const struct ml_yaml *source = rd->sources->first; source != NULL; source = source->next) {
        if (ml_span_equal(source->key, node->text)) {
            return ML_OK;
        }
    }
    return refuse(rd, node, "not among the sources of this file");
}

static enum ml_status check_entry_keys(struct reader *rd, const struct ml_yaml *entry, const struct section *section)
{
    const char *keys[MAX_KEYS] = {section->value, "source", "note"};
    size_t n = 3;
    if (!section->is_nobody) {
        keys[n++] = "shared";
        keys[n++] = "one_of";
    }
    if (section->has_service) {
        keys[n++] = "service";
    }
    if (section->has_published) {
        keys[n++] = "published";
    }
    return check_keys(rd, entry, keys);
}

static enum ml_status read_entry(struct reader *rd, const struct ml_yaml *entry, const struct section *section)
{
    if (entry->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(rd->file, entry, rd->error, "an entry of \"%s\" must be a map", section->list);
    }
    struct ml_claim claim = {0};
    const struct ml_yaml *value = ml_yaml_get(entry, section->value);
    enum ml_status status = check_entry_keys(rd, entry, section);
    if (status == ML_OK && !is_text(value)) {
        status = ml_yaml_refuse(rd->file, entry, rd->error, "\"%s\" is missing", section->value);
    }
    if (status == ML_OK) {
        status = read_apps_of(rd, entry, section, &claim);
    }
    if (status == ML_OK) {
        status = read_service(rd, entry, &claim);
    }
    if (status == ML_OK) {
        status = read_truth(rd, entry, "published", &claim.is_published);
    }
    if (status == ML_OK) {
        status = check_source(rd, entry);
    }
    if (status == ML_OK) {
        uint32_t index = (uint32_t)rd->apps->n_claims++;
        rd->apps->claims[index] = claim;
        status = section->add(rd, value, index);
    }
    return status;
}

static enum ml_status read_section(struct reader *rd, const struct section *section)
{
    const struct ml_yaml *list = ml_yaml_get(rd->file->documents[0], section->list);
    if (list == NULL) {
        return ML_OK;
    }
    if (list->kind != ML_YAML_LIST) {
        return ml_yaml_refuse(rd->file, list, rd->error, "\"%s\" must be a list", section->list);
    }
    enum ml_status status = ML_OK;
    for (const struct ml_yaml *entry = list->first; entry != NULL && status == ML_OK; entry = entry->next) {
        status = read_entry(rd, entry, section);
    }
    return status;
}

/* --- what is kept for people: checked, not stored --- */

/* YYYY-MM-DD */
static bool is_date(struct ml_span text)
{
    if (text.len != 10) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool is_dash = i == 4 || i == 7;
        if (is_dash ? text.ptr[i] != '-' : !ml_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return true;
}

static enum ml_status check_one_source(struct reader *rd, const struct ml_yaml *source)
{
    static const char *const KEYS[] = {"url", "description", "checked", "unverified", NULL};
    if (source->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(rd->file, source, rd->error, "a source must be a map");
    }
    bool is_unverified = false;
    enum ml_status status = check_keys(rd, source, KEYS);
    if (status == ML_OK) {
        status = read_truth(rd, source, "unverified", &is_unverified);
    }
    if (status != ML_OK) {
        return status;
    }
    const struct ml_yaml *checked = ml_yaml_get(source, "checked");
    if (checked != NULL && !is_date(checked->text)) {
        return refuse(rd, checked, "no date");
    }
    if (is_unverified == (checked != NULL)) {
        return ml_yaml_refuse(rd->file, source, rd->error, "a source is checked on a date, or unverified");
    }
    if (!is_text(ml_yaml_get(source, "url")) && !is_text(ml_yaml_get(source, "description"))) {
        return ml_yaml_refuse(rd->file, source, rd->error, "a source needs a url or a description");
    }
    return ML_OK;
}

static enum ml_status check_sources(struct reader *rd)
{
    const struct ml_yaml *root = rd->file->documents[0];
    rd->sources = ml_yaml_get(root, "sources");
    if (rd->sources == NULL || rd->sources->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(rd->file, rd->sources != NULL ? rd->sources : root, rd->error,
                              "\"sources\" must be a map");
    }
    enum ml_status status = ML_OK;
    for (const struct ml_yaml *child = rd->sources->first; child != NULL && status == ML_OK; child = child->next) {
        status = check_one_source(rd, child);
    }
    return status;
}

/* --- regions: what host names say about places --- */

static bool is_country(const struct ml_yaml *node)
{
    bool is_two = is_text(node) && node->text.len == 2;
    for (size_t i = 0; is_two && i < 2; i++) {
        is_two = node->text.ptr[i] >= 'A' && node->text.ptr[i] <= 'Z';
    }
    return is_two;
}

/* A text of a region, "" when it is left out. NULL: out of memory. */
static const char *keep(struct reader *rd, const struct ml_yaml *entry, const char *key)
{
    struct ml_span text = ml_yaml_text(entry, key, "");
    return text.len != 0 ? (const char *)ml_arena_copy(&rd->apps->arena, text).ptr : "";
}

static enum ml_status check_region(struct reader *rd, const struct ml_yaml *entry)
{
    static const char *const KEYS[] = {"region", "names", "country", "edition", "meaning", "source", NULL};
    if (entry->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(rd->file, entry, rd->error, "an entry of \"regions\" must be a map");
    }
    enum ml_status status = check_keys(rd, entry, KEYS);
    const struct ml_yaml *names = ml_yaml_get(entry, "names");
    bool has_names = names != NULL && names->kind == ML_YAML_LIST && names->n != 0;
    if (status == ML_OK &&
        (!is_text(ml_yaml_get(entry, "region")) || !is_text(ml_yaml_get(entry, "meaning")) || !has_names)) {
        status = ml_yaml_refuse(rd->file, entry, rd->error, "a region needs a region, names and a meaning");
    }
    const struct ml_yaml *country = ml_yaml_get(entry, "country");
    if (status == ML_OK && country != NULL && !is_country(country)) {
        status = refuse(rd, country, "no country");
    }
    return status == ML_OK ? check_source(rd, entry) : status;
}

static enum ml_status read_region(struct reader *rd, const struct ml_yaml *entry)
{
    enum ml_status status = check_region(rd, entry);
    if (status != ML_OK) {
        return status;
    }
    uint32_t index = (uint32_t)rd->apps->n_regions++;
    struct ml_region *region = &rd->apps->regions[index];
    *region = (struct ml_region){
        .id = keep(rd, entry, "region"),
        .country = keep(rd, entry, "country"),
        .edition = keep(rd, entry, "edition"),
        .meaning = keep(rd, entry, "meaning"),
        .app = rd->app,
    };
    if (region->id == NULL || region->country == NULL || region->edition == NULL || region->meaning == NULL) {
        return no_memory(rd);
    }
    for (const struct ml_yaml *name = ml_yaml_get(entry, "names")->first; name != NULL && status == ML_OK;
         name = name->next) {
        status = add_pattern(rd, &rd->apps->region_names, name, index);
    }
    return status;
}

static enum ml_status read_regions(struct reader *rd)
{
    const struct ml_yaml *list = ml_yaml_get(rd->file->documents[0], "regions");
    if (list == NULL) {
        return ML_OK;
    }
    if (list->kind != ML_YAML_LIST) {
        return ml_yaml_refuse(rd->file, list, rd->error, "\"regions\" must be a list");
    }
    enum ml_status status = ML_OK;
    for (const struct ml_yaml *entry = list->first; entry != NULL && status == ML_OK; entry = entry->next) {
        status = read_region(rd, entry);
    }
    return status;
}

enum ml_status ml_apps_read_entries(struct ml_apps *apps, const struct ml_yaml_file *file, uint16_t app,
                                    struct ml_error *error)
{
    static const char *const KEYS[] = {"id",         "name",         "operator", "notes",   "uids",
                                       "names",      "not_ours",     "prefixes", "asns",    "ndpi",
                                       "signatures", "certificates", "regions",  "sources", NULL};
    struct reader rd = {.apps = apps, .file = file, .app = app, .error = error};
    enum ml_status status = check_keys(&rd, file->documents[0], KEYS);
    if (status == ML_OK) {
        status = check_sources(&rd);
    }
    for (size_t i = 0; i < N_SECTIONS && status == ML_OK; i++) {
        status = read_section(&rd, &SECTIONS[i]);
    }
    return status == ML_OK ? read_regions(&rd) : status;
}

size_t ml_apps_count_entries(const struct ml_yaml_file *file)
{
    size_t n = 0;
    for (size_t i = 0; i < N_SECTIONS; i++) {
        const struct ml_yaml *list = ml_yaml_get(file->documents[0], SECTIONS[i].list);
        n += list != NULL ? list->n : 0;
    }
    return n;
}

size_t ml_apps_count_regions(const struct ml_yaml_file *file)
{
    const struct ml_yaml *list = ml_yaml_get(file->documents[0], "regions");
    return list != NULL ? list->n : 0;
}
