/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/transcript.h"

#include "core/limits.h"
#include "proto/tls/decrypt_suite.h"
#include "proto/tls/names.h"

#include <openssl/evp.h>

void ml_tls_transcript_fini(struct ml_tls_transcript *transcript)
{
    ml_buf_fini(&transcript->bytes);
    transcript->is_kept = false;
}

/* A header of DTLS has the number, and the message as its only fragment. */
static bool add_header(struct ml_buf *bytes, const struct ml_tls_transcript_message *message)
{
    size_t len = message->body.len;
    uint8_t header[12] = {message->type, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    if (!message->is_datagrams) {
        return ml_buf_add(bytes, header, 4);
    }
    header[4] = (uint8_t)(message->number >> 8);
    header[5] = (uint8_t)message->number;
    memcpy(header + 9, header + 1, 3);
    return ml_buf_add(bytes, header, sizeof header);
}

void ml_tls_transcript_add(struct ml_tls_transcript *transcript, const struct ml_tls_transcript_message *message)
{
    int32_t next = transcript->next[message->dir];
    bool is_next = !message->is_datagrams || next < 0 || message->number == next;
    if (!transcript->is_kept) {
        return;
    }
    if (!is_next || !add_header(&transcript->bytes, message) ||
        !ml_buf_add(&transcript->bytes, message->body.ptr, message->body.len)) {
        ml_tls_transcript_fini(transcript);
        return;
    }
    transcript->next[message->dir] = message->number + 1;
}

/* The other side begins at 0, or at 1 behind a HelloVerifyRequest or a HelloRequest: its first message tells. */
void ml_tls_transcript_start(struct ml_tls_transcript *transcript, const struct ml_tls_transcript_message *message)
{
    ml_tls_transcript_fini(transcript);
    ml_buf_init(&transcript->bytes, ML_MAX_MESSAGE);
    transcript->is_kept = true;
    transcript->next[0] = transcript->next[1] = -1;
    ml_tls_transcript_add(transcript, message);
}

size_t ml_tls_transcript_take(struct ml_tls_transcript *transcript, uint16_t version, uint16_t suite, uint8_t out[64])
{
    struct ml_tls_suite meaning;
    struct ml_span all = ml_buf_span(&transcript->bytes);
    unsigned first = 0;
    unsigned second = 0;
    bool ok = transcript->is_kept && ml_tls_suite_of(suite, &meaning);
    if (ok && version >= ML_TLS_1_2) {
        ok = EVP_Digest(all.ptr, all.len, out, &first, EVP_get_digestbyname(meaning.hash), NULL) == 1;
    } else if (ok) { /* both digests of the PRF (RFC 2246, section 7.4.9) */
        ok = EVP_Digest(all.ptr, all.len, out, &first, EVP_md5(), NULL) == 1 &&
             EVP_Digest(all.ptr, all.len, out + first, &second, EVP_sha1(), NULL) == 1;
    }
    ml_tls_transcript_fini(transcript);
    return ok ? (size_t)first + second : 0;
}
