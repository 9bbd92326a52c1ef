/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "core/mem.h"
#include "core/text.h"
#include "support/cm.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

void leak_rig_init(struct leak_rig *rig, const char *rows)
{
    struct ml_error error = {0};
    *rig = (struct leak_rig){.patterns = NULL};
    ml_buf_init(&rig->text, 1 << 20);
    (void)ml_buf_add_text(&rig->text, "identities:\n");
    while (*rows != '\0') {
        size_t len = strcspn(rows, "\n");
        size_t colon = strcspn(rows, ":");
        (void)ml_buf_printf(&rig->text, "  - {kind: %.*s, value: '%.*s'}\n", (int)colon, rows, (int)(len - colon - 2),
                            rows + colon + 2);
        rows += len + 1;
    }
    if (ml_identities_parse("rig", ml_buf_span(&rig->text), &rig->identities, &error) != ML_OK) {
        fail_msg("line %u: %s", error.line, error.text);
    }
    rig->patterns = ml_patterns_new(&rig->identities, &error);
    assert_non_null(rig->patterns);
    rig->search = ml_search_new(rig->patterns, &rig->counters);
    assert_non_null(rig->search);
}

void leak_rig_fini(struct leak_rig *rig)
{
    ml_search_free(rig->search);
    ml_patterns_free(rig->patterns);
    ml_identities_fini(&rig->identities);
    ml_buf_fini(&rig->text);
}

const char *leak_rig_find(struct leak_rig *rig, struct ml_span window)
{
    const struct ml_leak_hit *hits = NULL;
    size_t n = ml_search_window(rig->search, window, 0, window.len, &hits);
    ml_buf_clear(&rig->text);
    for (size_t i = 0; i < n; i++) {
        const struct ml_leak_hit *hit = &hits[i];
        (void)ml_buf_printf(&rig->text, "%s%.*s %s%s%s", i != 0 ? " " : "", (int)hit->pattern->identity->label.len,
                            (const char *)hit->pattern->identity->label.ptr, hit->form,
                            hit->pattern->digest != 0 ? "/" : "",
                            ml_leak_digest_name((enum ml_leak_digest)hit->pattern->digest));
        for (unsigned k = 0; k < hit->n_wrappings; k++) {
            (void)ml_buf_printf(&rig->text, "%s%s", k == 0 ? " " : ".",
                                ml_wrapping_name((enum ml_wrapping)hit->wrappings[k]));
        }
        (void)ml_buf_printf(&rig->text, " %zu-%zu;", hit->from, hit->last);
    }
    (void)ml_buf_add_byte(&rig->text, 0);
    assert_false(rig->text.failed);
    return (const char *)rig->text.bytes;
}

static void wrap_packed(struct ml_buf *out, enum ml_wrapping wrapping, struct ml_span bytes)
{
    uint8_t packed[64 * 1024];
    size_t len = sizeof packed;
    if (wrapping == ML_WRAP_BROTLI) {
        assert_int_equal(BrotliEncoderCompress(5, 18, BROTLI_MODE_GENERIC, bytes.len, bytes.ptr, &len, packed), 1);
    } else if (wrapping == ML_WRAP_ZSTD) {
        len = ZSTD_compress(packed, sizeof packed, bytes.ptr, bytes.len, 3);
        assert_int_equal(ZSTD_isError(len), 0);
    } else {
        z_stream zlib = {.next_in = (Bytef *)(uintptr_t)bytes.ptr,
                         .avail_in = (uInt)bytes.len,
                         .next_out = packed,
                         .avail_out = sizeof packed};
        int window_bits = wrapping == ML_WRAP_GZIP ? 31 : 15;
        assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
        len = zlib.total_out;
        assert_int_equal(deflateEnd(&zlib), Z_OK);
    }
    (void)ml_buf_add(out, packed, len);
}

static void wrap_byte(struct ml_buf *out, enum ml_wrapping wrapping, uint8_t byte, size_t i)
{
    switch (wrapping) {
    case ML_WRAP_URL:
        (void)ml_buf_printf(out, "%%%02X", byte);
        break;
    case ML_WRAP_JSON:
        (void)ml_buf_printf(out, "\\u%04x", byte);
        break;
    case ML_WRAP_HTML:
        (void)ml_buf_printf(out, i % 2 == 0 ? "&#%u;" : "&#x%x;", byte);
        break;
    case ML_WRAP_HEX:
        (void)ml_buf_printf(out, "%02x", byte);
        break;
    case ML_WRAP_SEPARATORS:
        (void)ml_buf_printf(out, "%s%c", i != 0 && i % 3 == 0 ? (i % 2 == 0 ? " " : "-") : "", byte);
        break;
    default:
        assert_int_equal(wrapping, ML_WRAP_UTF16);
        (void)ml_buf_add_byte(out, byte);
        (void)ml_buf_add_byte(out, 0);
        break;
    }
}

void wrap(struct ml_buf *out, enum ml_wrapping wrapping, struct ml_span bytes)
{
    if (wrapping == ML_WRAP_NONE) {
        (void)ml_buf_add_span(out, bytes);
    } else if (wrapping == ML_WRAP_BASE64) {
        char text[8192];
        (void)ml_buf_add(out, text, ml_base64_write(bytes, text));
    } else if (wrapping >= ML_WRAP_GZIP) {
        wrap_packed(out, wrapping, bytes);
    } else {
        for (size_t i = 0; i < bytes.len; i++) {
            wrap_byte(out, wrapping, bytes.ptr[i], i);
        }
    }
    assert_false(out->failed);
}
