/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/conversation.h"

#include "proto/secrets/secrets.h"
#include "proto/tls/facts.h"
#include "proto/tls/master.h"
#include "proto/tls/names.h"

bool ml_tls_is_message_type(uint8_t type)
{
    switch (type) {
    case ML_TLS_HELLO_REQUEST:
    case ML_TLS_CLIENT_HELLO:
    case ML_TLS_SERVER_HELLO:
    case 3: /* HelloVerifyRequest */
    case ML_TLS_NEW_SESSION_TICKET:
    case 5: /* EndOfEarlyData */
    case 6: /* HelloRetryRequest of drafts */
    case 8: /* EncryptedExtensions */
    case ML_TLS_CERTIFICATE:
    case ML_TLS_SERVER_KEY_EXCHANGE:
    case ML_TLS_CERTIFICATE_REQUEST:
    case ML_TLS_SERVER_HELLO_DONE:
    case 15: /* CertificateVerify */
    case ML_TLS_CLIENT_KEY_EXCHANGE:
    case 20:  /* Finished */
    case 21:  /* CertificateURL */
    case 22:  /* CertificateStatus */
    case 23:  /* SupplementalData */
    case 24:  /* KeyUpdate */
    case 25:  /* CompressedCertificate */
    case 67:  /* NextProtocol */
    case 203: /* EncryptedExtensions of channel ID */
        return true;
    default:
        return false;
    }
}

void ml_tls_conversation_init(struct ml_tls_conversation *conversation, struct ml_proto_env *env, char transport)
{
    memset(conversation, 0, sizeof *conversation);
    conversation->env = env;
    conversation->transport = transport;
}

static struct ml_reader open_body(const struct ml_tls_message *message)
{
    return message->is_cut ? ml_rd_open(message->body) : ml_rd_open_framed(message->body);
}

static void count_bad(const struct ml_tls_conversation *conversation)
{
    ml_count(conversation->env->counters, ML_COUNT_BAD_TLS);
}

/* The hello in waiting becomes a fact. */
static void settle_pending(struct ml_tls_conversation *conversation, enum ml_tls_truth is_resumed)
{
    struct ml_tls_pending *pending = &conversation->pending;
    if (!pending->is_set) {
        return;
    }
    pending->is_set = false;
    conversation->session.is_resumed = is_resumed == ML_TLS_TRUE;
    ml_tls_state_server_hello(conversation, pending, is_resumed);
}

/* Was the session resumed? Up to TLS 1.2 the session id sent back hints at it, what follows decides. */
static enum ml_tls_truth echo_means(const struct ml_tls_pending *pending, enum ml_tls_truth when_echoed)
{
    if (pending->is_retry) {
        return ML_TLS_UNTOLD;
    }
    if (ml_tls_is_13(pending->version)) { /* the echo is for middleboxes only */
        return pending->has_psk ? ML_TLS_TRUE : ML_TLS_FALSE;
    }
    return pending->echoes_session_id ? when_echoed : ML_TLS_FALSE;
}

/* --- what a key log with premaster secrets needs --- */

static bool has_premasters(const struct ml_tls_conversation *conversation)
{
    const struct ml_secrets *secrets = conversation->env->secrets;
    return conversation->transport != 'q' && (ml_secrets_has_label(secrets, ML_SECRET_PREMASTER) ||
                                              ml_secrets_has_label(secrets, ML_SECRET_RSA_PREMASTER));
}

static void keep_message(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    const struct ml_tls_transcript_message kept = {.is_datagrams = conversation->transport == 'd',
                                                   .number = message->number,
                                                   .dir = message->chunk->dir,
                                                   .type = message->type,
                                                   .body = message->body};
    if (message->is_cut) {
        ml_tls_transcript_fini(&conversation->transcript);
    } else if (message->type == ML_TLS_CLIENT_HELLO && has_premasters(conversation)) {
        ml_tls_transcript_start(&conversation->transcript, &kept);
    } else if (message->type != ML_TLS_HELLO_REQUEST) {
        ml_tls_transcript_add(&conversation->transcript, &kept);
    }
}

/* --- hellos --- */

static void note_client(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                        const struct ml_tls_client_hello *hello)
{
    struct ml_tls_session *session = &conversation->session;
    session->has_client_hello = true;
    session->has_id = session->has_premaster_id = false;
    session->hash_len = 0;
    session->client_dir = message->chunk->dir;
    memset(session->client_random, 0, sizeof session->client_random);
    if (hello->random.len != 0 && hello->random.len <= sizeof session->client_random) {
        /* A challenge shorter than 32 bytes stands at the end (RFC 6101, appendix E.2). */
        memcpy(session->client_random + (sizeof session->client_random - hello->random.len), hello->random.ptr,
               hello->random.len);
    }
    conversation->offered_id_len = 0;
    if (hello->session_id.len != 0 && hello->session_id.len <= sizeof conversation->offered_id) {
        conversation->offered_id_len = (uint8_t)hello->session_id.len;
        memcpy(conversation->offered_id, hello->session_id.ptr, hello->session_id.len);
    }
}

static void client_hello(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_tls_client_hello hello;
    struct ml_reader rd = open_body(message);
    if (!ml_tls_client_hello_parse(&rd, conversation->transport == 'd', &hello)) {
        if (!message->is_cut) {
            count_bad(conversation);
        }
        return;
    }
    if (hello.is_cut && !message->is_cut) {
        count_bad(conversation);
    }
    note_client(conversation, message, &hello);
    if (conversation->on_client_hello != NULL) {
        conversation->on_client_hello(conversation->context, message, &hello);
    }
    ml_tls_state_client_hello(conversation, message, &hello);
}

void ml_tls_conversation_ssl2(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_tls_client_hello hello;
    ml_tls_transcript_fini(&conversation->transcript);
    struct ml_reader rd = open_body(message);
    if (!ml_tls_ssl2_hello_parse(&rd, &hello)) {
        count_bad(conversation);
        return;
    }
    note_client(conversation, message, &hello);
    ml_tls_state_client_hello(conversation, message, &hello);
}

static void note_server(struct ml_tls_session *session, const struct ml_tls_server_hello *hello)
{
    session->version = hello->version;
    session->suite = hello->suite;
    session->has_extended_master_secret = hello->has_extended_master_secret;
    session->has_encrypt_then_mac = hello->has_encrypt_then_mac;
    session->has_server_hello = !hello->is_retry;
    memcpy(session->server_random, hello->random.ptr, sizeof session->server_random);
    memset(session->id, 0, sizeof session->id);
    session->has_id = hello->session_id.len != 0 && hello->session_id.len <= sizeof session->id;
    if (session->has_id) {
        memcpy(session->id, hello->session_id.ptr, hello->session_id.len);
    }
}

static void server_hello(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_tls_pending *pending = &conversation->pending;
    struct ml_tls_server_hello hello;
    struct ml_reader rd = open_body(message);
    if (!ml_tls_server_hello_parse(&rd, &hello)) {
        if (!message->is_cut) {
            count_bad(conversation);
        }
        return;
    }
    if (pending->is_set && !pending->is_retry) { /* a second hello: the first says all it will */
        settle_pending(conversation, echo_means(pending, ML_TLS_UNTOLD));
    }
    if (hello.is_cut && !message->is_cut) {
        count_bad(conversation);
    }
    note_server(&conversation->session, &hello);
    *pending = (struct ml_tls_pending){
        .is_set = true,
        .chunk = *message->chunk,
        .place = message->place,
        .range_from = message->range_from,
        .range_len = message->range_len,
        .is_cut = message->is_cut || hello.is_cut,
        .is_retry = hello.is_retry,
        .version = hello.version,
        .suite = hello.suite,
        .has_group = hello.has_group,
        .group = hello.group,
        .has_psk = hello.has_psk,
        .alpn_len = (uint8_t)hello.alpn.len,
    };
    pending->chunk.bytes = ml_span_of(NULL, 0); /* they do not live as long */
    if (hello.alpn.len != 0) {
        memcpy(pending->alpn, hello.alpn.ptr, hello.alpn.len);
    }
    struct ml_span offered = ml_span_of(conversation->offered_id, conversation->offered_id_len);
    pending->echoes_session_id = hello.session_id.len != 0 && ml_span_equal(hello.session_id, offered);
    if (hello.is_retry || !ml_tls_ja3s(&hello, pending->ja3s)) {
        pending->ja3s[0] = '\0';
    }
    if (ml_tls_is_13(hello.version) && !hello.is_retry) {
        settle_pending(conversation, echo_means(pending, ML_TLS_UNTOLD));
    }
}

static bool is_from_client(const struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    enum ml_dir client = conversation->session.has_client_hello ? conversation->session.client_dir : ML_UP;
    return message->chunk->dir == client;
}

static void certificate(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_tls_chain chain;
    struct ml_reader rd = open_body(message);
    if (ml_tls_is_13(conversation->session.version)) {
        return; /* never in clear: this is something else */
    }
    ml_tls_chain_parse(&rd, &chain);
    if (chain.is_cut && !message->is_cut) {
        count_bad(conversation);
    }
    if (is_from_client(conversation, message)) {
        ml_tls_state_client_certificate(conversation, message, &chain);
    } else {
        conversation->pending.echoes_session_id = false; /* a new session under an id of the client's making */
        ml_tls_state_certificate(conversation, message, &chain);
    }
}

static void key_exchange(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_tls_pending *pending = &conversation->pending;
    const char *name = ml_tls_suite_name(pending->suite);
    struct ml_span suite = ml_span_text(name != NULL ? name : "");
    struct ml_reader rd = open_body(message);
    bool has_prime = false;
    if (!pending->is_set || is_from_client(conversation, message)) {
        return;
    }
    pending->echoes_session_id = false; /* a resumption has no key exchange */
    /* The fields are not marked; only the suite tells how they are to be read. */
    if (ml_span_starts(suite, "TLS_ECDHE_RSA") || ml_span_starts(suite, "TLS_ECDHE_ECDSA") ||
        ml_span_starts(suite, "TLS_ECDH_anon")) {
        pending->has_group = ml_tls_key_exchange_curve(&rd, &pending->group);
    } else if (ml_span_starts(suite, "TLS_DHE_RSA") || ml_span_starts(suite, "TLS_DHE_DSS") ||
               ml_span_starts(suite, "TLS_DH_anon")) {
        has_prime = ml_tls_key_exchange_prime(&rd, &pending->prime_bits);
    }
    if (pending->has_group || has_prime) { /* the fact now rests on this message as well */
        pending->place.last_seq = message->place.last_seq;
        if (message->range_from > pending->range_from) { /* in DTLS each message counts from its own start */
            pending->range_len = (uint32_t)(message->range_from + message->range_len - pending->range_from);
        }
    }
}

/* The encrypted premaster secret of an RSA key exchange names it in a key log (RFC 5246, section 7.4.7.1). */
static void client_key_exchange(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_tls_session *session = &conversation->session;
    const char *name = ml_tls_suite_name(session->suite);
    struct ml_span suite = ml_span_text(name != NULL ? name : "");
    struct ml_reader rd = open_body(message);
    struct ml_reader encrypted;
    struct ml_span start;
    bool is_rsa = ml_span_starts(suite, "TLS_RSA_WITH_") || ml_span_starts(suite, "TLS_RSA_EXPORT");
    if (!session->has_server_hello || !is_from_client(conversation, message)) {
        return;
    }
    session->hash_len = (uint8_t)ml_tls_transcript_take(&conversation->transcript, ml_tls_keys_version(session),
                                                        session->suite, session->hash);
    session->has_premaster_id =
        is_rsa && ml_rd_vector(&rd, 2, &encrypted) && ml_rd_span(&encrypted, ML_SECRET_RSA_ID, &start);
    if (session->has_premaster_id) {
        memset(session->premaster_id, 0, sizeof session->premaster_id);
        memcpy(session->premaster_id, start.ptr, start.len);
    }
}

static void new_session_ticket(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    struct ml_reader rd = open_body(message);
    struct ml_reader ticket;
    if (!ml_tls_is_13(conversation->session.version) && ml_rd_skip(&rd, 4) && ml_rd_vector(&rd, 2, &ticket)) {
        ml_tls_state_ticket(conversation, message, ml_rd_rest(&ticket));
    }
}

void ml_tls_conversation_message(struct ml_tls_conversation *conversation, const struct ml_tls_message *message)
{
    keep_message(conversation, message);
    switch (message->type) {
    case ML_TLS_CLIENT_HELLO:
        client_hello(conversation, message);
        break;
    case ML_TLS_SERVER_HELLO:
        server_hello(conversation, message);
        break;
    case ML_TLS_NEW_SESSION_TICKET:
        new_session_ticket(conversation, message);
        break;
    case ML_TLS_CERTIFICATE:
        certificate(conversation, message);
        break;
    case ML_TLS_SERVER_KEY_EXCHANGE:
        key_exchange(conversation, message);
        break;
    case ML_TLS_CERTIFICATE_REQUEST:
        conversation->pending.wants_client_certificate = true;
        break;
    case ML_TLS_SERVER_HELLO_DONE:
        settle_pending(conversation, ML_TLS_FALSE);
        break;
    case ML_TLS_CLIENT_KEY_EXCHANGE:
        client_key_exchange(conversation, message);
        break;
    default:
        break;
    }
}

void ml_tls_conversation_alert(struct ml_tls_conversation *conversation, const struct ml_chunk *chunk,
                               uint8_t description)
{
    ml_tls_state_alert(conversation, chunk, description);
}

void ml_tls_conversation_encrypted(struct ml_tls_conversation *conversation, enum ml_dir dir)
{
    struct ml_tls_pending *pending = &conversation->pending;
    if (pending->is_set && !pending->is_retry && pending->chunk.dir == dir) {
        /* The server goes on without certificate or key exchange: that is a resumption. */
        settle_pending(conversation, echo_means(pending, ML_TLS_TRUE));
    }
}

void ml_tls_conversation_finish(struct ml_tls_conversation *conversation)
{
    settle_pending(conversation, echo_means(&conversation->pending, ML_TLS_UNTOLD));
    ml_tls_transcript_fini(&conversation->transcript);
}
