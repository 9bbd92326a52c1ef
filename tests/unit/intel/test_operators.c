/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/operators.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/scratch.h"

#include <stdio.h>

static struct scratch scratch;
static struct ml_operators operators;
static struct ml_error error;

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    memset(&operators, 0, sizeof operators);
    memset(&error, 0, sizeof error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ml_operators_fini(&operators);
    scratch_fini(&scratch);
    return 0;
}

static void read_text(const char *text)
{
    scratch_text(&scratch, "a.yaml", text);
    enum ml_status status = ml_operators_read(scratch.folder, &operators, &error);
    if (status != ML_OK) {
        print_error("%s\n", error.text);
    }
    assert_int_equal(status, ML_OK);
}

static const struct ml_company *company(const char *id)
{
    const struct ml_company *found = ml_operators_company(&operators, ml_span_text(id));
    assert_non_null(found);
    return found;
}

static const char family[] = "as_of: 2026-01-02\n"
                             "companies:\n"
                             "  - id: child\n"
                             "    name: Child Ltd.\n"
                             "    country: SG\n"
                             "    parent: middle\n"
                             "    source: https://example.com/child\n"
                             "    checked_on: 2026-01-01\n"
                             "    hosts: [example.com, deep.example.org]\n"
                             "    networks:\n"
                             "      - {asn: 64496, roles: [cloud, hosting], country: NL}\n"
                             "      - {asn: 64497}\n"
                             "    prefixes:\n"
                             "      - {prefix: 192.0.2.0/24, roles: [push]}\n"
                             "      - prefix: 192.0.2.128/25\n"
                             "        country: FR\n"
                             "        source: https://example.com/sites\n"
                             "        checked_on: 2026-01-01\n"
                             "  - {id: middle, name: Middle, parent: top, control: CN, unverified: true}\n"
                             "  - id: top\n"
                             "    name: Top Holding\n"
                             "    country: KY\n"
                             "    source: a register\n"
                             "    checked_on: 2025-12-31\n"
                             "    hosts: [example.org]\n"
                             "    prefixes:\n"
                             "      - prefix: 2001:db8::/32\n"
                             "        unreliable: true\n"
                             "        why: one block for sites on two continents\n"
                             "  - {id: alone, name: Alone, country: DE, unverified: true}\n";

static void owners_are_followed_to_the_top(void **state)
{
    (void)state;
    read_text(family);
    assert_int_equal(operators.n_companies, 4);
    const struct ml_company *child = company("child");
    assert_string_equal(child->name, "Child Ltd.");
    assert_string_equal(child->country, "SG");
    assert_string_equal(child->parent, "Top Holding");
    assert_string_equal(child->parent_country, "CN"); /* the nearest statement on control */
    assert_string_equal(child->source, "https://example.com/child");
    assert_string_equal(child->checked_on, "2026-01-01");
    assert_int_equal(child->grade, ML_SOURCE_UNVERIFIED); /* the link in the middle is */
    const struct ml_company *top = company("top");
    assert_string_equal(top->parent, "");
    assert_string_equal(top->parent_country, "KY");
    assert_int_equal(top->grade, ML_SOURCE_CHECKED);
    assert_string_equal(company("alone")->parent_country, "DE");
    assert_int_equal(company("alone")->grade, ML_SOURCE_UNVERIFIED);
    assert_string_equal(company("middle")->country, "");
    assert_null(ml_operators_company(&operators, ml_span_text("nobody")));
}

static void networks_have_roles_and_a_country(void **state)
{
    (void)state;
    read_text(family);
    const struct ml_network *network = ml_operators_network(&operators, 64496);
    assert_non_null(network);
    assert_ptr_equal(network->company, company("child"));
    assert_string_equal(network->country, "NL");
    assert_int_equal(network->n_roles, 2);
    assert_string_equal(network->roles[0], "cloud");
    assert_string_equal(network->roles[1], "hosting");
    assert_int_equal(ml_operators_network(&operators, 64497)->n_roles, 0);
    assert_null(ml_operators_network(&operators, 64498));
}

static size_t prefixes(const char *address, const struct ml_prefix **out)
{
    struct ml_ip ip;
    assert_true(ml_ip_parse(ml_span_text(address), &ip));
    return ml_operators_prefixes(&operators, &ip, out, 4);
}

static void prefixes_come_longest_first(void **state)
{
    (void)state;
    read_text(family);
    const struct ml_prefix *found[4];
    assert_int_equal(prefixes("192.0.2.1", found), 1);
    assert_int_equal(found[0]->place, ML_PLACE_NOT_TOLD);
    assert_string_equal(found[0]->roles[0], "push");
    assert_int_equal(prefixes("192.0.2.200", found), 2);
    assert_int_equal(found[0]->bits, 25);
    assert_int_equal(found[0]->place, ML_PLACE_COUNTRY);
    assert_string_equal(found[0]->country, "FR");
    assert_string_equal(found[0]->source, "https://example.com/sites");
    assert_int_equal(found[1]->bits, 24);
    assert_int_equal(prefixes("192.0.3.0", found), 0);
    assert_int_equal(prefixes("2001:db8:1::1", found), 1);
    assert_int_equal(found[0]->place, ML_PLACE_UNRELIABLE);
    assert_string_equal(found[0]->source, "one block for sites on two continents");
    assert_int_equal(prefixes("2001:db9::1", found), 0);
}

static void the_longest_host_suffix_names_the_company(void **state)
{
    (void)state;
    read_text(family);
    size_t domain = strlen("example.org");
    assert_ptr_equal(ml_operators_host(&operators, ml_span_text("a.example.com"), domain), company("child"));
    assert_ptr_equal(ml_operators_host(&operators, ml_span_text("a.example.org"), domain), company("top"));
    assert_ptr_equal(ml_operators_host(&operators, ml_span_text("x.deep.example.org"), domain), company("child"));
    assert_null(ml_operators_host(&operators, ml_span_text("example.net"), domain));
}

static void files_are_read_in_order_and_hashed(void **state)
{
    (void)state;
    scratch_text(&scratch, "b.yaml",
                 "as_of: 2026-03-01\ncompanies:\n"
                 "  - {id: one, name: One, parent: two, unverified: true}\n");
    scratch_text(&scratch, "a.yaml",
                 "as_of: 2026-02-01\ncompanies:\n"
                 "  - {id: two, name: Two, country: JP, unverified: true}\n");
    scratch_text(&scratch, "notes.txt", "not a table");
    scratch_text(&scratch, ".hidden.yaml", "not a table");
    assert_int_equal(ml_operators_read(scratch.folder, &operators, &error), ML_OK);
    assert_string_equal(company("one")->parent_country, "JP");
    assert_int_equal(operators.info.n_files, 2);
    assert_string_equal(operators.info.date, "2026-03-01");
    char first[ML_SHA256_HEX];
    memcpy(first, operators.info.sha256, sizeof first);
    assert_int_equal(strlen(first), 64);
    ml_operators_fini(&operators);
    scratch_text(&scratch, "a.yaml",
                 "as_of: 2026-02-01\ncompanies:\n"
                 "  - {id: two, name: Two, country: KR, unverified: true}\n");
    assert_int_equal(ml_operators_read(scratch.folder, &operators, &error), ML_OK);
    assert_string_not_equal(first, operators.info.sha256);
}

static void a_missing_folder_is_an_empty_table(void **state)
{
    (void)state;
    assert_int_equal(ml_operators_read(scratch_path(&scratch, "missing"), &operators, &error), ML_OK);
    assert_int_equal(operators.info.n_files, 0);
    assert_string_equal(operators.info.sha256, "");
    assert_null(ml_operators_company(&operators, ml_span_text("x")));
    assert_null(ml_operators_network(&operators, 1));
    assert_null(ml_operators_host(&operators, ml_span_text("example.com"), 11));
    const struct ml_prefix *found[4];
    assert_int_equal(prefixes("192.0.2.1", found), 0);
}

struct refusal {
    const char *row;
    const char *message;
};

static const struct refusal refusals[] = {
    {"{id: a, unverified: true}", "\"name\" is missing"},
    {"{name: A, unverified: true}", "\"id\" is missing"},
    {"{id: a, name: A}", "\"source\" is missing"},
    {"{id: a, name: A, source: x}", "\"checked_on\" is missing"},
    {"{id: a, name: A, source: x, checked_on: soon}", "\"checked_on\" must be YYYY-MM-DD"},
    {"{id: a, name: A, source: x, checked_on: 2026-01-01, unverified: true}", "a row with a source is not unverified"},
    {"{id: a, name: A, unverified: false}", "\"unverified\" can only be true"},
    {"{id: a, name: A, unverified: true, country: EU}", "\"country\" must be a country code of ISO 3166-1"},
    {"{id: a, name: A, unverified: true, country: [DE]}", "\"country\" must be a country code of ISO 3166-1"},
    {"{id: a, name: A, unverified: true, colour: red}", "unknown key \"colour\""},
    {"{id: a, name: A, unverified: true, parent: b}", "there is no row for the parent \"b\""},
    {"{id: a, name: A, unverified: true, parent: a}", "owners form a ring or too long a chain from \"a\""},
    {"{id: a, name: [A], unverified: true}", "\"name\" must be a text"},
    {"{id: a, name: A, unverified: true, hosts: example.com}", "\"hosts\" must be a list"},
    {"{id: a, name: A, unverified: true, hosts: [Example.com]}", "a host name in lower case is wanted"},
    {"{id: a, name: A, unverified: true, hosts: [a.test, a.test]}", "this host stands in another row as well"},
    {"{id: a, name: A, unverified: true, networks: [{asn: 0}]}", "\"asn\" must be an AS number"},
    {"{id: a, name: A, unverified: true, networks: [{asn: x}]}", "\"asn\" must be an AS number"},
    {"{id: a, name: A, unverified: true, networks: [{asn: 4294967296}]}", "\"asn\" must be an AS number"},
    {"{id: a, name: A, unverified: true, networks: [{asn: 1}, {asn: 1}]}",
     "this AS number stands in another row as well"},
    {"{id: a, name: A, unverified: true, networks: [{asn: 1, roles: [king]}]}", "not a word of \"roles\": \"king\""},
    {"{id: a, name: A, unverified: true, networks: [{asn: 1, roles: king}]}",
     "\"roles\" must be a list of at most 6 words"},
    {"{id: a, name: A, unverified: true, prefixes: [{prefix: 192.0.2.1/24}]}",
     "\"prefix\" must be an address prefix without host bits"},
    {"{id: a, name: A, unverified: true, prefixes: [{prefix: 192.0.2.0/24, country: DE}]}", "\"source\" is missing"},
    {"{id: a, name: A, unverified: true, prefixes: [{prefix: 192.0.2.0/24, country: DE, unverified: true}]}",
     "unknown key \"unverified\""},
    {"{id: a, name: A, unverified: true, prefixes: [{prefix: 192.0.2.0/24, unreliable: true}]}", "\"why\" is missing"},
    {"{id: a, name: A, unverified: true, prefixes: [{prefix: 192.0.2.0/24, unreliable: maybe}]}",
     "\"unreliable\" must be true or false"},
    {"{id: a, name: A, unverified: true, prefixes: [{prefix: 192.0.2.0/24, unreliable: true, why: x, country: DE}]}",
     "a prefix with a country is not unreliable"},
    {"{id: a, name: A, unverified: true, prefixes: [{prefix: 192.0.2.0/24}, {prefix: 192.0.2.0/24}]}",
     "the prefix 192.0.2.0/24 stands in two rows"},
    {"a", "a map is wanted here"},
};

static void each_contradiction_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "as_of: 2026-01-01\ncompanies:\n  - %s\n", refusals[i].row);
        scratch_text(&scratch, "a.yaml", text);
        memset(&error, 0, sizeof error);
        assert_int_equal(ml_operators_read(scratch.folder, &operators, &error), ML_BAD_INPUT);
        assert_string_equal(error.text, refusals[i].message);
    }
}

static void the_frame_of_a_file_is_checked(void **state)
{
    (void)state;
    static const struct refusal frames[] = {
        {"companies: []\n", "a map with as_of: YYYY-MM-DD is wanted"},
        {"as_of: today\ncompanies: []\n", "a map with as_of: YYYY-MM-DD is wanted"},
        {"- 1\n", "a map with as_of: YYYY-MM-DD is wanted"},
        {"as_of: 2026-01-01\n", "\"companies\" must be a list"},
        {"as_of: 2026-01-01\ncompanies: {}\n", "\"companies\" must be a list"},
        {"as_of: 2026-01-01\ncompanies: []\nmore: 1\n", "unknown key \"more\""},
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        scratch_text(&scratch, "a.yaml", frames[i].row);
        memset(&error, 0, sizeof error);
        assert_int_equal(ml_operators_read(scratch.folder, &operators, &error), ML_BAD_INPUT);
        assert_string_equal(error.text, frames[i].message);
    }
}

static void read_once(void *context)
{
    (void)context;
    struct ml_operators read;
    enum ml_status status = ml_operators_read(scratch.folder, &read, NULL);
    assert_true(status == ML_OK || ml_mem_has_failed());
    if (status == ML_OK) {
        ml_operators_fini(&read);
    }
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    scratch_text(&scratch, "a.yaml", family);
    assert_true(oom_sweep(read_once, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(owners_are_followed_to_the_top, set_up, tear_down),
        cmocka_unit_test_setup_teardown(networks_have_roles_and_a_country, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prefixes_come_longest_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_longest_host_suffix_names_the_company, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_read_in_order_and_hashed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_folder_is_an_empty_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_contradiction_is_refused_with_its_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_frame_of_a_file_is_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(running_out_of_memory_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("intel/operators", tests, NULL, NULL);
}
