/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/intel.h"

#include "core/mem.h"
#include "intel/state.h"

#include <stdio.h>
#include <unistd.h>

const struct ml_host_list ml_intel_host_lists[ML_HOST_LISTS] = {
    {.id = "adguard-mobile", .category = "advertising"}, {.id = "easyprivacy", .category = "tracking"},
    {.id = "ublock-privacy", .category = "tracking"},    {.id = "adguard-tracking", .category = "tracking"},
    {.id = "easylist", .category = "advertising"},
};

static const enum ml_data list_data[ML_HOST_LISTS] = {
    ML_DATA_ADGUARD_MOBILE, ML_DATA_EASYPRIVACY, ML_DATA_UBLOCK_PRIVACY, ML_DATA_ADGUARD_TRACKING, ML_DATA_EASYLIST};

enum { MAX_SOURCES = 8 };

/* Source files of a pack, mapped while it is built. */
struct sources {
    struct ml_mapped files[MAX_SOURCES];
    enum ml_data sets[MAX_SOURCES];
    size_t n;
};

static void close_sources(struct sources *sources)
{
    while (sources->n != 0) {
        ml_mapped_close(&sources->files[--sources->n]);
    }
}

/* Maps all files of a data set; drops the set when one cannot be read. */
static bool add_source(struct ml_datasets *datasets, struct sources *sources, enum ml_data data)
{
    for (size_t i = 0; i < ml_datasets_files(data); i++) {
        char path[ML_DATA_PATH];
        struct ml_mapped mapped;
        ML_ASSERT(sources->n < MAX_SOURCES);
        if (!ml_datasets_path(datasets, data, i, path) || ml_mapped_open(path, &mapped, NULL) != ML_OK) {
            ml_datasets_drop(datasets, data, "a file cannot be read");
            return false;
        }
        sources->files[sources->n] = mapped;
        sources->sets[sources->n++] = data;
    }
    return true;
}

/* The set whose text could not be used is dropped, with the line; other failures travel up. */
static enum ml_status drop_bad(struct ml_datasets *datasets, enum ml_data data, enum ml_status status,
                               const struct ml_error *cause, struct ml_error *error)
{
    if (status == ML_OK) {
        return ML_OK;
    }
    if (status == ML_NO_MEMORY) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    char problem[sizeof cause->text + 32];
    (void)snprintf(problem, sizeof problem, "line %u: %s", cause->line, cause->text); /* room for both */
    ml_datasets_drop(datasets, data, problem);
    return ML_OK;
}

/* What the packs have in common: a key, a path, and the sets they come from. */
struct recipe {
    const char *form; /* name and version of the layout; the file is called so */
    const enum ml_data *sets;
    size_t n;
};

static bool prepare(struct ml_intel *intel, const struct recipe *recipe, uint8_t key[ML_PACK_KEY],
                    char path[ML_DATA_PATH])
{
    return ml_datasets_key(&intel->datasets, recipe->form, recipe->sets, recipe->n, key) &&
           ml_datasets_cache(&intel->datasets, recipe->form, path);
}

static enum ml_status open_location2(struct ml_intel *intel, struct ml_error *error)
{
    static const enum ml_data sets[] = {ML_DATA_TOR_GEOIP};
    static const struct recipe recipe = {"countries-1.pack", sets, 1};
    uint8_t key[ML_PACK_KEY];
    char path[ML_DATA_PATH];
    if (!intel->datasets.rows[ML_DATA_TOR_GEOIP].is_present || !prepare(intel, &recipe, key, path) ||
        ml_country_table_open(path, key, &intel->location2)) {
        return ML_OK;
    }
    struct sources sources = {.n = 0};
    struct ml_error cause = {0};
    enum ml_status status = ML_OK;
    if (add_source(&intel->datasets, &sources, ML_DATA_TOR_GEOIP)) {
        struct ml_span texts[MAX_SOURCES];
        for (size_t i = 0; i < sources.n; i++) {
            texts[i] = sources.files[i].bytes;
        }
        status = ml_country_table_make(texts, sources.n, path, key, &intel->location2, &cause);
    }
    close_sources(&sources);
    return drop_bad(&intel->datasets, ML_DATA_TOR_GEOIP, status, &cause, error);
}

static enum ml_status open_networks(struct ml_intel *intel, struct ml_error *error)
{
    static const enum ml_data sets[] = {ML_DATA_ASN};
    static const struct recipe recipe = {"networks-1.pack", sets, 1};
    uint8_t key[ML_PACK_KEY];
    char path[ML_DATA_PATH];
    if (!intel->datasets.rows[ML_DATA_ASN].is_present || !prepare(intel, &recipe, key, path) ||
        ml_asn_table_open(path, key, &intel->networks)) {
        return ML_OK;
    }
    struct sources sources = {.n = 0};
    struct ml_error cause = {0};
    enum ml_status status = ML_OK;
    if (add_source(&intel->datasets, &sources, ML_DATA_ASN)) {
        struct ml_span texts[MAX_SOURCES];
        for (size_t i = 0; i < sources.n; i++) {
            texts[i] = sources.files[i].bytes;
        }
        status = ml_asn_table_make(texts, sources.n, path, key, &intel->networks, &cause);
    }
    close_sources(&sources);
    return drop_bad(&intel->datasets, ML_DATA_ASN, status, &cause, error);
}

static enum ml_status open_companies(struct ml_intel *intel, struct ml_error *error)
{
    static const enum ml_data sets[] = {ML_DATA_COMPANIES};
    static const struct recipe recipe = {"companies-1.pack", sets, 1};
    uint8_t key[ML_PACK_KEY];
    char path[ML_DATA_PATH];
    if (!intel->datasets.rows[ML_DATA_COMPANIES].is_present || !prepare(intel, &recipe, key, path) ||
        ml_suffixes_open(path, key, &intel->companies)) {
        return ML_OK;
    }
    struct sources sources = {.n = 0};
    struct ml_error cause = {0};
    enum ml_status status = ML_OK;
    if (add_source(&intel->datasets, &sources, ML_DATA_COMPANIES)) {
        status = ml_company_list_make(sources.files[0].bytes, path, key, &intel->companies, &cause);
    }
    close_sources(&sources);
    return drop_bad(&intel->datasets, ML_DATA_COMPANIES, status, &cause, error);
}

/* Builds the host lists out of those that can be read; a list that cannot be used is dropped and the rest is tried. */
static enum ml_status make_lists(struct ml_intel *intel, struct ml_error *error)
{
    static const struct recipe recipe = {"hosts-1.pack", list_data, ML_HOST_LISTS};
    for (;;) {
        uint8_t key[ML_PACK_KEY];
        char path[ML_DATA_PATH];
        if (!prepare(intel, &recipe, key, path) || ml_suffixes_open(path, key, &intel->host_lists)) {
            return ML_OK;
        }
        struct sources sources = {.n = 0};
        struct ml_host_list lists[ML_HOST_LISTS];
        bool is_whole = true;
        for (size_t i = 0; i < ML_HOST_LISTS; i++) {
            lists[i] = ml_intel_host_lists[i];
            if (intel->datasets.rows[list_data[i]].is_present) {
                bool is_there = add_source(&intel->datasets, &sources, list_data[i]);
                lists[i].text = is_there ? sources.files[sources.n - 1].bytes : lists[i].text;
                is_whole = is_whole && is_there;
            }
        }
        struct ml_error cause = {0};
        enum ml_status status = ML_OK;
        if (is_whole) {
            status = ml_host_lists_make(lists, path, key, &intel->host_lists, &cause);
        }
        close_sources(&sources);
        if (status == ML_NO_MEMORY || (status == ML_OK && is_whole)) {
            return status == ML_OK ? ML_OK : ml_error_set(error, ML_NO_MEMORY, "out of memory");
        }
        if (status != ML_OK) {
            (void)drop_bad(&intel->datasets, list_data[cause.column], status, &cause, NULL); /* not out of memory */
        }
    }
}

static enum ml_status open_lists(struct ml_intel *intel, struct ml_error *error)
{
    for (size_t i = 0; i < ML_HOST_LISTS; i++) {
        if (intel->datasets.rows[list_data[i]].is_present) {
            return make_lists(intel, error);
        }
    }
    return ML_OK;
}

static enum ml_status open_mmdb(struct ml_intel *intel, enum ml_data data, struct ml_mmdb **out, struct ml_error *error)
{
    char path[ML_DATA_PATH];
    if (!intel->datasets.rows[data].is_present || !ml_datasets_path(&intel->datasets, data, 0, path)) {
        return ML_OK;
    }
    struct ml_error cause = {0};
    return drop_bad(&intel->datasets, data, ml_mmdb_open(path, out, &cause), &cause, error);
}

/* A second's work, worth it only when it is kept. Without it each address is asked for, and that is all. */
static void open_flag_blocks(struct ml_intel *intel)
{
    static const enum ml_data sets[] = {ML_DATA_LIBLOC};
    static const struct recipe recipe = {"flag-blocks-1.pack", sets, 1};
    uint8_t key[ML_PACK_KEY];
    char folder[ML_DATA_PATH];
    char path[ML_DATA_PATH];
    if (prepare(intel, &recipe, key, path) && !ml_flag_blocks_open(path, key, &intel->flag_blocks) &&
        ml_datasets_cache(&intel->datasets, "", folder) && access(folder, W_OK) == 0) {
        ml_flag_blocks_make(intel->flags, path, key, &intel->flag_blocks);
    }
}

static enum ml_status open_flags(struct ml_intel *intel, struct ml_error *error)
{
    char path[ML_DATA_PATH];
    if (!intel->datasets.rows[ML_DATA_LIBLOC].is_present ||
        !ml_datasets_path(&intel->datasets, ML_DATA_LIBLOC, 0, path)) {
        return ML_OK;
    }
    struct ml_error cause = {0};
    enum ml_status status = ml_flags_open(path, &intel->flags, &cause);
    if (status == ML_OK) {
        open_flag_blocks(intel);
    }
    return drop_bad(&intel->datasets, ML_DATA_LIBLOC, status, &cause, error);
}

static enum ml_status open_domains(struct ml_intel *intel, struct ml_error *error)
{
    char path[ML_DATA_PATH];
    bool is_there =
        intel->datasets.rows[ML_DATA_PSL].is_present && ml_datasets_path(&intel->datasets, ML_DATA_PSL, 0, path);
    bool is_used = false;
    if (ml_domains_open(is_there ? path : NULL, &intel->domains, &is_used) != ML_OK) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    if (is_there && !is_used) {
        ml_datasets_drop(&intel->datasets, ML_DATA_PSL, "not a public suffix list");
    }
    return ML_OK;
}

static enum ml_status open_data(struct ml_intel *intel, const char *folder, struct ml_error *error)
{
    enum ml_status status = ml_datasets_open(folder, &intel->datasets, error);
    if (status == ML_OK) {
        status = open_mmdb(intel, ML_DATA_DBIP, &intel->location, error);
    }
    if (status == ML_OK) {
        status = open_mmdb(intel, ML_DATA_IPTOASN, &intel->registration, error);
    }
    static enum ml_status (*const rest[])(struct ml_intel *, struct ml_error *) = {
        open_location2, open_networks, open_flags, open_domains, open_companies, open_lists};
    for (size_t i = 0; status == ML_OK && i < sizeof rest / sizeof *rest; i++) {
        status = rest[i](intel, error);
    }
    return status;
}

/* Own tables are part of the program's rules: an error in them is an error of the run. */
static enum ml_status open_rules(struct ml_intel *intel, const char *folder, struct ml_error *error)
{
    char path[ML_DATA_PATH];
    struct ml_datasets *datasets = &intel->datasets;
    if (strlen(folder) > ML_DATA_PATH - 32) {
        return ml_error_set(error, ML_LIMIT, "the path of the rules is too long");
    }
    (void)snprintf(path, sizeof path, "%s/operators", folder); /* the length has been looked at */
    enum ml_status status = ml_operators_read(path, &intel->operators, error);
    if (status == ML_OK) {
        ml_datasets_own(datasets, ML_DATA_OPERATORS, &intel->operators.info);
        (void)snprintf(path, sizeof path, "%s/trackers", folder);
        status = ml_tracker_rows_read(path, &intel->operators, &intel->tracker_rows, error);
    }
    if (status == ML_OK) {
        ml_datasets_own(datasets, ML_DATA_TRACKERS, &intel->tracker_rows.info);
        (void)snprintf(path, sizeof path, "%s/jurisdictions", folder);
        status = ml_jurisdictions_read(path, &intel->jurisdictions, error);
    }
    if (status == ML_OK) {
        ml_datasets_own(datasets, ML_DATA_JURISDICTIONS, &intel->jurisdictions.info);
    }
    return status;
}

enum ml_status ml_intel_open(const char *data_folder, const char *rules_folder, struct ml_intel **out,
                             struct ml_error *error)
{
    *out = NULL;
    struct ml_intel *intel = ml_mem_array(1, sizeof *intel);
    if (intel == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    enum ml_status status = open_data(intel, data_folder, error);
    if (status == ML_OK && rules_folder != NULL) {
        status = open_rules(intel, rules_folder, error);
    }
    if (status != ML_OK) {
        ml_intel_close(intel);
        return status;
    }
    *out = intel; /* given to caller */
    return ML_OK;
}

void ml_intel_close(struct ml_intel *intel)
{
    if (intel == NULL) {
        return;
    }
    ml_suffixes_close(&intel->host_lists);
    ml_suffixes_close(&intel->companies);
    ml_domains_close(intel->domains);
    ml_flag_blocks_close(&intel->flag_blocks);
    ml_flags_close(intel->flags);
    ml_asn_table_close(&intel->networks);
    ml_country_table_close(&intel->location2);
    ml_mmdb_close(intel->location);
    ml_mmdb_close(intel->registration);
    ml_jurisdictions_fini(&intel->jurisdictions);
    ml_tracker_rows_fini(&intel->tracker_rows);
    ml_operators_fini(&intel->operators);
    ml_datasets_fini(&intel->datasets);
    ml_mem_free(intel);
}

size_t ml_intel_datasets(const struct ml_intel *intel)
{
    (void)intel; /* rows are there for every data set known, present or not */
    return ML_N_DATA;
}

const struct ml_dataset *ml_intel_dataset(const struct ml_intel *intel, size_t index)
{
    ML_ASSERT(index < ML_N_DATA);
    return &intel->datasets.rows[index];
}

enum ml_status ml_intel_borders(const struct ml_intel *intel, struct ml_borders **out, struct ml_error *error)
{
    char path[ML_DATA_PATH];
    struct ml_mapped mapped;
    *out = NULL;
    if (!intel->datasets.rows[ML_DATA_MAP].is_present || !ml_datasets_path(&intel->datasets, ML_DATA_MAP, 0, path) ||
        ml_mapped_open(path, &mapped, NULL) != ML_OK) {
        return ml_error_set(error, ML_NOT_FOUND, "no outlines of countries");
    }
    enum ml_status status = ml_borders_parse(mapped.bytes, out, error);
    ml_mapped_close(&mapped);
    return status == ML_BAD_INPUT ? ML_NOT_FOUND : status;
}

const struct ml_company *ml_intel_company(const struct ml_intel *intel, struct ml_span id)
{
    return ml_operators_company(&intel->operators, id);
}

const char *ml_intel_class_in(const struct ml_intel *intel, const char *regime, const char *country, int64_t on_time_ns)
{
    return ml_jurisdictions_class(&intel->jurisdictions, regime, country, on_time_ns);
}

const char *ml_intel_class(const struct ml_intel *intel, const char *country, int64_t on_time_ns)
{
    return ml_intel_class_in(intel, "gdpr", country, on_time_ns);
}
