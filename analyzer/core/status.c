/* SPDX-License-Identifier: Apache-2.0 */
#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *ml_status_name(enum ml_status status)
{
    static const char *const names[ML_N_STATUS] = {
        [ML_OK] = "ok",
        [ML_END] = "end",
        [ML_NO_MEMORY] = "out of memory",
        [ML_NOT_FOUND] = "not found",
        [ML_BAD_INPUT] = "bad input",
        [ML_LIMIT] = "limit reached",
        [ML_IO] = "input/output error",
        [ML_UNSUPPORTED] = "unsupported",
    };
    return (unsigned)status < ML_N_STATUS ? names[status] : "unknown status";
}

enum ml_status ml_error_set(struct ml_error *error, enum ml_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        error->status = status;
        (void)vsnprintf(error->text, sizeof error->text, format, args); /* a cut message is still a message */
        va_end(args);
    }
    return status;
}

void ml_error_at(struct ml_error *error, const char *file, unsigned line, unsigned column)
{
    if (error == NULL) {
        return;
    }
    size_t len = strlen(file);
    const char *from = len < sizeof error->file ? file : file + (len - sizeof error->file + 1);
    (void)snprintf(error->file, sizeof error->file, "%s", from);
    error->line = line;
    error->column = column;
}

void ml_error_format(const struct ml_error *error, char *out, size_t size)
{
    if (error->file[0] == '\0') {
        (void)snprintf(out, size, "%s", error->text);
    } else if (error->line == 0) {
        (void)snprintf(out, size, "%s: %s", error->file, error->text);
    } else if (error->column == 0) {
        (void)snprintf(out, size, "%s:%u: %s", error->file, error->line, error->text);
    } else {
        (void)snprintf(out, size, "%s:%u:%u: %s", error->file, error->line, error->column, error->text);
    }
}

void ml_bug(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "mitleser: bug at %s:%d: %s\n", file, line, condition);
    abort();
}
