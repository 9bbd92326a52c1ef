/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endpoints that a report leaves to endpoints.ndjson, line by line: memory holds one line and the rows of the
 * comparison. The lines must be those of the report, endpoint for endpoint; else none of them counts.
 */
#include "report/compare.h"

#include "core/mem.h"
#include "core/path.h"

#include <stdio.h>

enum { MAX_LINE = 1 << 20 };

struct rest {
    struct ml_compare *compare;
    unsigned run;
    const json_t *listed; /* endpoints of the body */
    uint64_t total;
    FILE *file;
    char *line; /* owned; MAX_LINE */
};

/* The next line as a tree; NULL at the end, and for what is no line of ours. */
static json_t *next_row(struct rest *rest)
{
    struct ml_error error = {0};
    json_t *row = NULL;
    if (fgets(rest->line, MAX_LINE, rest->file) == NULL) {
        return NULL;
    }
    size_t len = strlen(rest->line);
    if (len == 0 || rest->line[len - 1] != '\n' ||
        ml_report_parse("endpoints.ndjson", ml_span_of(rest->line, len), &row, &error) != ML_OK) {
        return NULL;
    }
    return row;
}

static const char *text_of(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key)); /* NULL without one */
}

static bool is_row_of(const json_t *row, const json_t *endpoint)
{
    const char *ip = text_of(row, "dst.ip");
    return strcmp(ml_report_text_of(endpoint, "ip"), ip != NULL ? ip : "") == 0 &&
           json_integer_value(json_object_get(endpoint, "port")) ==
               json_integer_value(json_object_get(row, "dst.port"));
}

/* Are there `total` lines, the first of them the endpoints that the report lists? */
static bool is_of_report(struct rest *rest)
{
    uint64_t n = 0;
    for (json_t *row = next_row(rest); row != NULL; row = next_row(rest)) {
        const json_t *listed = json_array_get(rest->listed, (size_t)n);
        bool is_same = listed == NULL || is_row_of(row, listed);
        json_decref(row);
        if (!is_same) {
            return false;
        }
        n++;
    }
    return n == rest->total && fgetc(rest->file) == EOF;
}

static json_t *names_of(const json_t *row)
{
    json_t *names = json_array();
    const json_t *list = json_object_get(row, "names");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name != NULL) {
            (void)json_array_append_new(names, json_pack("{s:s}", "name", name)); /* fails on no memory only */
        }
    }
    return names;
}

/* The members that a comparison looks at, as they stand in a report; NULL: out of memory. */
static json_t *endpoint_of(const json_t *row)
{
    json_t *endpoint = json_pack(
        "{s:s*, s:o, s:{s:s*, s:s*}, s:{s:I, s:s*, s:s*}, s:{s:s*, s:{s:s*}}, s:{s:s*, s:s*}}", "ip",
        text_of(row, "dst.ip"), "names", names_of(row), "location", "status", text_of(row, "dst.location.status"),
        "country", text_of(row, "dst.country"), "network", "asn", json_integer_value(json_object_get(row, "dst.asn")),
        "name", text_of(row, "dst.as_name"), "country", text_of(row, "dst.as_country"), "operator", "company",
        text_of(row, "dst.operator"), "parent", "country", text_of(row, "dst.control_country"), "class", "location",
        text_of(row, "class.location"), "control", text_of(row, "class.control"));
    if (endpoint != NULL && text_of(row, "tracker.list") != NULL) {
        json_t *tracker = json_pack("{s:s*}", "company", text_of(row, "tracker.company"));
        (void)json_object_set_new(endpoint, "tracker", tracker); /* fails on no memory only */
    }
    return endpoint;
}

/* Takes the lines behind those that the report lists. */
static bool take_rows(struct rest *rest)
{
    size_t n_listed = json_array_size(rest->listed);
    rewind(rest->file);
    for (uint64_t i = 0; i < rest->total; i++) {
        json_t *row = next_row(rest);
        json_t *endpoint = i >= n_listed ? endpoint_of(row) : NULL;
        bool ok = i < n_listed || (endpoint != NULL && ml_compare_take_endpoint(rest->compare, rest->run, endpoint));
        json_decref(endpoint);
        json_decref(row);
        if (!ok) {
            return false;
        }
    }
    return true;
}

enum ml_status ml_compare_take_rest(struct ml_compare *compare, unsigned run, const struct ml_report_file *report)
{
    struct rest rest = {.compare = compare, .run = run};
    rest.listed = json_object_get(report->body, "endpoints");
    rest.total = ml_report_number_of(report->body, "endpoints_total");
    size_t n_listed = json_array_size(rest.listed);
    if (rest.total <= n_listed) {
        return ML_OK;
    }
    char *path = ml_path_join(report->folder, "endpoints.ndjson");
    rest.line = ml_mem_array(MAX_LINE, 1);
    if (path == NULL || rest.line == NULL) {
        ml_mem_free(path);
        ml_mem_free(rest.line);
        return ML_NO_MEMORY;
    }
    enum ml_status status = ML_OK;
    rest.file = fopen(path, "rb");
    if (rest.file != NULL && is_of_report(&rest)) {
        status = take_rows(&rest) ? ML_OK : ML_NO_MEMORY;
    } else {
        compare->n_unread += rest.total - n_listed;
    }
    if (rest.file != NULL) {
        (void)fclose(rest.file); /* only read */
    }
    ml_mem_free(path);
    ml_mem_free(rest.line);
    return status;
}
