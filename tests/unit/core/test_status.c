/* SPDX-License-Identifier: Apache-2.0 */
#include "core/status.h"

#include "core/log.h"
#include "support/cm.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ML_N_STATUS; i++) {
        assert_non_null(ml_status_name((enum ml_status)i));
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(ml_status_name((enum ml_status)i), ml_status_name((enum ml_status)j));
        }
    }
    assert_string_equal(ml_status_name(ML_N_STATUS), "unknown status");
}

static void an_error_shows_what_is_known_of_its_place(void **state)
{
    (void)state;
    struct ml_error error = {0};
    char out[64];
    assert_int_equal(ml_error_set(&error, ML_LIMIT, "more than %d", 3), ML_LIMIT);
    assert_int_equal(error.status, ML_LIMIT);
    ml_error_format(&error, out, sizeof out);
    assert_string_equal(out, "more than 3");
    ml_error_at(&error, "a.yaml", 0, 0);
    ml_error_format(&error, out, sizeof out);
    assert_string_equal(out, "a.yaml: more than 3");
    ml_error_at(&error, "a.yaml", 4, 0);
    ml_error_format(&error, out, sizeof out);
    assert_string_equal(out, "a.yaml:4: more than 3");
    ml_error_at(&error, "a.yaml", 4, 2);
    ml_error_format(&error, out, sizeof out);
    assert_string_equal(out, "a.yaml:4:2: more than 3");
    ml_error_format(&error, out, 8);
    assert_string_equal(out, "a.yaml:");
}

static void long_texts_are_cut_and_paths_lose_their_front(void **state)
{
    (void)state;
    struct ml_error error = {0};
    char path[400];
    memset(path, 'd', sizeof path);
    memcpy(path + sizeof path - 7, "x.yaml", 7);
    ml_error_at(&error, path, 1, 1);
    assert_int_equal(strlen(error.file), sizeof error.file - 1);
    assert_string_equal(error.file + strlen(error.file) - 7, "dx.yaml");
    (void)ml_error_set(&error, ML_IO, "%0600d", 1);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_int_equal(ml_error_set(NULL, ML_IO, "x"), ML_IO);
    ml_error_at(NULL, "x", 1, 1);
    ml_log(NULL, ML_LOG_ERROR, "x");
}

static void a_bug_stops_the_process(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL); /* without the test runner's handler */
        (void)close(STDERR_FILENO);
        ML_ASSERT(1 + 1 == 3);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    ML_ASSERT(1 + 1 == 2);
}

static void keep(void *context, enum ml_log_level level, const char *line)
{
    char *lines = context;
    size_t len = strlen(lines);
    lines[len] = (char)('0' + (int)level);
    memcpy(lines + len + 1, line, strlen(line) + 1);
}

static void only_important_lines_are_logged(void **state)
{
    (void)state;
    char lines[100] = "";
    struct ml_log log = {.level = ML_LOG_WARN, .sink = keep, .context = lines};
    ml_log(&log, ML_LOG_ERROR, "e%d ", 1);
    ml_log(&log, ML_LOG_WARN, "w ");
    ml_log(&log, ML_LOG_INFO, "i ");
    ml_log(&log, ML_LOG_DEBUG, "d ");
    assert_string_equal(lines, "0e1 1w ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(an_error_shows_what_is_known_of_its_place),
        cmocka_unit_test(long_texts_are_cut_and_paths_lose_their_front),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(a_bug_stops_the_process),
        cmocka_unit_test(only_important_lines_are_logged),
    };
    return cmocka_run_group_tests_name("core/status", tests, NULL, NULL);
}
