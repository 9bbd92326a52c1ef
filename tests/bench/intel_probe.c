/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intel_probe - asks the data sets about addresses and names, one a line on stdin, and prints what they answer.
 *
 * usage: intel_probe DATA_FOLDER RULES_FOLDER addresses|names|datasets
 *        intel_probe DATA_FOLDER RULES_FOLDER time      (opens it ten times, then asks one million times)
 * Columns are separated by tabulators; an empty column is "-".
 */
#include "core/text.h"
#include "intel/intel.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *shown(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "-";
}

static void print_roles(size_t n, const char *const *roles)
{
    for (size_t i = 0; i < n; i++) {
        printf("%s%s", i != 0 ? "," : "", roles[i]);
    }
    printf("%s\n", n == 0 ? "-" : "");
}

static void print_company(const struct ml_company *company)
{
    printf("%s\t%s\t%s\t", company != NULL ? company->id : "-", company != NULL ? shown(company->country) : "-",
           company != NULL ? shown(company->parent_country) : "-");
}

static void print_address(const struct ml_intel *intel, const char *line)
{
    struct ml_ip ip;
    if (!ml_ip_parse(ml_span_text(line), &ip)) {
        printf("%s\tnot-an-address\n", line);
        return;
    }
    struct ml_endpoint_info info;
    ml_intel_address(intel, &ip, &info);
    printf("%s\t%s\t%s\t%s\t", line, ml_location_status_text(info.status), shown(info.country), info.rule);
    for (size_t i = 0; i < info.n_candidates; i++) {
        printf("%s%s=%s", i != 0 ? "," : "", info.candidates[i].country, info.candidates[i].source);
    }
    printf("%s\t%u\t%s\t%s\t", info.n_candidates == 0 ? "-" : "", info.asn, shown(info.as_name),
           shown(info.as_country));
    print_company(info.company);
    print_roles(info.n_roles, info.roles);
}

static void print_name(const struct ml_intel *intel, const char *line)
{
    struct ml_name_info info;
    ml_intel_name(intel, ml_span_text(line), &info);
    printf("%s\t%s\t%s\t%s\t%s\t", line, shown(info.domain), shown(info.tracker_list), shown(info.tracker_category),
           shown(info.company_name));
    print_company(info.company);
    print_roles(info.n_roles, info.roles);
}

static void each_line(const struct ml_intel *intel, void (*print)(const struct ml_intel *, const char *))
{
    char line[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0') {
            print(intel, line);
        }
    }
}

static void print_datasets(const struct ml_intel *intel)
{
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *row = ml_intel_dataset(intel, i);
        printf("%s\t%s\t%s\t%s\t%s\t%s\n", row->id, row->is_present ? "present" : shown(row->problem),
               shown(row->edition), shown(row->date), shown(row->licence), shown(row->sha256));
    }
}

/* Processor time, so that other programs on the machine do not count. */
static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int measure(const char *data, const char *rules)
{
    enum { OPENS = 10, ASKED = 1000000 };
    struct ml_intel *intel = NULL;
    for (int i = 0; i < OPENS; i++) {
        struct ml_error error = {0};
        double start = now_ms();
        ml_intel_close(intel);
        if (ml_intel_open(data, rules, &intel, &error) != ML_OK) {
            fprintf(stderr, "intel_probe: %s\n", error.text);
            return 1;
        }
        printf("open %d: %.1f ms\n", i, now_ms() - start);
    }
    uint32_t state = 1;
    double start = now_ms();
    unsigned n_determined = 0;
    for (int i = 0; i < ASKED; i++) {
        state = state * 1664525 + 1013904223; /* any sequence that covers the space will do */
        uint8_t bytes[4] = {(uint8_t)(state >> 24), (uint8_t)(state >> 16), (uint8_t)(state >> 8), (uint8_t)state};
        struct ml_ip ip = ml_ip4(bytes);
        struct ml_endpoint_info info;
        ml_intel_address(intel, &ip, &info);
        n_determined += info.status == ML_LOCATION_DETERMINED;
    }
    printf("addresses: %.2f us each (%u determined)\n", (now_ms() - start) * 1e3 / ASKED, n_determined);
    static const char *const hosts[] = {"a.b.c.example.com",   "graph.facebook.com", "sdk.iad-01.braze.com",
                                        "short.weixin.qq.com", "www.example.org",    "t.appsflyer.com"};
    start = now_ms();
    unsigned n_listed = 0;
    for (int i = 0; i < ASKED; i++) {
        struct ml_name_info info;
        ml_intel_name(intel, ml_span_text(hosts[(size_t)i % (sizeof hosts / sizeof *hosts)]), &info);
        n_listed += info.tracker_list != NULL;
    }
    printf("names: %.2f us each (%u listed)\n", (now_ms() - start) * 1e3 / ASKED, n_listed);
    ml_intel_close(intel);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s DATA_FOLDER RULES_FOLDER addresses|names|datasets|time\n", argv[0]);
        return 2;
    }
    if (strcmp(argv[3], "time") == 0) {
        return measure(argv[1], argv[2]);
    }
    struct ml_intel *intel = NULL;
    struct ml_error error = {0};
    if (ml_intel_open(argv[1], argv[2], &intel, &error) != ML_OK) {
        char text[1024];
        ml_error_format(&error, text, sizeof text);
        fprintf(stderr, "intel_probe: %s\n", text);
        return 1;
    }
    if (strcmp(argv[3], "addresses") == 0) {
        each_line(intel, print_address);
    } else if (strcmp(argv[3], "names") == 0) {
        each_line(intel, print_name);
    } else {
        print_datasets(intel);
    }
    ml_intel_close(intel);
    return 0;
}
