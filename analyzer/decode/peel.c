/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/peel.h"

bool ml_peel_drop(struct ml_peel *peel, enum ml_counter reason)
{
    peel->reason = reason;
    return false;
}

bool ml_peel_short(struct ml_peel *peel, enum ml_counter cut, enum ml_counter bad)
{
    return ml_peel_drop(peel, peel->rd.state == ML_RD_BAD ? bad : cut);
}

bool ml_peel_short_link(struct ml_peel *peel)
{
    return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_LINK, ML_COUNT_UNDECODED_BAD_LINK);
}

bool ml_peel_push(struct ml_peel *peel, enum ml_tunnel tunnel)
{
    struct ml_segment *segment = peel->segment;
    if (segment->n_tunnels == ML_MAX_TUNNEL_DEPTH) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_TUNNEL_DEPTH);
    }
    segment->tunnels[segment->n_tunnels++] = (uint8_t)tunnel;
    return true;
}

bool ml_peel_enter(struct ml_peel *peel, enum ml_tunnel tunnel, struct ml_reader inner, ml_step *next)
{
    peel->outer = *peel->segment;
    peel->has_outer = true;
    if (tunnel != ML_TUNNEL_NONE && !ml_peel_push(peel, tunnel)) {
        return false;
    }
    /* Of the outer packet's own: what is inside decides again. */
    peel->segment->is_cut = false;
    peel->rd = inner;
    return ml_peel_go(peel, next);
}

/*
 * Nothing usable inside a tunnel: the packet around it is what we know. Not for a fragment, whose datagram may still
 * come and would be counted twice, nor for nesting that only a liar sends.
 */
static ML_COLD bool fall_back(struct ml_peel *peel)
{
    if (!peel->has_outer || peel->reason == ML_COUNT_UNDECODED_FRAGMENT ||
        peel->reason == ML_COUNT_UNDECODED_BAD_FRAGMENT || peel->reason == ML_COUNT_UNDECODED_TUNNEL_DEPTH) {
        return false;
    }
    *peel->segment = peel->outer;
    ml_count(peel->counters, ML_COUNT_TUNNELS_KEPT_OUTER);
    return true;
}

bool ml_peel_run(struct ml_peel *peel)
{
    unsigned left = ML_MAX_HEADERS;
    do {
        if (!peel->next(peel)) {
            return fall_back(peel);
        }
    } while (peel->next != NULL && --left != 0);
    return left != 0 || ml_peel_drop(peel, ML_COUNT_UNDECODED_TUNNEL_DEPTH);
}
