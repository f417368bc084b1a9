/* Bounds that are kept in release builds. */
#include "lb/base/bounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a process ends that keeps to this bound, and in `said` what it said. */
static int end_of(unsigned len, unsigned room, char *said, size_t size)
{
    int pipe_fds[2], status;
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(pipe_fds[1], STDERR_FILENO);
        bounds_hold(len <= room);
        _exit(0);
    }
    close(pipe_fds[1]);
    ssize_t count = read(pipe_fds[0], said, size - 1);
    said[count > 0 ? count : 0] = '\0';
    close(pipe_fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void test_nothing_happens_within(void **state)
{
    (void)state;
    char said[200];
    assert_int_equal(end_of(8, 8, said, sizeof(said)), 0);
    assert_string_equal(said, "");
}

static void test_the_program_ends_beyond(void **state)
{
    (void)state;
    char said[200];
    int status = end_of(9, 8, said, sizeof(said));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(said, "test_bounds.c:"));
    assert_non_null(strstr(said, ": a bound does not hold: len <= room\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_happens_within),
        cmocka_unit_test(test_the_program_ends_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
