/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/irc/line.h"

#include "core/text.h"
#include "proto/lines.h"

static bool is_command(struct ml_span word)
{
    bool is_number = word.len == 3;
    bool is_name = word.len >= 2 && word.len <= 16;
    for (size_t i = 0; i < word.len; i++) {
        is_number = is_number && ml_is_digit(word.ptr[i]);
        is_name = is_name && ml_is_alpha(word.ptr[i]);
    }
    return is_number || is_name;
}

static void read_sender(struct ml_span sender, struct ml_irc_line *out)
{
    size_t n = 0;
    while (n < sender.len && sender.ptr[n] != '!' && sender.ptr[n] != '@') {
        n++;
    }
    out->nick = ml_span_cut(sender, 0, n);
    out->is_user = n < sender.len;
}

bool ml_irc_line_read(struct ml_span line, struct ml_irc_line *out)
{
    *out = (struct ml_irc_line){.n_params = 0};
    while (line.len != 0 && line.ptr[0] == ' ') { /* some clients indent */
        line = ml_span_cut(line, 1, line.len);
    }
    if (line.len != 0 && line.ptr[0] == '@') { /* tags */
        (void)ml_word(&line);
    }
    if (line.len != 0 && line.ptr[0] == ':') {
        struct ml_span sender = ml_word(&line);
        read_sender(ml_span_cut(sender, 1, sender.len), out);
    }
    out->command = ml_word(&line);
    if (!is_command(out->command)) {
        return false;
    }
    while (line.len != 0 && out->n_params < ML_IRC_MAX_PARAMS) {
        bool is_last = line.ptr[0] == ':';
        out->params[out->n_params++] = is_last ? ml_span_cut(line, 1, line.len) : ml_word(&line);
        if (is_last) {
            break;
        }
    }
    return true;
}

bool ml_irc_is(const struct ml_irc_line *line, const char *command)
{
    return ml_span_equal_nocase(line->command, ml_span_text(command));
}

struct ml_span ml_irc_param(const struct ml_irc_line *line, size_t n)
{
    return n < line->n_params ? line->params[n] : ml_span_of(NULL, 0);
}
