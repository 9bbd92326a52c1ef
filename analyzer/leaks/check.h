/* SPDX-License-Identifier: Apache-2.0 */
/* check - is a text well formed for what it claims to be? Check digits and shapes; texts without blanks around them. */
#ifndef MITLESER_LEAKS_CHECK_H
#define MITLESER_LEAKS_CHECK_H

#include "core/span.h"

/* Only digits, at least one. */
bool ml_check_digits(struct ml_span text);

/* Last digit after Luhn (ISO/IEC 7812-1, annex B); not all zeros. */
bool ml_check_luhn(struct ml_span digits);

/* 15 digits, the last one by Luhn (3GPP TS 23.003, annex B); no sequence and no repetition. */
bool ml_check_imei(struct ml_span digits);

/* 14 or 15 digits that begin with a country code of ITU-T E.212: 2..7 in front. */
bool ml_check_imsi(struct ml_span digits);

/* 13 to 19 digits, Luhn, a range of a payment network in front (3, 4, 5, 62, 2221..2720). */
bool ml_check_card(struct ml_span digits);

/* ISO 13616: country, check digits, length of the country where it is known; blanks are not allowed. */
bool ml_check_iban(struct ml_span text);

/* 12 hexadecimal digits, bare or in pairs with one kind of ':' or '-' between; neither zero, broadcast, group nor the
 * 02:00:00:00:00:00 that Android tells in place of the real one. */
bool ml_check_mac(struct ml_span text, uint8_t out[6]);

/* 8-4-4-4-12 hexadecimal digits, not all the same. */
bool ml_check_uuid(struct ml_span text, uint8_t out[16]);

/* Local part, '@', a name with a dot and a last label of letters (RFC 5321, section 2.3.11, without quotes). */
bool ml_check_email(struct ml_span text);

/* "-12.345678": sign, digits, `decimals` behind the point (0: none). False: no number or |value| > max. */
bool ml_check_degrees(struct ml_span text, unsigned max, double *value, unsigned *decimals);

#endif
