/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status - how an operation on the environment ended, and the text for the person who has to act on it.
 *
 * Three kinds of trouble are never mixed: a bug is ML_ASSERT and stops the process; the environment
 * (file, memory, configuration, rule syntax) is an enum ml_status that travels up; traffic is never an
 * error but a reader state, a counter or a fact.
 */
#ifndef MITLESER_CORE_STATUS_H
#define MITLESER_CORE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#define ML_MUST_USE __attribute__((warn_unused_result))
/* Rarely run: kept out of the code of its callers, which then stays short. */
#define ML_COLD __attribute__((cold, noinline))
#define ML_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum ml_status {
    ML_OK,
    ML_END,         /* nothing more to read */
    ML_NO_MEMORY,   /* an allocation failed */
    ML_NOT_FOUND,   /* the named thing does not exist */
    ML_BAD_INPUT,   /* configuration, rule or file content that cannot be used */
    ML_LIMIT,       /* a documented ceiling was reached */
    ML_IO,          /* the operating system refused */
    ML_UNSUPPORTED, /* well formed, but outside what this build can do */
    ML_N_STATUS
};

/* Name of a status in lower case ("bad input"); never NULL. */
const char *ml_status_name(enum ml_status status);

/* What went wrong, where, with the offending value quoted. Owned by the caller, filled where the cause is known. */
struct ml_error {
    enum ml_status status;
    char file[256];  /* "" when no file is involved */
    unsigned line;   /* 1-based, 0 unknown */
    unsigned column; /* 1-based, 0 unknown */
    char text[512];
};

/*
 * Fills `error` (may be NULL) and returns `status`, so that a failing function can end with
 * `return ml_error_set(error, ML_BAD_INPUT, ...)`. File and position are left as they are.
 */
enum ml_status ml_error_set(struct ml_error *error, enum ml_status status, const char *format, ...) ML_PRINTF(3, 4);

/* Names the file and position the error belongs to. `file` is copied, cut at its front when too long. */
void ml_error_at(struct ml_error *error, const char *file, unsigned line, unsigned column);

/* Writes "file:line:column: text" (parts that are known) into `out`; always terminated. */
void ml_error_format(const struct ml_error *error, char *out, size_t size);

/* Stops the process: the program itself is wrong. Never used for input. */
#define ML_ASSERT(condition) ((condition) ? (void)0 : ml_bug(__FILE__, __LINE__, #condition))
_Noreturn void ml_bug(const char *file, int line, const char *condition);

#endif
