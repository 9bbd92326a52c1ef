/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"
#include "core/text.h"
#include "leaks/form_parts.h"

enum { MAX_WORDS = 16 };

static size_t split(struct ml_span text, struct ml_span words[MAX_WORDS])
{
    size_t n = 0;
    for (size_t at = 0; at < text.len && n < MAX_WORDS;) {
        size_t from = at;
        while (at < text.len && strchr(" ,\t", text.ptr[at]) == NULL) {
            at++;
        }
        if (at != from) {
            words[n++] = ml_span_cut(text, from, at - from);
        }
        at += at < text.len ? 1 : 0;
    }
    return n;
}

static void join(struct ml_form_giving *giving, struct ml_buf *buf, const char *name, const struct ml_span *words,
                 size_t n, size_t first, const char *mark)
{
    ml_buf_clear(buf);
    for (size_t i = 0; i < n; i++) {
        if (i != 0) {
            (void)ml_buf_add_text(buf, mark); /* failures latch */
        }
        (void)ml_buf_add_span(buf, words[(first + i) % n]);
    }
    if (buf->failed) {
        giving->goes_on = false;
        return;
    }
    ml_form_cases(giving, name, ml_buf_span(buf), ML_EDGE_ALNUM);
}

/* Lines of an address, which its commas part: without a blank behind them, or in lines of their own. */
static void join_lines(struct ml_form_giving *giving, struct ml_buf *buf, struct ml_span text)
{
    static const char *const marks[] = {",", "\n", "\r\n"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        ml_buf_clear(buf);
        for (size_t at = 0; at < text.len;) {
            size_t len = ml_span_find(ml_span_cut(text, at, text.len), ml_span_text(","));
            if (at != 0) {
                (void)ml_buf_add_text(buf, marks[i]); /* failures latch */
            }
            (void)ml_buf_add_span(buf, ml_span_trim(ml_span_cut(text, at, len)));
            at += len + 1;
        }
        if (buf->failed) {
            giving->goes_on = false;
            return;
        }
        ml_form_text(giving, "lines", ml_buf_span(buf), ML_FORM_FIND, ML_EDGE_ALNUM);
    }
}

/* The text with one blank between words and no commas; names also turned round and with other marks. */
bool ml_form_words(struct ml_form_giving *giving, const struct ml_identity *identity)
{
    struct ml_span words[MAX_WORDS];
    struct ml_buf buf;
    size_t n = split(identity->value, words);
    bool is_name = identity->kind == ML_IDENTITY_NAME;
    ml_buf_init(&buf, 2 * ML_MAX_IDENTITY_BYTES);
    ml_form_cases(giving, "text", identity->value, ML_EDGE_ALNUM);
    if (n >= 2 && n < MAX_WORDS && identity->kind != ML_IDENTITY_MESSAGE && identity->kind != ML_IDENTITY_CLIPBOARD) {
        if (memchr(identity->value.ptr, ',', identity->value.len) != NULL) {
            join(giving, &buf, "words", words, n, 0, " ");
            join_lines(giving, &buf, identity->value);
        }
        if (is_name) {
            join(giving, &buf, "turned", words, n, n - 1, " ");
            join(giving, &buf, "turned_comma", words, n, n - 1, ", ");
            join(giving, &buf, "dotted", words, n, 0, ".");
            join(giving, &buf, "underscored", words, n, 0, "_");
            join(giving, &buf, "dashed", words, n, 0, "-");
            join(giving, &buf, "joined", words, n, 0, "");
        }
    }
    ml_mem_wipe(buf.bytes, buf.len);
    ml_buf_fini(&buf);
    return true;
}
