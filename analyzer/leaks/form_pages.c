/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of what people share: links and files. */
#include "leaks/form_parts.h"

enum { N_PIECES = 16, PIECE_BYTES = 48, MIN_PATH = 8 };

/* Length of "https://" or "http://" in front; 0: neither. */
static size_t scheme_length(struct ml_span value)
{
    return ml_span_starts_nocase(value, "https://") ? 8 : ml_span_starts_nocase(value, "http://") ? 7 : 0;
}

static bool is_host(struct ml_span host)
{
    size_t dot = ml_span_find(host, ml_span_text("."));
    return dot != 0 && dot + 1 < host.len && ml_span_find(host, ml_span_text("@")) == host.len;
}

bool ml_form_link(struct ml_form_giving *giving, struct ml_span value)
{
    size_t scheme = scheme_length(value);
    struct ml_span rest = ml_span_cut(value, scheme, value.len);
    size_t n_host = ml_span_find(rest, ml_span_text("/"));
    struct ml_span host = ml_span_cut(rest, 0, n_host);
    struct ml_span path = ml_span_cut(rest, n_host, rest.len);
    if (scheme == 0 || !is_host(host)) {
        giving->reason = "a link is written with http:// or https:// and the name of its host";
        return false;
    }
    ml_form_text(giving, "url", value, ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_NONE);
    ml_form_text(giving, "without_scheme", rest, ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_NONE);
    ml_form_text(giving, "host", host, ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_ALNUM);
    /* In DNS the labels of a name are apart. */
    ml_form_text(giving, "label", ml_span_cut(host, 0, ml_span_find(host, ml_span_text("."))), ML_FORM_FIND,
                 ML_EDGE_ALNUM);
    if (path.len >= MIN_PATH) {
        ml_form_text(giving, "path", path, ML_FORM_FIND, ML_EDGE_ALNUM);
    }
    return true;
}

/*
 * Pieces stand apart, so that a file of which parts were sent is found too. The first quarter is left out: heads,
 * tables and colour profiles of a format are the same in many files.
 */
bool ml_form_content(struct ml_form_giving *giving, struct ml_span content)
{
    ml_form_text(giving, "content", content, ML_FORM_HASH, ML_EDGE_NONE);
    size_t step = content.len / N_PIECES > PIECE_BYTES ? content.len / N_PIECES : PIECE_BYTES;
    for (size_t at = content.len / 4; at < content.len && content.len - at >= PIECE_BYTES; at += step) {
        struct ml_span piece = ml_span_cut(content, at, PIECE_BYTES);
        ml_form_text(giving, "piece", piece, ML_FORM_FIND | ML_FORM_RAW, ML_EDGE_NONE);
    }
    return true;
}
