/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/detect.h"

#include "core/text.h"
#include "leaks/check.h"

enum { MIN_TOKEN = 16, MAX_PAIR_DISTANCE = 256, LATITUDE = 0, LONGITUDE = 1 };

/* --- names --- */

/* Names that say what a value is, in lower case and without marks; one ends a longer name too ("deviceimei"). */
static const char *const imei_names[] = {"imei", "meid", "imeisv", "deviceid", "imei1", "imei2", NULL};
static const char *const imsi_names[] = {"imsi", "subscriberid", NULL};
static const char *const android_names[] = {"androidid", "ssaid", "deviceid", NULL};
static const char *const advertising_names[] = {
    "gaid", "idfa",          "adid",         "aaid",       "oaid",    "ifa",
    "rdid", "advertisingid", "advertiserid", "googleadid", "gpsadid", "advertisingidentifier",
    NULL};
static const char *const bssid_names[] = {"bssid", NULL};
static const char *const ssid_names[] = {"ssid", "wifiname", NULL};
static const char *const phone_names[] = {"phone",   "mobile",      "msisdn",    "tel",      "telephone", "phonenumber",
                                          "phoneno", "mobilephone", "cellphone", "mobileno", NULL};
static const char *const card_names[] = {"card", "pan", "ccnum", "cardnumber", "cardno", "creditcard", NULL};
static const char *const serial_names[] = {"serial", "serialno", "serialnumber", NULL};
static const char *const token_names[] = {"accesstoken",  "sessionid",  "sessiontoken", "authtoken",
                                          "refreshtoken", "sessionkey", "passticket",   NULL};
static const char *const push_names[] = {"pushtoken",   "fcmtoken",       "gcmtoken", "apnstoken",
                                         "devicetoken", "registrationid", "regid",    "registrationtoken",
                                         "gcmregid",    "pushid",         NULL};
static const char *const latitude_names[] = {"lat", "latitude", NULL};
static const char *const longitude_names[] = {"lon", "lng", "long", "longitude", NULL};

enum { MAX_PLAIN_NAME = 40 };

static size_t plain_name(struct ml_span name, char out[MAX_PLAIN_NAME])
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < MAX_PLAIN_NAME; i++) {
        if (ml_is_alnum(name.ptr[i])) {
            out[n++] = (char)ml_ascii_lower(name.ptr[i]);
        }
    }
    return n;
}

static bool is_capital(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/*
 * Short words must be the whole name, or its last part behind a mark or change of case: "tel" does not end "hotel", nor
 * "ssid" PHPSESSID.
 */
static bool names(struct ml_span name, const char *const *words)
{
    char plain[MAX_PLAIN_NAME];
    size_t len = plain_name(name, plain);
    for (; *words != NULL; words++) {
        size_t n = strlen(*words);
        if (n > len || memcmp(plain + len - n, *words, n) != 0) {
            continue;
        }
        bool has_mark = name.len > n && !ml_is_alnum(name.ptr[name.len - n - 1]);
        bool is_camel = name.len > n && is_capital(name.ptr[name.len - n]) && !is_capital(name.ptr[name.len - n - 1]);
        if (n == len || n >= 6 || has_mark || is_camel) {
            return true;
        }
    }
    return false;
}

/* --- single values --- */

static void tell(const struct ml_pair *pair, enum ml_identity_kind kind, const char *form, ml_detected_fn take,
                 void *context)
{
    const struct ml_detected detected = {
        .kind = kind, .precision = "exact", .form = form, .value = pair->value, .from = pair->from, .len = pair->len};
    take(context, &detected);
}

static bool is_phone(struct ml_span value)
{
    size_t plus = value.ptr[0] == '+' ? 1 : 0;
    struct ml_span digits = ml_span_cut(value, plus, value.len);
    bool varies = false;
    for (size_t i = 1; i < digits.len; i++) {
        varies |= digits.ptr[i] != digits.ptr[0];
    }
    return digits.len >= 8 && digits.len <= 15 && ml_check_digits(digits) && varies;
}

static enum ml_identity_kind kind_of_digits(const struct ml_pair *pair)
{
    if (names(pair->name, imei_names) && ml_check_imei(pair->value)) {
        return ML_IDENTITY_IMEI;
    }
    if (names(pair->name, imsi_names) && ml_check_imsi(pair->value)) {
        return ML_IDENTITY_IMSI;
    }
    if (names(pair->name, card_names) && ml_check_card(pair->value)) {
        return ML_IDENTITY_CARD;
    }
    return names(pair->name, phone_names) && is_phone(pair->value) ? ML_IDENTITY_PHONE : ML_IDENTITY_NONE;
}

static bool is_hex(struct ml_span value)
{
    bool has_letter = false;
    bool varies = false;
    for (size_t i = 0; i < value.len; i++) {
        if (ml_hex_value(value.ptr[i]) < 0) {
            return false;
        }
        has_letter |= ml_is_alpha(value.ptr[i]);
        varies |= value.ptr[i] != value.ptr[0];
    }
    return has_letter && varies;
}

static bool is_secret(struct ml_span value)
{
    bool has_digit = false;
    bool has_letter = false;
    for (size_t i = 0; i < value.len; i++) {
        has_digit |= ml_is_digit(value.ptr[i]);
        has_letter |= ml_is_alpha(value.ptr[i]);
    }
    return value.len >= MIN_TOKEN && has_digit && has_letter;
}

static enum ml_identity_kind kind_of_text(const struct ml_pair *pair)
{
    uint8_t bytes[16];
    if (ml_check_uuid(pair->value, bytes)) {
        return names(pair->name, advertising_names) ? ML_IDENTITY_ADVERTISING_ID : ML_IDENTITY_NONE;
    }
    if (pair->value.len >= 12 && ml_check_mac(pair->value, bytes)) {
        bool is_bare = pair->value.len == 12;
        if (names(pair->name, bssid_names)) {
            return ML_IDENTITY_BSSID;
        }
        char plain[MAX_PLAIN_NAME];
        struct ml_span name = ml_span_of(plain, plain_name(pair->name, plain));
        bool is_named = ml_span_find(name, ml_span_text("mac")) < name.len;
        return is_named || !is_bare ? ML_IDENTITY_MAC : ML_IDENTITY_NONE;
    }
    if (pair->value.len == 16 && is_hex(pair->value) && names(pair->name, android_names)) {
        return ML_IDENTITY_ANDROID_ID;
    }
    if (names(pair->name, ssid_names) && !names(pair->name, bssid_names) && pair->value.len <= 32) {
        return ML_IDENTITY_SSID;
    }
    if (names(pair->name, serial_names) && pair->value.len >= 8 && pair->value.len <= 20 &&
        memchr(pair->value.ptr, '.', pair->value.len) == NULL) {
        return ML_IDENTITY_SERIAL;
    }
    if (names(pair->name, push_names) && is_secret(pair->value)) {
        return ML_IDENTITY_PUSH_TOKEN;
    }
    return names(pair->name, token_names) && is_secret(pair->value) ? ML_IDENTITY_SESSION_TOKEN : ML_IDENTITY_NONE;
}

/* Three parts of base64url, the first one an object with "alg" (RFC 7519, section 3.1; RFC 7515, section 4.1.1). */
static bool is_jwt(struct ml_span value)
{
    static const char *const heads[] = {"eyJhbGciOi", "eyJ0eXAiOi", "eyJraWQiOi", "eyJlbmMiOi", "eyJjdHkiOi"};
    size_t first = ml_span_find(value, ml_span_text("."));
    struct ml_span rest = ml_span_cut(value, first + 1, value.len);
    size_t second = ml_span_find(rest, ml_span_text("."));
    bool has_head = false;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        has_head |= ml_span_starts(value, heads[i]);
    }
    return has_head && first >= 16 && second < rest.len && second >= 8;
}

/* --- positions --- */

static const char *precision_of(unsigned decimals)
{
    return decimals >= 5   ? "metres"
           : decimals == 4 ? "tens of metres"
           : decimals == 3 ? "hundreds of metres"
                           : "kilometres";
}

static bool detect_position(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take,
                            void *context)
{
    bool is_latitude = names(pair->name, latitude_names);
    int half = is_latitude ? LATITUDE : LONGITUDE;
    double value = 0;
    unsigned decimals = 0;
    if (!is_latitude && !names(pair->name, longitude_names)) {
        return false;
    }
    if (!ml_check_degrees(pair->value, is_latitude ? 90 : 180, &value, &decimals) || decimals < 2) {
        return true;
    }
    memory->has_half[half] = true;
    memory->half[half] = value;
    memory->decimals[half] = decimals;
    memory->from[half] = pair->from;
    memory->end[half] = pair->from + pair->len;
    int other = 1 - half;
    if (!memory->has_half[other] || pair->from - memory->end[other] > MAX_PAIR_DISTANCE) {
        return true;
    }
    const struct ml_detected detected = {
        .kind = ML_IDENTITY_COORDINATES,
        .precision = precision_of(decimals < memory->decimals[other] ? decimals : memory->decimals[other]),
        .form = "name",
        .value = pair->value,
        .from = memory->from[other],
        .len = pair->from + pair->len - memory->from[other],
    };
    take(context, &detected);
    memory->has_half[LATITUDE] = memory->has_half[LONGITUDE] = false;
    return true;
}

/* "icon@2x.png" is how pictures for fine screens are named. */
static bool is_file_name(struct ml_span value)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".css", ".js"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t len = strlen(endings[i]);
        if (value.len > len && ml_span_starts_nocase(ml_span_cut(value, value.len - len, len), endings[i])) {
            return true;
        }
    }
    return false;
}

void ml_detect_pair(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context)
{
    struct ml_span value = pair->value;
    if (value.len < 3) {
        return;
    }
    if (memchr(value.ptr, '@', value.len) != NULL) {
        if (ml_check_email(value) && !is_file_name(value)) {
            tell(pair, ML_IDENTITY_EMAIL, "shape", take, context);
        }
        return;
    }
    if (is_jwt(value)) {
        tell(pair, ML_IDENTITY_SESSION_TOKEN, "jwt", take, context);
        return;
    }
    if (ml_is_alpha(value.ptr[0]) && ml_check_iban(value)) {
        tell(pair, ML_IDENTITY_IBAN, "shape", take, context);
        return;
    }
    uint8_t mac[6];
    if (pair->name.len == 0) {
        if (value.len == 17 && ml_check_mac(value, mac)) {
            tell(pair, ML_IDENTITY_MAC, "shape", take, context);
        }
        return;
    }
    if (detect_position(memory, pair, take, context)) {
        return;
    }
    enum ml_identity_kind kind = kind_of_digits(pair);
    kind = kind != ML_IDENTITY_NONE ? kind : kind_of_text(pair);
    if (kind != ML_IDENTITY_NONE) {
        tell(pair, kind, "name", take, context);
    }
}
