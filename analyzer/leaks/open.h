/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open - undoes one wrapping of all it can be seen in.
 *
 * In:        a view.
 * Out:       another view: escapes replaced in the whole text, or the decoded runs one behind the other.
 * Note:      nothing tells for sure that a run is base64 or hexadecimal, so every run long enough is decoded; what
 *            comes out of other text is noise in which nothing is found.
 * See:       RFC 3986, section 2.1; RFC 8259, section 7; RFC 4648; the HTML standard, section 13.5; RFC 1952, 1950,
 * 8878.
 */
#ifndef MITLESER_LEAKS_OPEN_H
#define MITLESER_LEAKS_OPEN_H

#include "leaks/view.h"

/* Bit 1 << wrapping for each that may be there; others need not be tried. */
unsigned ml_open_hints(const struct ml_view *in);

/* False: nothing of the kind is there. `out` is emptied first. */
bool ml_open(enum ml_wrapping wrapping, const struct ml_view *in, struct ml_view *out);

/* open_text.c */
bool ml_open_url(const struct ml_view *in, struct ml_view *out);
/* The same, but a plus sign stays one: it stands in front of phone numbers. Empties `out` first. */
bool ml_open_percent(const struct ml_view *in, struct ml_view *out);
bool ml_open_json(const struct ml_view *in, struct ml_view *out);
bool ml_open_html(const struct ml_view *in, struct ml_view *out);
/* Code point as UTF-8. */
void ml_open_put_point(struct ml_view *out, uint32_t point, size_t at);

/* open_runs.c */
bool ml_open_separators(const struct ml_view *in, struct ml_view *out);
bool ml_open_base64(const struct ml_view *in, struct ml_view *out);
bool ml_open_hex(const struct ml_view *in, struct ml_view *out);
bool ml_open_utf16(const struct ml_view *in, struct ml_view *out);

/* open_packed.c: members that begin in the view, as far as they are in it. */
bool ml_open_packed(enum ml_wrapping wrapping, const struct ml_view *in, struct ml_view *out);

/* Does a member of the kind begin with these bytes? */
bool ml_open_begins(enum ml_wrapping wrapping, struct ml_span bytes);

/* Is there a member of gzip or zstd that is not opened elsewhere, by the first bytes that nothing else is likely to
 * have? */
bool ml_open_is_packed(const struct ml_view *in);

#endif
