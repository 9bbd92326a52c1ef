/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search for planted values and the detectors, on any bytes. Oracle: what is told lies within the window, and a
 * value that stands in front of the bytes is found whatever follows.
 */
#include "fuzz/fuzz.h"

#include "core/limits.h"
#include "core/mem.h"
#include "leaks/detect.h"
#include "leaks/search.h"

#define NOW INT64_C(1790000000000000000) /* 2026-09-21T14:13:20Z */

static const char planted[] = "identities:\n"
                              "  - {kind: phone, value: '+4915123987406'}\n"
                              "  - {kind: coordinates, value: '52.516275, 13.377704'}\n"
                              "  - {kind: mac, value: '02:1a:9b:3c:7d:5e'}\n"
                              "  - {kind: name, value: 'Erika Mustermann-Beispiel'}\n";

static void check_detected(void *context, const struct ml_detected *detected)
{
    const struct ml_span *text = context;
    ML_ASSERT(detected->kind != ML_IDENTITY_NONE && detected->from <= text->len &&
              detected->len <= text->len - detected->from);
}

static void search(const struct ml_patterns *patterns, struct ml_span bytes)
{
    static const char known[] = "4915123987406\n";
    struct ml_counters counters = {{0}};
    struct ml_search *search = ml_search_new(patterns, &counters);
    uint8_t *window = ml_mem_array(sizeof known - 1 + bytes.len, 1);
    const struct ml_leak_hit *hits = NULL;
    size_t len = sizeof known - 1 + bytes.len;
    bool is_found = false;
    ML_ASSERT(search != NULL && window != NULL);
    memcpy(window, known, sizeof known - 1);
    if (bytes.len != 0) {
        memcpy(window + sizeof known - 1, bytes.ptr, bytes.len);
    }
    size_t n = ml_search_window(search, ml_span_of(window, len), 0, len, &hits);
    for (size_t i = 0; i < n; i++) {
        ML_ASSERT(hits[i].from <= hits[i].last && hits[i].last < len && hits[i].n_wrappings <= ML_MAX_WRAPPINGS);
        is_found |= hits[i].from == 0 && hits[i].n_wrappings == 0;
    }
    ML_ASSERT(is_found);
    ml_mem_free(window);
    ml_search_free(search);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_identities identities;
    struct ml_error error = {0};
    struct ml_span bytes = ml_span_of(data, size < ML_MAX_LEAK_VIEW / 4 ? size : ML_MAX_LEAK_VIEW / 4);
    ML_ASSERT(ml_identities_parse("planted", ml_span_text(planted), &identities, &error) == ML_OK);
    struct ml_patterns *patterns = ml_patterns_new(&identities, &error);
    ML_ASSERT(patterns != NULL);
    search(patterns, bytes);
    ml_detect_text(bytes, false, check_detected, &bytes);
    ml_detect_text(bytes, true, check_detected, &bytes);
    ml_detect_head(bytes, NOW, check_detected, &bytes);
    ml_detect_response(bytes, NOW, check_detected, &bytes);
    ml_detect_host(bytes, check_detected, &bytes);
    ml_patterns_free(patterns);
    ml_identities_fini(&identities);
    return 0;
}
