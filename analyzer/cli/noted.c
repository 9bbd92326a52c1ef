/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/noted.h"

#include "classify/ndpi.h"
#include "core/timefmt.h"

#include <stdio.h>

/* Writes the value (false: not given, so not noted), or takes it back (false: not a value of this option). */
struct noted_option {
    const char *name;
    bool (*write)(const struct ml_options *options, char value[ML_NOTED_TEXT]);
    bool (*take)(struct ml_options *options, const char *value);
};

static bool write_app(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)snprintf(value, ML_NOTED_TEXT, "%s", options->app != NULL ? options->app : "");
    return options->app != NULL;
}

static bool take_app(struct ml_options *options, const char *value)
{
    options->app = value;
    return true;
}

static bool write_device(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    if (options->device.family == 0) {
        return false;
    }
    (void)ml_ip_format(&options->device, value);
    return true;
}

static bool take_device(struct ml_options *options, const char *value)
{
    return ml_ip_parse(ml_span_text(value), &options->device);
}

static bool write_ndpi(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)snprintf(value, ML_NOTED_TEXT, "%s", options->with_ndpi && ml_ndpi_version() != NULL ? "on" : "off");
    return true;
}

static bool take_ndpi(struct ml_options *options, const char *value)
{
    options->with_ndpi = strcmp(value, "on") == 0;
    return options->with_ndpi || strcmp(value, "off") == 0;
}

static bool write_filter(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)snprintf(value, ML_NOTED_TEXT, "%s", options->filter != NULL ? options->filter : "");
    return options->filter != NULL;
}

static bool take_filter(struct ml_options *options, const char *value)
{
    options->filter = value;
    return true;
}

/* The file itself stays with the auditor: a digest of it would give short values away. */
static bool write_identities(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)snprintf(value, ML_NOTED_TEXT, "on");
    return options->identities != NULL;
}

static bool take_identities(struct ml_options *options, const char *value)
{
    return options->identities != NULL && strcmp(value, "on") == 0;
}

/* The body tells which report it was, by its digest. */
static bool write_baseline(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)snprintf(value, ML_NOTED_TEXT, "on");
    return options->baseline != NULL;
}

static bool take_baseline(struct ml_options *options, const char *value)
{
    return options->baseline != NULL && strcmp(value, "on") == 0;
}

static bool write_series(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)snprintf(value, ML_NOTED_TEXT, "on");
    return options->is_series;
}

static bool take_series(struct ml_options *options, const char *value)
{
    options->is_series = strcmp(value, "on") == 0;
    return options->is_series;
}

static bool write_since(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)ml_time_format(options->since_ns, value);
    return options->has_since;
}

static bool take_since(struct ml_options *options, const char *value)
{
    options->has_since = ml_time_parse(ml_span_text(value), &options->since_ns);
    return options->has_since;
}

static bool write_until(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)ml_time_format(options->until_ns, value);
    return options->has_until;
}

static bool take_until(struct ml_options *options, const char *value)
{
    options->has_until = ml_time_parse(ml_span_text(value), &options->until_ns);
    return options->has_until;
}

/* What it holds stays with the auditor, like identities. */
static bool write_bundle(const struct ml_options *options, char value[ML_NOTED_TEXT])
{
    (void)snprintf(value, ML_NOTED_TEXT, "on");
    return options->bundle != NULL;
}

static bool take_bundle(struct ml_options *options, const char *value)
{
    return options->bundle != NULL && strcmp(value, "on") == 0;
}

static const struct noted_option table[] = {
    /* by name */
    {"app", write_app, take_app},
    {"baseline", write_baseline, take_baseline},
    {"bundle", write_bundle, take_bundle},
    {"device", write_device, take_device},
    {"filter", write_filter, take_filter},
    {"identities", write_identities, take_identities},
    {"ndpi", write_ndpi, take_ndpi},
    {"series", write_series, take_series},
    {"since", write_since, take_since},
    {"until", write_until, take_until},
};

enum { N_NOTED = sizeof table / sizeof table[0] };
_Static_assert((int)N_NOTED <= (int)ML_MAX_NOTED, "every option has a place");
_Static_assert((int)ML_IP_TEXT <= (int)ML_NOTED_TEXT, "an address is a value");

void ml_noted_fill(struct ml_noted *noted, const struct ml_options *options)
{
    size_t n = 0;
    *noted = (struct ml_noted){0};
    for (size_t i = 0; i < N_NOTED; i++) {
        char value[ML_NOTED_TEXT];
        if (table[i].write(options, value)) {
            (void)snprintf(noted->texts[n], ML_NOTED_TEXT, "%s=%.*s", table[i].name, ML_NOTED_TEXT - 32, value);
            noted->list[n] = noted->texts[n];
            n++;
        }
    }
}

bool ml_noted_apply(struct ml_options *options, const char *name, const char *value)
{
    for (size_t i = 0; i < N_NOTED; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return table[i].take(options, value);
        }
    }
    return false;
}
