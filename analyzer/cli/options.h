/* SPDX-License-Identifier: Apache-2.0 */
/* options - the options that subcommands share: one table gives parsing and help. */
#ifndef MITLESER_CLI_OPTIONS_H
#define MITLESER_CLI_OPTIONS_H

#include "core/ip.h"
#include "policy/rules.h"

enum ml_format { ML_FORMAT_TEXT, ML_FORMAT_JSON, ML_FORMAT_NDJSON };

enum { ML_MAX_RULE_PATHS = 64, ML_MAX_KEY_LOGS = 64, ML_MAX_FILTER_TEXT = 4000 };

struct ml_options {
    const char *out; /* -o: folder, "-" for stdout, NULL */
    const char *rules[ML_MAX_RULE_PATHS];
    size_t n_rules; /* 0: the project's own */
    const char *key_logs[ML_MAX_KEY_LOGS];
    size_t n_key_logs;
    const char *data;      /* data set folder; NULL: the usual place */
    const char *case_path; /* --case */
    const char *app;
    const char *baseline;   /* earlier report, or NULL */
    const char *identities; /* file of planted values, or NULL */
    const char *bundle;     /* folder with a capture and what was seen on the device (bundle.h), or NULL */
    struct ml_ip device;    /* family 0: to be told from the traffic */
    const char *filter;     /* pcap-filter(7) expression, NULL: all packets */
    bool has_since, has_until;
    int64_t since_ns, until_ns; /* packets of [since, until) are audited */
    bool is_series;             /* the captures are one, cut into files */
    unsigned n_threads;
    enum ml_format format;
    const char *language; /* "en", "de", "fr" */
    const char *profile;  /* --profile, or NULL */
    bool has_fail_on;
    enum ml_level fail_on;
    bool with_ndpi;
    bool is_quiet;
    bool no_progress;
    bool wants_help;
    char **arguments; /* what is no option; borrowed from argv */
    int n_arguments;
};

/* Letters of the options a command takes, as in the table of options.c ("orDkadtmlFnqpfSUe"). False: complained about.
 */
bool ml_options_parse(struct ml_options *options, const char *letters, int argc, char **argv) ML_MUST_USE;

/* Prints the options named by `letters`. */
void ml_options_help(const char *letters);

#endif
