/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>

void ml_log(const struct ml_log *log, enum ml_log_level level, const char *format, ...)
{
    if (log == NULL || level > log->level) {
        return;
    }
    char line[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (log->sink != NULL) {
        log->sink(log->context, level, line);
    } else {
        (void)fprintf(stderr, "mitleser: %s%s\n", level == ML_LOG_WARN ? "warning: " : "", line);
    }
}
