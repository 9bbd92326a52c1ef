/* SPDX-License-Identifier: Apache-2.0 */
/* A message to somebody: a text with several words, by its name and with the name of whom it is for beside it. */
#include "core/text.h"
#include "leaks/detect_parts.h"

enum { MAX_DISTANCE = 256, MAX_TEXT = 2048, MIN_BLANKS = 2, MIN_LETTERS = 8 };

static const struct ml_word text_names[] = {ML_WORD("message"),     ML_WORD("msg"),     ML_WORD("text"),
                                            ML_WORD("body"),        ML_WORD("content"), ML_WORD("caption"),
                                            ML_WORD("messagetext"), {0, NULL}};
static const struct ml_word to_names[] = {ML_WORD("to"),
                                          ML_WORD("recipient"),
                                          ML_WORD("recipients"),
                                          ML_WORD("receiver"),
                                          ML_WORD("receiverid"),
                                          ML_WORD("chatid"),
                                          ML_WORD("roomid"),
                                          ML_WORD("peerid"),
                                          ML_WORD("conversationid"),
                                          ML_WORD("dialogid"),
                                          ML_WORD("toid"),
                                          ML_WORD("touser"),
                                          {0, NULL}};

/* End of the text whose first word is at `from`: a string ends with its quote, a value of a form with its pair. */
static size_t end_of_text(struct ml_span text, size_t from)
{
    uint8_t before = from > 0 ? text.ptr[from - 1] : 0;
    size_t at = from;
    if (before != '"' && before != '=') {
        return from;
    }
    while (at < text.len && at - from < MAX_TEXT) {
        uint8_t byte = text.ptr[at];
        if (before == '"' ? byte == '"' : byte == '&' || byte < ' ') {
            return at;
        }
        at += before == '"' && byte == '\\' ? 2 : 1;
    }
    return before == '=' && at >= text.len ? text.len : from;
}

static bool is_sentence(struct ml_span text)
{
    size_t n_blanks = 0;
    size_t n_letters = 0;
    for (size_t i = 0; i < text.len; i++) {
        n_blanks += text.ptr[i] == ' ' || text.ptr[i] == '+';
        n_letters += ml_is_alpha(text.ptr[i]) || text.ptr[i] >= 0x80;
        if (text.ptr[i] == '<' || text.ptr[i] == '{') { /* a document */
            return false;
        }
    }
    return n_blanks >= MIN_BLANKS && n_letters >= MIN_LETTERS && 2 * n_letters > text.len;
}

void ml_detect_chat(struct ml_detect_chat *chat, struct ml_span text, const struct ml_pair *pair, ml_detected_fn take,
                    void *context)
{
    if (pair->name.len < 2) {
        return;
    }
    if (ml_plain_name_is(pair->plain, text_names)) {
        size_t end = end_of_text(text, pair->from);
        if (!is_sentence(ml_span_cut(text, pair->from, end - pair->from))) {
            return;
        }
        chat->from = pair->from;
        chat->end = end;
    } else if (ml_plain_name_is(pair->plain, to_names)) {
        chat->to_end = pair->from + pair->len;
    } else {
        return;
    }
    size_t apart = chat->from > chat->to_end  ? chat->from - chat->to_end
                   : chat->to_end > chat->end ? chat->to_end - chat->end
                                              : 0;
    if (chat->end != 0 && chat->to_end != 0 && apart <= MAX_DISTANCE) {
        const struct ml_pair message = {.value = ml_span_cut(text, chat->from, chat->end - chat->from),
                                        .from = chat->from,
                                        .len = chat->end - chat->from};
        ml_detect_tell(&message, ML_IDENTITY_MESSAGE, "chat", take, context);
        *chat = (struct ml_detect_chat){.from = 0};
    }
}
