/* SPDX-License-Identifier: Apache-2.0 */
/* telling - what the tellers of one DNS message share; internal to proto/dns. */
#ifndef MITLESER_PROTO_DNS_TELLING_H
#define MITLESER_PROTO_DNS_TELLING_H

#include "proto/dns/facts.h"

struct ml_dns_telling {
    const struct ml_dns_source *source; /* borrowed */
    struct ml_fact_draft *draft;        /* borrowed */
    struct ml_dns_walk walk;
    unsigned n_records; /* read in this pass */
    enum ml_dns_end end;
    bool is_cut;
    bool is_refused;
};

/* The next record, up to a ceiling. */
bool ml_dns_next(struct ml_dns_telling *telling, struct ml_dns_record *record);
void ml_dns_rewind(struct ml_dns_telling *telling);

/* Empties the draft for another fact of the same message; ml_dns_emit adds the transport. */
void ml_dns_begin(struct ml_dns_telling *telling, enum ml_fact_kind kind);
void ml_dns_emit(struct ml_dns_telling *telling);

/* Name as this protocol writes it; `out` has room for ML_DNS_NAME_TEXT. */
size_t ml_dns_text_of(const struct ml_dns_telling *telling, const struct ml_dns_name *name, char *out);

#endif
