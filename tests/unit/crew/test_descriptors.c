/* However many there are: what is divided never comes to more, and nobody goes without. */
#include "lb/crew/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void check(unsigned limit, unsigned worker_count, unsigned listen_count)
{
    struct descriptors out = descriptors_divide(limit, worker_count, listen_count);
    unsigned worker = out.client_max + out.refused_max + out.upstream_max + 2 * out.pipe_max;
    unsigned control = out.check_max + out.probe_max + out.admin_max;
    unsigned loops = worker_count * (4 + listen_count); /* epoll, doorbells, listeners */
    assert_true(out.client_max > 0 && out.upstream_max >= out.client_max);
    assert_true(out.refused_max > 0 && out.check_max > 0 && out.probe_max > 0);
    assert_true(out.admin_max >= 4);
    if (limit >= 64 + 24 * worker_count + worker_count * listen_count)
        assert_true(24 + loops + control + worker * worker_count <= limit);
}

static void test_divide(void **state)
{
    (void)state;
    for (unsigned limit = 0; limit < 5000; limit += limit < 600 ? 1 : 61)
        for (unsigned workers = 1; workers <= 16; workers *= 2)
            for (unsigned listens = 1; listens <= 16; listens += 5)
                check(limit, workers, listens);
    check(DESCRIPTORS_MAX, 2, 1);
    check(DESCRIPTORS_MAX, 1024, 16);
}

/* With many there is as much of everything as is good for anything, and the rest is for clients. */
static void test_plenty(void **state)
{
    struct descriptors out = descriptors_divide(DESCRIPTORS_MAX, 2, 1);
    (void)state;
    assert_int_equal(out.check_max, 64);
    assert_int_equal(out.probe_max, 128);
    assert_int_equal(out.pipe_max, 128);
    assert_in_range(out.client_max, DESCRIPTORS_MAX / 4 - 1000, DESCRIPTORS_MAX / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_divide),
        cmocka_unit_test(test_plenty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
