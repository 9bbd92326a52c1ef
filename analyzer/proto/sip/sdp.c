/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sip/sdp.h"

#include "proto/lines.h"
#include "proto/sip/message.h"

enum { MAX_MEDIA = 16, MAX_ADDRESSES = 12 /* of each kind; twice as many fit a fact */ };

struct seen {
    struct ml_ip ips[MAX_ADDRESSES];
    size_t n;
    size_t n_media;
    bool has_keys;
    bool is_cut; /* at a ceiling */
};

static bool take_line(struct ml_span *rest, struct ml_span *line)
{
    if (rest->len == 0) {
        return false;
    }
    (void)ml_take_line(rest, line);
    *line = ml_span_trim(*line);
    return true;
}

bool ml_sdp_is(struct ml_span body)
{
    struct ml_span line;
    while (take_line(&body, &line)) {
        if (ml_span_equal(line, ml_span_text("v=0"))) {
            return true;
        }
    }
    return false;
}

/* Unspecified addresses hold a call, loopback is no address of the network. */
static bool tells(const struct ml_ip *ip)
{
    static const struct ml_ip none = {.family = 6};
    static const struct ml_ip loopback = {.family = 6, .bytes = {[15] = 1}};
    return ip->family == 4 ? ip->bytes[0] != 0 && ip->bytes[0] != 127
                           : !ml_ip_equal(ip, &none) && !ml_ip_equal(ip, &loopback);
}

static void take_address(struct seen *seen, struct ml_span text)
{
    struct ml_ip ip;
    const uint8_t *slash = text.len != 0 ? memchr(text.ptr, '/', text.len) : NULL; /* c= of a group has a lifetime */
    text = slash != NULL ? ml_span_cut(text, 0, (size_t)(slash - text.ptr)) : text;
    if (!ml_ip_parse(text, &ip) || !tells(&ip)) {
        return;
    }
    for (size_t i = 0; i < seen->n; i++) {
        if (ml_ip_equal(&seen->ips[i], &ip)) {
            return;
        }
    }
    if (seen->n == MAX_ADDRESSES) {
        seen->is_cut = true;
        return;
    }
    seen->ips[seen->n++] = ip;
}

/* The n-th word from 0. */
static struct ml_span word(struct ml_span line, unsigned n)
{
    struct ml_span found = ml_word(&line);
    for (; n != 0; n--) {
        found = ml_word(&line);
    }
    return found;
}

/* "candidate:1 1 UDP 2130706431 192.0.2.1 8998 typ host raddr 192.0.2.2 rport 9" (RFC 8839, section 5.1) */
static void take_candidate(struct seen *seen, struct ml_span line)
{
    take_address(seen, word(line, 4));
    while (line.len != 0) {
        if (ml_span_equal(ml_word(&line), ml_span_text("raddr"))) {
            take_address(seen, word(line, 0));
        }
    }
}

static void take_attribute(struct seen *seen, struct ml_span line)
{
    if (ml_span_starts(line, "a=candidate:")) {
        take_candidate(seen, line);
    } else if (ml_span_starts(line, "a=rtcp:")) {
        take_address(seen, word(line, 3));
    } else if (ml_span_starts(line, "a=crypto:") || ml_span_starts(line, "k=base64:") ||
               ml_span_starts(line, "k=clear:")) {
        seen->has_keys = true;
    }
}

/* "m=audio 49170 RTP/AVP 0": what, port, how. */
static void take_media(struct ml_fact_draft *draft, struct seen *seen, struct ml_span line)
{
    struct ml_span rest = ml_span_cut(line, 2, SIZE_MAX);
    for (int i = 0; i < 3; i++) {
        (void)ml_word(&rest);
    }
    size_t len = rest.len != 0 ? (size_t)(rest.ptr - line.ptr) - 2 : line.len - 2;
    if (seen->n_media == MAX_MEDIA) {
        seen->is_cut = true;
        return;
    }
    ml_fact_text(draft, ML_F_SDP_MEDIA, ml_span_trim(ml_span_cut(line, 2, len)));
    seen->n_media++;
}

void ml_sdp_add(struct ml_fact_draft *draft, struct ml_span body)
{
    struct seen seen = {.n = 0};
    struct ml_span line;
    while (take_line(&body, &line)) {
        if (line.len < 2 || line.ptr[1] != '=') {
            continue;
        }
        switch (line.ptr[0]) {
        case 'o':
            take_address(&seen, word(line, 5));
            break;
        case 'c':
            take_address(&seen, word(line, 2));
            break;
        case 'm':
            take_media(draft, &seen, line);
            break;
        case 'a':
        case 'k':
            take_attribute(&seen, line);
            break;
        default:
            break;
        }
    }
    for (size_t i = 0; i < seen.n; i++) {
        ml_fact_ip(draft, ML_F_SDP_ADDRESSES, &seen.ips[i]);
    }
    for (size_t i = 0; i < seen.n; i++) {
        if (ml_sip_is_private(&seen.ips[i])) {
            ml_fact_ip(draft, ML_F_CALL_LOCAL_ADDRESS, &seen.ips[i]);
        }
    }
    draft->is_cut = draft->is_cut || seen.is_cut;
    if (seen.has_keys) {
        ml_fact_truth(draft, ML_F_SDP_HAS_KEYS, true);
    }
}
