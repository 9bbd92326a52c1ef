/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/message.h"

#include "core/text.h"
#include "proto/lines.h"

enum field { OTHER, FROM, TO, SUBJECT, AGENT, ORIGIN, TYPE };

static const struct {
    const char *name;
    enum field field;
} fields[] = {
    {"From:", FROM},         {"To:", TO},          {"Subject:", SUBJECT},
    {"User-Agent:", AGENT},  {"X-Mailer:", AGENT}, {"X-Originating-IP:", ORIGIN},
    {"Content-Type:", TYPE},
};

void ml_mail_begin(struct ml_mail *mail, bool has_head)
{
    *mail = (struct ml_mail){.is_open = true, .is_in_head = has_head};
}

static bool is_address_byte(uint8_t byte)
{
    return byte > ' ' && byte != '<' && byte != '>' && byte != ',' && byte != ';' && byte != '(' && byte != ')' &&
           byte != '"';
}

struct ml_span ml_mail_address(struct ml_span text)
{
    const uint8_t *at = text.len != 0 ? memchr(text.ptr, '<', text.len) : NULL;
    struct ml_span rest = at != NULL ? ml_span_cut(text, (size_t)(at - text.ptr) + 1, SIZE_MAX) : text;
    const uint8_t *sign = rest.len != 0 ? memchr(rest.ptr, '@', rest.len) : NULL;
    if (sign == NULL) {
        return ml_span_of(NULL, 0);
    }
    size_t from = (size_t)(sign - rest.ptr);
    size_t to = from + 1;
    while (from != 0 && is_address_byte(rest.ptr[from - 1])) {
        from--;
    }
    while (to < rest.len && is_address_byte(rest.ptr[to])) {
        to++;
    }
    bool has_both = rest.ptr[from] != '@' && rest.ptr[to - 1] != '@';
    return has_both ? ml_span_cut(rest, from, to - from) : ml_span_of(NULL, 0);
}

/* RFC 8551, section 3.2: signed data is of the same type, and readable. */
static bool is_sealed_type(struct ml_span type)
{
    bool is_smime = ml_span_starts_nocase(type, "application/pkcs7-mime") ||
                    ml_span_starts_nocase(type, "application/x-pkcs7-mime");
    return ml_span_starts_nocase(type, "multipart/encrypted") ||
           (is_smime && !ml_span_holds_nocase(type, "signed-data") && !ml_span_holds_nocase(type, "certs-only"));
}

static void end_field(struct ml_mail *mail)
{
    struct ml_span value = ml_span_trim(ml_span_of(mail->value, mail->value_len));
    switch ((enum field)mail->field) {
    case FROM:
        ml_keep_text(mail->from, sizeof mail->from, ml_mail_address(value));
        break;
    case TO:
        ml_keep_text(mail->to, sizeof mail->to, ml_mail_address(value));
        break;
    case SUBJECT:
        ml_keep_text(mail->subject, sizeof mail->subject, value);
        break;
    case AGENT:
        ml_keep_text(mail->agent, sizeof mail->agent, value);
        break;
    case ORIGIN:
        if (value.len > 2 && value.ptr[0] == '[') {
            value = ml_span_cut(value, 1, value.len - 2);
        }
        if (!ml_ip_parse(value, &mail->origin)) {
            mail->origin = (struct ml_ip){0};
        }
        break;
    case TYPE:
        mail->is_sealed = mail->is_sealed || is_sealed_type(value);
        break;
    case OTHER:
        break;
    }
    mail->field = OTHER;
    mail->value_len = 0;
}

static void add_value(struct ml_mail *mail, struct ml_span text)
{
    text = ml_span_cut(text, 0, sizeof mail->value - mail->value_len);
    if (mail->field != OTHER && text.len != 0) {
        memcpy(mail->value + mail->value_len, text.ptr, text.len);
        mail->value_len += text.len;
    }
}

static void take_head_line(struct ml_mail *mail, struct ml_span text)
{
    if (text.len != 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) { /* folded (RFC 5322, section 2.2.3) */
        add_value(mail, text);
        return;
    }
    end_field(mail);
    if (text.len == 0) {
        mail->is_in_head = false;
        return;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (ml_span_starts_nocase(text, fields[i].name)) {
            mail->field = fields[i].field;
            add_value(mail, ml_span_cut(text, strlen(fields[i].name), SIZE_MAX));
            return;
        }
    }
}

void ml_mail_line(struct ml_mail *mail, struct ml_span text, size_t len, bool is_part)
{
    if (mail->is_in_head) {
        if (!is_part) {
            take_head_line(mail, text);
        }
        return;
    }
    if (!mail->has_body && ml_span_trim(text).len != 0) {
        mail->is_sealed = mail->is_sealed || ml_span_starts(text, "-----BEGIN PGP MESSAGE-----");
        mail->has_body = true;
    }
    mail->bytes += len;
}

void ml_mail_end(struct ml_mail *mail, struct ml_fact_draft *draft, const char *from, const char *to)
{
    end_field(mail);
    ml_fact_cstr(draft, ML_F_MESSAGE_FROM, mail->from[0] != '\0' ? mail->from : from);
    ml_fact_cstr(draft, ML_F_MESSAGE_TO, mail->to[0] != '\0' ? mail->to : to);
    if (mail->has_body && !mail->is_sealed) {
        ml_fact_number(draft, ML_F_MESSAGE_BYTES, mail->bytes);
    }
    ml_fact_cstr(draft, ML_F_MAIL_SUBJECT, mail->subject);
    ml_fact_cstr(draft, ML_F_MAIL_AGENT, mail->agent);
    if (mail->origin.family != 0) {
        ml_fact_ip(draft, ML_F_MAIL_ORIGIN, &mail->origin);
    }
    if (mail->is_sealed) {
        ml_fact_truth(draft, ML_F_MAIL_SEALED, true);
    }
    mail->is_open = false;
}
