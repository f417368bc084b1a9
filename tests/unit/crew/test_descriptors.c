/* However many there are: what is divided never comes to more, and nobody goes without. */
#include "lb/crew/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void check(unsigned limit, const struct descriptors_need *need)
{
    struct descriptors out = descriptors_divide(limit, need);
    unsigned workers = need->worker_count, listens = need->listen_count;
    unsigned worker = out.client_max + out.refused_max + out.upstream_max + 2 * out.pipe_max +
                      out.flow_max + out.dynamic_max;
    unsigned control = out.check_max + out.probe_max + out.admin_max;
    unsigned loops = workers * (4 + listens); /* epoll, doorbells, listeners */
    assert_true(out.client_max > 0 && out.upstream_max >= out.client_max);
    assert_true(out.refused_max > 0 && out.check_max > 0 && out.probe_max > 0);
    assert_true(out.admin_max >= 4);
    assert_int_equal(out.flow_max > 0, need->has_flows);
    assert_true(out.dynamic_max <= need->dynamic_max);
    if (limit >= 64 + 25 * workers + workers * listens)
        assert_true(24 + loops + control + worker * workers <= limit);
}

static void check_all(unsigned limit, unsigned workers, unsigned listens)
{
    struct descriptors_need need = {.worker_count = workers, .listen_count = listens};
    check(limit, &need);
    need.has_flows = true;
    check(limit, &need);
    need.dynamic_max = 1000;
    check(limit, &need);
}

static void test_divide(void **state)
{
    (void)state;
    for (unsigned limit = 0; limit < 5000; limit += limit < 600 ? 1 : 61)
        for (unsigned workers = 1; workers <= 16; workers *= 2)
            for (unsigned listens = 1; listens <= 16; listens += 5)
                check_all(limit, workers, listens);
    check_all(DESCRIPTORS_MAX, 2, 1);
    check_all(DESCRIPTORS_MAX, 1024, 16);
}

/* With many there is as much of everything as is good for anything, and the rest is for clients. */
static void test_plenty(void **state)
{
    struct descriptors_need need = {.worker_count = 2, .listen_count = 1};
    struct descriptors out = descriptors_divide(DESCRIPTORS_MAX, &need);
    (void)state;
    assert_int_equal(out.check_max, 64);
    assert_int_equal(out.probe_max, 128);
    assert_int_equal(out.pipe_max, 128);
    assert_int_equal(out.flow_max, 0);
    assert_in_range(out.client_max, DESCRIPTORS_MAX / 4 - 1000, DESCRIPTORS_MAX / 4);
}

/* A third for flows where there are UDP listeners; and as many listeners of containers as there may be. */
static void test_plenty_with_flows_and_ports_of_containers(void **state)
{
    struct descriptors_need need = {
        .worker_count = 2, .listen_count = 1, .has_flows = true, .dynamic_max = 1000};
    struct descriptors out = descriptors_divide(DESCRIPTORS_MAX, &need);
    (void)state;
    assert_int_equal(out.dynamic_max, 1000);
    assert_in_range(out.flow_max, DESCRIPTORS_MAX / 6 - 2000, DESCRIPTORS_MAX / 6);
    assert_in_range(out.client_max, DESCRIPTORS_MAX / 6 - 2000, DESCRIPTORS_MAX / 6);
}

/* With few, listeners of containers get an eighth of them at most. */
static void test_few(void **state)
{
    struct descriptors_need need = {.worker_count = 2, .listen_count = 1, .dynamic_max = 1000};
    struct descriptors out = descriptors_divide(1024, &need);
    (void)state;
    assert_in_range(out.dynamic_max, 50, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_divide),
        cmocka_unit_test(test_plenty),
        cmocka_unit_test(test_plenty_with_flows_and_ports_of_containers),
        cmocka_unit_test(test_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
