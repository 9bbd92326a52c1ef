/* SPDX-License-Identifier: Apache-2.0 */
/* verify - checks a report against its hashes, and against the captures it was made from. */
#include "cli/checks.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/noted.h"
#include "cli/options.h"
#include "cli/recompute.h"
#include "cli/resources.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/path.h"
#include "report/canonical.h"
#include "report/read.h"

#include <stdio.h>
#include <unistd.h>

static const char letters[] = "rkDIbBctq";

struct verify {
    struct ml_options options;
    struct ml_checks checks;
    struct ml_report_file report;
    struct ml_buf body; /* canonical body of the report */
    size_t n_inputs;    /* inputs of the report */
    const char **paths; /* owned array: capture of each input, NULL missing; borrowed from argv */
    const char **names; /* owned array: name of each input; borrowed from the report */
};

/* --- the body hash --- */

static int check_body(struct verify *verify)
{
    char sha256[ML_SHA256_HEX];
    const char *told = ml_report_text_of(verify->report.root, "integrity.body_sha256");
    const char *how = ml_report_text_of(verify->report.root, "integrity.canonicalisation");
    enum ml_status status = ml_canonical_add(verify->report.body, &verify->body);
    if (status == ML_BAD_INPUT) {
        ml_checks_failed(&verify->checks, "body: holds an integer beyond 2^53, which no report does");
        return ML_EXIT_DONE;
    }
    if (status != ML_OK || !ml_sha256_hex(ml_buf_span(&verify->body), sha256)) {
        ml_complain("out of memory");
        return ML_EXIT_INTERNAL;
    }
    if (strcmp(how, "RFC 8785") != 0) {
        ml_checks_failed(&verify->checks, "body: canonicalisation is '%s', not 'RFC 8785'", how);
    }
    if (strcmp(sha256, told) == 0) {
        ml_checks_fine(&verify->checks, "body: SHA-256 %s", sha256);
    } else {
        ml_checks_failed(&verify->checks, "body: its SHA-256 is %s, integrity.body_sha256 says '%s'", sha256, told);
    }
    return ML_EXIT_DONE;
}

/* --- captures --- */

/* The first input of this hash that has no capture yet. */
static bool place_capture(struct verify *verify, const char *path, const char *sha256)
{
    const json_t *inputs = json_object_get(verify->report.body, "inputs");
    bool is_known = false;
    for (size_t i = 0; i < verify->n_inputs; i++) {
        if (strcmp(ml_report_text_of(json_array_get(inputs, i), "sha256"), sha256) == 0) {
            is_known = true;
            if (verify->paths[i] == NULL) {
                verify->paths[i] = path;
                return true;
            }
        }
    }
    return is_known; /* given twice: no harm */
}

static int place_captures(struct verify *verify)
{
    for (int i = 1; i < verify->options.n_arguments; i++) {
        struct ml_error error = {0};
        char sha256[ML_SHA256_HEX];
        const char *path = verify->options.arguments[i];
        if (ml_sha256_file(path, sha256, &error) != ML_OK) {
            ml_complain_error(&error);
            return ML_EXIT_INPUT;
        }
        if (!place_capture(verify, path, sha256)) {
            ml_checks_failed(&verify->checks, "capture: %s: no input of the report has its SHA-256 %s", path, sha256);
        }
    }
    return ML_EXIT_DONE;
}

/* True when every input of the report has its capture. */
static bool check_inputs(struct verify *verify)
{
    const json_t *inputs = json_object_get(verify->report.body, "inputs");
    bool is_complete = true;
    for (size_t i = 0; i < verify->n_inputs; i++) {
        const json_t *input = json_array_get(inputs, i);
        const char *sha256 = ml_report_text_of(input, "sha256");
        verify->names[i] = ml_report_text_of(input, "file");
        if (verify->paths[i] != NULL) {
            ml_checks_fine(&verify->checks, "input %s: %s: SHA-256 %s", ml_report_text_of(input, "id"),
                           verify->names[i], sha256);
        } else {
            ml_checks_failed(&verify->checks, "input %s: %s: no capture with its SHA-256 %s was given",
                             ml_report_text_of(input, "id"), verify->names[i], sha256);
            is_complete = false;
        }
    }
    return is_complete;
}

/* --- recomputing --- */

static bool take_options(struct verify *verify)
{
    const json_t *options = ml_report_get(verify->report.body, "tool.options");
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)options, name, value)
    { /* only reads; jansson's iterators lack const */
        if (!json_is_string(value) || !ml_noted_apply(&verify->options, name, json_string_value(value))) {
            ml_checks_failed(&verify->checks, "recomputed body: this program cannot set the option '%s' of the report",
                             name);
            return false;
        }
    }
    return true;
}

static void check_rows(struct verify *verify, const char *name, const char *recomputed)
{
    struct ml_error error = {0};
    char sha256[ML_SHA256_HEX];
    char *path = ml_path_join(verify->report.folder, name);
    if (path == NULL || access(path, F_OK) != 0) {
        ml_checks_skipped(&verify->checks, "recomputed %s: the folder has none", name);
    } else if (ml_sha256_file(path, sha256, &error) != ML_OK) {
        ml_checks_failed(&verify->checks, "recomputed %s: %s", name, error.text);
    } else if (strcmp(sha256, recomputed) == 0) {
        ml_checks_fine(&verify->checks, "recomputed %s: the same bytes", name);
    } else {
        ml_checks_failed(&verify->checks, "recomputed %s: its SHA-256 is %s, recomputed %s", name, sha256, recomputed);
    }
    ml_mem_free(path);
}

static int compare_bodies(struct verify *verify, const struct ml_recomputed *recomputed)
{
    struct ml_error error = {0};
    json_t *tree = NULL;
    if (ml_span_equal(ml_buf_span(&verify->body), ml_buf_span(&recomputed->body))) {
        ml_checks_fine(&verify->checks, "recomputed body: the same %zu bytes", recomputed->body.len);
        return ML_EXIT_DONE;
    }
    if (ml_report_parse("recomputed body", ml_buf_span(&recomputed->body), &tree, &error) != ML_OK) {
        ml_complain_error(&error);
        return ML_EXIT_INTERNAL;
    }
    ml_checks_differences(&verify->checks, verify->report.body, tree);
    json_decref(tree);
    return ML_EXIT_DONE;
}

/* Reports of decrypted captures can only be recomputed by who has the keys. */
static bool has_keys(const struct verify *verify)
{
    return verify->options.n_key_logs != 0 || verify->options.bundle != NULL ||
           json_array_size(ml_report_get(verify->report.body, "coverage.decryption.key_logs")) == 0;
}

static int recompute(struct verify *verify)
{
    struct ml_recomputed recomputed;
    int code = ml_recompute(&verify->options, verify->paths, verify->names, verify->n_inputs, &recomputed);
    if (code == ML_EXIT_DONE) {
        code = compare_bodies(verify, &recomputed);
    }
    if (code == ML_EXIT_DONE) {
        check_rows(verify, "flows.ndjson", recomputed.flows);
        check_rows(verify, "endpoints.ndjson", recomputed.endpoints);
    }
    ml_recomputed_fini(&recomputed);
    return code;
}

static int check_captures(struct verify *verify)
{
    if (verify->options.n_arguments < 2) {
        ml_checks_skipped(&verify->checks, "recomputed body: no captures were given");
        return ML_EXIT_DONE;
    }
    verify->n_inputs = json_array_size(json_object_get(verify->report.body, "inputs"));
    verify->paths = ml_mem_array(verify->n_inputs + 1, sizeof *verify->paths);
    verify->names = ml_mem_array(verify->n_inputs + 1, sizeof *verify->names);
    if (verify->paths == NULL || verify->names == NULL) {
        ml_complain("out of memory");
        return ML_EXIT_INTERNAL;
    }
    int code = place_captures(verify);
    if (code != ML_EXIT_DONE) {
        return code;
    }
    if (!check_inputs(verify) || !take_options(verify)) {
        ml_checks_skipped(&verify->checks, "recomputed body: not without all inputs and options");
        return ML_EXIT_DONE;
    }
    if (!has_keys(verify)) {
        ml_checks_skipped(&verify->checks, "recomputed body: not without the key logs of the report (--keylog)");
        return ML_EXIT_DONE;
    }
    return recompute(verify);
}

static int check_all(struct verify *verify)
{
    struct ml_error error = {0};
    char *file = NULL;
    char *folder = NULL;
    verify->checks.is_quiet = verify->options.is_quiet;
    if (!ml_report_locate(verify->options.arguments[0], &file, &folder)) {
        ml_complain("out of memory");
        return ML_EXIT_INTERNAL;
    }
    enum ml_status status = ml_report_read(file, &verify->report, &error);
    if (status != ML_IO) {
        ml_checks_manifest(&verify->checks, folder);
    }
    ml_mem_free(file);
    ml_mem_free(folder);
    if (status != ML_OK) {
        ml_complain_error(&error);
        return status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
    }
    int code = check_body(verify);
    code = code == ML_EXIT_DONE ? check_captures(verify) : code;
    return code == ML_EXIT_DONE && verify->checks.has_failed ? ML_EXIT_FINDINGS : code;
}

static int run(int argc, char **argv)
{
    struct verify verify = {0};
    if (!ml_options_parse(&verify.options, letters, argc, argv)) {
        return ML_EXIT_USAGE;
    }
    if (verify.options.wants_help) {
        ml_command_verify.help();
        return ML_EXIT_DONE;
    }
    if (verify.options.n_arguments < 1) {
        ml_complain("verify: no report given; see 'mitleser help verify'");
        return ML_EXIT_USAGE;
    }
    ml_buf_init(&verify.body, ML_MAX_REPORT_BYTES);
    int code = check_all(&verify);
    ml_buf_fini(&verify.body);
    ml_report_file_fini(&verify.report);
    ml_mem_free(verify.paths);
    ml_mem_free(verify.names);
    return code;
}

static void help(void)
{
    (void)printf(
        "REPORT is a report.json or the folder that holds it. Checked are the hash of its body and the manifest of "
        "the\n"
        "folder. With the captures it was made from, they are checked against the hashes of its inputs, and the audit\n"
        "is done once more with the same options: body and row files must be the same bytes. One line a check.\n\n");
    ml_options_help(letters);
    (void)printf(
        "\nExit codes: 0 all checks are fine, 1 a check failed, 2 wrong usage, 3 the report or a capture cannot\n"
        "be read, 4 internal error or out of resources.\n");
}

const struct ml_command ml_command_verify = {
    .name = "verify",
    .arguments = "REPORT [CAPTURE...] [options]",
    .summary = "check a report against its hashes and its captures",
    .run = run,
    .help = help,
};
