/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect_parts - what the files that detect by shape share; internal to leaks.
 *
 * A name is compared without case and marks ("Device-IMEI" is "deviceimei"), once for all words it may be.
 */
#ifndef MITLESER_LEAKS_DETECT_PARTS_H
#define MITLESER_LEAKS_DETECT_PARTS_H

#include "leaks/detect.h"

enum { ML_MIN_SECRET = 16 };

void ml_plain_name(struct ml_span name, struct ml_plain_name *out);

/* A word that says what a value is, with its length. */
struct ml_word {
    size_t len;
    const char *text;
};
#define ML_WORD(text)                                                                                                  \
    {                                                                                                                  \
        sizeof(text) - 1, (text)                                                                                       \
    }

/*
 * Is it one of `words` (ended by one without length)? Short words must be the whole name, or its last part behind a
 * mark or change of case: "tel" does not end "hotel", nor "ssid" PHPSESSID. Six letters or more may end any name.
 */
bool ml_plain_name_is(const struct ml_plain_name *plain, const struct ml_word *words);

/* Long enough for a secret, with digits and letters, without blanks and control characters. */
bool ml_detect_is_secret(struct ml_span value);

void ml_detect_tell(const struct ml_pair *pair, enum ml_identity_kind kind, const char *form, ml_detected_fn take,
                    void *context);

/* Tells a token with the names of its claims. */
void ml_detect_tell_jwt(const struct ml_pair *pair, ml_detected_fn take, void *context);

/* Positions and codes of mobile networks, which come in halves (detect_halves.c). True: the pair is one of them. */
bool ml_detect_halves(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context);

/* A number without a name right behind the first of two (detect_halves.c). */
bool ml_detect_second(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context);

/* --- cookies (detect_cookie.c) --- */

/* The value of a Cookie field: logins, and cookies of analytics with their age. */
void ml_detect_cookies(struct ml_span value, size_t from, int64_t time_ns, ml_detected_fn take, void *context);

/* The value of a Set-Cookie field. `date_ns` is what the server takes the time for. */
void ml_detect_set_cookie(struct ml_span value, size_t from, int64_t date_ns, ml_detected_fn take, void *context);

/* "Wed, 21 Oct 2026 07:28:00 GMT" and the older "Wed, 21-Oct-26 07:28:00 GMT" (RFC 6265, section 5.1.1). */
bool ml_detect_date(struct ml_span text, int64_t *seconds);

#endif
