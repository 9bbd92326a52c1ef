/* SPDX-License-Identifier: Apache-2.0 */
#include "tiny.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEAD "id: alpha\nname: Alpha\noperator: acme-2\n"

static const char BETA[] = "id: beta\nname: Beta Two\n" TINY_SOURCES;

/* Expects alpha's file to be refused, with exactly this message; a second app, beta, is fine. */
static void refused(const char *text, const char *message)
{
    const char *const texts[] = {text, BETA};
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    assert_int_equal(tiny_build(TINY_WEIGHTS, texts, 2, &apps, &error), ML_BAD_INPUT);
    assert_null(apps);
    char told[900];
    ml_error_format(&error, told, sizeof told);
    assert_string_equal(told, message);
}

static void weights_refused(const char *weights, const char *message)
{
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    assert_int_equal(tiny_build(weights, NULL, 0, &apps, &error), ML_BAD_INPUT);
    assert_null(apps);
    char told[900];
    ml_error_format(&error, told, sizeof told);
    assert_string_equal(told, message);
}

/* The tiny weights with one piece of text replaced. */
static char *weights_with(const char *old, const char *new_text)
{
    const char *at = strstr(TINY_WEIGHTS, old);
    assert_non_null(at);
    size_t size = strlen(TINY_WEIGHTS) + strlen(new_text) + 1;
    char *text = ml_mem_array(size, 1);
    snprintf(text, size, "%.*s%s%s", (int)(at - TINY_WEIGHTS), TINY_WEIGHTS, new_text, at + strlen(old));
    return text;
}

static void apps_stand_in_the_order_of_their_ids(void **state)
{
    (void)state;
    const char *const texts[] = {BETA, HEAD TINY_SOURCES};
    struct ml_apps *apps = NULL;
    assert_int_equal(tiny_build(TINY_WEIGHTS, texts, 2, &apps, NULL), ML_OK);
    assert_int_equal(ml_apps_count(apps), 2);
    assert_string_equal(ml_apps_get(apps, 0)->id, "alpha");
    assert_string_equal(ml_apps_get(apps, 0)->name, "Alpha");
    assert_string_equal(ml_apps_get(apps, 0)->operator_id, "acme-2");
    assert_string_equal(ml_apps_get(apps, 1)->id, "beta");
    assert_string_equal(ml_apps_get(apps, 1)->operator_id, "");
    assert_ptr_equal(ml_apps_find(apps, ml_span_text("beta")), ml_apps_get(apps, 1));
    assert_null(ml_apps_find(apps, ml_span_text("gamma")));
    assert_null(ml_apps_find(apps, ml_span_text("")));
    ml_apps_free(apps);
}

static void services_have_the_names_of_the_contract(void **state)
{
    (void)state;
    static const char *const IDS[] = {"login",    "messaging", "media",     "call",        "payment", "mini_program",
                                      "resolver", "push",      "telemetry", "advertising", "update",  "web"};
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
        uint16_t service = ml_service_find(ml_span_text(IDS[i]));
        assert_int_not_equal(service, 0);
        assert_string_equal(ml_apps_service(NULL, service), IDS[i]);
    }
    assert_int_equal(ml_service_find(ml_span_text("fax")), 0);
    assert_int_equal(ml_service_find(ml_span_text("")), 0);
    assert_string_equal(ml_apps_service(NULL, 0), "");
    assert_string_equal(ml_apps_service(NULL, 999), "");
}

static void every_list_and_field_of_the_table_is_read(void **state)
{
    (void)state;
    const char *const texts[] = {
        HEAD "notes: about\n"
             "uids:\n  - {package: org.example.alpha, source: s}\n"
             "names:\n  - {name: .example.net, service: media, note: n, source: s}\n"
             "  - {name: x.example.net, shared: true, one_of: [beta, alpha], source: s}\n"
             "not_ours:\n  - {name: ads.example.net, note: n, source: s}\n"
             "regions:\n  - {region: sg, country: SG, edition: x, names: ['sg*.example.net'], meaning: m, source: s}\n"
             "prefixes:\n  - {prefix: 192.0.2.0/24, service: call, published: true, source: s}\n"
             "  - {prefix: '2001:db8::/32', published: false, source: s}\n"
             "asns:\n  - {asn: 64500, source: s}\n"
             "ndpi:\n  - {name: Alpha, service: messaging, source: s}\n"
             "signatures:\n  - {name: alpha.hello, service: login, source: s}\n" TINY_SOURCES,
        BETA};
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    assert_int_equal(tiny_build(TINY_WEIGHTS, texts, 2, &apps, &error), ML_OK);
    assert_int_equal(apps->n_claims, 9);
    const struct ml_claim *shared = &apps->claims[2];
    assert_int_equal(shared->n_apps, 2);
    assert_int_equal(shared->apps[0], 0); /* in the order of ids, not of the list */
    assert_int_equal(shared->apps[1], 1);
    assert_int_equal(apps->claims[3].n_apps, 0);
    assert_true(apps->claims[4].is_published);
    assert_false(apps->claims[5].is_published);
    assert_int_equal(apps->claims[4].service, ml_service_find(ml_span_text("call")));
    ml_apps_free(apps);
}

static void mistakes_at_the_top_are_refused_with_their_place(void **state)
{
    (void)state;
    refused("id: alpha\n" TINY_SOURCES, "0.yaml:1:1: \"name\" is missing");
    refused("name: x\n" TINY_SOURCES, "0.yaml:1:1: \"id\" is missing");
    refused("id: Alpha\nname: x\n" TINY_SOURCES, "0.yaml:1:5: \"Alpha\" is no id");
    refused("id: [a]\nname: x\n" TINY_SOURCES, "0.yaml:1:5: \"id\" must be a text");
    refused("id: alpha\nname: ''\n" TINY_SOURCES, "0.yaml:2:7: \"name\" must be a text");
    refused("id: alpha\nname: x\noperator: A B\n" TINY_SOURCES, "0.yaml:3:11: \"A B\" is no id");
    refused("id: alpha\nname: x\noperator: a_b\n" TINY_SOURCES, "0.yaml:3:11: \"a_b\" is no id");
    refused("id: al-pha\nname: x\n" TINY_SOURCES, "0.yaml:1:5: \"al-pha\" is no id");
    refused("id: beta\nname: x\n" TINY_SOURCES, "1.yaml:1:5: a second app \"beta\"");
    refused(HEAD "colour: red\n" TINY_SOURCES, "0.yaml:4:1: unknown key: \"colour\"");
    refused(HEAD, "0.yaml:1:1: \"sources\" must be a map");
    refused(HEAD "sources: []\n", "0.yaml:4:10: \"sources\" must be a map");
    refused(HEAD "names: x\n" TINY_SOURCES, "0.yaml:4:8: \"names\" must be a list");
    refused("- a\n", "0.yaml:1:1: one document that is a map is expected");
    refused("id: alpha\n---\nid: beta\n", "0.yaml:1:1: one document that is a map is expected");
    refused("", "0.yaml:1:1: one document that is a map is expected");
}

static void mistakes_in_an_entry_are_refused_with_their_place(void **state)
{
    (void)state;
#define NAMES(entry) HEAD "names:\n  - " entry "\n" TINY_SOURCES
    refused(NAMES("text"), "0.yaml:5:5: an entry of \"names\" must be a map");
    refused(NAMES("{source: s}"), "0.yaml:5:5: \"name\" is missing");
    refused(NAMES("{name: a.example.net}"), "0.yaml:5:5: the entry has no source");
    refused(NAMES("{name: a.example.net, source: t}"), "0.yaml:5:35: not among the sources of this file: \"t\"");
    refused(NAMES("{name: net, source: s}"), "0.yaml:5:12: no host name pattern: \"net\"");
    refused(NAMES("{name: A.example.net, source: s}"), "0.yaml:5:12: no host name pattern: \"A.example.net\"");
    refused(NAMES("{name: a.example.net, service: fax, source: s}"), "0.yaml:5:36: no service: \"fax\"");
    refused(NAMES("{name: a.example.net, port: 1, source: s}"), "0.yaml:5:27: unknown key: \"port\"");
    refused(NAMES("{name: a.example.net, published: true, source: s}"), "0.yaml:5:27: unknown key: \"published\"");
    refused(NAMES("{name: a.example.net, shared: true, source: s}"),
            "0.yaml:5:5: shared: true and one_of belong together");
    refused(NAMES("{name: a.example.net, one_of: [alpha, beta], source: s}"),
            "0.yaml:5:5: shared: true and one_of belong together");
    refused(NAMES("{name: a.example.net, shared: maybe, source: s}"), "0.yaml:5:35: \"shared\" must be true or false");
    refused(NAMES("{name: a.example.net, shared: true, one_of: [alpha], source: s}"),
            "0.yaml:5:49: one_of must list 2 to 8 apps");
    refused(NAMES("{name: a.example.net, shared: true, one_of: [alpha, gamma], source: s}"),
            "0.yaml:5:57: no app of the catalogue: \"gamma\"");
    refused(NAMES("{name: a.example.net, shared: true, one_of: [alpha, alpha], source: s}"),
            "0.yaml:5:57: given twice: \"alpha\"");
    refused(HEAD "not_ours:\n  - {name: a.example.net, service: web, source: s}\n" TINY_SOURCES,
            "0.yaml:5:27: unknown key: \"service\"");
#undef NAMES
}

static void one_of_must_hold_the_app_itself(void **state)
{
    (void)state;
    const char *const texts[] = {
        HEAD "names:\n"
             "  - {name: a.example.net, shared: true, one_of: [beta, gamma], source: s}\n" TINY_SOURCES,
        BETA, "id: gamma\nname: Gamma\n" TINY_SOURCES};
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    assert_int_equal(tiny_build(TINY_WEIGHTS, texts, 3, &apps, &error), ML_BAD_INPUT);
    assert_string_equal(error.text, "one_of must hold the app itself");
    assert_int_equal(error.line, 5);
}

static void values_that_are_none_are_refused(void **state)
{
    (void)state;
#define LIST(list, entry) HEAD list ":\n  - " entry "\n" TINY_SOURCES
    refused(LIST("prefixes", "{prefix: 192.0.2.1/24, source: s}"), "0.yaml:5:14: no address block: \"192.0.2.1/24\"");
    refused(LIST("prefixes", "{prefix: 192.0.2.0/33, source: s}"), "0.yaml:5:14: no address block: \"192.0.2.0/33\"");
    refused(LIST("prefixes", "{prefix: 0.0.0.0/0, source: s}"), "0.yaml:5:14: no address block: \"0.0.0.0/0\"");
    refused(LIST("prefixes", "{prefix: example.net, source: s}"), "0.yaml:5:14: no address block: \"example.net\"");
    refused(LIST("prefixes", "{prefix: 192.0.2.0/24, published: often, source: s}"),
            "0.yaml:5:39: \"published\" must be true or false");
    refused(LIST("asns", "{asn: AS64500, source: s}"), "0.yaml:5:11: no AS number: \"AS64500\"");
    refused(LIST("asns", "{asn: 0, source: s}"), "0.yaml:5:11: no AS number: \"0\"");
    refused(LIST("asns", "{asn: 4294967296, source: s}"), "0.yaml:5:11: no AS number: \"4294967296\"");
    refused(LIST("uids", "{package: ~, source: s}"), "0.yaml:5:5: \"package\" is missing");
    refused(LIST("regions", "{region: sg, names: [a.example.net], source: s}"),
            "0.yaml:5:5: a region needs a region, names and a meaning");
    refused(LIST("regions", "{region: sg, meaning: x, names: [], source: s}"),
            "0.yaml:5:5: a region needs a region, names and a meaning");
    refused(LIST("regions", "{region: sg, meaning: x, names: [a.example.net]}"), "0.yaml:5:5: the entry has no source");
    refused(LIST("regions", "{region: sg, meaning: x, names: [net], source: s}"),
            "0.yaml:5:38: no host name pattern: \"net\"");
    refused(LIST("regions", "{region: sg, meaning: x, names: [a.example.net], country: sgp, source: s}"),
            "0.yaml:5:63: no country: \"sgp\"");
    refused(LIST("regions", "sg"), "0.yaml:5:5: an entry of \"regions\" must be a map");
    refused(HEAD "regions: sg\n" TINY_SOURCES, "0.yaml:4:10: \"regions\" must be a list");
#undef LIST
}

static void what_is_given_twice_is_refused(void **state)
{
    (void)state;
#define TWICE(list, a, b) HEAD list ":\n  - " a "\n  - " b "\n" TINY_SOURCES
    refused(TWICE("names", "{name: .a.example.net, source: s}", "{name: .a.example.net, source: s}"),
            "0.yaml:6:12: given twice: \".a.example.net\"");
    refused(TWICE("prefixes", "{prefix: '2001:db8::/32', source: s}", "{prefix: '2001:0db8:0::/32', source: s}"),
            "0.yaml:6:14: given twice: \"2001:0db8:0::/32\"");
    refused(TWICE("prefixes", "{prefix: 192.0.2.7, source: s}", "{prefix: 192.0.2.7/32, source: s}"),
            "0.yaml:6:14: given twice: \"192.0.2.7/32\"");
    refused(TWICE("asns", "{asn: 64500, source: s}", "{asn: 64500, source: s}"), "0.yaml:6:11: given twice: \"64500\"");
    refused(TWICE("ndpi", "{name: Alpha, source: s}", "{name: Alpha, source: s}"),
            "0.yaml:6:12: given twice: \"Alpha\"");
    refused(TWICE("signatures", "{name: a.b, source: s}", "{name: a.b, source: s}"),
            "0.yaml:6:12: given twice: \"a.b\"");
    refused(TWICE("uids", "{package: a.b, source: s}", "{package: a.b, source: s}"),
            "0.yaml:6:15: given twice: \"a.b\"");
    refused(HEAD "names:\n  - {name: a.example.net, source: s}\n"
                 "not_ours:\n  - {name: a.example.net, source: s}\n" TINY_SOURCES,
            "0.yaml:7:12: given twice: \"a.example.net\"");
#undef TWICE
}

static void sources_are_checked_on_a_day_or_unverified(void **state)
{
    (void)state;
#define SOURCE(text) HEAD "sources:\n  s: " text "\n"
    refused(SOURCE("x"), "0.yaml:5:6: a source must be a map");
    refused(SOURCE("{url: u}"), "0.yaml:5:6: a source is checked on a date, or unverified");
    refused(SOURCE("{url: u, checked: 2026-01-01, unverified: true}"),
            "0.yaml:5:6: a source is checked on a date, or unverified");
    refused(SOURCE("{url: u, checked: yesterday}"), "0.yaml:5:24: no date: \"yesterday\"");
    refused(SOURCE("{url: u, checked: 2026-1-01}"), "0.yaml:5:24: no date: \"2026-1-01\"");
    refused(SOURCE("{checked: 2026-01-01}"), "0.yaml:5:6: a source needs a url or a description");
    refused(SOURCE("{url: u, unverified: perhaps}"), "0.yaml:5:27: \"unverified\" must be true or false");
    refused(SOURCE("{link: u, unverified: true}"), "0.yaml:5:7: unknown key: \"link\"");
#undef SOURCE
}

static void weights_must_be_complete_and_sound(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new_text, *message;
    } CASES[] = {
        {"  - {evidence: asn, points: 10, reason: r}\n", "", "weights.yaml:2:3: \"weights\" lacks \"asn\""},
        {"evidence: asn", "evidence: uid", "weights.yaml:15:16: given twice: \"uid\""},
        {"evidence: asn", "evidence: smell", "weights.yaml:15:16: unknown: \"smell\""},
        {"asn, points: 10", "asn, points: 101", "weights.yaml:15:29: points must be 0 to 100"},
        {"asn, points: 10", "asn, points: -1", "weights.yaml:15:29: points must be 0 to 100"},
        {"asn, points: 10", "asn, points: ten", "weights.yaml:15:29: points must be 0 to 100"},
        {"asn, points: 10, reason: r", "asn, points: 10",
         "weights.yaml:15:5: a row needs evidence, points and a reason"},
        {"asn, points: 10, reason: r", "asn, reason: r", "weights.yaml:15:5: points must be 0 to 100"},
        {"asn, points: 10", "asn, colour: 10", "weights.yaml:15:21: unknown key: \"colour\""},
        {"{when: shared, percent: 60, reason: r}", "shared",
         "weights.yaml:23:5: a row needs when, percent and a reason"},
        {"factors:", "factor:", "weights.yaml:22:1: unknown key: \"factor\""},
        {"grade: low, points: 20", "grade: low, points: 45",
         "weights.yaml:27:3: grades must rise: 0 < low < moderate < high"},
        {"grade: low, points: 20", "grade: low, points: 0",
         "weights.yaml:27:3: grades must rise: 0 < low < moderate < high"},
        {"ceiling: moderate", "ceiling: none", "weights.yaml:30:11: \"ceiling\" must be low, moderate or high"},
        {"ceiling: moderate", "floor: moderate", "weights.yaml:30:12: unknown key: \"floor\""},
        {"conflict: {ceiling: moderate, reason: r}", "", "weights.yaml:1:1: \"conflict\" must be a map"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char *text = weights_with(CASES[i].old, CASES[i].new_text);
        weights_refused(text, CASES[i].message);
        ml_mem_free(text);
    }
    weights_refused("weights: 1\n", "weights.yaml:1:10: \"weights\" must be a list");
    weights_refused("- 1\n", "weights.yaml:1:1: one document that is a map is expected");
}

/* --- folders --- */

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
    assert_int_equal(fclose(stream), 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

static int make_folder(void **state)
{
    static char folder[64];
    snprintf(folder, sizeof folder, "/tmp/mitleser-apps-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    write_file(folder, "weights.yaml", TINY_WEIGHTS);
    write_file(folder, "beta.yaml", BETA);
    write_file(folder, "alpha.yaml", HEAD TINY_SOURCES);
    write_file(folder, "README.md", "no rule");
    write_file(folder, ".hidden.yaml", "no rule");
    *state = folder;
    return 0;
}

static int drop_folder(void **state)
{
    remove_file(*state, "weights.yaml");
    remove_file(*state, "beta.yaml");
    remove_file(*state, "alpha.yaml");
    remove_file(*state, "README.md");
    remove_file(*state, ".hidden.yaml");
    return rmdir(*state);
}

static void a_folder_is_read_except_what_is_no_rule(void **state)
{
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_apps_load(*state, &apps, &error), ML_OK);
    assert_int_equal(ml_apps_count(apps), 2);
    ml_apps_free(apps);
}

static void the_first_file_in_order_is_told_first(void **state)
{
    write_file(*state, "beta.yaml", "id: B\n");
    write_file(*state, "alpha.yaml", "id: A\n");
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_apps_load(*state, &apps, &error), ML_BAD_INPUT);
    assert_null(apps);
    char told[900];
    ml_error_format(&error, told, sizeof told);
    assert_non_null(strstr(told, "/alpha.yaml:1:5: \"A\" is no id"));
}

static void a_folder_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_apps_load("/tmp/mitleser-no-such-folder", &apps, &error), ML_NOT_FOUND);
    assert_string_equal(error.file, "/tmp/mitleser-no-such-folder");
    assert_int_equal(ml_apps_load("/tmp", &apps, &error), ML_NOT_FOUND); /* no weights.yaml in it */
}

static void load_once(void *context)
{
    struct ml_apps *apps = NULL;
    struct ml_error error = {0};
    enum ml_status status = ml_apps_load(context, &apps, &error);
    assert_true(status == ML_OK ? apps != NULL : status == ML_NO_MEMORY && apps == NULL);
    ml_apps_free(apps);
}

static void running_out_of_memory_is_a_status(void **state)
{
    assert_true(oom_sweep(load_once, *state) > 20);
}

static void nothing_given_is_nothing_freed(void **state)
{
    (void)state;
    ml_apps_free(NULL);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apps_stand_in_the_order_of_their_ids),
        cmocka_unit_test(services_have_the_names_of_the_contract),
        cmocka_unit_test(every_list_and_field_of_the_table_is_read),
        cmocka_unit_test(mistakes_at_the_top_are_refused_with_their_place),
        cmocka_unit_test(mistakes_in_an_entry_are_refused_with_their_place),
        cmocka_unit_test(one_of_must_hold_the_app_itself),
        cmocka_unit_test(values_that_are_none_are_refused),
        cmocka_unit_test(what_is_given_twice_is_refused),
        cmocka_unit_test(sources_are_checked_on_a_day_or_unverified),
        cmocka_unit_test(weights_must_be_complete_and_sound),
        WITH_FOLDER(a_folder_is_read_except_what_is_no_rule),
        WITH_FOLDER(the_first_file_in_order_is_told_first),
        cmocka_unit_test(a_folder_that_is_not_there_is_not_found),
        WITH_FOLDER(running_out_of_memory_is_a_status),
        cmocka_unit_test(nothing_given_is_nothing_freed),
    };
    return cmocka_run_group_tests_name("classify/apps", tests, NULL, NULL);
}
