/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - messages for the operator, on stderr, one line each. The packet path counts instead (counters.h).
 * Payload, names and addresses are never logged.
 */
#ifndef MITLESER_CORE_LOG_H
#define MITLESER_CORE_LOG_H

#include "core/status.h"

enum ml_log_level { ML_LOG_ERROR, ML_LOG_WARN, ML_LOG_INFO, ML_LOG_DEBUG };

struct ml_log {
    enum ml_log_level level;                                                /* the least important level still shown */
    void (*sink)(void *context, enum ml_log_level level, const char *line); /* NULL: stderr */
    void *context;
};

void ml_log(const struct ml_log *log, enum ml_log_level level, const char *format, ...) ML_PRINTF(3, 4);

#endif
