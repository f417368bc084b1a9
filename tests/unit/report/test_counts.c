/* The page that outlives each lb-report. */
#include "lb/report/counts.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_page(void **state)
{
    int fd = memfd_create("counts", MFD_CLOEXEC);
    char sentence[400] = "";
    (void)state;
    assert_int_equal(ftruncate(fd, 4096), 0);
    struct report_counts *counts = counts_open(fd);
    counts->sentry_sent = 7;
    counts->sentry_waiting = 3;
    memset(sentence, 'x', sizeof(sentence) - 1);
    counts_tell_error(counts, sentence);
    struct report_counts *next = counts_open(fd); /* the next lb-report's */
    assert_ptr_not_equal(next, counts);
    assert_int_equal(next->start_count, 2);
    assert_int_equal(next->sentry_sent, 7);
    assert_int_equal(next->sentry_waiting, 0);
    assert_int_equal(strlen(next->last_error), sizeof(next->last_error) - 1);
    assert_true(next->last_error_ns > 0);
    munmap(counts, sizeof(*counts));
    munmap(next, sizeof(*next));
    close(fd);
}

static void test_none(void **state)
{
    int fd = memfd_create("counts", MFD_CLOEXEC), pipes[2];
    const int fds[] = {-1, fd, 0};
    (void)state;
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(ftruncate(fd, 8), 0); /* too short */
    for (size_t i = 0; i < 3; i++) {
        struct report_counts *counts = counts_open(i == 2 ? pipes[0] : fds[i]);
        assert_int_equal(counts->start_count, 1);
        free(counts);
    }
    close(fd);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
