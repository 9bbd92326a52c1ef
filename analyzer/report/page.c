/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page.h"

#include "core/safe.h"
#include "core/text.h"

#include <stdio.h>

const char *ml_page_text(const struct ml_page *page, enum ml_text id)
{
    return ml_locale_text(page->locale, id);
}

const char *ml_page_word(const struct ml_page *page, const char *family, const char *value)
{
    return ml_locale_member(page->locale, family, value, "", value);
}

void ml_page_paint(const struct ml_page *page, const char *code, const char *text)
{
    if (page->has_colour) {
        (void)ml_buf_printf(page->out, "\033[%sm%s\033[0m", code, text);
    } else {
        (void)ml_buf_add_text(page->out, text);
    }
}

void ml_page_heading(const struct ml_page *page, enum ml_text id)
{
    (void)ml_buf_add_byte(page->out, '\n');
    ml_page_paint(page, "1", ml_locale_text(page->locale, id));
    (void)ml_buf_add_byte(page->out, '\n');
}

static void add_blanks(const struct ml_page *page, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)ml_buf_add_byte(page->out, ' ');
    }
}

size_t ml_page_characters(struct ml_span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; n++) {
        size_t len = ml_utf8_length(ml_span_cut(text, i, 4));
        i += len != 0 ? len : 1;
    }
    return n;
}

void ml_page_padded(const struct ml_page *page, struct ml_span text, size_t width)
{
    size_t n = ml_page_characters(text);
    ml_safe_add(page->out, text, n > width ? width - 2 : width);
    (void)ml_buf_add_text(page->out, n > width ? ".." : "");
    add_blanks(page, n < width ? width - n : 0);
}

void ml_page_padded_text(const struct ml_page *page, const char *text, size_t width)
{
    ml_page_padded(page, ml_span_text(text), width);
}

void ml_page_right(const struct ml_page *page, const char *text, size_t width)
{
    size_t n = ml_page_characters(ml_span_text(text));
    add_blanks(page, n < width ? width - n : 0);
    (void)ml_buf_add_text(page->out, text);
}

void ml_page_wrapped(const struct ml_page *page, const char *text, size_t indent, bool is_begun)
{
    size_t width = page->width > indent + 20 ? page->width : indent + 20;
    size_t column = indent;
    bool is_first = true;
    if (!is_begun) {
        add_blanks(page, indent);
    }
    for (const char *at = text + strspn(text, " "); *at != '\0'; at += strspn(at, " ")) {
        struct ml_span word = ml_span_of(at, strcspn(at, " "));
        size_t n = ml_page_characters(word);
        if (!is_first && column + 1 + n > width) {
            (void)ml_buf_add_byte(page->out, '\n');
            add_blanks(page, indent);
            column = indent;
        } else if (!is_first) {
            (void)ml_buf_add_byte(page->out, ' ');
            column++;
        }
        ml_safe_add(page->out, word, n);
        column += n;
        is_first = false;
        at += word.len;
    }
    (void)ml_buf_add_byte(page->out, '\n');
}

void ml_page_more(const struct ml_page *page, const char *indent, enum ml_text id, size_t n)
{
    (void)ml_buf_add_text(page->out, indent);
    ml_locale_say(page->locale, page->out, id, "count", ml_digits_of(n).text, NULL);
    (void)ml_buf_add_byte(page->out, '\n');
}

void ml_subjects_text(const struct ml_page *page, const char *type, uint64_t n, struct ml_buf *out)
{
    static const struct {
        const char *type;
        enum ml_text one, many;
    } types[] = {{"app", ML_TEXT_SUBJECT_APP, ML_TEXT_SUBJECT_APPS},
                 {"capture", ML_TEXT_SUBJECT_CAPTURE, ML_TEXT_SUBJECT_CAPTURES},
                 {"endpoint", ML_TEXT_SUBJECT_ENDPOINT, ML_TEXT_SUBJECT_ENDPOINTS},
                 {"flow", ML_TEXT_SUBJECT_FLOW, ML_TEXT_SUBJECT_FLOWS}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i].type) == 0) {
            ml_locale_say(page->locale, out, n == 1 ? types[i].one : types[i].many, "count", ml_digits_of(n).text,
                          NULL);
        }
    }
}

const char *ml_bytes_text(uint64_t bytes, char out[24])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    if (bytes < 1000) {
        (void)snprintf(out, 24, "%u B", (unsigned)bytes);
        return out;
    }
    unsigned unit = 1;
    while (unit < 4 && bytes >= 1000000) {
        bytes /= 1000;
        unit++;
    }
    (void)snprintf(out, 24, "%u.%u %s", (unsigned)(bytes / 1000), (unsigned)(bytes % 1000 / 100), units[unit]);
    return out;
}
