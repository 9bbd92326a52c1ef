/* SPDX-License-Identifier: Apache-2.0 */
/* The whole of intel on a tiny data folder: which step of the decision order answers, and what is left without data. */
#include "intel/intel.h"

#include "core/mem.h"
#include "core/timefmt.h"
#include "intel/lookups.h"
#include "intel/operators.h"
#include "support/cm.h"
#include "support/datafolder.h"
#include "support/kit.h"
#include "support/locdb.h"
#include "support/mmdb.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Addresses must be ordinary ones to be looked up, so reserved ones will not do. 44.128.0.0/16 is the test network of
 * AMPRNet, and 2d00::/8 is not allocated to anybody.
 */
static struct scratch scratch;
static struct ml_intel *intel;
static struct ml_error error;

static const struct mmdb_row location_rows[] = {
    {"44.128.0.0/24", "DE"}, {"44.128.1.0/24", "SG"}, {"44.128.2.0/24", "US"}, {"44.128.3.0/24", "EU"},
    {"44.128.4.0/24", "GB"}, {"44.128.5.0/24", "IN"}, {"44.128.7.0/24", "FR"}, {"2d00:1::/32", "JP"},
};
static const struct mmdb_row registration_rows[] = {{"44.128.0.0/17", "NL"}, {"2d00:1::/32", "KR"}};
static const struct locdb_row flag_rows[] = {{"44.128.6.0/24", ML_FLAG_ANYCAST},
                                             {"44.128.0.128/25", ML_FLAG_PROXY | ML_FLAG_SATELLITE}};

static const char *const all_sets[] = {"dbip-country dbip-country.mmdb",
                                       "iptoasn-country iptoasn-country.mmdb",
                                       "tor-geoip geoip geoip6",
                                       "asn asn-ipv4-num.csv asn-ipv6.csv",
                                       "libloc location.db",
                                       "psl public_suffix_list.dat",
                                       "easyprivacy hosts.txt",
                                       "adguard-mobile hosts.txt",
                                       "third-party-web companies.tsv",
                                       NULL};

static void write_data(void)
{
    mmdb_write(&scratch, "dbip-country/dbip-country.mmdb", MMDB_FLAT, location_rows,
               sizeof location_rows / sizeof *location_rows);
    mmdb_write(&scratch, "iptoasn-country/iptoasn-country.mmdb", MMDB_NESTED, registration_rows, 2);
    /* 44.128.0.0 = 746586112 */
    scratch_text(&scratch, "tor-geoip/geoip",
                 "746586112,746586367,DE\n" /* 44.128.0 agrees */
                 "746586368,746586623,CN\n" /* 44.128.1 differs */
                 "746586880,746587135,EU\n" /* 44.128.3: no country on either side */
                 "746587136,746587391,GB\n" /* 44.128.4 agrees, wrongly */
                 "746587648,746587903,US\n" /* 44.128.6 */
                 "746587904,746588159,FR\n");
    scratch_text(&scratch, "tor-geoip/geoip6", "2d00:1::,2d00:1:ffff:ffff:ffff:ffff:ffff:ffff,JP\n");
    scratch_text(&scratch, "asn/asn-ipv4-num.csv",
                 "746586112,746586367,64496,\"Example, Inc.\"\n"
                 "746587392,746587647,64497,Edge\n"
                 "746587904,746588159,64498,Cloud\n");
    scratch_text(&scratch, "asn/asn-ipv6.csv",
                 "2d00:1::,2d00:1:ffff:ffff:ffff:ffff:ffff:ffff,64496,\"Example, Inc.\"\n");
    (void)mkdir(scratch_path(&scratch, "libloc"), 0700);
    locdb_write(scratch_path(&scratch, "libloc/location.db"), flag_rows, 2);
    scratch_text(&scratch, "psl/public_suffix_list.dat", "com\norg\ntest\nco.test\n");
    scratch_text(&scratch, "easyprivacy/hosts.txt", "both.example.org\nslack.example.com\nstats.example.org\n");
    scratch_text(&scratch, "adguard-mobile/hosts.txt", "ads.example.org\nboth.example.org\nco.test\n");
    scratch_text(&scratch, "third-party-web/companies.tsv", "example.org\tExample Media\tad\nother.test\tOther\tcdn\n");
    datafolder_manifest(&scratch, all_sets);
}

static void write_rules(void)
{
    scratch_text(
        &scratch, "rules/operators/a.yaml",
        "as_of: 2026-01-02\ncompanies:\n"
        "  - id: example\n    name: Example, Inc.\n    country: US\n    parent: holding\n"
        "    source: a register\n    checked_on: 2026-01-01\n    hosts: [example.com]\n"
        "    networks:\n      - {asn: 64496, country: CH}\n"
        "    prefixes:\n      - {prefix: 44.128.0.64/26, roles: [push]}\n"
        "  - {id: holding, name: Holding, country: CN, source: a register, checked_on: 2026-01-01}\n"
        "  - {id: edge, name: Edge, country: IN, unverified: true, networks: [{asn: 64497, roles: [edge, cloud]}]}\n"
        "  - id: sites\n    name: Sites\n    country: GB\n    unverified: true\n    prefixes:\n"
        "      - {prefix: 44.128.4.0/24, unreliable: true, why: several sites}\n"
        "      - {prefix: 44.128.6.128/25, country: SE, source: a list of sites, checked_on: 2026-01-01}\n"
        "  - {id: cloud, name: Cloud, country: US, unverified: true, networks: [{asn: 64498, roles: [cloud]}],"
        " prefixes: [{prefix: 44.128.7.128/25, roles: [cdn]}]}\n");
    scratch_text(&scratch, "rules/trackers/a.yaml",
                 "as_of: 2026-01-03\nhosts:\n"
                 "  - {host: push.example.com, company: example, tracker: false, roles: [push]}\n"
                 "  - {host: sdk.example.com, company: holding, tracker: true, category: crash}\n"
                 "  - {host: slack.example.com, tracker: false}\n");
    scratch_text(&scratch, "rules/jurisdictions/a.yaml",
                 "as_of: 2026-01-04\nregime: gdpr\nname: G\nrows:\n"
                 "  - {country: DE, class: eea, from: 2018-05-25, unverified: true}\n");
    scratch_text(&scratch, "rules/jurisdictions/b.yaml",
                 "as_of: 2026-01-04\nregime: other\nname: O\nrows:\n"
                 "  - {country: DE, class: adequate, from: 2018-05-25, unverified: true}\n");
}

static void open_all(void)
{
    ml_intel_close(intel);
    enum ml_status status = ml_intel_open(scratch.folder, scratch_path(&scratch, "rules"), &intel, &error);
    if (status != ML_OK) {
        print_error("%s: %s\n", error.file, error.text);
    }
    assert_int_equal(status, ML_OK);
}

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    intel = NULL;
    memset(&error, 0, sizeof error);
    write_data();
    write_rules();
    open_all();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ml_intel_close(intel);
    intel = NULL;
    scratch_fini(&scratch);
    return 0;
}

static struct ml_endpoint_info info;

static void ask(const char *address)
{
    struct ml_ip ip;
    assert_true(ml_ip_parse(ml_span_text(address), &ip));
    memset(&info, 0xee, sizeof info);
    ml_intel_address(intel, &ip, &info);
    assert_ptr_equal(ml_intel_special(&ip), info.special); /* static texts */
}

static void answer_is(const char *address, enum ml_location_status status, const char *country, const char *rule)
{
    ask(address);
    assert_int_equal(info.status, status);
    assert_string_equal(info.country, country);
    assert_string_equal(info.rule, rule);
}

static void has_roles(const char *first, const char *second)
{
    assert_int_equal(info.n_roles, (first != NULL) + (second != NULL));
    if (first != NULL) {
        assert_string_equal(info.roles[0], first);
    }
    if (second != NULL) {
        assert_string_equal(info.roles[1], second);
    }
}

static void every_data_set_is_in_use(void **state)
{
    (void)state;
    size_t n_present = 0;
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        n_present += ml_intel_dataset(intel, i)->is_present;
    }
    assert_int_equal(n_present, 9 + 3);
}

static void two_agreeing_sources_determine_the_country(void **state)
{
    (void)state;
    answer_is("44.128.0.1", ML_LOCATION_DETERMINED, "DE", "agreement");
    assert_int_equal(info.n_candidates, 2);
    assert_string_equal(info.candidates[0].country, "DE");
    assert_string_equal(info.candidates[0].source, "dbip-country");
    assert_string_equal(info.candidates[1].source, "tor-geoip");
    assert_null(info.special);
    assert_null(info.translation);
    assert_int_equal(info.inner.family, 0);
    answer_is("2d00:1::1", ML_LOCATION_DETERMINED, "JP", "agreement");
    assert_int_equal(info.asn, 64496);
}

static void two_different_sources_are_a_dispute(void **state)
{
    (void)state;
    answer_is("44.128.1.1", ML_LOCATION_DISPUTED, "", "disagreement");
    assert_int_equal(info.n_candidates, 2);
    assert_string_equal(info.candidates[0].country, "SG");
    assert_string_equal(info.candidates[1].country, "CN");
    assert_null(info.company);
    assert_int_equal(info.asn, 0);
    assert_string_equal(info.as_name, "");
    assert_string_equal(info.as_country, "NL");
}

static void one_source_determines_nothing(void **state)
{
    (void)state;
    answer_is("44.128.2.1", ML_LOCATION_UNKNOWN, "", "single-source");
    assert_int_equal(info.n_candidates, 1);
    assert_string_equal(info.candidates[0].country, "US");
    answer_is("44.128.3.1", ML_LOCATION_UNKNOWN, "", "no-data"); /* "EU" is no country */
    assert_int_equal(info.n_candidates, 0);
    answer_is("44.128.250.1", ML_LOCATION_UNKNOWN, "", "no-data");
    assert_string_equal(info.as_country, "");
}

static void the_operator_and_its_owner_are_named(void **state)
{
    (void)state;
    ask("44.128.0.1");
    assert_int_equal(info.asn, 64496);
    assert_string_equal(info.as_name, "Example, Inc.");
    assert_string_equal(info.as_country, "CH"); /* our correction, not the data set's NL */
    assert_non_null(info.company);
    assert_string_equal(info.company->id, "example");
    assert_string_equal(info.company->parent, "Holding");
    assert_string_equal(info.company->parent_country, "CN");
    assert_int_equal(info.company->grade, ML_SOURCE_CHECKED);
    has_roles(NULL, NULL);
    ask("44.128.0.65");
    has_roles("push", NULL);
    ask("44.128.0.200");
    has_roles("proxy", "satellite");
}

static void an_anycast_flag_leaves_no_candidates(void **state)
{
    (void)state;
    answer_is("44.128.6.1", ML_LOCATION_ANYCAST, "", "anycast");
    assert_int_equal(info.n_candidates, 0);
    has_roles("anycast", NULL);
}

static void an_edge_network_is_no_place(void **state)
{
    (void)state;
    answer_is("44.128.5.1", ML_LOCATION_ANYCAST, "", "edge");
    assert_string_equal(info.company->id, "edge");
    has_roles("edge", "cloud");
    answer_is("44.128.7.1", ML_LOCATION_DETERMINED, "FR", "agreement"); /* a cloud is */
    answer_is("44.128.7.200", ML_LOCATION_ANYCAST, "", "edge");         /* but its content network is not */
    has_roles("cdn", NULL);
}

static void what_the_operator_documents_comes_before_flags(void **state)
{
    (void)state;
    answer_is("44.128.6.200", ML_LOCATION_DETERMINED, "SE", "override");
    assert_int_equal(info.n_candidates, 2);
    assert_string_equal(info.candidates[0].country, "SE");
    assert_string_equal(info.candidates[0].source, "a list of sites");
    assert_string_equal(info.candidates[1].country, "US"); /* evidence against it stays visible */
}

static void agreement_counts_nothing_where_databases_are_known_to_err(void **state)
{
    (void)state;
    answer_is("44.128.4.1", ML_LOCATION_UNKNOWN, "", "unreliable");
    assert_int_equal(info.n_candidates, 2);
    assert_string_equal(info.company->id, "sites");
}

static void special_addresses_are_no_place(void **state)
{
    (void)state;
    answer_is("192.168.1.1", ML_LOCATION_SPECIAL, "", "special");
    assert_string_equal(info.special, "private-use");
    assert_int_equal(info.asn, 0);
    assert_null(info.company);
    answer_is("ff02::1", ML_LOCATION_SPECIAL, "", "special");
    answer_is("192.88.99.1", ML_LOCATION_ANYCAST, "", "special");
    assert_string_equal(info.special, "6to4-relay");
}

static void translated_addresses_are_those_of_the_host_behind(void **state)
{
    (void)state;
    answer_is("64:ff9b::2c80:1", ML_LOCATION_DETERMINED, "DE", "agreement"); /* 44.128.0.1 */
    assert_string_equal(info.translation, "nat64");
    assert_int_equal(info.inner.family, 4);
    assert_int_equal(info.asn, 64496);
    answer_is("2002:2c80:1::1", ML_LOCATION_DETERMINED, "DE", "agreement");
    assert_string_equal(info.translation, "6to4");
    answer_is("64:ff9b::a00:1", ML_LOCATION_SPECIAL, "", "special"); /* 10.0.0.1 */
    assert_string_equal(info.special, "private-use");
    assert_string_equal(info.translation, "nat64");
}

static struct ml_name_info name;

static void ask_name(const char *host)
{
    memset(&name, 0xee, sizeof name);
    ml_intel_name(intel, ml_span_text(host), &name);
}

static void name_is(const char *host, const char *domain, const char *list, const char *category)
{
    ask_name(host);
    assert_string_equal(name.domain, domain);
    if (list == NULL) {
        assert_null(name.tracker_list);
    } else {
        assert_non_null(name.tracker_list);
        assert_string_equal(name.tracker_list, list);
    }
    assert_string_equal(name.tracker_category, category);
}

static void lists_flag_hosts_and_their_children(void **state)
{
    (void)state;
    name_is("ads.example.org", "example.org", "adguard-mobile", "advertising");
    name_is("x.ADS.example.org.", "example.org", "adguard-mobile", "advertising");
    name_is("stats.example.org", "example.org", "easyprivacy", "advertising"); /* the company's kind is known better */
    assert_string_equal(name.company_name, "Example Media");
    name_is("both.example.org", "example.org", "adguard-mobile", "advertising");
    name_is("www.example.org", "example.org", NULL, "");
    assert_string_equal(name.company_name, "Example Media"); /* named, not accused */
    name_is("shop.co.test", "shop.co.test", NULL, "");       /* a listed public suffix flags nobody below it */
    name_is("other.test", "other.test", NULL, "");
    assert_string_equal(name.company_name, "Other");
    assert_null(name.company);
}

static void own_rows_decide_over_lists(void **state)
{
    (void)state;
    name_is("a.sdk.example.com", "example.com", "trackers", "crash");
    assert_string_equal(name.company->id, "holding");
    name_is("slack.example.com", "example.com", NULL, "");
    assert_string_equal(name.company->id, "example"); /* by its domain */
    name_is("push.example.com", "example.com", NULL, "");
    assert_int_equal(name.n_roles, 1);
    assert_string_equal(name.roles[0], "push");
    name_is("www.example.com", "example.com", NULL, "");
    assert_int_equal(name.n_roles, 0);
}

static void what_is_no_host_name_is_nobodys(void **state)
{
    (void)state;
    static const char *const odd[] = {"", ".", "com", "192.0.2.1", "2001:db8::1", "a b.example.org"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        name_is(odd[i], "", NULL, "");
        assert_null(name.company);
        assert_null(name.company_name);
    }
    char endless[300];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    name_is(endless, "", NULL, "");
}

static void classes_follow_regime_and_day(void **state)
{
    (void)state;
    int64_t day = 0;
    assert_true(ml_time_parse(ml_span_text("2026-01-01"), &day));
    assert_string_equal(ml_intel_class(intel, "DE", day), "eea");
    assert_string_equal(ml_intel_class(intel, "CN", day), "none");
    assert_string_equal(ml_intel_class(intel, "", day), "unknown");
    assert_string_equal(ml_intel_class_in(intel, "other", "DE", day), "adequate");
    assert_string_equal(ml_intel_class_in(intel, "nowhere", "DE", day), "unknown");
}

/* All answers as bytes, to compare runs. */
static void record(struct ml_buf *out)
{
    static const char *const addresses[] = {"44.128.0.1", "44.128.1.1", "44.128.5.1", "44.128.6.200", "2d00:1::1"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        ask(addresses[i]);
        assert_true(ml_buf_printf(out, "%d %s %s %u %s %s %zu;", (int)info.status, info.country, info.rule, info.asn,
                                  info.as_name, info.company != NULL ? info.company->id : "-", info.n_candidates));
    }
    static const char *const hosts[] = {"ads.example.org", "sdk.example.com", "www.example.org"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        ask_name(hosts[i]);
        assert_true(ml_buf_printf(out, "%s %s %s;", name.domain, name.tracker_list != NULL ? name.tracker_list : "-",
                                  name.company_name != NULL ? name.company_name : "-"));
    }
}

static void saved_packs_answer_like_the_sources(void **state)
{
    (void)state;
    static const char *const packs[] = {"countries-1.pack", "networks-1.pack", "companies-1.pack", "hosts-1.pack"};
    struct ml_buf first;
    struct ml_buf again;
    ml_buf_init(&first, 65536);
    ml_buf_init(&again, 65536);
    record(&first);
    for (size_t i = 0; i < sizeof packs / sizeof *packs; i++) {
        char path[64];
        struct stat st;
        (void)snprintf(path, sizeof path, "cache/%s", packs[i]);
        assert_int_equal(stat(scratch_path(&scratch, path), &st), 0);
    }
    open_all();
    record(&again);
    assert_true(ml_span_equal(ml_buf_span(&first), ml_buf_span(&again)));
    scratch_text(&scratch, "cache/networks-1.pack", "damaged");
    ml_buf_clear(&again);
    open_all();
    record(&again);
    assert_true(ml_span_equal(ml_buf_span(&first), ml_buf_span(&again)));
    ml_buf_fini(&first);
    ml_buf_fini(&again);
}

static void new_data_make_new_packs(void **state)
{
    (void)state;
    answer_is("44.128.1.1", ML_LOCATION_DISPUTED, "", "disagreement");
    scratch_text(&scratch, "tor-geoip/geoip", "746586368,746586623,SG\n");
    datafolder_manifest(&scratch, all_sets);
    open_all();
    answer_is("44.128.1.1", ML_LOCATION_DETERMINED, "SG", "agreement");
}

static const struct ml_dataset *dataset(const char *id)
{
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        if (strcmp(ml_intel_dataset(intel, i)->id, id) == 0) {
            return ml_intel_dataset(intel, i);
        }
    }
    fail();
    return NULL;
}

static void a_data_set_that_cannot_be_read_is_left_out_and_told(void **state)
{
    (void)state;
    scratch_text(&scratch, "dbip-country/dbip-country.mmdb", "no database");
    scratch_text(&scratch, "tor-geoip/geoip6", "2d00:1::,2d00:1::1,JP\nnonsense\n");
    scratch_text(&scratch, "asn/asn-ipv6.csv", "x\n");
    scratch_text(&scratch, "libloc/location.db", "no database");
    scratch_text(&scratch, "psl/public_suffix_list.dat", "// empty\n");
    scratch_text(&scratch, "adguard-mobile/hosts.txt", "not a host\n");
    scratch_text(&scratch, "third-party-web/companies.tsv", "x\n");
    datafolder_manifest(&scratch, all_sets);
    open_all();
    static const char *const dropped[] = {"dbip-country",   "tor-geoip",      "asn", "libloc", "psl",
                                          "adguard-mobile", "third-party-web"};
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        assert_false(dataset(dropped[i])->is_present);
        assert_string_not_equal(dataset(dropped[i])->problem, "");
    }
    assert_string_equal(dataset("tor-geoip")->problem, "line 2: not a row: \"nonsense\"");
    assert_true(dataset("easyprivacy")->is_present);
    answer_is("44.128.0.1", ML_LOCATION_UNKNOWN, "", "no-data");
    assert_string_equal(info.as_country, "NL");
    name_is("stats.example.org", "example.org", "easyprivacy", "tracking"); /* domains by the list inside libpsl */
    name_is("ads.example.org", "example.org", NULL, "");
}

static void without_data_and_rules_everything_is_unknown(void **state)
{
    (void)state;
    ml_intel_close(intel);
    assert_int_equal(ml_intel_open(NULL, NULL, &intel, &error), ML_OK);
    answer_is("44.128.0.1", ML_LOCATION_UNKNOWN, "", "no-data");
    assert_int_equal(info.asn, 0);
    assert_null(info.company);
    assert_int_equal(info.n_roles, 0);
    answer_is("10.0.0.1", ML_LOCATION_SPECIAL, "", "special");
    name_is("ads.example.org", "example.org", NULL, "");
    assert_string_equal(ml_intel_class(intel, "DE", 0), "unknown");
    assert_null(ml_intel_company(intel, ml_span_text("example")));
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        assert_false(ml_intel_dataset(intel, i)->is_present);
    }
}

static void an_error_in_our_own_tables_is_an_error(void **state)
{
    (void)state;
    static const char *const files[] = {"rules/operators/b.yaml", "rules/trackers/b.yaml",
                                        "rules/jurisdictions/c.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        scratch_text(&scratch, files[i], "as_of: never\n");
        struct ml_intel *opened = intel;
        memset(&error, 0, sizeof error);
        assert_int_equal(ml_intel_open(scratch.folder, scratch_path(&scratch, "rules"), &opened, &error), ML_BAD_INPUT);
        assert_null(opened);
        assert_non_null(strstr(error.file, files[i]));
        assert_int_equal(unlink(scratch_path(&scratch, files[i])), 0);
    }
}

static void *ask_many(void *context)
{
    size_t *n_determined = context;
    for (uint8_t i = 0; i < 200; i++) {
        struct ml_ip ip = ml_ip4((const uint8_t[]){44, 128, 0, i});
        struct ml_endpoint_info answer;
        ml_intel_address(intel, &ip, &answer);
        *n_determined += answer.status == ML_LOCATION_DETERMINED;
        struct ml_name_info named;
        ml_intel_name(intel, ml_span_text("ads.example.org"), &named);
        *n_determined += named.tracker_list != NULL;
    }
    return NULL;
}

static void threads_may_ask_at_once(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    size_t counts[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &counts[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(counts[i], 400);
    }
}

static void open_once(void *context)
{
    (void)context;
    struct ml_intel *opened = NULL;
    enum ml_status status = ml_intel_open(scratch.folder, scratch_path(&scratch, "rules"), &opened, NULL);
    assert_true(status == ML_OK || ml_mem_has_failed());
    ml_intel_close(opened);
}

static void running_out_of_memory_breaks_nothing(void **state)
{
    (void)state;
    assert_int_equal(unlink(scratch_path(&scratch, "cache/networks-1.pack")), 0);
    assert_true(oom_sweep(open_once, NULL) > 20);
}

#define WITH_DATA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATA(every_data_set_is_in_use),
        WITH_DATA(two_agreeing_sources_determine_the_country),
        WITH_DATA(two_different_sources_are_a_dispute),
        WITH_DATA(one_source_determines_nothing),
        WITH_DATA(the_operator_and_its_owner_are_named),
        WITH_DATA(an_anycast_flag_leaves_no_candidates),
        WITH_DATA(an_edge_network_is_no_place),
        WITH_DATA(what_the_operator_documents_comes_before_flags),
        WITH_DATA(agreement_counts_nothing_where_databases_are_known_to_err),
        WITH_DATA(special_addresses_are_no_place),
        WITH_DATA(translated_addresses_are_those_of_the_host_behind),
        WITH_DATA(lists_flag_hosts_and_their_children),
        WITH_DATA(own_rows_decide_over_lists),
        WITH_DATA(what_is_no_host_name_is_nobodys),
        WITH_DATA(classes_follow_regime_and_day),
        WITH_DATA(saved_packs_answer_like_the_sources),
        WITH_DATA(new_data_make_new_packs),
        WITH_DATA(a_data_set_that_cannot_be_read_is_left_out_and_told),
        WITH_DATA(without_data_and_rules_everything_is_unknown),
        WITH_DATA(an_error_in_our_own_tables_is_an_error),
        WITH_DATA(threads_may_ask_at_once),
        WITH_DATA(running_out_of_memory_breaks_nothing),
    };
    return cmocka_run_group_tests_name("intel/intel", tests, NULL, NULL);
}
