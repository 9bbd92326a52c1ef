/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/form.h"

#include "core/text.h"
#include "leaks/chance.h"
#include "leaks/check.h"
#include "leaks/form_parts.h"

#include <stdio.h>

/* --- giving forms out --- */

void ml_form_give(struct ml_form_giving *giving, const struct ml_form *form)
{
    struct ml_form given = *form;
    if (!giving->goes_on || form->bytes.len == 0) {
        return;
    }
    if ((given.use & ML_FORM_FIND) != 0) {
        unsigned bits = (given.use & ML_FORM_RAW) != 0 ? ml_chance_raw(given.bytes) : ml_chance_text(given.bytes);
        giving->best_bits = bits > giving->best_bits ? bits : giving->best_bits;
        if (given.bytes.len < ML_FORM_MIN_BYTES || (bits < ML_MIN_CHANCE_BITS && given.half == ML_HALF_NONE)) {
            given.use &= ~(unsigned)ML_FORM_FIND;
        } else {
            giving->n_found++;
        }
        given.bytes = given.bytes.len > ML_FORM_MAX_BYTES && (given.use & ML_FORM_HASH) == 0
                          ? ml_span_cut(given.bytes, 0, ML_FORM_MAX_BYTES)
                          : given.bytes;
    }
    if ((given.use & (ML_FORM_FIND | ML_FORM_HASH)) != 0 && giving->take != NULL) {
        giving->goes_on = giving->take(giving->context, &given);
    }
}

void ml_form_text(struct ml_form_giving *giving, const char *name, struct ml_span text, unsigned use,
                  enum ml_form_edge edge)
{
    /* In binary messages a length or the next field may stand beside a text and look like one of its letters. */
    bool is_long = edge == ML_EDGE_ALNUM && text.len >= ML_FORM_LONG_BYTES;
    const struct ml_form form = {.name = name, .bytes = text, .use = use, .edge = is_long ? ML_EDGE_NONE : edge};
    ml_form_give(giving, &form);
}

/* As written, and for hashing in lower and upper case too. */
void ml_form_cases(struct ml_form_giving *giving, const char *name, struct ml_span text, enum ml_form_edge edge)
{
    uint8_t other[ML_MAX_IDENTITY_BYTES];
    if (text.len > sizeof other) {
        return;
    }
    ml_form_text(giving, name, text, ML_FORM_FIND | ML_FORM_HASH, edge);
    for (size_t i = 0; i < text.len; i++) {
        other[i] = ml_ascii_lower(text.ptr[i]);
    }
    struct ml_span changed = ml_span_of(other, text.len);
    if (!ml_span_equal(changed, text)) {
        ml_form_text(giving, "lower", changed, ML_FORM_HASH, edge);
    }
    for (size_t i = 0; i < text.len; i++) {
        other[i] = text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? (uint8_t)(text.ptr[i] - ('a' - 'A')) : text.ptr[i];
    }
    if (!ml_span_equal(changed, text)) {
        ml_form_text(giving, "upper", changed, ML_FORM_HASH, edge);
    }
    ml_mem_wipe(other, sizeof other);
}

/* --- kinds --- */

/* Without blanks, dots, dashes, slashes and parentheses; 0 when it does not fit. */
static size_t without_marks(struct ml_span text, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(" .-/()", text.ptr[i]) == NULL) {
            if (n + 1 >= size) {
                return 0;
            }
            out[n++] = (char)text.ptr[i];
        }
    }
    out[n] = '\0';
    return n;
}

/* Length of the country code of ITU-T E.164: zones 1 and 7, the two-digit codes, three digits for all others. */
static size_t country_code_length(const char *digits)
{
    static const char two[] = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 "
                              "63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";
    const char code[] = {digits[0], digits[1], ' ', '\0'};
    if (digits[0] == '1' || digits[0] == '7') {
        return 1;
    }
    return strstr(two, code) != NULL ? 2 : 3;
}

static bool phone(struct ml_form_giving *giving, struct ml_span value)
{
    char number[32];
    char text[40];
    size_t len = without_marks(value, number, sizeof number);
    if (len < 9 || len > 16 || number[0] != '+' || !ml_check_digits(ml_span_of(number + 1, len - 1)) ||
        number[1] == '0') {
        giving->reason = "a phone number is written with '+' and its country code, 8 to 15 digits";
        return false;
    }
    const char *digits = number + 1;
    const char *national = digits + country_code_length(digits);
    ml_form_text(giving, "e164", ml_span_of(number, len), ML_FORM_HASH, ML_EDGE_DIGIT);
    ml_form_text(giving, "digits", ml_span_text(digits), ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_DIGIT);
    (void)snprintf(text, sizeof text, "00%s", digits);
    ml_form_text(giving, "00", ml_span_text(text), ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_DIGIT);
    if (digits[0] != '1') { /* "+49 (0)151": nobody writes it so in the zone of North America */
        (void)snprintf(text, sizeof text, "%.*s0%s", (int)(national - digits), digits, national);
        ml_form_text(giving, "trunk", ml_span_text(text), ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_DIGIT);
    }
    (void)snprintf(text, sizeof text, "0%s", national);
    ml_form_text(giving, "national", ml_span_text(text), ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_DIGIT);
    ml_form_text(giving, "subscriber", ml_span_text(national), ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_DIGIT);
    ml_mem_wipe(number, sizeof number);
    ml_mem_wipe(text, sizeof text);
    return true;
}

static bool email(struct ml_form_giving *giving, struct ml_span value)
{
    if (!ml_check_email(value)) {
        giving->reason = "not a mail address";
        return false;
    }
    ml_form_cases(giving, "address", value, ML_EDGE_EMAIL);
    return true;
}

/* Digits with a check, as they are and without the marks people put between. */
static bool number(struct ml_form_giving *giving, struct ml_span value, bool (*check)(struct ml_span), const char *what)
{
    char digits[32];
    size_t len = without_marks(value, digits, sizeof digits);
    if (len == 0 || !check(ml_span_of(digits, len))) {
        giving->reason = what;
        return false;
    }
    ml_form_text(giving, "digits", ml_span_of(digits, len), ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_DIGIT);
    if (check == ml_check_imei) { /* the check digit is often left out */
        ml_form_text(giving, "without_check", ml_span_of(digits, len - 1), ML_FORM_FIND | ML_FORM_HASH, ML_EDGE_DIGIT);
    }
    ml_mem_wipe(digits, sizeof digits);
    return true;
}

static bool iban(struct ml_form_giving *giving, struct ml_span value)
{
    char compact[40];
    char grouped[2][48];
    size_t len = without_marks(value, compact, sizeof compact);
    size_t n = 0;
    if (!ml_check_iban(ml_span_of(compact, len))) {
        giving->reason = "not an IBAN (length or check digits)";
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (i != 0 && i % 4 == 0) {
            grouped[0][n] = ' ';
            grouped[1][n++] = '-';
        }
        grouped[0][n] = compact[i];
        grouped[1][n++] = compact[i];
    }
    ml_form_cases(giving, "compact", ml_span_of(compact, len), ML_EDGE_ALNUM);
    for (unsigned i = 0; i < 2; i++) {
        ml_form_text(giving, "grouped", ml_span_of(grouped[i], n), ML_FORM_FIND, ML_EDGE_ALNUM);
    }
    ml_mem_wipe(compact, sizeof compact);
    ml_mem_wipe(grouped, sizeof grouped);
    return true;
}

/* Six bytes in the order of the network and turned round (Bluetooth, firmware); as base64 they make too short a run. */
static void mac_bytes(struct ml_form_giving *giving, const uint8_t bytes[6])
{
    static const char *const names[2][2] = {{"binary", "base64"}, {"reversed", "reversed_base64"}};
    static const unsigned uses[2] = {ML_FORM_FIND | ML_FORM_RAW | ML_FORM_HASH, ML_FORM_FIND | ML_FORM_RAW};
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t way = 0; way < 2; way++) {
        uint8_t turned[6];
        uint8_t text[8];
        for (size_t i = 0; i < 6; i++) {
            turned[i] = bytes[way == 0 ? i : 5 - i];
        }
        for (size_t i = 0; i < 8; i++) {
            const uint8_t *three = turned + i / 4 * 3;
            uint32_t bits = (uint32_t)three[0] << 16 | (uint32_t)three[1] << 8 | three[2];
            text[i] = (uint8_t)digits[bits >> (18 - 6 * (i % 4)) & 63];
        }
        ml_form_text(giving, names[way][0], ml_span_of(turned, 6), uses[way], ML_EDGE_NONE);
        ml_form_text(giving, names[way][1], ml_span_of(text, 8), ML_FORM_FIND | ML_FORM_RAW, ML_EDGE_ALNUM);
    }
}

static bool mac(struct ml_form_giving *giving, struct ml_span value)
{
    static const struct {
        const char *name;
        char mark;
        unsigned every;
    } ways[] = {{"colon", ':', 1}, {"dash", '-', 1}, {"bare", '\0', 6}, {"dotted", '.', 2}, {"blank", ' ', 1}};
    uint8_t bytes[6];
    char text[20];
    if (!ml_check_mac(value, bytes)) {
        giving->reason = "not the hardware address of one device (six pairs of hexadecimal digits)";
        return false;
    }
    size_t n_ways = sizeof ways / sizeof ways[0];
    for (size_t way = 0; way < 2 * n_ways; way++) {
        bool is_turned = way >= n_ways;
        size_t n = 0;
        for (unsigned i = 0; i < 6; i++) {
            if (i != 0 && i % ways[way % n_ways].every == 0) {
                text[n++] = ways[way % n_ways].mark;
            }
            n += (size_t)snprintf(text + n, sizeof text - n, "%02x", bytes[is_turned ? 5 - i : i]);
        }
        if (is_turned) {
            ml_form_text(giving, "turned", ml_span_of(text, n), ML_FORM_FIND, ML_EDGE_ALNUM);
        } else {
            ml_form_cases(giving, ways[way].name, ml_span_of(text, n), ML_EDGE_ALNUM);
        }
    }
    mac_bytes(giving, bytes);
    return true;
}

static bool uuid(struct ml_form_giving *giving, struct ml_span value)
{
    uint8_t bytes[16];
    char text[33];
    if (!ml_check_uuid(value, bytes)) {
        giving->reason = "not a UUID (8-4-4-4-12 hexadecimal digits)";
        return false;
    }
    ml_form_cases(giving, "dashed", value, ML_EDGE_ALNUM);
    ml_hex_write(ml_span_of(bytes, 16), text);
    ml_form_cases(giving, "bare", ml_span_of(text, 32), ML_EDGE_ALNUM);
    ml_form_text(giving, "binary", ml_span_of(bytes, 16), ML_FORM_FIND | ML_FORM_RAW | ML_FORM_HASH, ML_EDGE_NONE);
    return true;
}

static bool plain(struct ml_form_giving *giving, struct ml_span value)
{
    uint8_t bytes[16];
    ml_form_cases(giving, "text", value, ML_EDGE_ALNUM);
    if (value.len >= 12 && value.len <= 32 && value.len % 2 == 0 && ml_hex_read(value, bytes) &&
        !ml_check_digits(value)) {
        ml_form_text(giving, "binary", ml_span_of(bytes, value.len / 2), ML_FORM_FIND | ML_FORM_RAW, ML_EDGE_NONE);
    }
    return true;
}

bool ml_form_give_all(struct ml_form_giving *giving, const struct ml_identity *identity)
{
    switch (identity->kind) {
    case ML_IDENTITY_PHONE:
    case ML_IDENTITY_CONTACT:
        return phone(giving, identity->value);
    case ML_IDENTITY_EMAIL:
        return email(giving, identity->value);
    case ML_IDENTITY_IMEI:
        return number(giving, identity->value, ml_check_imei, "not an IMEI (15 digits, the last one a check digit)");
    case ML_IDENTITY_IMSI:
        return number(giving, identity->value, ml_check_imsi, "not an IMSI (14 or 15 digits)");
    case ML_IDENTITY_CARD:
        return number(giving, identity->value, ml_check_card, "not a card number (13 to 19 digits, check digit)");
    case ML_IDENTITY_IBAN:
        return iban(giving, identity->value);
    case ML_IDENTITY_MAC:
    case ML_IDENTITY_BSSID:
        return mac(giving, identity->value);
    case ML_IDENTITY_ADVERTISING_ID:
        return uuid(giving, identity->value);
    case ML_IDENTITY_COORDINATES:
        return ml_form_coordinates(giving, identity->value);
    case ML_IDENTITY_LINK:
        return ml_form_link(giving, identity->value);
    case ML_IDENTITY_FILE:
    case ML_IDENTITY_DOCUMENT:
        return ml_form_content(giving, identity->content);
    case ML_IDENTITY_CLIPBOARD:
    case ML_IDENTITY_NAME:
    case ML_IDENTITY_ADDRESS:
    case ML_IDENTITY_MESSAGE:
        return ml_form_words(giving, identity);
    default:
        return plain(giving, identity->value);
    }
}

bool ml_form_each(const struct ml_identity *identity, ml_form_fn take, void *context)
{
    struct ml_form_giving giving = {.take = take, .context = context, .goes_on = true};
    return ml_form_give_all(&giving, identity) && giving.goes_on;
}

bool ml_form_refuses(const struct ml_identity *identity, char reason[ML_REFUSAL_TEXT])
{
    struct ml_form_giving giving = {.goes_on = true};
    if (!ml_form_give_all(&giving, identity)) {
        (void)snprintf(reason, ML_REFUSAL_TEXT, "%s", giving.reason);
        return true;
    }
    if (giving.n_found == 0) {
        unsigned bits = giving.best_bits;
        (void)snprintf(
            reason, ML_REFUSAL_TEXT,
            "too short or too common: by chance about 2^%u hits in a GiB of such text; at most one is allowed",
            bits < ML_MIN_CHANCE_BITS ? ML_MIN_CHANCE_BITS - bits : 1);
        return true;
    }
    return false;
}
