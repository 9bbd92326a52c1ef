/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/resources.h"

#include "cli/bundle.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "core/buf.h"
#include "core/mem.h"
#include "core/path.h"
#include "report/locale.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool holds_rules(const char *folder)
{
    char *path = ml_path_join(folder, "rules/apps");
    bool is_there = path != NULL && access(path, R_OK | X_OK) == 0;
    ml_mem_free(path);
    return is_there;
}

/* Cuts the last part off `path`; false at the root. */
static bool to_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) {
        return false;
    }
    *slash = '\0';
    return true;
}

char *ml_resources_share(void)
{
    const char *given = getenv("MITLESER_SHARE");
    if (given != NULL && given[0] != '\0') {
        if (holds_rules(given)) {
            return ml_mem_text(given, strlen(given));
        }
        ml_complain("MITLESER_SHARE: no rules folder in '%s'", given);
        return NULL;
    }
    char program[4096];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    program[len > 0 ? len : 0] = '\0';
    while (to_parent(program)) {
        char *installed = ml_path_join(program, "share/mitleser");
        if (installed != NULL && holds_rules(installed)) {
            return installed;
        }
        ml_mem_free(installed);
        if (holds_rules(program)) {
            return ml_mem_text(program, strlen(program));
        }
    }
    ml_complain("cannot find the rules folder; set MITLESER_SHARE to the folder that holds rules/");
    return NULL;
}

/* The usual place of the data sets; gives the path, NULL when the environment names none. */
static char *data_folder(const struct ml_options *options)
{
    const char *given = options->data != NULL ? options->data : getenv("MITLESER_DATA");
    if (given != NULL && given[0] != '\0') {
        return ml_mem_text(given, strlen(given));
    }
    const char *xdg = getenv("XDG_DATA_HOME");
    if (xdg != NULL && xdg[0] == '/') {
        return ml_path_join(xdg, "mitleser/data");
    }
    const char *home = getenv("HOME");
    return home != NULL ? ml_path_join(home, ".local/share/mitleser/data") : NULL;
}

static int find_share(struct ml_resources *resources)
{
    if (resources->share == NULL) {
        resources->share = ml_resources_share();
    }
    return resources->share != NULL ? ML_EXIT_DONE : ML_EXIT_USAGE;
}

int ml_resources_load_intel(struct ml_resources *resources, const struct ml_options *options)
{
    struct ml_error error = {0};
    int code = find_share(resources);
    if (code != ML_EXIT_DONE) {
        return code;
    }
    char *data = data_folder(options);
    char *rules = ml_path_join(resources->share, "rules");
    enum ml_status status = rules != NULL ? ml_intel_open(data, rules, &resources->intel, &error) : ML_NO_MEMORY;
    ml_mem_free(data);
    ml_mem_free(rules);
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

int ml_resources_load_rules(struct ml_resources *resources, const struct ml_options *options)
{
    struct ml_error error = {0};
    int code = find_share(resources);
    if (code != ML_EXIT_DONE) {
        return code;
    }
    char *own = ml_path_join(resources->share, "rules");
    char *lists = ml_path_join(resources->share, "rules/lists");
    const char *const built_in[] = {own};
    enum ml_status status = ML_NO_MEMORY;
    if (own != NULL && lists != NULL) {
        status = ml_rules_load(options->n_rules != 0 ? options->rules : built_in,
                               options->n_rules != 0 ? options->n_rules : 1, lists, &resources->rules, &error);
    }
    ml_mem_free(own);
    ml_mem_free(lists);
    if (status == ML_OK && options->n_rules != 0 && ml_rules_count(resources->rules) == 0) {
        /* A wrong folder must not pass for an audit without findings. */
        ml_error_at(&error, options->rules[0], 0, 0);
        status = ml_error_set(&error, ML_BAD_INPUT, "no rule there");
    }
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

static int load_apps(struct ml_resources *resources)
{
    struct ml_error error = {0};
    char *folder = ml_path_join(resources->share, "rules/apps");
    enum ml_status status = folder != NULL ? ml_apps_load(folder, &resources->apps, &error) : ML_NO_MEMORY;
    ml_mem_free(folder);
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

int ml_resources_load_taxonomy(struct ml_resources *resources)
{
    struct ml_error error = {0};
    if (find_share(resources) != ML_EXIT_DONE) {
        return ML_EXIT_USAGE;
    }
    char *path = ml_path_join(resources->share, "rules/taxonomy/taxonomy.yaml");
    enum ml_status status = path != NULL ? ml_taxonomy_load(path, &resources->taxonomy, &error) : ML_NO_MEMORY;
    ml_mem_free(path);
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

int ml_resources_load_locale(struct ml_resources *resources, const struct ml_options *options)
{
    struct ml_error error = {0};
    char name[64];
    if (find_share(resources) != ML_EXIT_DONE) {
        return ML_EXIT_USAGE;
    }
    (void)snprintf(name, sizeof name, "reports/locales/%s.yaml", options->language);
    char *path = ml_path_join(resources->share, name);
    enum ml_status status = path != NULL ? ml_locale_read(path, &resources->locale, &error) : ML_NO_MEMORY;
    ml_mem_free(path);
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

static enum ml_status read_planted(struct ml_resources *resources, const struct ml_options *options,
                                   struct ml_error *error)
{
    enum ml_status status = ML_OK;
    if (options->identities != NULL) {
        status = ml_identities_read(options->identities, &resources->identities, error);
    }
    if (status == ML_OK && options->bundle != NULL) {
        status = ml_bundle_identities(options->bundle, &resources->identities, options->is_quiet, error);
        status = status == ML_OK ? ml_bundle_sockets(options->bundle, &resources->sockets, error) : status;
    }
    return status;
}

static int load_identities(struct ml_resources *resources, const struct ml_options *options)
{
    struct ml_error error = {0};
    ml_sockets_init(&resources->sockets);
    enum ml_status status = read_planted(resources, options, &error);
    if (status == ML_OK && resources->identities.n != 0) {
        resources->patterns = ml_patterns_new(&resources->identities, &error);
        status = resources->patterns != NULL ? ML_OK : ML_NO_MEMORY;
        if (resources->identities.n > ML_MAX_NESTED_DIGESTS && !options->is_quiet) {
            ml_complain(
                "%zu values are planted: digests of digests and of encoded values are not looked for (up to %d)",
                resources->identities.n, ML_MAX_NESTED_DIGESTS);
        }
    }
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    return ml_exit_of(status);
}

int ml_resources_load(struct ml_resources *resources, const struct ml_options *options)
{
    int code = load_identities(resources, options);
    code = code == ML_EXIT_DONE ? ml_resources_load_rules(resources, options) : code;
    code = code == ML_EXIT_DONE ? load_apps(resources) : code;
    code = code == ML_EXIT_DONE ? ml_resources_load_taxonomy(resources) : code;
    return code == ML_EXIT_DONE ? ml_resources_load_intel(resources, options) : code;
}

void ml_resources_free(struct ml_resources *resources)
{
    ml_rules_free(resources->rules);
    ml_apps_free(resources->apps);
    ml_intel_close(resources->intel);
    ml_taxonomy_free(resources->taxonomy);
    ml_locale_free(resources->locale);
    ml_patterns_free(resources->patterns);
    ml_identities_fini(&resources->identities);
    ml_sockets_fini(&resources->sockets);
    ml_mem_free(resources->share);
    *resources = (struct ml_resources){0};
}
