/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "leaks/chance.h"
#include "leaks/check.h"
#include "leaks/form_parts.h"

#include <math.h>
#include <stdio.h>

enum { MIN_DECIMALS = 3, MAX_DECIMALS = 7 };

static const char *const names[] = {"decimal-0", "decimal-1", "decimal-2", "decimal-3",
                                    "decimal-4", "decimal-5", "decimal-6", "decimal-7"};

static void give(struct ml_form_giving *giving, const char *name, const char *text, enum ml_form_half half,
                 unsigned decimals)
{
    const struct ml_form form = {.name = name,
                                 .bytes = ml_span_text(text),
                                 .use = ML_FORM_FIND,
                                 .edge = ML_EDGE_DIGIT,
                                 .half = half,
                                 .decimals = (uint8_t)decimals};
    ml_form_give(giving, &form);
}

/* Rounded to each number of decimals, and without the zeros that programs leave out at the end. */
static void give_rounded(struct ml_form_giving *giving, double value, unsigned known, enum ml_form_half half)
{
    unsigned last = known < MAX_DECIMALS ? known : MAX_DECIMALS;
    for (unsigned decimals = MIN_DECIMALS; decimals <= last; decimals++) {
        char text[24];
        char shorter[24];
        int n = snprintf(text, sizeof text, "%.*f", (int)decimals, value);
        give(giving, names[decimals], text, half, decimals);
        (void)snprintf(shorter, sizeof shorter, "%s", text);
        while (n > 1 && shorter[n - 1] == '0' && shorter[n - 2] != '.') {
            shorter[--n] = '\0';
        }
        if (strcmp(shorter, text) != 0 && decimals == last) {
            give(giving, names[decimals], shorter, half, decimals);
        }
    }
}

/* Cut in place of rounded, where that differs. */
static void give_cut(struct ml_form_giving *giving, double value, unsigned known, enum ml_form_half half)
{
    unsigned last = known < MAX_DECIMALS ? known : MAX_DECIMALS;
    for (unsigned decimals = MIN_DECIMALS; decimals < last; decimals++) {
        char text[24];
        char rounded[24];
        double scale = pow(10, decimals);
        (void)snprintf(text, sizeof text, "%.*f", (int)decimals,
                       trunc(value * scale + (value < 0 ? -1e-7 : 1e-7)) / scale);
        (void)snprintf(rounded, sizeof rounded, "%.*f", (int)decimals, value);
        if (strcmp(text, rounded) != 0) {
            give(giving, names[decimals], text, half, decimals);
        }
    }
}

/* Whole numbers of millionths (Android's E6) and ten millionths, and the eight bytes of a double. */
static void give_numbers(struct ml_form_giving *giving, double value, unsigned known, enum ml_form_half half)
{
    char text[24];
    uint8_t bytes[2][8];
    uint64_t bits = 0;
    (void)snprintf(text, sizeof text, "%.0f", value * 1e6);
    give(giving, "e6", text, half, known < 6 ? known : 6);
    (void)snprintf(text, sizeof text, "%.0f", value * 1e7);
    give(giving, "e7", text, half, known < 7 ? known : 7);
    memcpy(&bits, &value, sizeof bits);
    for (unsigned i = 0; i < 8; i++) {
        bytes[0][i] = (uint8_t)(bits >> (8 * i));
        bytes[1][7 - i] = bytes[0][i];
    }
    for (unsigned i = 0; i < 2; i++) {
        const struct ml_form form = {.name = "double",
                                     .bytes = ml_span_of(bytes[i], 8),
                                     .use = ML_FORM_FIND | ML_FORM_RAW,
                                     .half = half,
                                     .decimals = (uint8_t)known};
        ml_form_give(giving, &form);
    }
}

static unsigned chance_of_digits(struct ml_span degrees)
{
    uint8_t digits[32];
    size_t n = 0;
    for (size_t i = 0; i < degrees.len && n < sizeof digits; i++) {
        if (ml_is_digit(degrees.ptr[i])) {
            digits[n++] = degrees.ptr[i];
        }
    }
    return ml_chance_text(ml_span_of(digits, n));
}

bool ml_form_coordinates(struct ml_form_giving *giving, struct ml_span value)
{
    size_t comma = ml_span_find(value, ml_span_text(","));
    struct ml_span latitude = ml_span_trim(ml_span_cut(value, 0, comma));
    struct ml_span longitude = ml_span_trim(ml_span_cut(value, comma + 1, value.len));
    double degrees[2];
    unsigned decimals[2];
    if (!ml_check_degrees(latitude, 90, &degrees[0], &decimals[0]) ||
        !ml_check_degrees(longitude, 180, &degrees[1], &decimals[1])) {
        giving->reason = "coordinates are written 'latitude, longitude' in degrees";
        return false;
    }
    if (decimals[0] < 4 || decimals[1] < 4) {
        giving->reason = "too coarse: coordinates need at least four decimals each";
        return false;
    }
    if (chance_of_digits(latitude) + chance_of_digits(longitude) < ML_MIN_CHANCE_BITS) {
        giving->reason = "too common: their digits repeat";
        return false;
    }
    for (unsigned i = 0; i < 2; i++) {
        enum ml_form_half half = i == 0 ? ML_HALF_LATITUDE : ML_HALF_LONGITUDE;
        give_rounded(giving, degrees[i], decimals[i], half);
        give_cut(giving, degrees[i], decimals[i], half);
        give_numbers(giving, degrees[i], decimals[i], half);
    }
    return true;
}
