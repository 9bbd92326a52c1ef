/* SPDX-License-Identifier: Apache-2.0 */
#include "core/timefmt.h"

#include "core/text.h"

#define NS_PER_SECOND INT64_C(1000000000)

/* Days since 1970-01-01 of a Gregorian date, and back (Howard Hinnant's published algorithm, proleptic). */
int64_t ml_days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int64_t)day_of_era - 719468;
}

static void date_of(int64_t days, int *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

static void put(char *out, unsigned value)
{
    memcpy(out, ml_two_digits + 2 * (size_t)value, 2);
}

size_t ml_time_format(int64_t time_ns, char out[ML_TIME_TEXT])
{
    static const char form[] = "0000-00-00T00:00:00.000000000Z";
    int64_t seconds = time_ns / NS_PER_SECOND;
    int64_t fraction = time_ns % NS_PER_SECOND;
    if (fraction < 0) {
        fraction += NS_PER_SECOND;
        seconds--;
    }
    int64_t days = seconds / 86400;
    int64_t rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    date_of(days, &year, &month, &day);
    unsigned ns = (unsigned)fraction;
    memcpy(out, form, sizeof form);
    put(out, (unsigned)year / 100); /* 64 bits of nanoseconds lie between 1677 and 2262: four digits */
    put(out + 2, (unsigned)year % 100);
    put(out + 5, month);
    put(out + 8, day);
    put(out + 11, (unsigned)rest / 3600);
    put(out + 14, (unsigned)rest / 60 % 60);
    put(out + 17, (unsigned)rest % 60);
    put(out + 20, ns / 10000000);
    put(out + 22, ns / 100000 % 100);
    put(out + 24, ns / 1000 % 100);
    put(out + 26, ns / 10 % 100);
    out[28] = (char)('0' + ns % 10);
    return sizeof form - 1;
}

size_t ml_date_format(int64_t time_ns, char out[ML_TIME_TEXT])
{
    (void)ml_time_format(time_ns, out);
    out[10] = '\0';
    return 10;
}

static bool digits(struct ml_span text, size_t from, size_t len, uint64_t *out)
{
    return from + len <= text.len && ml_decimal_read(ml_span_cut(text, from, len), out);
}

/* ".123" at `from` as nanoseconds; *end is the first byte behind it. No fraction is fine. */
static bool fraction_at(struct ml_span text, size_t from, int64_t *ns, size_t *end)
{
    *ns = 0;
    *end = from;
    if (from >= text.len || text.ptr[from] != '.') {
        return true;
    }
    int64_t scale = NS_PER_SECOND / 10;
    size_t i = from + 1;
    for (; i < text.len && ml_is_digit(text.ptr[i]); i++) {
        *ns += (text.ptr[i] - '0') * scale;
        scale /= 10;
    }
    *end = i;
    return i > from + 1;
}

static bool epoch_parse(struct ml_span text, int64_t *time_ns)
{
    size_t dot = ml_span_find(text, ml_span_text("."));
    uint64_t seconds = 0;
    int64_t ns = 0;
    size_t end = 0;
    if (!ml_decimal_read(ml_span_cut(text, 0, dot), &seconds) || seconds > INT64_MAX / NS_PER_SECOND - 1 ||
        !fraction_at(text, dot, &ns, &end) || end != text.len) {
        return false;
    }
    *time_ns = (int64_t)seconds * NS_PER_SECOND + ns;
    return true;
}

/* "Z", "+hh:mm" or "-hh:mm" at `from`, up to the end of the text. */
static bool zone_at(struct ml_span text, size_t from, int64_t *seconds)
{
    struct ml_span zone = ml_span_cut(text, from, text.len);
    uint64_t hours = 0;
    uint64_t minutes = 0;
    *seconds = 0;
    if (zone.len == 1 && (zone.ptr[0] == 'Z' || zone.ptr[0] == 'z')) {
        return true;
    }
    if (zone.len != 6 || (zone.ptr[0] != '+' && zone.ptr[0] != '-') || zone.ptr[3] != ':' ||
        !digits(zone, 1, 2, &hours) || !digits(zone, 4, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *seconds = (int64_t)(hours * 3600 + minutes * 60) * (zone.ptr[0] == '-' ? -1 : 1);
    return true;
}

static unsigned days_in_month(uint64_t year, uint64_t month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap ? 1U : 0U);
}

static bool date_parse(struct ml_span text, int64_t *days)
{
    uint64_t year = 0;
    uint64_t month = 0;
    uint64_t day = 0;
    if (text.len < 10 || text.ptr[4] != '-' || text.ptr[7] != '-' || !digits(text, 0, 4, &year) ||
        !digits(text, 5, 2, &month) || !digits(text, 8, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month) || year < 1678 || year > 2261) { /* what 64 bits of nanoseconds hold */
        return false;
    }
    *days = ml_days_of((int64_t)year, (unsigned)month, (unsigned)day);
    return true;
}

bool ml_time_parse(struct ml_span text, int64_t *time_ns)
{
    int64_t days = 0;
    uint64_t hour = 0;
    uint64_t minute = 0;
    uint64_t second = 0;
    int64_t ns = 0;
    int64_t offset = 0;
    size_t end = 0;
    *time_ns = 0;
    if (text.len != 0 && text.ptr[0] == '@') {
        return epoch_parse(ml_span_cut(text, 1, text.len), time_ns);
    }
    if (!date_parse(text, &days)) {
        return false;
    }
    if (text.len > 10) {
        bool has_time = text.len >= 20 && (text.ptr[10] == 'T' || text.ptr[10] == 't' || text.ptr[10] == ' ') &&
                        text.ptr[13] == ':' && text.ptr[16] == ':' && digits(text, 11, 2, &hour) &&
                        digits(text, 14, 2, &minute) && digits(text, 17, 2, &second) && hour < 24 && minute < 60 &&
                        second < 61;
        if (!has_time || !fraction_at(text, 19, &ns, &end) || !zone_at(text, end, &offset)) {
            return false;
        }
    }
    int64_t seconds = days * 86400 + (int64_t)(hour * 3600 + minute * 60 + second) - offset;
    *time_ns = seconds * NS_PER_SECOND + ns;
    return true;
}
