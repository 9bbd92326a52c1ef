/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/check.h"

#include "core/text.h"

bool ml_check_digits(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ml_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return text.len != 0;
}

bool ml_check_luhn(struct ml_span digits)
{
    unsigned sum = 0;
    unsigned any = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)(digits.ptr[digits.len - 1 - i] - '0');
        any |= digit;
        digit = i % 2 == 1 ? 2 * digit : digit;
        sum += digit > 9 ? digit - 9 : digit;
    }
    return any != 0 && sum % 10 == 0;
}

/* Fewer than four different digits, or each follows the one before. */
static bool is_dull(struct ml_span digits)
{
    unsigned seen = 0;
    size_t n_steps = 0;
    for (size_t i = 0; i < digits.len; i++) {
        seen |= 1U << (digits.ptr[i] - '0');
        n_steps += i > 0 && (digits.ptr[i] - digits.ptr[i - 1] + 10) % 10 == 1;
    }
    unsigned n = 0;
    for (; seen != 0; seen &= seen - 1) {
        n++;
    }
    return n < 4 || n_steps + 3 >= digits.len;
}

bool ml_check_imei(struct ml_span digits)
{
    return digits.len == 15 && ml_check_digits(digits) && !is_dull(digits) && ml_check_luhn(digits);
}

bool ml_check_imsi(struct ml_span digits)
{
    return (digits.len == 14 || digits.len == 15) && ml_check_digits(digits) && digits.ptr[0] >= '2' &&
           digits.ptr[0] <= '7' && !is_dull(digits);
}

bool ml_check_card(struct ml_span digits)
{
    if (digits.len < 13 || digits.len > 19 || !ml_check_digits(digits) || is_dull(digits) || !ml_check_luhn(digits)) {
        return false;
    }
    unsigned first = (unsigned)(digits.ptr[0] - '0');
    unsigned four = first * 1000 + (unsigned)(digits.ptr[1] - '0') * 100 + (unsigned)(digits.ptr[2] - '0') * 10 +
                    (unsigned)(digits.ptr[3] - '0');
    bool is_amex = (four / 100 == 34 || four / 100 == 37) && digits.len == 15;
    bool is_visa = first == 4 && (digits.len == 13 || digits.len == 16 || digits.len == 19);
    bool is_master = ((four >= 5100 && four <= 5599) || (four >= 2221 && four <= 2720)) && digits.len == 16;
    bool is_union = four / 100 == 62 && digits.len >= 16;
    bool is_jcb = four >= 3528 && four <= 3589 && digits.len >= 16;
    bool is_discover = (four == 6011 || four / 100 == 65) && digits.len >= 16;
    return is_amex || is_visa || is_master || is_union || is_jcb || is_discover;
}

/* Lengths of the IBAN registry (SWIFT), for the countries with most accounts; 0: not known here. */
static size_t iban_length(const uint8_t country[2])
{
    static const char table[] = "AD24AE23AT20BE16BG22BR29CH21CY28CZ24DE22DK18EE20ES24FI18FR27GB22GR27HR21HU28IE22IL23"
                                "IS26IT27LI21LT20LU20LV21MC27MT31NL18NO15PL28PT25QA29RO24RS22SA24SE24SI19SK24SM27TR26"
                                "UA29";
    for (size_t i = 0; i + 4 <= sizeof table - 1; i += 4) {
        if (table[i] == country[0] && table[i + 1] == country[1]) {
            return (size_t)(table[i + 2] - '0') * 10 + (size_t)(table[i + 3] - '0');
        }
    }
    return 0;
}

bool ml_check_iban(struct ml_span text)
{
    unsigned rest = 0;
    uint8_t country[2];
    if (text.len < 15 || text.len > 34 || !ml_is_alpha(text.ptr[0]) || !ml_is_alpha(text.ptr[1]) ||
        !ml_is_digit(text.ptr[2]) || !ml_is_digit(text.ptr[3])) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = ml_ascii_lower(text.ptr[(i + 4) % text.len]);
        if (!ml_is_alnum(byte)) {
            return false;
        }
        rest = ml_is_digit(byte) ? (rest * 10 + (unsigned)(byte - '0')) % 97
                                 : (rest * 100 + 10 + (unsigned)(byte - 'a')) % 97;
    }
    for (int i = 0; i < 2; i++) {
        country[i] = (uint8_t)(ml_ascii_lower(text.ptr[i]) - ('a' - 'A'));
    }
    size_t length = iban_length(country);
    return rest == 1 && length == text.len;
}

bool ml_check_mac(struct ml_span text, uint8_t out[6])
{
    size_t step = text.len == 17 ? 3 : 2;
    unsigned any = 0;
    unsigned all = 0xff;
    if (text.len != 17 && text.len != 12) {
        return false;
    }
    for (size_t i = 0; i < 6; i++) {
        int high = ml_hex_value(text.ptr[i * step]);
        int low = ml_hex_value(text.ptr[i * step + 1]);
        bool is_joined = step == 2 || i == 5 ||
                         (text.ptr[i * step + 2] == text.ptr[2] && (text.ptr[2] == ':' || text.ptr[2] == '-'));
        if (high < 0 || low < 0 || !is_joined) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
        any |= i > 0 ? out[i] : 0U;
        all &= out[i];
    }
    return any != 0 && all != 0xff && (out[0] & 1) == 0;
}

bool ml_check_uuid(struct ml_span text, uint8_t out[16])
{
    size_t n = 0;
    unsigned differs = 0;
    if (text.len != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        int value = ml_hex_value(text.ptr[i]);
        if (is_dash ? text.ptr[i] != '-' : value < 0) {
            return false;
        }
        if (!is_dash) {
            out[n / 2] = (uint8_t)(n % 2 == 0 ? value << 4 : out[n / 2] | value);
            differs |= ml_ascii_lower(text.ptr[i]) != ml_ascii_lower(text.ptr[0]);
            n++;
        }
    }
    return differs != 0;
}

static bool is_local(uint8_t byte)
{
    return ml_is_alnum(byte) || byte == '.' || byte == '_' || byte == '-' || byte == '+' || byte >= 0x80;
}

bool ml_check_email(struct ml_span text)
{
    size_t at = ml_span_find(text, ml_span_text("@"));
    size_t last = at; /* of the dots */
    if (at == 0 || at > 64 || at >= text.len || text.len > 254) {
        return false;
    }
    for (size_t i = 0; i < at; i++) {
        if (!is_local(text.ptr[i]) || (text.ptr[i] == '.' && (i == 0 || i + 1 == at || text.ptr[i + 1] == '.'))) {
            return false;
        }
    }
    for (size_t i = at + 1; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte == '.') {
            if (i == last + 1) {
                return false;
            }
            last = i;
        } else if (!ml_is_alnum(byte) && byte != '-' && byte < 0x80) {
            return false;
        }
    }
    for (size_t i = last + 1; i < text.len; i++) {
        if (!ml_is_alpha(text.ptr[i])) {
            return false;
        }
    }
    return last > at && text.len - last > 2;
}

bool ml_check_degrees(struct ml_span text, unsigned max, double *value, unsigned *decimals)
{
    size_t i = text.len != 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    double number = 0;
    double scale = 1;
    unsigned n_whole = 0;
    *decimals = 0;
    for (; i < text.len && ml_is_digit(text.ptr[i]) && n_whole < 4; i++, n_whole++) {
        number = number * 10 + (text.ptr[i] - '0');
    }
    if (n_whole == 0 || n_whole > 3) {
        return false;
    }
    if (i < text.len && text.ptr[i] == '.') {
        for (i++; i < text.len && ml_is_digit(text.ptr[i]) && *decimals < 17; i++, ++*decimals) {
            scale /= 10;
            number += (text.ptr[i] - '0') * scale;
        }
    }
    *value = text.ptr[0] == '-' ? -number : number;
    return i == text.len && number <= max;
}
