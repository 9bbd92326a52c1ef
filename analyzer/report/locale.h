/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locale - what the program says to people, in their language. The canonical body of a report stays as it is.
 *
 * In:        reports/locales/<language>.yaml: {language, texts: {name: text}}.
 * Out:       the texts of text_id.def by number; and by name those of families whose members are data of their own:
 *            rule.<text id>.title and .reasoning, leak.<id>, limit.<id>, topic.<id>, question.<id>,
 *            provision.<profile>.<id>.title, .shows and .not_shown, profile.<id>.*.
 * Invariant: refused with file and position: a text of text_id.def that is missing or has other places than its own, a
 *            name that is neither there nor in a family, a family's text with a place. A member that is missing from a
 *            family is found by who needs it, and for the project's own data by a test.
 * Lifetime:  texts live as long as the locale.
 */
#ifndef MITLESER_REPORT_LOCALE_H
#define MITLESER_REPORT_LOCALE_H

#include "core/buf.h"
#include "core/status.h"

enum ml_text {
#define ML_TEXT(id, name, places) ML_TEXT_##id,
#include "report/text_id.def"
#undef ML_TEXT
    ML_N_TEXTS
};

struct ml_locale;

/* ML_NOT_FOUND, ML_IO, ML_BAD_INPUT, ML_LIMIT, ML_NO_MEMORY. Gives *out. */
enum ml_status ml_locale_read(const char *path, struct ml_locale **out, struct ml_error *error) ML_MUST_USE;
/* From memory; `name` stands for the file. */
enum ml_status ml_locale_parse(const char *name, struct ml_span text, struct ml_locale **out,
                               struct ml_error *error) ML_MUST_USE;
void ml_locale_free(struct ml_locale *locale); /* NULL is fine */

const char *ml_locale_language(const struct ml_locale *locale); /* "de" */
const char *ml_locale_text(const struct ml_locale *locale, enum ml_text id);

/* All names, in the order of the file. */
size_t ml_locale_count(const struct ml_locale *locale);
struct ml_span ml_locale_name(const struct ml_locale *locale, size_t number);

/* The text of that name; `otherwise` when there is none. */
const char *ml_locale_find(const struct ml_locale *locale, const char *name, const char *otherwise);
/* The same for the name "<family>.<member><part>", as in ("rule", "ml-tls-sni", ".title"). */
const char *ml_locale_member(const struct ml_locale *locale, const char *family, const char *member, const char *part,
                             const char *otherwise);

/*
 * Appends a text with its places filled: name and value in turn, ended by NULL. Values are written as they are, so what
 * comes from outside was made safe before. A place without a value stays empty.
 */
void ml_locale_say(const struct ml_locale *locale, struct ml_buf *out, enum ml_text id, ...) __attribute__((sentinel));

/* Decimal digits of a number, for a place. */
struct ml_digits {
    char text[24];
};
struct ml_digits ml_digits_of(uint64_t number);

#endif
