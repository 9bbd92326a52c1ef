/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/chance.h"

#include "core/text.h"

/* Tenths of a bit. */
enum { DIGIT = 33, HEX = 40, MIXED = 45, WORD = 20, FOREIGN = 30, MARK = 10, REPEATED = 5, RAW = 80 };

/* What a letter or digit is worth, by what the whole text is made of. */
static unsigned worth_of_alnum(struct ml_span text)
{
    bool has_digit = false;
    bool has_letter = false;
    bool is_hex = true;
    for (size_t i = 0; i < text.len; i++) {
        has_digit |= ml_is_digit(text.ptr[i]);
        has_letter |= ml_is_alpha(text.ptr[i]);
        is_hex &= !ml_is_alpha(text.ptr[i]) || ml_hex_value(text.ptr[i]) >= 0;
    }
    if (!has_letter) {
        return DIGIT;
    }
    if (!has_digit) {
        return WORD;
    }
    return is_hex ? HEX : MIXED;
}

/* A word beside digits stays a word: a run of letters with a vowel in it. Other letters count as mixed with digits. */
static bool is_word(struct ml_span text, size_t at)
{
    size_t from = at;
    size_t to = at;
    while (from > 0 && ml_is_alpha(text.ptr[from - 1])) {
        from--;
    }
    while (to < text.len && ml_is_alpha(text.ptr[to])) {
        to++;
    }
    bool has_vowel = false;
    for (size_t i = from; i < to; i++) {
        has_vowel |= strchr("aeiouy", ml_ascii_lower(text.ptr[i])) != NULL;
    }
    return to - from >= 4 && has_vowel;
}

/* Goes on with the step of the two before it: 0, 1 or -1, as in "777", "123", "cba". */
static bool goes_on(struct ml_span text, size_t at)
{
    if (at < 2) {
        return false;
    }
    int step = ml_ascii_lower(text.ptr[at]) - ml_ascii_lower(text.ptr[at - 1]);
    return step >= -1 && step <= 1 && step == ml_ascii_lower(text.ptr[at - 1]) - ml_ascii_lower(text.ptr[at - 2]);
}

unsigned ml_chance_text(struct ml_span text)
{
    unsigned alnum = worth_of_alnum(text);
    unsigned tenths = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (goes_on(text, i)) {
            tenths += REPEATED;
        } else if (byte >= 0x80) {
            tenths += FOREIGN;
        } else if (ml_is_alpha(byte) && alnum != HEX && is_word(text, i)) {
            tenths += WORD;
        } else if (ml_is_alnum(byte)) {
            tenths += alnum;
        } else {
            tenths += MARK;
        }
    }
    return tenths / 10;
}

unsigned ml_chance_raw(struct ml_span bytes)
{
    unsigned tenths = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bool repeats = i > 0 && bytes.ptr[i] == bytes.ptr[i - 1];
        bool is_usual = bytes.ptr[i] == 0 || bytes.ptr[i] == 0xff;
        tenths += repeats ? REPEATED : is_usual ? MARK : RAW;
    }
    return tenths / 10;
}
