/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/case.h"

#include "core/mem.h"
#include "core/text.h"
#include "core/timefmt.h"
#include "core/yaml.h"

#include <stdlib.h>

enum { MAX_DEGREE_DIGITS = 12, MAX_DECLARED = 250, MAX_STEPS = 1000 };

struct ml_case_file {
    struct ml_case values;
    struct ml_yaml_file yaml; /* owned; holds the texts */
    const char *countries[MAX_DECLARED + 1];
    const char *domains[MAX_DECLARED + 1];
    struct ml_case_step steps[MAX_STEPS];
};

struct loader {
    struct ml_case_file *file;
    struct ml_error *error;
};

static enum ml_status refuse(const struct loader *loader, const struct ml_yaml *node, const char *problem)
{
    return ml_yaml_refuse(&loader->file->yaml, node, loader->error, "%s", problem);
}

static enum ml_status check_keys(const struct loader *loader, const struct ml_yaml *map, const char *const *allowed)
{
    if (map->kind != ML_YAML_MAP) {
        return refuse(loader, map, "wants keys and values");
    }
    for (const struct ml_yaml *child = map->first; child != NULL; child = child->next) {
        size_t i = 0;
        while (allowed[i] != NULL && !ml_span_equal(child->key, ml_span_text(allowed[i]))) {
            i++;
        }
        if (allowed[i] == NULL) {
            return ml_yaml_refuse(&loader->file->yaml, child, loader->error, "unknown key '%.*s'", (int)child->key.len,
                                  (const char *)child->key.ptr);
        }
    }
    return ML_OK;
}

static enum ml_status take_text(const struct loader *loader, const struct ml_yaml *map, const char *key,
                                const char **out)
{
    const struct ml_yaml *node = ml_yaml_get(map, key);
    if (node == NULL) {
        return ML_OK;
    }
    if (node->kind != ML_YAML_SCALAR || node->text.len == 0 || strlen((const char *)node->text.ptr) != node->text.len) {
        return refuse(loader, node, "wants a text");
    }
    *out = (const char *)node->text.ptr;
    return ML_OK;
}

/* "-12.345": digits with at most one point, so that no locale and no exponent comes into it. */
static enum ml_status take_degrees(const struct loader *loader, const struct ml_yaml *map, const char *key,
                                   double limit, const char **text, double *out)
{
    const struct ml_yaml *node = ml_yaml_get(map, key);
    enum ml_status status = take_text(loader, map, key, text);
    if (status != ML_OK || node == NULL) {
        return status;
    }
    const char *at = *text + (**text == '-' ? 1 : 0);
    size_t whole = strspn(at, "0123456789");
    size_t part = at[whole] == '.' ? strspn(at + whole + 1, "0123456789") : 0;
    size_t end = whole + (at[whole] == '.' ? part + 1 : 0);
    *out = strtod(*text, NULL);
    if (whole == 0 || at[end] != '\0' || (at[whole] == '.' && part == 0) || end > MAX_DEGREE_DIGITS || *out > limit ||
        *out < -limit) {
        return refuse(loader, node, "wants degrees, as 50.11");
    }
    return ML_OK;
}

static enum ml_status check_country(const struct loader *loader, const struct ml_yaml *node)
{
    const uint8_t *text = node->text.ptr;
    if (node->kind != ML_YAML_SCALAR || node->text.len != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' ||
        text[1] > 'Z') {
        return refuse(loader, node, "wants a country code of two capital letters");
    }
    return ML_OK;
}

static enum ml_status take_country(const struct loader *loader, const struct ml_yaml *map, char country[3])
{
    const struct ml_yaml *node = ml_yaml_get(map, "country");
    enum ml_status status = node != NULL ? check_country(loader, node) : ML_OK;
    if (status == ML_OK && node != NULL) {
        memcpy(country, node->text.ptr, 2);
    }
    return status;
}

/* A name with a dot, in small letters as the program writes domains. */
static enum ml_status check_domain(const struct loader *loader, const struct ml_yaml *node)
{
    bool has_dot = false;
    for (size_t i = 0; node->kind == ML_YAML_SCALAR && i < node->text.len; i++) {
        uint8_t c = node->text.ptr[i];
        has_dot = has_dot || (c == '.' && i != 0 && i + 1 != node->text.len);
        if (c <= ' ' || c >= 0x7f || c == '/' || c == '*' || (c >= 'A' && c <= 'Z')) {
            return refuse(loader, node, "wants a domain in small letters, as example.com");
        }
    }
    return has_dot ? ML_OK : refuse(loader, node, "wants a domain in small letters, as example.com");
}

/* A list of texts, each of which `check` lets pass; *declared stays NULL without one. */
static enum ml_status take_list(const struct loader *loader, const struct ml_yaml *list, const char *wanted,
                                enum ml_status (*check)(const struct loader *, const struct ml_yaml *),
                                const char **texts, const char *const **declared)
{
    size_t n = 0;
    if (list == NULL) {
        return ML_OK;
    }
    if (list->kind != ML_YAML_LIST || list->n == 0 || list->n > MAX_DECLARED) {
        return refuse(loader, list, wanted);
    }
    for (const struct ml_yaml *node = list->first; node != NULL; node = node->next) {
        enum ml_status status = check(loader, node);
        if (status != ML_OK) {
            return status;
        }
        texts[n++] = (const char *)node->text.ptr;
    }
    *declared = texts;
    return ML_OK;
}

static enum ml_status take_declared(const struct loader *loader, const struct ml_yaml *map)
{
    struct ml_case_file *file = loader->file;
    enum ml_status status = take_list(loader, ml_yaml_get(map, "declared_countries"), "wants a list of country codes",
                                      check_country, file->countries, &file->values.declared_countries);
    return status != ML_OK ? status
                           : take_list(loader, ml_yaml_get(map, "declared_domains"), "wants a list of domains",
                                       check_domain, file->domains, &file->values.declared_domains);
}

static enum ml_status take_step(const struct loader *loader, const struct ml_yaml *node, struct ml_case_step *out)
{
    static const char *const allowed[] = {"at", "step", NULL};
    static const char *const words[] = {"start",        "input",          "typing",       "backup",
                                        "mini_program", "identity_check", "side_service", "close"};
    const char *at = NULL;
    const char *word = NULL;
    enum ml_status status = check_keys(loader, node, allowed);
    status = status == ML_OK ? take_text(loader, node, "at", &at) : status;
    status = status == ML_OK ? take_text(loader, node, "step", &word) : status;
    if (status != ML_OK) {
        return status;
    }
    if (at == NULL || !ml_time_parse(ml_span_text(at), &out->at_ns)) {
        return refuse(loader, node, "wants 'at' as 2026-03-02T08:30:00Z");
    }
    for (size_t i = 0; word != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) == 0) {
            out->step = words[i];
            return ML_OK;
        }
    }
    return refuse(loader, node,
                  "wants 'step': start, input, typing, backup, mini_program, identity_check, side_service or close");
}

static enum ml_status take_steps(const struct loader *loader, const struct ml_yaml *map)
{
    struct ml_case_file *file = loader->file;
    const struct ml_yaml *list = ml_yaml_get(map, "steps");
    size_t n = 0;
    if (list == NULL) {
        return ML_OK;
    }
    if (list->kind != ML_YAML_LIST || list->n == 0 || list->n > MAX_STEPS) {
        return refuse(loader, list, "wants a list of steps");
    }
    for (const struct ml_yaml *node = list->first; node != NULL; node = node->next, n++) {
        enum ml_status status = take_step(loader, node, &file->steps[n]);
        if (status != ML_OK) {
            return status;
        }
        if (n != 0 && file->steps[n].at_ns < file->steps[n - 1].at_ns) {
            return refuse(loader, node, "is earlier than the step before it");
        }
    }
    file->values.steps = file->steps;
    file->values.n_steps = n;
    return ML_OK;
}

static enum ml_status take_vantage(const struct loader *loader, const struct ml_yaml *node)
{
    static const char *const allowed[] = {"access_delay_us", "country", "lat", "lon", NULL};
    struct ml_case *values = &loader->file->values;
    struct ml_vantage *vantage = &values->vantage;
    int64_t delay = 0;
    const struct ml_yaml *delay_node = ml_yaml_get(node, "access_delay_us");
    enum ml_status status = check_keys(loader, node, allowed);
    status = status == ML_OK ? take_country(loader, node, vantage->country) : status;
    status = status == ML_OK ? take_degrees(loader, node, "lat", 90, &values->lat, &vantage->place.lat) : status;
    status = status == ML_OK ? take_degrees(loader, node, "lon", 180, &values->lon, &vantage->place.lon) : status;
    if (status != ML_OK) {
        return status;
    }
    vantage->has_place = values->lat != NULL;
    if ((values->lat != NULL) != (values->lon != NULL) || vantage->has_place == (vantage->country[0] != '\0')) {
        return refuse(loader, node, "wants either country, or both lat and lon");
    }
    if (delay_node != NULL && (!ml_yaml_number(delay_node, &delay) || delay < 0 || delay > 10000000)) {
        return refuse(loader, delay_node, "wants microseconds, 0 to 10000000");
    }
    vantage->access_delay_us = (uint32_t)delay;
    values->has_vantage = true;
    return ML_OK;
}

static enum ml_status take_capture_at(const struct loader *loader, const struct ml_yaml *map)
{
    static const char *const words[] = {"unknown", "gateway", "device"}; /* order of enum ml_capture_at */
    struct ml_case *values = &loader->file->values;
    const char *word = words[0];
    enum ml_status status = take_text(loader, map, "capture_at", &word);
    for (size_t i = 0; status == ML_OK && i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            values->capture_at = words[i];
            values->vantage.capture_at = (enum ml_capture_at)i;
            return ML_OK;
        }
    }
    return status != ML_OK ? status : refuse(loader, ml_yaml_get(map, "capture_at"), "is gateway, device or unknown");
}

static enum ml_status take_proxy(const struct loader *loader, const struct ml_yaml *map)
{
    struct ml_case *values = &loader->file->values;
    const struct ml_yaml *node = ml_yaml_get(map, "proxy");
    values->has_proxy_word = node != NULL;
    if (node != NULL && !ml_yaml_truth(node, &values->proxy)) {
        return refuse(loader, node, "is true or false");
    }
    values->vantage.excludes_proxy = node != NULL && !values->proxy;
    return ML_OK;
}

static enum ml_status take_case(const struct loader *loader)
{
    static const char *const allowed[] = {"capture_at",       "declared_countries",
                                          "declared_domains", "proxy",
                                          "purpose",          "reference",
                                          "scenario",         "steps",
                                          "vantage",          NULL};
    struct ml_case *values = &loader->file->values;
    if (loader->file->yaml.n_documents != 1) {
        return ml_error_set(loader->error, ML_BAD_INPUT, "a case file is one document");
    }
    const struct ml_yaml *root = loader->file->yaml.documents[0];
    enum ml_status status = check_keys(loader, root, allowed);
    status = status == ML_OK ? take_text(loader, root, "purpose", &values->purpose) : status;
    status = status == ML_OK ? take_text(loader, root, "reference", &values->reference) : status;
    status = status == ML_OK ? take_text(loader, root, "scenario", &values->scenario) : status;
    status = status == ML_OK ? take_capture_at(loader, root) : status;
    status = status == ML_OK ? take_proxy(loader, root) : status;
    status = status == ML_OK ? take_declared(loader, root) : status;
    status = status == ML_OK ? take_steps(loader, root) : status;
    const struct ml_yaml *vantage = status == ML_OK ? ml_yaml_get(root, "vantage") : NULL;
    return vantage != NULL ? take_vantage(loader, vantage) : status;
}

enum ml_status ml_case_file_read(const char *path, struct ml_case_file **out, struct ml_error *error)
{
    struct loader loader = {.file = ml_mem_array(1, sizeof *loader.file), .error = error};
    *out = NULL;
    if (loader.file == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    ml_error_at(error, path, 0, 0);
    enum ml_status status = ml_sha256_file(path, loader.file->values.sha256, error);
    status = status == ML_OK ? ml_yaml_read(path, &loader.file->yaml, error) : status;
    status = status == ML_OK ? take_case(&loader) : status;
    if (status != ML_OK) {
        ml_case_file_free(loader.file);
        return status;
    }
    *out = loader.file; /* given to caller */
    return ML_OK;
}

const struct ml_case *ml_case_file_get(const struct ml_case_file *file)
{
    return file != NULL ? &file->values : NULL;
}

void ml_case_file_free(struct ml_case_file *file)
{
    if (file != NULL) {
        ml_yaml_fini(&file->yaml);
        ml_mem_free(file);
    }
}
