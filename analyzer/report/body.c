/* SPDX-License-Identifier: Apache-2.0 */
#include "report/body.h"

#include "core/digest.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/timefmt.h"

void ml_body_id(struct ml_json *json, char kind, uint64_t number)
{
    char text[1 + ML_DECIMAL_TEXT] = {kind};
    ml_json_span(json, ml_span_of(text, 1 + ml_decimal_write(number, text + 1)));
}

void ml_body_fact_id(struct ml_json *json, uint64_t number)
{
    char text[2 + 2 * ML_DECIMAL_TEXT] = {'f'};
    size_t len = 1 + ml_decimal_write(number / ML_FACTS_OF_FLOW, text + 1);
    text[len++] = '.';
    len += ml_decimal_write(number % ML_FACTS_OF_FLOW + 1, text + len);
    ml_json_span(json, ml_span_of(text, len));
}

void ml_body_endpoint_id(struct ml_json *json, uint32_t index)
{
    ml_body_id(json, 'e', index + UINT64_C(1));
}

static void add_steps(const struct ml_case *declared, struct ml_json *json)
{
    char at[ML_TIME_TEXT];
    ml_member_array(json, "steps");
    for (size_t i = 0; i < declared->n_steps; i++) {
        (void)ml_time_format(declared->steps[i].at_ns, at);
        ml_json_object(json);
        ml_member_text(json, "at", at);
        ml_member_text(json, "step", declared->steps[i].step);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

static void add_vantage(const struct ml_case *declared, struct ml_json *json)
{
    ml_json_key(json, "vantage");
    if (!declared->has_vantage) {
        ml_json_null(json);
        return;
    }
    ml_json_object(json);
    ml_member_uint(json, "access_delay_us", declared->vantage.access_delay_us);
    ml_member_or_null(json, "country", declared->vantage.country);
    ml_member_or_null(json, "lat", declared->lat); /* as written: a report holds no fractions */
    ml_member_or_null(json, "lon", declared->lon);
    ml_json_object_end(json);
}

/* What the case file says, but for its first member, which stands before the device. */
static void add_declared(const struct ml_report *report, const struct ml_case *declared, struct ml_json *json)
{
    ml_json_key(json, "proxy");
    if (declared->has_proxy_word) {
        ml_json_bool(json, declared->proxy);
    } else {
        ml_json_null(json);
    }
    ml_member_or_null(json, "purpose", declared->purpose);
    ml_member_or_null(json, "reference", declared->reference);
    ml_member_object(json, "rtt_bounds");
    ml_member_bool(json, "applied", report->bounds_problem == NULL);
    ml_member_or_null(json, "reason", report->bounds_problem);
    ml_json_object_end(json);
    ml_member_or_null(json, "scenario", declared->scenario);
    ml_member_text(json, "sha256", declared->sha256);
    add_steps(declared, json);
    add_vantage(declared, json);
}

static void add_case(const struct ml_report *report, struct ml_json *json)
{
    ml_member_object(json, "case");
    if (report->declared != NULL) {
        ml_member_text(json, "capture_at", report->declared->capture_at);
        ml_member_list(json, "declared_countries", report->declared->declared_countries);
        ml_member_list(json, "declared_domains", report->declared->declared_domains);
    }
    if (report->device.family != 0) {
        ml_member_object(json, "device");
        ml_member_text(json, "how", report->device_how);
        ml_json_key(json, "ip");
        ml_json_ip(json, &report->device);
        ml_json_object_end(json);
    }
    if (report->declared != NULL) {
        add_declared(report, report->declared, json);
    }
    ml_json_object_end(json);
}

static void add_not_decided(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "not_decided");
    for (size_t i = 0; i < report->n_not_decided; i++) {
        ml_json_object(json);
        ml_member_text(json, "reason", report->not_decided[i].reason);
        ml_member_text(json, "taxonomy", report->not_decided[i].taxonomy);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

enum ml_status ml_report_body(const struct ml_report *report, struct ml_buf *out)
{
    struct ml_json json;
    ml_json_init(&json, out);
    ml_json_object(&json);
    ml_body_apps(report, &json);
    ml_body_baseline(report, &json);
    add_case(report, &json);
    ml_body_coverage(report, &json);
    ml_body_endpoints(report, &json);
    ml_body_facts(report, &json);
    ml_body_findings(report, &json);
    ml_body_inputs(report, &json);
    add_not_decided(report, &json);
    ml_body_planted(report, &json);
    ml_body_readers(report, &json);
    ml_body_residency(report, &json);
    ml_body_tool(report, &json);
    ml_json_object_end(&json);
    return out->failed ? ML_NO_MEMORY : ML_OK;
}

/* What is true of this run only. */
static void add_run(const struct ml_run *run, struct ml_json *json)
{
    ml_member_object(json, "run");
    ml_member_list(json, "command_line", run->command_line);
    ml_member_time(json, "finished", run->finished_ns);
    ml_member_or_null(json, "host", run->host);
    ml_member_time(json, "started", run->started_ns);
    ml_member_object(json, "tool_build");
    ml_member_text(json, "compiler", __VERSION__);
    ml_json_object_end(json);
    ml_json_object_end(json);
}

/* The body at the end of `out`, and its digest. */
static enum ml_status add_body(const struct ml_report *report, struct ml_buf *out, char sha256[ML_SHA256_HEX])
{
    size_t from = out->len;
    enum ml_status status = ml_report_body(report, out);
    if (status != ML_OK) {
        return status;
    }
    struct ml_span body = ml_span_cut(ml_buf_span(out), from, out->len);
    return body.len <= ML_MAX_REPORT_BYTES && ml_sha256_hex(body, sha256) ? ML_OK : ML_NO_MEMORY;
}

enum ml_status ml_report_json(const struct ml_report *report, const struct ml_run *run, struct ml_buf *out)
{
    struct ml_json json;
    char sha256[ML_SHA256_HEX];
    ml_json_init(&json, out);
    ml_json_object(&json);
    ml_member_text(&json, "schema", "urn:mitleser:schema:report:1");
    ml_json_key(&json, "body");
    enum ml_status status = add_body(report, out, sha256);
    if (status != ML_OK) {
        return status;
    }
    json.wants_comma = true;
    add_run(run, &json);
    ml_member_object(&json, "integrity");
    ml_member_text(&json, "body_sha256", sha256);
    ml_member_text(&json, "canonicalisation", "RFC 8785");
    ml_json_object_end(&json);
    ml_json_object_end(&json);
    (void)ml_buf_add_byte(out, '\n');
    return out->failed ? ML_NO_MEMORY : ML_OK;
}
