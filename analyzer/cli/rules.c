/* SPDX-License-Identifier: Apache-2.0 */
/* rules - lists, checks, tests and explains the rules. */
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/resources.h"
#include "cli/rules_test.h"

#include <stdio.h>

static const char letters[] = "rD";

static int list(const struct ml_rules *rules)
{
    for (size_t i = 0; i < ml_rules_count(rules); i++) {
        const struct ml_rule *rule = ml_rules_get(rules, i);
        (void)printf("%-13s %-11s %-34s %s\n", ml_level_text(rule->level), rule->taxonomy, rule->name, rule->title);
    }
    return ML_EXIT_DONE;
}

static void show_list(const char *label, const char *const *texts)
{
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        (void)printf("%-15s %s\n", i == 0 ? label : "", texts[i]);
    }
}

static int explain(const struct ml_rules *rules, const char *id)
{
    const struct ml_rule *rule = ml_rules_find(rules, ml_span_text(id));
    if (rule == NULL) {
        ml_complain("rules explain: no rule has the id or name '%s'", id);
        return ML_EXIT_USAGE;
    }
    (void)printf("%s\n\n%-15s %s\n%-15s %s\n%-15s %s\n%-15s %s\n%-15s %s\n%-15s %s\n%-15s %s\n", rule->title, "name",
                 rule->name, "id", rule->id, "file", rule->file, "taxonomy", rule->taxonomy, "level",
                 ml_level_text(rule->level), "claim", ml_claim_text(rule->claim), "looks at",
                 ml_category_name(rule->category));
    show_list("limits", rule->limits);
    show_list("provisions", rule->provisions);
    show_list("not a leak when", rule->falsepositives);
    show_list("references", rule->references);
    (void)printf("\n%s\n\nWhy: %s\n", rule->description, rule->reasoning);
    return ML_EXIT_DONE;
}

/* Checks files the way an audit would load them: each on its own, so that every broken one is told. */
static int check(const struct ml_options *options)
{
    int code = ML_EXIT_DONE;
    for (int i = 1; i < options->n_arguments; i++) {
        struct ml_options one = *options;
        struct ml_resources resources = {0};
        one.rules[0] = options->arguments[i];
        one.n_rules = 1;
        int result = ml_resources_load_rules(&resources, &one);
        if (result == ML_EXIT_DONE) {
            (void)printf("%s: %zu rules are fine\n", options->arguments[i], ml_rules_count(resources.rules));
        }
        code = result != ML_EXIT_DONE ? result : code;
        ml_resources_free(&resources);
    }
    return code;
}

/* Tests the files named as arguments, those of --rules, or the built-in ones. */
static int test(const struct ml_options *options)
{
    struct ml_options all = *options;
    for (int i = 1; i < options->n_arguments; i++) {
        if (all.n_rules == ML_MAX_RULE_PATHS) {
            ml_complain("rules test: more than %d files", ML_MAX_RULE_PATHS);
            return ML_EXIT_USAGE;
        }
        all.rules[all.n_rules++] = options->arguments[i];
    }
    return ml_rules_test(&all);
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
    if (strcmp(verb, "check") == 0 && options.n_arguments > 1) {
        return check(&options);
    }
    if (strcmp(verb, "test") == 0) {
        return test(&options);
    }
    bool is_list = strcmp(verb, "list") == 0 && options.n_arguments == 1;
    bool is_explain = strcmp(verb, "explain") == 0 && options.n_arguments == 2;
    if (!is_list && !is_explain) {
        ml_complain("rules: wants 'list', 'check FILE...', 'test [FILE...]' or 'explain ID'");
        return ML_EXIT_USAGE;
    }
    int code = ml_resources_load_rules(&resources, &options);
    if (code == ML_EXIT_DONE) {
        code = is_list ? list(resources.rules) : explain(resources.rules, options.arguments[1]);
    }
    ml_resources_free(&resources);
    return code;
}

static void help(void)
{
    (void)printf("  list              all rules: level, leak, name, title\n"
                 "  check FILE...     compile files; says file, line and column of what is wrong\n"
                 "  test [FILE...]    audit the captures each rule names under 'tests'; exit code 1 when one fails\n"
                 "  explain ID        what a rule sees, why that is a leak, its limits\n\n");
    ml_options_help(letters);
}

const struct ml_command ml_command_rules = {
    .name = "rules",
    .arguments = "list | check FILE... | test [FILE...] | explain ID",
    .summary = "list, check, test and explain the rules",
    .run = run,
    .help = help,
};
