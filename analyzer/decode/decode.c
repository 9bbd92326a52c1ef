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
    struct ml_peel peel;          /* of the packet at hand; here and not on the stack for its size */
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
    decoder->peel.counters = counters;
    decoder->peel.defrag = decoder->defrag;
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

/* In parts: above 80 bytes gcc takes a string instruction, which is slower to start than these stores altogether. */
static void clear(struct ml_segment *segment)
{
    enum { PART = 64 };
    _Static_assert(sizeof *segment > 2 * PART, "there are three parts");
    uint8_t *bytes = (uint8_t *)segment;
    memset(bytes, 0, PART);
    memset(bytes + PART, 0, PART);
    memset(bytes + 2 * PART, 0, sizeof *segment - 2 * PART);
}

static void start(struct ml_peel *peel, ml_step *first, const struct ml_packet *packet, struct ml_segment *segment)
{
    clear(segment);
    segment->seq = packet->seq;
    segment->time_ns = packet->time_ns;
    segment->direction = packet->direction;
    segment->interface = packet->interface;
    segment->process = packet->process;
    peel->rd = ml_rd_open(packet->bytes);
    peel->missing = packet->wire_len > packet->bytes.len ? packet->wire_len - packet->bytes.len : 0;
    peel->next = first;
    peel->segment = segment;
    peel->whole_len = 0;
    peel->is_padded = false;
    peel->has_outer = false;
}

bool ml_decode_packet(struct ml_decoder *decoder, const struct ml_packet *packet, struct ml_segment *segment)
{
    struct ml_counters *counters = decoder->counters;
    count_packet(counters, packet);
    if (decoder->peel.has_whole) {
        ml_defrag_release(decoder->defrag);
        decoder->peel.has_whole = false;
    }
    ml_step *first = first_step(decoder, packet->link_type);
    if (first == NULL) {
        ml_count(counters, ML_COUNT_UNDECODED_LINK_TYPE);
        return false;
    }
    start(&decoder->peel, first, packet, segment);
    if (!ml_peel_run(&decoder->peel)) {
        ml_count(counters, decoder->peel.reason);
        return false;
    }
    ml_count(counters, ML_COUNT_PACKETS_DECODED);
    return true;
}

void ml_decoder_flush(struct ml_decoder *decoder)
{
    ml_defrag_flush(decoder->defrag);
}
