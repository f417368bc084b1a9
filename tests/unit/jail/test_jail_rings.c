#include "lb/jail/jail_rings.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int open_ring(void)
{
    struct io_uring_params params;
    memset(&params, 0, sizeof(params));
    return (int)syscall(SYS_io_uring_setup, 4, &params) < 0 ? errno : 0;
}

static void there_are_none_and_all_else_is_as_before(void **state)
{
    int status;
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int before = open_ring();
        jail_rings_forbid();
        _exit(open_ring() != ENOSYS || getppid() <= 0 || dup(0) < 0 ? 1 : before == 0 ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1); /* 2: this kernel has none anyway */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_are_none_and_all_else_is_as_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
