/* SPDX-License-Identifier: Apache-2.0 */
/* data - what the data sets say of an address or a name, with sources and dates. */
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/resources.h"
#include "core/text.h"

#include <stdio.h>

static const char letters[] = "D";

static const char *or_unknown(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "unknown";
}

static int show_status(const struct ml_intel *intel)
{
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *set = ml_intel_dataset(intel, i);
        if (set->is_present) {
            (void)printf("%-22s %-12s %-24s %s\n", set->id, or_unknown(set->date), or_unknown(set->edition),
                         or_unknown(set->licence));
        } else {
            (void)printf("%-22s missing: %s\n", set->id, or_unknown(set->needed_for));
        }
    }
    return ML_EXIT_DONE;
}

static void show_company(const struct ml_company *company)
{
    if (company == NULL) {
        (void)printf("operator    unknown\n");
        return;
    }
    (void)printf("operator    %s (%s), parent %s (%s)\n", company->name, or_unknown(company->country),
                 or_unknown(company->parent[0] != '\0' ? company->parent : company->name),
                 or_unknown(company->parent_country));
    if (company->grade == ML_SOURCE_CHECKED) {
        (void)printf("            source %s, checked on %s\n", company->source, company->checked_on);
    } else {
        (void)printf("            unverified\n");
    }
}

static void show_roles(const char *const *roles, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)printf("%s%s", i == 0 ? "roles       " : ", ", roles[i]);
    }
    (void)printf("%s", n != 0 ? "\n" : "");
}

static void show_address(const struct ml_intel *intel, const struct ml_ip *ip)
{
    struct ml_endpoint_info info = {0};
    char text[ML_IP_TEXT];
    ml_intel_address(intel, ip, &info);
    if (info.translation != NULL) {
        (void)ml_ip_format(&info.inner, text);
        (void)printf("translation %s of %s\n", info.translation, text);
    }
    (void)printf("location    %s", ml_location_status_text(info.status));
    (void)printf("%s%s", info.country[0] != '\0' ? ": " : "", info.country);
    (void)printf("%s%s (by %s)\n", info.special != NULL ? ": " : "", info.special != NULL ? info.special : "",
                 or_unknown(info.rule));
    for (size_t i = 0; i < info.n_candidates; i++) {
        (void)printf("            %s says %s\n", info.candidates[i].source, info.candidates[i].country);
    }
    if (info.asn != 0) {
        (void)printf("network     AS%u %s, registered in %s\n", info.asn, or_unknown(info.as_name),
                     or_unknown(info.as_country));
    } else {
        (void)printf("network     unknown\n");
    }
    show_company(info.company);
    show_roles(info.roles, info.n_roles);
}

static void show_name(const struct ml_intel *intel, struct ml_span host)
{
    struct ml_name_info info = {0};
    ml_intel_name(intel, host, &info);
    (void)printf("domain      %s\n", or_unknown(info.domain));
    if (info.tracker_list != NULL) {
        (void)printf("tracker     %s, by list %s\n", or_unknown(info.tracker_category), info.tracker_list);
    } else {
        (void)printf("tracker     on no list\n");
    }
    if (info.company_name != NULL) {
        (void)printf("company     %s\n", info.company_name);
    }
    show_company(info.company);
    show_roles(info.roles, info.n_roles);
}

static int look_up(const struct ml_intel *intel, int n, char **arguments)
{
    for (int i = 0; i < n; i++) {
        struct ml_ip ip;
        char host[256];
        size_t len = 0;
        if (ml_ip_parse(ml_span_text(arguments[i]), &ip)) {
            (void)printf("%s%s\n", i != 0 ? "\n" : "", arguments[i]);
            show_address(intel, &ip);
        } else if ((len = ml_host_normal(ml_span_text(arguments[i]), host, sizeof host)) != 0) {
            (void)printf("%s%s\n", i != 0 ? "\n" : "", host);
            show_name(intel, ml_span_of(host, len));
        } else {
            ml_complain("data lookup: '%s' is neither an address nor a host name", arguments[i]);
            return ML_EXIT_USAGE;
        }
    }
    return ML_EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct ml_options options;
    struct ml_resources resources = {0};
    if (!ml_options_parse(&options, letters, argc, argv)) {
        return ML_EXIT_USAGE;
    }
    if (options.wants_help) {
        ml_options_help(letters);
        return ML_EXIT_DONE;
    }
    const char *verb = options.n_arguments > 0 ? options.arguments[0] : "";
    bool is_status = strcmp(verb, "status") == 0 && options.n_arguments == 1;
    bool is_lookup = strcmp(verb, "lookup") == 0 && options.n_arguments >= 2;
    if (!is_status && !is_lookup) {
        ml_complain("data: wants 'status' or 'lookup ADDRESS|NAME...'");
        return ML_EXIT_USAGE;
    }
    int code = ml_resources_load_intel(&resources, &options);
    if (code == ML_EXIT_DONE) {
        code = is_status ? show_status(resources.intel)
                         : look_up(resources.intel, options.n_arguments - 1, options.arguments + 1);
    }
    ml_resources_free(&resources);
    return code;
}

static void help(void)
{
    ml_options_help(letters);
}

const struct ml_command ml_command_data = {
    .name = "data",
    .arguments = "status | lookup ADDRESS|NAME...",
    .summary = "what the data sets say, with sources and dates",
    .run = run,
    .help = help,
};
