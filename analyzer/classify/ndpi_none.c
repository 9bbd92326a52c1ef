/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter of a build without nDPI: there is no module, so nothing is ever asked or answered. */
#include "classify/ndpi.h"

struct ml_ndpi *ml_ndpi_new(struct ml_ndpi *peer)
{
    (void)peer;
    return NULL;
}

void ml_ndpi_free(struct ml_ndpi *ndpi)
{
    (void)ndpi;
}

const char *ml_ndpi_version(void)
{
    return NULL;
}

struct ml_ndpi_flow *ml_ndpi_flow_new(struct ml_ndpi *ndpi)
{
    (void)ndpi;
    return NULL;
}

void ml_ndpi_flow_free(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow)
{
    (void)ndpi;
    (void)flow;
}

bool ml_ndpi_feed(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, const struct ml_segment *segment, enum ml_dir dir)
{
    (void)ndpi;
    (void)flow;
    (void)segment;
    (void)dir;
    return false;
}

enum ml_ndpi_told ml_ndpi_named(struct ml_ndpi *ndpi, enum ml_ndpi_master master, struct ml_span name,
                                const struct ml_segment *segment, struct ml_ndpi_answer *answer)
{
    (void)ndpi;
    (void)master;
    (void)name;
    (void)segment;
    (void)answer;
    return ML_NDPI_MUST_SEE;
}

void ml_ndpi_answer(struct ml_ndpi *ndpi, struct ml_ndpi_flow *flow, struct ml_ndpi_answer *answer)
{
    (void)ndpi;
    (void)flow;
    *answer = (struct ml_ndpi_answer){.master = "", .app = "", .confidence = "Unknown"};
}
