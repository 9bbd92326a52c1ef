/* SPDX-License-Identifier: Apache-2.0 */
/* What was read, with what, and how far: inputs, coverage, tool. */
#include "report/body.h"

#include "classify/ndpi.h"
#include "core/mem.h"

#include <stdlib.h>

/* --- inputs --- */

static void add_damage(const struct ml_source_summary *summary, struct ml_json *json)
{
    ml_json_key(json, "damage");
    if (!summary->is_damaged) {
        ml_json_null(json);
        return;
    }
    ml_json_object(json);
    ml_member_uint(json, "offset", summary->damage_offset);
    ml_member_text(json, "text", summary->damage);
    ml_json_object_end(json);
}

static void add_link_types(const struct ml_source_summary *summary, struct ml_json *json)
{
    char name[32];
    ml_member_array(json, "link_types");
    for (size_t i = 0; i < summary->n_interfaces; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i && is_new; k++) {
            is_new = summary->interfaces[k].link_type != summary->interfaces[i].link_type;
        }
        if (is_new) {
            ml_json_text(json, ml_link_type_name(summary->interfaces[i].link_type, name));
        }
    }
    ml_json_array_end(json);
}

static uint64_t dropped_of(const struct ml_source_summary *summary)
{
    uint64_t dropped = 0;
    for (size_t i = 0; i < summary->n_interfaces; i++) {
        dropped += summary->interfaces[i].dropped;
    }
    return dropped;
}

static void add_time_or_null(struct ml_json *json, const char *key, bool is_known, int64_t time_ns)
{
    ml_json_key(json, key);
    if (is_known) {
        ml_json_time(json, time_ns);
    } else {
        ml_json_null(json);
    }
}

void ml_body_inputs(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "inputs");
    for (size_t i = 0; i < report->n_inputs; i++) {
        const struct ml_report_input *input = &report->inputs[i];
        const struct ml_source_summary *summary = &input->summary;
        ml_json_object(json);
        ml_member_uint(json, "bytes", summary->bytes);
        add_damage(summary, json);
        ml_member_uint(json, "dropped", dropped_of(summary));
        ml_member_text(json, "file", summary->file);
        add_time_or_null(json, "first_packet", summary->packets != 0, summary->first_ns);
        ml_member_text(json, "format", summary->format);
        ml_member_text(json, "id", input->id);
        add_time_or_null(json, "last_packet", summary->packets != 0, summary->last_ns);
        add_link_types(summary, json);
        ml_member_uint(json, "packets", summary->packets);
        ml_member_object(json, "secrets");
        ml_member_uint(json, "count", input->secrets.secrets);
        ml_member_uint(json, "late", input->n_late_secrets);
        ml_member_uint(json, "refused", input->secrets.refused);
        ml_member_uint(json, "used", input->secrets.used);
        ml_json_object_end(json);
        ml_member_text(json, "sha256", summary->sha256);
        ml_member_uint(json, "truncated", summary->truncated);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

/* --- coverage --- */

struct named_count {
    const char *name;
    uint64_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct named_count *)a)->name, ((const struct named_count *)b)->name);
}

/* Object of the counters whose names begin with `prefix`, those that are not zero, without the prefix. */
static void add_counters(const struct ml_counters *counters, const char *prefix, struct ml_json *json, const char *key)
{
    struct named_count rows[ML_N_COUNTERS];
    size_t n = 0;
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        const char *name = ml_counter_name((enum ml_counter)i);
        if (counters->n[i] != 0 && strncmp(name, prefix, strlen(prefix)) == 0) {
            rows[n++] = (struct named_count){.name = name + strlen(prefix), .n = counters->n[i]};
        }
    }
    qsort(rows, n, sizeof rows[0], by_name);
    ml_member_object(json, key);
    for (size_t i = 0; i < n; i++) {
        ml_member_uint(json, rows[i].name, rows[i].n);
    }
    ml_json_object_end(json);
}

static void add_limits(const struct ml_counters *counters, struct ml_json *json)
{
    ml_member_array(json, "limits_hit");
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        const char *name = ml_counter_name((enum ml_counter)i);
        if (counters->n[i] != 0 && strncmp(name, "limit.", 6) == 0) {
            ml_json_object(json);
            ml_member_uint(json, "count", counters->n[i]);
            ml_member_text(json, "limit", name + 6);
            ml_json_object_end(json);
        }
    }
    ml_json_array_end(json);
}

/* Protocol names come from parsers and nDPI: constants of either, so they can be keys. */
static void add_protocols(const struct ml_report *report, struct ml_json *json)
{
    struct named_count *rows = ml_mem_array(report->by_protocol.n, sizeof *rows);
    if (rows == NULL) {
        json->out->failed = true;
        return;
    }
    for (size_t i = 0; i < report->by_protocol.n; i++) {
        const struct ml_map_entry *entry = report->by_protocol.entries[i];
        rows[i] = (struct named_count){.name = (const char *)entry->key, .n = entry->value};
    }
    qsort(rows, report->by_protocol.n, sizeof *rows, by_name);
    ml_member_object(json, "by_protocol");
    for (size_t i = 0; i < report->by_protocol.n; i++) {
        ml_member_uint(json, rows[i].name, rows[i].n);
    }
    ml_json_object_end(json);
    ml_mem_free(rows);
}

static void add_key_logs(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "key_logs");
    for (size_t i = 0; i < report->n_key_logs; i++) {
        const struct ml_report_key_log *log = &report->key_logs[i];
        ml_json_object(json);
        ml_member_uint(json, "bytes", log->bytes);
        ml_member_text(json, "file", log->file);
        ml_member_object(json, "secrets");
        ml_member_uint(json, "count", log->secrets.secrets);
        ml_member_uint(json, "refused", log->secrets.refused);
        ml_member_uint(json, "used", log->secrets.used);
        ml_json_object_end(json);
        ml_member_text(json, "sha256", log->sha256);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

/* Connections, but for the bytes; which were readable only by the auditor's keys. */
static void add_decryption(const struct ml_report *report, struct ml_json *json)
{
    const uint64_t *n = report->counters.n;
    ml_member_object(json, "decryption");
    ml_member_uint(json, "bytes", n[ML_COUNT_DECRYPTION_BYTES]);
    ml_member_uint(json, "decrypted", n[ML_COUNT_DECRYPTION_DONE]);
    ml_member_object(json, "failed");
    add_counters(&report->counters, "not_decrypted.", json, "by_reason");
    ml_json_object_end(json);
    add_key_logs(report, json);
    ml_member_uint(json, "possible", n[ML_COUNT_DECRYPTION_POSSIBLE]);
    ml_json_object_end(json);
}

static void add_streams(const uint64_t *n, struct ml_json *json)
{
    ml_member_object(json, "streams");
    ml_member_uint(json, "bytes", n[ML_COUNT_STREAM_BYTES]);
    ml_member_uint(json, "complete", n[ML_COUNT_STREAMS_COMPLETE]);
    ml_member_uint(json, "gap_bytes", n[ML_COUNT_STREAM_GAP_BYTES]);
    ml_member_uint(json, "with_gaps", n[ML_COUNT_STREAMS_WITH_GAPS]);
    ml_json_object_end(json);
}

/* Reasons in the order of their names. Without planted values only requests are read, all else is not asked for. */
static void add_not_searched(const struct ml_report *report, struct ml_json *json)
{
    const uint64_t *n = report->counters.n;
    ml_member_object(json, "not_searched");
    ml_member_object(json, "by_reason");
    ml_member_uint(json, "ceiling", n[ML_COUNT_NOT_SEARCHED_CEILING]);
    ml_member_uint(json, "coding", n[ML_COUNT_NOT_SEARCHED_CODING]);
    ml_member_uint(json, "encrypted", report->reach.sealed);
    ml_member_uint(json, "gap", n[ML_COUNT_STREAM_GAP_BYTES]);
    uint64_t known = n[ML_COUNT_NOT_SEARCHED_CEILING] + n[ML_COUNT_NOT_SEARCHED_CODING];
    uint64_t rest = report->reach.unread > known ? report->reach.unread - known : 0;
    ml_member_uint(json, report->is_seeded ? "other" : "not_asked", rest);
    ml_json_object_end(json);
    ml_json_object_end(json);
}

/* `bytes` are those of the wire; what came out of compression and wrappings is told beside them. */
static void add_searched(const struct ml_report *report, struct ml_json *json)
{
    const uint64_t *n = report->counters.n;
    ml_member_object(json, "searched");
    ml_member_uint(json, "bytes", n[ML_COUNT_SEARCHED_PLAIN] + n[ML_COUNT_SEARCHED_DECRYPTED]);
    ml_member_uint(json, "decrypted", n[ML_COUNT_SEARCHED_DECRYPTED]);
    ml_member_bool(json, "for_planted_values", report->is_seeded);
    add_not_searched(report, json);
    ml_member_uint(json, "opened", n[ML_COUNT_SEARCHED_OPENED]);
    ml_member_uint(json, "plain", n[ML_COUNT_SEARCHED_PLAIN]);
    ml_member_uint(json, "unpacked", n[ML_COUNT_SEARCHED_UNPACKED]);
    ml_json_object_end(json);
}

void ml_body_coverage(const struct ml_report *report, struct ml_json *json)
{
    const uint64_t *n = report->counters.n;
    ml_member_object(json, "coverage");
    ml_member_object(json, "bytes");
    ml_member_uint(json, "captured", n[ML_COUNT_BYTES_CAPTURED]);
    ml_member_uint(json, "duplicates", n[ML_COUNT_BYTES_DUPLICATES]);
    ml_member_uint(json, "skipped", n[ML_COUNT_BYTES_SKIPPED]);
    ml_member_uint(json, "total", n[ML_COUNT_BYTES_WIRE]);
    ml_json_object_end(json);
    add_decryption(report, json);
    ml_member_object(json, "flows");
    add_protocols(report, json);
    ml_member_uint(json, "total", report->n_flows);
    ml_member_uint(json, "unattributed", report->n_unattributed);
    ml_json_object_end(json);
    add_limits(&report->counters, json);
    add_counters(&report->counters, "malformed.", json, "malformed");
    ml_member_object(json, "packets");
    ml_member_uint(json, "decoded", n[ML_COUNT_PACKETS_DECODED]);
    ml_member_uint(json, "duplicates", n[ML_COUNT_PACKETS_DUPLICATES]);
    ml_member_uint(json, "read", n[ML_COUNT_PACKETS_READ]);
    ml_member_object(json, "skipped"); /* left out by --since, --until or --filter */
    add_counters(&report->counters, "skipped.", json, "by_reason");
    ml_json_object_end(json);
    ml_member_uint(json, "truncated", n[ML_COUNT_PACKETS_TRUNCATED]);
    ml_member_object(json, "undecoded");
    add_counters(&report->counters, "undecoded.", json, "by_reason");
    ml_json_object_end(json);
    ml_json_object_end(json);
    add_searched(report, json);
    add_streams(n, json);
    ml_json_object_end(json);
}

/* --- tool --- */

static void add_datasets(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "datasets");
    for (size_t i = 0; i < ml_intel_datasets(report->intel); i++) {
        const struct ml_dataset *set = ml_intel_dataset(report->intel, i);
        ml_json_object(json);
        ml_member_or_null(json, "date", set->date);
        ml_member_or_null(json, "edition", set->edition);
        ml_member_text(json, "id", set->id);
        ml_member_or_null(json, "licence", set->licence);
        ml_member_text(json, "name", set->name);
        ml_member_or_null(json, "needed_for", set->needed_for);
        ml_member_bool(json, "present", set->is_present);
        ml_member_or_null(json, "sha256", set->sha256);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

/* "name=value" texts, sorted; the names are constants of the program. */
static void add_options(const char *const *options, struct ml_json *json)
{
    ml_member_object(json, "options");
    for (; options != NULL && *options != NULL; options++) {
        char name[32];
        size_t len = ml_span_find(ml_span_text(*options), ml_span_text("="));
        ML_ASSERT(len < sizeof name && (*options)[len] == '=');
        memcpy(name, *options, len);
        name[len] = '\0';
        ml_member_text(json, name, *options + len + 1);
    }
    ml_json_object_end(json);
}

void ml_body_tool(const struct ml_report *report, struct ml_json *json)
{
    ml_member_object(json, "tool");
    ml_member_object(json, "components"); /* libraries whose version can change a result */
    ml_member_or_null(json, "ndpi", ml_ndpi_version());
    ml_json_object_end(json);
    add_datasets(report, json);
    ml_member_text(json, "name", "mitleser");
    add_options(report->options, json);
    ml_member_object(json, "rules");
    ml_member_uint(json, "count", ml_rules_count(report->rules));
    ml_member_text(json, "sha256", ml_rules_sha256(report->rules));
    ml_member_text(json, "taxonomy_sha256", ml_taxonomy_sha256(report->taxonomy));
    ml_json_object_end(json);
    ml_member_text(json, "version", MITLESER_VERSION);
    ml_json_object_end(json);
}
