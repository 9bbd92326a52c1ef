/* SPDX-License-Identifier: Apache-2.0 */
/* text_parts - the parts of the terminal summary, shared by the files text*.c. */
#ifndef MITLESER_REPORT_TEXT_PARTS_H
#define MITLESER_REPORT_TEXT_PARTS_H

#include "report/page.h"
#include "report/write.h"

#define ML_NEW_COLOUR "1;35"

struct ml_summary {
    struct ml_page page; /* failures latch in its buffer */
    const struct ml_report *report;
};

void ml_text_readers(const struct ml_summary *summary);
void ml_text_findings(const struct ml_summary *summary);
void ml_text_baseline(const struct ml_summary *summary); /* what is new since an earlier report */
void ml_text_planted(const struct ml_summary *summary);  /* what became of planted values */
void ml_text_reach(const struct ml_summary *summary);    /* how much was read for them */
void ml_text_coverage(const struct ml_summary *summary);

#endif
