/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/framing.h"

#include "core/limits.h"
#include "core/mem.h"

#include <htp/htp.h>

enum {
    LINE_LIMIT = ML_MAX_HTTP_HEAD, /* libhtp's own ceiling on one line; message.c stops at the same size */
    FIELD_LIMIT = 1024,            /* header fields */
    NO_CONTENT = 204,
    NOT_MODIFIED = 304
};

struct ml_http_framing {
    htp_cfg_t *cfg;     /* borrowed */
    htp_connp_t *connp; /* owned; the message at hand, NULL between messages */
    bool is_request;
    bool to_head;
    enum ml_http_body_form form;
    uint64_t length;
    bool is_ended; /* the trailer of a chunked body was seen */
    size_t ended_at;
    ml_http_content_fn content;
    void *context;
};

static struct ml_http_framing *framing_of(const htp_tx_t *tx)
{
    return htp_connp_get_user_data(tx->connp);
}

static void note_form(struct ml_http_framing *framing, enum htp_transfer_coding_t coding, int64_t length)
{
    switch (coding) {
    case HTP_CODING_CHUNKED:
        framing->form = ML_HTTP_BODY_CHUNKED;
        break;
    case HTP_CODING_IDENTITY:
        framing->form = length >= 0 ? ML_HTTP_BODY_LENGTH : ML_HTTP_BODY_CLOSE;
        framing->length = length >= 0 ? (uint64_t)length : 0;
        break;
    case HTP_CODING_NO_BODY:
    case HTP_CODING_UNKNOWN:
        framing->form = ML_HTTP_BODY_NONE;
        break;
    case HTP_CODING_INVALID:
        framing->form = ML_HTTP_BODY_BROKEN;
        break;
    }
}

/* Only a chunked body is read by libhtp; for all others the head says it all. */
static int go_on(const struct ml_http_framing *framing)
{
    return framing->form == ML_HTTP_BODY_CHUNKED ? HTP_OK : HTP_STOP;
}

static int on_request_headers(htp_tx_t *tx)
{
    struct ml_http_framing *framing = framing_of(tx);
    note_form(framing, tx->request_transfer_coding, tx->request_content_length);
    return go_on(framing);
}

static int on_response_line(htp_tx_t *tx)
{
    if (framing_of(tx)->to_head) {
        tx->request_method_number = HTP_M_HEAD; /* libhtp never saw the request */
    }
    return HTP_OK;
}

static int on_response_headers(htp_tx_t *tx)
{
    struct ml_http_framing *framing = framing_of(tx);
    note_form(framing, tx->response_transfer_coding, tx->response_content_length);
    /* libhtp believes a length here, RFC 9112, section 6.3 does not. */
    if (tx->response_status_number == NO_CONTENT || tx->response_status_number == NOT_MODIFIED) {
        framing->form = ML_HTTP_BODY_NONE;
    }
    return go_on(framing);
}

static int on_body(htp_tx_data_t *data)
{
    struct ml_http_framing *framing = framing_of(data->tx);
    /* A chunk length that is none makes libhtp take the rest of the stream as the body; we would rather find step. */
    if (!framing->is_request && data->tx->response_transfer_coding != HTP_CODING_CHUNKED) {
        return HTP_STOP;
    }
    if (framing->content != NULL && data->data != NULL && data->len != 0) {
        framing->content(framing->context, ml_span_of(data->data, data->len));
    }
    return HTP_OK;
}

/* Stopping here keeps libhtp from looking into the next message. */
static int on_trailer(htp_tx_t *tx)
{
    struct ml_http_framing *framing = framing_of(tx);
    framing->is_ended = true;
    framing->ended_at =
        framing->is_request ? htp_connp_req_data_consumed(tx->connp) : htp_connp_res_data_consumed(tx->connp);
    return HTP_STOP;
}

void *ml_http_settings_new(void)
{
    htp_cfg_t *cfg = htp_config_create();
    if (cfg == NULL) {
        return NULL;
    }
    htp_config_set_log_level(cfg, HTP_LOG_NONE);
    htp_config_set_response_decompression(cfg, 0); /* its time limit reads the clock; see inflate.h */
    htp_config_set_request_decompression(cfg, 0);
    htp_config_set_parse_request_cookies(cfg, 0);
    htp_config_set_parse_request_auth(cfg, 0);
    htp_config_set_field_limits(cfg, LINE_LIMIT, LINE_LIMIT);
    htp_config_set_number_headers_limit(cfg, FIELD_LIMIT);
    htp_config_register_request_headers(cfg, on_request_headers);
    htp_config_register_request_body_data(cfg, on_body);
    htp_config_register_request_trailer(cfg, on_trailer);
    htp_config_register_response_line(cfg, on_response_line);
    htp_config_register_response_headers(cfg, on_response_headers);
    htp_config_register_response_body_data(cfg, on_body);
    htp_config_register_response_trailer(cfg, on_trailer);
    return cfg;
}

void ml_http_settings_free(void *settings)
{
    if (settings != NULL) {
        htp_config_destroy(settings);
    }
}

struct ml_http_framing *ml_http_framing_new(void *settings)
{
    struct ml_http_framing *framing = settings != NULL ? ml_mem_array(1, sizeof *framing) : NULL;
    if (framing != NULL) {
        framing->cfg = settings;
    }
    return framing;
}

static void end_message(struct ml_http_framing *framing)
{
    if (framing->connp != NULL) {
        htp_connp_destroy_all(framing->connp);
        framing->connp = NULL;
    }
}

void ml_http_framing_free(struct ml_http_framing *framing)
{
    if (framing != NULL) {
        end_message(framing);
        ml_mem_free(framing);
    }
}

static int give(struct ml_http_framing *framing, struct ml_span bytes)
{
    static const htp_time_t no_time; /* libhtp keeps it and uses it for nothing we ask */
    return framing->is_request ? htp_connp_req_data(framing->connp, &no_time, bytes.ptr, bytes.len)
                               : htp_connp_res_data(framing->connp, &no_time, bytes.ptr, bytes.len);
}

static enum ml_http_body_form begin(struct ml_http_framing *framing, struct ml_span head, uint64_t *length)
{
    end_message(framing);
    *length = 0;
    framing->form = ML_HTTP_BODY_BROKEN; /* unless the hooks say otherwise */
    framing->length = 0;
    framing->is_ended = false;
    framing->content = NULL;
    framing->connp = htp_connp_create(framing->cfg);
    if (framing->connp == NULL) {
        return ML_HTTP_BODY_BROKEN;
    }
    htp_connp_set_user_data(framing->connp, framing);
    htp_connp_open(framing->connp, NULL, 0, NULL, 0, NULL);
    (void)give(framing, head); /* the hooks tell */
    if (framing->form != ML_HTTP_BODY_CHUNKED) {
        end_message(framing);
    }
    *length = framing->length;
    return framing->form;
}

enum ml_http_body_form ml_http_framing_request(struct ml_http_framing *framing, struct ml_span head, uint64_t *length)
{
    framing->is_request = true;
    framing->to_head = false;
    return begin(framing, head, length);
}

enum ml_http_body_form ml_http_framing_response(struct ml_http_framing *framing, struct ml_span head, bool to_head,
                                                uint64_t *length)
{
    framing->is_request = false;
    framing->to_head = to_head;
    return begin(framing, head, length);
}

enum ml_http_chunked ml_http_framing_chunked(struct ml_http_framing *framing, struct ml_span bytes,
                                             ml_http_content_fn content, void *context, size_t *used)
{
    *used = bytes.len;
    if (framing->connp == NULL) {
        return ML_HTTP_CHUNKED_BROKEN;
    }
    if (bytes.len == 0) {
        return ML_HTTP_CHUNKED_MORE;
    }
    framing->content = content;
    framing->context = context;
    int status = give(framing, bytes);
    framing->content = NULL;
    if (framing->is_ended) {
        *used = framing->ended_at < bytes.len ? framing->ended_at : bytes.len;
        end_message(framing);
        return ML_HTTP_CHUNKED_DONE;
    }
    if (status != HTP_STREAM_DATA) {
        end_message(framing);
        return ML_HTTP_CHUNKED_BROKEN;
    }
    return ML_HTTP_CHUNKED_MORE;
}
