/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "cli/command.h"
#include "core/text.h"
#include "core/timefmt.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

struct option_info {
    char letter;    /* also what getopt_long returns */
    bool has_short; /* the letter may be given on the command line */
    const char *name;
    const char *argument; /* NULL: a switch */
    const char *help;
};

static const struct option_info table[] = {
    {'o', true, "output", "DIR", "write report.json, flows.ndjson and more into DIR; - writes report.json to stdout"},
    {'r', true, "rules", "PATH", "rule file or folder in place of the built-in rules (repeatable)"},
    {'D', false, "data", "DIR", "folder of the data sets"},
    {'k', false, "keylog", "FILE", "TLS key log (SSLKEYLOGFILE) that opens connections of the captures (repeatable)"},
    {'c', false, "case", "FILE", "what is declared of the audit: places, domains, steps of the test (YAML)"},
    {'a', false, "app", "NAME", "the app that ran during the capture, if it is known"},
    {'d', false, "device", "ADDRESS", "address of the audited device, if it cannot be told from the traffic"},
    {'I', false, "identities", "FILE", "look for the values planted on the device (YAML), encoded and hashed ones too"},
    {'b', false, "bundle", "DIR",
     "key log, sockets and identifiers of a PiRogue folder; a folder of captures is recognised"},
    {'B', false, "baseline", "REPORT",
     "mark what is new since an earlier report; --fail-on then counts only what is new"},
    {'f', true, "filter", "BPF", "audit only packets that match, in the language of tcpdump"},
    {'S', false, "since", "TIME", "leave out packets before TIME: 2026-11-26T11:05:40Z, 2026-11-26 or @seconds"},
    {'U', false, "until", "TIME", "leave out packets at or after TIME"},
    {'e', false, "series", NULL, "the captures are one, cut into files: conversations go on over their borders"},
    {'t', false, "threads", "N", "worker threads, 1 to 16 (the result does not depend on it)"},
    {'m', true, "format", "FORMAT", "what goes to stdout: text (default), json or, of an audit, ndjson (flows)"},
    {'l', false, "lang", "LANGUAGE", "language of what people read: en (default), de or fr"},
    {'P', false, "profile", "PROFILE", "order by the provisions of a regime: gdpr (default) or swiss-ndsg"},
    {'F', false, "fail-on", "LEVEL", "exit with 1 when a finding is of LEVEL or worse (informational ... critical)"},
    {'n', false, "without-ndpi", NULL, "do not ask nDPI for a second opinion"},
    {'q', true, "quiet", NULL, "no summary and no messages but errors"},
    {'p', false, "no-progress", NULL, "no progress bar on a terminal"},
    {'h', true, "help", NULL, "show this help"},
};

enum { N_OPTIONS = sizeof table / sizeof table[0] };

static bool is_taken(const char *letters, const struct option_info *info)
{
    return info->letter == 'h' || strchr(letters, info->letter) != NULL;
}

static bool take_threads(struct ml_options *options, const char *value)
{
    uint64_t n = 0;
    if (!ml_decimal_read(ml_span_text(value), &n) || n < 1 || n > 16) {
        ml_complain("--threads: '%s' is not a number from 1 to 16", value);
        return false;
    }
    options->n_threads = (unsigned)n;
    return true;
}

static bool take_format(struct ml_options *options, const char *value)
{
    static const char *const names[] = {"text", "json", "ndjson"};
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            options->format = (enum ml_format)i;
            return true;
        }
    }
    ml_complain("--format: '%s' is not one of text, json, ndjson", value);
    return false;
}

static bool take_language(struct ml_options *options, const char *value)
{
    static const char *const languages[] = {"en", "de", "fr"};
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (strcmp(value, languages[i]) == 0) {
            options->language = languages[i];
            return true;
        }
    }
    ml_complain("--lang: '%s' is not one of en, de, fr", value);
    return false;
}

static bool take_rules(struct ml_options *options, const char *value)
{
    if (options->n_rules == ML_MAX_RULE_PATHS) {
        ml_complain("--rules: more than %d paths", ML_MAX_RULE_PATHS);
        return false;
    }
    options->rules[options->n_rules++] = value;
    return true;
}

static bool take_key_log(struct ml_options *options, const char *value)
{
    if (options->n_key_logs == ML_MAX_KEY_LOGS) {
        ml_complain("--keylog: more than %d files", ML_MAX_KEY_LOGS);
        return false;
    }
    options->key_logs[options->n_key_logs++] = value;
    return true;
}

static bool take_device(struct ml_options *options, const char *value)
{
    if (!ml_ip_parse(ml_span_text(value), &options->device)) {
        ml_complain("--device: '%s' is not an IPv4 or IPv6 address", value);
        return false;
    }
    return true;
}

static bool take_fail_on(struct ml_options *options, const char *value)
{
    options->has_fail_on = ml_level_parse(ml_span_text(value), &options->fail_on);
    if (!options->has_fail_on) {
        ml_complain("--fail-on: '%s' is not one of informational, low, medium, high, critical", value);
    }
    return options->has_fail_on;
}

static bool take_time(const char *name, const char *value, bool *has_time, int64_t *time_ns)
{
    *has_time = ml_time_parse(ml_span_text(value), time_ns);
    if (!*has_time) {
        ml_complain("--%s: '%s' is no time such as 2026-11-26T11:05:40Z, 2026-11-26 or @1795691140", name, value);
    }
    return *has_time;
}

static bool take(struct ml_options *options, int letter, const char *value)
{
    switch (letter) {
    case 'o':
        options->out = value;
        return true;
    case 'r':
        return take_rules(options, value);
    case 'D':
        options->data = value;
        return true;
    case 'k':
        return take_key_log(options, value);
    case 'c':
        options->case_path = value;
        return true;
    case 'a':
        options->app = value;
        return true;
    case 'b':
        options->bundle = value;
        return true;
    case 'I':
        options->identities = value;
        return true;
    case 'B':
        options->baseline = value;
        return true;
    case 'd':
        return take_device(options, value);
    case 't':
        return take_threads(options, value);
    case 'm':
        return take_format(options, value);
    case 'f':
        if (strlen(value) > ML_MAX_FILTER_TEXT) {
            ml_complain("--filter: longer than %d characters", ML_MAX_FILTER_TEXT);
            return false;
        }
        options->filter = value;
        return true;
    case 'S':
        return take_time("since", value, &options->has_since, &options->since_ns);
    case 'U':
        return take_time("until", value, &options->has_until, &options->until_ns);
    case 'e':
        options->is_series = true;
        return true;
    case 'l':
        return take_language(options, value);
    case 'P':
        options->profile = value;
        return true;
    case 'F':
        return take_fail_on(options, value);
    case 'n':
        options->with_ndpi = false;
        return true;
    case 'q':
        options->is_quiet = true;
        return true;
    case 'p':
        options->no_progress = true;
        return true;
    default:
        options->wants_help = true;
        return true;
    }
}

/* Tables in the form getopt_long wants. */
static void make_tables(const char *letters, char shorts[2 * N_OPTIONS + 2], struct option longs[N_OPTIONS + 1])
{
    size_t n_short = 0;
    size_t n_long = 0;
    shorts[n_short++] = ':'; /* a missing argument is told from an unknown option */
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const struct option_info *info = &table[i];
        if (!is_taken(letters, info)) {
            continue;
        }
        if (info->has_short) {
            shorts[n_short++] = info->letter;
            if (info->argument != NULL) {
                shorts[n_short++] = ':';
            }
        }
        longs[n_long++] = (struct option){
            .name = info->name,
            .has_arg = info->argument != NULL ? required_argument : no_argument,
            .val = info->letter,
        };
    }
    shorts[n_short] = '\0';
    longs[n_long] = (struct option){0};
}

bool ml_options_parse(struct ml_options *options, const char *letters, int argc, char **argv)
{
    char shorts[2 * N_OPTIONS + 2];
    struct option longs[N_OPTIONS + 1];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (struct ml_options){.with_ndpi = true,
                                   .language = "en",
                                   .n_threads = cores < 1    ? 1
                                                : cores > 16 ? 16
                                                             : (unsigned)cores};
    make_tables(letters, shorts, longs);
    opterr = 0;
    optind = 0; /* glibc: start afresh, so that a second parse in one process works */
    int letter;
    while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (letter == ':') {
            ml_complain("option '%s' needs a value; see 'mitleser help %s'", argv[optind - 1], argv[0]);
            return false;
        }
        if (letter == '?') {
            ml_complain("unknown option '%s'; see 'mitleser help %s'", argv[optind - 1], argv[0]);
            return false;
        }
        if (!take(options, letter, optarg)) {
            return false;
        }
    }
    options->arguments = argv + optind;
    options->n_arguments = argc - optind;
    return true;
}

void ml_options_help(const char *letters)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const struct option_info *info = &table[i];
        if (!is_taken(letters, info)) {
            continue;
        }
        char left[64];
        char dash[8] = "    ";
        if (info->has_short) {
            (void)snprintf(dash, sizeof dash, "-%c, ", info->letter);
        }
        (void)snprintf(left, sizeof left, "%s--%s%s%s", dash, info->name, info->argument != NULL ? " " : "",
                       info->argument != NULL ? info->argument : "");
        (void)printf("  %-24s %s\n", left, info->help);
    }
}
