/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "core/buf.h"
#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>
#include <unistd.h>

#define SOURCE "logsource: {product: mitleser, category: fact}\n"
#define REST SOURCE "detection: {s: {dst.port: 1}, condition: s}\n"
#define FOREIGN "logsource: {product: windows, service: security}\ndetection: {s: {EventID: 1}, condition: s}\n"

static struct ml_rules *load(const char *path, const char *lists, unsigned flags)
{
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    const char *paths[] = {path};
    if (ml_rules_load_flags(paths, 1, lists, flags, &rules, &error) != ML_OK) {
        char message[1024];
        ml_error_format(&error, message, sizeof message);
        fail_msg("%s", message);
    }
    return rules;
}

static void folders_are_read_in_the_order_of_their_paths(void **state)
{
    (void)state;
    char folder[64];
    rig_folder(folder);
    rig_write(folder, "b/z.yml", "title: bz\nname: bz\n" REST);
    rig_write(folder, "b/a.yml", "title: ba\nname: ba\n" REST);
    rig_write(folder, "a.yml", "title: a\nname: a\n" REST "---\ntitle: a2\nname: a2\n" REST);
    rig_write(folder, "c/d/e.yml", "title: e\nname: e\n" REST);
    rig_write(folder, "notes.yml", "a: list that is no rule\n");
    rig_write(folder, "other.yaml", "title: not asked for\n" REST);
    rig_write(folder, ".hidden.yml", "title: [\n");
    struct ml_rules *rules = load(folder, NULL, 0);
    static const char *const order[] = {"a", "a2", "ba", "bz", "e"};
    assert_int_equal(ml_rules_count(rules), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(ml_rules_get(rules, i)->name, order[i]);
    }
    assert_string_equal(ml_rules_get(rules, 4)->file, "e.yml");
    ml_rules_free(rules);
    rig_remove(folder);
}

static void a_loop_of_links_ends(void **state)
{
    (void)state;
    char folder[64];
    char link[128];
    rig_folder(folder);
    rig_write(folder, "a/a.yml", "title: a\nname: a\n" REST);
    (void)snprintf(link, sizeof link, "%s/a/loop", folder);
    assert_int_equal(symlink(folder, link), 0);
    struct ml_rules *rules = load(folder, NULL, 0);
    assert_int_equal(ml_rules_count(rules), 1);
    ml_rules_free(rules);
    rig_remove(folder);
}

static void a_rule_is_found_by_id_and_by_name(void **state)
{
    (void)state;
    struct ml_rules *rules = rig_load("title: t\nname: n\nid: 00000000-0000-4000-8000-00000000000A\n" REST
                                      "---\ntitle: u\n" REST "---\ntitle: v\n" REST,
                                      NULL);
    const struct ml_rule *rule = ml_rules_find(rules, ml_span_text("n"));
    assert_ptr_equal(rule, ml_rules_get(rules, 0));
    assert_ptr_equal(ml_rules_find(rules, ml_span_text("00000000-0000-4000-8000-00000000000A")), rule);
    assert_null(ml_rules_find(rules, ml_span_text("t")));
    /* Rules without a name go by their file, and several may. */
    assert_string_equal(ml_rules_get(rules, 1)->name, "rule.yml");
    assert_string_equal(ml_rules_get(rules, 2)->name, "rule.yml");
    ml_rules_free(rules);
}

static void a_rule_says_what_it_says_and_nothing_is_null(void **state)
{
    (void)state;
    struct ml_rules *rules = rig_load(
        "title: T\nname: n\ndescription: >-\n  a\n  b\nreasoning: why\ntaxonomy: ML-HTTP-01\nclaim: observation\n"
        "level: high\nlimits: [LIM-GEO, LIM-CDN]\nprovisions: [p]\nreferences: r\nfalsepositives: [f]\ntags: [t.u]\n"
        "tests: {fires: [x.pcapng], silent: [y.pcapng, z.pcapng]}\nsubject: app\ntext_id: other\n" REST
        "---\ntitle: bare\ntaxonomy: sigma\n" REST,
        NULL);
    const struct ml_rule *rule = ml_rules_get(rules, 0);
    assert_string_equal(rule->description, "a b");
    assert_string_equal(rule->reasoning, "why");
    assert_string_equal(rule->taxonomy, "ML-HTTP-01");
    assert_int_equal(rule->claim, ML_CLAIM_OBSERVATION);
    assert_int_equal(rule->level, ML_LEVEL_HIGH);
    assert_int_equal(rule->category, ML_CAT_FACT);
    assert_string_equal(rule->limits[1], "LIM-CDN");
    assert_null(rule->limits[2]);
    assert_string_equal(rule->references[0], "r");
    assert_string_equal(rule->fires[0], "x.pcapng");
    assert_string_equal(rule->silent[1], "z.pcapng");
    assert_string_equal(rule->subject, "app");
    assert_string_equal(rule->text_id, "other");
    rule = ml_rules_get(rules, 1);
    assert_string_equal(rule->id, "");
    assert_string_equal(rule->taxonomy, "");
    assert_string_equal(rule->reasoning, "");
    assert_int_equal(rule->claim, ML_CLAIM_INDICATION);
    assert_int_equal(rule->level, ML_LEVEL_LOW);
    assert_string_equal(rule->subject, "flow");
    assert_null(rule->limits[0]);
    assert_null(rule->fires[0]);
    assert_string_equal(rule->text_id, rule->name);
    ml_rules_free(rules);
}

static void rules_of_others_are_refused_or_counted(void **state)
{
    (void)state;
    char folder[64];
    char path[128];
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    rig_folder(folder);
    rig_write(folder, "a.yml", "title: own\nname: own\n" REST);
    rig_write(folder, "b.yml", "title: theirs\nname: theirs\n" FOREIGN "---\ntitle: more\nid: x\n" FOREIGN);
    rig_write(folder, "c.yml",
              "title: outer\nname: outer\ncorrelation: {type: temporal, rules: [inner, own], timespan: 5m}\n"
              "---\ntitle: inner\nname: inner\n"
              "correlation: {type: event_count, rules: [theirs], timespan: 5m, condition: {gte: 2}}\n");
    const char *paths[] = {folder};
    assert_int_equal(ml_rules_load(paths, 1, NULL, &rules, &error), ML_UNSUPPORTED);
    assert_null(rules);
    (void)snprintf(path, sizeof path, "%s/b.yml", folder);
    assert_string_equal(error.file, path);
    assert_int_equal(error.line, 3);
    assert_string_equal(error.text, "log source product=windows service=security is not one of this program");

    rules = load(folder, NULL, ML_RULES_SKIP_FOREIGN);
    assert_int_equal(ml_rules_count(rules), 1);
    assert_int_equal(ml_rules_skipped(rules), 4); /* two rules, and two correlations that rest on them */
    assert_false(ml_rules_get(rules, 0)->is_silent);
    ml_rules_free(rules);
    rig_remove(folder);
}

static void errors_name_the_file(void **state)
{
    (void)state;
    char folder[64];
    char path[128];
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    rig_folder(folder);
    rig_write(folder, "sub/a.yml", "title: a\nname: a\n" REST);
    rig_write(folder, "sub/b.yml", "title: b\nname: a\n" REST);
    (void)snprintf(path, sizeof path, "%s/sub/b.yml", folder);
    const char *paths[] = {folder};
    assert_int_equal(ml_rules_load(paths, 1, NULL, &rules, &error), ML_BAD_INPUT);
    assert_string_equal(error.file, path);
    assert_string_equal(error.text, "name 'a' is that of a rule in a.yml");
    const char *gone[] = {"/nowhere/x.yml"};
    assert_int_equal(ml_rules_load(gone, 1, NULL, &rules, &error), ML_NOT_FOUND);
    assert_string_equal(error.file, "/nowhere/x.yml");
    /* A failure may be ignored. */
    assert_int_equal(ml_rules_load(paths, 1, NULL, &rules, NULL), ML_BAD_INPUT);
    assert_null(rules);
    rig_remove(folder);
}

static void the_digest_covers_rules_and_the_lists_they_use(void **state)
{
    (void)state;
    char folder[64];
    char first[ML_SHA256_HEX];
    rig_folder(folder);
    rig_write(folder, "lists/hosts.txt", "a.test\n");
    rig_write(folder, "lists/unused.txt", "a.test\n");
    rig_write(folder, "r.yml", "title: a\n" SOURCE "detection: {s: {http.host|expand: '%hosts%'}, condition: s}\n");
    char lists[128];
    (void)snprintf(lists, sizeof lists, "%s/lists", folder);
    struct ml_rules *rules = load(folder, lists, 0);
    memcpy(first, ml_rules_sha256(rules), sizeof first);
    assert_int_equal(strlen(first), 64);
    ml_rules_free(rules);

    rig_write(folder, "lists/unused.txt", "b.test\n");
    rules = load(folder, lists, 0);
    assert_string_equal(ml_rules_sha256(rules), first);
    ml_rules_free(rules);

    rig_write(folder, "lists/hosts.txt", "b.test\n");
    rules = load(folder, lists, 0);
    assert_string_not_equal(ml_rules_sha256(rules), first);
    ml_rules_free(rules);
    rig_remove(folder);
}

static void a_list_of_a_hundred_thousand_values_is_one_predicate(void **state)
{
    (void)state;
    enum { N = 100000 };
    static struct ml_record record;
    char folder[64];
    rig_folder(folder);
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 24);
    for (unsigned i = 0; i < N; i++) {
        (void)ml_buf_printf(&buf, ".host%u.example.com\n", i * 7919 % 1000003);
    }
    char *text = ml_buf_take_text(&buf);
    rig_write(folder, "many.txt", text);
    ml_mem_free(text);
    char *rule = rig_rule(ML_CAT_FACT, "many", "s: {http.host|endswith|expand: '%many%'}\ncondition: s");
    struct ml_rules *rules = rig_load(rule, folder);
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_cstr(&record, ML_F_HTTP_HOST, "www.host7919.example.com");
    assert_true(rig_matches(rules, &record));
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_cstr(&record, ML_F_HTTP_HOST, "www.host1.example.com");
    assert_false(rig_matches(rules, &record));
    ml_rules_free(rules);
    ml_mem_free(rule);
    rig_remove(folder);
}

static void there_is_a_ceiling_on_rules(void **state)
{
    (void)state;
    struct ml_buf buf;
    char said[640];
    ml_buf_init(&buf, ML_MAX_YAML_BYTES);
    for (int i = 0; i <= ML_MAX_RULES; i++) {
        (void)ml_buf_add_text(&buf, "---\ntitle: a\n" REST);
    }
    char *text = ml_buf_take_text(&buf);
    assert_int_equal(rig_refusal(text, NULL, said), ML_LIMIT);
    assert_non_null(strstr(said, "more than 16384 rules"));
    ml_mem_free(text);
}

static void an_empty_rule_set_matches_nothing(void **state)
{
    (void)state;
    static struct ml_record record;
    char folder[64];
    uint32_t hits[1];
    rig_folder(folder);
    struct ml_rules *rules = load(folder, NULL, 0);
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    rig_record(&record, ML_CAT_FLOW, "dst.port=1");
    assert_int_equal(ml_rules_count(rules), 0);
    assert_int_equal(ml_rules_match(rules, scratch, &record, hits, 1), 0);
    ml_rules_scratch_free(scratch);
    ml_rules_free(rules);
    rig_remove(folder);
}

/* One of everything, so that the sweep reaches every allocation. */
static const char everything[] =
    "title: a\nname: a\nid: 00000000-0000-4000-8000-000000000001\nlimits: [x]\n" SOURCE "detection:\n"
    "  s1: {http.host|endswith|expand: '%hosts%', http.path|contains|all: [abc, 'd*e'], dst.ip|cidr: 10.0.0.0/8}\n"
    "  s2: [{http.query|base64offset|contains: foobar}, {dst.port|gt: 3}, word]\n"
    "  s3: {http.path|re: 'abc(d|e)', http.host|fieldref: tls.sni, http.query|windash: '-a', tls.sni|neq: x}\n"
    "  s4: {http.path|utf16le|base64: foo, http.host: null, fact.encrypted: true, http.path|cased: 'A?b'}\n"
    "  condition: [1 of s* and not s4, 2 of them]\n"
    "---\ntitle: b\nname: b\ncorrelation: {type: value_count, rules: [a], group-by: [app], timespan: 5m, condition: "
    "{gte: 2, field: names}, aliases: {z: {a: app}}}\n";

struct sweep {
    const char *lists;
    const char *folder;
    unsigned n_loaded;
};

static void load_everything(void *context)
{
    struct sweep *sweep = context;
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    const char *paths[] = {sweep->folder};
    enum ml_status status = ml_rules_load(paths, 1, sweep->lists, &rules, &error);
    assert_true(status == ML_OK || status == ML_NO_MEMORY || status == ML_IO);
    assert_true((status == ML_OK) == (rules != NULL));
    if (status == ML_OK) {
        struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
        sweep->n_loaded += scratch != NULL;
        ml_rules_scratch_free(scratch);
    }
    ml_rules_free(rules);
}

static void running_out_of_memory_loads_nothing(void **state)
{
    (void)state;
    char folder[64];
    char lists[128];
    rig_folder(folder);
    rig_write(folder, "lists/hosts.txt", "a.test\nb*c.test\n");
    rig_write(folder, "rules/r.yml", everything);
    (void)snprintf(lists, sizeof lists, "%s/lists", folder);
    struct sweep sweep = {.lists = lists, .folder = folder};
    assert_true(oom_sweep(load_everything, &sweep) > 100);
    assert_int_equal(sweep.n_loaded, 1);
    rig_remove(folder);
}

static void parse_bytes(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    enum ml_status status = ml_rules_parse("r.yml", bytes, NULL, 0, &rules, &error);
    assert_true((status == ML_OK) == (rules != NULL));
    assert_true(status == ML_OK || error.text[0] != '\0');
    ml_rules_free(rules);
}

static void damaged_rules_are_refused_or_load_whole(void **state)
{
    (void)state;
    static const char text[] =
        "title: a\n" SOURCE "detection:\n  s: {http.path|re|i: 'a[b-c]', http.host|endswith: [.a, "
        "'*b']}\n  t: {dst.port|lte: 8}\n  condition: s and not 1 of t*\n";
    struct ml_span bytes = ml_span_of(text, sizeof text - 1);
    sweep_truncations(bytes, parse_bytes, NULL);
    sweep_bit_flips(bytes, parse_bytes, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_are_read_in_the_order_of_their_paths),
        cmocka_unit_test(a_loop_of_links_ends),
        cmocka_unit_test(a_rule_is_found_by_id_and_by_name),
        cmocka_unit_test(a_rule_says_what_it_says_and_nothing_is_null),
        cmocka_unit_test(rules_of_others_are_refused_or_counted),
        cmocka_unit_test(errors_name_the_file),
        cmocka_unit_test(the_digest_covers_rules_and_the_lists_they_use),
        cmocka_unit_test(a_list_of_a_hundred_thousand_values_is_one_predicate),
        cmocka_unit_test(there_is_a_ceiling_on_rules),
        cmocka_unit_test(an_empty_rule_set_matches_nothing),
        cmocka_unit_test(running_out_of_memory_loads_nothing),
        cmocka_unit_test(damaged_rules_are_refused_or_load_whole),
    };
    return cmocka_run_group_tests_name("policy/load", tests, NULL, NULL);
}
