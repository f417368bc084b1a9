/* What the kernel tells about this process, against what it tells elsewhere. */
#include "lb/observe/process_stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void test_plausible(void **state)
{
    struct process_stats stats = process_stats_read();
    struct rlimit limit;
    (void)state;
    getrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(stats.max_fd_count, limit.rlim_cur);
    assert_int_equal(stats.thread_count, 1);
    assert_in_range(stats.resident_bytes, 100000, stats.virtual_bytes);
    assert_in_range(stats.start_wall_s, time(NULL) - 3600, time(NULL) + 2);
    assert_in_range(stats.cpu_ns, 1, UINT64_C(60000000000));
}

static void test_descriptors(void **state)
{
    uint64_t before = process_stats_read().open_fd_count;
    (void)state;
    assert_int_equal(process_stats_read().open_fd_count, before);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(process_stats_read().open_fd_count, before + 1);
    close(fd);
    assert_int_equal(process_stats_read().open_fd_count, before);
}

/* The name of the program stands before the numbers, as it is. */
static void test_name_with_brackets(void **state)
{
    uint64_t start_s = process_stats_read().start_wall_s;
    (void)state;
    prctl(PR_SET_NAME, "a) 1 2 (b) 3 4");
    assert_int_equal(process_stats_read().start_wall_s, start_s);
    assert_int_equal(process_stats_read().thread_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plausible),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_name_with_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
