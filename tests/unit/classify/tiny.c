/* SPDX-License-Identifier: Apache-2.0 */
#include "tiny.h"

#include "support/cm.h"

#include <stdio.h>

enum { MOST_FILES = 8 };

const char TINY_WEIGHTS[] = "weights:\n"
                            "  - {evidence: declared, points: 10, reason: r}\n"
                            "  - {evidence: uid, points: 100, reason: r}\n"
                            "  - {evidence: signature, points: 100, reason: r}\n"
                            "  - {evidence: name.sni, points: 90, reason: r}\n"
                            "  - {evidence: name.http, points: 90, reason: r}\n"
                            "  - {evidence: name.quic, points: 90, reason: r}\n"
                            "  - {evidence: name.cert, points: 70, reason: r}\n"
                            "  - {evidence: name.http_dns, points: 60, reason: r}\n"
                            "  - {evidence: name.dns, points: 50, reason: r}\n"
                            "  - {evidence: name.file, points: 40, reason: r}\n"
                            "  - {evidence: name.dns_later, points: 30, reason: r}\n"
                            "  - {evidence: prefix.published, points: 30, reason: r}\n"
                            "  - {evidence: prefix.seen, points: 16, reason: r}\n"
                            "  - {evidence: asn, points: 10, reason: r}\n"
                            "  - {evidence: ndpi.dpi, points: 46, reason: r}\n"
                            "  - {evidence: ndpi.other, points: 20, reason: r}\n"
                            "  - {evidence: ndpi.by_address, points: 6, reason: r}\n"
                            "  - {evidence: ndpi.against_names, points: 4, reason: r}\n"
                            "  - {evidence: signature.kin, points: 60, reason: r}\n"
                            "  - {evidence: ndpi.stun, points: 15, reason: r}\n"
                            "factors:\n"
                            "  - {when: shared, percent: 60, reason: r}\n"
                            "  - {when: several_names, percent: 50, reason: r}\n"
                            "  - {when: foreign_name, percent: 50, reason: r}\n"
                            "grades:\n"
                            "  - {grade: low, points: 20, reason: r}\n"
                            "  - {grade: moderate, points: 45, reason: r}\n"
                            "  - {grade: high, points: 75, reason: r}\n"
                            "conflict: {ceiling: moderate, reason: r}\n";

enum ml_status tiny_build(const char *weights, const char *const *texts, size_t n, struct ml_apps **out,
                          struct ml_error *error)
{
    struct ml_yaml_file rules = {0};
    struct ml_yaml_file files[MOST_FILES] = {0};
    assert_true(n <= MOST_FILES);
    *out = NULL;
    enum ml_status status = ml_yaml_parse("weights.yaml", ml_span_text(weights), &rules, error);
    size_t n_read = 0;
    while (status == ML_OK && n_read < n) {
        char name[32];
        snprintf(name, sizeof name, "%zu.yaml", n_read);
        status = ml_yaml_parse(name, ml_span_text(texts[n_read]), &files[n_read], error);
        n_read += status == ML_OK;
    }
    if (status == ML_OK) {
        status = ml_apps_build(&rules, files, n, out, error);
    }
    for (size_t i = 0; i < n_read; i++) {
        ml_yaml_fini(&files[i]);
    }
    ml_yaml_fini(&rules);
    return status;
}
