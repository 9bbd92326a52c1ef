/* SPDX-License-Identifier: Apache-2.0 */
/* A report from a stranger gives a tree or a refusal; its canonical text reads back to the same canonical text. */
#include "core/limits.h"
#include "fuzz/fuzz.h"
#include "report/canonical.h"
#include "report/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_error error = {0};
    struct ml_buf first;
    struct ml_buf second;
    json_t *tree = NULL;
    json_t *again = NULL;
    enum ml_status status = ml_report_parse("fuzz", ml_span_of(data, size), &tree, &error);
    ML_ASSERT((status == ML_OK) == (tree != NULL));
    ml_buf_init(&first, ML_MAX_REPORT_BYTES);
    ml_buf_init(&second, ML_MAX_REPORT_BYTES);
    if (tree != NULL && ml_canonical_add(tree, &first) == ML_OK) {
        /* A number above 2^53 that was written with an exponent comes back as an integer, and is refused then. */
        status = ml_report_parse("canonical", ml_buf_span(&first), &again, &error);
        ML_ASSERT(status == ML_OK || status == ML_BAD_INPUT);
        if (status == ML_OK && ml_canonical_add(again, &second) == ML_OK) {
            ML_ASSERT(ml_span_equal(ml_buf_span(&first), ml_buf_span(&second)));
        }
    }
    json_decref(again);
    json_decref(tree);
    ml_buf_fini(&first);
    ml_buf_fini(&second);
    return 0;
}
