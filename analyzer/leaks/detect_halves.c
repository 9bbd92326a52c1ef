/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in halves: positions, and the codes of a country and of a mobile network in it. */
#include "core/text.h"
#include "leaks/check.h"
#include "leaks/detect_parts.h"

enum { MAX_DISTANCE = 256, MAX_GAP = 2, LATITUDE = 0, LONGITUDE = 1, MIN_DECIMALS = 2, MIN_LIST_DECIMALS = 3 };

static const struct ml_word latitude_names[] = {ML_WORD("lat"), ML_WORD("latitude"), {0, NULL}};
static const struct ml_word longitude_names[] = {
    ML_WORD("lon"), ML_WORD("lng"), ML_WORD("long"), ML_WORD("longitude"), {0, NULL}};
static const struct ml_word both_names[] = {
    ML_WORD("ll"),     ML_WORD("latlng"),      ML_WORD("latlon"), ML_WORD("geo"),
    ML_WORD("coords"), ML_WORD("coordinates"), ML_WORD("loc"),    ML_WORD("location"),
    ML_WORD("gps"),    ML_WORD("position"),    {0, NULL}};
static const struct ml_word mcc_names[] = {ML_WORD("mcc"), {0, NULL}};
static const struct ml_word mnc_names[] = {ML_WORD("mnc"), {0, NULL}};

/* --- positions --- */

const char *ml_detect_precision(unsigned decimals)
{
    return decimals >= 5   ? "metres"
           : decimals == 4 ? "tens of metres"
           : decimals == 3 ? "hundreds of metres"
                           : "kilometres";
}

/* A degree of latitude is 111 km. */
static unsigned metres_of(unsigned decimals)
{
    unsigned metres = 111000;
    for (unsigned i = 0; i < decimals && metres > 1; i++) {
        metres = (metres + 5) / 10;
    }
    return metres;
}

static void tell_position(const struct ml_detect_half *one, const struct ml_pair *pair, unsigned decimals,
                          ml_detected_fn take, void *context)
{
    unsigned least = decimals < one->decimals ? decimals : one->decimals;
    const struct ml_detected detected = {
        .kind = ML_IDENTITY_COORDINATES,
        .precision = ml_detect_precision(least),
        .metres = metres_of(least),
        .form = "name",
        .value = pair->value,
        .from = one->from,
        .len = pair->from + pair->len - one->from,
    };
    take(context, &detected);
}

static void take_half(struct ml_detect_memory *memory, const struct ml_pair *pair, int half, ml_detected_fn take,
                      void *context)
{
    double value = 0;
    unsigned decimals = 0;
    if (!ml_check_degrees(pair->value, half == LATITUDE ? 90 : 180, &value, &decimals) || decimals < MIN_DECIMALS) {
        return;
    }
    struct ml_detect_half *other = &memory->halves[1 - half];
    memory->halves[half] = (struct ml_detect_half){
        .is_there = true, .value = value, .decimals = decimals, .from = pair->from, .end = pair->from + pair->len};
    if (other->is_there && pair->from - other->end <= MAX_DISTANCE) {
        tell_position(other, pair, decimals, take, context);
        memory->halves[0].is_there = memory->halves[1].is_there = false;
    }
}

/* "52.5163,13.3777" behind one name; GeoJSON has them the other way round (RFC 7946, section 3.1.1). */
static bool take_first(struct ml_detect_memory *memory, const struct ml_pair *pair)
{
    double value = 0;
    unsigned decimals = 0;
    if (!ml_check_degrees(pair->value, 180, &value, &decimals) || decimals < MIN_LIST_DECIMALS) {
        return false;
    }
    memory->first = (struct ml_detect_half){
        .is_there = true, .value = value, .decimals = decimals, .from = pair->from, .end = pair->from + pair->len};
    return true;
}

bool ml_detect_second(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context)
{
    double value = 0;
    unsigned decimals = 0;
    struct ml_detect_half *first = &memory->first;
    if (!first->is_there) {
        return false;
    }
    first->is_there = false;
    bool is_next = pair->name.len == 0 && pair->from > first->end && pair->from - first->end <= MAX_GAP;
    if (!is_next || !ml_check_degrees(pair->value, 180, &value, &decimals) || decimals < MIN_LIST_DECIMALS ||
        ((value > 90 || value < -90) && (first->value > 90 || first->value < -90))) {
        return false;
    }
    tell_position(first, pair, decimals, take, context);
    return true;
}

/* --- mobile networks --- */

/* Country codes of ITU-T E.212 begin with 2 to 7. */
static bool is_code(struct ml_span value, size_t least, size_t most)
{
    return value.len >= least && value.len <= most && ml_check_digits(value);
}

static void take_mnc(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context)
{
    struct ml_pair both = *pair;
    if (memory->mcc_end == 0 || pair->from - memory->mcc_end > MAX_DISTANCE || !is_code(pair->value, 2, 3)) {
        return;
    }
    both.from = memory->mcc_from;
    both.len = pair->from + pair->len - both.from;
    memory->mcc_end = 0;
    ml_detect_tell(&both, ML_IDENTITY_MCC_MNC, "name", take, context);
}

bool ml_detect_halves(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context)
{
    const struct ml_plain_name *plain = pair->plain;
    uint8_t first = pair->value.ptr[0];
    if (!ml_is_digit(first) && first != '-' && first != '+') {
        return false;
    }
    if (ml_plain_name_is(plain, latitude_names)) {
        take_half(memory, pair, LATITUDE, take, context);
        return true;
    }
    if (ml_plain_name_is(plain, longitude_names)) {
        take_half(memory, pair, LONGITUDE, take, context);
        return true;
    }
    if (ml_plain_name_is(plain, mcc_names)) {
        bool is_there = is_code(pair->value, 3, 3) && pair->value.ptr[0] >= '2' && pair->value.ptr[0] <= '7';
        memory->mcc_from = pair->from;
        memory->mcc_end = is_there ? pair->from + pair->len : 0;
        return true;
    }
    if (ml_plain_name_is(plain, mnc_names)) {
        take_mnc(memory, pair, take, context);
        return true;
    }
    return ml_plain_name_is(plain, both_names) && take_first(memory, pair);
}
