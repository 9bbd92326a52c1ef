/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence - what is known of one flow, as pieces that each speak for apps of the catalogue.
 *
 * In:        the evidence of a flow and the catalogue.
 * Out:       a sheet of pieces with points; classify/verdict.c adds them up.
 * Lifetime:  a sheet borrows nothing but the catalogue.
 */
#ifndef MITLESER_CLASSIFY_EVIDENCE_H
#define MITLESER_CLASSIFY_EVIDENCE_H

#include "classify/catalogue.h"

/* Pieces of evidence looked at; what comes after is beyond reason. */
enum { ML_MAX_PIECES = 32 };

/* Evidence that says the same thing twice counts once: within a kind only the strongest piece is added up. */
enum ml_kind {
    ML_KIND_DECLARED,
    ML_KIND_UID,
    ML_KIND_SIGNATURE,
    ML_KIND_NAME,
    ML_KIND_ADDRESS,
    ML_KIND_NDPI,
    ML_N_KINDS
};

struct ml_piece {
    struct ml_claim claim; /* of at least one app */
    enum ml_vote_class vote_class;
    enum ml_kind kind;
    int points;
    size_t text_len;
    char text[ML_VOTE_EVIDENCE]; /* "sni:g.example.net" */
};

struct ml_sheet {
    const struct ml_apps *apps; /* borrowed */
    struct ml_piece pieces[ML_MAX_PIECES];
    size_t n;
    bool is_foreign;  /* the connection itself names a host of nobody in the catalogue */
    bool has_nobodys; /* a name that the catalogue says belongs to none of its apps */
};

/* Fills *sheet from nothing. */
void ml_sheet_fill(struct ml_sheet *sheet, const struct ml_apps *apps, const struct ml_evidence *evidence);

static inline bool ml_claim_has(const struct ml_claim *claim, uint16_t app)
{
    for (size_t i = 0; i < claim->n_apps; i++) {
        if (claim->apps[i] == app) {
            return true;
        }
    }
    return false;
}

#endif
