/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/trackers.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

static const char *const name_roles[] = {
    "push",         /* push notifications */
    "doh",          /* DNS over HTTPS or TLS resolver */
    "ocsp",         /* certificate status */
    "ntp",          /* time */
    "connectivity", /* checks for a captive portal */
    "telemetry",    /* reports on device or app to the maker */
    "stun",         /* address discovery and relays of calls */
    "location",     /* helps a device find its place */
    "config",       /* remote configuration, feature switches */
    "consent",      /* consent management */
    "update",       /* app and system updates */
    "captcha",      /* tells people from programs */
    NULL,
};

static const char *const categories[] = {"advertising", "analytics",  "attribution", "crash",
                                         "engagement",  "identifier", "push",        "social",
                                         "tag-manager", "telemetry",  "tracking",    NULL};

const char *ml_tracker_category(const char *listed)
{
    static const struct {
        const char *listed;
        const char *ours;
    } words[] = {
        {"ad", "advertising"},       {"analytics", "analytics"},
        {"marketing", "engagement"}, {"customer-success", "engagement"},
        {"social", "social"},        {"tag-manager", "tag-manager"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].listed, listed) == 0) {
            return words[i].ours;
        }
    }
    return "";
}

void ml_tracker_rows_fini(struct ml_tracker_rows *rows)
{
    ml_map_fini(&rows->hosts);
    ml_mem_free(rows->rows);
    ml_arena_fini(&rows->arena);
    *rows = (struct ml_tracker_rows){0};
}

const struct ml_tracker_row *ml_tracker_rows_find(const struct ml_tracker_rows *rows, struct ml_span host,
                                                  size_t domain_len, size_t *matched)
{
    *matched = 0;
    do {
        const struct ml_map_entry *entry = ml_map_find(&rows->hosts, host);
        if (entry != NULL) {
            *matched = host.len;
            return rows->rows[entry->value];
        }
    } while (ml_suffix_parent(&host, domain_len));
    return NULL;
}

struct reader {
    struct ml_tracker_rows *out;
    const struct ml_operators *operators;
};

static enum ml_status read_company(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *node,
                                   struct ml_tracker_row *row, struct ml_error *error)
{
    struct ml_span id = ml_yaml_text(node, "company", "");
    if (id.len == 0) {
        return ML_OK;
    }
    row->company = ml_operators_company(r->operators, id);
    if (row->company == NULL) {
        return ml_yaml_refuse(file, ml_yaml_get(node, "company"), error, "there is no company \"%.*s\"", (int)id.len,
                              (const char *)id.ptr);
    }
    return ML_OK;
}

static enum ml_status read_category(const struct ml_yaml_file *file, const struct ml_yaml *node,
                                    struct ml_tracker_row *row, struct ml_error *error)
{
    row->category = "";
    const struct ml_yaml *tracker = ml_yaml_get(node, "tracker");
    if (tracker == NULL || !ml_yaml_truth(tracker, &row->is_tracker)) {
        return ml_yaml_refuse(file, node, error, "\"tracker\" must be true or false");
    }
    struct ml_span text = ml_yaml_text(node, "category", "");
    for (const char *const *word = categories; *word != NULL; word++) {
        if (ml_span_equal(text, ml_span_text(*word))) {
            row->category = *word;
        }
    }
    if (text.len != 0 && row->category[0] == '\0') {
        return ml_yaml_refuse(file, node, error, "unknown category \"%.*s\"", (int)text.len, (const char *)text.ptr);
    }
    if (row->is_tracker && text.len == 0) {
        return ml_yaml_refuse(file, node, error, "a tracker needs a category");
    }
    return ML_OK;
}

/* Adds the row under its host, which is in lower case and unique. */
static enum ml_status add_row(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *node,
                              struct ml_tracker_row *row, struct ml_error *error)
{
    char host[256];
    struct ml_span text = ml_yaml_text(node, "host", "");
    size_t len = ml_host_normal(text, host, sizeof host);
    if (len == 0 || !ml_span_equal(text, ml_span_of(host, len))) {
        return ml_yaml_refuse(file, node, error, "\"host\" must be a host name in lower case");
    }
    struct ml_tracker_rows *out = r->out;
    bool is_new = false;
    if (ml_map_add(&out->hosts, text, (uint32_t)out->n, &is_new) == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    if (!is_new) {
        return ml_yaml_refuse(file, node, error, "this host stands in another row as well");
    }
    struct ml_tracker_row **rows = ml_mem_resize(out->rows, out->n + 1, sizeof *rows);
    if (rows == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    out->rows = rows;
    rows[out->n++] = row;
    return ML_OK;
}

static enum ml_status read_row(struct reader *r, const struct ml_yaml_file *file, const struct ml_yaml *node,
                               struct ml_error *error)
{
    static const char *const keys[] = {"host", "company", "tracker", "category", "roles", "note", NULL};
    struct ml_tracker_row *row = ml_arena_get(&r->out->arena, sizeof *row);
    if (row == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    enum ml_status status = ml_folder_keys(file, node, keys, error);
    if (status == ML_OK) {
        status = read_company(r, file, node, row, error);
    }
    if (status == ML_OK) {
        status = read_category(file, node, row, error);
    }
    if (status == ML_OK) {
        status = ml_folder_words(file, node, "roles", name_roles, row->roles, ML_MAX_ROLES, &row->n_roles, error);
    }
    return status == ML_OK ? add_row(r, file, node, row, error) : status;
}

static enum ml_status read_root(void *context, const struct ml_yaml_file *file, const struct ml_yaml *root,
                                struct ml_error *error)
{
    static const char *const keys[] = {"as_of", "hosts", NULL};
    enum ml_status status = ml_folder_keys(file, root, keys, error);
    const struct ml_yaml *hosts = ml_yaml_get(root, "hosts");
    if (status == ML_OK && (hosts == NULL || hosts->kind != ML_YAML_LIST)) {
        status = ml_yaml_refuse(file, root, error, "\"hosts\" must be a list");
    }
    for (const struct ml_yaml *node = status == ML_OK ? hosts->first : NULL; node != NULL && status == ML_OK;
         node = node->next) {
        status = read_row(context, file, node, error);
    }
    return status;
}

enum ml_status ml_tracker_rows_read(const char *folder, const struct ml_operators *operators,
                                    struct ml_tracker_rows *out, struct ml_error *error)
{
    *out = (struct ml_tracker_rows){0};
    ml_arena_init(&out->arena, false);
    ml_map_init(&out->hosts, ML_MAX_OPERATOR_ROWS);
    struct reader r = {.out = out, .operators = operators};
    enum ml_status status = ml_folder_read(folder, read_root, &r, &out->info, error);
    if (status != ML_OK) {
        ml_tracker_rows_fini(out);
    }
    return status;
}
