/* SPDX-License-Identifier: Apache-2.0 */
/* One run: what a report says, as rows of the comparison. */
#include "report/compare.h"

#include "core/ip.h"

#include <stdio.h>

enum { PREFIX_4 = 24, PREFIX_6 = 48, ADDRESS_BITS_6 = 128 };

struct taker {
    struct ml_compare *compare;
    unsigned run;
    bool ok;
};

static void show(struct taker *taker, enum ml_compare_kind kind, const char *key)
{
    if (!taker->ok || key[0] == '\0') {
        return;
    }
    uint64_t *value = ml_compare_value(taker->compare, taker->run, kind, ml_span_text(key));
    taker->ok = value != NULL;
    if (value != NULL) {
        *value = 1;
    }
}

static void add(struct taker *taker, enum ml_compare_kind kind, const char *key, uint64_t n)
{
    if (!taker->ok || key[0] == '\0') {
        return;
    }
    uint64_t *value = ml_compare_value(taker->compare, taker->run, kind, ml_span_text(key));
    taker->ok = value != NULL;
    if (value != NULL) {
        *value = n < ML_MAX_RUN_VALUE ? n : ML_MAX_RUN_VALUE;
    }
}

static const char *or_unknown(const char *text)
{
    return text[0] != '\0' ? text : "unknown";
}

/* "192.0.2.0/24": neighbours of one network, for addresses that no name and no table tells apart. */
static void prefix_key(const char *address, char key[ML_COMPARE_KEY])
{
    struct ml_ip ip;
    char text[ML_IP_TEXT];
    if (!ml_ip_parse(ml_span_text(address), &ip)) {
        (void)snprintf(key, ML_COMPARE_KEY, "%s", address);
        return;
    }
    bool is_6 = strchr(address, ':') != NULL;
    for (unsigned bit = is_6 ? PREFIX_6 : PREFIX_4; bit < (is_6 ? ADDRESS_BITS_6 : 32u); bit += 8) {
        ip.bytes[bit / 8] = 0;
    }
    (void)ml_ip_format(&ip, text);
    (void)snprintf(key, ML_COMPARE_KEY, "%s/%d", text, is_6 ? PREFIX_6 : PREFIX_4);
}

/* By its best name, else by its network, else by its prefix: addresses of one service rotate. */
void ml_compare_endpoint_key(const json_t *endpoint, char key[ML_COMPARE_KEY])
{
    const char *name = ml_report_text_of(json_array_get(json_object_get(endpoint, "names"), 0), "name");
    uint64_t asn = ml_report_number_of(endpoint, "network.asn");
    if (name[0] != '\0') {
        (void)snprintf(key, ML_COMPARE_KEY, "%s", name);
    } else if (asn != 0) {
        (void)snprintf(key, ML_COMPARE_KEY, "AS%llu %s", (unsigned long long)asn,
                       ml_report_text_of(endpoint, "network.name"));
    } else {
        prefix_key(ml_report_text_of(endpoint, "ip"), key);
    }
}

static void take_endpoint(struct taker *taker, const json_t *endpoint)
{
    char key[ML_COMPARE_KEY];
    const json_t *names = json_object_get(endpoint, "names");
    const char *status = ml_report_text_of(endpoint, "location.status");
    bool is_special = strcmp(status, "special") == 0;
    ml_compare_endpoint_key(endpoint, key);
    show(taker, ML_COMPARE_ENDPOINT, key);
    for (size_t i = 0; i < json_array_size(names); i++) {
        show(taker, ML_COMPARE_NAME, ml_report_text_of(json_array_get(names, i), "name"));
    }
    /* A country only where it is determined; else the state of knowledge. */
    bool is_determined = strcmp(status, "determined") == 0;
    show(taker, ML_COMPARE_LOCATION, is_determined ? ml_report_text_of(endpoint, "location.country") : status);
    if (is_special) {
        return; /* not a place on the internet: no network, control or class */
    }
    show(taker, ML_COMPARE_NETWORK_COUNTRY, or_unknown(ml_report_text_of(endpoint, "network.country")));
    show(taker, ML_COMPARE_OPERATOR, or_unknown(ml_report_text_of(endpoint, "operator.company")));
    show(taker, ML_COMPARE_CONTROL, or_unknown(ml_report_text_of(endpoint, "operator.parent.country")));
    (void)snprintf(key, sizeof key, "%s/%s", or_unknown(ml_report_text_of(endpoint, "class.location")),
                   or_unknown(ml_report_text_of(endpoint, "class.control")));
    show(taker, ML_COMPARE_CLASS, key);
    const json_t *tracker = json_object_get(endpoint, "tracker");
    if (json_is_object(tracker)) {
        const char *company = ml_report_text_of(tracker, "company");
        ml_compare_endpoint_key(endpoint, key);
        show(taker, ML_COMPARE_TRACKER, company[0] != '\0' ? company : key);
    }
}

static void take_app(struct taker *taker, const json_t *app)
{
    char key[ML_COMPARE_KEY];
    const char *id = ml_report_text_of(app, "id");
    const json_t *services = json_object_get(app, "services");
    show(taker, ML_COMPARE_APP, id);
    for (size_t i = 0; i < json_array_size(services); i++) {
        (void)snprintf(key, sizeof key, "%s: %s", id, ml_report_text_of(json_array_get(services, i), "id"));
        show(taker, ML_COMPARE_SERVICE, key);
    }
}

static uint64_t bytes_of(const json_t *row)
{
    uint64_t up = ml_report_number_of(row, "bytes_up");
    uint64_t down = ml_report_number_of(row, "bytes_down");
    return (up < ML_MAX_RUN_VALUE ? up : ML_MAX_RUN_VALUE) + (down < ML_MAX_RUN_VALUE ? down : ML_MAX_RUN_VALUE);
}

/* Parts per million of the run's bytes, up and down together. */
static void take_shares(struct taker *taker, enum ml_compare_kind kind, const json_t *table)
{
    double total = 0;
    for (size_t i = 0; i < json_array_size(table); i++) {
        total += (double)bytes_of(json_array_get(table, i));
    }
    for (size_t i = 0; i < json_array_size(table) && total > 0; i++) {
        const json_t *row = json_array_get(table, i);
        add(taker, kind, ml_report_text_of(row, "key"), (uint64_t)((double)bytes_of(row) / total * 1e6));
    }
}

static void take_totals(struct taker *taker, const json_t *body)
{
    const json_t *table = ml_report_get(body, "residency.by_location");
    uint64_t up = 0;
    uint64_t down = 0;
    for (size_t i = 0; i < json_array_size(table); i++) {
        up += ml_report_number_of(json_array_get(table, i), "bytes_up");
        down += ml_report_number_of(json_array_get(table, i), "bytes_down");
    }
    add(taker, ML_COMPARE_TOTAL, "bytes_down", down);
    add(taker, ML_COMPARE_TOTAL, "bytes_up", up);
    add(taker, ML_COMPARE_TOTAL, "endpoints", ml_report_number_of(body, "endpoints_total"));
    add(taker, ML_COMPARE_TOTAL, "flows", ml_report_number_of(body, "coverage.flows.total"));
}

bool ml_compare_take_endpoint(struct ml_compare *compare, unsigned run, const json_t *endpoint)
{
    struct taker taker = {.compare = compare, .run = run, .ok = true};
    take_endpoint(&taker, endpoint);
    return taker.ok;
}

bool ml_compare_take(struct ml_compare *compare, unsigned run, const json_t *body)
{
    struct taker taker = {.compare = compare, .run = run, .ok = true};
    const json_t *list = json_object_get(body, "endpoints");
    for (size_t i = 0; i < json_array_size(list); i++) {
        take_endpoint(&taker, json_array_get(list, i));
    }
    list = json_object_get(body, "apps");
    for (size_t i = 0; i < json_array_size(list); i++) {
        take_app(&taker, json_array_get(list, i));
    }
    list = json_object_get(body, "findings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        show(&taker, ML_COMPARE_RULE, ml_report_text_of(json_array_get(list, i), "rule_name"));
        show(&taker, ML_COMPARE_LEAK, ml_report_text_of(json_array_get(list, i), "taxonomy"));
    }
    take_shares(&taker, ML_COMPARE_SHARE_LOCATION, ml_report_get(body, "residency.by_location"));
    take_shares(&taker, ML_COMPARE_SHARE_CONTROL, ml_report_get(body, "residency.by_control"));
    take_shares(&taker, ML_COMPARE_SHARE_CLASS, ml_report_get(body, "residency.by_class"));
    take_totals(&taker, body);
    return taker.ok;
}
