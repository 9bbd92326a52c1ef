/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/pace.h"

enum { MAX_ANSWER = 400 /* bytes */ };

#define PACE_MS INT64_C(1000000)
static const int64_t silence_ns = 1000 * PACE_MS;
static const int64_t prompt_ns = 200 * PACE_MS;
static const int64_t burst_ns = 150 * PACE_MS;
static const int64_t step_ns = 2000 * PACE_MS;

/* Is `now` at most `limit` behind `then`? Times may be any 64 bits. */
static bool is_within(int64_t then, int64_t now, int64_t limit)
{
    return now >= then && (uint64_t)now - (uint64_t)then <= (uint64_t)limit;
}

static void take_down(struct ml_pace *pace, uint32_t len, int64_t time_ns)
{
    bool was_silent = pace->has_last && time_ns > pace->last_ns && !is_within(pace->last_ns, time_ns, silence_ns);
    if (was_silent) {
        pace->is_waiting = true;
        pace->asked_ns = time_ns;
        pace->asked_len = len;
    }
}

static void take_answer(struct ml_pace *pace, uint32_t len, int64_t time_ns)
{
    if (pace->is_waiting && len <= MAX_ANSWER && pace->asked_len != pace->counted_len &&
        is_within(pace->asked_ns, time_ns, prompt_ns)) {
        pace->counted_len = pace->asked_len;
        pace->n_answers = (uint16_t)(pace->n_answers + (pace->n_answers != UINT16_MAX ? 1 : 0));
    }
    pace->is_waiting = false;
}

static void take_step(struct ml_pace *pace, int64_t time_ns)
{
    if (pace->has_burst && is_within(pace->burst_ns, time_ns, burst_ns - 1)) {
        return; /* goes on */
    }
    bool goes_on = pace->has_burst && is_within(pace->burst_ns, time_ns, step_ns);
    pace->n_run = goes_on && pace->n_run != UINT16_MAX ? (uint16_t)(pace->n_run + 1) : goes_on ? UINT16_MAX : 1;
    pace->n_steps = pace->n_run > pace->n_steps ? pace->n_run : pace->n_steps;
    pace->burst_ns = time_ns;
    pace->has_burst = true;
}

void ml_pace_add(struct ml_pace *pace, enum ml_dir dir, uint32_t len, int64_t time_ns)
{
    if (len <= 1) {
        return;
    }
    if (dir == ML_DOWN) {
        take_down(pace, len, time_ns);
    } else {
        take_answer(pace, len, time_ns);
        take_step(pace, time_ns);
    }
    pace->last_ns = time_ns;
    pace->has_last = true;
}
