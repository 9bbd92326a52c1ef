/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include "core/mem.h"
#include "decode/fragments.h"
#include "decode/link/link.h"
#include "decode/peel.h"

struct ml_decoder {
    struct ml_counters *counters; /* borrowed */
    struct ml_defrag *defrag;     /* owned */
    int link_type;                /* of the last packet */
    ml_step *first;               /* the step for it; NULL: unknown link type */
};

struct ml_decoder *ml_decoder_new(struct ml_counters *counters)
{
    struct ml_decoder *decoder = ml_mem_array(1, sizeof *decoder);
    if (decoder == NULL) {
        return NULL;
    }
    decoder->counters = counters;
    decoder->link_type = -1;
    decoder->defrag = ml_defrag_new(counters);
    if (decoder->defrag == NULL) {
        ml_mem_free(decoder);
        return NULL;
    }
    return decoder;
}

void ml_decoder_free(struct ml_decoder *decoder)
{
    if (decoder != NULL) {
        ml_defrag_free(decoder->defrag);
        ml_mem_free(decoder);
    }
}

static void count_packet(struct ml_counters *counters, const struct ml_packet *packet)
{
    ml_count(counters, ML_COUNT_PACKETS_READ);
    ml_count_add(counters, ML_COUNT_BYTES_WIRE, packet->wire_len);
    ml_count_add(counters, ML_COUNT_BYTES_CAPTURED, packet->bytes.len);
    if (packet->bytes.len < packet->wire_len) {
        ml_count(counters, ML_COUNT_PACKETS_TRUNCATED);
    }
}

static ml_step *first_step(struct ml_decoder *decoder, int link_type)
{
    if (decoder->link_type != link_type) {
        decoder->link_type = link_type;
        decoder->first = ml_link_first(link_type);
    }
    return decoder->first;
}

static void start(struct ml_segment *segment, const struct ml_packet *packet)
{
    memset(segment, 0, sizeof *segment);
    segment->seq = packet->seq;
    segment->time_ns = packet->time_ns;
    segment->direction = packet->direction;
    segment->interface = packet->interface;
    segment->process = packet->process;
}

bool ml_decode_packet(struct ml_decoder *decoder, const struct ml_packet *packet, struct ml_segment *segment)
{
    count_packet(decoder->counters, packet);
    ml_defrag_release(decoder->defrag);
    struct ml_peel peel;
    peel.next = first_step(decoder, packet->link_type);
    if (peel.next == NULL) {
        ml_count(decoder->counters, ML_COUNT_UNDECODED_LINK_TYPE);
        return false;
    }
    start(segment, packet);
    peel.rd = ml_rd_open(packet->bytes);
    peel.missing = packet->wire_len > packet->bytes.len ? packet->wire_len - packet->bytes.len : 0;
    peel.segment = segment;
    peel.counters = decoder->counters;
    peel.defrag = decoder->defrag;
    peel.whole_len = 0;
    peel.is_padded = false;
    peel.has_outer = false;
    if (!ml_peel_run(&peel)) {
        ml_count(decoder->counters, peel.reason);
        return false;
    }
    ml_count(decoder->counters, ML_COUNT_PACKETS_DECODED);
    return true;
}

void ml_decoder_flush(struct ml_decoder *decoder)
{
    ml_defrag_flush(decoder->defrag);
}
