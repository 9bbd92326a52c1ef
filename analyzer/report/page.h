/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page - text for a terminal, in a language: columns count characters, not bytes.
 *
 * Nothing here makes bytes from outside safe but where it says so. Failures latch in the buffer.
 */
#ifndef MITLESER_REPORT_PAGE_H
#define MITLESER_REPORT_PAGE_H

#include "report/locale.h"

struct ml_page {
    const struct ml_locale *locale;
    struct ml_buf *out;
    bool has_colour;
    unsigned width; /* columns */
};

const char *ml_page_text(const struct ml_page *page, enum ml_text id);
/* The word for a value of a closed list, as in ("level", "high"); the value itself when there is none. */
const char *ml_page_word(const struct ml_page *page, const char *family, const char *value);

/* `code` is that of a colour or weight (ECMA-48, SGR). */
void ml_page_paint(const struct ml_page *page, const char *code, const char *text);
void ml_page_heading(const struct ml_page *page, enum ml_text id);

/* In characters, as ml_safe_add writes them. */
size_t ml_page_characters(struct ml_span text);
/* Exactly `width` characters, made safe: padded with blanks, or cut with two dots at the end. */
void ml_page_padded(const struct ml_page *page, struct ml_span text, size_t width);
void ml_page_padded_text(const struct ml_page *page, const char *text, size_t width);
/* At least `width` characters, blanks in front. */
void ml_page_right(const struct ml_page *page, const char *text, size_t width);

/*
 * Words in lines of the page's width; all lines are indented, the first one only when `is_begun` is false: then
 * something of that width stands there. A line ends the text.
 */
void ml_page_wrapped(const struct ml_page *page, const char *text, size_t indent, bool is_begun);

/* A line that says how many more there are of something; the text has the place {count}. */
void ml_page_more(const struct ml_page *page, const char *indent, enum ml_text id, size_t n);

/* "3 endpoints", for a type of subject; nothing for a type that is unknown. */
void ml_subjects_text(const struct ml_page *page, const char *type, uint64_t n, struct ml_buf *out);

/* "1.2 MB" */
const char *ml_bytes_text(uint64_t bytes, char out[24]);

#endif
