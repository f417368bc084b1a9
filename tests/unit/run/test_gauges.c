/* The page that outlives its process. */
#include "lb/run/gauges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <stdatomic.h>
#include <unistd.h>
#include <cmocka.h>

static void test_what_is_counted_stands_in_the_file(void **state)
{
    uint32_t counted = 0;
    int fd = memfd_create("gauges", MFD_CLOEXEC);
    (void)state;
    assert_int_equal(ftruncate(fd, sizeof(struct channel_gauges)), 0);
    struct channel_gauges *gauges = gauges_open(fd);
    assert_non_null(gauges);
    atomic_store(&gauges->running[3], 7);
    assert_int_equal(pread(fd, &counted, sizeof(counted), 3 * sizeof(counted)), sizeof(counted));
    assert_int_equal(counted, 7);
    gauges_close(gauges);
    close(fd);
}

static void test_a_page_that_is_none_is_not_written(void **state)
{
    int fd = memfd_create("gauges", MFD_CLOEXEC);
    (void)state;
    assert_null(gauges_open(-1));
    assert_null(gauges_open(fd));
    assert_int_equal(ftruncate(fd, sizeof(struct channel_gauges) - 1), 0);
    assert_null(gauges_open(fd));
    gauges_close(NULL);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_counted_stands_in_the_file),
        cmocka_unit_test(test_a_page_that_is_none_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
