/* SPDX-License-Identifier: Apache-2.0 */
/* An app file gives a catalogue, or a refusal with its place; whatever the file claims, a verdict stays within bounds.
 */
#include "classify/catalogue.h"
#include "core/text.h"
#include "fuzz/fuzz.h"

static const char WEIGHTS[] =
    "weights: [{evidence: declared, points: 10, reason: r}, {evidence: uid, points: 100, reason: r}, {evidence: "
    "signature.kin, points: 60, reason: r},\n"
    "  {evidence: signature, points: 100, reason: r}, {evidence: name.sni, points: 90, reason: r},\n"
    "  {evidence: name.http, points: 90, reason: r}, {evidence: name.quic, points: 90, reason: r},\n"
    "  {evidence: name.cert, points: 70, reason: r}, {evidence: name.http_dns, points: 60, reason: r},\n"
    "  {evidence: name.dns, points: 50, reason: r}, {evidence: name.file, points: 40, reason: r},\n"
    "  {evidence: prefix.published, points: 30, reason: r}, {evidence: prefix.seen, points: 15, reason: r},\n"
    "  {evidence: asn, points: 10, reason: r}, {evidence: ndpi.dpi, points: 45, reason: r},\n"
    "  {evidence: ndpi.other, points: 20, reason: r}, {evidence: ndpi.by_address, points: 5, reason: r}]\n"
    "factors: [{when: shared, percent: 60, reason: r}, {when: several_names, percent: 60, reason: r},\n"
    "  {when: foreign_name, percent: 50, reason: r}]\n"
    "grades: [{grade: low, points: 20, reason: r}, {grade: moderate, points: 45, reason: r},\n"
    "  {grade: high, points: 75, reason: r}]\n"
    "conflict: {ceiling: moderate, reason: r}\n";

/* The other app that entries of the input may share with. */
static const char OTHER[] = "id: zz\nname: Other\nnames: [{name: .example.org, source: s}]\n"
                            "sources: {s: {description: d, unverified: true}}\n";

static void check_verdict(const struct ml_apps *apps, struct ml_span bytes)
{
    /* Names out of the input itself, so that patterns meet hosts that nearly fit. */
    struct ml_flow_name names[4] = {{.name = ml_span_text("a.example.org"), .source = ML_NAME_SNI}};
    size_t n = 1;
    for (size_t from = 0; from < bytes.len && n < 4; n++) {
        struct ml_span rest = ml_span_cut(bytes, from, bytes.len);
        size_t len = ml_span_find(rest, ml_span_text(","));
        names[n] = (struct ml_flow_name){.name = ml_span_cut(rest, 0, len < 255 ? len : 255), .source = ML_NAME_CERT};
        from += len + 1;
    }
    struct ml_evidence evidence = {.names = names, .n_names = n, .asn = 64500};
    uint8_t address[4] = {192, 0, 2, 1};
    evidence.server = ml_ip4(address);
    struct ml_verdict verdict;
    ml_classify(apps, &evidence, &verdict);
    ML_ASSERT(verdict.n_votes <= ML_MAX_VOTES && verdict.n_one_of <= ML_MAX_ONE_OF && verdict.n_one_of != 1);
    ML_ASSERT(verdict.app == NULL || verdict.n_one_of == 0);
    ML_ASSERT((verdict.grade == ML_GRADE_NONE) == (verdict.app == NULL && verdict.n_one_of == 0));
    for (size_t i = 0; i < verdict.n_votes; i++) {
        ML_ASSERT(verdict.votes[i].app < ml_apps_count(apps));
        ML_ASSERT(memchr(verdict.votes[i].evidence, 0, sizeof verdict.votes[i].evidence) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_error error = {0};
    struct ml_yaml_file weights;
    struct ml_yaml_file files[2];
    struct ml_apps *apps = NULL;
    if (ml_yaml_parse("fuzz", ml_span_of(data, size), &files[0], &error) != ML_OK) {
        return 0;
    }
    ML_ASSERT(ml_yaml_parse("other", ml_span_text(OTHER), &files[1], &error) == ML_OK);
    ML_ASSERT(ml_yaml_parse("weights", ml_span_text(WEIGHTS), &weights, &error) == ML_OK);
    enum ml_status status = ml_apps_build(&weights, files, 2, &apps, &error);
    if (status == ML_OK) {
        check_verdict(apps, ml_span_of(data, size));
    } else {
        ML_ASSERT(status == ML_BAD_INPUT && apps == NULL);
        ML_ASSERT(error.line != 0 && error.column != 0 && error.text[0] != '\0');
    }
    ml_apps_free(apps);
    /* The same text as weights: also a catalogue or a refusal. */
    status = ml_apps_build(&files[0], &files[1], 1, &apps, &error);
    ML_ASSERT(status == ML_OK ? apps != NULL : apps == NULL);
    ml_apps_free(apps);
    ml_yaml_fini(&weights);
    ml_yaml_fini(&files[0]);
    ml_yaml_fini(&files[1]);
    return 0;
}
