/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/detect.h"

#include "core/text.h"
#include "leaks/check.h"
#include "leaks/detect_parts.h"

/* --- names --- */

/* Names that say what a value is, in lower case and without marks; one ends a longer name too ("deviceimei"). */
static const struct ml_word imei_names[] = {ML_WORD("imei"),  ML_WORD("meid"),  ML_WORD("imeisv"), ML_WORD("deviceid"),
                                            ML_WORD("imei1"), ML_WORD("imei2"), {0, NULL}};
static const struct ml_word imsi_names[] = {ML_WORD("imsi"), ML_WORD("subscriberid"), {0, NULL}};
static const struct ml_word android_names[] = {ML_WORD("androidid"), ML_WORD("ssaid"), ML_WORD("deviceid"), {0, NULL}};
static const struct ml_word advertising_names[] = {ML_WORD("gaid"),
                                                   ML_WORD("idfa"),
                                                   ML_WORD("adid"),
                                                   ML_WORD("aaid"),
                                                   ML_WORD("oaid"),
                                                   ML_WORD("ifa"),
                                                   ML_WORD("rdid"),
                                                   ML_WORD("advertisingid"),
                                                   ML_WORD("advertiserid"),
                                                   ML_WORD("googleadid"),
                                                   ML_WORD("gpsadid"),
                                                   ML_WORD("advertisingidentifier"),
                                                   {0, NULL}};
static const struct ml_word bssid_names[] = {ML_WORD("bssid"), {0, NULL}};
static const struct ml_word ssid_names[] = {ML_WORD("ssid"), ML_WORD("wifiname"), {0, NULL}};
static const struct ml_word phone_names[] = {
    ML_WORD("phone"),     ML_WORD("mobile"),      ML_WORD("msisdn"),  ML_WORD("tel"),
    ML_WORD("telephone"), ML_WORD("phonenumber"), ML_WORD("phoneno"), ML_WORD("mobilephone"),
    ML_WORD("cellphone"), ML_WORD("mobileno"),    {0, NULL}};
static const struct ml_word card_names[] = {
    ML_WORD("card"),   ML_WORD("pan"),        ML_WORD("ccnum"), ML_WORD("cardnumber"),
    ML_WORD("cardno"), ML_WORD("creditcard"), {0, NULL}};
static const struct ml_word serial_names[] = {
    ML_WORD("serial"), ML_WORD("serialno"), ML_WORD("serialnumber"), {0, NULL}};
static const struct ml_word token_names[] = {
    ML_WORD("accesstoken"),  ML_WORD("sessionid"),  ML_WORD("sessiontoken"), ML_WORD("authtoken"),
    ML_WORD("refreshtoken"), ML_WORD("sessionkey"), ML_WORD("passticket"),   {0, NULL}};
/* Numbers of sessions that open nothing: of media (SDP) and of accounting (RADIUS). */
static const struct ml_word no_token_names[] = {ML_WORD("rtpsessionid"), ML_WORD("auditsessionid"), {0, NULL}};
static const struct ml_word push_names[] = {ML_WORD("pushtoken"),
                                            ML_WORD("fcmtoken"),
                                            ML_WORD("gcmtoken"),
                                            ML_WORD("apnstoken"),
                                            ML_WORD("devicetoken"),
                                            ML_WORD("registrationid"),
                                            ML_WORD("regid"),
                                            ML_WORD("registrationtoken"),
                                            ML_WORD("gcmregid"),
                                            ML_WORD("pushid"),
                                            {0, NULL}};
static const struct ml_word network_names[] = {ML_WORD("mccmnc"),          ML_WORD("plmn"),
                                               ML_WORD("simoperator"),     ML_WORD("networkoperator"),
                                               ML_WORD("operatornumeric"), {0, NULL}};
/* Ends with a name of whom a mail is for, and is followed by the number of a mail (RFC 5322, section 3.6.4). */
static const struct ml_word no_mail_names[] = {ML_WORD("inreplyto"), {0, NULL}};
/* Beside a mail address in a stream, where it may also be an address of a chat or the number of a message. */
static const struct ml_word mail_names[] = {
    ML_WORD("mail"), ML_WORD("email"),  ML_WORD("from"),      ML_WORD("to"),    ML_WORD("cc"),   ML_WORD("bcc"),
    ML_WORD("rcpt"), ML_WORD("sender"), ML_WORD("recipient"), ML_WORD("login"), ML_WORD("user"), ML_WORD("username"),
    ML_WORD("uid"),  ML_WORD("mailto"), ML_WORD("account"),   {0, NULL}};

void ml_plain_name(struct ml_span name, struct ml_plain_name *out)
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < ML_PLAIN_NAME; i++) {
        if (ml_is_alnum(name.ptr[i])) {
            out->text[n++] = (char)ml_ascii_lower(name.ptr[i]);
        }
    }
    out->name = name;
    out->text[n] = '\0';
    out->len = n;
}

static bool is_capital(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

bool ml_plain_name_is(const struct ml_plain_name *plain, const struct ml_word *words)
{
    struct ml_span name = plain->name;
    for (; words->len != 0 && plain->len != 0; words++) {
        size_t n = words->len;
        if (n > plain->len || plain->text[plain->len - 1] != words->text[n - 1] ||
            memcmp(plain->text + plain->len - n, words->text, n) != 0) {
            continue;
        }
        bool has_mark = name.len > n && !ml_is_alnum(name.ptr[name.len - n - 1]);
        bool is_camel = name.len > n && is_capital(name.ptr[name.len - n]) && !is_capital(name.ptr[name.len - n - 1]);
        if (n == plain->len || n >= 6 || has_mark || is_camel) {
            return true;
        }
    }
    return false;
}

/* --- single values --- */

void ml_detect_tell(const struct ml_pair *pair, enum ml_identity_kind kind, const char *form, ml_detected_fn take,
                    void *context)
{
    const struct ml_detected detected = {
        .kind = kind, .precision = "exact", .form = form, .value = pair->value, .from = pair->from, .len = pair->len};
    take(context, &detected);
}

void ml_detect_tell_jwt(const struct ml_pair *pair, ml_detected_fn take, void *context)
{
    struct ml_jwt jwt;
    ml_jwt_read(pair->value, &jwt);
    const struct ml_detected detected = {.kind = ML_IDENTITY_SESSION_TOKEN,
                                         .precision = "exact",
                                         .form = "jwt",
                                         .value = pair->value,
                                         .from = pair->from,
                                         .len = pair->len,
                                         .has_lifetime = jwt.has_lifetime,
                                         .lifetime = jwt.lifetime,
                                         .token = &jwt};
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

/* "35209900-176148-0" of urn:gsma:imei (RFC 7254, section 4): 8, 6 and 1 digits; the last one is no check digit. */
static bool is_imei_of_urn(struct ml_span value)
{
    return value.len == 17 && value.ptr[8] == '-' && value.ptr[15] == '-' &&
           ml_check_digits(ml_span_cut(value, 0, 8)) && ml_check_digits(ml_span_cut(value, 9, 6)) &&
           ml_is_digit(value.ptr[16]);
}

static enum ml_identity_kind kind_of_digits(const struct ml_pair *pair, const struct ml_plain_name *plain)
{
    struct ml_span value = pair->value;
    bool has_digit = ml_is_digit(value.ptr[0]) || value.ptr[0] == '+';
    if (!has_digit) {
        return ML_IDENTITY_NONE;
    }
    if (value.len == 17 && is_imei_of_urn(value) && ml_plain_name_is(plain, imei_names)) {
        return ML_IDENTITY_IMEI;
    }
    if (!ml_check_digits(ml_span_cut(value, 1, value.len))) {
        return ML_IDENTITY_NONE;
    }
    if (value.len == 15 && ml_plain_name_is(plain, imei_names) && ml_check_imei(value)) {
        return ML_IDENTITY_IMEI;
    }
    if (value.len >= 14 && ml_plain_name_is(plain, imsi_names) && ml_check_imsi(value)) {
        return ML_IDENTITY_IMSI;
    }
    if (value.len >= 13 && ml_plain_name_is(plain, card_names) && ml_check_card(value)) {
        return ML_IDENTITY_CARD;
    }
    if ((value.len == 5 || value.len == 6) && value.ptr[0] >= '2' && value.ptr[0] <= '7' &&
        ml_plain_name_is(plain, network_names)) {
        return ML_IDENTITY_MCC_MNC;
    }
    return value.len >= 8 && is_phone(value) && ml_plain_name_is(plain, phone_names) ? ML_IDENTITY_PHONE
                                                                                     : ML_IDENTITY_NONE;
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

bool ml_detect_is_secret(struct ml_span value)
{
    bool has_digit = false;
    bool has_letter = false;
    for (size_t i = 0; i < value.len; i++) {
        has_digit |= ml_is_digit(value.ptr[i]);
        has_letter |= ml_is_alpha(value.ptr[i]);
        if (value.ptr[i] <= ' ') {
            return false;
        }
    }
    return value.len >= ML_MIN_SECRET && has_digit && has_letter;
}

/* "mac", "mac_addr", "wifiMac": somewhere within, the letters are chance. */
static bool names_mac(const struct ml_plain_name *plain)
{
    return strncmp(plain->text, "mac", 3) == 0 || strstr(plain->text, "macadd") != NULL ||
           (plain->len >= 3 && strcmp(plain->text + plain->len - 3, "mac") == 0);
}

static enum ml_identity_kind kind_of_mac(const struct ml_pair *pair, const struct ml_plain_name *plain)
{
    bool is_bare = pair->value.len == 12;
    if (ml_plain_name_is(plain, bssid_names)) {
        return ML_IDENTITY_BSSID;
    }
    return !is_bare || names_mac(plain) ? ML_IDENTITY_MAC : ML_IDENTITY_NONE;
}

static enum ml_identity_kind kind_of_text(const struct ml_pair *pair, const struct ml_plain_name *plain)
{
    uint8_t bytes[16];
    struct ml_span value = pair->value;
    if (ml_check_uuid(value, bytes)) {
        return ml_plain_name_is(plain, advertising_names) ? ML_IDENTITY_ADVERTISING_ID : ML_IDENTITY_NONE;
    }
    if (value.len >= 12 && ml_check_mac(value, bytes)) {
        return kind_of_mac(pair, plain);
    }
    if (value.len == 16 && is_hex(value) && ml_plain_name_is(plain, android_names)) {
        return ML_IDENTITY_ANDROID_ID;
    }
    if (value.len <= 32 && ml_plain_name_is(plain, ssid_names) && !ml_plain_name_is(plain, bssid_names)) {
        return ML_IDENTITY_SSID;
    }
    if (value.len >= 8 && value.len <= 20 && ml_plain_name_is(plain, serial_names) &&
        memchr(value.ptr, '.', value.len) == NULL) {
        return ML_IDENTITY_SERIAL;
    }
    if (!ml_detect_is_secret(value)) {
        return ML_IDENTITY_NONE;
    }
    if (ml_plain_name_is(plain, push_names)) {
        return ML_IDENTITY_PUSH_TOKEN;
    }
    bool is_token = ml_plain_name_is(plain, token_names) && !ml_plain_name_is(plain, no_token_names);
    return is_token ? ML_IDENTITY_SESSION_TOKEN : ML_IDENTITY_NONE;
}

/* --- values that say it themselves --- */

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

/*
 * An address of the IP multimedia subsystem or of a gateway of an operator: "<imsi>@ims.mnc001.mcc262.3gppnetwork.org"
 * (3GPP TS 23.003, sections 13.3 and 19.3.2); in front of the digits EAP sets one that names its method.
 */
static bool is_imsi_of_ims(struct ml_span value)
{
    size_t at = ml_span_find(value, ml_span_text("@"));
    struct ml_span digits = ml_span_cut(value, 0, at);
    if (!ml_span_holds_nocase(value, ".3gppnetwork.org") || digits.len < 14 || digits.len > 16 ||
        !ml_check_digits(digits)) {
        return false;
    }
    return ml_check_imsi(digits) || ml_check_imsi(ml_span_cut(digits, 1, digits.len));
}

static void take_address(const struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take,
                         void *context)
{
    if (is_imsi_of_ims(pair->value)) {
        ml_detect_tell(pair, ML_IDENTITY_IMSI, "shape", take, context);
        return;
    }
    if (!ml_check_email(pair->value) || is_file_name(pair->value)) {
        return;
    }
    bool is_named = pair->joint == ':' && ml_plain_name_is(pair->plain, mail_names) &&
                    !ml_plain_name_is(pair->plain, no_mail_names);
    if (!memory->is_stream || (is_named && !memory->is_sip)) {
        ml_detect_tell(pair, ML_IDENTITY_EMAIL, "shape", take, context);
    }
}

/* "android-" and the ANDROID_ID: what devices up to Android 9 call themselves in networks. */
static bool is_android_host(struct ml_span value)
{
    return value.len == 24 && ml_span_starts(value, "android-") && is_hex(ml_span_cut(value, 8, 16));
}

/* Letters of an IBAN are capitals; that keeps parts of base64 out. */
static bool is_iban(struct ml_span value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (!is_capital(value.ptr[i]) && !ml_is_digit(value.ptr[i])) {
            return false;
        }
    }
    return ml_check_iban(value);
}

/* False: nothing that says it by itself. */
static bool take_shape(const struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take,
                       void *context)
{
    struct ml_span value = pair->value;
    if (memchr(value.ptr, '@', value.len) != NULL) {
        take_address(memory, pair, take, context);
        return true;
    }
    if (ml_jwt_is(value)) {
        ml_detect_tell_jwt(pair, take, context);
        return true;
    }
    if (is_capital(value.ptr[0]) && is_iban(value)) {
        ml_detect_tell(pair, ML_IDENTITY_IBAN, "shape", take, context);
        return true;
    }
    if (is_android_host(value)) {
        ml_detect_tell(pair, ML_IDENTITY_ANDROID_ID, "shape", take, context);
        return true;
    }
    return false;
}

void ml_detect_pair(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context)
{
    struct ml_span value = pair->value;
    uint8_t mac[6];
    if (ml_detect_second(memory, pair, take, context)) {
        return;
    }
    if (value.len >= 3 && take_shape(memory, pair, take, context)) {
        return;
    }
    if (pair->name.len == 0) {
        if (value.len == 17 && ml_check_mac(value, mac)) {
            ml_detect_tell(pair, ML_IDENTITY_MAC, "shape", take, context);
        }
        return;
    }
    if (value.len < 2) {
        return;
    }
    if (ml_detect_halves(memory, pair, take, context) || value.len < 3) {
        return;
    }
    enum ml_identity_kind kind = kind_of_digits(pair, pair->plain);
    kind = kind != ML_IDENTITY_NONE ? kind : kind_of_text(pair, pair->plain);
    if (kind != ML_IDENTITY_NONE) {
        ml_detect_tell(pair, kind, "name", take, context);
    }
}
